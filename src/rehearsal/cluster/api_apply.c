/* Server-side apply: who applies says what he wants and is held to have set it;
 * where it stands otherwise by somebody else's hand, he must insist. */
#include "rehearsal/cluster/api_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/json.h"
#include "rehearsal/cluster/admit.h"
#include "rehearsal/cluster/fields.h"
#include "rehearsal/cluster/fields_set.h"
#include "rehearsal/cluster/object.h"
#include "rehearsal/cluster/patch.h"
#include "rehearsal/cluster/resource.h"
#include "rehearsal/cluster/store.h"
#include "rehearsal/cluster/write.h"

#define MESSAGE_MAX (64u << 10)

int api_patch_options(const struct api_request *request,
		      struct answer *answer)
{
	static const struct {
		const char *field, *reason, *why;
	} faults[] = {
		{ "fieldManager", "FieldValueRequired",
		  "Required value: is required for apply patch" },
		{ "force", "FieldValueForbidden",
		  "Forbidden: may not be specified for non-apply patch" },
	};
	bool apply = request->patch == API_PATCH_APPLY;
	size_t at = apply ? 0 : 1;

	if (apply ? request->manager_given : !request->force)
		return 0;
	answer_set(answer, 422, status_object(
		422, "Invalid",
		json_pack("{s:s,s:s,s:[{s:s,s:s,s:s}]}", "group",
			  "meta.k8s.io", "kind", "PatchOptions", "causes",
			  "reason", faults[at].reason, "message",
			  faults[at].why, "field", faults[at].field),
		"PatchOptions.meta.k8s.io \"\" is invalid: %s: %s",
		faults[at].field, faults[at].why));
	return -1;
}

/* --- what is asked for ------------------------------------------------ */

/* 0, or -1 with an answer. */
static int check_config(const struct api_request *request,
			const json_t *config, struct answer *answer)
{
	const char *version = json_text(config, "apiVersion", "");
	const char *kind = json_text(config, "kind", "");
	const char *name = object_name(config), *ns = object_ns(config);
	char expected[RESOURCE_TEXT_MAX];

	resource_api_version(request->resource, expected);
	if (strcmp(version, expected))
		status_bad_request(answer, "Incorrect version specified in "
				   "apply patch. Specified patch version: %s, "
				   "expected: %s", version, expected);
	else if (strcmp(kind, request->resource->kind))
		status_bad_request(answer, "invalid object type: %s, Kind=%s",
				   version, kind);
	else if (json_at(config, "metadata/managedFields"))
		status_bad_request(answer, "metadata.managedFields must be "
				   "nil");
	else if (*ns && strcmp(ns, request->ns))
		status_bad_request(answer, "the namespace of the provided "
				   "object does not match the namespace sent "
				   "on the request");
	else if (*name && strcmp(name, request->name))
		status_bad_request(answer, "the name of the object (%s) does "
				   "not match the name on the URL (%s)", name,
				   request->name);
	else
		return 0;
	return -1;
}

/* A field that the API does not know, or of the wrong type, is no 4xx on a real
 * server either. */
static int check_types(const struct api_request *request, json_t *config,
		       struct answer *answer)
{
	char version[RESOURCE_TEXT_MAX];
	char *why = admit_typed(request->resource, config);

	if (!why)
		return 0;
	resource_api_version(request->resource, version);
	answer_set(answer, 500, status_object(
		500, NULL, NULL, "failed to create typed patch object "
		"(%s%s%s; %s%s, Kind=%s): %s", request->ns,
		*request->ns ? "/" : "", request->name,
		*request->resource->group ? "" : "/", version,
		request->resource->kind, why));
	free(why);
	return -1;
}

/* What does not belong to the subresource is not asked for. */
static void keep_own_half(const struct api_request *request, json_t *config)
{
	bool status = !strcmp(request->subresource, "status");

	if (status)
		json_object_del(config, "spec");
	else if (request->resource->has_status)
		json_object_del(config, "status");
}

/* Owned; or NULL with an answer. */
static json_t *parse_config(const struct api_request *request,
			    struct answer *answer)
{
	json_error_t why;
	json_t *config = api_parse_body(request, &why);

	if (!json_is_object(config)) {
		status_bad_request(answer, "error decoding YAML: %s",
				   config ? "not an object"
					  : api_parse_error(&why));
		json_decref(config);
		return NULL;
	}
	object_strip_nulls(config);
	if (check_config(request, config, answer) ||
	    check_types(request, config, answer)) {
		json_decref(config);
		return NULL;
	}
	keep_own_half(request, config);
	return config;
}

/* --- conflicts -------------------------------------------------------- */

/* The fields below one another, each manager's under his name. */
static void list_conflicts(struct buf *text, const json_t *conflicts)
{
	const char *last = "";
	const json_t *conflict;
	size_t i;

	buf_printf(text, "Apply failed with %zu conflicts:",
		   json_array_size(conflicts));
	json_array_foreach(conflicts, i, conflict) {
		const char *manager = json_text(conflict, "manager", "");

		if (strcmp(manager, last))
			buf_printf(text, "%sconflicts with %s:", i ? "\n" : " ",
				   manager);
		buf_printf(text, "\n- %s", json_text(conflict, "field", ""));
		last = manager;
	}
}

static json_t *conflict_causes(const json_t *conflicts)
{
	json_t *causes = json_array();
	const json_t *conflict;
	int bad = !causes;
	size_t i;

	json_array_foreach(conflicts, i, conflict)
		bad |= json_array_append_new(causes, json_pack(
			"{s:s,s:o,s:s}", "reason", "FieldManagerConflict",
			"message", json_sprintf(
				"conflict with %s",
				json_text(conflict, "manager", "")),
			"field", json_text(conflict, "field", "")));
	if (!bad)
		return causes;
	json_decref(causes);
	return NULL;
}

static void refuse_conflicts(const json_t *conflicts, struct answer *answer)
{
	struct buf text;

	buf_init(&text, MESSAGE_MAX);
	if (json_array_size(conflicts) == 1)
		buf_printf(&text, "Apply failed with 1 conflict: conflict "
			   "with %s: %s", json_text(conflicts, "0/manager", ""),
			   json_text(conflicts, "0/field", ""));
	else
		list_conflicts(&text, conflicts);
	answer_set(answer, 409, buf_error(&text) ? NULL : status_object(
		409, "Conflict",
		json_pack("{s:o}", "causes", conflict_causes(conflicts)),
		"%s", text.data));
	buf_release(&text);
}

/* What would change against somebody else's will. 0, or -1 with an answer. */
static int check_conflicts(const json_t *made, const json_t *before,
			   const struct writer *writer, struct answer *answer)
{
	json_t *changed = fields_changed(made, before);
	json_t *conflicts = changed ? fields_conflicts(before, changed, writer)
				    : NULL;
	int rc = -1;

	if (!conflicts)
		answer_set(answer, 500, NULL);
	else if (json_array_size(conflicts))
		refuse_conflicts(conflicts, answer);
	else
		rc = 0;
	json_decref(conflicts);
	json_decref(changed);
	return rc;
}

/* --- applying --------------------------------------------------------- */

/* Takes out what the writer asked for before and asks for no more. */
static int prune(json_t *made, const json_t *before,
		 const struct writer *writer)
{
	json_t *gone = json_deep_copy(fields_held(before, writer)), *others;

	if (!gone)
		return 0;
	fields_subtract(gone, writer->applied);
	others = fields_of_others(before, writer);
	if (others)
		patch_prune(made, gone, others);
	json_decref(gone);
	json_decref(others);
	return others ? 0 : -1;
}

/* With the store locked. */
static void apply_to(struct store *store, const struct api_request *request,
		     const json_t *config, const struct writer *writer,
		     json_t *before, struct answer *answer)
{
	struct api_change change = {
		.before = before, .patched = true,
		.wanted = api_version_in(config), .applied = writer->applied,
	};
	struct error err = { 0 };
	int rc = patch_apply(&change.object, before, config, &err);

	if (rc && rc != ERR_NOMEM)
		return status_bad_request(answer, "%s", err.message);
	if (rc)
		return answer_set(answer, 500, NULL);
	if (!request->force &&
	    check_conflicts(change.object, before, writer, answer)) {
		json_decref(change.object);
		return;
	}
	if (prune(change.object, before, writer)) {
		json_decref(change.object);
		return answer_set(answer, 500, NULL);
	}
	api_change(store, request, &change, answer);
}

/* With the store locked. */
static void apply_new(struct store *store, const struct api_request *request,
		      const json_t *config, const struct writer *writer,
		      struct answer *answer)
{
	const char *uid = object_uid(config);
	json_t *object = json_deep_copy(config);

	if (*request->subresource)
		status_not_found(answer, request->resource, request->name);
	else if (*uid)
		answer_set(answer, 409, status_object(
			409, "Conflict", json_object(),
			"uid mismatch: the provided object specified uid %s, "
			"and no existing object was found", uid));
	else if (object_set(object, "metadata/name",
			    json_string(request->name)))
		answer_set(answer, 500, NULL);
	else
		return api_add(store, request, object, writer->applied,
			       answer);
	json_decref(object);
}

void api_apply(struct store *store, const struct api_request *request,
	       struct answer *answer)
{
	json_t *config = parse_config(request, answer), *before, *applied;
	struct writer writer = { .manager = request->manager,
				 .subresource = request->subresource };

	if (!config)
		return;
	writer.applied = applied = fields_applied(config);
	store_lock(store);
	before = json_incref(store_get(store, request->resource, request->ns,
				       request->name));
	if (!applied)
		answer_set(answer, 500, NULL);
	else if (before)
		apply_to(store, request, config, &writer, before, answer);
	else
		apply_new(store, request, config, &writer, answer);
	store_unlock(store);
	json_decref(before);
	json_decref(applied);
	json_decref(config);
}
