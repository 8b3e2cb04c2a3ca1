/*
 * See resource.h. The order within the table is the order of discovery; the
 * numbers in the header are its indices.
 */
#include "rehearsal/cluster/resource.h"

#include <stdio.h>
#include <string.h>

static const struct resource resources[RESOURCE_COUNT] = {
	[RESOURCE_CONFIGMAPS] = {
		.group = "", .version = "v1", .kind = "ConfigMap",
		.plural = "configmaps", .singular = "configmap",
		.short_name = "cm", .namespaced = true,
	},
	[RESOURCE_ENDPOINTS] = {
		.group = "", .version = "v1", .kind = "Endpoints",
		.plural = "endpoints", .singular = "endpoints",
		.short_name = "ep", .namespaced = true,
		.warning = "v1 Endpoints is deprecated in v1.33+; use "
			   "discovery.k8s.io/v1 EndpointSlice",
	},
	[RESOURCE_EVENTS] = {
		.group = "", .version = "v1", .kind = "Event",
		.plural = "events", .singular = "event",
		.short_name = "ev", .namespaced = true,
	},
	[RESOURCE_NAMESPACES] = {
		.group = "", .version = "v1", .kind = "Namespace",
		.plural = "namespaces", .singular = "namespace",
		.short_name = "ns", .has_status = true,
	},
	[RESOURCE_PODS] = {
		.group = "", .version = "v1", .kind = "Pod",
		.plural = "pods", .singular = "pod",
		.short_name = "po", .namespaced = true, .in_all = true,
		.has_status = true, .has_generation = true, .has_log = true,
	},
	[RESOURCE_SECRETS] = {
		.group = "", .version = "v1", .kind = "Secret",
		.plural = "secrets", .singular = "secret",
		.namespaced = true,
	},
	[RESOURCE_SERVICES] = {
		.group = "", .version = "v1", .kind = "Service",
		.plural = "services", .singular = "service",
		.short_name = "svc", .namespaced = true, .in_all = true,
		.has_status = true,
	},
	[RESOURCE_DEPLOYMENTS] = {
		.group = "apps", .version = "v1", .kind = "Deployment",
		.plural = "deployments", .singular = "deployment",
		.short_name = "deploy", .namespaced = true, .in_all = true,
		.has_status = true, .has_scale = true, .has_generation = true,
	},
	[RESOURCE_REPLICASETS] = {
		.group = "apps", .version = "v1", .kind = "ReplicaSet",
		.plural = "replicasets", .singular = "replicaset",
		.short_name = "rs", .namespaced = true, .in_all = true,
		.has_status = true, .has_scale = true, .has_generation = true,
	},
	[RESOURCE_LEASES] = {
		.group = "coordination.k8s.io", .version = "v1",
		.kind = "Lease", .plural = "leases", .singular = "lease",
		.namespaced = true,
	},
	[RESOURCE_ENDPOINTSLICES] = {
		.group = "discovery.k8s.io", .version = "v1",
		.kind = "EndpointSlice", .plural = "endpointslices",
		.singular = "endpointslice", .namespaced = true,
		.has_generation = true,
	},
};

const struct resource *resource_at(size_t index)
{
	return &resources[index];
}

size_t resource_index(const struct resource *resource)
{
	return (size_t)(resource - resources);
}

const struct resource *resource_find(const char *group, const char *version,
				     const char *plural)
{
	for (size_t i = 0; i < RESOURCE_COUNT; i++)
		if (!strcmp(resources[i].plural, plural) &&
		    !strcmp(resources[i].group, group) &&
		    !strcmp(resources[i].version, version))
			return &resources[i];
	return NULL;
}

const struct resource *resource_by_kind(const char *kind)
{
	for (size_t i = 0; i < RESOURCE_COUNT; i++)
		if (!strcmp(resources[i].kind, kind))
			return &resources[i];
	return NULL;
}

void resource_api_version(const struct resource *resource,
			  char dst[RESOURCE_TEXT_MAX])
{
	snprintf(dst, RESOURCE_TEXT_MAX, "%s%s%s", resource->group,
		 *resource->group ? "/" : "", resource->version);
}

/* "NAME.GROUP", or NAME alone in the core group. */
static void qualify(const struct resource *resource, const char *name,
		    char dst[RESOURCE_TEXT_MAX])
{
	snprintf(dst, RESOURCE_TEXT_MAX, "%s%s%s", name,
		 *resource->group ? "." : "", resource->group);
}

void resource_qualified(const struct resource *resource,
			char dst[RESOURCE_TEXT_MAX])
{
	qualify(resource, resource->plural, dst);
}

void resource_qualified_kind(const struct resource *resource,
			     char dst[RESOURCE_TEXT_MAX])
{
	qualify(resource, resource->kind, dst);
}
