/*
 * See fields.h. A set of fields is a tree as of fieldsV1: "f:NAME" for a
 * member, "k:{…}" for an element of a list with a merge key, "." for the
 * container itself, {} at a leaf. Three walks: the fields that differ between
 * two values, the union with a set, and what a set loses to another.
 */
#include "rehearsal/cluster/fields.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "rehearsal/cluster/object.h"
#include "rehearsal/cluster/patch.h"
#include "rehearsal/cluster/resource.h"

#define NAME_MAX_LEN 512

/* Members of an object that nobody manages: the server's own. */
static const char *const unmanaged[] = { "name", "namespace", "uid",
	"resourceVersion", "generation", "creationTimestamp",
	"deletionTimestamp", "deletionGracePeriodSeconds", "managedFields" };

/* Objects that are set as a whole. */
static const char *const atomic_names[] = { "selector", "resources",
	"securityContext", "nodeSelector", "state", "lastState" };

/* Keyed lists whose elements are told apart by a second member too. */
static const struct {
	const char *list, *key, *default_value;
} second_keys[] = {
	{ "ports", "protocol", "TCP" },
};

static bool among(const char *const *names, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

#define AMONG(names, name) \
	among(names, sizeof(names) / sizeof(*(names)), name)

/* "k:{\"containerPort\":8080,\"protocol\":\"TCP\"}" for an element. */
static int element_name(const json_t *element, const char *list,
			const char *key, char dst[NAME_MAX_LEN])
{
	json_t *keys = json_object();
	char *text;
	int bad;

	bad = json_object_set(keys, key, json_object_get(element, key));
	for (size_t i = 0; i < sizeof(second_keys) / sizeof(*second_keys); i++)
		if (!strcmp(second_keys[i].list, list))
			bad |= json_object_set_new(
				keys, second_keys[i].key,
				json_string(json_text(
					element, second_keys[i].key,
					second_keys[i].default_value)));
	text = bad ? NULL : json_dumps(keys, JSON_COMPACT);
	json_decref(keys);
	if (!text)
		return -1;
	snprintf(dst, NAME_MAX_LEN, "k:%s", text);
	free(text);
	return 0;
}

static int differing(json_t *set, const json_t *now, const json_t *before,
		     const char *parent);
static int differing_elements(json_t *set, const json_t *now,
			      const json_t *before, const char *list,
			      const char *key);

/* Adds name to set: a leaf where nothing below differs apart. */
static int differing_child(json_t *set, const char *name, const json_t *now,
			   const json_t *before, const char *parent,
			   const char *member)
{
	const char *key = patch_merge_key(parent, member);
	json_t *below = json_object();
	int bad = 0;

	if (json_is_object(now) && !AMONG(atomic_names, member)) {
		if (!before && json_object_size(now))
			bad |= json_object_set_new(below, ".", json_object());
		bad |= differing(below, now, before, member);
	} else if (json_is_array(now) && key) {
		if (!before)
			bad |= json_object_set_new(below, ".", json_object());
		bad |= differing_elements(below, now, before, member, key);
	}
	return bad | json_object_set_new(set, name, below);
}

static const json_t *same_element(const json_t *list, const json_t *element,
				  const char *key)
{
	const json_t *other;
	size_t i;

	json_array_foreach(list, i, other)
		if (json_equal(json_object_get(other, key),
			       json_object_get(element, key)))
			return other;
	return NULL;
}

/* The elements of a keyed list. list is its own name. */
static int differing_elements(json_t *set, const json_t *now,
			      const json_t *before, const char *list,
			      const char *key)
{
	char name[NAME_MAX_LEN];
	const json_t *element;
	int bad = 0;
	size_t i;

	json_array_foreach(now, i, element) {
		const json_t *other = same_element(before, element, key);
		json_t *below;

		if (json_equal(element, other))
			continue;
		bad |= element_name(element, list, key, name);
		below = json_object();
		if (!other)
			bad |= json_object_set_new(below, ".", json_object());
		bad |= differing(below, element, other, list);
		bad |= json_object_set_new(set, name, below);
	}
	return bad;
}

/* Adds to set what differs between two objects. parent is the name of the
 * member (or list) in which they stand. */
static int differing(json_t *set, const json_t *now, const json_t *before,
		     const char *parent)
{
	char name[NAME_MAX_LEN];
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

/* Adds everything in from to into. */
static int unite(json_t *into, const json_t *from)
{
	const char *key;
	json_t *value;
	int bad = 0;

	json_object_foreach((json_t *)from, key, value) {
		json_t *there = json_object_get(into, key);

		if (there && json_object_size(value))
			bad |= unite(there, value);
		else if (!there)
			bad |= json_object_set_new(into, key,
						   json_deep_copy(value));
	}
	return bad;
}

/* Takes away from set what taken holds; emptied branches go too. */
static void subtract(json_t *set, const json_t *taken)
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
		subtract(value, other);
		if (!json_object_size(value))
			json_object_del(set, key);
	}
}

/* The set of what differs, with the unmanaged members left out. */
static json_t *changed_fields(const json_t *object, const json_t *before)
{
	json_t *set = json_object(), *metadata;
	char name[NAME_MAX_LEN];

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

static bool is_entry(const json_t *entry, const char *manager,
		     const char *subresource)
{
	return !strcmp(json_text(entry, "manager", ""), manager) &&
	       !strcmp(json_text(entry, "subresource", ""), subresource);
}

static json_t *make_entry(const struct resource *resource,
			  const char *manager, const char *subresource)
{
	char version[RESOURCE_TEXT_MAX];

	resource_api_version(resource, version);
	return json_pack("{s:s,s:s,s:s,s:o,s:s,s:{},s:s*}", "manager", manager,
			 "operation", "Update", "apiVersion", version,
			 "time", object_now(), "fieldsType", "FieldsV1",
			 "fieldsV1", "subresource",
			 *subresource ? subresource : NULL);
}

/* The others lose what changed; the manager's own entry is returned (borrowed
 * from entries) or NULL. */
static json_t *take_from_others(json_t *entries, const json_t *changed,
				const char *manager, const char *subresource)
{
	json_t *own = NULL;

	for (size_t i = json_array_size(entries); i-- > 0;) {
		json_t *entry = json_array_get(entries, i);
		json_t *set = json_object_get(entry, "fieldsV1");

		if (is_entry(entry, manager, subresource)) {
			own = entry;
			continue;
		}
		subtract(set, changed);
		if (!json_object_size(set))
			json_array_remove(entries, i);
	}
	return own;
}

/* Only leaves that are absent now; a leaf that merely changed is not gone. */
static void drop_gone(json_t *entries, const json_t *gone,
		      const json_t *changed)
{
	json_t *only = json_deep_copy(gone);

	subtract(only, changed);
	for (size_t i = json_array_size(entries); i-- > 0;) {
		json_t *set = json_at(json_array_get(entries, i), "fieldsV1");

		subtract(set, only);
		if (!json_object_size(set))
			json_array_remove(entries, i);
	}
	json_decref(only);
}

int fields_claim(const struct resource *resource, json_t *object,
		 const json_t *before, const char *manager,
		 const char *subresource)
{
	json_t *entries = json_deep_copy(json_at(before,
						 "metadata/managedFields"));
	json_t *changed = changed_fields(object, before), *gone, *own;
	int bad = !changed;

	if (!entries)
		entries = json_array();
	if (before && changed) {
		gone = changed_fields(before, object);
		drop_gone(entries, gone, changed);
		json_decref(gone);
	}
	own = take_from_others(entries, changed, manager, subresource);
	if (json_object_size(changed)) {
		if (!own) {
			own = make_entry(resource, manager, subresource);
			bad |= json_array_append_new(entries, own);
		}
		bad |= bad ? 0 : object_set(own, "time", object_now());
		bad |= bad ? 0 : unite(json_object_get(own, "fieldsV1"),
				       changed);
	}
	json_decref(changed);
	return bad | object_set(object, "metadata/managedFields", entries) ?
		-1 : 0;
}
