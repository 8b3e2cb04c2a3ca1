/*
 * Pace: how long the steps of a runbook, and the undoing of them, took in
 * earlier runs. A fold over the records of many runs; pure.
 *
 * A step is measured from its confirmation to its end, its undoing from the
 * opening of its gate: on the way back guards are waited for as well, and
 * nobody confirms. What failed, was late, was overridden or outlived the
 * program measured the operator rather than the step, and does not count.
 * Where the runbook was measured with this very text, runs of another version
 * of it do not count either.
 */
#ifndef CUTOVER_ENGINE_PACE_H
#define CUTOVER_ENGINE_PACE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "journal/event.h"
#include "runbook/model.h"

#define PACE_RUNS_MAX 50

/* What one thing took, by several runs. */
struct pace_times {
	int64_t median_ms, max_ms;
	size_t live, rehearsals;        /* runs that measured it; both 0: none did */
	bool other;                     /* all of them had another version */
};

struct pace_step {
	struct pace_times done, undone;
};

/* By the runbook's indices of steps. */
struct pace {
	struct pace_step steps[RUNBOOK_STEPS_MAX];
};

/* ---- the fold ------------------------------------------------------------ */

struct pace_fold;

/* An empty one for that runbook (borrowed); ERR_NOMEM. */
int pace_fold_open(const struct runbook *runbook, struct pace_fold **ret,
		   struct error *err);
/* Takes NULL. */
void pace_fold_close(struct pace_fold *fold);
/* The events that it looks at: other records may be left out. */
bool pace_wants(enum event event);
/* Folds the records of one run, in order. False: it is none of this runbook,
 * or PACE_RUNS_MAX of them were folded, and it does not count. */
bool pace_fold_run(struct pace_fold *fold, const json_t *records);
/* What the runs so far measured. */
void pace_measure(const struct pace_fold *fold, struct pace *ret);

/* ---- questions ----------------------------------------------------------- */

/* The undoing of several steps, one after the other. */
struct pace_sum {
	int64_t takes_ms;       /* of those that were measured, by the median */
	size_t unmeasured;      /* steps that never were */
	size_t runs;            /* that measured the one measured least; 0: none was */
	bool live, rehearsed;   /* live runs, rehearsals, are among those runs */
	bool other;             /* a step was measured with another version only */
};

/* steps: the runbook's indices of them. pace may be NULL: nothing is known. */
void pace_undo(const struct pace *pace, const size_t *steps, size_t count,
	       struct pace_sum *ret);

#endif
