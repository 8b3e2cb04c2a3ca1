/* See fields.h. One entry a manager, operation and subresource. */
#include "rehearsal/cluster/fields.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "rehearsal/cluster/fields_set.h"
#include "rehearsal/cluster/object.h"
#include "rehearsal/cluster/resource.h"
#include "rehearsal/cluster/write.h"

#define SHOWN_MAX 512

static const char *operation_of(const struct writer *writer)
{
	return writer->applied ? "Apply" : "Update";
}

static bool is_entry(const json_t *entry, const struct writer *writer)
{
	return !strcmp(json_text(entry, "manager", ""), writer->manager) &&
	       !strcmp(json_text(entry, "operation", ""),
		       operation_of(writer)) &&
	       !strcmp(json_text(entry, "subresource", ""),
		       writer->subresource);
}

static json_t *make_entry(const struct resource *resource,
			  const struct writer *writer)
{
	char version[RESOURCE_TEXT_MAX];

	resource_api_version(resource, version);
	return json_pack("{s:s,s:s,s:s,s:o,s:s,s:{},s:s*}",
			 "manager", writer->manager,
			 "operation", operation_of(writer),
			 "apiVersion", version,
			 "time", object_now(), "fieldsType", "FieldsV1",
			 "fieldsV1", "subresource",
			 *writer->subresource ? writer->subresource : NULL);
}

/* The others lose what changed; the writer's own entry is returned (borrowed
 * from entries) or NULL. */
static json_t *take_from_others(json_t *entries, const json_t *changed,
				const struct writer *writer)
{
	json_t *own = NULL;

	for (size_t i = json_array_size(entries); i-- > 0;) {
		json_t *entry = json_array_get(entries, i);
		json_t *set = json_object_get(entry, "fieldsV1");

		if (is_entry(entry, writer)) {
			own = entry;
			continue;
		}
		fields_subtract(set, changed);
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

	fields_subtract(only, changed);
	for (size_t i = json_array_size(entries); i-- > 0;) {
		json_t *set = json_at(json_array_get(entries, i), "fieldsV1");

		fields_subtract(set, only);
		if (!json_object_size(set))
			json_array_remove(entries, i);
	}
	json_decref(only);
}

/* The writer's own entry takes in what it has set. */
static int enter(const struct resource *resource, json_t *entries,
		 json_t *own, const json_t *changed,
		 const struct writer *writer)
{
	const json_t *held = json_object_get(own, "fieldsV1");
	int bad = 0;

	if (writer->applied ? !json_object_size(changed) &&
				      json_equal(held, writer->applied)
			    : !json_object_size(changed))
		return 0;
	if (!own) {
		own = make_entry(resource, writer);
		bad |= json_array_append_new(entries, own);
	}
	if (bad)
		return bad;
	bad |= object_set(own, "time", object_now());
	if (writer->applied)
		return bad | object_set(own, "fieldsV1",
					json_deep_copy(writer->applied));
	return bad | fields_unite(json_object_get(own, "fieldsV1"), changed);
}

static int order_by(const char *const *keys, const void *a, const void *b)
{
	const json_t *left = *(json_t *const *)a, *right = *(json_t *const *)b;
	int order = 0;

	for (; !order && *keys; keys++)
		order = strcmp(json_text(left, *keys, ""),
			       json_text(right, *keys, ""));
	return order;
}

/* Who applies stands before who updates; then the earlier. */
static int entry_order(const void *a, const void *b)
{
	static const char *const keys[] = { "operation", "time", "manager",
					    "apiVersion", "subresource", NULL };

	return order_by(keys, a, b);
}

static int manager_order(const void *a, const void *b)
{
	static const char *const keys[] = { "manager", "operation",
					    "apiVersion", "subresource", NULL };

	return order_by(keys, a, b);
}

/* Takes entries; returns them in order, or NULL when memory is out. */
static json_t *in_order(json_t *entries,
			int (*order)(const void *a, const void *b))
{
	size_t count = json_array_size(entries);
	json_t **list = calloc(count + 1, sizeof(*list));
	json_t *sorted = json_array();
	int bad = !list || !sorted;

	for (size_t i = 0; !bad && i < count; i++)
		list[i] = json_array_get(entries, i);
	if (!bad)
		qsort(list, count, sizeof(*list), order);
	for (size_t i = 0; !bad && i < count; i++)
		bad |= json_array_append(sorted, list[i]);
	free(list);
	json_decref(entries);
	if (!bad)
		return sorted;
	json_decref(sorted);
	return NULL;
}

int fields_claim(const struct resource *resource, json_t *object,
		 const json_t *before, const struct writer *writer)
{
	json_t *entries = json_deep_copy(json_at(object,
						 "metadata/managedFields"));
	json_t *changed = fields_changed(object, before), *gone, *own;
	int bad = !changed;

	if (!entries)
		entries = json_array();
	if (before && changed) {
		gone = fields_changed(before, object);
		drop_gone(entries, gone, changed);
		json_decref(gone);
	}
	own = take_from_others(entries, changed, writer);
	bad |= bad || enter(resource, entries, own, changed, writer);
	json_decref(changed);
	return bad | object_set(object, "metadata/managedFields",
				in_order(entries, entry_order)) ? -1 : 0;
}

const json_t *fields_held(const json_t *object, const struct writer *writer)
{
	const json_t *entry;
	size_t i;

	json_array_foreach(json_at(object, "metadata/managedFields"), i, entry)
		if (is_entry(entry, writer))
			return json_object_get(entry, "fieldsV1");
	return NULL;
}

json_t *fields_of_others(const json_t *object, const struct writer *writer)
{
	json_t *all = json_object();
	const json_t *entry;
	int bad = !all;
	size_t i;

	json_array_foreach(json_at(object, "metadata/managedFields"), i, entry)
		if (!is_entry(entry, writer))
			bad |= fields_unite(all, json_object_get(entry,
								 "fieldsV1"));
	if (!bad)
		return all;
	json_decref(all);
	return NULL;
}

/* '"NAME" with subresource "status" using apps/v1'; who applies, by name. */
static void show_manager(const json_t *entry, char dst[SHOWN_MAX])
{
	const char *sub = json_text(entry, "subresource", "");
	bool updates = !strcmp(json_text(entry, "operation", ""), "Update");

	snprintf(dst, SHOWN_MAX, "\"%.128s\"%s%.64s%s%s%.64s",
		 json_text(entry, "manager", ""),
		 *sub ? " with subresource \"" : "", sub, *sub ? "\"" : "",
		 updates ? " using " : "",
		 updates ? json_text(entry, "apiVersion", "") : "");
}

/* Adds the conflicts with one entry. */
static int add_conflicts(json_t *conflicts, const json_t *entry,
			 const json_t *changed)
{
	json_t *paths = json_array(), *path;
	char shown[SHOWN_MAX];
	size_t i;
	int bad;

	show_manager(entry, shown);
	bad = fields_common(paths, changed, json_object_get(entry,
							    "fieldsV1"));
	json_array_foreach(paths, i, path)
		bad |= json_array_append_new(conflicts, json_pack(
			"{s:s,s:O}", "manager", shown, "field", path));
	json_decref(paths);
	return bad;
}

json_t *fields_conflicts(const json_t *object, const json_t *changed,
			 const struct writer *writer)
{
	json_t *entries = json_at(object, "metadata/managedFields");
	json_t *conflicts = json_array(), *sorted;
	const json_t *entry;
	int bad;
	size_t i;

	sorted = in_order(entries ? json_incref(entries) : json_array(),
			  manager_order);
	bad = !conflicts || !sorted;
	json_array_foreach(sorted, i, entry)
		if (!is_entry(entry, writer))
			bad |= add_conflicts(conflicts, entry, changed);
	json_decref(sorted);
	if (!bad)
		return conflicts;
	json_decref(conflicts);
	return NULL;
}
