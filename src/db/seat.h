/*
 * The seat: a named lock on the server that a session holds while a statement
 * of it that changes something is under way. A statement whose answer was lost
 * may still be carried out, as long as its session lives; and so long is the
 * seat taken. So whoever has the seat knows that nothing comes any more of an
 * earlier session, of this process or another; and whoever sees it free, too.
 *
 * GET_LOCK needs no privilege, is not replicated, works on a read-only server,
 * and goes with its session; a KILL of an account's own sessions needs none
 * either [MySQL 8.0 and 9.7, MariaDB 10.11]. All functions on the loop's
 * thread; none waits.
 */
#ifndef CUTOVER_DB_SEAT_H
#define CUTOVER_DB_SEAT_H

#include <stdint.h>

#include "base/error.h"
#include "db/connection.h"

#define DB_SEAT_NAME "cutover"
/* How long a session before ours is let finish by itself. The slowest of RDS's
 * procedures takes three seconds. */
#define DB_SEAT_PATIENCE_S 5

/* err is NULL: it is ours. Otherwise nothing was changed: the server could not
 * be reached, or the session before ours could not be ended (ERR_BUSY). */
typedef void db_seat_fn(void *data, const struct error *err);

/* One attempt; the caller's, kept in place until the callback or the end of the
 * connection, after which no callback comes. */
struct db_seat {
	struct db_connection *connection;
	db_seat_fn *callback;
	void *data;
	unsigned int generation;        /* of the session that has it */
	int64_t killed;         /* the session that had to be ended; 0: none */
};

/* Takes the seat for the connection's session: at once if it is free or this
 * session's already; else after DB_SEAT_PATIENCE_S the session that has it is
 * killed. An error at once (as of db_query) means that no callback comes. */
int db_seat_take(struct db_seat *seat, struct db_connection *connection,
		 db_seat_fn *callback, void *data, struct error *err);
/* What was taken becomes another attempt's, in the same session; its callback is
 * not called. */
void db_seat_hand_over(const struct db_seat *seat, struct db_seat *next,
		       db_seat_fn *callback, void *data);
/* A statement of the session that took the seat; as db_query. If the session is
 * gone, it is not sent. */
int db_seat_query(const struct db_seat *seat, const char *sql,
		  int64_t timeout_ms, db_answer_fn *callback, void *data,
		  struct error *err);
/* Leaves it, however often it was taken, after what the connection has been
 * given to do before. Where that fails, the session's end leaves it. */
void db_seat_leave(struct db_connection *connection);

#endif
