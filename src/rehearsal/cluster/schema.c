/* See schema.h. */
#include "rehearsal/cluster/schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rehearsal/cluster/resource.h"

static const struct schema *const tables[] = { schema_meta, schema_pods,
	schema_containers, schema_core, schema_others };

/* Where a structure is published, and which group's kinds stand there. */
static const struct {
	const char *package, *published, *group;
} packages[] = {
	{ "meta", "io.k8s.apimachinery.pkg.apis.meta.v1", NULL },
	{ "core", "io.k8s.api.core.v1", "" },
	{ "apps", "io.k8s.api.apps.v1", "apps" },
	{ "coordination", "io.k8s.api.coordination.v1",
	  "coordination.k8s.io" },
	{ "discovery", "io.k8s.api.discovery.v1", "discovery.k8s.io" },
};

#define PACKAGE_COUNT (sizeof(packages) / sizeof(*packages))

const struct schema *schema_at(size_t index)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++)
		for (const struct schema *s = tables[i]; s->name; s++)
			if (!index--)
				return s;
	return NULL;
}

const struct schema *schema_find(const char *name)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++)
		for (const struct schema *s = tables[i]; s->name; s++)
			if (!strcmp(s->name, name))
				return s;
	return NULL;
}

const struct schema_member *schema_member(const struct schema *schema,
					  const char *name)
{
	for (const struct schema_member *m = schema->members; m->name; m++)
		if (!strcmp(m->name, name))
			return m;
	return NULL;
}

/* The index of the package in which a structure is. */
static size_t package_of(const struct schema *schema)
{
	size_t len = strcspn(schema->name, "."), i;

	for (i = 0; i < PACKAGE_COUNT; i++)
		if (strlen(packages[i].package) == len &&
		    !strncmp(packages[i].package, schema->name, len))
			return i;
	abort();        /* the tables name only these */
}

const char *schema_short(const struct schema *schema)
{
	return strchr(schema->name, '.') + 1;
}

void schema_published(const struct schema *schema, char dst[SCHEMA_TEXT_MAX])
{
	snprintf(dst, SCHEMA_TEXT_MAX, "%s.%s",
		 packages[package_of(schema)].published,
		 schema_short(schema));
}

const struct resource *schema_resource(const struct schema *schema)
{
	const struct resource *resource =
		resource_by_kind(schema_short(schema));
	const char *group = packages[package_of(schema)].group;

	return resource && group && !strcmp(resource->group, group) ? resource
								    : NULL;
}

const struct schema *schema_of(const struct resource *resource)
{
	const struct schema *schema;

	for (size_t i = 0; (schema = schema_at(i)); i++)
		if (schema_resource(schema) == resource)
			return schema;
	abort();        /* every kind has one: a test goes through them */
}

static const char *behind(const char *type, const char *prefix)
{
	size_t len = strlen(prefix);

	return strncmp(type, prefix, len) ? NULL : type + len;
}

const char *schema_element(const char *type)
{
	return strcmp(type, "[]byte") ? behind(type, "[]") : NULL;
}

const char *schema_value(const char *type)
{
	return behind(type, "map[string]");
}
