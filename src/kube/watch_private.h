/* The inside of a watch, for watch.c, watch_list.c, watch_stream.c and
 * watch_seen.c. */
#ifndef CUTOVER_KUBE_WATCH_PRIVATE_H
#define CUTOVER_KUBE_WATCH_PRIVATE_H

#include "base/buf.h"
#include "kube/watch.h"

#define WATCH_VERSION_MAX 128   /* bytes of a resourceVersion */

struct kube_watch {
	struct kube_client *client;
	void (*on_event)(void *data, enum kube_event event,
			 const json_t *object, const struct error *err);
	void *data;
	struct buf path;                /* with the selectors */
	char *namespace_;
	int64_t turn_s, quiet_ms;
	char version[WATCH_VERSION_MAX];        /* ""; list first */
	struct buf next_page;           /* continue token, or empty */
	json_t *seen;                   /* name -> "uid version": told so far */
	json_t *listed;                 /* names of the list under way, or NULL */
	struct kube_call *call;
	struct loop_timer *timer;       /* to try again; made once, so that it is
					   there when memory is not */
	struct buf lines;               /* bytes that are no whole line yet */
	bool synced, open;
	int64_t last_sign;              /* of life */
	int64_t opened;
	size_t events;                  /* since it was opened */
	int64_t backoff_ms;
	int64_t asked_ms;               /* by an ERROR event; negative: not */
	struct error trouble;
	unsigned busy;                  /* callbacks of the loop under way */
	bool closed;                    /* free it once not busy */
};

/* Tells; false if the watch was closed in it. */
bool watch_tell(struct kube_watch *watch, enum kube_event event,
		const json_t *object, const struct error *err);

/* An object as a list or event showed it: tells ADDED, MODIFIED or nothing.
 * 0, ERR_CANCELLED (closed meanwhile), ERR_LIMIT, ERR_NOMEM. */
int watch_seen_object(struct kube_watch *watch, const json_t *object,
		      struct error *err);
/* It is gone: tells DELETED if it had been told. */
int watch_seen_deleted(struct kube_watch *watch, const json_t *object);
/* The list is complete: tells DELETED for all that it did not have. */
int watch_seen_sweep(struct kube_watch *watch, struct error *err);

/* watch.c. Every callback of the client and the loop runs between these two,
 * so that the watch may be closed in one. */
void watch_enter(struct kube_watch *watch);
void watch_leave(struct kube_watch *watch);
/* Tries again in delay_ms. */
void watch_again(struct kube_watch *watch, int64_t delay_ms);
/* The next delay after a failure. */
int64_t watch_backoff(struct kube_watch *watch);
/* Tells a trouble (once while it is the same) and tries again later.
 * retry_ms: what the server asked for, or negative. */
void watch_trouble(struct kube_watch *watch, const struct error *err,
		   int64_t retry_ms);
/* The trouble, if there was one, is over. */
void watch_well(struct kube_watch *watch);
/* The version we know is no longer kept: the next try lists. */
void watch_forget_version(struct kube_watch *watch);
void watch_take_version(struct kube_watch *watch, const json_t *object);
/* Something came from the server. */
void watch_sign(struct kube_watch *watch);

/* watch_stream.c, watch_list.c: begin; they go on by themselves. */
int watch_start_stream(struct kube_watch *watch, struct error *err);
int watch_start_list(struct kube_watch *watch, struct error *err);

#endif
