/* JSON merge patch: objects are merged member by member, null deletes, and
 * anything else replaces. */
#include "rehearsal/cluster/patch.h"

#include "base/error.h"

static int merge(json_t *into, const json_t *patch, int depth,
		 struct error *err);

/* One member of patch, which is not null. */
static int merge_member(json_t *into, const char *key, const json_t *value,
			int depth, struct error *err)
{
	json_t *target = json_object_get(into, key);

	if (!json_is_object(value)) {
		if (json_object_set_new(into, key, json_deep_copy(value)))
			return error_nomem(err);
		return 0;
	}
	if (!json_is_object(target)) {
		if (json_object_set_new(into, key, json_object()))
			return error_nomem(err);
		target = json_object_get(into, key);
	}
	return merge(target, value, depth + 1, err);
}

/* into is changed in place. */
static int merge(json_t *into, const json_t *patch, int depth,
		 struct error *err)
{
	const char *key;
	json_t *value;

	if (depth > PATCH_DEPTH_MAX)
		return error_set(err, ERR_LIMIT, NULL,
				 "the patch is nested too deeply");
	json_object_foreach((json_t *)patch, key, value) {
		int rc = 0;

		if (json_is_null(value))
			json_object_del(into, key);
		else
			rc = merge_member(into, key, value, depth, err);
		if (rc)
			return rc;
	}
	return 0;
}

int patch_merge(json_t **ret, const json_t *object, const json_t *patch,
		struct error *err)
{
	json_t *copy;
	int rc;

	if (!json_is_object(patch))
		return error_set(err, ERR_INVALID, NULL,
				 "a merge patch is an object");
	copy = json_deep_copy(object);
	if (!copy)
		return error_nomem(err);
	rc = merge(copy, patch, 0, err);
	if (rc)
		json_decref(copy);
	else
		*ret = copy;
	return rc;
}
