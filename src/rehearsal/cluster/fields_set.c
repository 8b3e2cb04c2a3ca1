/* See fields_set.h. */
#include "rehearsal/cluster/fields_set.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "rehearsal/cluster/shape.h"

#define PATH_TEXT_MAX 4096

/* Members of metadata that nobody manages: the server's own. */
static const char *const unmanaged[] = { "name", "namespace", "uid",
	"resourceVersion", "generation", "creationTimestamp",
	"deletionTimestamp", "deletionGracePeriodSeconds", "managedFields" };

static int differing(json_t *set, const json_t *now, const json_t *before,
		     const char *parent);

/* The elements of a keyed list. list is its own name. */
static int differing_elements(json_t *set, const json_t *now,
			      const json_t *before, const char *list,
			      const char *key)
{
	char name[SHAPE_NAME_MAX];
	const json_t *element;
	int bad = 0;
	size_t i;

	json_array_foreach(now, i, element) {
		const json_t *other = json_array_get(
			before, shape_find(before, element, list, key));
		json_t *below;

		if (json_equal(element, other))
			continue;
		bad |= shape_element_name(element, list, key, name);
		below = json_object();
		if (!other)
			bad |= json_object_set_new(below, ".", json_object());
		bad |= differing(below, element, other, list);
		bad |= json_object_set_new(set, name, below);
	}
	return bad;
}

static bool has_word(const json_t *words, const json_t *word)
{
	const json_t *other;
	size_t i;

	json_array_foreach(words, i, other)
		if (json_equal(other, word))
			return true;
	return false;
}

static int differing_words(json_t *set, const json_t *now,
			   const json_t *before)
{
	char name[SHAPE_NAME_MAX];
	const json_t *word;
	int bad = 0;
	size_t i;

	json_array_foreach(now, i, word)
		if (!has_word(before, word))
			bad |= shape_word_name(word, name) |
			       json_object_set_new(set, name, json_object());
	return bad;
}

/* Adds name to set: a leaf where nothing below differs apart. */
static int differing_child(json_t *set, const char *name, const json_t *now,
			   const json_t *before, const char *parent,
			   const char *member)
{
	const char *key = shape_merge_key(parent, member);
	bool words = shape_is_set(parent, member);
	json_t *below = json_object();
	int bad = 0;

	if (json_is_object(now) && !shape_is_atomic(member)) {
		if (!before && json_object_size(now))
			bad |= json_object_set_new(below, ".", json_object());
		bad |= differing(below, now, before, member);
	} else if (json_is_array(now) && (key || words)) {
		if (!before)
			bad |= json_object_set_new(below, ".", json_object());
		bad |= words ? differing_words(below, now, before)
			     : differing_elements(below, now, before, member,
						  key);
	}
	return bad | json_object_set_new(set, name, below);
}

/* Adds to set what differs between two objects. parent is the name of the
 * member (or list) in which they stand. */
static int differing(json_t *set, const json_t *now, const json_t *before,
		     const char *parent)
{
	char name[SHAPE_NAME_MAX];
	const char *key;
	json_t *value;
	int bad = 0;

	json_object_foreach((json_t *)now, key, value) {
		const json_t *other = json_object_get(before, key);

		if (json_equal(value, other) || json_is_null(value))
			continue;
		snprintf(name, sizeof(name), "f:%s", key);
		bad |= differing_child(set, name, value, other, parent, key);
	}
	return bad;
}

json_t *fields_changed(const json_t *object, const json_t *before)
{
	json_t *set = json_object(), *metadata;
	char name[SHAPE_NAME_MAX];

	if (differing(set, object, before, "")) {
		json_decref(set);
		return NULL;
	}
	json_object_del(set, "f:kind");
	json_object_del(set, "f:apiVersion");
	metadata = json_object_get(set, "f:metadata");
	json_object_del(metadata, ".");
	for (size_t i = 0; i < sizeof(unmanaged) / sizeof(*unmanaged); i++) {
		snprintf(name, sizeof(name), "f:%s", unmanaged[i]);
		json_object_del(metadata, name);
	}
	if (metadata && !json_object_size(metadata))
		json_object_del(set, "f:metadata");
	json_object_del(json_object_get(set, "f:spec"), ".");
	json_object_del(json_object_get(set, "f:status"), ".");
	return set;
}

/* Who applies owns containers by what is in them; only an element of a list is
 * somebody's as such. */
static void drop_containers(json_t *set, bool element)
{
	const char *key;
	json_t *below;

	if (!element)
		json_object_del(set, ".");
	json_object_foreach(set, key, below)
		drop_containers(below, *key == 'k');
}

json_t *fields_applied(const json_t *object)
{
	json_t *set = fields_changed(object, NULL);

	drop_containers(set, false);
	return set;
}

int fields_unite(json_t *into, const json_t *from)
{
	const char *key;
	json_t *value;
	int bad = 0;

	json_object_foreach((json_t *)from, key, value) {
		json_t *there = json_object_get(into, key);

		if (there && json_object_size(value))
			bad |= fields_unite(there, value);
		else if (!there)
			bad |= json_object_set_new(into, key,
						   json_deep_copy(value));
	}
	return bad;
}

void fields_subtract(json_t *set, const json_t *taken)
{
	const char *key;
	json_t *value;
	void *next;

	json_object_foreach_safe(set, next, key, value) {
		const json_t *other = json_object_get(taken, key);

		if (!other)
			continue;
		if (!json_object_size(other)) {
			json_object_del(set, key);
			continue;
		}
		fields_subtract(value, other);
		if (!json_object_size(value))
			json_object_del(set, key);
	}
}

/* --- what somebody sends ---------------------------------------------- */

static bool is_valid(const json_t *set, int depth)
{
	const char *name;
	json_t *below;

	if (!json_is_object(set) || depth == FIELDS_DEPTH_MAX)
		return false;
	json_object_foreach((json_t *)set, name, below) {
		bool is_self = !strcmp(name, ".");

		if (!is_self && (!*name || !strchr("fkvi", *name) ||
				 name[1] != ':'))
			return false;
		if (!is_valid(below, depth + 1))
			return false;
	}
	return true;
}

bool fields_valid(const json_t *set)
{
	return is_valid(set, 0);
}

/* --- what two sets have in common ------------------------------------- */

/* "[containerPort=8080,protocol="TCP"]" */
static void put_keys(struct buf *path, const char *text)
{
	json_t *keys = json_loads(text, 0, NULL), *value;
	const char *key, *mark = "[";

	json_object_foreach(keys, key, value) {
		char *shown = json_dumps(value, JSON_ENCODE_ANY);

		buf_printf(path, "%s%s=%s", mark, key, shown ? shown : "");
		free(shown);
		mark = ",";
	}
	buf_puts(path, "]");
	json_decref(keys);
}

static void put_part(struct buf *path, const char *name)
{
	if (*name == 'f')
		buf_printf(path, ".%s", name + 2);
	else if (*name == 'k')
		put_keys(path, name + 2);
	else
		buf_printf(path, "[=%s]", name + 2);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The names of a set in order, as an array that the caller frees. */
static const char **sorted_names(const json_t *set)
{
	const char **names = calloc(json_object_size(set) + 1,
				    sizeof(*names));
	const char *key;
	json_t *value;
	size_t count = 0;

	if (!names)
		return NULL;
	json_object_foreach((json_t *)set, key, value)
		names[count++] = key;
	qsort(names, count, sizeof(*names), by_name);
	return names;
}

static int common(json_t *paths, const json_t *a, const json_t *b,
		  const char *prefix);

/* One name that both hold, if it is a leaf (leaves) or a branch. */
static int common_child(json_t *paths, const json_t *a, const json_t *b,
			const char *prefix, const char *name, bool leaves)
{
	const json_t *left = json_object_get(a, name);
	const json_t *right = json_object_get(b, name);
	bool leaf = !json_object_size(left) || !json_object_size(right);
	struct buf path;
	int bad;

	if (!right || *name == '.' || leaf != leaves)
		return 0;
	buf_init(&path, PATH_TEXT_MAX);
	buf_puts(&path, prefix);
	put_part(&path, name);
	if (buf_error(&path))
		bad = -1;
	else if (leaf)
		bad = json_array_append_new(paths, json_string(path.data));
	else
		bad = common(paths, left, right, path.data);
	buf_release(&path);
	return bad;
}

/* The leaves of each branch come first. */
static int common(json_t *paths, const json_t *a, const json_t *b,
		  const char *prefix)
{
	const char **names = sorted_names(a);
	int bad = names ? 0 : -1;

	for (int leaves = 1; leaves >= 0; leaves--)
		for (size_t i = 0; !bad && names[i]; i++)
			bad = common_child(paths, a, b, prefix, names[i],
					   leaves);
	free(names);
	return bad;
}

int fields_common(json_t *paths, const json_t *a, const json_t *b)
{
	return common(paths, a, b, "");
}
