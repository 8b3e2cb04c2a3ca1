/*
 * One statement sent and all its answers read, in the calls that both client
 * libraries have. Rows are read as they come and kept once, in the result.
 */
#include "db/library_private.h"

#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "db/result.h"

/* Where the rows of one set grow; the arena keeps what is outgrown, which is
 * no more than the rows themselves. */
struct filling {
	struct db_result *result;
	struct db_rows *rows;
	size_t room;                    /* cells */
	size_t *bytes;                  /* of text, over all sets */
};

static bool fill_names(struct filling *fill, MYSQL_RES *set)
{
	const MYSQL_FIELD *fields = mysql_fetch_fields(set);
	struct arena *arena = &fill->result->arena;

	fill->rows->columns = mysql_num_fields(set);
	fill->rows->names = arena_array(arena, fill->rows->columns,
					sizeof(char *));
	for (size_t i = 0; fill->rows->names && i < fill->rows->columns; i++) {
		fill->rows->names[i] = arena_strdup(arena, fields[i].name);
		if (!fill->rows->names[i])
			return false;
	}
	return fill->rows->names != NULL;
}

static bool make_room(struct filling *fill)
{
	size_t used = fill->rows->rows * fill->rows->columns;
	const char **grown;

	if (used + fill->rows->columns <= fill->room)
		return true;
	fill->room = fill->room ? fill->room * 2 : fill->rows->columns * 8;
	grown = arena_array(&fill->result->arena, fill->room, sizeof(*grown));
	if (grown && used)
		memcpy(grown, fill->rows->cells, used * sizeof(*grown));
	fill->rows->cells = grown;
	return grown != NULL;
}

static int fill_row(struct filling *fill, MYSQL_ROW row,
		    const unsigned long *lengths, struct error *err)
{
	size_t columns = fill->rows->columns;

	if (fill->rows->rows == DB_ROWS_MAX)
		return error_set(err, ERR_LIMIT, NULL,
				 "the answer has more than %u rows",
				 DB_ROWS_MAX);
	if (!make_room(fill))
		return error_nomem(err);
	for (size_t i = 0; i < columns; i++) {
		const char **cell;

		cell = &fill->rows->cells[fill->rows->rows * columns + i];
		*cell = NULL;
		if (!row[i])
			continue;
		*fill->bytes += lengths[i];
		if (*fill->bytes > DB_RESULT_MAX)
			return error_set(err, ERR_LIMIT, NULL,
					 "the answer is longer than %u bytes",
					 DB_RESULT_MAX);
		*cell = arena_strndup(&fill->result->arena, row[i],
				      lengths[i]);
		if (!*cell)
			return error_nomem(err);
	}
	fill->rows->rows++;
	return 0;
}

static int fill_set(struct db_session *session, MYSQL_RES *set,
		    struct db_result *result, size_t *bytes,
		    struct error *err)
{
	struct filling fill = {.result = result, .bytes = bytes};
	MYSQL_ROW row;
	int rc = 0;

	if (result->set_count == DB_SETS_MAX)
		return error_set(err, ERR_LIMIT, session->where,
				 "the answer has more than %u parts",
				 DB_SETS_MAX);
	fill.rows = &result->sets[result->set_count++];
	if (!fill_names(&fill, set))
		return error_nomem(err);
	while (!rc && (row = mysql_fetch_row(set)))
		rc = fill_row(&fill, row, mysql_fetch_lengths(set), err);
	if (!rc && mysql_errno(&session->mysql))
		rc = db_library_report(session, err);
	return rc;
}

/* One of the answers to a statement: rows, or a count of changed ones. */
static int take_answer(struct db_session *session, struct db_result *result,
		       size_t *bytes, struct error *err)
{
	MYSQL_RES *set = mysql_use_result(&session->mysql);
	int rc;

	if (set) {
		rc = fill_set(session, set, result, bytes, err);
		/* Freeing reads on to the end of the rows; what was too much
		 * is cut off instead. */
		if (rc == ERR_LIMIT || rc == ERR_NOMEM) {
			session->broken = true;
			shutdown(db_library_socket(session), SHUT_RDWR);
		}
		mysql_free_result(set);
		return rc;
	}
	if (mysql_errno(&session->mysql))
		return db_library_report(session, err);
	result->affected += mysql_affected_rows(&session->mysql);
	return 0;
}

int db_library_execute(struct db_session *session, const char *sql,
		       struct db_result *ret_result, struct error *err)
{
	int64_t begun = clock_mono_ms();
	size_t bytes = 0;
	int rc = 0, more;

	ret_result->sent = true;
	if (mysql_real_query(&session->mysql, sql, (unsigned long)strlen(sql)))
		rc = db_library_report(session, err);
	else
		do {
			rc = take_answer(session, ret_result, &bytes, err);
			more = rc ? -1 : mysql_next_result(&session->mysql);
			if (more > 0)
				rc = db_library_report(session, err);
		} while (more == 0);
	ret_result->elapsed_ms = clock_mono_ms() - begun;
	return rc;
}
