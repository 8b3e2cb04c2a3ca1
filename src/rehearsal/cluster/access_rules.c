/* See access_rules.h. */
#include "rehearsal/cluster/access_rules.h"

#include <stdio.h>
#include <string.h>

#include "rehearsal/cluster/resource.h"

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
	    "pods/log", "pods/status", "services", "services/status" } },
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

#define RULE_COUNT (sizeof(rules) / sizeof(*rules))

/* What "*" stands for where something is taken from it; the resources of the
 * cluster come from their own table. */
static const char *const every_verb[WORDS_MAX] = { "create", "delete",
	"deletecollection", "get", "list", "patch", "update", "watch" };
static const struct rule others = {
	ROLE_ADMIN, ROLE_ADMIN, { "impersonate" }, { "" },
	{ "groups", "serviceaccounts", "users" } };

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
	for (size_t i = 0; i < RULE_COUNT; i++)
		if (applies(&rules[i], role) &&
		    has(rules[i].verbs, wish->verb) &&
		    has(rules[i].groups, wish->group) &&
		    has(rules[i].resources, resource))
			return true;
	return false;
}

/* The list's words that are one of a resource, or those that are not; all if
 * resource is NULL. "services/status" is one of services. */
static json_t *words(const char *const *list, const char *resource, bool of_it)
{
	size_t len = resource ? strlen(resource) : 0;
	json_t *array = json_array();
	int bad = !array;

	for (size_t i = 0; i < WORDS_MAX && list[i]; i++) {
		bool is = resource && !strncmp(list[i], resource, len) &&
			  (!list[i][len] || list[i][len] == '/');

		if (!resource || is == of_it)
			bad |= json_array_append_new(array,
						     json_string(list[i]));
	}
	if (!bad)
		return array;
	json_decref(array);
	return NULL;
}

/* A rule of these; takes verbs and resources. Without either it is none. */
static int append(json_t *list, json_t *verbs, const char *const *groups,
		  json_t *resources)
{
	if (verbs && resources &&
	    (!json_array_size(verbs) || !json_array_size(resources))) {
		json_decref(verbs);
		json_decref(resources);
		return 0;
	}
	return json_array_append_new(list, json_pack(
		"{s:o,s:o,s:o}", "verbs", verbs, "apiGroups",
		words(groups, NULL, true), "resources", resources));
}

static int append_whole(json_t *list, const struct rule *rule)
{
	return append(list, words(rule->verbs, NULL, true), rule->groups,
		      words(rule->resources, NULL, true));
}

/* A rule in two: what is taken away, and all else. */
static int append_without(json_t *list, const struct rule *rule,
			  const struct access_wish *taken)
{
	const char *resource = taken->resource;

	if (!has(rule->verbs, taken->verb))
		return append_whole(list, rule);
	return append(list, words(rule->verbs, NULL, true), rule->groups,
		      words(rule->resources, resource, false)) |
	       append(list, words(has(rule->verbs, "*") ? every_verb :
				  rule->verbs, taken->verb, false),
		      rule->groups, words(rule->resources, resource, true));
}

/* Everything but what is taken away, as RBAC must say it: it has no "but". */
static int append_all_without(json_t *list, const struct access_wish *taken)
{
	int bad = append_whole(list, &others);

	for (size_t i = 0; i < RESOURCE_COUNT; i++) {
		const struct resource *resource = resource_at(i);
		const struct {
			bool has;
			const char *name;
		} subs[] = { { resource->has_log, "log" },
			     { resource->has_scale, "scale" },
			     { resource->has_status, "status" } };
		char names[3][RESOURCE_TEXT_MAX];
		struct rule rule = { ROLE_ADMIN, ROLE_ADMIN, { "*" },
				     { resource->group },
				     { resource->plural } };
		size_t count = 1;

		for (size_t j = 0; j < 3; j++) {
			snprintf(names[j], sizeof(names[j]), "%s/%s",
				 resource->plural, subs[j].name);
			if (subs[j].has)
				rule.resources[count++] = names[j];
		}
		bad |= append_without(list, &rule, taken);
	}
	for (size_t i = 0; i < RULE_COUNT; i++)
		if (rules[i].from == ROLE_NONE)
			bad |= append_whole(list, &rules[i]);
	return bad;
}

json_t *access_rules_resources(enum access_role role,
			       const struct access_wish *taken)
{
	json_t *list = json_array();
	int bad = !list;

	if (role == ROLE_ADMIN && taken)
		bad |= append_all_without(list, taken);
	else
		for (size_t i = 0; i < RULE_COUNT; i++)
			if (applies(&rules[i], role))
				bad |= taken ? append_without(list, &rules[i],
							      taken) :
				       append_whole(list, &rules[i]);
	if (!bad)
		return list;
	json_decref(list);
	return NULL;
}

json_t *access_rules_paths(enum access_role role)
{
	if (role == ROLE_ADMIN)
		return json_pack("[{s:[s],s:o}]", "verbs", "*",
				 "nonResourceURLs", words(all_paths, NULL, true));
	return json_pack("[{s:[s],s:o},{s:[s],s:o}]", "verbs", "get",
			 "nonResourceURLs", words(open_paths, NULL, true), "verbs", "get",
			 "nonResourceURLs", words(known_paths, NULL, true));
}

bool access_rules_open(const char *path)
{
	return has(open_paths, path);
}
