/*
 * Where runs live: one directory each, mode 0700, below
 * $XDG_STATE_HOME/cutover (~/.local/state/cutover), or where --run-dir says.
 */
#ifndef CUTOVER_JOURNAL_RUNDIR_H
#define CUTOVER_JOURNAL_RUNDIR_H

#include <limits.h>
#include <stddef.h>

#include "base/error.h"

#define RUNDIR_NAME_MAX 128
#define RUNDIR_RUNS_MAX 10000           /* the newest ones; older are not seen */
#define RUNDIR_RUNBOOK "runbook.yaml"   /* the runbook's text, as it was read */
#define RUNDIR_VARS "vars.yaml"         /* the variables the run was given */

struct rundir {
	char path[PATH_MAX];            /* the run's own directory */
	char name[RUNDIR_NAME_MAX];     /* 20261123-140320-aurora-cutover; a new
					   run's has no other characters than
					   letters, digits, '.', '_', '-' */
};

/* Creates the directory of a new run. override: --run-dir, that very
 * directory, created or empty; NULL: a new one in the usual place. */
int rundir_create(const char *override, const char *runbook,
		  struct rundir *ret, struct error *err);

/* Removes the directory of a run that never began (no record was written);
 * an error leaves it there and is of no consequence. */
void rundir_discard(const struct rundir *dir);

/* Finds a run that has a journal: a path (with a '/') to its directory or its
 * journal, a name, a prefix of one name only; NULL: the latest. ERR_NOTFOUND,
 * ERR_INVALID (the prefix fits several). */
int rundir_find(const char *run, struct rundir *ret, struct error *err);

/* By what commands find that run: its name, or the whole path of a directory that
 * lies elsewhere. */
void rundir_argument(const struct rundir *dir, char dst[PATH_MAX]);

/* All runs that have a journal, the newest first; the caller frees *ret. None
 * at all is no error. */
int rundir_list(struct rundir **ret, size_t *ret_count, struct error *err);

/* Saves a text in the run's directory, mode 0600, synced. */
int rundir_save(const struct rundir *dir, const char *file, const char *text,
		struct error *err);

#endif
