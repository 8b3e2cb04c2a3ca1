/* The structures of the API as OpenAPI tells them: what schema.h knows of
 * types, and what shape.h knows of lists. */
#include "rehearsal/cluster/openapi_private.h"

#include <stdio.h>
#include <string.h>

#include "rehearsal/cluster/resource.h"
#include "rehearsal/cluster/schema.h"
#include "rehearsal/cluster/shape.h"

#define REF_MAX 192

/* The simple types: inline, or published under a name of their own. */
static const struct simple {
	const char *type, *json_type, *format;
	const char *published;  /* or NULL */
} simples[] = {
	{ "string", "string", NULL, NULL },
	{ "int32", "integer", "int32", NULL },
	{ "int64", "integer", "int64", NULL },
	{ "bool", "boolean", NULL, NULL },
	{ "[]byte", "string", "byte", NULL },
	{ "any", "object", NULL, NULL },
	{ "Time", "string", "date-time",
	  "io.k8s.apimachinery.pkg.apis.meta.v1.Time" },
	{ "MicroTime", "string", "date-time",
	  "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime" },
	{ "Quantity", "string", NULL,
	  "io.k8s.apimachinery.pkg.api.resource.Quantity" },
	{ "IntOrString", "string", "int-or-string",
	  "io.k8s.apimachinery.pkg.util.intstr.IntOrString" },
};

#define SIMPLE_COUNT (sizeof(simples) / sizeof(*simples))

static const struct simple *find_simple(const char *type)
{
	for (size_t i = 0; i < SIMPLE_COUNT; i++)
		if (!strcmp(simples[i].type, type))
			return &simples[i];
	return NULL;
}

static json_t *inline_type(const struct simple *simple)
{
	return json_pack("{s:s,s:s*}", "type", simple->json_type, "format",
			 simple->format);
}

static json_t *reference(enum openapi_form form, const char *published)
{
	char ref[REF_MAX];

	snprintf(ref, sizeof(ref), "#/%s/%s", form == OPENAPI_V2 ?
		 "definitions" : "components/schemas", published);
	/* In v3 nothing may stand beside a $ref, so it is wrapped. */
	return form == OPENAPI_V2 ? json_pack("{s:s}", "$ref", ref)
				  : json_pack("{s:[{s:s}]}", "allOf", "$ref",
					      ref);
}

static json_t *type_of(enum openapi_form form, const char *type)
{
	const struct schema *schema = schema_find(type);
	const struct simple *simple = find_simple(type);
	char published[SCHEMA_TEXT_MAX];

	if (schema_element(type))
		return json_pack("{s:s,s:o}", "type", "array", "items",
				 type_of(form, schema_element(type)));
	if (schema_value(type))
		return json_pack("{s:s,s:o}", "type", "object",
				 "additionalProperties",
				 type_of(form, schema_value(type)));
	if (simple && simple->published)
		return reference(form, simple->published);
	if (!schema)
		return simple ? inline_type(simple) : NULL;
	schema_published(schema, published);
	return reference(form, published);
}

/* The member in which a structure usually stands, by which shape.h tells lists
 * of one name apart. */
static const char *usual_place(const struct schema *schema)
{
	static const struct {
		const char *end, *place;
	} places[] = {
		{ "Spec", "spec" }, { "Status", "status" },
		{ "ObjectMeta", "metadata" }, { "Container", "containers" },
	};
	const char *name = schema_short(schema);
	size_t len = strlen(name);

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		size_t end = strlen(places[i].end);

		if (len >= end && !strcmp(name + len - end, places[i].end))
			return places[i].place;
	}
	return "";
}

/* How a patch merges the member. */
static int add_merging(json_t *property, const struct schema *schema,
		       const struct schema_member *member)
{
	const char *place = usual_place(schema);
	const char *key = schema_element(member->type)
		? shape_merge_key(place, member->name) : NULL;
	const char *strategy = NULL;

	if (key || shape_is_set(place, member->name))
		strategy = !strcmp(member->name, "volumes")
			? "merge,retainKeys" : "merge";
	else if (!strcmp(member->name, "strategy"))
		strategy = "retainKeys";
	if (!strategy)
		return 0;
	return json_object_set_new(property, "x-kubernetes-patch-strategy",
				   json_string(strategy)) |
	       (key ? json_object_set_new(property,
					  "x-kubernetes-patch-merge-key",
					  json_string(key)) : 0);
}

static json_t *kind_of(const struct resource *resource)
{
	return json_pack("[{s:s,s:s,s:s}]", "group", resource->group, "kind",
			 resource->kind, "version", resource->version);
}

static json_t *definition(enum openapi_form form, const struct schema *schema)
{
	const struct resource *resource = schema_resource(schema);
	json_t *properties = json_object(), *required = json_array();
	int bad = 0;

	for (const struct schema_member *m = schema->members; m->name; m++) {
		json_t *property = type_of(form, m->type);

		bad |= add_merging(property, schema, m);
		bad |= json_object_set_new(properties, m->name, property);
		if (m->required)
			bad |= json_array_append_new(required,
						     json_string(m->name));
	}
	if (!json_array_size(required)) {
		json_decref(required);
		required = NULL;
	}
	if (!bad)
		return json_pack("{s:s,s:o,s:o*,s:o*}", "type", "object",
				 "properties", properties, "required",
				 required, "x-kubernetes-group-version-kind",
				 resource ? kind_of(resource) : NULL);
	json_decref(properties);
	json_decref(required);
	return NULL;
}

/* In v3 an IntOrString says that it is one of two. */
static json_t *simple_definition(enum openapi_form form,
				 const struct simple *simple)
{
	if (form == OPENAPI_V3 && !strcmp(simple->type, "IntOrString"))
		return json_pack("{s:s,s:[{s:s},{s:s}]}", "format",
				 simple->format, "oneOf", "type", "integer",
				 "type", "string");
	return inline_type(simple);
}

json_t *openapi_definitions(enum openapi_form form)
{
	json_t *all = json_object();
	const struct schema *schema;
	char published[SCHEMA_TEXT_MAX];
	int bad = !all;

	for (size_t i = 0; i < SIMPLE_COUNT; i++)
		if (simples[i].published)
			bad |= json_object_set_new(
				all, simples[i].published,
				simple_definition(form, &simples[i]));
	for (size_t i = 0; (schema = schema_at(i)); i++) {
		schema_published(schema, published);
		bad |= json_object_set_new(all, published,
					   definition(form, schema));
	}
	if (!bad)
		return all;
	json_decref(all);
	return NULL;
}
