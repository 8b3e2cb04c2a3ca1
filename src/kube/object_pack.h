/*
 * An object in one allocation. It is read twice: once into scratch memory, to
 * learn its size, and once for good; so a reader is written once, as if memory
 * were at hand. For the files of kube/ alone.
 */
#ifndef CUTOVER_KUBE_OBJECT_PACK_H
#define CUTOVER_KUBE_OBJECT_PACK_H

#include "kube/client.h"
#include "kube/object.h"

struct pack {
	struct arena scratch;
	char *block;            /* NULL: measuring */
	size_t used;
	int status;             /* 0, ERR_NOMEM or ERR_LIMIT: the first */
};

/* Runs fill (twice) on an object of size bytes that begins the allocation;
 * the result is freed by free(). */
int pack_build(void **ret, size_t size,
	       void (*fill)(struct pack *pack, void *object,
			    const json_t *json),
	       const json_t *json, struct error *err);

/* Zeroed memory; NULL (and a status) for 0 elements, more than max, or when
 * memory is out. */
void *pack_array(struct pack *pack, size_t count, size_t max, size_t size);
/* A copy; "" for NULL. */
const char *pack_text(struct pack *pack, const char *text);
/* The string (or integer, as text) at path, as a copy; "" where absent. */
const char *pack_at(struct pack *pack, const json_t *json, const char *path);

/* Parts that objects share (object.c). */
void pack_meta(struct pack *pack, struct kube_meta *meta, const json_t *json);
/* A map of strings, each value cut to value_max bytes. */
void pack_labels(struct pack *pack, struct kube_labels *labels,
		 const json_t *map, size_t max, size_t value_max);
void pack_containers(struct pack *pack, struct kube_containers *containers,
		     const json_t *array);
void pack_managers(struct pack *pack, struct kube_managers *managers,
		   const json_t *json);
/* The name of the owner of that kind. */
const char *pack_owner(struct pack *pack, const json_t *json, const char *kind);
const struct kube_port *pack_ports(struct pack *pack, const json_t *array,
				   size_t *ret_count);
/* The condition of that type in status.conditions, or NULL. */
const json_t *object_condition(const json_t *json, const char *type);

/* Reads an object of a kind that is cut down (pods, deployments, replica sets,
 * services, slices, config maps); the result begins with its struct kube_meta
 * and is freed by free(). */
int object_read(enum kube_kind kind, void **ret, const json_t *json,
		struct error *err);

void pod_fill(struct pack *pack, void *object, const json_t *json);
void replicaset_fill(struct pack *pack, void *object, const json_t *json);
void deployment_fill(struct pack *pack, void *object, const json_t *json);
void service_fill(struct pack *pack, void *object, const json_t *json);
void slice_fill(struct pack *pack, void *object, const json_t *json);
void configmap_fill(struct pack *pack, void *object, const json_t *json);

#endif
