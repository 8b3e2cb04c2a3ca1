/*
 * A run at a glance, folded from its records: who, what, how it ended, and
 * what each step took. Pure. The transcript's header and summary, and the list
 * of runs, are drawn from it.
 */
#ifndef CUTOVER_REPORT_FOLD_H
#define CUTOVER_REPORT_FOLD_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runbook/model.h"

#define REPORT_STEPS_MAX (2 * RUNBOOK_STEPS_MAX)        /* each may be undone */

enum report_step_state {
	REPORT_STEP_AT_GATE,
	REPORT_STEP_RUNNING,
	REPORT_STEP_FAILED,     /* an action failed or a check is late */
	REPORT_STEP_UNKNOWN,    /* the outcome of an action is unknown */
	REPORT_STEP_DONE,
	REPORT_STEP_SKIPPED,
	REPORT_STEP_UNDONE,
};

/* A step that was come to, or the undoing of one. All strings are borrowed
 * from the records; times are milliseconds of the run's clock, -1: not yet. */
struct report_step {
	const char *id, *label, *title;
	bool undo;
	enum report_step_state state;
	int64_t gate_mono;      /* its gate opened (the first time) */
	int64_t confirmed_mono; /* it was confirmed (the first time) */
	int64_t ended_mono;     /* it was done, skipped or undone */
	int64_t action_ms;      /* its actions took, together */
	size_t overrides, retries;
};

enum report_state {
	REPORT_OPEN,            /* not ended: running, or broken off */
	REPORT_PARKED,
	REPORT_CLOSED,
};

struct report_run {
	const char *name, *version, *operator_name;
	const char *runbook, *title, *path, *sha256;
	bool rehearsal, autopilot;
	enum report_state state;
	const char *result;     /* "completed", "rolled-back", "failed"; NULL: none yet */
	const char *reason;     /* PARKED: why; may be "" */
	const char *started, *ended;    /* UTC stamps; ended: of the last record */
	int64_t last_mono;
	int64_t budget_ms;      /* -1: none */
	int64_t window_opened_mono;     /* the first time */
	int64_t window_closed_mono;     /* the last time; -1: it is open */
	int64_t outage_ms;      /* -1: not measured (yet) */
	bool rolled_back;       /* a rollback was begun */
	int64_t lost;           /* by the rollback: transactions; -1: unknown */
	int64_t way_back_budget_ms;     /* 0: none */
	int64_t rollback_mono;  /* it was begun; -1: it was not */
	int64_t foreseen_ms;    /* it was to take so long, by the steps measured */
	size_t unmeasured, undo_count;  /* of how many steps, that were not */
	int64_t way_back_ms;    /* it took; -1: it has not ended */
	size_t overrides;
	size_t notes;           /* that somebody wrote */
	size_t count;
	struct report_step steps[REPORT_STEPS_MAX];
	size_t current;         /* index of the step at hand, if count is not 0 */
};

void report_fold_init(struct report_run *run);
/* Folds one record, which must outlive the run. Unknown events and fields of
 * an unexpected type are passed over. */
void report_fold(struct report_run *run, const json_t *record);
/* The same for an array of them, from the beginning. */
void report_fold_all(struct report_run *run, const json_t *records);

/* The step of that id, or its undoing; the last if there are several; NULL. */
const struct report_step *report_fold_step(const struct report_run *run,
					   const char *id, bool undo);
/* Whose a note is. */
enum report_note {
	REPORT_NOTE_OPERATOR,   /* somebody wrote it */
	REPORT_NOTE_TAKEOVER,   /* the tool wrote what the operator took */
	REPORT_NOTE_TOOL,       /* it is the tool's own */
	REPORT_NOTE_CHAPTER,    /* likewise, and has a chapter: ledger, debrief */
};

enum report_note report_fold_note(const json_t *record);

/* What to call the step: its label, else its id. */
const char *report_fold_label(const struct report_run *run, const char *id);

#endif
