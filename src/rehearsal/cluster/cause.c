/* See cause.h. */
#include "rehearsal/cluster/cause.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "rehearsal/cluster/admit_names.h"
#include "rehearsal/cluster/status.h"

#define BAD_LABEL_VALUE \
	"a valid label must be an empty string or consist of alphanumeric " \
	"characters, '-', '_' or '.', and must start and end with an " \
	"alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345'" \
	", regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?" \
	"[A-Za-z0-9])?')"
#define BAD_LABEL_KEY \
	"name part must consist of alphanumeric characters, '-', '_' or '.', " \
	"and must start and end with an alphanumeric character (e.g. " \
	"'MyName',  or 'my.name',  or '123-abc', regex used for validation " \
	"is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"

void cause_invalid(json_t *causes, const char *field, const json_t *value,
		   const char *why)
{
	char *shown = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY |
					JSON_SORT_KEYS);

	status_cause(causes, "FieldValueInvalid", field,
		     shown ? shown : "null", why);
	free(shown);
}

void cause_required(json_t *causes, const char *field, const char *why)
{
	char message[CAUSE_FIELD_MAX];

	snprintf(message, sizeof(message), "Required value%s%s",
		 *why ? ": " : "", why);
	status_cause(causes, "FieldValueRequired", field, NULL, message);
}

void cause_forbidden(json_t *causes, const char *field, const char *why)
{
	char message[CAUSE_FIELD_MAX * 2];

	snprintf(message, sizeof(message), "Forbidden: %s", why);
	status_cause(causes, "FieldValueForbidden", field, NULL, message);
}

void cause_labels(json_t *causes, const char *field, const json_t *labels)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)labels, key, value) {
		json_t *shown = json_string(key);

		if (!name_is_label_key(key))
			cause_invalid(causes, field, shown, BAD_LABEL_KEY);
		json_decref(shown);
		if (json_is_string(value) &&
		    !name_is_label_value(json_string_value(value)))
			cause_invalid(causes, field, value, BAD_LABEL_VALUE);
	}
}

void cause_negative(json_t *causes, const json_t *object, const char *path,
		    const char *field)
{
	const json_t *value = json_at(object, path);

	if (json_is_integer(value) && json_integer_value(value) < 0)
		cause_invalid(causes, field, value,
			      "must be greater than or equal to 0");
}

void cause_unsupported(json_t *causes, const char *field, const json_t *value,
		       const char *allowed)
{
	char *shown = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
	char message[CAUSE_FIELD_MAX];

	snprintf(message, sizeof(message), "Unsupported value: %.120s: "
		 "supported values: %s", shown ? shown : "null", allowed);
	status_cause(causes, "FieldValueNotSupported", field, NULL, message);
	free(shown);
}

void cause_duplicates(json_t *causes, const json_t *list,
		      const char *prefix)
{
	char field[CAUSE_FIELD_MAX], message[CAUSE_FIELD_MAX];

	for (size_t i = 1; i < json_array_size(list); i++)
		for (size_t k = 0; k < i; k++) {
			const char *name = json_text(json_array_get(list, i),
						     "name", "");

			if (!*name ||
			    strcmp(name, json_text(json_array_get(list, k),
						   "name", "")))
				continue;
			snprintf(field, sizeof(field), "%s[%zu].name", prefix,
				 i);
			snprintf(message, sizeof(message),
				 "Duplicate value: \"%.100s\"", name);
			status_cause(causes, "FieldValueDuplicate", field,
				     NULL, message);
			break;
		}
}
