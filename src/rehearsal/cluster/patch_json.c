/*
 * JSON patch. Each operation works on one deep copy of the object; the first
 * that fails ends it, and the copy is thrown away.
 */
#include "rehearsal/cluster/patch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"

#define TOKEN_MAX 512

/* Where a pointer leads: the container and the last token in it. */
struct place {
	json_t *parent;
	char token[TOKEN_MAX];
};

/* Takes "/token" off *pointer, with ~1 and ~0 undone; false if it is none. */
static bool next_token(const char **pointer, char dst[TOKEN_MAX])
{
	const char *s = *pointer;
	size_t len = 0;

	if (*s++ != '/')
		return false;
	while (*s && *s != '/') {
		char c = *s++;

		if (c == '~' && *s == '1')
			c = '/', s++;
		else if (c == '~' && *s == '0')
			s++;
		if (len + 1 == TOKEN_MAX)
			return false;
		dst[len++] = c;
	}
	dst[len] = '\0';
	*pointer = s;
	return true;
}

static json_t *child(const json_t *parent, const char *token)
{
	int64_t index;

	if (!json_is_array(parent))
		return json_object_get(parent, token);
	if (text_parse_int(token, 0, INT32_MAX, &index))
		return NULL;
	return json_array_get(parent, (size_t)index);
}

static int find_place(json_t *root, const char *pointer, struct place *place,
		      struct error *err)
{
	const char *at = pointer;
	int depth = 0;

	place->parent = root;
	if (!next_token(&at, place->token))
		return error_set(err, ERR_INVALID, NULL,
				 "invalid path '%s'", pointer);
	while (*at) {
		place->parent = child(place->parent, place->token);
		if (!place->parent || depth++ == PATCH_DEPTH_MAX ||
		    !next_token(&at, place->token))
			return error_set(err, ERR_INVALID, NULL,
					 "no such path: '%s'", pointer);
	}
	return 0;
}

static int missing(const char *op, const struct place *place,
		   struct error *err)
{
	return error_set(err, ERR_INVALID, NULL,
			 "%s operation does not apply: doc is missing key: %s",
			 op, place->token);
}

/* Takes value. */
static int add_at(const struct place *place, json_t *value, struct error *err)
{
	int64_t index = 0;
	size_t size = json_array_size(place->parent);
	int rc;

	if (!value)
		return error_nomem(err);
	if (json_is_object(place->parent))
		rc = json_object_set_new(place->parent, place->token, value);
	else if (!strcmp(place->token, "-"))
		rc = json_array_append_new(place->parent, value);
	else if (!text_parse_int(place->token, 0, (int64_t)size, &index))
		rc = json_array_insert_new(place->parent, (size_t)index, value);
	else {
		json_decref(value);
		return missing("add", place, err);
	}
	return rc ? error_nomem(err) : 0;
}

static int remove_at(const struct place *place, struct error *err)
{
	int64_t index;
	int rc = -1;

	if (json_is_object(place->parent))
		rc = json_object_del(place->parent, place->token);
	else if (!text_parse_int(place->token, 0, INT32_MAX, &index))
		rc = json_array_remove(place->parent, (size_t)index);
	return rc ? missing("remove", place, err) : 0;
}

static int replace_at(const struct place *place, const json_t *value,
		      struct error *err)
{
	json_t *copy = json_deep_copy(value);
	int64_t index;
	int rc;

	if (!copy)
		return error_nomem(err);
	if (!child(place->parent, place->token)) {
		json_decref(copy);
		return missing("replace", place, err);
	}
	if (json_is_object(place->parent))
		rc = json_object_set_new(place->parent, place->token, copy);
	else
		rc = text_parse_int(place->token, 0, INT32_MAX, &index) ||
		     json_array_set_new(place->parent, (size_t)index, copy);
	return rc ? error_nomem(err) : 0;
}

static int test_at(const struct place *place, const json_t *value,
		   struct error *err)
{
	const json_t *found = child(place->parent, place->token);

	if (json_equal(found, value) || (!found && json_is_null(value)))
		return 0;
	return error_set(err, ERR_INVALID, NULL,
			 "testing path %s: value differs", place->token);
}

static bool is_deep(const json_t *value, int depth)
{
	const char *key;
	json_t *inner;
	size_t i;

	if (depth == PATCH_DEPTH_MAX)
		return true;
	json_object_foreach((json_t *)value, key, inner)
		if (is_deep(inner, depth + 1))
			return true;
	json_array_foreach(value, i, inner)
		if (is_deep(inner, depth + 1))
			return true;
	return false;
}

/* What operations of one patch copy may double each time: there is a limit to
 * all of it together (*copied). */
static int check_copy(const json_t *value, size_t *copied, struct error *err)
{
	if (is_deep(value, 0))
		return error_set(err, ERR_INVALID, NULL,
				 "what is copied is nested too deeply");
	*copied += json_dumpb(value, NULL, 0, JSON_COMPACT | JSON_ENCODE_ANY);
	if (*copied > PATCH_COPY_MAX)
		return error_set(err, ERR_INVALID, NULL,
				 "Unable to complete the copy, the "
				 "accumulated size increase of copy is %zu, "
				 "exceeding the limit %u", *copied,
				 PATCH_COPY_MAX);
	return 0;
}

/* move and copy. The place to go to is looked for when the value has left its
 * own: it may have lain in there, or behind it. */
static int transfer(json_t *root, const json_t *operation, const char *path,
		    size_t *copied, struct error *err)
{
	bool move = !strcmp(json_text(operation, "op", ""), "move");
	struct place from, to;
	json_t *value;
	int rc = find_place(root, json_text(operation, "from", ""), &from,
			    err);

	if (rc)
		return rc;
	value = child(from.parent, from.token);
	if (!value)
		return missing(move ? "move" : "copy", &from, err);
	if (!move && check_copy(value, copied, err))
		return ERR_INVALID;
	value = move ? json_incref(value) : json_deep_copy(value);
	if (move)
		rc = remove_at(&from, err);
	if (!rc)
		rc = find_place(root, path, &to, err);
	if (rc) {
		json_decref(value);
		return rc;
	}
	return add_at(&to, value, err);
}

static int apply(json_t *root, const json_t *operation, size_t *copied,
		 struct error *err)
{
	const char *op = json_text(operation, "op", "");
	const char *path = json_text(operation, "path", NULL);
	const json_t *value = json_object_get(operation, "value");
	struct place place;
	int rc;

	if (!path)
		return error_set(err, ERR_INVALID, NULL,
				 "a JSON patch operation needs a path");
	rc = find_place(root, path, &place, err);
	if (rc)
		return rc;
	if (!strcmp(op, "remove"))
		return remove_at(&place, err);
	if (!strcmp(op, "move") || !strcmp(op, "copy"))
		return transfer(root, operation, path, copied, err);
	if (!value && strcmp(op, "test"))
		return error_set(err, ERR_INVALID, NULL,
				 "operation '%s' needs a value", op);
	if (!strcmp(op, "add"))
		return add_at(&place, json_deep_copy(value), err);
	if (!strcmp(op, "replace"))
		return replace_at(&place, value, err);
	if (!strcmp(op, "test"))
		return test_at(&place, value, err);
	return error_set(err, ERR_INVALID, NULL,
			 "unexpected kind of operation: %s", op);
}

int patch_json(json_t **ret, const json_t *object, const json_t *patch,
	       struct error *err)
{
	const json_t *operation;
	size_t i, copied = 0;
	json_t *copy;
	int rc = 0;

	if (!json_is_array(patch))
		return error_set(err, ERR_SYNTAX, NULL,
				 "json: cannot unmarshal object into Go value "
				 "of type jsonpatch.Patch");
	if (json_array_size(patch) > PATCH_OPERATIONS_MAX)
		return error_set(err, ERR_LIMIT, NULL,
				 "The allowed maximum operations in a JSON "
				 "patch is %d, got %zu", PATCH_OPERATIONS_MAX,
				 json_array_size(patch));
	copy = json_deep_copy(object);
	if (!copy)
		return error_nomem(err);
	json_array_foreach(patch, i, operation) {
		rc = apply(copy, operation, &copied, err);
		if (rc)
			break;
	}
	if (rc)
		json_decref(copy);
	else
		*ret = copy;
	return rc;
}
