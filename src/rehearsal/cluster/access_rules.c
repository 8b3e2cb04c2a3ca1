/* See access_rules.h. */
#include "rehearsal/cluster/access_rules.h"

#include <stdio.h>
#include <string.h>

#define WORDS_MAX 12

#define READING { "get", "list", "watch" }
#define WRITING { "create", "delete", "deletecollection", "patch", "update" }

/* A rule holds for a role and for those above it. */
static const struct rule {
	enum access_role from, to;
	const char *verbs[WORDS_MAX], *groups[WORDS_MAX];
	const char *resources[WORDS_MAX];
} rules[] = {
	{ ROLE_ADMIN, ROLE_ADMIN, { "*" }, { "*" }, { "*" } },
	{ ROLE_VIEW, ROLE_EDIT, READING, { "" },
	  { "configmaps", "endpoints", "events", "namespaces", "pods",
	    "pods/status", "services", "services/status" } },
	{ ROLE_VIEW, ROLE_EDIT, READING, { "apps" },
	  { "deployments", "deployments/scale", "deployments/status",
	    "replicasets", "replicasets/scale", "replicasets/status" } },
	{ ROLE_VIEW, ROLE_EDIT, READING, { "discovery.k8s.io" },
	  { "endpointslices" } },
	{ ROLE_VIEW, ROLE_EDIT, READING, { "coordination.k8s.io" },
	  { "leases" } },
	{ ROLE_EDIT, ROLE_EDIT, READING, { "" }, { "secrets" } },
	{ ROLE_EDIT, ROLE_EDIT, WRITING, { "" },
	  { "configmaps", "pods", "secrets", "services" } },
	{ ROLE_EDIT, ROLE_EDIT, WRITING, { "apps" },
	  { "deployments", "deployments/scale", "replicasets",
	    "replicasets/scale" } },
	{ ROLE_EDIT, ROLE_EDIT, WRITING, { "coordination.k8s.io" },
	  { "leases" } },
	{ ROLE_NONE, ROLE_EDIT, { "create" }, { "authorization.k8s.io" },
	  { "selfsubjectaccessreviews", "selfsubjectrulesreviews" } },
	{ ROLE_NONE, ROLE_EDIT, { "create" }, { "authentication.k8s.io" },
	  { "selfsubjectreviews" } },
};

/* What everybody known may see; anybody at all may see open_paths. */
static const char *const open_paths[WORDS_MAX] = { "/healthz", "/livez",
	"/readyz", "/version", "/version/" };
static const char *const known_paths[WORDS_MAX] = { "/api", "/api/*", "/apis",
	"/apis/*", "/healthz", "/livez", "/openapi", "/openapi/*", "/readyz",
	"/version", "/version/" };
static const char *const all_paths[WORDS_MAX] = { "*" };

/* A word of the list, "*", or a "PREFIX*". */
static bool has(const char *const *list, const char *word)
{
	for (size_t i = 0; i < WORDS_MAX && list[i]; i++) {
		size_t len = strlen(list[i]);

		if (!strcmp(list[i], word) ||
		    (len && list[i][len - 1] == '*' &&
		     !strncmp(list[i], word, len - 1)))
			return true;
	}
	return false;
}

static bool applies(const struct rule *rule, enum access_role role)
{
	return role >= rule->from && role <= rule->to;
}

bool access_rules_allow(enum access_role role, const struct access_wish *wish)
{
	char resource[128];

	if (!wish->resource)
		return has(role == ROLE_ADMIN ? all_paths : known_paths,
			   wish->path);
	snprintf(resource, sizeof(resource), "%.60s%s%.60s", wish->resource,
		 *wish->subresource ? "/" : "", wish->subresource);
	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++)
		if (applies(&rules[i], role) &&
		    has(rules[i].verbs, wish->verb) &&
		    has(rules[i].groups, wish->group) &&
		    has(rules[i].resources, resource))
			return true;
	return false;
}

static json_t *words(const char *const *list)
{
	json_t *array = json_array();
	int bad = !array;

	for (size_t i = 0; i < WORDS_MAX && list[i]; i++)
		bad |= json_array_append_new(array, json_string(list[i]));
	if (!bad)
		return array;
	json_decref(array);
	return NULL;
}

json_t *access_rules_resources(enum access_role role)
{
	json_t *list = json_array();
	int bad = !list;

	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++)
		if (applies(&rules[i], role))
			bad |= json_array_append_new(list, json_pack(
				"{s:o,s:o,s:o}", "verbs",
				words(rules[i].verbs), "apiGroups",
				words(rules[i].groups), "resources",
				words(rules[i].resources)));
	if (!bad)
		return list;
	json_decref(list);
	return NULL;
}

json_t *access_rules_paths(enum access_role role)
{
	if (role == ROLE_ADMIN)
		return json_pack("[{s:[s],s:o}]", "verbs", "*",
				 "nonResourceURLs", words(all_paths));
	return json_pack("[{s:[s],s:o},{s:[s],s:o}]", "verbs", "get",
			 "nonResourceURLs", words(open_paths), "verbs", "get",
			 "nonResourceURLs", words(known_paths));
}

bool access_rules_open(const char *path)
{
	return has(open_paths, path);
}
