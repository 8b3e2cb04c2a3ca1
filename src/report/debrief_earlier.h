/*
 * A rehearsal beside earlier ones of its kind: the same runbook, scenario,
 * speed, number of pods, kind of database and of flag, and heartbeat, no
 * instructor's hand in it, likewise driven by a person or by the autopilot,
 * and ended likewise. A fold over the records of many runs; pure.
 *
 * What comes of it is put on record with the rehearsal's end, and read from
 * there ever after: runs that are deleted since, or come later, change nothing
 * about what it was then.
 */
#ifndef CUTOVER_REPORT_DEBRIEF_EARLIER_H
#define CUTOVER_REPORT_DEBRIEF_EARLIER_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "report/debrief.h"

#define DEBRIEF_EARLIER_MAX 50  /* rehearsals compared with */

/* ---- making it ----------------------------------------------------------- */

struct debrief_earlier;

/* An empty one beside that rehearsal (borrowed). ERR_NOMEM. */
int debrief_earlier_open(const struct debrief *debrief,
			 struct debrief_earlier **ret, struct error *err);
/* Takes NULL. */
void debrief_earlier_close(struct debrief_earlier *earlier);
/* Adds a run by its records; those of the newest run first. False: it is no
 * whole rehearsal of that kind, or there are enough. */
bool debrief_earlier_add(struct debrief_earlier *earlier,
			 const json_t *records);
/*
 * The comparison, a new object: rehearsals (how many), score and outage_ms
 * {last, best, median}, gates [{step, best_ms, median_ms}] (from a gate's
 * opening to the end of its step). NULL: memory is out.
 */
json_t *debrief_earlier_note(struct debrief_earlier *earlier);

/* ---- reading it ---------------------------------------------------------- */

/* What the gate of that step took in earlier rehearsals; false: none tells. */
bool debrief_earlier_gate(const json_t *earlier, const char *step,
			  int64_t *ret_best_ms, int64_t *ret_median_ms);

enum debrief_pace {
	DEBRIEF_BEST,           /* ahead, and quicker than all before */
	DEBRIEF_AHEAD,          /* of the median */
	DEBRIEF_EVEN,           /* within 100 ms, or a twentieth, of it */
	DEBRIEF_BEHIND,
};

enum debrief_pace debrief_pace(int64_t ms, int64_t best_ms, int64_t median_ms);
/* "best", "ahead", "even", "behind"; untranslated, N_(). */
const char *debrief_pace_name(enum debrief_pace pace);

#endif
