/*
 * Whose time it was: what the window was spent on, split by what the records
 * say of it. A guard that turned green by itself, an act and a check were
 * nobody's; what waited for a person was the operator's. A fold over the run's
 * records, on the way forward and on the way back.
 */
#ifndef CUTOVER_REPORT_DEBRIEF_WAITS_H
#define CUTOVER_REPORT_DEBRIEF_WAITS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runbook/model.h"

enum debrief_wait {
	DEBRIEF_WAIT_WORLD,     /* acts, checks; shut until it cleared by itself */
	DEBRIEF_WAIT_READING,   /* nothing shut the gate */
	DEBRIEF_WAIT_DECIDING,  /* shut until overridden, parked, or gone back */
	DEBRIEF_WAIT_PARKED,    /* until it was resumed */
	DEBRIEF_WAIT_GONE,      /* likewise; but it had died */
	DEBRIEF_WAIT_STUCK,     /* until another try, a skip, a way back, parking */
	DEBRIEF_WAITS,
};

/* Without a break at one step. Borrowed. */
struct debrief_stretch {
	int64_t ms;
	const char *label;      /* of the step */
	int guard;              /* DECIDING: before that one, from 1; 0: none */
	bool unknown;           /* it was that, not red */
};

struct debrief_waits_step {
	const char *step, *label;       /* borrowed */
	bool undo;
	bool left;              /* its gate, once */
	int64_t own_ms;         /* at its gate, the operator's, in the window or
				   not */
	int64_t world_ms;       /* nobody's, in the window */
};

struct debrief_waits {
	int64_t ms[DEBRIEF_WAITS];      /* in the window */
	struct debrief_stretch most[DEBRIEF_WAITS];     /* the longest one */
	int64_t decided_ms;     /* the longest DECIDING that parking did not end */
	int64_t stuck_ms;       /* in the window, before the way back */
	size_t count;
	struct debrief_waits_step steps[2 * RUNBOOK_STEPS_MAX];
};

void debrief_waits_fold(struct debrief_waits *waits, const json_t *records);

/* All that was the operator's in the window, in ms. */
int64_t debrief_waits_yours(const struct debrief_waits *waits);
/* The step that took most of what was nobody's in the window, or NULL. */
const struct debrief_waits_step *
debrief_waits_world(const struct debrief_waits *waits);
/* What was the operator's at that gate on the way forward, until it was left
 * for the first time, in ms. */
int64_t debrief_waits_own(const struct debrief_waits *waits, const char *step);

#endif
