/*
 * See loop.h. A turn is: wait, let libcurl work, call back. curl_multi_poll
 * hides POLLHUP and POLLERR of foreign descriptors, so after the wait they are
 * asked once more by poll without waiting. What a callback ends is only marked
 * and freed at the end of the turn, so nothing in a turn can point at freed
 * memory.
 */
#include "net/loop.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/error.h"
#include "net/loop_private.h"

int loop_open(struct loop **ret, struct error *err)
{
	struct loop *loop;

	if (curl_global_init(CURL_GLOBAL_DEFAULT))
		return error_set(err, ERR_IO, NULL, "libcurl cannot start");
	loop = calloc(1, sizeof(*loop));
	if (!loop)
		goto fail_curl;
	loop->multi = curl_multi_init();
	if (!loop->multi)
		goto fail_loop;
	if (pthread_mutex_init(&loop->post_lock, NULL))
		goto fail_multi;
	/* A peer that closes its end must be an error, not our end. */
	signal(SIGPIPE, SIG_IGN);
	loop->posts_end = &loop->posts;
	loop->signal_fd = -1;
	loop->now = clock_mono_ms();
	*ret = loop;
	return 0;
fail_multi:
	curl_multi_cleanup(loop->multi);
fail_loop:
	free(loop);
fail_curl:
	curl_global_cleanup();
	return error_nomem(err);
}

static void loop_fds_sweep(struct loop *loop)
{
	while (loop->dead_fds) {
		struct loop_fd *watch = loop->dead_fds;

		loop->dead_fds = watch->next;
		free(watch);
	}
}

void loop_close(struct loop *loop)
{
	if (!loop)
		return;
	loop_transfers_close(loop);
	loop_signals_close(loop);
	while (loop->fds)
		loop_unwatch_fd(loop->fds);
	loop_fds_sweep(loop);
	loop_timers_close(loop);
	loop_posts_close(loop);
	curl_multi_cleanup(loop->multi);
	pthread_mutex_destroy(&loop->post_lock);
	free(loop);
	curl_global_cleanup();
}

int loop_watch_fd(struct loop *loop, int fd, short events,
		  void (*fn)(void *data, short revents), void *data,
		  struct loop_fd **ret, struct error *err)
{
	struct loop_fd *watch;

	if (loop->fd_count >= LOOP_FDS_MAX)
		return error_set(err, ERR_LIMIT, NULL,
				 "more than %d descriptors watched",
				 LOOP_FDS_MAX);
	watch = calloc(1, sizeof(*watch));
	if (!watch)
		return error_nomem(err);
	watch->loop = loop;
	watch->fd = fd;
	watch->events = events;
	watch->fn = fn;
	watch->data = data;
	watch->next = loop->fds;
	if (watch->next)
		watch->next->prev = watch;
	loop->fds = watch;
	loop->fd_count++;
	if (ret)
		*ret = watch;
	return 0;
}

void loop_rewatch_fd(struct loop_fd *watch, short events)
{
	watch->events = events;
}

void loop_unwatch_fd(struct loop_fd *watch)
{
	struct loop *loop;

	if (!watch || watch->dead)
		return;
	loop = watch->loop;
	if (watch->prev)
		watch->prev->next = watch->next;
	else
		loop->fds = watch->next;
	if (watch->next)
		watch->next->prev = watch->prev;
	watch->dead = true;
	watch->next = loop->dead_fds;
	loop->dead_fds = watch;
	loop->fd_count--;
}

/* The descriptors of one turn, in the forms that curl and poll want. */
struct loop_wait {
	struct loop_fd *watch[LOOP_FDS_MAX];
	struct curl_waitfd extra[LOOP_FDS_MAX];
	struct pollfd poll[LOOP_FDS_MAX];
	unsigned int count;
};

static void loop_wait_fill(struct loop *loop, struct loop_wait *wait)
{
	wait->count = 0;
	for (struct loop_fd *at = loop->fds; at; at = at->next) {
		unsigned int i = wait->count;
		short events = 0;

		if (!at->events)
			continue;
		if (at->events & POLLIN)
			events |= CURL_WAIT_POLLIN;
		if (at->events & POLLPRI)
			events |= CURL_WAIT_POLLPRI;
		if (at->events & POLLOUT)
			events |= CURL_WAIT_POLLOUT;
		wait->watch[i] = at;
		wait->extra[i] = (struct curl_waitfd){at->fd, events, 0};
		wait->poll[i] = (struct pollfd){at->fd, at->events, 0};
		wait->count++;
	}
}

static int loop_wait_poll(struct loop *loop, struct loop_wait *wait,
			  int64_t max_ms, struct error *err)
{
	CURLMcode code;
	int ready = 0;

	loop_wait_fill(loop, wait);
	max_ms = loop_timers_wait(loop, max_ms);
	code = curl_multi_poll(loop->multi, wait->extra, wait->count,
			       max_ms > INT_MAX ? INT_MAX : (int)max_ms,
			       &ready);
	if (code)
		return error_set(err, ERR_IO, NULL, "waiting failed: %s",
				 curl_multi_strerror(code));
	if (poll(wait->poll, wait->count, 0) < 0 && errno != EINTR)
		return error_errno(err, NULL, "waiting failed");
	for (unsigned int i = 0; i < wait->count; i++)
		ready -= wait->extra[i].revents != 0;
	loop->curl_ready = ready > 0;
	loop->now = clock_mono_ms();
	return 0;
}

static void loop_wait_dispatch(const struct loop_wait *wait)
{
	for (unsigned int i = 0; i < wait->count; i++) {
		struct loop_fd *watch = wait->watch[i];
		short revents = wait->poll[i].revents;

		/* An earlier callback may have ended or changed the watch. */
		revents &= (short)(watch->events | POLLHUP | POLLERR | POLLNVAL);
		if (revents && !watch->dead && watch->events)
			watch->fn(watch->data, revents);
	}
}

int loop_turn(struct loop *loop, int64_t max_wait_ms, struct error *err)
{
	struct loop_wait wait;
	int status;

	status = loop_wait_poll(loop, &wait, max_wait_ms < 0 ? 0 : max_wait_ms,
				err);
	if (status)
		return status;
	loop_wait_dispatch(&wait);
	loop_posts_run(loop);
	status = loop_transfers_run(loop, err);
	loop_timers_run(loop);
	loop_fds_sweep(loop);
	loop_timers_sweep(loop);
	return status;
}

int loop_run(struct loop *loop, struct error *err)
{
	int status = 0;

	loop->stopping = false;
	while (!status && !loop->stopping)
		status = loop_turn(loop, INT_MAX, err);
	return status;
}

void loop_stop(struct loop *loop)
{
	loop->stopping = true;
}

int64_t loop_now(const struct loop *loop)
{
	return loop->now;
}
