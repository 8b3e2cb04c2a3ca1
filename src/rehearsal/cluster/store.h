/*
 * All objects of the practice cluster, and the log of their changes that
 * watches read.
 *
 * One lock guards everything. What is stored is never changed afterwards, so a
 * reference taken under the lock may be read without it.
 */
#ifndef CUTOVER_REHEARSAL_STORE_H
#define CUTOVER_REHEARSAL_STORE_H

#include <jansson.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct resource;
struct store;

/* Changes that are kept; a watch from an older position gets a 410. */
#define STORE_LOG_MAX 16384
/* Objects of one resource. */
#define STORE_OBJECTS_MAX 100000

enum change_type { CHANGE_ADDED, CHANGE_MODIFIED, CHANGE_DELETED };

struct store_change {
	int64_t version;                /* the resourceVersion it made */
	enum change_type type;
	const struct resource *resource;
	json_t *object;                 /* after it; last state if DELETED */
	json_t *before;                 /* NULL if ADDED */
};

/* Told of each change, under the lock, in order. */
struct store_listener {
	void (*fn)(void *data, const struct store_change *change);
	void *data;
	struct store_listener *next;    /* the store's own */
};

/* NULL when memory is out. */
struct store *store_new(void);
/* Takes NULL. */
void store_free(struct store *store);

void store_lock(struct store *store);
void store_unlock(struct store *store);

/* Releases the lock until something changes, store_wake is called or ms have
 * passed (ms < 0: no limit), then takes it again. Call with the lock held. */
void store_wait(struct store *store, int64_t ms);
/* Ends such a wait. Call with the lock held. */
void store_wake(struct store *store);

/* All below are called with the lock held. */

/* Borrows the listener until store_free or store_unlisten. */
void store_listen(struct store *store, struct store_listener *listener);
void store_unlisten(struct store *store, struct store_listener *listener);

/* Borrowed; NULL if there is none. ns is "" for what has no namespace. */
json_t *store_get(const struct store *store, const struct resource *resource,
		  const char *ns, const char *name);
/* The objects of a resource in the order of namespace and name: their number,
 * and each of them, borrowed. Valid until the next change. */
size_t store_count(const struct store *store,
		   const struct resource *resource);
json_t *store_at(const struct store *store, const struct resource *resource,
		 size_t index);

/* An array (owned) of all of them as they are now; NULL when memory is out. */
json_t *store_snapshot(const struct store *store,
		       const struct resource *resource);

/* Adds or replaces, by the object's own namespace and name, and gives it the
 * next resourceVersion; takes object, which nobody else may hold. Returns it,
 * borrowed, or NULL when memory is out or a limit reached. */
json_t *store_put(struct store *store, const struct resource *resource,
		  json_t *object);
/* A copy, owned, of an object as it was, under another resourceVersion; NULL when
 * memory is out. */
json_t *store_last_state(const json_t *object, int64_t version);
/* Removes it; the log keeps its last state. 0, or -1 when memory is out. */
int store_remove(struct store *store, const struct resource *resource,
		 const char *ns, const char *name);

/* The latest resourceVersion given, and the oldest from which the log is
 * whole. */
int64_t store_version(const struct store *store);
int64_t store_floor(const struct store *store);
/* Forgets the changes up to now, as a compaction does: the log is whole from
 * here. */
void store_forget(struct store *store);
/* The first change after a version; NULL if there is none yet. Valid until the
 * next change. */
const struct store_change *store_after(const struct store *store,
				       int64_t version);

#endif
