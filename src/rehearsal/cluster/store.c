/*
 * See store.h. A sorted array a resource (objects are many times more often
 * read than added), and a ring of changes in which the position of a version
 * is found by bisection.
 */
#include "rehearsal/cluster/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/json.h"
#include "rehearsal/cluster/object.h"
#include "rehearsal/cluster/resource.h"

/* A real cluster has a history when one comes to it: version 1 is too old. */
#define FIRST_VERSION 1000

struct shelf {
	json_t **objects;
	size_t count, cap;
};

struct store {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	int64_t version;
	int64_t floor;
	struct shelf shelves[RESOURCE_COUNT];
	struct store_change log[STORE_LOG_MAX];
	size_t log_start, log_count;
	struct store_listener *listeners;
};

struct store *store_new(void)
{
	struct store *store = calloc(1, sizeof(*store));
	pthread_condattr_t attr;

	if (!store)
		return NULL;
	pthread_mutex_init(&store->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&store->changed, &attr);
	pthread_condattr_destroy(&attr);
	store->version = store->floor = FIRST_VERSION;
	return store;
}

static void change_release(struct store_change *change)
{
	json_decref(change->object);
	json_decref(change->before);
	*change = (struct store_change){ 0 };
}

void store_free(struct store *store)
{
	if (!store)
		return;
	for (size_t i = 0; i < STORE_LOG_MAX; i++)
		change_release(&store->log[i]);
	for (size_t r = 0; r < RESOURCE_COUNT; r++) {
		for (size_t i = 0; i < store->shelves[r].count; i++)
			json_decref(store->shelves[r].objects[i]);
		free(store->shelves[r].objects);
	}
	pthread_cond_destroy(&store->changed);
	pthread_mutex_destroy(&store->lock);
	free(store);
}

void store_lock(struct store *store)
{
	pthread_mutex_lock(&store->lock);
}

void store_unlock(struct store *store)
{
	pthread_mutex_unlock(&store->lock);
}

void store_wait(struct store *store, int64_t ms)
{
	struct timespec at = clock_until(clock_mono_ms() + ms);

	if (ms < 0)
		pthread_cond_wait(&store->changed, &store->lock);
	else
		pthread_cond_timedwait(&store->changed, &store->lock, &at);
}

void store_wake(struct store *store)
{
	pthread_cond_broadcast(&store->changed);
}

void store_listen(struct store *store, struct store_listener *listener)
{
	listener->next = store->listeners;
	store->listeners = listener;
}

void store_unlisten(struct store *store, struct store_listener *listener)
{
	struct store_listener **at = &store->listeners;

	while (*at && *at != listener)
		at = &(*at)->next;
	if (*at)
		*at = listener->next;
}

static int compare(const json_t *object, const char *ns, const char *name)
{
	int order = strcmp(object_ns(object), ns);

	return order ? order : strcmp(object_name(object), name);
}

/* Where it is, or where it would be put. */
static size_t place_of(const struct shelf *shelf, const char *ns,
		       const char *name, bool *found)
{
	size_t low = 0, high = shelf->count;

	*found = false;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = compare(shelf->objects[middle], ns, name);

		if (!order)
			*found = true;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct shelf *shelf_of(const struct store *store,
			      const struct resource *resource)
{
	return (struct shelf *)&store->shelves[resource_index(resource)];
}

json_t *store_get(const struct store *store, const struct resource *resource,
		  const char *ns, const char *name)
{
	const struct shelf *shelf = shelf_of(store, resource);
	bool found;
	size_t at = place_of(shelf, ns, name, &found);

	return found ? shelf->objects[at] : NULL;
}

size_t store_count(const struct store *store, const struct resource *resource)
{
	return shelf_of(store, resource)->count;
}

json_t *store_at(const struct store *store, const struct resource *resource,
		 size_t index)
{
	const struct shelf *shelf = shelf_of(store, resource);

	return index < shelf->count ? shelf->objects[index] : NULL;
}

json_t *store_snapshot(const struct store *store,
		       const struct resource *resource)
{
	const struct shelf *shelf = shelf_of(store, resource);
	json_t *list = json_array();
	int bad = 0;

	for (size_t i = 0; i < shelf->count; i++)
		bad |= json_array_append(list, shelf->objects[i]);
	if (!bad)
		return list;
	json_decref(list);
	return NULL;
}

/* Appends a change, taking both references, and tells the listeners. */
static void log_change(struct store *store, enum change_type type,
		       const struct resource *resource, json_t *object,
		       json_t *before)
{
	struct store_change *change;

	if (store->log_count == STORE_LOG_MAX) {
		change = &store->log[store->log_start];
		store->floor = change->version;
		change_release(change);
		store->log_start = (store->log_start + 1) % STORE_LOG_MAX;
		store->log_count--;
	}
	change = &store->log[(store->log_start + store->log_count++) %
			     STORE_LOG_MAX];
	*change = (struct store_change){ store->version, type, resource,
					 object, before };
	for (struct store_listener *l = store->listeners; l; l = l->next)
		l->fn(l->data, change);
	store_wake(store);
}

static int stamp_version(json_t *object, int64_t version)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", (long long)version);
	return object_set(object, "metadata/resourceVersion",
			  json_string(text));
}

static bool make_room(struct shelf *shelf)
{
	size_t cap = shelf->cap ? shelf->cap * 2 : 64;
	json_t **grown;

	if (shelf->count < shelf->cap)
		return true;
	if (shelf->count >= STORE_OBJECTS_MAX)
		return false;
	grown = realloc(shelf->objects, cap * sizeof(*grown));
	if (!grown)
		return false;
	shelf->objects = grown;
	shelf->cap = cap;
	return true;
}

json_t *store_put(struct store *store, const struct resource *resource,
		  json_t *object)
{
	struct shelf *shelf = shelf_of(store, resource);
	json_t *before = NULL;
	bool found;
	size_t at;

	if (!make_room(shelf) || stamp_version(object, store->version + 1)) {
		json_decref(object);
		return NULL;
	}
	object = object_in_order(resource, object);
	if (!object)
		return NULL;
	at = place_of(shelf, object_ns(object), object_name(object), &found);
	if (found) {
		before = shelf->objects[at];
	} else {
		memmove(&shelf->objects[at + 1], &shelf->objects[at],
			(shelf->count - at) * sizeof(*shelf->objects));
		shelf->count++;
	}
	shelf->objects[at] = object;
	store->version++;
	log_change(store, found ? CHANGE_MODIFIED : CHANGE_ADDED, resource,
		   json_incref(object), before);
	return object;
}

/* The top and metadata are copied: enough to change the version in it. */
json_t *store_last_state(const json_t *object, int64_t version)
{
	json_t *copy = json_copy((json_t *)object);
	json_t *metadata = json_copy(json_object_get(object, "metadata"));

	if (!json_object_set_new(copy, "metadata", metadata) &&
	    !stamp_version(copy, version))
		return copy;
	json_decref(copy);
	return NULL;
}

int store_remove(struct store *store, const struct resource *resource,
		 const char *ns, const char *name)
{
	struct shelf *shelf = shelf_of(store, resource);
	json_t *before, *object;
	bool found;
	size_t at = place_of(shelf, ns, name, &found);

	if (!found)
		return 0;
	before = shelf->objects[at];
	object = store_last_state(before, store->version + 1);
	if (!object)
		return -1;
	shelf->count--;
	memmove(&shelf->objects[at], &shelf->objects[at + 1],
		(shelf->count - at) * sizeof(*shelf->objects));
	store->version++;
	log_change(store, CHANGE_DELETED, resource, object, before);
	return 0;
}

int64_t store_version(const struct store *store)
{
	return store->version;
}

int64_t store_floor(const struct store *store)
{
	return store->floor;
}

void store_forget(struct store *store)
{
	while (store->log_count) {
		change_release(&store->log[store->log_start]);
		store->log_start = (store->log_start + 1) % STORE_LOG_MAX;
		store->log_count--;
	}
	store->floor = store->version;
}

const struct store_change *store_after(const struct store *store,
				       int64_t version)
{
	size_t low = 0, high = store->log_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		size_t at = (store->log_start + middle) % STORE_LOG_MAX;

		if (store->log[at].version <= version)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == store->log_count)
		return NULL;
	return &store->log[(store->log_start + low) % STORE_LOG_MAX];
}
