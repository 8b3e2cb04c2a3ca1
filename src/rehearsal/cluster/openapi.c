/* See openapi.h. The paths, and the documents around paths and structures. */
#include "rehearsal/cluster/openapi_private.h"

#include <stdio.h>
#include <string.h>

#include "rehearsal/cluster/resource.h"
#include "rehearsal/cluster/version.h"

#define PATH_MAX_LEN 256
#define PREFIX "/openapi/v3/"

/* The verbs of a path, and what they take in the query. */
static const struct verb {
	const char *method, *action, *of_all;
	bool writes;
} verbs[] = {
	{ "get", "get", "list", false },
	{ "put", "put", NULL, true },
	{ "post", NULL, "post", true },
	{ "delete", "delete", "deletecollection", true },
	{ "patch", "patch", NULL, true },
};

static json_t *parameter(enum openapi_form form, const char *name)
{
	return form == OPENAPI_V2
		? json_pack("{s:s,s:s,s:s}", "in", "query", "name", name,
			    "type", "string")
		: json_pack("{s:s,s:s,s:{s:s}}", "in", "query", "name", name,
			    "schema", "type", "string");
}

static json_t *parameters(enum openapi_form form, const struct verb *verb)
{
	static const char *const names[] = { "dryRun", "fieldManager",
					     "fieldValidation" };
	json_t *list = json_array();
	int bad = !list;

	for (size_t i = 0; verb->writes && i < 3; i++)
		bad |= json_array_append_new(list, parameter(form, names[i]));
	if (!bad)
		return list;
	json_decref(list);
	return NULL;
}

/* What one does at a path; NULL when memory is out. */
static json_t *operations(enum openapi_form form,
			  const struct resource *resource, bool all)
{
	json_t *item = json_object();
	int bad = !item;

	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++) {
		const char *action = all ? verbs[i].of_all : verbs[i].action;

		if (!action)
			continue;
		bad |= json_object_set_new(item, verbs[i].method, json_pack(
			"{s:o,s:{s:{s:s}},s:s,s:{s:s,s:s,s:s}}",
			"parameters", parameters(form, &verbs[i]),
			"responses", "200", "description", "OK",
			"x-kubernetes-action", action,
			"x-kubernetes-group-version-kind",
			"group", resource->group, "kind", resource->kind,
			"version", resource->version));
	}
	if (!bad)
		return item;
	json_decref(item);
	return NULL;
}

/* "/apis/apps/v1/namespaces/{namespace}/deployments", and with "/{name}" */
static int add_paths(json_t *paths, enum openapi_form form,
		     const struct resource *resource)
{
	char version[RESOURCE_TEXT_MAX], path[PATH_MAX_LEN];
	int bad = 0;

	resource_api_version(resource, version);
	for (int all = 1; all >= 0; all--) {
		snprintf(path, sizeof(path), "/%s/%s%s/%s%s",
			 *resource->group ? "apis" : "api", version,
			 resource->namespaced ? "/namespaces/{namespace}" : "",
			 resource->plural, all ? "" : "/{name}");
		bad |= json_object_set_new(paths, path,
					   operations(form, resource, all));
	}
	return bad;
}

json_t *openapi_paths(enum openapi_form form, const char *group)
{
	json_t *paths = json_object();
	int bad = !paths;

	for (size_t i = 0; i < RESOURCE_COUNT; i++)
		if (!group || !strcmp(resource_at(i)->group, group))
			bad |= add_paths(paths, form, resource_at(i));
	if (!bad)
		return paths;
	json_decref(paths);
	return NULL;
}

static json_t *info(void)
{
	return json_pack("{s:s,s:s}", "title", "Kubernetes", "version",
			 SERVER_VERSION);
}

json_t *openapi_v2(void)
{
	return json_pack("{s:s,s:o,s:o,s:o}", "swagger", "2.0", "info", info(),
			 "paths", openapi_paths(OPENAPI_V2, NULL),
			 "definitions", openapi_definitions(OPENAPI_V2));
}

/* "api/v1" or "apis/apps/v1" */
static void place_of(const struct resource *resource, char dst[PATH_MAX_LEN])
{
	char version[RESOURCE_TEXT_MAX];

	resource_api_version(resource, version);
	snprintf(dst, PATH_MAX_LEN, "%s/%s", *resource->group ? "apis" : "api",
		 version);
}

/* Which documents there are. */
static json_t *index_of_all(void)
{
	json_t *paths = json_object();
	char place[PATH_MAX_LEN];
	int bad = !paths;

	for (size_t i = 0; i < RESOURCE_COUNT; i++) {
		place_of(resource_at(i), place);
		bad |= json_object_set_new(paths, place, json_pack(
			"{s:o}", "serverRelativeURL",
			json_sprintf(PREFIX "%s?hash=%s", place,
				     SERVER_VERSION)));
	}
	if (!bad)
		return json_pack("{s:o}", "paths", paths);
	json_decref(paths);
	return NULL;
}

json_t *openapi_v3(const char *path)
{
	char place[PATH_MAX_LEN];

	if (!strcmp(path, "/openapi/v3"))
		return index_of_all();
	if (strncmp(path, PREFIX, strlen(PREFIX)))
		return NULL;
	for (size_t i = 0; i < RESOURCE_COUNT; i++) {
		place_of(resource_at(i), place);
		if (strcmp(path + strlen(PREFIX), place))
			continue;
		return json_pack(
			"{s:s,s:o,s:o,s:{s:o}}", "openapi", "3.0.0", "info",
			info(), "paths",
			openapi_paths(OPENAPI_V3, resource_at(i)->group),
			"components", "schemas",
			openapi_definitions(OPENAPI_V3));
	}
	return NULL;
}
