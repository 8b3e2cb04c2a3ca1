/* What world_apply.c asks of world.c. */
#ifndef CUTOVER_SIM_WORLD_APPLY_H
#define CUTOVER_SIM_WORLD_APPLY_H

struct world;

/* v2's template has changed: its pods are replaced, one after the other. */
void world_roll(struct world *world);
/* The Service's selector has changed. */
void world_flip(struct world *world);

#endif
