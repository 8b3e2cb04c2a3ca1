/*
 * A connection to one database, with a thread of its own, since the client
 * libraries block. Statements are queued, answered in order, and each answer
 * arrives on the loop. All functions here are called on the loop's thread and
 * none of them blocks.
 *
 * What an error says about the effect:
 *   ERR_UNREACHABLE  nothing was sent
 *   ERR_DENIED       refused by the server: nothing happened
 *   ERR_REMOTE       the server answered with an error
 *   ERR_LOST         broke after sending: the effect is unknown
 *   ERR_TIMEOUT      no answer in time: the statement may still be running
 *   ERR_CANCELLED    never sent, or ended by the server on our request
 * Server errors carry number and SQLSTATE: "error 1290 (HY000): ...".
 * No password is in any error.
 */
#ifndef CUTOVER_DB_CONNECTION_H
#define CUTOVER_DB_CONNECTION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "db/config.h"
#include "db/result.h"

struct loop;
struct db_connection;

#define DB_QUEUE_MAX 256u               /* statements waiting */
#define DB_STATEMENT_MAX (1u << 20)     /* bytes of one statement */
#define DB_CONNECT_MS 5000              /* default time to connect */
#define DB_BACKOFF_MIN_MS 250           /* between attempts to reconnect */
#define DB_BACKOFF_MAX_MS 5000          /* where the server turned us away: it
					   may count that, and shut us out */
#define DB_BACKOFF_UNREACHED_MS 500     /* where nothing answered */

enum db_state {
	DB_CONNECTING,
	DB_READY,
	DB_DOWN,        /* err says why; with reconnect, tried again */
};

struct db_options {
	int connect_ms;         /* 0: the config's, else DB_CONNECT_MS */
	/* Observers: try again for ever. Without it a connection that broke
	 * stays down, and whoever acts through it must open another. */
	bool reconnect;
	/* What the server's process list calls it; NULL: "cutover". */
	const char *program;
};

typedef void db_state_fn(void *data, enum db_state state,
			 const struct error *err);
/* err is NULL on success. result is never NULL (no rows after an error) and
 * lives until the callback returns. */
typedef void db_answer_fn(void *data, const struct db_result *result,
			  const struct error *err);

/*
 * Starts to connect in the background; on_state (or NULL) tells how it went.
 * config is copied, options may be NULL. Queries may be queued at once.
 * ERR_NOMEM, or ERR_IO if no thread could be started.
 */
int db_open(struct loop *loop, const struct db_config *config,
	    const struct db_options *options, db_state_fn *on_state,
	    void *data, struct db_connection **ret_connection,
	    struct error *err);

/*
 * Queues a statement (copied). The callback comes exactly once, later, unless
 * the connection is closed first. timeout_ms counts from now, and is what ends
 * the wait for the server; the connection does not survive that. While the
 * server can't be reached, the answer is ERR_UNREACHABLE or ERR_DENIED with
 * the reason of the last attempt. ERR_LIMIT, ERR_NOMEM at once.
 */
int db_query(struct db_connection *connection, const char *sql,
	     int64_t timeout_ms, db_answer_fn *callback, void *data,
	     struct error *err);

/*
 * The same, for this session only: one of that generation (see below). After
 * it was renewed nothing is sent, and the answer is ERR_UNREACHABLE.
 */
int db_query_session(struct db_connection *connection, unsigned int generation,
		     const char *sql, int64_t timeout_ms,
		     db_answer_fn *callback, void *data, struct error *err);

/*
 * Ends the statement that runs (KILL QUERY from a connection of its own) and
 * drops those that wait. Each is answered through its own callback. If the
 * server can't be asked, the connection is cut: ERR_LOST.
 */
void db_cancel(struct db_connection *connection);

/* No callback comes any more; takes NULL. The thread ends by itself. */
void db_close(struct db_connection *connection);

enum db_state db_connection_state(const struct db_connection *connection);
/* host:port, for as long as the connection lives. */
const char *db_connection_where(const struct db_connection *connection);
/* The cipher in use, or "" without TLS; valid while DB_READY. */
const char *db_connection_cipher(const struct db_connection *connection);
/* Counts the times that DB_READY was reached: what was learned of the server
 * before is to be learned again when it changes. */
unsigned int db_connection_generation(const struct db_connection *connection);
/* What the server calls the session (CONNECTION_ID()); 0 unless DB_READY. */
unsigned long db_connection_session(const struct db_connection *connection);

#endif
