/*
 * See status.h. The texts were taken from exchanges with a real API server
 * (tests/kube-samples), since clients and people look for them.
 */
#include "rehearsal/cluster/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/json.h"
#include "rehearsal/cluster/resource.h"

#define MESSAGE_MAX (256u << 10)        /* a 422 may quote an object */

void answer_release(struct answer *answer)
{
	json_decref(answer->body);
	json_decref(answer->warnings);
	*answer = (struct answer){ 0 };
}

void answer_set(struct answer *answer, unsigned int code, json_t *body)
{
	json_decref(answer->body);
	answer->code = body ? code : 500;
	answer->body = body;
}

void answer_warn(struct answer *answer, const json_t *texts)
{
	if (!json_array_size(texts))
		return;
	if (!answer->warnings)
		answer->warnings = json_array();
	if (json_array_extend(answer->warnings, (json_t *)texts))
		answer_set(answer, 500, NULL);
}

int answer_error(const struct answer *answer, struct error *err)
{
	static const struct {
		unsigned int http;
		enum error_code code;
	} codes[] = {
		{ 403, ERR_DENIED }, { 404, ERR_NOTFOUND },
		{ 409, ERR_CONFLICT }, { 500, ERR_NOMEM },
	};
	enum error_code code = ERR_INVALID;

	if (answer->code < 300)
		return 0;
	for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++)
		if (codes[i].http == answer->code)
			code = codes[i].code;
	return error_set(err, code, NULL, "%s",
			 json_text(answer->body, "message", "out of memory"));
}

static json_t *status_object_v(unsigned int code, const char *reason,
			       json_t *details, const char *format,
			       va_list args)
{
	char *text = NULL;
	json_t *status;

	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	status = text ? json_pack(
		"{s:s,s:s,s:{},s:s,s:s,s:s*,s:o*,s:i}", "kind", "Status",
		"apiVersion", "v1", "metadata", "status", "Failure",
		"message", text, "reason", reason, "details", details,
		"code", (int)code) : NULL;
	if (!text)
		json_decref(details);
	free(text);
	return status;
}

json_t *status_object(unsigned int code, const char *reason, json_t *details,
		      const char *format, ...)
{
	json_t *status;
	va_list args;

	va_start(args, format);
	status = status_object_v(code, reason, details, format, args);
	va_end(args);
	return status;
}

/* {"name", "group", "kind"}: what is absent is left out. */
static json_t *details_of(const char *name, const char *group,
			  const char *kind)
{
	return json_pack("{s:s*,s:s*,s:s}", "name", name,
			 "group", *group ? group : NULL, "kind", kind);
}

static json_t *plural_details(const struct resource *resource,
			      const char *name)
{
	return details_of(name, resource->group, resource->plural);
}

void status_bad_request(struct answer *answer, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	answer_set(answer, 400, status_object_v(400, "BadRequest", NULL,
						format, args));
	va_end(args);
}

void status_not_found(struct answer *answer, const struct resource *resource,
		      const char *name)
{
	char qualified[RESOURCE_TEXT_MAX];

	resource_qualified(resource, qualified);
	answer_set(answer, 404,
		   status_object(404, "NotFound",
				 plural_details(resource, name),
				 "%s \"%s\" not found", qualified, name));
}

void status_no_resource(struct answer *answer)
{
	answer_set(answer, 404,
		   status_object(404, "NotFound", json_object(),
				 "the server could not find the requested "
				 "resource"));
}

void status_exists(struct answer *answer, const struct resource *resource,
		   const char *name)
{
	char qualified[RESOURCE_TEXT_MAX];

	resource_qualified(resource, qualified);
	answer_set(answer, 409,
		   status_object(409, "AlreadyExists",
				 plural_details(resource, name),
				 "%s \"%s\" already exists", qualified,
				 name));
}

void status_modified(struct answer *answer, const struct resource *resource,
		     const char *name)
{
	char qualified[RESOURCE_TEXT_MAX];

	resource_qualified(resource, qualified);
	answer_set(answer, 409,
		   status_object(409, "Conflict",
				 plural_details(resource, name),
				 "Operation cannot be fulfilled on %s \"%s\": "
				 "the object has been modified; please apply "
				 "your changes to the latest version and try "
				 "again", qualified, name));
}

void status_precondition(struct answer *answer,
			 const struct resource *resource, const char *name,
			 const char *wanted_uid, const char *uid)
{
	char qualified[RESOURCE_TEXT_MAX];

	resource_qualified_kind(resource, qualified);
	answer_set(answer, 409,
		   status_object(409, "Conflict",
				 details_of(name, resource->group,
					    resource->kind),
				 "Operation cannot be fulfilled on %s \"%s\": "
				 "the UID in the precondition (%s) does not "
				 "match the UID in record (%s). The object "
				 "might have been deleted and then recreated",
				 qualified, name, wanted_uid, uid));
}

/* Where the store of a real API server keeps a resource. */
static const char *registry_of(const struct resource *resource)
{
	if (resource == resource_at(RESOURCE_SERVICES))
		return "services/specs";
	if (resource == resource_at(RESOURCE_ENDPOINTS))
		return "services/endpoints";
	return resource->plural;
}

void status_other_uid(struct answer *answer, const struct resource *resource,
		      const char *ns, const char *name,
		      const char *wanted_uid, const char *uid)
{
	char qualified[RESOURCE_TEXT_MAX];

	resource_qualified(resource, qualified);
	answer_set(answer, 409,
		   status_object(409, "Conflict",
				 plural_details(resource, name),
				 "Operation cannot be fulfilled on %s \"%s\": "
				 "StorageError: invalid object, Code: 4, Key: "
				 "/registry/%s/%s%s%s, ResourceVersion: 0, "
				 "AdditionalErrorMsg: Precondition failed: "
				 "UID in precondition: %s, UID in object meta: "
				 "%s", qualified, name, registry_of(resource),
				 ns, *ns ? "/" : "", name, wanted_uid, uid));
}

void status_unversioned(struct answer *answer,
			const struct resource *resource, const char *name)
{
	json_t *details = plural_details(resource, name);
	char qualified[RESOURCE_TEXT_MAX];

	resource_qualified(resource, qualified);
	if (json_object_set_new(details, "causes", json_pack(
		    "[{s:s,s:s,s:s}]", "reason", "FieldValueInvalid",
		    "message", "Invalid value: 0: must be specified for an "
		    "update", "field", "metadata.resourceVersion"))) {
		json_decref(details);
		return answer_set(answer, 500, NULL);
	}
	answer_set(answer, 422,
		   status_object(422, "Invalid", details,
				 "%s \"%s\" is invalid: "
				 "metadata.resourceVersion: Invalid value: 0: "
				 "must be specified for an update", qualified,
				 name));
}

void status_unauthorized(struct answer *answer)
{
	answer_set(answer, 401, status_object(401, "Unauthorized", NULL,
					      "Unauthorized"));
}

void status_method(struct answer *answer)
{
	answer_set(answer, 405,
		   status_object(405, "MethodNotAllowed", json_object(),
				 "the server does not allow this method on "
				 "the requested resource"));
}

void status_too_large(struct answer *answer, const char *why)
{
	answer_set(answer, 413,
		   status_object(413, "RequestEntityTooLarge", NULL,
				 "Request entity too large: %s", why));
}

void status_media_type(struct answer *answer)
{
	answer_set(answer, 415,
		   status_object(415, "UnsupportedMediaType", json_object(),
				 "415: Unsupported Media Type"));
}

void status_expired(struct answer *answer, const char *message)
{
	answer_set(answer, 410, status_object(410, "Expired", NULL, "%s",
					      message));
}

int status_cause(json_t *causes, const char *reason, const char *field,
		 const char *shown, const char *why)
{
	char *message = NULL;
	int rc;

	if (shown)
		rc = asprintf(&message, "Invalid value: %s: %s", shown, why);
	else
		rc = asprintf(&message, "%s", why);
	if (rc < 0)
		return -1;
	rc = json_array_append_new(causes,
				   json_pack("{s:s,s:s,s:s}", "reason", reason,
					     "message", message,
					     "field", field));
	free(message);
	return rc;
}

/* "field: message", or "[a: b, c: d]" where there are several. */
static void join_causes(struct buf *text, const json_t *causes)
{
	const json_t *cause;
	size_t i, count = json_array_size(causes);

	buf_puts(text, count > 1 ? "[" : "");
	json_array_foreach(causes, i, cause)
		buf_printf(text, "%s%s: %s", i ? ", " : "",
			   json_text(cause, "field", ""),
			   json_text(cause, "message", ""));
	buf_puts(text, count > 1 ? "]" : "");
}

void status_invalid(struct answer *answer, const struct resource *resource,
		    const char *name, json_t *causes)
{
	char qualified[RESOURCE_TEXT_MAX];
	json_t *details = details_of(name, resource->group, resource->kind);
	struct buf text;

	resource_qualified_kind(resource, qualified);
	buf_init(&text, MESSAGE_MAX);
	join_causes(&text, causes);
	if (json_object_set_new(details, "causes", causes) ||
	    buf_error(&text)) {
		json_decref(details);
		answer_set(answer, 500, NULL);
	} else {
		answer_set(answer, 422,
			   status_object(422, "Invalid", details,
					 "%s \"%s\" is invalid: %s", qualified,
					 name, text.data));
	}
	buf_release(&text);
}
