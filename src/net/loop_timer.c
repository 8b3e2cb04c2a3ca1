/* Timers of the loop: a list in the order of their times. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/error.h"
#include "net/loop_private.h"

static void timer_link(struct loop *loop, struct loop_timer *timer)
{
	struct loop_timer *before = NULL, *at = loop->timers;

	while (at && at->due <= timer->due) {
		before = at;
		at = at->next;
	}
	timer->order = loop->timer_order++;
	timer->prev = before;
	timer->next = at;
	if (before)
		before->next = timer;
	else
		loop->timers = timer;
	if (at)
		at->prev = timer;
}

static void timer_unlink(struct loop *loop, struct loop_timer *timer)
{
	if (timer->prev)
		timer->prev->next = timer->next;
	else
		loop->timers = timer->next;
	if (timer->next)
		timer->next->prev = timer->prev;
}

int loop_timer(struct loop *loop, int64_t delay_ms, int64_t repeat_ms,
	       void (*fn)(void *data), void *data, struct loop_timer **ret,
	       struct error *err)
{
	struct loop_timer *timer;

	if (loop->timer_count >= LOOP_TIMERS_MAX)
		return error_set(err, ERR_LIMIT, NULL, "more than %d timers",
				 LOOP_TIMERS_MAX);
	timer = calloc(1, sizeof(*timer));
	if (!timer)
		return error_nomem(err);
	timer->loop = loop;
	timer->due = clock_mono_ms() + delay_ms;
	timer->repeat_ms = repeat_ms;
	timer->fn = fn;
	timer->data = data;
	timer_link(loop, timer);
	loop->timer_count++;
	if (ret)
		*ret = timer;
	return 0;
}

void loop_timer_set(struct loop_timer *timer, int64_t delay_ms)
{
	timer_unlink(timer->loop, timer);
	timer->due = clock_mono_ms() + delay_ms;
	timer_link(timer->loop, timer);
}

void loop_timer_cancel(struct loop_timer *timer)
{
	struct loop *loop;

	if (!timer || timer->dead)
		return;
	loop = timer->loop;
	timer_unlink(loop, timer);
	timer->dead = true;
	timer->next = loop->dead_timers;
	loop->dead_timers = timer;
	loop->timer_count--;
}

int64_t loop_timers_wait(const struct loop *loop, int64_t max_ms)
{
	int64_t left;

	if (!loop->timers)
		return max_ms;
	left = loop->timers->due - clock_mono_ms();
	if (left < 0)
		left = 0;
	return left < max_ms ? left : max_ms;
}

void loop_timers_run(struct loop *loop)
{
	/* Timers made or repeated in this turn wait for the next. */
	const uint64_t end = loop->timer_order;
	struct loop_timer *timer;

	while ((timer = loop->timers) && timer->due <= loop->now &&
	       timer->order < end) {
		if (timer->repeat_ms) {
			timer_unlink(loop, timer);
			timer->due += timer->repeat_ms;
			if (timer->due <= loop->now)    /* no bursts */
				timer->due = loop->now + timer->repeat_ms;
			timer_link(loop, timer);
		} else {
			loop_timer_cancel(timer);
		}
		timer->fn(timer->data);
	}
}

void loop_timers_sweep(struct loop *loop)
{
	while (loop->dead_timers) {
		struct loop_timer *timer = loop->dead_timers;

		loop->dead_timers = timer->next;
		free(timer);
	}
}

void loop_timers_close(struct loop *loop)
{
	while (loop->timers)
		loop_timer_cancel(loop->timers);
	loop_timers_sweep(loop);
}
