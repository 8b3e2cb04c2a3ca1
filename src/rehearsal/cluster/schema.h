/*
 * The structures of the API, as tables: what a field is called and of which
 * type it is. They find what a writer has misspelt, and are published as
 * OpenAPI.
 */
#ifndef CUTOVER_REHEARSAL_SCHEMA_H
#define CUTOVER_REHEARSAL_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

struct resource;

#define SCHEMA_TEXT_MAX 128

/*
 * A type is told as in Go: "string", "int32", "int64", "bool", "[]byte",
 * "Time", "MicroTime", "Quantity", "IntOrString", "any" (not judged), a
 * structure by package and name ("core.Container"), and "[]TYPE" or
 * "map[string]TYPE" of these.
 */
struct schema_member {
	const char *name;
	const char *type;
	bool required;
};

struct schema {
	const char *name;                       /* "core.Container" */
	const struct schema_member *members;    /* ended by one without name */
};

/* NULL if there is none. */
const struct schema *schema_find(const char *name);
const struct schema_member *schema_member(const struct schema *schema,
					  const char *name);
/* That of a resource's kind; never NULL. */
const struct schema *schema_of(const struct resource *resource);

/* The structure's name without its package: "Container". */
const char *schema_short(const struct schema *schema);
/* "io.k8s.api.core.v1.Container" */
void schema_published(const struct schema *schema,
		      char dst[SCHEMA_TEXT_MAX]);
/* The resource whose kind this is; NULL if it is none's. */
const struct resource *schema_resource(const struct schema *schema);

/* What follows "[]" or "map[string]" in a type; NULL if it is none such. */
const char *schema_element(const char *type);
const char *schema_value(const char *type);

/* The tables, each ended by a schema without a name. */
extern const struct schema schema_meta[];
extern const struct schema schema_pods[];
extern const struct schema schema_containers[];
extern const struct schema schema_core[];
extern const struct schema schema_others[];

/* All of them in turn: the index-th, or NULL behind the last. */
const struct schema *schema_at(size_t index);

#endif
