/*
 * What a client sent, against the API's structures: the answers of the
 * different ways in which one may have sent it.
 */
#include "rehearsal/cluster/api_private.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/json.h"
#include "rehearsal/cluster/admit.h"
#include "rehearsal/cluster/resource.h"

#define STRICT_MAX (64u << 10)

/* " "" is invalid: patch: Invalid value: "OBJECT": WHY" */
static void refuse_patch(const json_t *object, const char *why,
			 struct answer *answer)
{
	json_t *causes = json_array();
	char *text = json_dumps(object, JSON_COMPACT);
	json_t *quoted = json_string(text ? text : "");
	char *shown = json_dumps(quoted, JSON_ENCODE_ANY);

	status_cause(causes, "FieldValueInvalid", "patch", shown ? shown : "",
		     why);
	answer_set(answer, 422, status_object(
		422, "Invalid", json_pack("{s:o}", "causes", causes),
		" \"\" is invalid: patch: Invalid value: %s: %s",
		shown ? shown : "", why));
	json_decref(quoted);
	free(shown);
	free(text);
}

static void refuse_object(const struct resource *resource, const char *why,
			  struct answer *answer)
{
	status_bad_request(answer, "%s in version \"%s\" cannot be handled as "
			   "a %s: %s", resource->kind, resource->version,
			   resource->kind, why);
}

/* 'strict decoding error: unknown field "a", unknown field "b"' */
static int strict_text(const json_t *unknown, struct buf *text)
{
	const json_t *one;
	size_t i;

	buf_puts(text, "strict decoding error: ");
	json_array_foreach(unknown, i, one)
		buf_printf(text, "%s%s", i ? ", " : "", json_string_value(one));
	return buf_error(text);
}

int api_check_schema(const struct api_request *request, json_t *object,
		     bool patched, struct answer *answer)
{
	json_t *unknown = json_array();
	char *wrong = admit_schema(request->resource, object, unknown);
	const char *why = wrong;
	struct buf strict;

	buf_init(&strict, STRICT_MAX);
	if (!wrong && json_array_size(unknown) &&
	    request->validation == API_STRICT)
		why = strict_text(unknown, &strict) ? "strict decoding error"
						    : strict.data;
	if (why && patched)
		refuse_patch(object, why, answer);
	else if (why)
		refuse_object(request->resource, why, answer);
	else if (request->validation == API_WARN)
		answer_warn(answer, unknown);
	buf_release(&strict);
	free(wrong);
	json_decref(unknown);
	return why ? -1 : 0;
}
