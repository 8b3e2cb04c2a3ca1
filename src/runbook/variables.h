/*
 * A runbook's variables: declared in it, given values by --set, --vars or
 * their defaults, and put where ${name} stands.
 */
#ifndef CUTOVER_RUNBOOK_VARIABLES_H
#define CUTOVER_RUNBOOK_VARIABLES_H

#include <stdbool.h>

#define VARIABLE_RUN "run"      /* built in */
#define VARIABLE_NAME_MAX 64
#define VARIABLE_NAME_CHARS "abcdefghijklmnopqrstuvwxyz0123456789_"

struct node;
struct reader;
struct runbook;
struct runbook_variable;

/* A struct field's reader of the section 'variables'; dst is not used: fills
 * the runbook's variables and reports what is wrong with the values given. */
void variables_read(struct reader *r, const struct node *node, void *dst);

/* Reports names in --set and --vars that no variable has; when all are read. */
void variables_check_names(struct reader *r);

/* The variable of that name, or NULL. */
const struct runbook_variable *
variables_find(const struct runbook *runbook, const char *name);
/* The nearest variable's name, or NULL; if asked, only of those lacking a
 * value. */
const char *variables_nearest(const struct runbook *runbook, const char *name,
			      bool lacking);

/*
 * The node's text with ${name} replaced and $${ made ${. NULL after a problem
 * was reported, or without memory. *ret_assumed: a stand-in is part of it.
 */
const char *variables_expand(struct reader *r, const struct node *node,
			     bool *ret_assumed);

#endif
