/* The table of commands. */
int main(void)
{
	return 2;
}
