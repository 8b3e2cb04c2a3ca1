/*
 * What every write does to an object, whoever writes: the server's own
 * metadata, generation, managed fields, and the ways of deletion. All with the
 * store locked.
 */
#ifndef CUTOVER_REHEARSAL_WRITE_H
#define CUTOVER_REHEARSAL_WRITE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct resource;
struct store;

#define WRITE_CONTROLLER "kube-controller-manager"
#define WRITE_KUBELET "practice-kubelet"

/* Who writes what: "status" and "scale" are subresources, "" the object. */
struct writer {
	const char *manager;
	const char *subresource;
	const json_t *applied;  /* the set that he applies; NULL: he updates */
};

/* Gives an object that has metadata.generateName and no name one that is free.
 * 0, or -1 when memory is out. */
int write_generate_name(const struct store *store,
			const struct resource *resource, json_t *object);

/* Finishes a new object that has a name: uid, times, generation, managed
 * fields. Takes object; returns it ready for store_put, or NULL when memory is
 * out. */
json_t *write_finish_new(const struct resource *resource, json_t *object,
			 const struct writer *writer);
/*
 * Finishes a changed one: what the server owns is as before, generation counts
 * up if the spec differs, managed fields follow. Takes object; returns it, or
 * a reference to before if nothing differs, or NULL when memory is out.
 */
json_t *write_finish_change(const struct resource *resource, json_t *object,
			    json_t *before, const struct writer *writer);

/* Both take object, finish and store it; borrowed, NULL when memory is out, and
 * write_new also when there is one of its name. */
json_t *write_new(struct store *store, const struct resource *resource,
		  json_t *object, const struct writer *writer);
json_t *write_change(struct store *store, const struct resource *resource,
		     json_t *object, json_t *before,
		     const struct writer *writer);

/* The object with its deletion asked for, owned; a pod gets grace seconds.
 * NULL when memory is out. */
json_t *write_doomed(const struct resource *resource, const json_t *object,
		     int64_t grace);
/*
 * Deletes: a scheduled pod with grace > 0 and anything with finalizers is
 * marked, the rest removed. grace < 0 takes the pod's own. 0, or -1 when memory
 * is out.
 */
int write_delete(struct store *store, const struct resource *resource,
		 json_t *object, int64_t grace);

#endif
