/* See route.h. */
#include "rehearsal/cluster/route.h"

#include <stdio.h>
#include <string.h>

#define SEGMENTS_MAX 8

/* The segments of a path; their number, or -1 if there are too many. */
static int split(const char *path, char segments[][API_NAME_MAX])
{
	int count = 0;

	while (*path) {
		size_t len = strcspn(path, "/");

		if (len) {
			if (count == SEGMENTS_MAX || len >= API_NAME_MAX)
				return -1;
			snprintf(segments[count++], API_NAME_MAX, "%.*s",
				 (int)len, path);
		}
		path += len + (path[len] == '/');
	}
	return count;
}

static void copy(char dst[API_NAME_MAX], const char *text)
{
	snprintf(dst, API_NAME_MAX, "%s", text);
}

bool route_parse(const char *path, struct route *ret)
{
	char segments[SEGMENTS_MAX][API_NAME_MAX] = { { 0 } };
	int count = split(path, segments), at;

	*ret = (struct route){ .group = "" };
	if (count >= 3 && !strcmp(segments[0], "api")) {
		copy(ret->version, segments[1]);
		at = 2;
	} else if (count >= 4 && !strcmp(segments[0], "apis")) {
		copy(ret->group, segments[1]);
		copy(ret->version, segments[2]);
		at = 3;
	} else {
		return false;
	}
	/* A namespace is a resource of its own, and what others stand in. */
	if (!strcmp(segments[at], "namespaces") && count - at >= 3 &&
	    strcmp(segments[at + 2], "status")) {
		copy(ret->ns, segments[at + 1]);
		at += 2;
	}
	if (count - at > 3)
		return false;
	copy(ret->plural, segments[at]);
	copy(ret->name, count - at > 1 ? segments[at + 1] : "");
	copy(ret->subresource, count - at > 2 ? segments[at + 2] : "");
	return true;
}

const char *route_verb(const struct route *route, const char *method,
		       bool watch)
{
	static const struct {
		const char *method, *one, *all;
	} verbs[] = {
		{ "GET", "get", "list" },
		{ "HEAD", "get", "list" },
		{ "POST", NULL, "create" },
		{ "PUT", "update", NULL },
		{ "PATCH", "patch", NULL },
		{ "DELETE", "delete", "deletecollection" },
	};

	if (watch && !strcmp(method, "GET") && !*route->subresource)
		return "watch";
	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++)
		if (!strcmp(verbs[i].method, method))
			return *route->name ? verbs[i].one : verbs[i].all;
	return NULL;
}

const char *route_place(const struct route *route)
{
	return !*route->group && !strcmp(route->plural, "namespaces")
		? route->name : route->ns;
}
