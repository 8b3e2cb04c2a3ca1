/*
 * create, replace and patch. A change goes through the same steps
 * whatever it came from: parse, make the new object, schema, defaults, checks,
 * finish, store (unless it is a dry run).
 */
#include "rehearsal/cluster/api_private.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "rehearsal/cluster/admit.h"
#include "rehearsal/cluster/object.h"
#include "rehearsal/cluster/patch.h"
#include "rehearsal/cluster/resource.h"
#include "rehearsal/cluster/store.h"
#include "rehearsal/cluster/write.h"

static bool is_scale(const struct api_request *request)
{
	return !strcmp(request->subresource, "scale");
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

/* A client writes null for what it left empty, at any depth; in a status null
 * stands for a time that there was not. */
static void drop_nulls(json_t *object)
{
	const char *key;
	json_t *value;
	void *next;

	json_object_foreach_safe(object, next, key, value) {
		if (json_is_null(value))
			json_object_del(object, key);
		else if (strcmp(key, "status"))
			object_strip_nulls(value);
	}
}

void api_change(struct store *store, const struct api_request *request,
		const struct api_change *change, struct answer *answer)
{
	struct writer writer = { request->manager, request->subresource,
				 change->applied };
	json_t *object = change->object, *before = change->before;
	const char *version = json_text(before, "metadata/resourceVersion",
					"");

	if (change->wanted && strcmp(change->wanted, version)) {
		status_modified(answer, request->resource, request->name);
		json_decref(object);
		return;
	}
	drop_nulls(object);
	if ((change->patched && api_check_identity(request, object, answer)) ||
	    api_check_schema(request, object, change->patched, answer)) {
		json_decref(object);
		return;
	}
	if (keep_other_half(request, object, before) ||
	    admit_keep(request->resource, object, before) ||
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

const char *api_version_in(const json_t *object)
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
	struct api_change change = { .object = json_deep_copy(before),
				     .before = before,
				     .wanted = api_version_in(scale) };
	json_t *body;

	if (!replicas)
		json_object_del(json_object_get(change.object, "spec"),
				"replicas");
	else if (object_set(change.object, "spec/replicas",
			    json_incref(replicas))) {
		json_decref(change.object);
		return answer_set(answer, 500, NULL);
	}
	api_change(store, request, &change, answer);
	if (answer->code != 200)
		return;
	body = api_scale_of(answer->body);
	answer_set(answer, 200, body);
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

void api_add(struct store *store, const struct api_request *request,
	     json_t *object, const json_t *applied, struct answer *answer)
{
	struct writer writer = { request->manager, "", applied };
	int bad = 0;

	if (check_namespace(store, request, object, answer) ||
	    api_check_schema(request, object, false, answer)) {
		json_decref(object);
		return;
	}
	if (*request->ns)
		bad |= object_set(object, "metadata/namespace",
				  json_string(request->ns));
	if (request->resource->has_status)
		json_object_del(object, "status");
	bad |= admit_defaults(request->resource, object);
	bad |= write_generate_name(store, request->resource, object);
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
	json_t *object = api_parse_object(request, answer);

	if (!object)
		return;
	if (object_version(object)) {
		answer_set(answer, 500, status_object(
			500, NULL, NULL, "resourceVersion should not be set "
			"on objects to be created"));
		json_decref(object);
		return;
	}
	store_lock(store);
	api_add(store, request, object, NULL, answer);
	store_unlock(store);
}

/* Whether object may take the place of before (NULL: there is none), or -1 with
 * an answer: it is the same one, and of a Lease the newest. */
static int check_replacement(const struct api_request *request,
			     const json_t *object, const json_t *before,
			     struct answer *answer)
{
	const char *uid = object_uid(object);

	if (*uid && strcmp(uid, object_uid(before)))
		status_other_uid(answer, request->resource, request->ns,
				 request->name, uid, object_uid(before));
	else if (!before)
		status_not_found(answer, request->resource, request->name);
	else if (request->resource == resource_at(RESOURCE_LEASES) &&
		 !api_version_in(object))
		status_unversioned(answer, request->resource, request->name);
	else
		return 0;
	return -1;
}

void api_replace(struct store *store, const struct api_request *request,
		 struct answer *answer)
{
	json_t *object = api_parse_object(request, answer), *before;
	struct api_change change = { .object = object,
				     .wanted = api_version_in(object) };

	if (!object)
		return;
	store_lock(store);
	before = json_incref(store_get(store, request->resource, request->ns,
				       request->name));
	change.before = before;
	if (check_replacement(request, object, before, answer))
		;
	else if (is_scale(request))
		change_scale(store, request, object, before, answer);
	else {
		json_incref(object);
		api_change(store, request, &change, answer);
	}
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
	else if (rc == ERR_LIMIT && request->patch == API_PATCH_JSON)
		status_too_large(answer, err.message);
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
	struct api_change change = { .before = before, .patched = true };
	json_t *scale = NULL, *made;

	if (is_scale(request))
		scale = api_scale_of(before);
	made = patched(request, scale ? scale : before, patch, answer);
	if (made && scale) {
		change_scale(store, request, made, before, answer);
	} else if (made) {
		change.object = json_incref(made);
		change.wanted = api_version_in(made);
		api_change(store, request, &change, answer);
	}
	json_decref(scale);
	json_decref(made);
}

void api_patch(struct store *store, const struct api_request *request,
	       struct answer *answer)
{
	json_error_t why;
	json_t *patch, *before;

	if (api_patch_options(request, answer))
		return;
	if (request->patch == API_PATCH_APPLY)
		return api_apply(store, request, answer);
	patch = api_parse_body(request, &why);
	if (!patch)
		return status_bad_request(answer, "error decoding patch: %s",
					  api_parse_error(&why));
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
