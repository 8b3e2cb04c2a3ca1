/* From what a user typed to the path of a runbook, or of a scenario. */
#ifndef CUTOVER_RUNBOOK_LOOKUP_H
#define CUTOVER_RUNBOOK_LOOKUP_H

#include <limits.h>
#include <stddef.h>

struct error;

/* name_or_path itself if it is a file or has a '/'; else the shipped runbook
 * of that name. 0, ERR_NOTFOUND (the message names the nearest, or all) or
 * ERR_LIMIT. */
int lookup_runbook(const char *name_or_path, char ret_path[PATH_MAX],
		   struct error *err);
/* The same for a scenario of rehearsals, NAME.yaml in the runbooks' directory
 * rehearsal/. */
int lookup_scenario(const char *name_or_path, char ret_path[PATH_MAX],
		    struct error *err);
/* The paths of all scenarios, by name, ours in $CUTOVER_RUNBOOKS before the
 * shipped; each is the caller's to free, as is the list. 0 or an error. */
int lookup_scenarios(char ***ret_paths, size_t *ret_count, struct error *err);

#endif
