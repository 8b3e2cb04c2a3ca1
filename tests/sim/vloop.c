/* See vloop.h. Timers in a list; the earliest is looked for, there are few. */
#include "vloop.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/error.h"

struct loop_timer {
	struct loop *loop;
	struct loop_timer *next;
	int64_t due_ms, repeat_ms;
	uint64_t order;                 /* of making: breaks ties */
	void (*fn)(void *data);
	void *data;
	bool running, cancelled;
};

struct loop {
	struct loop_timer *timers;
	uint64_t orders;
};

static int64_t vloop_now_ms;    /* what every clock of this process says */

int64_t clock_mono_ms(void)
{
	return vloop_now_ms;
}

int64_t clock_wall_ms(void)
{
	return VLOOP_EPOCH_MS + vloop_now_ms;
}

struct loop *vloop_open(void)
{
	vloop_now_ms = 1000;
	return calloc(1, sizeof(struct loop));
}

void vloop_close(struct loop *loop)
{
	while (loop->timers) {
		struct loop_timer *timer = loop->timers;

		loop->timers = timer->next;
		free(timer);
	}
	free(loop);
}

int64_t loop_now(const struct loop *loop)
{
	(void)loop;
	return vloop_now_ms;
}

static void vloop_insert(struct loop *loop, struct loop_timer *timer)
{
	timer->order = loop->orders++;
	timer->next = loop->timers;
	loop->timers = timer;
}

static void vloop_remove(struct loop *loop, struct loop_timer *timer)
{
	struct loop_timer **at = &loop->timers;

	while (*at != timer)
		at = &(*at)->next;
	*at = timer->next;
}

int loop_timer(struct loop *loop, int64_t delay_ms, int64_t repeat_ms,
	       void (*fn)(void *data), void *data, struct loop_timer **ret,
	       struct error *err)
{
	struct loop_timer *timer = calloc(1, sizeof(*timer));

	if (!timer)
		return error_nomem(err);
	timer->loop = loop;
	timer->due_ms = vloop_now_ms + delay_ms;
	timer->repeat_ms = repeat_ms;
	timer->fn = fn;
	timer->data = data;
	vloop_insert(loop, timer);
	if (ret)
		*ret = timer;
	return 0;
}

void loop_timer_cancel(struct loop_timer *timer)
{
	if (!timer)
		return;
	if (timer->running) {
		timer->cancelled = true;
		return;
	}
	vloop_remove(timer->loop, timer);
	free(timer);
}

void vloop_after(struct loop *loop, int64_t delay_ms, void (*fn)(void *data),
		 void *data)
{
	if (loop_timer(loop, delay_ms, 0, fn, data, NULL, NULL))
		abort();
}

static bool vloop_is_before(const struct loop_timer *a,
			    const struct loop_timer *b)
{
	return a->due_ms != b->due_ms ? a->due_ms < b->due_ms :
	       a->order < b->order;
}

bool vloop_step(struct loop *loop)
{
	struct loop_timer *first = loop->timers;

	for (struct loop_timer *t = first; t; t = t->next)
		if (vloop_is_before(t, first))
			first = t;
	if (!first)
		return false;
	vloop_remove(loop, first);
	if (first->due_ms > vloop_now_ms)
		vloop_now_ms = first->due_ms;
	first->running = true;
	first->fn(first->data);
	first->running = false;
	if (first->cancelled || !first->repeat_ms) {
		free(first);
		return true;
	}
	first->due_ms += first->repeat_ms;
	vloop_insert(loop, first);
	return true;
}
