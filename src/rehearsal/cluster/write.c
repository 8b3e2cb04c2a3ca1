/* See write.h. */
#include "rehearsal/cluster/write.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "rehearsal/cluster/admit.h"
#include "rehearsal/cluster/fields.h"
#include "rehearsal/cluster/fields_set.h"
#include "rehearsal/cluster/object.h"
#include "rehearsal/cluster/resource.h"
#include "rehearsal/cluster/store.h"

#define PREFIX_MAX 58           /* of a generated name; the rest is cut off */
#define NAME_TRIES_MAX 8
#define NAME_TEXT_MAX (PREFIX_MAX + OBJECT_SUFFIX_LEN + 1)

int write_generate_name(const struct store *store,
			const struct resource *resource, json_t *object)
{
	const char *prefix = json_text(object, "metadata/generateName", NULL);
	char suffix[OBJECT_SUFFIX_LEN + 1], name[NAME_TEXT_MAX];

	if (!prefix || *object_name(object))
		return 0;
	for (int i = 0; i < NAME_TRIES_MAX; i++) {
		object_make_suffix(suffix);
		snprintf(name, sizeof(name), "%.*s%s", PREFIX_MAX, prefix,
			 suffix);
		if (!store_get(store, resource, object_ns(object), name))
			break;
	}
	return object_set(object, "metadata/name", json_string(name));
}

json_t *write_finish_new(const struct resource *resource, json_t *object,
			 const struct writer *writer)
{
	char uid[OBJECT_UID_MAX];
	int bad;

	object_make_uid(uid);
	bad = object_set(object, "metadata/uid", json_string(uid));
	bad |= object_set(object, "metadata/creationTimestamp", object_now());
	object_unset(object, "metadata/deletionTimestamp");
	object_unset(object, "metadata/generation");
	object_unset(object, "metadata/managedFields");
	if (resource->has_generation)
		bad |= object_set(object, "metadata/generation",
				  json_integer(1));
	bad |= bad ? 0 : fields_claim(resource, object, NULL, writer);
	bad |= admit_late(resource, object);
	object = object_in_order(resource, object);
	if (!bad)
		return object;
	json_decref(object);
	return NULL;
}

/* A writer may send managed fields too: as a list of entries, or an empty one
 * (or one empty entry), which gives up all that was known. What can't be read
 * is as if he had sent none. */
static bool fields_are_sent(const json_t *object)
{
	json_t *entries = json_at(object, "metadata/managedFields");
	const json_t *entry;
	size_t i;

	if (!json_is_array(entries))
		return false;
	json_array_foreach(entries, i, entry)
		if (json_object_size(entry) &&
		    (!json_text(entry, "manager", NULL) ||
		     !fields_valid(json_object_get(entry, "fieldsV1"))))
			return false;
	if (json_array_size(entries) == 1 &&
	    !json_object_size(json_array_get(entries, 0)))
		json_array_clear(entries);
	return true;
}

/* The members of metadata that only the server sets. */
static int keep_server_metadata(json_t *object, const json_t *before)
{
	static const char *const paths[] = {
		"metadata/namespace", "metadata/uid",
		"metadata/creationTimestamp",
		"metadata/deletionTimestamp",
		"metadata/deletionGracePeriodSeconds", "metadata/generation",
		"metadata/resourceVersion", "metadata/managedFields",
	};
	size_t count = sizeof(paths) / sizeof(*paths);
	int bad = 0;

	if (fields_are_sent(object))
		count--;
	for (size_t i = 0; i < count; i++) {
		json_t *value = json_at(before, paths[i]);

		if (value)
			bad |= object_set(object, paths[i],
					  json_incref(value));
		else
			object_unset(object, paths[i]);
	}
	return bad;
}

/* Everything that is no metadata and no status differs: a new generation. */
static bool spec_differs(const json_t *object, const json_t *before)
{
	static const char *const names[] = { "spec", "endpoints", "ports",
					     "addressType" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		json_t *a = json_object_get(object, names[i]);
		json_t *b = json_object_get(before, names[i]);

		if ((a || b) && !json_equal(a, b))
			return true;
	}
	return false;
}

json_t *write_finish_change(const struct resource *resource, json_t *object,
			    json_t *before, const struct writer *writer)
{
	int64_t generation = json_number(before, "metadata/generation", 0);
	int bad = keep_server_metadata(object, before);

	if (bad)
		goto fail;
	if (!writer->applied && json_equal(object, before)) {
		json_decref(object);
		return json_incref(before);
	}
	if (resource->has_generation && spec_differs(object, before))
		bad |= object_set(object, "metadata/generation",
				  json_integer(generation + 1));
	bad |= fields_claim(resource, object, before, writer);
	if (!bad && json_equal(object, before)) {
		json_decref(object);
		return json_incref(before);
	}
	if (!bad)
		return object_in_order(resource, object);
fail:
	json_decref(object);
	return NULL;
}

json_t *write_new(struct store *store, const struct resource *resource,
		  json_t *object, const struct writer *writer)
{
	if (write_generate_name(store, resource, object) ||
	    store_get(store, resource, object_ns(object),
		      object_name(object))) {
		json_decref(object);
		return NULL;
	}
	object = write_finish_new(resource, object, writer);
	return object ? store_put(store, resource, object) : NULL;
}

json_t *write_change(struct store *store, const struct resource *resource,
		     json_t *object, json_t *before,
		     const struct writer *writer)
{
	object = write_finish_change(resource, object, before, writer);
	if (object == before) {
		json_decref(object);
		return before;
	}
	return object ? store_put(store, resource, object) : NULL;
}

json_t *write_doomed(const struct resource *resource, const json_t *object,
		     int64_t grace)
{
	int64_t generation = json_number(object, "metadata/generation", 0);
	json_t *copy = json_deep_copy(object);
	char when[OBJECT_TIME_MAX];
	int bad;

	object_time(clock_wall_ms() + grace * 1000, when);
	bad = object_set(copy, "metadata/deletionTimestamp",
			 json_string(when));
	bad |= object_set(copy, "metadata/deletionGracePeriodSeconds",
			  json_integer(grace));
	if (resource->has_generation)
		bad |= object_set(copy, "metadata/generation",
				  json_integer(generation + 1));
	if (!bad)
		return object_in_order(resource, copy);
	json_decref(copy);
	return NULL;
}

int write_delete(struct store *store, const struct resource *resource,
		 json_t *object, int64_t grace)
{
	bool pod = resource == resource_at(RESOURCE_PODS);
	bool held = json_array_size(json_at(object, "metadata/finalizers"));
	json_t *doomed;

	if (grace < 0)
		grace = json_number(object,
				    "spec/terminationGracePeriodSeconds", 30);
	if (!pod || !json_at(object, "spec/nodeName"))
		grace = 0;
	if (!grace && !held)
		return store_remove(store, resource, object_ns(object),
				    object_name(object));
	if (object_is_deleted(object) &&
	    json_number(object, "metadata/deletionGracePeriodSeconds", 0) <=
		    grace)
		return 0;
	doomed = write_doomed(resource, object, grace);
	return doomed && store_put(store, resource, doomed) ? 0 : -1;
}
