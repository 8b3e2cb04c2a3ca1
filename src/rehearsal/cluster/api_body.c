/* What a request brings with it: an object in JSON or protobuf, of the kind and
 * name that the path says. */
#include "rehearsal/cluster/api_private.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "rehearsal/cluster/object.h"
#include "rehearsal/cluster/protobuf.h"
#include "rehearsal/cluster/resource.h"

const char *api_parse_error(const json_error_t *why)
{
	enum json_error_code code = json_error_code(why);

	return code == json_error_premature_end_of_input ||
	       !strncmp(why->text, "unexpected token near end", 25) ?
		"unexpected end of JSON input" : why->text;
}

json_t *api_parse_body(const struct api_request *request, json_error_t *why)
{
	struct error err = { 0 };
	json_t *object = NULL;

	if (!request->body || !protobuf_is(request->body, request->body_len))
		return json_loadb(request->body ? request->body : "",
				  request->body_len, JSON_REJECT_DUPLICATES,
				  why);
	*why = (json_error_t){ .line = -1 };
	if (protobuf_read(&object, request->body, request->body_len, &err))
		snprintf(why->text, sizeof(why->text), "%.150s",
			 err.message);
	return object;
}

int api_check_identity(const struct api_request *request,
			  const json_t *object, struct answer *answer)
{
	const char *name = object_name(object), *ns = object_ns(object);
	const char *kind = json_text(object, "kind", "");

	if (*name && strcmp(name, request->name))
		status_bad_request(answer, "the name of the object (%s) does "
				   "not match the name on the URL (%s)", name,
				   request->name);
	else if (*ns && strcmp(ns, request->ns))
		status_bad_request(answer, "the namespace of the object (%s) "
				   "does not match the namespace on the "
				   "request (%s)", ns, request->ns);
	else if (*kind && strcmp(kind, request->resource->kind))
		status_bad_request(answer, "no kind \"%s\" is registered for "
				   "the resource \"%s\"", kind,
				   request->resource->plural);
	else
		return 0;
	return -1;
}

json_t *api_parse_object(const struct api_request *request,
			    struct answer *answer)
{
	bool scale = !strcmp(request->subresource, "scale");
	const char *kind = scale ? "Scale"
					     : request->resource->kind;
	char expected[RESOURCE_TEXT_MAX];
	json_error_t why;
	json_t *object = api_parse_body(request, &why);
	const char *ns, *version;

	if (!json_is_object(object)) {
		status_bad_request(answer, "the object provided is "
				   "unrecognized (must be of type %s): "
				   "couldn't get version/kind; json parse "
				   "error: %s", kind, object ? "not an object"
				   : api_parse_error(&why));
		json_decref(object);
		return NULL;
	}
	object_strip_nulls(object);
	ns = object_ns(object);
	resource_api_version(request->resource, expected);
	version = json_text(object, "apiVersion", expected);
	if (!scale && strcmp(version, expected))
		status_bad_request(answer, "the API version in the data (%s) "
				   "does not match the expected API version "
				   "(%s)", version, expected);
	else if (strcmp(json_text(object, "kind", kind), kind))
		status_bad_request(answer, "%s in version \"%s\" cannot be "
				   "handled as a %s: converting (%s) to (%s): "
				   "unknown conversion",
				   json_text(object, "kind", ""),
				   request->resource->version, kind,
				   json_text(object, "kind", ""), kind);
	else if (*ns && strcmp(ns, request->ns))
		status_bad_request(answer, "the namespace of the provided "
				   "object does not match the namespace sent "
				   "on the request");
	else if (*request->name && *object_name(object) &&
		 strcmp(object_name(object), request->name))
		status_bad_request(answer, "the name of the object (%s) does "
				   "not match the name on the URL (%s)",
				   object_name(object), request->name);
	else
		return object;
	json_decref(object);
	return NULL;
}
