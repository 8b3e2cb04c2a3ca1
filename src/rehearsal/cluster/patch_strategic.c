/*
 * Strategic merge patch: like a merge patch, but the lists that have a merge
 * key are merged element by element.
 */
#include "rehearsal/cluster/patch.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "rehearsal/cluster/shape.h"

#define KEY_TEXT_MAX 320

static int merge_object(json_t *into, const json_t *patch, const char *name,
			int depth, struct error *err);

/* A string or integer as text, so that keys of both kinds compare. */
static bool key_text(const json_t *element, const char *key,
		     char dst[KEY_TEXT_MAX])
{
	const json_t *value = json_object_get(element, key);

	if (json_is_string(value))
		snprintf(dst, KEY_TEXT_MAX, "%s", json_string_value(value));
	else if (json_is_integer(value))
		snprintf(dst, KEY_TEXT_MAX, "%" JSON_INTEGER_FORMAT,
			 json_integer_value(value));
	return json_is_string(value) || json_is_integer(value);
}

/* The index of the element whose key is text; the size if there is none. */
static size_t find_element(const json_t *list, const char *key,
			   const char *text)
{
	char other[KEY_TEXT_MAX];
	const json_t *element;
	size_t i;

	json_array_foreach(list, i, element)
		if (key_text(element, key, other) && !strcmp(other, text))
			break;
	return i;
}

static bool directive(const json_t *patch, const char *word)
{
	return !strcmp(json_text(patch, "$patch", ""), word);
}

/* A copy of an object from a patch in which no directive is left. */
static json_t *fresh(const json_t *patch, const char *name, int depth,
		     struct error *err)
{
	json_t *made = json_object();

	if (!made) {
		error_nomem(err);
		return NULL;
	}
	if (merge_object(made, patch, name, depth, err)) {
		json_decref(made);
		return NULL;
	}
	return made;
}

static int merge_element(json_t *list, const json_t *element, const char *key,
			 const char *name, int depth, struct error *err)
{
	char text[KEY_TEXT_MAX];
	json_t *made;
	size_t at;

	if (!key_text(element, key, text))
		return error_set(err, ERR_INVALID, NULL,
				 "map: %s does not contain declared merge key: "
				 "%s", name, key);
	at = find_element(list, key, text);
	if (directive(element, "delete")) {
		if (at < json_array_size(list))
			json_array_remove(list, at);
		return 0;
	}
	if (at < json_array_size(list) && !directive(element, "replace"))
		return merge_object(json_array_get(list, at), element, name,
				    depth, err);
	made = fresh(element, name, depth, err);
	if (!made)
		return err->code;
	if (at < json_array_size(list) ? json_array_set_new(list, at, made)
				       : json_array_append_new(list, made))
		return error_nomem(err);
	return 0;
}

/* `{"$patch": "replace"}` in a list: the rest of it is the new list. */
static bool list_is_replaced(const json_t *patch)
{
	const json_t *element;
	size_t i;

	json_array_foreach(patch, i, element)
		if (directive(element, "replace") &&
		    json_object_size(element) == 1)
			return true;
	return false;
}

static int merge_list(json_t *list, const json_t *patch, const char *key,
		      const char *name, int depth, struct error *err)
{
	const json_t *element;
	size_t i;

	if (list_is_replaced(patch))
		json_array_clear(list);
	json_array_foreach(patch, i, element) {
		int rc = 0;

		if (!directive(element, "replace") ||
		    json_object_size(element) > 1)
			rc = merge_element(list, element, key, name, depth,
					   err);
		if (rc)
			return rc;
	}
	return 0;
}

/* "$deleteFromPrimitiveList/NAME" */
static void delete_primitives(json_t *list, const json_t *values)
{
	const json_t *value;
	size_t i;

	json_array_foreach(values, i, value)
		for (size_t at = json_array_size(list); at-- > 0;)
			if (json_equal(json_array_get(list, at), value))
				json_array_remove(list, at);
}

/* "$retainKeys": members not named go. */
static void retain_keys(json_t *into, const json_t *names)
{
	const char *key;
	json_t *value;
	void *next;

	json_object_foreach_safe(into, next, key, value) {
		const json_t *name;
		bool kept = false;
		size_t i;

		json_array_foreach(names, i, name)
			kept |= !strcmp(json_text(name, "", ""), key);
		if (!kept)
			json_object_del(into, key);
	}
}

static const char delete_list[] = "$deleteFromPrimitiveList/";

static void obey_directive(json_t *into, const char *key, const json_t *value)
{
	size_t prefix = sizeof(delete_list) - 1;

	if (!strncmp(key, delete_list, prefix))
		delete_primitives(json_object_get(into, key + prefix), value);
	else if (!strcmp(key, "$retainKeys"))
		retain_keys(into, value);
}

/* The member key of into as a container of the wanted kind, made if absent. */
static json_t *container(json_t *into, const char *key, bool list)
{
	json_t *target = json_object_get(into, key);

	if (list ? json_is_array(target) : json_is_object(target))
		return target;
	if (json_object_set_new(into, key, list ? json_array()
						: json_object()))
		return NULL;
	return json_object_get(into, key);
}

static int merge_member(json_t *into, const char *parent, const char *key,
			const json_t *value, int depth, struct error *err)
{
	const char *merge_key = shape_merge_key(parent, key);
	bool list = json_is_array(value) && merge_key;
	json_t *target;

	if (!list && !json_is_object(value)) {
		if (json_object_set_new(into, key, json_deep_copy(value)))
			return error_nomem(err);
		return 0;
	}
	if (json_is_object(value) && directive(value, "replace"))
		json_object_del(into, key);
	if (json_is_object(value) && directive(value, "delete"))
		return json_object_del(into, key), 0;
	target = container(into, key, list);
	if (!target)
		return error_nomem(err);
	return list ? merge_list(target, value, merge_key, key, depth + 1, err)
		    : merge_object(target, value, key, depth + 1, err);
}

/* name is that of the member (or list) in which into stands. */
static int merge_object(json_t *into, const json_t *patch, const char *name,
			int depth, struct error *err)
{
	const char *key;
	json_t *value;

	if (depth > PATCH_DEPTH_MAX)
		return error_set(err, ERR_LIMIT, NULL,
				 "the patch is nested too deeply");
	json_object_foreach((json_t *)patch, key, value) {
		int rc = 0;

		if (*key == '$')
			obey_directive(into, key, value);
		else if (json_is_null(value))
			json_object_del(into, key);
		else
			rc = merge_member(into, name, key, value, depth, err);
		if (rc)
			return rc;
	}
	return 0;
}

int patch_strategic(json_t **ret, const json_t *object, const json_t *patch,
		    struct error *err)
{
	struct error local = { 0 };
	json_t *copy;
	int rc;

	if (!json_is_object(patch))
		return error_set(err, ERR_INVALID, NULL,
				 "a strategic merge patch is an object");
	copy = json_deep_copy(object);
	if (!copy)
		return error_nomem(err);
	rc = merge_object(copy, patch, "", 0, err ? err : &local);
	if (rc)
		json_decref(copy);
	else
		*ret = copy;
	return rc;
}
