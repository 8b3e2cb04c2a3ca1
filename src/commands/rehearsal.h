/*
 * What a rehearsal adds to its run at the end: the ledger, as the last lines
 * and as a note of the run. The world of a run that was parked lives on for an
 * hour: then the run that is resumed ends it so. `rehearse` and `resume` share this.
 */
#ifndef CUTOVER_COMMANDS_REHEARSAL_H
#define CUTOVER_COMMANDS_REHEARSAL_H

#include <jansson.h>
#include <limits.h>
#include <stdbool.h>

#include "commands/session.h"
#include "commands/world.h"

/* The run has begun, and the world in world_dir is told which it is. What goes
 * wrong is printed: the rehearsal goes on without its scenario. */
void rehearsal_begin(const char *world_dir, const struct rundir *dir);

/* Ends the world: asks for the ledger, notes it in the run's journal (a run
 * without a directory has none), prints the last lines. Returns exit_status, or
 * EXIT_FAILED when that went wrong. */
int rehearsal_end(const char *world_dir, const struct session_outcome *outcome,
		  int exit_status);

/* The run was parked: lets its world outlive us, notes where it lives, says how
 * to go on. 0, or an error that was printed: then the world is still ours. */
int rehearsal_leave(const char *world_dir,
		    const struct session_outcome *outcome);
/* Where the world lives that a run was left in; false: there is none, or it is
 * gone. */
bool rehearsal_find(const json_t *records, char ret_dir[PATH_MAX]);

/* The world alone, without a run, until a signal ends it or it ends by itself;
 * runbook: what to walk in it, for the hint. Returns the exit status. */
int rehearsal_alone(const struct world_options *options, const char *runbook);

#endif
