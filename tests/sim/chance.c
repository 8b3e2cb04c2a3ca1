/* Splitmix64; see chance.h. */
#include "chance.h"

void chance_init(struct chance *chance, uint64_t seed)
{
	chance->state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
}

static uint64_t chance_next(struct chance *chance)
{
	uint64_t z = chance->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

int64_t chance_between(struct chance *chance, int64_t least, int64_t most)
{
	uint64_t span = (uint64_t)(most - least) + 1;

	return least + (int64_t)(chance_next(chance) % span);
}

bool chance_permille(struct chance *chance, int permille)
{
	return chance_between(chance, 0, 999) < permille;
}
