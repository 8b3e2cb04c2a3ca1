/*
 * All chance of a world comes from its seed: number n of a stream is the same
 * in each world of that seed, whatever happens beside it. Pure.
 */
#ifndef CUTOVER_REHEARSAL_CHANCE_H
#define CUTOVER_REHEARSAL_CHANCE_H

#include <stdint.h>

/* Who draws; users have a stream each, from CHANCE_USERS on. */
#define CHANCE_PODS 1
#define CHANCE_USERS 1000

/* From 0 to below - 1; 0 if below is 0. */
uint32_t chance(uint64_t seed, uint64_t stream, uint64_t number,
		uint32_t below);

#endif
