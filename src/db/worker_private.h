/*
 * What the parts of the worker share: its loop's side (worker.c), its thread
 * (worker_thread.c) and the threads that cancel (worker_cancel.c).
 */
#ifndef CUTOVER_DB_WORKER_PRIVATE_H
#define CUTOVER_DB_WORKER_PRIVATE_H

#include <pthread.h>
#include <stdint.h>

#include "db/worker.h"

/* Why a socket was shut down from outside. */
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
	pthread_cond_t cond;            /* for the thread: something is to be done */
	pthread_cond_t ended;           /* for killers: what ran has ended */
	unsigned int refs;              /* the loop, the thread, killers */
	bool closing;
	struct db_command *waiting, **waiting_end;
	struct db_command *done, **done_end;
	struct db_command *running;     /* NULL between statements */
	unsigned int run;               /* counts statements */
	bool cancel_asked;              /* for the one that runs */
	enum cut cut;
	int socket;                     /* -1 unless connected */
	struct db_worker_status status;

	struct db_session *session;     /* the thread's alone */
	int64_t connected_ms;           /* the thread's alone */
	int64_t backoff_ms;             /* the thread's alone */
};

/* Waits on cond until the deadline (clock_mono_ms; 0: none) or a signal; false
 * when it passed. With the mutex held. */
bool db_worker_wait(struct db_worker *worker, pthread_cond_t *cond,
		    int64_t deadline_ms);

/* The thread itself. */
void *db_worker_run(void *data);

/* Starts one, detached and deaf to signals: those are the loop's. 0 or an
 * errno. */
int db_worker_start_thread(void *(*run)(void *), struct db_worker *worker);

/* All that follow are called with the mutex held. */

/* Hands a command back to the loop. */
void db_worker_finish(struct db_worker *worker, struct db_command *command,
		      int code);
/* Hands back all that wait, with this error. */
void db_worker_fail_waiting(struct db_worker *worker, const struct error *err);
/* Takes the first of those that wait. */
struct db_command *db_worker_next(struct db_worker *worker);
/* Shuts the socket down; the first reason counts. */
void db_worker_cut(struct db_worker *worker, enum cut why);
/* Tells the loop that there is something to collect. */
void db_worker_wake(struct db_worker *worker);
/* Drops a reference and releases the mutex. */
void db_worker_unref(struct db_worker *worker);

#endif
