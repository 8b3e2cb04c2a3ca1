/* See field_selector.h. */
#include "rehearsal/cluster/field_selector.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "rehearsal/cluster/resource.h"

#define WORD_MAX 320

/* By what a resource is selected, besides name and namespace. */
static const struct {
	size_t resource;
	const char *field;
} fields[] = {
	{ RESOURCE_PODS, "spec.nodeName" },
	{ RESOURCE_PODS, "spec.restartPolicy" },
	{ RESOURCE_PODS, "spec.schedulerName" },
	{ RESOURCE_PODS, "spec.serviceAccountName" },
	{ RESOURCE_PODS, "spec.hostNetwork" },
	{ RESOURCE_PODS, "status.phase" },
	{ RESOURCE_PODS, "status.podIP" },
	{ RESOURCE_PODS, "status.nominatedNodeName" },
	{ RESOURCE_EVENTS, "involvedObject.kind" },
	{ RESOURCE_EVENTS, "involvedObject.namespace" },
	{ RESOURCE_EVENTS, "involvedObject.name" },
	{ RESOURCE_EVENTS, "involvedObject.uid" },
	{ RESOURCE_EVENTS, "involvedObject.apiVersion" },
	{ RESOURCE_EVENTS, "involvedObject.resourceVersion" },
	{ RESOURCE_EVENTS, "involvedObject.fieldPath" },
	{ RESOURCE_EVENTS, "reason" },
	{ RESOURCE_EVENTS, "reportingComponent" },
	{ RESOURCE_EVENTS, "source" },
	{ RESOURCE_EVENTS, "type" },
	{ RESOURCE_NAMESPACES, "status.phase" },
	{ RESOURCE_REPLICASETS, "status.replicas" },
	{ RESOURCE_SECRETS, "type" },
	{ RESOURCE_SERVICES, "spec.clusterIP" },
	{ RESOURCE_SERVICES, "spec.type" },
};

/* One "field=value", "field==value" or "field!=value". */
struct term {
	char field[WORD_MAX], value[WORD_MAX];
	bool differs;
};

/* Takes a term off *at; false if there is none that can be understood. */
static bool next_term(const char **at, struct term *term)
{
	size_t key_len = strcspn(*at, "=!,"), value_len;
	const char *op = *at + key_len, *value;

	term->differs = !strncmp(op, "!=", 2);
	if (!key_len || (*op != '=' && !term->differs))
		return false;
	value = op + (term->differs || op[1] == '=' ? 2 : 1);
	value_len = strcspn(value, ",");
	if (key_len >= WORD_MAX || value_len >= WORD_MAX)
		return false;
	snprintf(term->field, WORD_MAX, "%.*s", (int)key_len, *at);
	snprintf(term->value, WORD_MAX, "%.*s", (int)value_len, value);
	*at = value + value_len;
	*at += **at == ',';
	return true;
}

static bool is_known(const struct resource *resource, const char *field)
{
	if (!strcmp(field, "metadata.name") ||
	    (resource->namespaced && !strcmp(field, "metadata.namespace")))
		return true;
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		if (resource_at(fields[i].resource) == resource &&
		    !strcmp(fields[i].field, field))
			return true;
	return false;
}

int field_selector_check(const char *text, const struct resource *resource,
			 struct error *err)
{
	const char *at = text ? text : "";
	struct term term;

	while (*at) {
		const char *from = at;

		if (!next_term(&at, &term))
			return error_set(err, ERR_INVALID, NULL,
					 "invalid field selector: '%s'; can't "
					 "understand '%.*s'", text,
					 (int)strcspn(from, ","), from);
		if (!is_known(resource, term.field))
			return error_set(err, ERR_INVALID, NULL,
					 "field label not supported: %s",
					 term.field);
	}
	return 0;
}

/* A member as the text by which it is selected. */
static void text_of(const json_t *object, const char *field,
		    char dst[WORD_MAX])
{
	char path[WORD_MAX];
	const json_t *value;

	snprintf(path, sizeof(path), "%s", strcmp(field, "source") ? field
		 : "source.component");
	for (char *s = path; *s; s++)
		if (*s == '.')
			*s = '/';
	value = json_at(object, path);
	if (json_is_integer(value))
		snprintf(dst, WORD_MAX, "%" JSON_INTEGER_FORMAT,
			 json_integer_value(value));
	else if (json_is_true(value) || !strcmp(field, "spec.hostNetwork"))
		snprintf(dst, WORD_MAX, "%s",
			 json_is_true(value) ? "true" : "false");
	else
		snprintf(dst, WORD_MAX, "%s",
			 json_is_string(value) ? json_string_value(value)
					       : "");
}

bool field_selector_matches(const char *text, const json_t *object)
{
	const char *at = text ? text : "";
	char value[WORD_MAX];
	struct term term;

	while (*at && next_term(&at, &term)) {
		text_of(object, term.field, value);
		if (!strcmp(value, term.value) == term.differs)
			return false;
	}
	return true;
}
