/*
 * What the containers of pods have said: for each pod its last run and the one
 * before, as a node keeps them, the oldest lines of a long one left out.
 *
 * One lock of its own, under which no other is taken: any thread, also one that
 * has the store locked.
 */
#ifndef CUTOVER_REHEARSAL_PODLOG_H
#define CUTOVER_REHEARSAL_PODLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct podlog_reader;
struct podlogs;

#define PODLOG_LINES_MAX 1000   /* of one run */

/* NULL when memory is out. */
struct podlogs *podlogs_new(void);
/* No reader may be left. Takes NULL. */
void podlogs_free(struct podlogs *logs);
/* Ends all readers that follow, each being unparked and then at its end, and
 * lets none follow; or lets them again. Takes NULL. */
void podlogs_close(struct podlogs *logs, bool closed);

/* A container of the pod begins to run: what the last run has said is what the
 * previous one has said from now on. 0 or -1 when memory is out. */
int podlogs_begin(struct podlogs *logs, const char *uid);
/* It says a line (copied, without its line feed). Of a pod that is not known,
 * and when memory is out, nothing is kept. */
void podlogs_say(struct podlogs *logs, const char *uid, const char *line);
/* It has exited: whoever follows it comes to the end. */
void podlogs_end(struct podlogs *logs, const char *uid);
/* The pod is gone. */
void podlogs_forget(struct podlogs *logs, const char *uid);

struct podlog_query {
	bool previous;          /* the run before the last */
	bool follow;
	bool timestamps;
	int64_t tail;           /* the last lines only; -1: all */
	int64_t since_ms;       /* of the wall clock; 0: all */
	int64_t limit;          /* bytes; -1: no end */
};

#define PODLOG_PARKED (-1)
#define PODLOG_END (-2)

/* Opens a reader of that pod's log, of nothing where the pod has said nothing;
 * NULL when memory is out. unpark(data) is called, from any thread, once after
 * each PODLOG_PARKED. *ret is owned: podlog_close. */
struct podlog_reader *podlog_open(struct podlogs *logs, const char *uid,
				  const struct podlog_query *query,
				  void (*unpark)(void *data), void *data);
/* Takes NULL. */
void podlog_close(struct podlog_reader *reader);
/*
 * Up to size bytes into dst: their number, PODLOG_PARKED or PODLOG_END. Before
 * PODLOG_PARKED is returned, park(data) is called with the lock held, so that
 * no unpark is lost.
 */
ssize_t podlog_read(struct podlog_reader *reader, char *dst, size_t size,
		    void (*park)(void *data));

#endif
