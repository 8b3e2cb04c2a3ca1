/*
 * The thread behind a connection. It owns the session; everything that both
 * threads touch is behind one mutex, and the loop is told by an eventfd that
 * something is there to collect, so that the thread never needs the loop: it
 * may outlive it by as long as a library call takes. All calls here but the
 * thread's own are made on the loop's thread, and none waits for the server.
 */
#ifndef CUTOVER_DB_WORKER_H
#define CUTOVER_DB_WORKER_H

#include <stdbool.h>

#include "base/error.h"
#include "db/config.h"
#include "db/connection.h"
#include "db/library.h"
#include "db/result.h"

struct db_worker;
struct loop_timer;

/* One statement on its way there and back. */
struct db_command {
	struct db_command *next;        /* whoever holds it */
	char *sql;                      /* owned */
	int64_t timeout_ms;
	unsigned int generation;        /* of the session it is for; 0: any */
	struct db_result result;        /* owned; filled by the worker */
	int code;                       /* 0, or the error's */
	struct error err;

	/* The loop's own; the worker does not look. */
	struct db_connection *connection;
	struct db_command *before, *after;
	struct loop_timer *timer;
	db_answer_fn *callback;
	void *data;
};

struct db_worker_setup {
	const struct db_config *config; /* copied */
	int connect_ms;
	bool reconnect;
	const char *program;            /* copied */
};

#define DB_PROGRAM_MAX 64

struct db_worker_status {
	enum db_state state;
	struct error err;               /* why it is down */
	unsigned int changes;           /* of state, counted */
	unsigned int generation;        /* times it became ready */
	unsigned long session;          /* what the server calls it */
	char cipher[DB_CIPHER_MAX];
};

/* Starts the thread, which begins to connect. ERR_NOMEM or ERR_IO. */
int db_worker_start(const struct db_worker_setup *setup,
		    struct db_worker **ret_worker, struct error *err);
/* Readable when there is something to collect; the worker's. */
int db_worker_wake_fd(const struct db_worker *worker);
/* Takes the command; it comes back by db_worker_collect. */
void db_worker_submit(struct db_worker *worker, struct db_command *command);
/* The commands that are done, in order (a list, the caller's), and how the
 * connection stands. */
struct db_command *db_worker_collect(struct db_worker *worker,
				     struct db_worker_status *ret_status);
/* Its time is over: a command that waits is given up, one that runs loses its
 * connection. It comes back by db_worker_collect in either case. */
void db_worker_expire(struct db_worker *worker, struct db_command *command);
/* Gives up what waits; has what runs killed on the server. */
void db_worker_cancel(struct db_worker *worker);
/* Lets go: commands still held are freed, the thread ends by itself. */
void db_worker_release(struct db_worker *worker);

/* Frees a command with what it owns; takes NULL. */
void db_command_free(struct db_command *command);

#endif
