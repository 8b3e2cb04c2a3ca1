/*
 * See cache.h. Each kind has a watch and a sorted array of objects cut down.
 * While there is an object that could not be read its kind is not synced: an
 * incomplete picture must not look like a whole one.
 */
#include "kube/cache.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "kube/object_pack.h"

struct cache_shelf {
	struct kube_cache *cache;
	enum kube_kind kind;
	struct kube_watch *watch;       /* NULL: not asked for */
	struct kube_meta **list;        /* each the head of its object */
	size_t count, room;
	json_t *unread;                 /* names of what could not be read */
	struct error broken;            /* the last reason for it */
};

struct kube_cache {
	char *namespace_;
	void (*on_change)(void *data, enum kube_kind kind,
			  enum kube_event event, const char *name);
	void *data;
	struct cache_shelf shelves[KUBE_KIND_COUNT];
};

/* Where name stands or belongs; *ret_found tells which. */
static size_t shelf_find(const struct cache_shelf *shelf, const char *name,
			 bool *ret_found)
{
	size_t from = 0, to = shelf->count;

	*ret_found = false;
	while (from < to && !*ret_found) {
		size_t middle = from + (to - from) / 2;
		int order = strcmp(shelf->list[middle]->name, name);

		if (order < 0)
			from = middle + 1;
		else
			to = middle;
		if (order == 0)
			*ret_found = true;
	}
	return *ret_found ? to : from;
}

static int shelf_make_room(struct cache_shelf *shelf)
{
	size_t room = shelf->room ? shelf->room * 2 : 16;
	struct kube_meta **list;

	if (shelf->count < shelf->room)
		return 0;
	list = realloc(shelf->list, room * sizeof(struct kube_meta *));
	if (!list)
		return ERR_NOMEM;
	shelf->list = list;
	shelf->room = room;
	return 0;
}

/* Puts an object in, or in the place of the old one; takes it. */
static int shelf_put(struct cache_shelf *shelf, struct kube_meta *object,
		     struct error *err)
{
	bool found;
	size_t at = shelf_find(shelf, object->name, &found);

	if (found) {
		free(shelf->list[at]);
		shelf->list[at] = object;
		return 0;
	}
	if (shelf_make_room(shelf)) {
		free(object);
		return error_nomem(err);
	}
	memmove(shelf->list + at + 1, shelf->list + at,
		(shelf->count - at) * sizeof(struct kube_meta *));
	shelf->list[at] = object;
	shelf->count++;
	return 0;
}

static void shelf_remove(struct cache_shelf *shelf, const char *name)
{
	bool found;
	size_t at = shelf_find(shelf, name, &found);

	if (!found)
		return;
	free(shelf->list[at]);
	shelf->count--;
	memmove(shelf->list + at, shelf->list + at + 1,
		(shelf->count - at) * sizeof(struct kube_meta *));
}

static void shelf_clear_unread(struct cache_shelf *shelf, const char *name)
{
	if (!json_object_del(shelf->unread, name) &&
	    !json_object_size(shelf->unread))
		error_clear(&shelf->broken);
}

static void shelf_take(struct cache_shelf *shelf, const json_t *json)
{
	const char *name = json_text(json, "metadata/name", "");
	void *object;

	shelf_clear_unread(shelf, name);
	if (!object_read(shelf->kind, &object, json, &shelf->broken) &&
	    !shelf_put(shelf, object, &shelf->broken))
		return;
	shelf_remove(shelf, name);
	/* Without memory for the name, the reason alone stays for good. */
	json_object_set_new(shelf->unread, name, json_true());
}

static void shelf_event(void *data, enum kube_event event, const json_t *object,
			const struct error *err)
{
	struct cache_shelf *shelf = data;
	struct kube_cache *cache = shelf->cache;
	const char *name = json_text(object, "metadata/name", "");

	(void)err;
	if (event == KUBE_DELETED) {
		shelf_clear_unread(shelf, name);
		shelf_remove(shelf, name);
	} else if (event == KUBE_ADDED || event == KUBE_MODIFIED) {
		shelf_take(shelf, object);
	}
	if (cache->on_change)
		cache->on_change(cache->data, shelf->kind, event, name);
}

static int shelf_open(struct cache_shelf *shelf, struct kube_client *client,
		      const struct kube_cache_options *options,
		      struct error *err)
{
	const struct kube_watch_options watch = {
		.kind = shelf->kind,
		.namespace_ = shelf->cache->namespace_,
		.turn_s = options->turn_s,
		.quiet_ms = options->quiet_ms,
		.on_event = shelf_event,
		.data = shelf,
	};

	shelf->unread = json_object();
	if (!shelf->unread)
		return error_nomem(err);
	return kube_watch_open(&shelf->watch, client, &watch, err);
}

int kube_cache_open(struct kube_cache **ret, struct kube_client *client,
		    const struct kube_cache_options *options, struct error *err)
{
	unsigned kinds = options->kinds ? options->kinds : KUBE_CACHE_DEFAULT;
	struct kube_cache *cache = calloc(1, sizeof(*cache));
	int status = 0;

	if (!cache)
		return error_nomem(err);
	cache->on_change = options->on_change;
	cache->data = options->data;
	cache->namespace_ = strdup(options->namespace_ ? options->namespace_ :
				   kube_client_namespace(client));
	if (!cache->namespace_)
		status = error_nomem(err);
	for (int kind = 0; !status && kind < KUBE_KIND_COUNT; kind++) {
		struct cache_shelf *shelf = &cache->shelves[kind];

		shelf->cache = cache;
		shelf->kind = (enum kube_kind)kind;
		if (kinds & KUBE_CACHE_MASK(kind))
			status = shelf_open(shelf, client, options, err);
	}
	if (status)
		kube_cache_close(cache);
	else
		*ret = cache;
	return status;
}

void kube_cache_close(struct kube_cache *cache)
{
	if (!cache)
		return;
	for (int kind = 0; kind < KUBE_KIND_COUNT; kind++) {
		struct cache_shelf *shelf = &cache->shelves[kind];

		kube_watch_close(shelf->watch);
		for (size_t i = 0; i < shelf->count; i++)
			free(shelf->list[i]);
		free(shelf->list);
		json_decref(shelf->unread);
	}
	free(cache->namespace_);
	free(cache);
}

const char *kube_cache_namespace(const struct kube_cache *cache)
{
	return cache->namespace_;
}

bool kube_cache_synced(const struct kube_cache *cache, enum kube_kind kind)
{
	const struct cache_shelf *shelf = &cache->shelves[kind];

	return shelf->watch && !shelf->broken.code &&
	       kube_watch_synced(shelf->watch);
}

int64_t kube_cache_age(const struct kube_cache *cache, enum kube_kind kind)
{
	if (!kube_cache_synced(cache, kind))
		return -1;
	return kube_watch_age(cache->shelves[kind].watch);
}

const struct error *kube_cache_error(const struct kube_cache *cache,
				     enum kube_kind kind)
{
	const struct cache_shelf *shelf = &cache->shelves[kind];

	if (shelf->broken.code)
		return &shelf->broken;
	return shelf->watch ? kube_watch_error(shelf->watch) : NULL;
}

static const void *cache_list(const struct kube_cache *cache,
			      enum kube_kind kind, size_t *count)
{
	*count = cache->shelves[kind].count;
	return *count ? cache->shelves[kind].list : NULL;
}

static const void *cache_find(const struct kube_cache *cache,
			      enum kube_kind kind, const char *name)
{
	const struct cache_shelf *shelf = &cache->shelves[kind];
	bool found;
	size_t at = shelf_find(shelf, name, &found);

	return found ? shelf->list[at] : NULL;
}

const struct kube_pod *const *kube_cache_pods(
	const struct kube_cache *cache, size_t *count)
{
	return cache_list(cache, KUBE_POD, count);
}

const struct kube_deployment *const *kube_cache_deployments(
	const struct kube_cache *cache, size_t *count)
{
	return cache_list(cache, KUBE_DEPLOYMENT, count);
}

const struct kube_replicaset *const *kube_cache_replicasets(
	const struct kube_cache *cache, size_t *count)
{
	return cache_list(cache, KUBE_REPLICASET, count);
}

const struct kube_service *const *kube_cache_services(
	const struct kube_cache *cache, size_t *count)
{
	return cache_list(cache, KUBE_SERVICE, count);
}

const struct kube_slice *const *kube_cache_slices(
	const struct kube_cache *cache, size_t *count)
{
	return cache_list(cache, KUBE_SLICE, count);
}

const struct kube_configmap *const *kube_cache_configmaps(
	const struct kube_cache *cache, size_t *count)
{
	return cache_list(cache, KUBE_CONFIGMAP, count);
}

const struct kube_pod *kube_cache_pod(const struct kube_cache *cache,
				      const char *name)
{
	return cache_find(cache, KUBE_POD, name);
}

const struct kube_deployment *kube_cache_deployment(
	const struct kube_cache *cache, const char *name)
{
	return cache_find(cache, KUBE_DEPLOYMENT, name);
}

const struct kube_service *kube_cache_service(const struct kube_cache *cache,
					      const char *name)
{
	return cache_find(cache, KUBE_SERVICE, name);
}

const struct kube_configmap *kube_cache_configmap(
	const struct kube_cache *cache, const char *name)
{
	return cache_find(cache, KUBE_CONFIGMAP, name);
}
