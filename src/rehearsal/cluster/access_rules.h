/*
 * The rules of the practice cluster's roles, as RBAC's own cluster-admin, edit
 * and view have them for what is offered here (and leases for those who view).
 */
#ifndef CUTOVER_REHEARSAL_ACCESS_RULES_H
#define CUTOVER_REHEARSAL_ACCESS_RULES_H

#include <jansson.h>
#include <stdbool.h>

#include "rehearsal/cluster/access.h"

enum access_role { ROLE_NONE, ROLE_VIEW, ROLE_EDIT, ROLE_ADMIN };

/* Whether a role's rules have the wish, of a resource or of a path. */
bool access_rules_allow(enum access_role role, const struct access_wish *wish);

/* Whether a path is open to those without credentials too. */
bool access_rules_open(const char *path);

/* The rules as a SelfSubjectRulesReview tells them; owned, NULL when memory is
 * out. taken: a verb and a resource (its plural) that they lack nevertheless, or
 * NULL. */
json_t *access_rules_resources(enum access_role role,
			       const struct access_wish *taken);
json_t *access_rules_paths(enum access_role role);

#endif
