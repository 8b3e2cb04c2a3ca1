/*
 * How a rehearsal ended for its users: what became of their writes, how long
 * they were without, and what it was measured by. As lines (a contract, DESIGN
 * section 8), and as what is kept in the run's journal.
 */
#ifndef CUTOVER_REHEARSAL_TALLY_H
#define CUTOVER_REHEARSAL_TALLY_H

#include <jansson.h>

#include "rehearsal/ledger.h"
#include "rehearsal/users.h"

struct backstage;
struct buf;

struct tally {
	struct users_record record;
	struct ledger_counts counts;
};

/* Appends the lines `ledger:` and `outage:`, each after the indent. */
void tally_lines(const struct tally *tally, const char *indent,
		 struct buf *to);
/* {"scenario", "title", "seed", "speed", "database", "pods", "flag",
 * "heartbeat_ms", "par", "good", "faults" (how many the scenario has),
 * "scenes", "ledger", "outage" ("open": writes failed still), "errors"};
 * without a scenario less. A new value, NULL without memory. */
json_t *tally_note(const struct tally *tally,
		   const struct backstage *backstage);

#endif
