/*
 * What the journal says and what the world says, side by side: looked at when
 * a run is gone on with, and when an action's answer was lost.
 */
#ifndef CUTOVER_CONDUCT_REALITY_H
#define CUTOVER_CONDUCT_REALITY_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "observe/verdict.h"
#include "runbook/model.h"

struct conductor;

#define REALITY_ROWS_MAX (2 * RUNBOOK_STEPS_MAX)

enum reality_journal {
	REALITY_DONE,           /* the journal says that it was done */
	REALITY_UNKNOWN,        /* it was sent, and no answer is recorded */
	REALITY_FAILED,         /* it failed, or its check is late */
	REALITY_CHECKING,       /* it was sent and answered, its checks are not over */
};

/* One step that was sent to the world, or its undo. */
struct reality_row {
	size_t step;
	bool undo;
	enum reality_journal journal;
	struct verdict world;   /* green: in place; red: not; unknown */
};

struct reality {
	struct reality_row rows[REALITY_ROWS_MAX];      /* in the order of the acts */
	size_t count;
	bool looked;            /* the world has been seen, or cannot be */
};

/* Looks: brings c->reality up to now. */
void reality_survey(struct conductor *conductor);
/* Is the effect that is stuck in place? Unknown where nothing is stuck. Where a
 * check is late: red if an effect that was done has come undone. Returns the
 * index of the effect that it speaks of. */
size_t reality_stuck(const struct conductor *conductor, struct verdict *ret);
/* For the record: [{step, label, journal, state, world}]. NULL: no memory. */
json_t *reality_json(const struct conductor *conductor);

#endif
