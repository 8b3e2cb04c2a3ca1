/* What earlier runs tell about the one to come. */
#ifndef CUTOVER_COMMANDS_PAST_H
#define CUTOVER_COMMANDS_PAST_H

#include "engine/pace.h"

/* How long the runbook's steps took in its newest earlier runs. run: the name
 * of the run to be gone on with, which is none of them; "": a new one. Takes
 * little time: what cannot be read, or not in that time, measures nothing. */
void past_measure(const struct runbook *runbook, const char *run,
		  struct pace *ret);

#endif
