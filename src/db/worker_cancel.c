/*
 * Cancelling: a short-lived thread with a connection of its own asks the
 * server to end the statement, so that the connection stays usable and nothing
 * runs on unseen. Only if the server can't be asked, or the statement does not
 * end for all that (it may hang on the wire), is the connection cut.
 */
#include "db/worker_private.h"

#include <stdio.h>

#include "base/clock.h"

#define CANCEL_PATIENCE_MS 2000 /* for the statement to end once it was killed */

static int kill_query(struct db_worker *worker, unsigned long thread_id,
		      unsigned int run)
{
	struct db_session *session = NULL;
	struct db_result result = {0};
	char sql[64];
	bool still;
	int failed;

	failed = db_library_connect(&worker->config, worker->connect_ms,
				    worker->program, &session, NULL);
	if (failed)
		return failed;
	pthread_mutex_lock(&worker->mutex);
	still = worker->running && worker->run == run;
	pthread_mutex_unlock(&worker->mutex);
	if (still) {
		snprintf(sql, sizeof(sql), "KILL QUERY %lu", thread_id);
		failed = db_library_execute(session, sql, &result, NULL);
		db_result_release(&result);
	}
	db_library_close(session);
	return failed;
}

/* 0, or ERR_TIMEOUT: that statement runs on. */
static int await_end(struct db_worker *worker, unsigned int run)
{
	int64_t until = clock_mono_ms() + CANCEL_PATIENCE_MS;

	while (worker->running && worker->run == run && !worker->closing)
		if (!db_worker_wait(worker, &worker->ended, until))
			return ERR_TIMEOUT;
	return 0;
}

static void *killer_run(void *data)
{
	struct db_worker *worker = data;
	unsigned long thread_id;
	unsigned int run;
	int failed = 0;

	pthread_mutex_lock(&worker->mutex);
	thread_id = worker->status.session;
	run = worker->run;
	if (worker->running && !worker->closing) {
		pthread_mutex_unlock(&worker->mutex);
		failed = kill_query(worker, thread_id, run);
		pthread_mutex_lock(&worker->mutex);
	}
	if (!failed)
		failed = await_end(worker, run);
	if (failed && worker->running && worker->run == run)
		db_worker_cut(worker, CUT_CANCEL);
	db_library_thread_end();
	db_worker_unref(worker);
	return NULL;
}

void db_worker_cancel(struct db_worker *worker)
{
	struct error err;

	error_set(&err, ERR_CANCELLED, worker->where,
		  "cancelled before it was sent");
	pthread_mutex_lock(&worker->mutex);
	db_worker_fail_waiting(worker, &err);
	if (worker->running && !worker->cancel_asked) {
		worker->cancel_asked = true;
		worker->refs++;
		if (db_worker_start_thread(killer_run, worker)) {
			worker->refs--;
			db_worker_cut(worker, CUT_CANCEL);
		}
	}
	pthread_mutex_unlock(&worker->mutex);
}
