/*
 * See patch.h. json_pack's "o" steals its argument and yields NULL for a NULL
 * one, so a failed part makes the whole NULL without a leak. (Not its "s*": that
 * leaves a string out when there is no memory for it.)
 */
#include "kube/patch.h"

#include "base/buf.h"

#define PATCH_POINTER_MAX 1024

static json_t *patch_map(const struct kube_changes *changes)
{
	json_t *map = json_object();

	for (size_t i = 0; map && i < changes->count; i++) {
		const struct kube_change *one = &changes->list[i];
		json_t *value = one->value ? json_string(one->value) :
			json_null();

		if (json_object_set_new(map, one->key, value)) {
			json_decref(map);
			return NULL;
		}
	}
	return map;
}

/* {"metadata": {"resourceVersion": …}, KEY: value}; takes value. */
static json_t *patch_whole(const char *resource_version, const char *key,
			   json_t *value)
{
	if (resource_version)
		return json_pack("{s:{s:s}, s:o}", "metadata",
				 "resourceVersion", resource_version, key,
				 value);
	return json_pack("{s:o}", key, value);
}

static json_t *patch_env(const struct kube_changes *env)
{
	json_t *array = json_array();

	for (size_t i = 0; array && i < env->count; i++) {
		const struct kube_change *one = &env->list[i];
		json_t *item = one->value ?
			json_pack("{s:s, s:s}", "name", one->key,
				  "value", one->value) :
			json_pack("{s:s, s:s}", "$patch", "delete",
				  "name", one->key);

		if (json_array_append_new(array, item)) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

json_t *kube_patch_template(const struct kube_template_patch *patch)
{
	json_t *template = json_object();
	int failed = !template;

	if (!failed && patch->labels.count)
		failed = json_object_set_new(template, "metadata",
			json_pack("{s:o}", "labels",
				  patch_map(&patch->labels)));
	if (!failed && patch->env.count)
		failed = json_object_set_new(template, "spec",
			json_pack("{s:[{s:s, s:o}]}", "containers",
				  "name", patch->container,
				  "env", patch_env(&patch->env)));
	if (failed) {
		json_decref(template);
		return NULL;
	}
	return patch_whole(patch->resource_version, "spec",
			   json_pack("{s:o}", "template", template));
}

/* Appends {"op", "path": "/spec/selector/KEY", "value"}; 0 or -1. */
static int patch_op(json_t *array, const char *op, const char *key,
		    const char *value)
{
	struct buf path;
	json_t *item = NULL;

	buf_init(&path, PATCH_POINTER_MAX);
	buf_puts(&path, "/spec/selector/");
	for (const char *s = key; *s; s++) {    /* RFC 6901 */
		if (*s == '~')
			buf_puts(&path, "~0");
		else if (*s == '/')
			buf_puts(&path, "~1");
		else
			buf_append(&path, s, 1);
	}
	if (!buf_error(&path) && value)
		item = json_pack("{s:s, s:s, s:s}", "op", op, "path",
				 path.data, "value", value);
	else if (!buf_error(&path))
		item = json_pack("{s:s, s:s}", "op", op, "path", path.data);
	buf_release(&path);
	return json_array_append_new(array, item);
}

json_t *kube_patch_selector(const struct kube_labels *current,
			    const struct kube_changes *changes)
{
	json_t *array = json_array();
	int failed = !array;

	for (size_t i = 0; !failed && i < changes->count; i++) {
		const struct kube_change *one = &changes->list[i];
		const char *now = kube_labels_get(current, one->key);

		if (now)
			failed = patch_op(array, "test", one->key, now);
		if (!failed && one->value)
			failed = patch_op(array, now ? "replace" : "add",
					  one->key, one->value);
		else if (!failed && now)
			failed = patch_op(array, "remove", one->key, NULL);
	}
	if (failed) {
		json_decref(array);
		return NULL;
	}
	return array;
}

void kube_patch_selector_undo(const struct kube_labels *current,
			      const struct kube_changes *changes,
			      struct kube_change *undo)
{
	for (size_t i = 0; i < changes->count; i++) {
		undo[i].key = changes->list[i].key;
		undo[i].value = kube_labels_get(current, undo[i].key);
	}
}

json_t *kube_patch_selector_merge(const char *resource_version,
				  const struct kube_changes *changes)
{
	return patch_whole(resource_version, "spec",
			   json_pack("{s:o}", "selector", patch_map(changes)));
}

json_t *kube_patch_data(const char *resource_version,
			const struct kube_changes *changes)
{
	return patch_whole(resource_version, "data", patch_map(changes));
}

json_t *kube_patch_scale(const char *resource_version, int64_t replicas)
{
	return patch_whole(resource_version, "spec",
			   json_pack("{s:I}", "replicas",
				     (json_int_t)replicas));
}

json_t *kube_delete_options(const char *uid, const char *resource_version)
{
	json_t *preconditions = json_object();

	if (!preconditions)
		return NULL;
	if ((uid && json_object_set_new(preconditions, "uid",
					json_string(uid))) ||
	    (resource_version &&
	     json_object_set_new(preconditions, "resourceVersion",
				 json_string(resource_version)))) {
		json_decref(preconditions);
		return NULL;
	}
	return json_pack("{s:s, s:s, s:o}", "kind", "DeleteOptions",
			 "apiVersion", "v1", "preconditions", preconditions);
}

json_t *kube_access_review(const char *namespace_, const char *verb,
			   const char *group, const char *resource,
			   const char *sub, const char *name)
{
	const struct kube_change parts[] = {
		{"namespace", namespace_}, {"verb", verb}, {"group", group},
		{"resource", resource}, {"subresource", sub}, {"name", name},
	};
	json_t *attributes = json_object();
	int failed = !attributes;

	for (size_t i = 0; !failed && i < sizeof(parts) / sizeof(parts[0]); i++)
		if (parts[i].value)
			failed = json_object_set_new(attributes, parts[i].key,
					json_string(parts[i].value));
	if (failed) {
		json_decref(attributes);
		return NULL;
	}
	return json_pack("{s:s, s:s, s:{s:o}}", "kind",
			 "SelfSubjectAccessReview", "apiVersion",
			 "authorization.k8s.io/v1", "spec",
			 "resourceAttributes", attributes);
}
