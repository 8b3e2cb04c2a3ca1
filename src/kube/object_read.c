/* Reading and freeing objects: one table from kind to size and reader. */
#include <stdlib.h>

#include "kube/object_pack.h"

static const struct {
	size_t size;
	void (*fill)(struct pack *pack, void *object, const json_t *json);
} object_kinds[KUBE_KIND_COUNT] = {
	[KUBE_POD] = {sizeof(struct kube_pod), pod_fill},
	[KUBE_DEPLOYMENT] = {sizeof(struct kube_deployment), deployment_fill},
	[KUBE_REPLICASET] = {sizeof(struct kube_replicaset), replicaset_fill},
	[KUBE_SERVICE] = {sizeof(struct kube_service), service_fill},
	[KUBE_SLICE] = {sizeof(struct kube_slice), slice_fill},
	[KUBE_CONFIGMAP] = {sizeof(struct kube_configmap), configmap_fill},
};

int object_read(enum kube_kind kind, void **ret, const json_t *json,
		struct error *err)
{
	return pack_build(ret, object_kinds[kind].size, object_kinds[kind].fill,
			  json, err);
}

int kube_pod_read(struct kube_pod **ret, const json_t *json, struct error *err)
{
	void *object;
	int status = object_read(KUBE_POD, &object, json, err);

	if (!status)
		*ret = object;
	return status;
}

void kube_pod_free(struct kube_pod *pod)
{
	free(pod);
}

int kube_deployment_read(struct kube_deployment **ret, const json_t *json,
			 struct error *err)
{
	void *object;
	int status = object_read(KUBE_DEPLOYMENT, &object, json, err);

	if (!status)
		*ret = object;
	return status;
}

void kube_deployment_free(struct kube_deployment *deployment)
{
	free(deployment);
}

int kube_replicaset_read(struct kube_replicaset **ret, const json_t *json,
			 struct error *err)
{
	void *object;
	int status = object_read(KUBE_REPLICASET, &object, json, err);

	if (!status)
		*ret = object;
	return status;
}

void kube_replicaset_free(struct kube_replicaset *set)
{
	free(set);
}

int kube_service_read(struct kube_service **ret, const json_t *json,
		      struct error *err)
{
	void *object;
	int status = object_read(KUBE_SERVICE, &object, json, err);

	if (!status)
		*ret = object;
	return status;
}

void kube_service_free(struct kube_service *service)
{
	free(service);
}

int kube_slice_read(struct kube_slice **ret, const json_t *json,
		    struct error *err)
{
	void *object;
	int status = object_read(KUBE_SLICE, &object, json, err);

	if (!status)
		*ret = object;
	return status;
}

void kube_slice_free(struct kube_slice *slice)
{
	free(slice);
}

int kube_configmap_read(struct kube_configmap **ret, const json_t *json,
			struct error *err)
{
	void *object;
	int status = object_read(KUBE_CONFIGMAP, &object, json, err);

	if (!status)
		*ret = object;
	return status;
}

void kube_configmap_free(struct kube_configmap *map)
{
	free(map);
}
