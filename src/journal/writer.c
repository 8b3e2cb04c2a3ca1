/* See writer.h. */
#include "journal/writer.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

enum writer_state {
	WRITER_RESTS,
	WRITER_BUSY,
	WRITER_ENDS,
};

struct writer {
	int (*work)(void *data, struct error *err);
	void *data;
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t turned;          /* the state did; by CLOCK_MONOTONIC */
	enum writer_state state;
	int status;                     /* of the last turn */
	struct error err;
};

static void *writer_main(void *data)
{
	struct writer *writer = data;
	struct error err;
	int status;

	pthread_mutex_lock(&writer->mutex);
	while (writer->state != WRITER_ENDS) {
		if (writer->state == WRITER_RESTS) {
			pthread_cond_wait(&writer->turned, &writer->mutex);
			continue;
		}
		pthread_mutex_unlock(&writer->mutex);
		memset(&err, 0, sizeof(err));
		status = writer->work(writer->data, &err);
		pthread_mutex_lock(&writer->mutex);
		writer->status = status;
		writer->err = err;
		writer->state = WRITER_RESTS;
		pthread_cond_broadcast(&writer->turned);
	}
	pthread_mutex_unlock(&writer->mutex);
	return NULL;
}

static void writer_prepare(struct writer *writer)
{
	pthread_condattr_t attr;

	pthread_mutex_init(&writer->mutex, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&writer->turned, &attr);
	pthread_condattr_destroy(&attr);
}

static void writer_release(struct writer *writer)
{
	pthread_cond_destroy(&writer->turned);
	pthread_mutex_destroy(&writer->mutex);
	free(writer);
}

int writer_open(int (*work)(void *data, struct error *err), void *data,
		struct writer **ret, struct error *err)
{
	struct writer *writer = calloc(1, sizeof(*writer));
	sigset_t all, before;
	int failed;

	if (!writer)
		return error_nomem(err);
	writer->work = work;
	writer->data = data;
	writer_prepare(writer);
	/* signals are the loop's */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	failed = pthread_create(&writer->thread, NULL, writer_main, writer);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (failed) {
		writer_release(writer);
		return error_set(err, ERR_NOMEM, NULL, "no thread: %s",
				 strerror(failed));
	}
	*ret = writer;
	return 0;
}

static void writer_turn(struct writer *writer, enum writer_state state)
{
	pthread_mutex_lock(&writer->mutex);
	writer->state = state;
	pthread_cond_broadcast(&writer->turned);
	pthread_mutex_unlock(&writer->mutex);
}

void writer_begin(struct writer *writer)
{
	writer_turn(writer, WRITER_BUSY);
}

bool writer_wait(struct writer *writer, int64_t ms)
{
	const struct timespec until = clock_until(clock_mono_ms() + ms);
	int over = 0;
	bool done;

	pthread_mutex_lock(&writer->mutex);
	while (writer->state == WRITER_BUSY && !over)
		over = ms == WRITER_AS_LONG_AS_IT_TAKES ?
		       pthread_cond_wait(&writer->turned, &writer->mutex) :
		       pthread_cond_timedwait(&writer->turned, &writer->mutex,
					      &until);
	done = writer->state != WRITER_BUSY;
	pthread_mutex_unlock(&writer->mutex);
	return done;
}

int writer_result(const struct writer *writer, struct error *err)
{
	if (writer->status && err)
		*err = writer->err;
	return writer->status;
}

void writer_close(struct writer *writer)
{
	if (!writer)
		return;
	writer_wait(writer, WRITER_AS_LONG_AS_IT_TAKES);
	writer_turn(writer, WRITER_ENDS);
	pthread_join(writer->thread, NULL);
	writer_release(writer);
}
