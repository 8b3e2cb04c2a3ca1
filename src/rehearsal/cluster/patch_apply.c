/*
 * Server-side apply's share of patching: what is asked for is merged in, and
 * what was asked for before, and is no more, is taken out.
 */
#include "rehearsal/cluster/patch.h"

#include <stdbool.h>
#include <string.h>

#include "base/error.h"
#include "rehearsal/cluster/shape.h"

static int merge_object(json_t *into, const json_t *from, const char *name,
			int depth, struct error *err);

static int append_copy(json_t *list, const json_t *value, struct error *err)
{
	return json_array_append_new(list, json_deep_copy(value)) ?
		error_nomem(err) : 0;
}

static int merge_elements(json_t *list, const json_t *from, const char *name,
			  const char *key, int depth, struct error *err)
{
	const json_t *element;
	int rc = 0;
	size_t i;

	json_array_foreach(from, i, element) {
		size_t at = shape_find(list, element, name, key);

		if (!json_object_get(element, key))
			return error_set(err, ERR_INVALID, NULL,
					 "%s: element %zu: associative list "
					 "with keys has an element that omits "
					 "key field \"%s\"", name, i, key);
		rc = at < json_array_size(list)
			? merge_object(json_array_get(list, at), element, name,
				       depth, err)
			: append_copy(list, element, err);
		if (rc)
			break;
	}
	return rc;
}

static int merge_words(json_t *list, const json_t *from, struct error *err)
{
	const json_t *word, *other;
	size_t i, k;

	json_array_foreach(from, i, word) {
		bool known = false;

		json_array_foreach(list, k, other)
			known |= json_equal(word, other);
		if (!known && append_copy(list, word, err))
			return err->code;
	}
	return 0;
}

/* A member that is merged with what stands there. */
static int merge_inside(json_t *there, const json_t *value,
			const char *parent, const char *member, int depth,
			struct error *err)
{
	if (json_is_object(value))
		return merge_object(there, value, member, depth + 1, err);
	if (shape_is_set(parent, member))
		return merge_words(there, value, err);
	return merge_elements(there, value, member,
			      shape_merge_key(parent, member), depth + 1, err);
}

static bool is_merged(const json_t *there, const json_t *value,
		      const char *parent, const char *member)
{
	if (json_is_object(value))
		return json_is_object(there) && !shape_is_atomic(member);
	return json_is_array(value) && json_is_array(there) &&
	       (shape_is_set(parent, member) ||
		shape_merge_key(parent, member));
}

/* name is that of the member (or list) in which into stands. */
static int merge_object(json_t *into, const json_t *from, const char *name,
			int depth, struct error *err)
{
	const char *key;
	json_t *value;
	int rc = 0;

	if (depth > PATCH_DEPTH_MAX)
		return error_set(err, ERR_LIMIT, NULL,
				 "the patch is nested too deeply");
	json_object_foreach((json_t *)from, key, value) {
		json_t *there = json_object_get(into, key);

		if (is_merged(there, value, name, key))
			rc = merge_inside(there, value, name, key, depth, err);
		else if (json_object_set_new(into, key, json_deep_copy(value)))
			rc = error_nomem(err);
		if (rc)
			break;
	}
	return rc;
}

int patch_apply(json_t **ret, const json_t *object, const json_t *config,
		struct error *err)
{
	struct error local = { 0 };
	json_t *copy = json_deep_copy(object);
	int rc;

	if (!copy)
		return error_nomem(err);
	rc = merge_object(copy, config, "", 0, err ? err : &local);
	if (rc)
		json_decref(copy);
	else
		*ret = copy;
	return rc;
}

/* --- what is asked for no more ---------------------------------------- */

static void prune_members(json_t *object, const json_t *gone,
			  const json_t *kept, const char *parent);

/* Whether gone names this element, and how. */
static const json_t *element_in(const json_t *set, const json_t *element,
				const char *list, const char *key)
{
	char name[SHAPE_NAME_MAX];

	if (key ? shape_element_name(element, list, key, name)
		: shape_word_name(element, name))
		return NULL;
	return json_object_get(set, name);
}

/* Its key stays with an element that stays. */
static void prune_element(json_t *element, const json_t *gone,
			  const json_t *kept, const char *name,
			  const char *key)
{
	json_t *value = json_incref(json_object_get(element, key));

	prune_members(element, gone, kept, name);
	if (value)
		json_object_set_new(element, key, value);
}

/* An element goes as a whole if nobody else holds any of it. */
static void prune_list(json_t *list, const json_t *gone, const json_t *kept,
		       const char *name, const char *key)
{
	for (size_t i = json_array_size(list); i-- > 0;) {
		json_t *element = json_array_get(list, i);
		const json_t *lost = element_in(gone, element, name, key);
		const json_t *held = element_in(kept, element, name, key);

		if (!lost)
			continue;
		if (!held && (!key || json_object_get(lost, ".")))
			json_array_remove(list, i);
		else if (key)
			prune_element(element, lost, held, name, key);
	}
}

static void prune_member(json_t *object, const char *member,
			 const json_t *gone, const json_t *kept,
			 const char *parent)
{
	json_t *value = json_object_get(object, member);
	bool empty;

	if (!value || (kept && !json_object_size(gone)))
		return;
	if (!json_object_size(gone)) {
		json_object_del(object, member);
		return;
	}
	if (json_is_array(value))
		prune_list(value, gone, kept, member,
			   shape_merge_key(parent, member));
	else
		prune_members(value, gone, kept, member);
	empty = json_is_array(value) ? !json_array_size(value)
				     : !json_object_size(value);
	if (empty && !kept)
		json_object_del(object, member);
}

static void prune_members(json_t *object, const json_t *gone,
			  const json_t *kept, const char *parent)
{
	const char *name;
	json_t *below;

	json_object_foreach((json_t *)gone, name, below)
		if (*name == 'f')
			prune_member(object, name + 2, below,
				     json_object_get(kept, name), parent);
}

void patch_prune(json_t *object, const json_t *gone, const json_t *kept)
{
	prune_members(object, gone, kept, "");
}
