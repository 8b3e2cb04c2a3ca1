/* See chance.h. */
#include "rehearsal/chance.h"

/* Spreads each bit over all of them (the finisher of SplitMix64). */
static uint64_t chance_mix(uint64_t bits)
{
	bits += UINT64_C(0x9e3779b97f4a7c15);
	bits = (bits ^ bits >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	bits = (bits ^ bits >> 27) * UINT64_C(0x94d049bb133111eb);
	return bits ^ bits >> 31;
}

uint32_t chance(uint64_t seed, uint64_t stream, uint64_t number,
		uint32_t below)
{
	uint64_t bits = chance_mix(chance_mix(chance_mix(seed) ^ stream) ^
				   number);

	return below ? (uint32_t)(bits % below) : 0;
}
