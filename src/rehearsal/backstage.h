/*
 * Behind the scenes of a world: what can go wrong in it, what did, the
 * scenario that makes it so, and the door through which an instructor does,
 * and the program that drives the rehearsal. Main thread.
 *
 * DIR/control answers, beside what instructor.h has:
 *	follow RUNDIR   the scenario follows that run's journal
 *	about           a line: its scenario, the run that is followed
 *	finish          the users stop, the writes are read back: lines
 *	                `ledger:`, `outage:`, `rehearsal: {...}`; then it ends
 *	detach [S]      it outlives who started it, at most S seconds (3600)
 */
#ifndef CUTOVER_REHEARSAL_BACKSTAGE_H
#define CUTOVER_REHEARSAL_BACKSTAGE_H

#include <limits.h>

#include "rehearsal/deeds.h"
#include "rehearsal/fault.h"
#include "rehearsal/instructor.h"
#include "rehearsal/scenes.h"
#include "rehearsal/tally.h"

struct door;
struct ending;
struct error;
struct journal_follow;
struct scenario;
struct timeline;

#define BACKSTAGE_TICK_MS 20    /* how often a scenario looks around */

struct backstage {
	struct stage stage;
	struct scenes scenes;
	struct instructor instructor;
	const struct scenario *scenario;        /* NULL: none */
	struct timeline *timeline;              /* NULL: nothing will happen */
	struct deeds deeds;
	struct journal_follow *follow;          /* NULL: nobody is followed */
	size_t followed;                        /* records seen */
	char run[PATH_MAX];                     /* whose they are; "": nobody's */
	struct door *door;
	struct ending *ending;
	/* Stops the users and counts. */
	int (*count)(void *data, struct tally *ret, struct error *err);
	void *count_data;
};

/* Begins the scenario and opens DIR/control, which wakes ending_wait from now
 * on. Before: stage, scenario, ending, count are set, all else zero. It stays
 * at its address until backstage_close, which is needed also after an error. */
int backstage_open(struct backstage *backstage, const char *dir,
		   struct error *err);
/* How long it can wait until backstage_serve, in ms; -1: until woken. */
int backstage_wait_ms(const struct backstage *backstage);
/* Does what is due. */
void backstage_serve(struct backstage *backstage);
/* Ends everything that has begun: before any part of the stage is closed. */
void backstage_end(struct backstage *backstage);
/* Ends the conversations: whoever asked for `finish` learns by it that the
 * world is gone. Last of all. Takes all zeroes. */
void backstage_close(struct backstage *backstage);

#endif
