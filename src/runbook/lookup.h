/* From what a user typed to the path of a runbook. */
#ifndef CUTOVER_RUNBOOK_LOOKUP_H
#define CUTOVER_RUNBOOK_LOOKUP_H

#include <limits.h>

struct error;

/* name_or_path itself if it is a file or has a '/'; else the shipped runbook
 * of that name. 0, ERR_NOTFOUND (the message names the nearest, or all) or
 * ERR_LIMIT. */
int lookup_runbook(const char *name_or_path, char ret_path[PATH_MAX],
		   struct error *err);

#endif
