/*
 * List, then watch: keeps telling what is in a collection.
 *
 * A clean end goes on from the last resourceVersion; 410 lists again and tells
 * what vanished meanwhile as deleted; network errors back off from 250 ms to
 * 5 s; a silent connection is given up as half-open; refused rights are tried
 * again slowly. Each trouble is told once (ERROR), and its end (RECOVERED).
 */
#ifndef CUTOVER_KUBE_WATCH_H
#define CUTOVER_KUBE_WATCH_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "kube/client.h"

struct kube_watch;

#define KUBE_WATCH_PAGE 100             /* objects of one list request */
#define KUBE_WATCH_OBJECTS_MAX 50000    /* in one collection */
#define KUBE_WATCH_EVENT_MAX (8u << 20) /* bytes of one event */
#define KUBE_WATCH_BACKOFF_MIN_MS 250
#define KUBE_WATCH_BACKOFF_MAX_MS 5000
#define KUBE_WATCH_DENIED_RETRY_MS 15000
#define KUBE_WATCH_RETRY_MAX_MS 60000   /* of what a server may ask for */
#define KUBE_WATCH_TURN_S 5             /* the server ends a watch after this:
					   a sign of life, end to end */
#define KUBE_WATCH_QUIET_MS 8000        /* silence that means half-open */
#define KUBE_WATCH_SLACK_MS 1000        /* a turn may end so much later */

enum kube_event {
	KUBE_SYNCED,            /* the list is complete: object is NULL */
	KUBE_ADDED,
	KUBE_MODIFIED,
	KUBE_DELETED,           /* after a relist: {"metadata": {name, namespace,
				   uid}} is all there is */
	KUBE_ERROR,             /* err tells; the watch goes on trying */
	KUBE_RECOVERED,         /* the trouble last told is over */
};

/* All texts are copied. */
struct kube_watch_options {
	enum kube_kind kind;
	const char *namespace_;         /* NULL: the client's */
	const char *label_selector;     /* as text, or NULL */
	const char *field_selector;     /* "metadata.name=x", or NULL */
	int64_t turn_s;                 /* 0: KUBE_WATCH_TURN_S */
	int64_t quiet_ms;               /* 0: KUBE_WATCH_QUIET_MS */
	/* object and err are borrowed during the call. The watch may be closed
	 * in it. */
	void (*on_event)(void *data, enum kube_event event,
			 const json_t *object, const struct error *err);
	void *data;
};

/* Begins; events come in later turns. ERR_NOMEM, ERR_LIMIT. */
int kube_watch_open(struct kube_watch **ret, struct kube_client *client,
		    const struct kube_watch_options *options,
		    struct error *err);
/* Ends without calling back; takes NULL. */
void kube_watch_close(struct kube_watch *watch);

/* The first list has come whole. */
bool kube_watch_synced(const struct kube_watch *watch);
/*
 * Milliseconds for which nothing vouches for the picture: 0 while a watch that
 * was accepted is open and silent for no longer than a turn (plus
 * KUBE_WATCH_SLACK_MS), else the time since the last sign of life; -1 before
 * the first list.
 */
int64_t kube_watch_age(const struct kube_watch *watch);
/* The trouble it is in, or NULL. */
const struct error *kube_watch_error(const struct kube_watch *watch);

#endif
