/*
 * See worker.h. The thread does one of three things: connects, runs the first
 * command that waits, or sleeps on the condition. A wait in the library ends
 * early only in one way, by shutting its socket down from outside; the reason
 * is noted first, so that the error can tell a time-out from a lost server.
 */
#include "db/worker.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"

enum cut {
	CUT_NONE,
	CUT_TIMEOUT,
	CUT_CANCEL,
	CUT_CLOSE,
};

struct db_worker {
	/* Never changed after the start. */
	struct db_config config;
	int connect_ms;
	bool reconnect;
	char program[DB_PROGRAM_MAX];
	char where[DB_WHERE_MAX];
	int wake_fd;

	pthread_mutex_t mutex;          /* guards all that follows */
	pthread_cond_t cond;
	unsigned int refs;              /* the loop, the thread, killers */
	bool closing;
	struct db_command *waiting, **waiting_end;
	struct db_command *done, **done_end;
	struct db_command *running;     /* NULL between statements */
	unsigned int run;               /* counts statements */
	bool cancel_asked;              /* for the one that runs */
	enum cut cut;
	int socket;                     /* -1 unless connected */
	unsigned long thread_id;
	struct db_worker_status status;

	struct db_session *session;     /* the thread's alone */
	int64_t backoff_ms;             /* the thread's alone */
};

/* ---- small things, all under the mutex ---------------------------------- */

static void queue_put(struct db_command ***end, struct db_command *command)
{
	command->next = NULL;
	**end = command;
	*end = &command->next;
}

static struct db_command *queue_take(struct db_command **head,
				     struct db_command ***end)
{
	struct db_command *command = *head;

	*head = command->next;
	if (!*head)
		*end = head;
	command->next = NULL;
	return command;
}

static void queue_free(struct db_command *command)
{
	while (command) {
		struct db_command *next = command->next;

		db_command_free(command);
		command = next;
	}
}

static void wake(struct db_worker *worker)
{
	const uint64_t one = 1;
	ssize_t done;

	do
		done = write(worker->wake_fd, &one, sizeof(one));
	while (done < 0 && errno == EINTR);
}

/* Hands a command back to the loop. */
static void finish(struct db_worker *worker, struct db_command *command,
		   int code)
{
	command->code = code;
	queue_put(&worker->done_end, command);
	wake(worker);
}

static void fail_waiting(struct db_worker *worker, const struct error *err)
{
	while (worker->waiting) {
		struct db_command *command;

		command = queue_take(&worker->waiting, &worker->waiting_end);
		command->err = *err;
		finish(worker, command, err->code);
	}
}

static void set_state(struct db_worker *worker, enum db_state state,
		      const struct error *err)
{
	worker->status.state = state;
	worker->status.changes++;
	if (err)
		worker->status.err = *err;
	else
		error_clear(&worker->status.err);
	wake(worker);
}

static void cut_socket(struct db_worker *worker, enum cut why)
{
	if (worker->cut == CUT_NONE)
		worker->cut = why;
	if (worker->socket >= 0)
		shutdown(worker->socket, SHUT_RDWR);
}

/* Drops a reference; the caller holds the mutex, which is released. */
static void unref(struct db_worker *worker)
{
	bool last = --worker->refs == 0;

	pthread_mutex_unlock(&worker->mutex);
	if (!last)
		return;
	queue_free(worker->waiting);
	queue_free(worker->done);
	pthread_cond_destroy(&worker->cond);
	pthread_mutex_destroy(&worker->mutex);
	close(worker->wake_fd);
	db_config_wipe(&worker->config);
	free(worker);
}

/* Detached, and deaf to signals: those are the loop's. */
static int start_thread(void *(*run)(void *), struct db_worker *worker)
{
	sigset_t all, before;
	pthread_attr_t attr;
	pthread_t thread;
	int failed;

	failed = pthread_attr_init(&attr);
	if (failed)
		return failed;
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	failed = pthread_create(&thread, &attr, run, worker);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	return failed;
}

/* ---- the thread: with the mutex held between, never within, its calls ---- */

static void forget_session(struct db_worker *worker)
{
	struct db_session *session = worker->session;

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
	worker->socket = db_library_socket(session);
	worker->thread_id = db_library_thread_id(session);
	worker->cut = CUT_NONE;
	/* Until a statement has come through, a loss is not mended at once. */
	worker->backoff_ms = DB_BACKOFF_MIN_MS;
	worker->status.generation++;
	snprintf(worker->status.cipher, sizeof(worker->status.cipher), "%s",
		 db_library_cipher(session));
	set_state(worker, DB_READY, NULL);
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
	fail_waiting(worker, &err);
	worker->backoff_ms = worker->backoff_ms ? worker->backoff_ms * 2 :
			     DB_BACKOFF_MIN_MS;
	if (worker->backoff_ms > DB_BACKOFF_MAX_MS)
		worker->backoff_ms = DB_BACKOFF_MAX_MS;
}

/* Sleeps until the deadline (0: none) or a signal; false when it passed. */
static bool sleep_until(struct db_worker *worker, int64_t deadline)
{
	struct timespec at = {
		.tv_sec = (time_t)(deadline / 1000),
		.tv_nsec = (long)(deadline % 1000) * 1000000,
	};

	if (!deadline)
		return !pthread_cond_wait(&worker->cond, &worker->mutex);
	return pthread_cond_timedwait(&worker->cond, &worker->mutex, &at) !=
	       ETIMEDOUT;
}

/* Until it is time to try again (never, for who must not reconnect), whoever
 * asks is told why it is down. */
static void stay_down(struct db_worker *worker)
{
	int64_t until = worker->reconnect ?
			clock_mono_ms() + worker->backoff_ms : 0;

	do
		fail_waiting(worker, &worker->status.err);
	while (!worker->closing && sleep_until(worker, until));
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
				 "server could not be asked; the statement "
				 "may still be running");
	if (code == ERR_CANCELLED && !worker->cancel_asked) {
		err->code = ERR_REMOTE;
		return ERR_REMOTE;
	}
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
		fail_waiting(worker, &err);
}

static void run_first(struct db_worker *worker)
{
	struct db_command *command;
	int code;

	if (!db_library_is_quiet(worker->session)) {
		lose_idle(worker);
		return;
	}
	command = queue_take(&worker->waiting, &worker->waiting_end);
	worker->running = command;
	worker->run++;
	worker->cancel_asked = false;
	pthread_mutex_unlock(&worker->mutex);
	code = db_library_execute(worker->session, command->sql,
				  &command->result, &command->err);
	pthread_mutex_lock(&worker->mutex);
	worker->running = NULL;
	code = explain(worker, command, code);
	if (db_library_is_broken(worker->session)) {
		struct error err = command->err;

		forget_session(worker);
		err.code = ERR_UNREACHABLE;     /* for those that follow */
		set_state(worker, DB_DOWN, &err);
	} else {
		worker->backoff_ms = 0;
	}
	finish(worker, command, code);
}

static void *worker_run(void *data)
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
			sleep_until(worker, 0);
	}
	if (worker->session)
		forget_session(worker);
	db_library_thread_end();
	unref(worker);
	return NULL;
}

/* ---- cancelling: a short-lived thread with a connection of its own ------- */

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

static void *killer_run(void *data)
{
	struct db_worker *worker = data;
	unsigned long thread_id;
	unsigned int run;
	int failed = 0;

	pthread_mutex_lock(&worker->mutex);
	thread_id = worker->thread_id;
	run = worker->run;
	if (worker->running && !worker->closing) {
		pthread_mutex_unlock(&worker->mutex);
		failed = kill_query(worker, thread_id, run);
		pthread_mutex_lock(&worker->mutex);
	}
	if (failed && worker->running && worker->run == run)
		cut_socket(worker, CUT_CANCEL);
	db_library_thread_end();
	unref(worker);
	return NULL;
}

void db_worker_cancel(struct db_worker *worker)
{
	struct error err;

	error_set(&err, ERR_CANCELLED, worker->where,
		  "cancelled before it was sent");
	pthread_mutex_lock(&worker->mutex);
	fail_waiting(worker, &err);
	if (worker->running && !worker->cancel_asked) {
		worker->cancel_asked = true;
		worker->refs++;
		if (start_thread(killer_run, worker)) {
			worker->refs--;
			cut_socket(worker, CUT_CANCEL);
		}
	}
	pthread_mutex_unlock(&worker->mutex);
}

/* ---- the loop's side ----------------------------------------------------- */

static int init_locks(struct db_worker *worker)
{
	pthread_condattr_t attr;
	int failed = pthread_condattr_init(&attr);

	if (failed)
		return failed;
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	failed = pthread_cond_init(&worker->cond, &attr);
	pthread_condattr_destroy(&attr);
	if (failed)
		return failed;
	failed = pthread_mutex_init(&worker->mutex, NULL);
	if (failed)
		pthread_cond_destroy(&worker->cond);
	return failed;
}

static struct db_worker *worker_new(const struct db_worker_setup *setup)
{
	struct db_worker *worker = calloc(1, sizeof(*worker));

	if (!worker)
		return NULL;
	worker->config = *setup->config;
	worker->connect_ms = setup->connect_ms;
	worker->reconnect = setup->reconnect;
	snprintf(worker->program, sizeof(worker->program), "%s",
		 setup->program);
	db_config_where(setup->config, worker->where);
	worker->waiting_end = &worker->waiting;
	worker->done_end = &worker->done;
	worker->socket = -1;
	worker->refs = 2;
	return worker;
}

int db_worker_start(const struct db_worker_setup *setup,
		    struct db_worker **ret_worker, struct error *err)
{
	struct db_worker *worker = worker_new(setup);
	int failed;

	if (!worker)
		return error_nomem(err);
	worker->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	failed = worker->wake_fd < 0 ? errno : init_locks(worker);
	if (!failed) {
		failed = start_thread(worker_run, worker);
		if (!failed) {
			*ret_worker = worker;
			return 0;
		}
		pthread_cond_destroy(&worker->cond);
		pthread_mutex_destroy(&worker->mutex);
	}
	if (worker->wake_fd >= 0)
		close(worker->wake_fd);
	error_set(err, ERR_IO, worker->where,
		  "can't start a thread for the connection: %s",
		  strerror(failed));
	db_config_wipe(&worker->config);
	free(worker);
	return ERR_IO;
}

int db_worker_wake_fd(const struct db_worker *worker)
{
	return worker->wake_fd;
}

void db_worker_submit(struct db_worker *worker, struct db_command *command)
{
	pthread_mutex_lock(&worker->mutex);
	queue_put(&worker->waiting_end, command);
	pthread_cond_signal(&worker->cond);
	pthread_mutex_unlock(&worker->mutex);
}

struct db_command *db_worker_collect(struct db_worker *worker,
				     struct db_worker_status *ret_status)
{
	struct db_command *done;
	uint64_t count;

	pthread_mutex_lock(&worker->mutex);
	while (read(worker->wake_fd, &count, sizeof(count)) < 0 &&
	       errno == EINTR)
		continue;
	done = worker->done;
	worker->done = NULL;
	worker->done_end = &worker->done;
	*ret_status = worker->status;
	pthread_mutex_unlock(&worker->mutex);
	return done;
}

/* Takes the command out of those that wait. */
static bool unqueue(struct db_worker *worker, struct db_command *command)
{
	struct db_command **link = &worker->waiting;

	while (*link && *link != command)
		link = &(*link)->next;
	if (!*link)
		return false;
	*link = command->next;
	if (!*link)
		worker->waiting_end = link;
	return true;
}

void db_worker_expire(struct db_worker *worker, struct db_command *command)
{
	pthread_mutex_lock(&worker->mutex);
	if (worker->running == command) {
		cut_socket(worker, CUT_TIMEOUT);
	} else if (unqueue(worker, command)) {
		error_set(&command->err, ERR_UNREACHABLE, worker->where,
			  "%s within %lld ms; nothing was sent",
			  worker->running ? "its turn did not come" :
			  "no connection came about",
			  (long long)command->timeout_ms);
		finish(worker, command, ERR_UNREACHABLE);
	}
	pthread_mutex_unlock(&worker->mutex);
}

void db_worker_release(struct db_worker *worker)
{
	pthread_mutex_lock(&worker->mutex);
	worker->closing = true;
	if (worker->running)
		cut_socket(worker, CUT_CLOSE);
	pthread_cond_signal(&worker->cond);
	unref(worker);
}

void db_command_free(struct db_command *command)
{
	if (!command)
		return;
	db_result_release(&command->result);
	if (command->sql)
		text_wipe(command->sql, strlen(command->sql));
	free(command->sql);
	free(command);
}
