/*
 * Whose time it was: what the window was spent on, split by what the records
 * say of it. A guard that turned green by itself, an act and a check were
 * nobody's; what waited for a person was the operator's, and so was a wait for
 * what did not come. A fold over the run's records, on the way forward and on
 * the way back.
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
	DEBRIEF_WAIT_IN_VAIN,   /* it acted, or checked, until it was given up */
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

/* What the window was spent on. Each moment of it belongs to one of these, so
 * together they are the window. */
enum debrief_share {
	DEBRIEF_SHARE_GATES,    /* like ACTS and STUCK, before the way back */
	DEBRIEF_SHARE_ACTS,     /* and checks */
	DEBRIEF_SHARE_STUCK,
	DEBRIEF_SHARE_PARKED,   /* wherever that was, on the way back, too */
	DEBRIEF_SHARE_GONE,     /* likewise */
	DEBRIEF_SHARE_BACK,     /* the way back, but for those two */
	DEBRIEF_SHARES,
};

struct debrief_waits_step {
	const char *step, *label;       /* borrowed */
	bool undo;
	int64_t stood_ms;       /* its gate, in the window or not; parked there
				   as well */
	int64_t own_ms;         /* of that, the operator's */
	int64_t world_ms;       /* nobody's, in the window */
};

struct debrief_waits {
	int64_t ms[DEBRIEF_WAITS];      /* in the window */
	struct debrief_stretch most[DEBRIEF_WAITS];     /* the longest one */
	int64_t decided_ms;     /* the longest DECIDING that parking did not end */
	int64_t shares[DEBRIEF_SHARES];
	int64_t own_ms;         /* of DEBRIEF_SHARE_GATES, the operator's */
	int64_t ended_ms;       /* in the window, nobody's while steps acted that
				   came to their end, or were undone */
	size_t count;
	struct debrief_waits_step steps[2 * RUNBOOK_STEPS_MAX];
};

void debrief_waits_fold(struct debrief_waits *waits, const json_t *records);

/* All that was the operator's in the window, in ms. */
int64_t debrief_waits_yours(const struct debrief_waits *waits);
/* The step that took most of what was nobody's in the window, or NULL. */
const struct debrief_waits_step *
debrief_waits_world(const struct debrief_waits *waits);
/* That step on the way forward, or NULL: none was come to. */
const struct debrief_waits_step *
debrief_waits_find(const struct debrief_waits *waits, const char *step);

#endif
