/*
 * The resources that the practice cluster knows: one table that feeds
 * routing, discovery, storage and the text of errors.
 */
#ifndef CUTOVER_REHEARSAL_RESOURCE_H
#define CUTOVER_REHEARSAL_RESOURCE_H

#include <stdbool.h>
#include <stddef.h>

enum {
	RESOURCE_CONFIGMAPS,
	RESOURCE_ENDPOINTS,
	RESOURCE_EVENTS,
	RESOURCE_NAMESPACES,
	RESOURCE_PODS,
	RESOURCE_SECRETS,
	RESOURCE_SERVICES,
	RESOURCE_DEPLOYMENTS,
	RESOURCE_REPLICASETS,
	RESOURCE_LEASES,
	RESOURCE_ENDPOINTSLICES,
	RESOURCE_COUNT
};

struct resource {
	const char *group;      /* "" is the core group */
	const char *version;
	const char *kind;
	const char *plural;
	const char *singular;
	const char *short_name; /* or NULL */
	const char *warning;    /* a Warning header for every use, or NULL */
	bool namespaced;
	bool in_all;            /* `kubectl get all` */
	bool has_status;        /* a status subresource */
	bool has_scale;         /* a scale subresource */
	bool has_log;           /* a log subresource */
	bool has_generation;    /* metadata.generation counts changes of spec */
};

/* By one of the numbers above. */
const struct resource *resource_at(size_t index);
/* Its number. */
size_t resource_index(const struct resource *resource);
/* NULL if there is none. */
const struct resource *resource_find(const char *group, const char *version,
				     const char *plural);
const struct resource *resource_by_kind(const char *kind);

#define RESOURCE_TEXT_MAX 96
/* "apps/v1" or "v1". */
void resource_api_version(const struct resource *resource,
			  char dst[RESOURCE_TEXT_MAX]);
/* "deployments.apps" or "services": what errors call it. */
void resource_qualified(const struct resource *resource,
			char dst[RESOURCE_TEXT_MAX]);
/* "Deployment.apps" or "Service". */
void resource_qualified_kind(const struct resource *resource,
			     char dst[RESOURCE_TEXT_MAX]);

#endif
