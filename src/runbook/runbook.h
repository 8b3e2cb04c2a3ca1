/*
 * Reading a runbook: YAML, variables and rules in, struct runbook out
 * (model.h); or every problem found, each with its place, all at once.
 *
 * Everything here is for the thread that called; nothing is shared.
 */
#ifndef CUTOVER_RUNBOOK_RUNBOOK_H
#define CUTOVER_RUNBOOK_RUNBOOK_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "runbook/model.h"
#include "runbook/problems.h"

struct error;

/* Where the values of variables come from. All borrowed. */
struct runbook_settings {
	const char *vars_file;          /* --vars; NULL: none */
	const char *const *set;         /* --set, "NAME=VALUE" each; beats --vars */
	size_t set_count;
	const char *run;                /* ${run}; NULL: not known yet */
	bool require_values;            /* a variable without a value is a problem;
					   else a stand-in of its type is put there,
					   so that the rest can be checked */
};

/*
 * Loads the runbook at name_or_path. A name without '/' that is no file is
 * looked up among the shipped runbooks: NAME.yaml in $CUTOVER_RUNBOOKS, then
 * in the program's own directory (base/paths.h).
 *
 * 0, and the caller owns *ret (runbook_free). ERR_INVALID: something is wrong
 * with the runbook, the --vars file or a --set; *problems tells all of it, err
 * its number. Otherwise (ERR_NOTFOUND, ERR_DENIED, ERR_IO, ERR_NOMEM) err tells.
 * problems was given to runbook_problems_init.
 */
int runbook_load(const char *name_or_path,
		 const struct runbook_settings *settings, struct runbook **ret,
		 struct runbook_problems *problems, struct error *err);

/* As runbook_load, from len bytes of memory; path names them in problems. */
int runbook_parse(const char *path, const char *bytes, size_t len,
		  const struct runbook_settings *settings,
		  struct runbook **ret, struct runbook_problems *problems,
		  struct error *err);

/* Takes NULL too. */
void runbook_free(struct runbook *runbook);

/*
 * Reads a file that holds one YAML or JSON document, such as a Kubernetes
 * manifest, into Jansson's values: a plain scalar is what YAML 1.2's core
 * schema says (null, true, 12, 1.5), a quoted one is a string. The caller owns
 * *ret. ERR_SYNTAX and ERR_INVALID have FILE:LINE:COLUMN in err->where.
 */
int runbook_yaml_json(const char *path, json_t **ret, struct error *err);

#endif
