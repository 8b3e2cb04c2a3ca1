/*
 * The scenarios of rehearsals, as the practice world describes them: it alone
 * reads their files.
 */
#ifndef CUTOVER_COMMANDS_SCENARIOS_H
#define CUTOVER_COMMANDS_SCENARIOS_H

#include <jansson.h>
#include <limits.h>
#include <stdbool.h>

#include "base/error.h"

struct runbook;

#define SCENARIOS_SMOOTH "smooth"       /* where none is named */

/* A scenario by its name or path: *ret_about is {"scenario", "title",
 * "briefing", "runbook", "good", "par", "steps", "flag_fault"}, the caller's. ERR_NOTFOUND; or
 * ERR_INVALID, and what is wrong with it was printed. */
int scenarios_load(const char *name_or_path, char ret_path[PATH_MAX],
		   json_t **ret_about, struct error *err);

/* Can it be played with that runbook, and the flag in "http" or "configmap"
 * (NULL: as the scenario has it)? ERR_INVALID says why not: a fault that waits
 * for a step which never comes neither begins nor ends. */
int scenarios_fit(const json_t *about, const struct runbook *runbook,
		  const char *flag, struct error *err);

/* Prints a line for each: name, title, par. Returns an exit status. */
int scenarios_list(void);

/* Prints what the operator is told beforehand. */
void scenarios_brief(const json_t *about);

/* Whether the file is a scenario: it has a line "scenario: ...". */
bool scenarios_is_one(const char *path);

/* Prints every problem of the scenario at path, or that there is none. Returns
 * an exit status. */
int scenarios_check(const char *path);

#endif
