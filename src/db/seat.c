/*
 * See seat.h. Ask for it; if it stays taken, ask who has it, end that session,
 * and ask once more. Each statement is sent when the one before was answered.
 */
#include "db/seat.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define SEAT_ANSWER_MS 3000     /* beyond what the server itself waits */
#define SEAT_SQL_MAX 96

#define SEAT_STRING_(x) #x
#define SEAT_STRING(x) SEAT_STRING_(x)

static const char seat_take_sql[] =
	"SELECT GET_LOCK('" DB_SEAT_NAME "', "
	SEAT_STRING(DB_SEAT_PATIENCE_S) ")";
static const char seat_who_sql[] =
	"SELECT IS_USED_LOCK('" DB_SEAT_NAME "')";
/* A session may have taken it more than once: the server counts. */
static const char seat_leave_sql[] =
	"SELECT RELEASE_ALL_LOCKS()";

/* The one cell as a number; -1: it is none, or NULL. */
static int64_t seat_number(const struct db_result *result)
{
	const struct db_rows *rows = &result->sets[0];
	int64_t number;

	if (!result->set_count || !rows->rows || !rows->columns ||
	    !rows->cells[0] ||
	    text_parse_int(rows->cells[0], 0, INT64_MAX, &number))
		return -1;
	return number;
}

static void seat_end(struct db_seat *seat, const struct error *err)
{
	seat->callback(seat->data, err);
}

/* The answer to seat_take_sql: is it ours? */
static bool seat_is_ours(struct db_seat *seat, const struct db_result *result)
{
	seat->generation = result->generation;
	return seat_number(result) == 1;
}

static int seat_ask(struct db_seat *seat, const char *sql, db_answer_fn *answer,
		    struct error *err)
{
	return db_query(seat->connection, sql,
			DB_SEAT_PATIENCE_S * 1000 + SEAT_ANSWER_MS, answer,
			seat, err);
}

static void seat_ask_next(struct db_seat *seat, const char *sql,
			  db_answer_fn *answer)
{
	struct error err = {0};

	if (seat_ask(seat, sql, answer, &err))
		seat_end(seat, &err);
}

/* The last answer: taken, or it cannot be had. */
static void seat_taken_at_last(void *data, const struct db_result *result,
			       const struct error *err)
{
	struct db_seat *seat = data;
	struct error busy;

	if (err || seat_is_ours(seat, result)) {
		seat_end(seat, err);
		return;
	}
	error_set(&busy, ERR_BUSY, db_connection_where(seat->connection),
		  "an earlier session (connection %" PRId64 ") still acts and "
		  "did not end when it was killed; nothing was sent",
		  seat->killed);
	seat_end(seat, &busy);
}

/* That it has gone meanwhile is an error too: the next question tells. */
static void seat_killed(void *data, const struct db_result *result,
			const struct error *err)
{
	struct db_seat *seat = data;

	if (err && !result->sent)
		seat_end(seat, err);
	else
		seat_ask_next(seat, seat_take_sql, seat_taken_at_last);
}

static void seat_known(void *data, const struct db_result *result,
		       const struct error *err)
{
	struct db_seat *seat = data;
	char sql[SEAT_SQL_MAX];

	if (err) {
		seat_end(seat, err);
		return;
	}
	seat->killed = seat_number(result);
	if (seat->killed <= 0) {
		seat->killed = 0;
		seat_ask_next(seat, seat_take_sql, seat_taken_at_last);
		return;
	}
	snprintf(sql, sizeof(sql), "KILL %" PRId64, seat->killed);
	seat_ask_next(seat, sql, seat_killed);
}

static void seat_answered(void *data, const struct db_result *result,
			  const struct error *err)
{
	struct db_seat *seat = data;

	if (err || seat_is_ours(seat, result))
		seat_end(seat, err);
	else
		seat_ask_next(seat, seat_who_sql, seat_known);
}

int db_seat_take(struct db_seat *seat, struct db_connection *connection,
		 db_seat_fn *callback, void *data, struct error *err)
{
	*seat = (struct db_seat){.connection = connection,
				 .callback = callback, .data = data};
	return seat_ask(seat, seat_take_sql, seat_answered, err);
}

void db_seat_hand_over(const struct db_seat *seat, struct db_seat *next,
		       db_seat_fn *callback, void *data)
{
	*next = *seat;
	next->callback = callback;
	next->data = data;
}

int db_seat_query(const struct db_seat *seat, const char *sql,
		  int64_t timeout_ms, db_answer_fn *callback, void *data,
		  struct error *err)
{
	return db_query_session(seat->connection, seat->generation, sql,
				timeout_ms, callback, data, err);
}

static void seat_left(void *data, const struct db_result *result,
		      const struct error *err)
{
	(void)data;
	(void)result;
	(void)err;
}

void db_seat_leave(struct db_connection *connection)
{
	db_query(connection, seat_leave_sql,
		 DB_SEAT_PATIENCE_S * 1000 + SEAT_ANSWER_MS, seat_left, NULL,
		 NULL);
}
