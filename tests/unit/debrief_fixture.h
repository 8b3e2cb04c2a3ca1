/* Made-up rehearsals, perfect ones, for tests of the debrief: each test takes
 * one thing from them. */
#ifndef CUTOVER_TESTS_DEBRIEF_FIXTURE_H
#define CUTOVER_TESTS_DEBRIEF_FIXTURE_H

#include <jansson.h>
#include <stdint.h>

#include "journal/event.h"
#include "report/debrief.h"

/*
 * A rehearsal of three gates: 1 before the window, 2 and 3 in it, each standing
 * green for a second before it is confirmed, each done in half a second. The
 * window takes 3.5 s, the users' outage 3.4 s, par is 5 s and the budget 60 s.
 * Completed. Owned by the caller.
 */
json_t *rehearsal(void);

/* The index of the nth record (from 0) of that event. */
size_t rehearsal_find(const json_t *records, enum event event, size_t nth);
/* That record, to be changed. */
json_t *rehearsal_record(const json_t *records, enum event event, size_t nth);
/* Puts a record of that event behind the one at that index, some ms later; all
 * that follow come that much later too. Takes fields. Returns its index. */
size_t rehearsal_insert(json_t *records, size_t behind, int64_t ms,
			enum event event, json_t *fields);
/* The last note's object "rehearsal". */
json_t *rehearsal_note(const json_t *records);
/* Makes the ending a rollback's, which began at that index some ms after. */
void rehearsal_roll_back(json_t *records, size_t behind, int64_t ms);
/* Sets that value in an object of that note; takes it. */
void rehearsal_set(json_t *records, const char *object, const char *name,
		   json_t *value);
/* A fault of the scenario begins then, a stamp. */
void rehearsal_scene(json_t *records, const char *fault, const char *at);
/* Something fails behind the nth confirmation. Returns its index. */
size_t rehearsal_fail(json_t *records, size_t gate);

/* Asserts that everything but that criterion has full points, or is not judged;
 * that it has so many, and says what would have been better if they are not
 * all. Valid until the next call, as long as the records. */
const struct debrief *rehearsal_only(const json_t *records,
				     enum debrief_criterion criterion,
				     int points);
/* The same, and the records are done with. Returns the score. */
int rehearsal_lone(json_t *records, enum debrief_criterion criterion,
		   int points);

#endif
