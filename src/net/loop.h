/*
 * The one event loop: curl_multi_poll with descriptors, timers, signals and
 * work posted by other threads beside the HTTP transfers.
 *
 * Everything but loop_post belongs to the thread that runs the loop. Callbacks
 * run one after the other from loop_turn, never inside one another and never
 * inside libcurl: any of them may start, cancel and stop anything, itself
 * included.
 */
#ifndef CUTOVER_NET_LOOP_H
#define CUTOVER_NET_LOOP_H

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

struct error;
struct loop;
struct loop_fd;
struct loop_timer;

#define LOOP_FDS_MAX 64         /* descriptors watched at once */
#define LOOP_TIMERS_MAX 1024    /* timers at once */
#define LOOP_POSTS_MAX 65536    /* posted, not yet run */

/* Opens a loop; ERR_NOMEM or ERR_IO. Also initialises libcurl (the first call
 * must come before any thread is started). */
int loop_open(struct loop **ret, struct error *err);
/* Ends all transfers without their callbacks, drops timers, descriptors and
 * what was posted. Takes NULL. No thread may post any more. */
void loop_close(struct loop *loop);

/*
 * Calls fn on each turn in which fd is ready: events and revents are poll's
 * (POLLIN, POLLOUT; POLLHUP and POLLERR come unasked). The descriptor stays
 * the caller's; unwatch it before closing it. ERR_LIMIT, ERR_NOMEM.
 */
int loop_watch_fd(struct loop *loop, int fd, short events,
		  void (*fn)(void *data, short revents), void *data,
		  struct loop_fd **ret, struct error *err);
/* Changes what is waited for; 0 pauses the watch. */
void loop_rewatch_fd(struct loop_fd *watch, short events);
/* Ends a watch; takes NULL. fn is not called again, not even in this turn. */
void loop_unwatch_fd(struct loop_fd *watch);

/*
 * Calls fn after delay_ms (0: in the next turn), then each repeat_ms (0: once).
 * Timers due together run in the order of their times, then of their making.
 * The handle of a one-shot timer is valid until its fn returns: forget it
 * there. ret may be NULL. ERR_LIMIT, ERR_NOMEM.
 */
int loop_timer(struct loop *loop, int64_t delay_ms, int64_t repeat_ms,
	       void (*fn)(void *data), void *data, struct loop_timer **ret,
	       struct error *err);
/* A timer that repeats with this rests until it is set. */
#define LOOP_TIMER_REST (INT64_MAX / 4)
/* Has a timer's next call come after delay_ms instead; takes no memory. Not for
 * a one-shot timer whose fn has been called. */
void loop_timer_set(struct loop_timer *timer, int64_t delay_ms);
/* Ends a timer; takes NULL. fn is not called again. */
void loop_timer_cancel(struct loop_timer *timer);

/*
 * From any thread: runs fn(data) on the loop's thread soon, in the order of
 * posting. 0, ERR_NOMEM or ERR_LIMIT.
 */
int loop_post(struct loop *loop, void (*fn)(void *data), void *data);

/*
 * Blocks the signals in this thread (call it before starting threads, so that
 * they inherit the mask) and calls fn for each one that arrives. Once a loop.
 * The old mask comes back with loop_close.
 */
int loop_signals(struct loop *loop, const int *signals, size_t count,
		 void (*fn)(void *data, int signal), void *data,
		 struct error *err);

/* Turns until loop_stop; 0, or an error of the loop itself. */
int loop_run(struct loop *loop, struct error *err);
/* One turn: waits at most max_wait_ms (less if a timer is due), then calls
 * back what is ready. */
int loop_turn(struct loop *loop, int64_t max_wait_ms, struct error *err);
/* Makes loop_run return after this turn. */
void loop_stop(struct loop *loop);

/* Monotonic milliseconds, taken once a turn. */
int64_t loop_now(const struct loop *loop);

#endif
