/* The practice world: cutover-world. */
int main(void)
{
	return 2;
}
