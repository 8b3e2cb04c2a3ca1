/*
 * create, replace, patch and delete. A change goes through the same steps
 * whatever it came from: parse, make the new object, schema, defaults, checks,
 * finish, store (unless it is a dry run).
 */
#include "rehearsal/cluster/api.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "rehearsal/cluster/admit.h"
#include "rehearsal/cluster/object.h"
#include "rehearsal/cluster/patch.h"
#include "rehearsal/cluster/resource.h"
#include "rehearsal/cluster/selector.h"
#include "rehearsal/cluster/store.h"
#include "rehearsal/cluster/write.h"

static json_t *parse_body(const struct api_request *request,
			  json_error_t *why)
{
	return json_loadb(request->body ? request->body : "",
			  request->body_len, JSON_REJECT_DUPLICATES, why);
}

/* Go's words for the commonest mistake, Jansson's for the others. */
static const char *parse_error_text(const json_error_t *why)
{
	enum json_error_code code = json_error_code(why);

	return code == json_error_premature_end_of_input ||
	       !strncmp(why->text, "unexpected token near end", 25) ?
		"unexpected end of JSON input" : why->text;
}

static bool is_scale(const struct api_request *request)
{
	return !strcmp(request->subresource, "scale");
}

/*
 * Unknown fields and wrong types in object. shown is what a patch came to
 * (quoted in the refusal), or NULL for a whole object. 0 or -1 with an answer.
 */
static int check_schema(const struct api_request *request,
			const json_t *object, bool patched,
			struct answer *answer)
{
	json_t *unknown = json_array();
	char *wrong = admit_schema(request->resource, object, unknown);
	const char *first = json_text(unknown, "0", NULL);
	char strict[ANSWER_WARNING_MAX] = "";
	const char *why = wrong;
	char version[RESOURCE_TEXT_MAX];

	if (!wrong && first && request->validation == API_STRICT) {
		snprintf(strict, sizeof(strict), "strict decoding error: %s",
			 first);
		why = strict;
	}
	resource_api_version(request->resource, version);
	if (why && patched) {
		json_t *causes = json_array();
		char *text = json_dumps(object, JSON_COMPACT);
		json_t *quoted = json_string(text ? text : "");
		char *shown = json_dumps(quoted, JSON_ENCODE_ANY);

		status_cause(causes, "FieldValueInvalid", "patch",
			     shown ? shown : "", why);
		answer_set(answer, 422, status_object(
			422, "Invalid", json_pack("{s:o}", "causes", causes),
			" \"\" is invalid: patch: Invalid value: %s: %s",
			shown ? shown : "", why));
		json_decref(quoted);
		free(shown);
		free(text);
	} else if (why) {
		status_bad_request(answer, "%s in version \"%s\" cannot be "
				   "handled as a %s: %s",
				   request->resource->kind,
				   request->resource->version,
				   request->resource->kind, why);
	} else if (first && request->validation == API_WARN) {
		snprintf(answer->warning, sizeof(answer->warning), "%s",
			 first);
	}
	free(wrong);
	json_decref(unknown);
	return why ? -1 : 0;
}

/* Writes what the request changed, or only says what it would be. Takes
 * object. With the store locked. */
static void commit(struct store *store, const struct api_request *request,
		   unsigned int code, json_t *object, struct answer *answer)
{
	json_t *stored;

	if (!object || request->dry_run)
		return answer_set(answer, code, object);
	stored = store_put(store, request->resource, object);
	answer_set(answer, code, json_incref(stored));
}

/* A deleted object whose last finalizer has gone is removed. */
static void finish_deletion(struct store *store,
			    const struct resource *resource,
			    const json_t *object)
{
	if (object_is_deleted(object) &&
	    resource != resource_at(RESOURCE_PODS) &&
	    !json_array_size(json_at(object, "metadata/finalizers")))
		store_remove(store, resource, object_ns(object),
			     object_name(object));
}

static bool status_belongs_apart(const struct api_request *request)
{
	return request->resource->has_status;
}

/* What may not come from this request stays as it was: the status, or all but
 * the status. */
static int keep_other_half(const struct api_request *request, json_t *object,
			   const json_t *before)
{
	bool status = !strcmp(request->subresource, "status");
	json_t *old;

	if (!status_belongs_apart(request))
		return 0;
	if (!status) {
		old = json_object_get(before, "status");
		if (!old)
			json_object_del(object, "status");
		return old ? json_object_set(object, "status", old) : 0;
	}
	old = json_object_get(before, "spec");
	return old ? json_object_set(object, "spec", old) : 0;
}

/*
 * The last steps of a change of a stored object. Takes object; wanted is the
 * resourceVersion that it must have, or NULL. With the store locked.
 */
static void change(struct store *store, const struct api_request *request,
		   json_t *object, json_t *before, const char *wanted,
		   bool patched, struct answer *answer)
{
	struct writer writer = { request->manager, request->subresource };

	if (wanted && strcmp(wanted, json_text(before,
					       "metadata/resourceVersion",
					       ""))) {
		status_modified(answer, request->resource, request->name);
		json_decref(object);
		return;
	}
	if (check_schema(request, object, patched, answer)) {
		json_decref(object);
		return;
	}
	if (keep_other_half(request, object, before) ||
	    admit_defaults(request->resource, object)) {
		answer_set(answer, 500, NULL);
		json_decref(object);
		return;
	}
	if (admit_check(request->resource, object, before, answer)) {
		json_decref(object);
		return;
	}
	object = write_finish_change(request->resource, object, before,
				     &writer);
	if (object == before)
		return answer_set(answer, 200, object);
	commit(store, request, 200, object, answer);
	if (!request->dry_run && answer->body)
		finish_deletion(store, request->resource, answer->body);
}

static const char *version_in(const json_t *object)
{
	const char *version = json_text(object, "metadata/resourceVersion",
					"");

	return *version ? version : NULL;
}

/* A Scale put or patched: its replicas, carried over. */
static void change_scale(struct store *store,
			 const struct api_request *request,
			 const json_t *scale, json_t *before,
			 struct answer *answer)
{
	json_t *replicas = json_at(scale, "spec/replicas");
	json_t *object = json_deep_copy(before), *body;

	if (!replicas)
		json_object_del(json_object_get(object, "spec"), "replicas");
	else if (object_set(object, "spec/replicas", json_incref(replicas))) {
		json_decref(object);
		return answer_set(answer, 500, NULL);
	}
	change(store, request, object, before, version_in(scale), false,
	       answer);
	if (answer->code != 200)
		return;
	body = api_scale_of(answer->body);
	answer_set(answer, 200, body);
}

/* A body that is a whole object of the right kind; owned, or NULL with an
 * answer. */
static json_t *parse_object(const struct api_request *request,
			    struct answer *answer)
{
	const char *kind = is_scale(request) ? "Scale"
					     : request->resource->kind;
	json_error_t why;
	json_t *object = parse_body(request, &why);
	const char *ns;

	if (!json_is_object(object)) {
		status_bad_request(answer, "the object provided is "
				   "unrecognized (must be of type %s): "
				   "couldn't get version/kind; json parse "
				   "error: %s", kind, object ? "not an object"
				   : parse_error_text(&why));
		json_decref(object);
		return NULL;
	}
	ns = object_ns(object);
	if (strcmp(json_text(object, "kind", kind), kind))
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

/* The namespace of a new object must exist and live on. */
static int check_namespace(struct store *store,
			   const struct api_request *request,
			   const json_t *object, struct answer *answer)
{
	const struct resource *namespaces = resource_at(RESOURCE_NAMESPACES);
	json_t *ns;

	if (!request->resource->namespaced)
		return 0;
	ns = store_get(store, namespaces, "", request->ns);
	if (ns && !object_is_deleted(ns))
		return 0;
	if (!ns)
		status_not_found(answer, namespaces, request->ns);
	else
		answer_set(answer, 403, status_object(
			403, "Forbidden",
			json_pack("{s:s,s:s}", "name", object_name(object),
				  "kind", request->resource->plural),
			"%s \"%s\" is forbidden: unable to create new content "
			"in namespace %s because it is being terminated",
			request->resource->plural, object_name(object),
			request->ns));
	return -1;
}

/* Takes object. With the store locked. */
static void create(struct store *store, const struct api_request *request,
		   json_t *object, struct answer *answer)
{
	struct writer writer = { request->manager, "" };
	int bad = 0;

	if (check_namespace(store, request, object, answer) ||
	    check_schema(request, object, false, answer)) {
		json_decref(object);
		return;
	}
	if (*request->ns)
		bad |= object_set(object, "metadata/namespace",
				  json_string(request->ns));
	if (request->resource->has_status)
		json_object_del(object, "status");
	bad |= admit_defaults(request->resource, object);
	if (!*object_name(object) && json_at(object, "metadata/generateName"))
		bad |= object_set(object, "metadata/name", json_string("new"));
	if (bad) {
		json_decref(object);
		return answer_set(answer, 500, NULL);
	}
	if (admit_check(request->resource, object, NULL, answer)) {
		json_decref(object);
		return;
	}
	if (store_get(store, request->resource, request->ns,
		      object_name(object))) {
		status_exists(answer, request->resource, object_name(object));
		json_decref(object);
		return;
	}
	commit(store, request, 201,
	       write_finish_new(request->resource, object, &writer), answer);
}

void api_create(struct store *store, const struct api_request *request,
		struct answer *answer)
{
	json_t *object = parse_object(request, answer);

	if (!object)
		return;
	store_lock(store);
	create(store, request, object, answer);
	store_unlock(store);
}

void api_replace(struct store *store, const struct api_request *request,
		 struct answer *answer)
{
	json_t *object = parse_object(request, answer), *before;

	if (!object)
		return;
	store_lock(store);
	before = json_incref(store_get(store, request->resource, request->ns,
				       request->name));
	if (!before)
		status_not_found(answer, request->resource, request->name);
	else if (is_scale(request))
		change_scale(store, request, object, before, answer);
	else
		change(store, request, json_incref(object), before,
		       version_in(object), false, answer);
	store_unlock(store);
	json_decref(before);
	json_decref(object);
}

/* object with the patch applied, owned; or NULL with an answer. */
static json_t *patched(const struct api_request *request,
		       const json_t *object, const json_t *patch,
		       struct answer *answer)
{
	static int (*const appliers[])(json_t **, const json_t *,
				       const json_t *, struct error *) = {
		[API_PATCH_JSON] = patch_json,
		[API_PATCH_MERGE] = patch_merge,
		[API_PATCH_STRATEGIC] = patch_strategic,
	};
	struct error err = { 0 };
	json_t *made = NULL;
	int rc = appliers[request->patch](&made, object, patch, &err);

	if (rc == ERR_NOMEM)
		answer_set(answer, 500, NULL);
	else if (rc == ERR_INVALID && request->patch == API_PATCH_JSON)
		answer_set(answer, 422, status_object(
			422, "Invalid", json_object(),
			"the server rejected our request due to an error in "
			"our request"));
	else if (rc)
		status_bad_request(answer, "%s", err.message);
	return made;
}

/* With the store locked. */
static void patch_object(struct store *store,
			 const struct api_request *request,
			 const json_t *patch, json_t *before,
			 struct answer *answer)
{
	json_t *scale = NULL, *made;
	const char *wanted;

	if (is_scale(request))
		scale = api_scale_of(before);
	made = patched(request, scale ? scale : before, patch, answer);
	wanted = version_in(made);
	if (made && scale)
		change_scale(store, request, made, before, answer);
	else if (made)
		change(store, request, json_incref(made), before, wanted, true,
		       answer);
	json_decref(scale);
	json_decref(made);
}

void api_patch(struct store *store, const struct api_request *request,
	       struct answer *answer)
{
	json_error_t why;
	json_t *patch = parse_body(request, &why), *before;

	if (!patch)
		return status_bad_request(answer, "error decoding patch: %s",
					  parse_error_text(&why));
	store_lock(store);
	before = json_incref(store_get(store, request->resource, request->ns,
				       request->name));
	if (before)
		patch_object(store, request, patch, before, answer);
	else
		status_not_found(answer, request->resource, request->name);
	store_unlock(store);
	json_decref(before);
	json_decref(patch);
}

/* The body and the query of a deletion together. */
struct deletion {
	int64_t grace;
	bool orphan;
	const char *uid;        /* precondition, or NULL */
	const char *version;
	json_t *options;        /* owned: the above point into it */
};

static void deletion_open(struct deletion *deletion,
			  const struct api_request *request)
{
	json_error_t why;
	json_t *options = parse_body(request, &why);
	const char *propagation = json_text(options, "propagationPolicy",
					    request->propagation ?
					    request->propagation : "");

	*deletion = (struct deletion){
		.grace = json_number(options, "gracePeriodSeconds",
				     request->grace),
		.orphan = !strcmp(propagation, "Orphan") ||
			  json_flag(options, "orphanDependents", false),
		.uid = json_text(options, "preconditions/uid", NULL),
		.version = json_text(options, "preconditions/resourceVersion",
				     NULL),
		.options = options,
	};
}

static bool is_dry_run(const struct deletion *deletion,
		       const struct api_request *request)
{
	return request->dry_run ||
	       json_array_size(json_at(deletion->options, "dryRun"));
}

/* Pods and namespaces answer with themselves, the rest with a Status. */
static json_t *deletion_body(const struct resource *resource,
			     const json_t *before, json_t *after)
{
	if (resource == resource_at(RESOURCE_PODS) ||
	    resource == resource_at(RESOURCE_NAMESPACES))
		return json_incref(after ? after : (json_t *)before);
	return json_pack("{s:s,s:s,s:{},s:s,s:{s:s,s:s*,s:s,s:s}}",
			 "kind", "Status", "apiVersion", "v1", "metadata",
			 "status", "Success", "details", "name",
			 object_name(before), "group", *resource->group ?
			 resource->group : NULL, "kind", resource->plural,
			 "uid", object_uid(before));
}

/* A namespace goes when what is in it has gone: the controller removes it. */
static int doom_namespace(struct store *store, json_t *object)
{
	const struct resource *resource = resource_at(RESOURCE_NAMESPACES);
	json_t *doomed;

	if (object_is_deleted(object))
		return 0;
	doomed = write_doomed(resource, object, 0);
	if (!doomed || object_set(doomed, "status/phase",
				  json_string("Terminating"))) {
		json_decref(doomed);
		return -1;
	}
	return store_put(store, resource, doomed) ? 0 : -1;
}

/* With the store locked; object is a reference of the caller's. */
static int delete_object(struct store *store,
			 const struct resource *resource, json_t *object,
			 const struct deletion *deletion)
{
	if (deletion->orphan && write_orphan(store, object_uid(object)))
		return -1;
	if (resource == resource_at(RESOURCE_NAMESPACES))
		return doom_namespace(store, object);
	return write_delete(store, resource, object, deletion->grace);
}

/* With the store locked. */
static void delete_one(struct store *store, const struct api_request *request,
		       json_t *object, const struct deletion *deletion,
		       struct answer *answer)
{
	if (deletion->uid && strcmp(deletion->uid, object_uid(object)))
		return status_precondition(answer, request->resource,
					   request->name, deletion->uid,
					   object_uid(object));
	if (deletion->version &&
	    strcmp(deletion->version,
		   json_text(object, "metadata/resourceVersion", "")))
		return status_modified(answer, request->resource,
				       request->name);
	if (!is_dry_run(deletion, request) &&
	    delete_object(store, request->resource, object, deletion))
		return answer_set(answer, 500, NULL);
	answer_set(answer, 200, deletion_body(
		request->resource, object,
		store_get(store, request->resource, request->ns,
			  request->name)));
}

void api_delete(struct store *store, const struct api_request *request,
		struct answer *answer)
{
	struct deletion deletion;
	json_t *object;

	deletion_open(&deletion, request);
	store_lock(store);
	object = json_incref(store_get(store, request->resource, request->ns,
				       request->name));
	if (object)
		delete_one(store, request, object, &deletion, answer);
	else
		status_not_found(answer, request->resource, request->name);
	store_unlock(store);
	json_decref(object);
	json_decref(deletion.options);
}

void api_delete_all(struct store *store, const struct api_request *request,
		    struct answer *answer)
{
	struct deletion deletion;
	struct selector *selector;
	json_t *chosen = json_array(), *object;
	int bad = !chosen;
	size_t i;

	if (api_selector(&selector, request, answer)) {
		json_decref(chosen);
		return;
	}
	deletion_open(&deletion, request);
	store_lock(store);
	for (i = 0; i < store_count(store, request->resource); i++) {
		object = store_at(store, request->resource, i);
		if (api_selects(request, selector, object))
			bad |= json_array_append(chosen, object);
	}
	json_array_foreach(chosen, i, object)
		if (!bad && !is_dry_run(&deletion, request))
			bad |= delete_object(store, request->resource, object,
					     &deletion);
	store_unlock(store);
	answer_set(answer, 200, bad ? NULL : json_pack(
		"{s:s,s:s,s:{},s:s}", "kind", "Status", "apiVersion", "v1",
		"metadata", "status", "Success"));
	selector_free(selector);
	json_decref(chosen);
	json_decref(deletion.options);
}
