/* See delay.h. A list in no order: it is short, and looked through at each
 * due time. */
#include "rehearsal/cluster/delay.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"

struct held {
	struct MHD_Connection *connection;
	int64_t until;
};

struct delay {
	pthread_t thread;
	pthread_mutex_t lock;           /* guards all below */
	pthread_cond_t changed;
	struct held list[DELAY_MAX];
	size_t count;
	bool started, over, closed;
};

struct delay *delay_new(void)
{
	struct delay *delay = calloc(1, sizeof(*delay));
	pthread_condattr_t attr;

	if (!delay)
		return NULL;
	pthread_mutex_init(&delay->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&delay->changed, &attr);
	pthread_condattr_destroy(&attr);
	return delay;
}

/* Resumes what is due at `now`; returns when the next is, or -1. Locked. */
static int64_t resume_due(struct delay *delay, int64_t now)
{
	int64_t next = -1;

	for (size_t i = delay->count; i-- > 0;) {
		struct held *held = &delay->list[i];

		if (held->until <= now) {
			MHD_resume_connection(held->connection);
			*held = delay->list[--delay->count];
		} else if (next < 0 || held->until < next) {
			next = held->until;
		}
	}
	return next;
}

static void *delay_main(void *data)
{
	struct delay *delay = data;

	pthread_mutex_lock(&delay->lock);
	while (!delay->over) {
		int64_t next = resume_due(delay, clock_mono_ms());
		struct timespec at = clock_until(next);

		if (next < 0)
			pthread_cond_wait(&delay->changed, &delay->lock);
		else
			pthread_cond_timedwait(&delay->changed, &delay->lock,
					       &at);
	}
	pthread_mutex_unlock(&delay->lock);
	return NULL;
}

void delay_free(struct delay *delay)
{
	if (!delay)
		return;
	pthread_mutex_lock(&delay->lock);
	delay->over = true;
	pthread_cond_signal(&delay->changed);
	pthread_mutex_unlock(&delay->lock);
	if (delay->started)
		pthread_join(delay->thread, NULL);
	pthread_cond_destroy(&delay->changed);
	pthread_mutex_destroy(&delay->lock);
	free(delay);
}

int delay_hold(struct delay *delay, struct MHD_Connection *connection,
	       int64_t ms)
{
	int rc = -1;

	pthread_mutex_lock(&delay->lock);
	if (!delay->started)
		delay->started = !pthread_create(&delay->thread, NULL,
						 delay_main, delay);
	if (delay->started && !delay->closed && delay->count < DELAY_MAX) {
		MHD_suspend_connection(connection);
		delay->list[delay->count++] = (struct held){
			connection, clock_mono_ms() + ms };
		pthread_cond_signal(&delay->changed);
		rc = 0;
	}
	pthread_mutex_unlock(&delay->lock);
	return rc;
}

void delay_hurry(struct delay *delay)
{
	pthread_mutex_lock(&delay->lock);
	resume_due(delay, INT64_MAX);
	pthread_mutex_unlock(&delay->lock);
}

void delay_close(struct delay *delay)
{
	pthread_mutex_lock(&delay->lock);
	delay->closed = true;
	resume_due(delay, INT64_MAX);
	pthread_mutex_unlock(&delay->lock);
}

void delay_open(struct delay *delay)
{
	pthread_mutex_lock(&delay->lock);
	delay->closed = false;
	pthread_mutex_unlock(&delay->lock);
}
