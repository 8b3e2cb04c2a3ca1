/* See bookmark.h. A real server sends an empty structure of Go, in which some
 * members stand nevertheless. */
#include "rehearsal/cluster/bookmark.h"

#include <stdio.h>

#include "rehearsal/cluster/resource.h"

#define TEMPLATE "\"template\":{\"metadata\":{},\"spec\":{\"containers\":null}}"

static const char *const empty_members[RESOURCE_COUNT] = {
	[RESOURCE_EVENTS] = "{\"involvedObject\":{},\"source\":{},"
		"\"firstTimestamp\":null,\"lastTimestamp\":null,"
		"\"eventTime\":null,\"reportingComponent\":\"\","
		"\"reportingInstance\":\"\"}",
	[RESOURCE_NAMESPACES] = "{\"spec\":{},\"status\":{}}",
	[RESOURCE_PODS] = "{\"spec\":{\"containers\":null},\"status\":{}}",
	[RESOURCE_SERVICES] = "{\"spec\":{},\"status\":{\"loadBalancer\":{}}}",
	[RESOURCE_DEPLOYMENTS] = "{\"spec\":{\"replicas\":0,\"selector\":null,"
		TEMPLATE ",\"strategy\":{}},\"status\":{}}",
	[RESOURCE_REPLICASETS] = "{\"spec\":{\"replicas\":0,\"selector\":null,"
		TEMPLATE "},\"status\":{\"replicas\":0}}",
	[RESOURCE_LEASES] = "{\"spec\":{}}",
	[RESOURCE_ENDPOINTSLICES] = "{\"addressType\":\"\",\"endpoints\":null,"
		"\"ports\":null}",
};

json_t *bookmark_object(const struct resource *resource, int64_t version,
			bool initial)
{
	const char *members = empty_members[resource_index(resource)];
	char api_version[RESOURCE_TEXT_MAX], text[24];
	json_t *object, *rest;

	snprintf(text, sizeof(text), "%lld", (long long)version);
	resource_api_version(resource, api_version);
	object = json_pack("{s:s,s:s,s:{s:s,s:o*}}", "kind", resource->kind,
			   "apiVersion", api_version, "metadata",
			   "resourceVersion", text, "annotations", initial ?
			   json_pack("{s:s}", "k8s.io/initial-events-end",
				     "true") : NULL);
	rest = members ? json_loads(members, 0, NULL) : json_object();
	if (json_object_update(object, rest)) {
		json_decref(object);
		object = NULL;
	}
	json_decref(rest);
	return object;
}
