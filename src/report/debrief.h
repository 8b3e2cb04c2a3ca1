/*
 * The debrief of a rehearsal: what it was worth by plain criteria, why, and
 * what would have been better. Folded from the run's records, among them the
 * note that the practice world leaves at the end; pure. What that note does
 * not say is not judged.
 *
 * How it compares with earlier rehearsals is recorded in a note of its own
 * (debrief_earlier.h), so that a transcript says later what was true then.
 */
#ifndef CUTOVER_REPORT_DEBRIEF_H
#define CUTOVER_REPORT_DEBRIEF_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "report/debrief_acts.h"
#include "report/debrief_gates.h"
#include "report/debrief_waits.h"
#include "report/debrief_world.h"
#include "report/fold.h"

#define DEBRIEF_TEXT_MAX 512
#define DEBRIEF_SCORE_MAX 100
#define DEBRIEF_CAP 20          /* after a lost write, or with two writers */
#define DEBRIEF_CAP_OPEN 50     /* while users' writes are refused still */

enum debrief_criterion {
	DEBRIEF_WRITES,
	DEBRIEF_WRITERS,
	DEBRIEF_OUTAGE,
	DEBRIEF_DECISION,
	DEBRIEF_REACTION,
	DEBRIEF_OVERRIDES,
	DEBRIEF_GUARDS,
	DEBRIEF_GATES,
	DEBRIEF_CRITERIA,
};

/* The criteria as people are told them; the weights make DEBRIEF_SCORE_MAX. */
struct debrief_rule {
	const char *id;         /* for programs: "one-writer" */
	const char *name;       /* N_(): at most 11 columns */
	int weight;
	const char *about;      /* N_(): how it is judged */
};

extern const struct debrief_rule debrief_rules[DEBRIEF_CRITERIA];

/* What one criterion was worth. */
struct debrief_mark {
	int points;             /* of the rule's weight; -1: not judged */
	char why[DEBRIEF_TEXT_MAX];     /* in the reader's language */
	char better[DEBRIEF_TEXT_MAX];  /* "": nothing was lost */
};

/* Strings and values are borrowed from the records. */
struct debrief {
	const json_t *began;    /* the run's first record */
	struct report_run run;
	struct debrief_world world;
	struct debrief_gates gates;
	struct debrief_acts acts;
	struct debrief_waits waits;
	struct debrief_mark marks[DEBRIEF_CRITERIA];
	int score;              /* of DEBRIEF_SCORE_MAX */
	bool lost_writes, two_writers;  /* either caps the score */
	bool open;              /* so does an outage that has not ended */
	const json_t *earlier;  /* the comparison on record; NULL: none */
};

/* The debrief of those records (an array, which must outlive it). False: they
 * are not those of a rehearsal that came to its ledger. */
bool debrief_fold(struct debrief *debrief, const json_t *records);

/* "full", "part", "none", "not judged": of that criterion; untranslated. */
const char *debrief_verdict(const struct debrief *debrief,
			    enum debrief_criterion criterion);
/* How many points of it are missing; 0 if it was not judged. */
int debrief_missing(const struct debrief *debrief,
		    enum debrief_criterion criterion);

#endif
