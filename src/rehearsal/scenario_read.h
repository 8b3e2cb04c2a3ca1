/* From a scenario's YAML to the struct: the tables of its keys. */
#ifndef CUTOVER_REHEARSAL_SCENARIO_READ_H
#define CUTOVER_REHEARSAL_SCENARIO_READ_H

#include "rehearsal/scenario.h"
#include "runbook/reader.h"

/* Fills it and reports every problem. */
void scenario_read(struct reader *r, const struct node *root,
		   struct scenario *scenario);

#endif
