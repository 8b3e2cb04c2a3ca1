/*
 * The promises of the program, watched from outside: by what the world is, by
 * the bytes of the journal that are safe, by the facts that were handed out.
 * Nothing here asks the engine. A broken promise goes to sim_fail.
 */
#ifndef CUTOVER_SIM_PROPERTIES_H
#define CUTOVER_SIM_PROPERTIES_H

#include <stdbool.h>

#include "perform/effect.h"

void properties_open(void);
void properties_close(void);

/* More of the journal is safe. */
void properties_synced(void *data);
/* The process that died is followed by another: what the disk did not keep is
 * forgotten; then, from when the journal is opened on, what it kept counts. */
void properties_died(void);
void properties_reopening(void);
void properties_reopened(void);

/* An effect is being sent; it has arrived in the world, and was done or not. */
void properties_sent(const struct effect *effect);
void properties_applied(const struct effect *effect, bool done);

/* After every event. */
void properties_watch(void);
/* When the run is closed and nothing is under way any more. */
void properties_end(void);

#endif
