/* See discovery.h. Everything is made from the table of resources, and from
 * the list of reviews, which are created and never kept. */
#include "rehearsal/cluster/discovery.h"

#include <stdio.h>
#include <string.h>

#include "rehearsal/cluster/resource.h"
#include "rehearsal/cluster/version.h"

static const struct {
	const char *group, *plural, *kind;
} reviews[] = {
	{ "authentication.k8s.io", "selfsubjectreviews",
	  "SelfSubjectReview" },
	{ "authorization.k8s.io", "selfsubjectaccessreviews",
	  "SelfSubjectAccessReview" },
	{ "authorization.k8s.io", "selfsubjectrulesreviews",
	  "SelfSubjectRulesReview" },
};

#define REVIEW_COUNT (sizeof(reviews) / sizeof(*reviews))

static const char *const groups[] = {
	"apps", "authentication.k8s.io", "authorization.k8s.io",
	"coordination.k8s.io", "discovery.k8s.io",
};

#define GROUP_COUNT (sizeof(groups) / sizeof(*groups))

static json_t *all_verbs(void)
{
	return json_pack("[s,s,s,s,s,s,s,s]", "create", "delete",
			 "deletecollection", "get", "list", "patch", "update",
			 "watch");
}

static json_t *sub_verbs(const char *sub)
{
	return strcmp(sub, "log") ? json_pack("[s,s,s]", "get", "patch",
					      "update") : json_pack("[s]", "get");
}

/* --- the old form: one document a group and version ------------------- */

static json_t *short_names(const struct resource *resource)
{
	return resource->short_name ? json_pack("[s]", resource->short_name)
				    : NULL;
}

static json_t *categories(const struct resource *resource)
{
	return resource->in_all ? json_pack("[s]", "all") : NULL;
}

static int append_subresource(json_t *list, const struct resource *resource,
			      const char *sub)
{
	bool scale = !strcmp(sub, "scale");
	char name[RESOURCE_TEXT_MAX];

	snprintf(name, sizeof(name), "%s/%s", resource->plural, sub);
	return json_array_append_new(list, json_pack(
		"{s:s,s:s,s:b,s:s*,s:s*,s:s,s:o}", "name", name,
		"singularName", "", "namespaced", resource->namespaced,
		"group", scale ? "autoscaling" : NULL,
		"version", scale ? "v1" : NULL,
		"kind", scale ? "Scale" : resource->kind,
		"verbs", sub_verbs(sub)));
}

static int append_resource(json_t *list, const struct resource *resource)
{
	int bad = json_array_append_new(list, json_pack(
		"{s:s,s:s,s:b,s:s,s:o,s:o*,s:o*}", "name", resource->plural,
		"singularName", resource->singular,
		"namespaced", resource->namespaced, "kind", resource->kind,
		"verbs", all_verbs(), "shortNames", short_names(resource),
		"categories", categories(resource)));

	if (resource->has_log)
		bad |= append_subresource(list, resource, "log");
	if (resource->has_scale)
		bad |= append_subresource(list, resource, "scale");
	if (resource->has_status)
		bad |= append_subresource(list, resource, "status");
	return bad;
}

static json_t *resource_list(const char *group, const char *group_version)
{
	json_t *list = json_array();
	int bad = 0;

	for (size_t i = 0; i < RESOURCE_COUNT; i++)
		if (!strcmp(resource_at(i)->group, group))
			bad |= append_resource(list, resource_at(i));
	for (size_t i = 0; i < REVIEW_COUNT; i++)
		if (!strcmp(reviews[i].group, group))
			bad |= json_array_append_new(list, json_pack(
				"{s:s,s:s,s:b,s:s,s:[s]}", "name",
				reviews[i].plural, "singularName", "",
				"namespaced", 0, "kind", reviews[i].kind,
				"verbs", "create"));
	if (bad) {
		json_decref(list);
		return NULL;
	}
	return json_pack("{s:s,s:s,s:s,s:o}", "kind", "APIResourceList",
			 "apiVersion", "v1", "groupVersion", group_version,
			 "resources", list);
}

static json_t *group_object(const char *group)
{
	char version[RESOURCE_TEXT_MAX];

	snprintf(version, sizeof(version), "%s/v1", group);
	return json_pack("{s:s,s:[{s:s,s:s}],s:{s:s,s:s}}", "name", group,
			 "versions", "groupVersion", version, "version", "v1",
			 "preferredVersion", "groupVersion", version,
			 "version", "v1");
}

static json_t *group_list(void)
{
	json_t *list = json_array();
	int bad = 0;

	for (size_t i = 0; i < GROUP_COUNT; i++)
		bad |= json_array_append_new(list, group_object(groups[i]));
	if (bad) {
		json_decref(list);
		return NULL;
	}
	return json_pack("{s:s,s:s,s:o}", "kind", "APIGroupList",
			 "apiVersion", "v1", "groups", list);
}

static json_t *one_group(const char *group)
{
	json_t *object = group_object(group);

	if (json_object_set_new(object, "kind", json_string("APIGroup")) ||
	    json_object_set_new(object, "apiVersion", json_string("v1"))) {
		json_decref(object);
		return NULL;
	}
	return object;
}

static json_t *core_versions(void)
{
	return json_pack("{s:s,s:[s],s:[{s:s,s:s}]}", "kind", "APIVersions",
			 "versions", "v1", "serverAddressByClientCIDRs",
			 "clientCIDR", "0.0.0.0/0", "serverAddress",
			 "127.0.0.1");
}

/* --- the aggregated form ---------------------------------------------- */

static json_t *response_kind(const char *group, const char *version,
			     const char *kind)
{
	return json_pack("{s:s,s:s,s:s}", "group", group, "version", version,
			 "kind", kind);
}

static int append_aggregated(json_t *list, const char *sub,
			     json_t *response)
{
	return json_array_append_new(list, json_pack(
		"{s:s,s:o,s:o}", "subresource", sub, "responseKind", response,
		"verbs", sub_verbs(sub)));
}

static json_t *subresources(const struct resource *resource)
{
	json_t *list = json_array();
	int bad = 0;

	if (resource->has_log)
		bad |= append_aggregated(list, "log", response_kind(
			"", "", resource->kind));
	if (resource->has_scale)
		bad |= append_aggregated(list, "scale", response_kind(
			"autoscaling", "v1", "Scale"));
	if (resource->has_status)
		bad |= append_aggregated(list, "status", response_kind(
			"", "", resource->kind));
	if (!bad && json_array_size(list))
		return list;
	json_decref(list);
	return NULL;
}

static json_t *aggregated_resource(const struct resource *resource)
{
	return json_pack("{s:s,s:o,s:s,s:s,s:o,s:o*,s:o*,s:o*}",
			 "resource", resource->plural, "responseKind",
			 response_kind("", "", resource->kind), "scope",
			 resource->namespaced ? "Namespaced" : "Cluster",
			 "singularResource", resource->singular,
			 "verbs", all_verbs(),
			 "shortNames", short_names(resource),
			 "categories", categories(resource),
			 "subresources", subresources(resource));
}

static json_t *aggregated_group(const char *group)
{
	json_t *list = json_array();
	int bad = 0;

	for (size_t i = 0; i < RESOURCE_COUNT; i++)
		if (!strcmp(resource_at(i)->group, group))
			bad |= json_array_append_new(
				list, aggregated_resource(resource_at(i)));
	for (size_t i = 0; i < REVIEW_COUNT; i++)
		if (!strcmp(reviews[i].group, group))
			bad |= json_array_append_new(list, json_pack(
				"{s:s,s:o,s:s,s:s,s:[s]}", "resource",
				reviews[i].plural, "responseKind",
				response_kind("", "", reviews[i].kind),
				"scope", "Cluster", "singularResource", "",
				"verbs", "create"));
	if (bad) {
		json_decref(list);
		return NULL;
	}
	return json_pack("{s:{s:s*},s:[{s:s,s:o,s:s}]}", "metadata",
			 "name", *group ? group : NULL, "versions",
			 "version", "v1", "resources", list, "freshness",
			 "Current");
}

static json_t *aggregated_list(const char *const *names, size_t count)
{
	json_t *list = json_array();
	int bad = 0;

	for (size_t i = 0; i < count; i++)
		bad |= json_array_append_new(list,
					     aggregated_group(names[i]));
	if (bad) {
		json_decref(list);
		return NULL;
	}
	return json_pack("{s:s,s:s,s:{},s:o}", "kind",
			 "APIGroupDiscoveryList", "apiVersion",
			 "apidiscovery.k8s.io/v2", "metadata", "items", list);
}

/* --- the rest --------------------------------------------------------- */

static json_t *version_info(void)
{
	return json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,"
			 "s:s}",
			 "major", "1", "minor", SERVER_VERSION_MINOR,
			 "emulationMajor", "1", "emulationMinor",
			 SERVER_VERSION_MINOR, "minCompatibilityMajor", "1",
			 "minCompatibilityMinor", SERVER_VERSION_BEFORE,
			 "gitVersion", SERVER_VERSION "+practice",
			 "gitCommit", "", "gitTreeState", "clean",
			 "buildDate", "1970-01-01T00:00:00Z", "goVersion", "",
			 "compiler", "cc", "platform", "practice");
}

/* The group in "/apis/GROUP" or "/apis/GROUP/v1". */
static json_t *group_document(const char *path)
{
	const char *rest = path + strlen("/apis/");

	for (size_t i = 0; i < GROUP_COUNT; i++) {
		size_t len = strlen(groups[i]);

		if (strncmp(rest, groups[i], len))
			continue;
		if (!rest[len])
			return one_group(groups[i]);
		if (!strcmp(rest + len, "/v1"))
			return resource_list(groups[i], rest);
	}
	return NULL;
}

json_t *discovery_document(const char *path, bool aggregated)
{
	static const char *const core[] = { "" };

	if (!strcmp(path, "/api"))
		return aggregated ? aggregated_list(core, 1)
				  : core_versions();
	if (!strcmp(path, "/apis"))
		return aggregated ? aggregated_list(groups, GROUP_COUNT)
				  : group_list();
	if (!strcmp(path, "/api/v1"))
		return resource_list("", "v1");
	if (!strncmp(path, "/apis/", 6))
		return group_document(path);
	if (!strcmp(path, "/version"))
		return version_info();
	return NULL;
}

const char *discovery_health_text(void)
{
	return "[+]ping ok\n"
	       "[+]log ok\n"
	       "[+]controllers ok\n";
}
