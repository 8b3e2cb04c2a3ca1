/* delete and deletecollection: preconditions, grace, orphans. */
#include "rehearsal/cluster/api_private.h"

#include <string.h>

#include "base/json.h"
#include "rehearsal/cluster/claim.h"
#include "rehearsal/cluster/object.h"
#include "rehearsal/cluster/resource.h"
#include "rehearsal/cluster/selector.h"
#include "rehearsal/cluster/store.h"
#include "rehearsal/cluster/write.h"

/* The body and the query of a deletion together. */
struct deletion {
	int64_t grace;
	bool orphan;
	const char *uid;        /* precondition, or NULL */
	const char *version;
	json_t *options;        /* owned: the above point into it */
};

/* 0, or -1 with an answer. */
static int deletion_open(struct deletion *deletion,
			 const struct api_request *request,
			 struct answer *answer)
{
	json_error_t why;
	json_t *options = api_parse_body(request, &why);
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
	if (json_is_object(options) || !request->body_len)
		return 0;
	status_bad_request(answer, "couldn't get version/kind; json parse "
			   "error: %s", options ? "not an object"
						: api_parse_error(&why));
	json_decref(options);
	return -1;
}

static bool is_dry_run(const struct deletion *deletion,
		       const struct api_request *request)
{
	/* of a request with a body the query is not looked at */
	return deletion->options ?
	       json_array_size(json_at(deletion->options, "dryRun")) :
	       request->dry_run;
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
	if (deletion->orphan && claim_orphan(store, object_uid(object)))
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

	if (deletion_open(&deletion, request, answer))
		return;
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

/* With the store locked; a list of what was deleted, as it was; NULL when memory
 * is out. */
static json_t *delete_selected(struct store *store,
			       const struct api_request *request,
			       const struct selector *selector,
			       const struct deletion *deletion)
{
	json_t *chosen = json_array(), *object, *list;
	int64_t version = store_version(store);
	int bad = !chosen;
	size_t i;

	for (i = 0; i < store_count(store, request->resource); i++) {
		object = store_at(store, request->resource, i);
		if (api_selects(request, selector, object))
			bad |= json_array_append(chosen, object);
	}
	json_array_foreach(chosen, i, object)
		if (!bad && !is_dry_run(deletion, request))
			bad |= delete_object(store, request->resource, object,
					     deletion);
	list = bad ? NULL : api_list_of(request->resource, chosen, version);
	json_decref(chosen);
	return list;
}

void api_delete_all(struct store *store, const struct api_request *request,
		    struct answer *answer)
{
	struct deletion deletion;
	struct selector *selector;

	if (api_selector(&selector, request, answer))
		return;
	if (!deletion_open(&deletion, request, answer)) {
		store_lock(store);
		answer_set(answer, 200, delete_selected(
			store, request, selector, &deletion));
		store_unlock(store);
		json_decref(deletion.options);
	}
	selector_free(selector);
}
