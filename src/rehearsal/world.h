/*
 * The practice world as a whole: what is started in which order, what is
 * counted at the end, and how it ends. Main thread.
 */
#ifndef CUTOVER_REHEARSAL_WORLD_H
#define CUTOVER_REHEARSAL_WORLD_H

#include <stdbool.h>
#include <stdint.h>

struct ending;
struct error;
struct options;
struct scenario;
struct world;

/*
 * Starts everything, with a line on standard output as each part is up, the
 * last one "world: ready DIR". Options are settled; scenario may be NULL; all is
 * borrowed until world_close. *ret is owned: world_close. ERR_CANCELLED when
 * `ending` said so meanwhile.
 */
int world_open(struct world **ret, const struct options *options,
	       const struct scenario *scenario, struct ending *ending,
	       struct error *err);

/* Waits until `ending` says that it is over; whether the ledger is wanted (and
 * was not asked for over the control socket). It goes on without a database
 * that has died, and says so. */
bool world_run(struct world *world);

/* Stops the users, reads their writes back until deadline_ms (clock_mono_ms),
 * prints the lines `ledger:` and `outage:`. */
int world_count(struct world *world, int64_t deadline_ms, struct error *err);

/* Ends all of it and removes its directory. Takes NULL. */
void world_close(struct world *world);

#endif
