/*
 * The picture of one namespace, kept by watches: pods, deployments, replica
 * sets, services, endpoint slices, config maps (as asked). Lists are sorted by
 * name; pointers into them are valid until the callback that asked returns.
 */
#ifndef CUTOVER_KUBE_CACHE_H
#define CUTOVER_KUBE_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kube/client.h"
#include "kube/object.h"
#include "kube/watch.h"

struct kube_cache;

#define KUBE_CACHE_MASK(kind) (1u << (kind))
#define KUBE_CACHE_DEFAULT (KUBE_CACHE_MASK(KUBE_POD) | \
	KUBE_CACHE_MASK(KUBE_DEPLOYMENT) | KUBE_CACHE_MASK(KUBE_REPLICASET) | \
	KUBE_CACHE_MASK(KUBE_SERVICE) | KUBE_CACHE_MASK(KUBE_SLICE))

struct kube_cache_options {
	const char *namespace_;         /* NULL: the client's */
	unsigned kinds;                 /* KUBE_CACHE_MASK or-ed; 0: DEFAULT */
	int64_t turn_s, quiet_ms;       /* as of struct kube_watch_options */
	/* After each change; name is "" for SYNCED, ERROR and RECOVERED. Do not
	 * close the cache in it. */
	void (*on_change)(void *data, enum kube_kind kind,
			  enum kube_event event, const char *name);
	void *data;
};

int kube_cache_open(struct kube_cache **ret, struct kube_client *client,
		    const struct kube_cache_options *options,
		    struct error *err);
/* Takes NULL; call before kube_client_close. */
void kube_cache_close(struct kube_cache *cache);

const char *kube_cache_namespace(const struct kube_cache *cache);
/* Per kind; a kind that is not watched is never synced, age -1, no error. */
bool kube_cache_synced(const struct kube_cache *cache, enum kube_kind kind);
int64_t kube_cache_age(const struct kube_cache *cache, enum kube_kind kind);
const struct error *kube_cache_error(const struct kube_cache *cache,
				     enum kube_kind kind);

/* The lists; *count is set, the result is NULL where there are none. */
const struct kube_pod *const *kube_cache_pods(
	const struct kube_cache *cache, size_t *count);
const struct kube_deployment *const *kube_cache_deployments(
	const struct kube_cache *cache, size_t *count);
const struct kube_replicaset *const *kube_cache_replicasets(
	const struct kube_cache *cache, size_t *count);
const struct kube_service *const *kube_cache_services(
	const struct kube_cache *cache, size_t *count);
const struct kube_slice *const *kube_cache_slices(
	const struct kube_cache *cache, size_t *count);
const struct kube_configmap *const *kube_cache_configmaps(
	const struct kube_cache *cache, size_t *count);

/* By name, or NULL. */
const struct kube_pod *kube_cache_pod(const struct kube_cache *cache,
				      const char *name);
const struct kube_deployment *kube_cache_deployment(
	const struct kube_cache *cache, const char *name);
const struct kube_service *kube_cache_service(const struct kube_cache *cache,
					      const char *name);
const struct kube_configmap *kube_cache_configmap(
	const struct kube_cache *cache, const char *name);

#endif
