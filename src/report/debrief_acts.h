/*
 * What the operator did about what went wrong: guards overridden, guards that
 * still said no when their gate was confirmed, and how long a trouble stood
 * before it was decided upon. A fold over the run's records.
 */
#ifndef CUTOVER_REPORT_DEBRIEF_ACTS_H
#define CUTOVER_REPORT_DEBRIEF_ACTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DEBRIEF_IGNORED_MAX 8   /* that are told one by one */

/* A guard that was not green when its gate was confirmed. Borrowed. */
struct debrief_ignored {
	const char *label;      /* of the gate */
	const char *state;      /* "red" or "unknown" */
	const char *text;       /* of the guard */
	const char *reason;     /* typed at the override; "?": not on record */
	int64_t mono;           /* when the gate was confirmed */
};

/* Times are milliseconds of the run's clock; -1: it has not come to that. */
struct debrief_acts {
	size_t confirmed;       /* gates */
	int64_t confirmed_mono; /* the last one */
	size_t overrides;
	size_t ignored_count;   /* all of them */
	struct debrief_ignored ignored[DEBRIEF_IGNORED_MAX];
	size_t tripped;         /* times that the fenced source took writes */
	int64_t tripped_mono;   /* the first time */
	int64_t rollback_mono;  /* the way back was begun */
	/* what failed, was late, or tripped, until somebody decided */
	size_t troubles;
	int64_t slowest_ms;     /* the longest that one of them stood */
	const char *slowest_label;      /* at that step */
	bool undecided;         /* the last one to the end */
	/* since when what stood in the way had stood there, when the way back
	 * was begun: a trouble, or a guard that was not green */
	int64_t cause_mono;
	/* when the step was confirmed that was under way then */
	int64_t acting_mono;
};

void debrief_acts_fold(struct debrief_acts *acts, const json_t *records);

#endif
