/* What properties.c asks of the simulated observer: the facts that were handed
 * out last, as plain copies of the world. */
#ifndef CUTOVER_SIM_OBSERVER_H
#define CUTOVER_SIM_OBSERVER_H

#include "observe/facts.h"
#include "world.h"

enum sight_part {
	SIGHT_SOURCE = SIDE_SOURCE,
	SIGHT_TARGET = SIDE_TARGET,
	SIGHT_CLUSTER,
	SIGHT_FLAG,
	SIGHT_ROWS,
	SIGHT_PARTS,
};

/* One part of the world as it was seen. */
#define SIGHT_TOOK_MS 5

struct sight {
	int64_t at_ms;          /* when; -1: never */
	int64_t still_since_ms; /* a database: its position; -1 */
	bool blind;             /* it did not tell what matters most */
	struct world world;
};

/* As delivered last to the process that lives now; NULL: none lives. */
const struct sight *observer_sight(enum sight_part part);
/* What a database says of itself, as a GTID set; into dst. */
void observer_position(const struct world *world, enum facts_side side,
		       char dst[128]);

#endif
