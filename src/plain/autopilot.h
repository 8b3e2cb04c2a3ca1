/*
 * The autopilot of rehearsals: an operator that confirms each gate once all
 * guards are green, tries once more what failed, then goes back. It uses the
 * same decisions as a person, and nothing else.
 */
#ifndef CUTOVER_PLAIN_AUTOPILOT_H
#define CUTOVER_PLAIN_AUTOPILOT_H

#include "conduct/conduct.h"

#define AUTOPILOT_PATIENCE_MS 120000    /* with a gate that stays shut */

struct autopilot {
	size_t step;                    /* the last one that was tried again */
	bool retried;
	bool gave_up;
};

/* To be called whenever something may have changed, from outside the
 * conductor's callbacks. 0, or an error worth showing. */
int autopilot_step(struct autopilot *autopilot, struct conductor *conductor,
		   struct error *err);

#endif
