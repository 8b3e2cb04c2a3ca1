/* All that a seed decides: one stream of numbers, the same on every machine. */
#ifndef CUTOVER_SIM_CHANCE_H
#define CUTOVER_SIM_CHANCE_H

#include <stdbool.h>
#include <stdint.h>

struct chance {
	uint64_t state;
};

void chance_init(struct chance *chance, uint64_t seed);
/* A number of least..most, both included. */
int64_t chance_between(struct chance *chance, int64_t least, int64_t most);
/* True in so many of a thousand cases. */
bool chance_permille(struct chance *chance, int permille);

#endif
