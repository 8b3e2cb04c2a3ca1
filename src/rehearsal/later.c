/* See later.h. */
#include "rehearsal/later.h"

#include <mysql.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/error.h"

struct later {
	pthread_t thread;
	pthread_mutex_t lock;           /* guards over and ended */
	pthread_cond_t changed;
	bool over;                      /* it is to be */
	bool ended;                     /* fn said so */
	int64_t first_ms;
	int64_t (*fn)(void *);
	void *data;
};

/* Waits so long; whether fn is to be called then. */
static bool later_wait(struct later *later, int64_t ms)
{
	struct timespec at = clock_until(clock_mono_ms() + ms);
	bool over;

	pthread_mutex_lock(&later->lock);
	while (!later->over &&
	       !pthread_cond_timedwait(&later->changed, &later->lock, &at))
		;
	over = later->over;
	pthread_mutex_unlock(&later->lock);
	return !over;
}

static void *later_main(void *data)
{
	struct later *later = data;
	int64_t ms = later->first_ms;

	while (ms != LATER_OVER && later_wait(later, ms))
		ms = later->fn(later->data);
	pthread_mutex_lock(&later->lock);
	later->ended = ms == LATER_OVER;
	pthread_mutex_unlock(&later->lock);
	mysql_thread_end();     /* fn may have spoken to a database */
	return NULL;
}

static void later_free(struct later *later)
{
	pthread_cond_destroy(&later->changed);
	pthread_mutex_destroy(&later->lock);
	free(later);
}

int later_open(struct later **ret, int64_t ms, int64_t (*fn)(void *data),
	       void *data, struct error *err)
{
	struct later *later = calloc(1, sizeof(*later));
	pthread_condattr_t attributes;

	if (!later)
		return error_nomem(err);
	*later = (struct later){.first_ms = ms, .fn = fn, .data = data};
	pthread_mutex_init(&later->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&later->changed, &attributes);
	pthread_condattr_destroy(&attributes);
	if (pthread_create(&later->thread, NULL, later_main, later)) {
		later_free(later);
		return error_set(err, ERR_IO, NULL, "no thread for what is to "
				 "happen later could be started");
	}
	*ret = later;
	return 0;
}

bool later_ended(struct later *later)
{
	bool ended;

	if (!later)
		return false;
	pthread_mutex_lock(&later->lock);
	ended = later->ended;
	pthread_mutex_unlock(&later->lock);
	return ended;
}

void later_close(struct later **later)
{
	struct later *ending = *later;

	if (!ending)
		return;
	*later = NULL;
	pthread_mutex_lock(&ending->lock);
	ending->over = true;
	pthread_cond_signal(&ending->changed);
	pthread_mutex_unlock(&ending->lock);
	pthread_join(ending->thread, NULL);
	later_free(ending);
}
