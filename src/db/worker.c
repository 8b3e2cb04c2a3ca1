/*
 * See worker.h: the loop's side of it, and what both sides share. A wait in
 * the library ends early only in one way, by shutting its socket down from
 * outside; the reason is noted first, so that the error can tell a time-out
 * from a lost server.
 */
#include "db/worker_private.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"

/* ---- small things, under the mutex ---------------------------------------- */

static void queue_put(struct db_command ***end, struct db_command *command)
{
	command->next = NULL;
	**end = command;
	*end = &command->next;
}

struct db_command *db_worker_next(struct db_worker *worker)
{
	struct db_command *command = worker->waiting;

	worker->waiting = command->next;
	if (!worker->waiting)
		worker->waiting_end = &worker->waiting;
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

void db_worker_wake(struct db_worker *worker)
{
	const uint64_t one = 1;
	ssize_t done;

	do
		done = write(worker->wake_fd, &one, sizeof(one));
	while (done < 0 && errno == EINTR);
}

void db_worker_finish(struct db_worker *worker, struct db_command *command,
		   int code)
{
	command->code = code;
	queue_put(&worker->done_end, command);
	db_worker_wake(worker);
}

void db_worker_fail_waiting(struct db_worker *worker, const struct error *err)
{
	while (worker->waiting) {
		struct db_command *command;

		command = db_worker_next(worker);
		command->err = *err;
		db_worker_finish(worker, command, err->code);
	}
}

void db_worker_cut(struct db_worker *worker, enum cut why)
{
	if (worker->cut == CUT_NONE)
		worker->cut = why;
	if (worker->socket >= 0)
		shutdown(worker->socket, SHUT_RDWR);
}

static void destroy_locks(struct db_worker *worker)
{
	pthread_cond_destroy(&worker->ended);
	pthread_cond_destroy(&worker->cond);
	pthread_mutex_destroy(&worker->mutex);
}

void db_worker_unref(struct db_worker *worker)
{
	bool last = --worker->refs == 0;

	pthread_mutex_unlock(&worker->mutex);
	if (!last)
		return;
	queue_free(worker->waiting);
	queue_free(worker->done);
	destroy_locks(worker);
	close(worker->wake_fd);
	db_config_wipe(&worker->config);
	free(worker);
}

int db_worker_start_thread(void *(*run)(void *), struct db_worker *worker)
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

/* ---- the loop's side ----------------------------------------------------- */

static int init_cond(pthread_cond_t *cond)
{
	pthread_condattr_t attr;
	int failed = pthread_condattr_init(&attr);

	if (failed)
		return failed;
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	failed = pthread_cond_init(cond, &attr);
	pthread_condattr_destroy(&attr);
	return failed;
}

static int init_locks(struct db_worker *worker)
{
	int failed = pthread_mutex_init(&worker->mutex, NULL);

	if (failed)
		return failed;
	failed = init_cond(&worker->cond);
	if (failed) {
		pthread_mutex_destroy(&worker->mutex);
		return failed;
	}
	failed = init_cond(&worker->ended);
	if (failed) {
		pthread_cond_destroy(&worker->cond);
		pthread_mutex_destroy(&worker->mutex);
	}
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
		failed = db_worker_start_thread(db_worker_run, worker);
		if (!failed) {
			*ret_worker = worker;
			return 0;
		}
		destroy_locks(worker);
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
		db_worker_cut(worker, CUT_TIMEOUT);
	} else if (unqueue(worker, command)) {
		error_set(&command->err, ERR_UNREACHABLE, worker->where,
			  "%s within %lld ms; nothing was sent",
			  worker->running ? "its turn did not come" :
			  "no connection came about",
			  (long long)command->timeout_ms);
		db_worker_finish(worker, command, ERR_UNREACHABLE);
	}
	pthread_mutex_unlock(&worker->mutex);
}

void db_worker_release(struct db_worker *worker)
{
	pthread_mutex_lock(&worker->mutex);
	worker->closing = true;
	if (worker->running)
		db_worker_cut(worker, CUT_CLOSE);
	pthread_cond_signal(&worker->cond);
	pthread_cond_broadcast(&worker->ended);
	db_worker_unref(worker);
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
