/*
 * Watches: streams of events, one JSON document a line, fed from the store's
 * log. A watch makes its bytes on demand; when there are none it is parked
 * until the store changes or its time comes.
 */
#ifndef CUTOVER_REHEARSAL_WATCH_H
#define CUTOVER_REHEARSAL_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "rehearsal/cluster/api.h"
#include "rehearsal/cluster/table.h"

struct store;
struct watch;
struct watch_hub;

/* In what form objects are sent. */
enum watch_form { WATCH_PLAIN, WATCH_TABLE, WATCH_METADATA };

struct watch_options {
	struct api_request request;     /* its strings are copied */
	enum watch_form form;
	enum table_include include;
	bool bookmarks;
	bool initial_events;            /* sendInitialEvents */
	int64_t timeout_ms;             /* 0: half an hour to an hour */
};

#define WATCH_PARKED (-1)
#define WATCH_END (-2)

/* NULL when memory is out. The store is borrowed. */
struct watch_hub *watch_hub_new(struct store *store);
/* No watch may be left. Takes NULL. */
void watch_hub_free(struct watch_hub *hub);
/* Ends all watches, each being unparked and then at its end, and takes no more;
 * or takes them again. */
void watch_hub_close(struct watch_hub *hub, bool closed);
/* Unparks those whose time has come; returns milliseconds until the next one's
 * does, or -1 if there is none. With the store locked. */
int64_t watch_hub_tick(struct watch_hub *hub);

/*
 * Opens a watch, or answers why not and returns NULL. unpark(data) is called,
 * from any thread with the store locked, once after each WATCH_PARKED.
 */
struct watch *watch_open(struct watch_hub *hub,
			 const struct watch_options *options,
			 void (*unpark)(void *data), void *data,
			 struct answer *answer);
/* Takes NULL. */
void watch_close(struct watch *watch);

/*
 * Up to size bytes of the stream into dst: their number, WATCH_PARKED or
 * WATCH_END. Before WATCH_PARKED is returned, park(data) is called with the
 * store locked, so that no unpark is lost.
 */
ssize_t watch_read(struct watch *watch, char *dst, size_t size,
		   void (*park)(void *data));

#endif
