/* See readback.h. Piece by piece along the primary key, so that no answer is
 * larger than one piece however long the rehearsal was. */
#include "rehearsal/readback.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "rehearsal/ledger.h"
#include "rehearsal/sql.h"

#define PIECE_ROWS 20000
#define STATEMENT_LIMIT_S 10u
#define CONNECT_LIMIT_MS 10000
#define CONNECT_POLL_MS 50

/* Reads the rows after *last, moves it; *ret_rows is how many there were. */
static int readback_piece(MYSQL *sql, int64_t *last, struct ledger *ledger,
			  int *ret_rows, struct error *err)
{
	char statement[160];
	MYSQL_RES *rows;
	MYSQL_ROW row;
	int rc = 0;

	snprintf(statement, sizeof(statement),
		 "SELECT id, write_id FROM app.orders WHERE id > %" PRId64
		 " ORDER BY id LIMIT %d", *last, PIECE_ROWS);
	rows = mysql_query(sql, statement) ? NULL : mysql_store_result(sql);
	if (!rows)
		return error_set(err, ERR_REMOTE, NULL, "error %u: %s",
				 mysql_errno(sql), mysql_error(sql));
	*ret_rows = 0;
	while (!rc && (row = mysql_fetch_row(rows))) {
		rc = text_parse_int(row[0], INT64_MIN, INT64_MAX, last);
		ledger_found(ledger, row[1]);
		++*ret_rows;
	}
	mysql_free_result(rows);
	return rc ? error_set(err, rc, NULL, "an id is no number") : 0;
}

/* A server that was killed on purpose may still be coming back. */
static int readback_connect(const struct sql_login *login, int64_t deadline_ms,
			    MYSQL **ret, struct error *err)
{
	const struct timespec pause = {.tv_nsec = CONNECT_POLL_MS * 1000000L};
	int64_t until = clock_mono_ms() + CONNECT_LIMIT_MS;
	int rc;

	if (until > deadline_ms)
		until = deadline_ms;
	while ((rc = sql_connect(login, STATEMENT_LIMIT_S, ret, err)) ==
	       ERR_UNREACHABLE && clock_mono_ms() < until)
		nanosleep(&pause, NULL);
	return rc;
}

int readback_orders(const struct sql_login *login, int64_t deadline_ms,
		    struct ledger *ledger, struct error *err)
{
	int64_t last = INT64_MIN;
	int rows = PIECE_ROWS, rc;
	MYSQL *sql;

	rc = readback_connect(login, deadline_ms, &sql, err);
	if (rc)
		return error_wrap(err, "reading the ledger back");
	while (!rc && rows == PIECE_ROWS) {
		rc = readback_piece(sql, &last, ledger, &rows, err);
		if (!rc && clock_mono_ms() > deadline_ms)
			rc = error_set(err, ERR_TIMEOUT, NULL,
				       "not all rows in time");
	}
	mysql_close(sql);
	return rc ? error_wrap(err, "reading the ledger back") : 0;
}
