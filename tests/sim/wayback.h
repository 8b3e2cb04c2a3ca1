/* Promise 5, watched in the records of a way back, and the outage's clock; part
 * of properties.c. */
#ifndef CUTOVER_SIM_WAYBACK_H
#define CUTOVER_SIM_WAYBACK_H

#include <stdbool.h>
#include <stddef.h>

/* rollback.begun: every step that began is to be undone, in its place. */
void wayback_begun(size_t index);
/* step.undone: it was its turn. */
void wayback_undone(size_t index);
/* rollback.done: all are undone, and what is lost is what the world lost.
 * adopting: written by a process that is dead; the world has gone on. */
void wayback_done(size_t index, bool adopting);
/* window.closed, run.closed: the outage, deaths included. */
void wayback_clock(size_t index);

#endif
