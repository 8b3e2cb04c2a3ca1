/*
 * The thread behind a connection does one of three things: connects, runs the
 * first command that waits, or sleeps on the condition. It holds the mutex
 * between its calls of the library, never within one.
 */
#include "db/worker_private.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>

#include "base/clock.h"

#define SESSION_LASTED_MS 1000

static void set_state(struct db_worker *worker, enum db_state state,
		      const struct error *err)
{
	worker->status.state = state;
	worker->status.changes++;
	if (err)
		worker->status.err = *err;
	else
		error_clear(&worker->status.err);
	db_worker_wake(worker);
}

static void forget_session(struct db_worker *worker)
{
	struct db_session *session = worker->session;

	/* One that lasted is renewed at once, so that what waits is served; one
	 * that broke as it came would be lost and renewed without end. */
	if (clock_mono_ms() - worker->connected_ms >= SESSION_LASTED_MS)
		worker->backoff_ms = 0;
	worker->session = NULL;
	worker->socket = -1;
	worker->cut = CUT_NONE;
	pthread_mutex_unlock(&worker->mutex);
	db_library_close(session);
	pthread_mutex_lock(&worker->mutex);
}

static void connected(struct db_worker *worker, struct db_session *session)
{
	worker->session = session;
	worker->connected_ms = clock_mono_ms();
	worker->socket = db_library_socket(session);
	worker->status.session = db_library_thread_id(session);
	worker->cut = CUT_NONE;
	/* Until it has lasted, or a statement has come through, a loss is not
	 * mended at once. */
	worker->backoff_ms = DB_BACKOFF_MIN_MS;
	worker->status.generation++;
	snprintf(worker->status.cipher, sizeof(worker->status.cipher), "%s",
		 db_library_cipher(session));
	set_state(worker, DB_READY, NULL);
}

static int64_t next_backoff(int64_t backoff_ms, int64_t most_ms)
{
	if (!backoff_ms)
		return DB_BACKOFF_MIN_MS;
	return backoff_ms * 2 < most_ms ? backoff_ms * 2 : most_ms;
}

static void connect_once(struct db_worker *worker)
{
	struct db_session *session = NULL;
	struct error err = {0};
	int failed;

	pthread_mutex_unlock(&worker->mutex);
	failed = db_library_connect(&worker->config, worker->connect_ms,
				    worker->program, &session, &err);
	pthread_mutex_lock(&worker->mutex);
	if (!failed) {
		connected(worker, session);
		return;
	}
	set_state(worker, DB_DOWN, &err);
	db_worker_fail_waiting(worker, &err);
	worker->backoff_ms = next_backoff(worker->backoff_ms, err.retry ?
					  DB_BACKOFF_UNREACHED_MS :
					  DB_BACKOFF_MAX_MS);
}

bool db_worker_wait(struct db_worker *worker, pthread_cond_t *cond,
		    int64_t deadline_ms)
{
	struct timespec at = clock_until(deadline_ms);

	if (!deadline_ms)
		return !pthread_cond_wait(cond, &worker->mutex);
	return pthread_cond_timedwait(cond, &worker->mutex, &at) != ETIMEDOUT;
}

/* Until it is time to try again (never, for who must not reconnect), whoever
 * asks is told why it is down. */
static void stay_down(struct db_worker *worker)
{
	int64_t until = worker->reconnect ?
			clock_mono_ms() + worker->backoff_ms : 0;

	do
		db_worker_fail_waiting(worker, &worker->status.err);
	while (!worker->closing && db_worker_wait(worker, &worker->cond, until));
}

/* What became of the statement, if the reason lies on this side. */
static int explain(struct db_worker *worker, struct db_command *command,
		   int code)
{
	struct error *err = &command->err;

	command->result.cancelled = worker->cancel_asked;
	if (code == ERR_LOST && worker->cut == CUT_TIMEOUT)
		return error_set(err, ERR_TIMEOUT, worker->where,
				 "no answer within %lld ms; the statement may "
				 "still be running",
				 (long long)command->timeout_ms);
	if (code == ERR_LOST && worker->cut == CUT_CANCEL)
		return error_set(err, ERR_LOST, worker->where,
				 "cancelled by cutting the connection, as the "
				 "server did not end the statement; it may "
				 "still be running");
	return code;
}

/* The server hung up between statements: nothing was sent. */
static void lose_idle(struct db_worker *worker)
{
	struct error err;

	error_set(&err, ERR_UNREACHABLE, worker->where,
		  "the server closed the connection while it was idle; "
		  "nothing was sent");
	forget_session(worker);
	set_state(worker, DB_DOWN, &err);
	if (!worker->reconnect)
		db_worker_fail_waiting(worker, &err);
}

/* It was for a session that is gone. */
static void run_late(struct db_worker *worker, struct db_command *command)
{
	db_worker_finish(worker, command,
			 error_set(&command->err, ERR_UNREACHABLE,
				   worker->where, "the connection was renewed "
				   "meanwhile; nothing was sent"));
}

static void run_first(struct db_worker *worker)
{
	struct db_command *command;
	int code;

	if (!db_library_is_quiet(worker->session)) {
		lose_idle(worker);
		return;
	}
	command = db_worker_next(worker);
	if (command->generation &&
	    command->generation != worker->status.generation) {
		run_late(worker, command);
		return;
	}
	worker->running = command;
	worker->run++;
	worker->cancel_asked = false;
	pthread_mutex_unlock(&worker->mutex);
	code = db_library_execute(worker->session, command->sql,
				  &command->result, &command->err);
	pthread_mutex_lock(&worker->mutex);
	worker->running = NULL;
	pthread_cond_broadcast(&worker->ended);
	command->result.generation = worker->status.generation;
	code = explain(worker, command, code);
	if (db_library_is_broken(worker->session)) {
		struct error err = command->err;

		forget_session(worker);
		err.code = ERR_UNREACHABLE;     /* for those that follow */
		set_state(worker, DB_DOWN, &err);
	} else {
		worker->backoff_ms = 0;
	}
	db_worker_finish(worker, command, code);
}

void *db_worker_run(void *data)
{
	struct db_worker *worker = data;

	pthread_mutex_lock(&worker->mutex);
	connect_once(worker);
	while (!worker->closing) {
		if (!worker->session && worker->reconnect &&
		    !worker->backoff_ms)
			connect_once(worker);
		else if (!worker->session) {
			stay_down(worker);
			if (worker->reconnect && !worker->closing)
				connect_once(worker);
		} else if (worker->waiting)
			run_first(worker);
		else
			db_worker_wait(worker, &worker->cond, 0);
	}
	if (worker->session)
		forget_session(worker);
	db_library_thread_end();
	db_worker_unref(worker);
	return NULL;
}
