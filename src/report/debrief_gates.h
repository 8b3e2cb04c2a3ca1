/*
 * Time at each gate: how long it stood, and what of that was the operator's
 * own (debrief_waits.h). A fold over the run's records.
 */
#ifndef CUTOVER_REPORT_DEBRIEF_GATES_H
#define CUTOVER_REPORT_DEBRIEF_GATES_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "report/debrief_waits.h"
#include "runbook/model.h"

/* A gate on the way forward that was confirmed or left; strings are borrowed.
 * The times are milliseconds; -1: it has not come to that. */
struct debrief_gate {
	const char *step, *label, *title;
	int64_t stood_ms;       /* from its opening until it was left */
	int64_t own_ms;         /* of that, the operator's own */
	int64_t green_ms;       /* of that, since nothing shut it any more */
	int64_t whole_ms;       /* from its opening to the end of its step */
	int64_t given_up_ms;    /* likewise, until that was given up: the way back
				   was begun, or the run closed */
	bool in_window;         /* users waited meanwhile */
	bool armed;             /* confirmed ahead, it went on by itself */
	bool left;              /* by the way back: it was never confirmed */
};

struct debrief_gates {
	size_t count;
	struct debrief_gate gates[RUNBOOK_STEPS_MAX];
	int64_t window_ms;      /* all of it; -1: it has not closed */
};

void debrief_gates_fold(struct debrief_gates *gates,
			const struct debrief_waits *waits,
			const json_t *records);

/* The gate of that step, or NULL. */
const struct debrief_gate *debrief_gates_find(const struct debrief_gates *gates,
					      const char *step);

#endif
