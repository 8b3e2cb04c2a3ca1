/*
 * Requests that the flag service lets wait: suspended connections in one list,
 * and the thread that lets them go on. See flag_private.h.
 */
#include <microhttpd.h>
#include <time.h>

#include "base/clock.h"
#include "base/text.h"
#include "rehearsal/flag_private.h"

#define HOLD_MS 5000            /* longest a GET with ?after= waits */

/* Lets every held request go on, and those delayed whose time has come or whose
 * service is slow no more (or, with all, every one); returns when the next will
 * have, at most HOLD_MS from now. The lock is held. */
static int64_t flag_release(struct flag *flag, bool held, bool all)
{
	int64_t now = clock_mono_ms(), next_ms = now + HOLD_MS;
	bool hurry = flag->mood != FLAG_SLOW;
	struct flag_request **link = &flag->held;

	while (*link) {
		struct flag_request *request = *link;

		if (all || (request->due_ms ? hurry || request->due_ms <= now :
			    held)) {
			/* Unlinked first: once resumed it may be gone. */
			*link = request->next;
			MHD_resume_connection(request->connection);
			continue;
		}
		if (request->due_ms && request->due_ms < next_ms)
			next_ms = request->due_ms;
		link = &request->next;
	}
	return next_ms;
}

/* Waits until next_ms, or something has changed; the lock is held. */
static void flag_wait(struct flag *flag, int64_t next_ms)
{
	int64_t left = next_ms - clock_mono_ms();
	struct timespec until;

	if (left <= 0)
		return;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += left % 1000 * 1000000;
	until.tv_sec += left / 1000 + until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	pthread_cond_timedwait(&flag->changed, &flag->lock, &until);
}

void *flag_releaser(void *data)
{
	struct flag *flag = data;
	int64_t seen, hold_until, next_ms;

	pthread_mutex_lock(&flag->lock);
	seen = flag->number;
	hold_until = clock_mono_ms() + HOLD_MS;
	while (!flag->closing) {
		bool held = flag->number != seen ||
			    clock_mono_ms() >= hold_until;

		seen = flag->number;
		if (held)
			hold_until = clock_mono_ms() + HOLD_MS;
		next_ms = flag_release(flag, held, flag->mood == FLAG_DOWN);
		if (flag->number == seen && !flag->closing)
			flag_wait(flag, next_ms < hold_until ? next_ms :
				  hold_until);
	}
	flag_release(flag, true, true);
	pthread_mutex_unlock(&flag->lock);
	return NULL;
}

/* Suspends the request's connection, until due_ms or (0) a change; the lock is
 * held. */
static void flag_keep(struct flag *flag, struct flag_request *request,
		      int64_t due_ms)
{
	request->due_ms = due_ms;
	request->next = flag->held;
	flag->held = request;
	MHD_suspend_connection(request->connection);
	if (due_ms)
		pthread_cond_signal(&flag->changed);
}

bool flag_delay(struct flag *flag, struct flag_request *request)
{
	bool delay;

	pthread_mutex_lock(&flag->lock);
	delay = !request->was_delayed && !flag->closing &&
		flag->mood == FLAG_SLOW;
	if (delay) {
		request->was_delayed = true;
		flag_keep(flag, request, clock_mono_ms() + flag->delay_ms);
	}
	pthread_mutex_unlock(&flag->lock);
	return delay;
}

bool flag_hold(struct flag *flag, struct flag_request *request)
{
	const char *after = MHD_lookup_connection_value(
		request->connection, MHD_GET_ARGUMENT_KIND, "after");
	int64_t number;
	bool hold;

	if (!after || text_parse_int(after, 0, INT64_MAX, &number))
		return false;
	pthread_mutex_lock(&flag->lock);
	hold = !request->was_held && !flag->closing && flag->number == number;
	if (hold) {
		request->was_held = true;
		flag_keep(flag, request, 0);
	}
	pthread_mutex_unlock(&flag->lock);
	return hold;
}
