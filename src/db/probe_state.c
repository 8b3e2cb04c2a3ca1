/*
 * The first part of a round: who the server is, whether it takes writes, and
 * which transactions it has. Expressions are evaluated from left to right. So
 * the seat comes first: where it was free, no statement of an earlier session
 * could change what is read after it. And read_only comes before the GTID set:
 * a set read beside "read_only = 1" was read after the fence.
 */
#include "db/probe_state.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "db/probe_cells.h"
#include "db/seat.h"

#define CLOCK_COLUMN                                                           \
	"TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(3)) DIV 1000 " \
	"AS clock_ms"

#define SEAT_COLUMN                                                            \
	"COALESCE(IS_USED_LOCK('" DB_SEAT_NAME "'), 0) AS acting, "

static const char state_mysql[] =
	"SELECT " SEAT_COLUMN "@@global.read_only AS read_only, "
	"@@global.super_read_only AS super_read_only, "
	"@@global.innodb_read_only AS innodb_read_only, "
	"@@global.gtid_mode AS gtid_mode, "
	"@@global.gtid_executed AS executed, "
	"@@hostname AS hostname, @@port AS port, "
	"@@global.server_id AS server_id, "
	"@@global.server_uuid AS server_uuid, " CLOCK_COLUMN;

static const char state_mariadb[] =
	"SELECT " SEAT_COLUMN "@@global.read_only AS read_only, "
	"@@global.innodb_read_only AS innodb_read_only, "
	"@@global.log_bin AS log_bin, "
	"@@global.gtid_binlog_pos AS executed, "
	"@@global.gtid_slave_pos AS applied, "
	"@@global.gtid_binlog_state AS binlog_state, "
	"@@hostname AS hostname, @@port AS port, "
	"@@global.server_id AS server_id, " CLOCK_COLUMN;

const char *db_probe_state_statement(const struct db_server *server)
{
	return server->family == DB_FAMILY_MARIADB ? state_mariadb :
	       state_mysql;
}

/* Sets *ret to the canonical text too. Not parsed is not known. */
static int read_set(struct db_observation *seen, const char *text,
		    struct gtid_set *ret_set, const char **ret_text,
		    struct error *err)
{
	char *canonical;
	int rc;

	if (!text)
		return db_cell_lacks(err, "gtid set");
	rc = gtid_parse(text, ret_set, err);
	if (rc)
		return rc;
	canonical = gtid_format(ret_set);
	*ret_text = canonical ? arena_strdup(&seen->arena, canonical) : NULL;
	free(canonical);
	if (!*ret_text) {
		*ret_text = "";
		return error_nomem(err);
	}
	return 0;
}

static int read_sets_mysql(struct db_observation *seen,
			   const struct db_rows *rows, struct error *err)
{
	const char *mode = db_rows_cell(rows, 0, NAMES("gtid_mode"));
	int rc;

	seen->server.can_gtid = mode && !strcasecmp(mode, "ON");
	if (!seen->server.can_gtid)
		return error_set(err, ERR_INVALID, NULL,
				 "gtid_mode is %s: turn it ON on both, see "
				 "README", mode ? mode : "unknown");
	rc = read_set(seen, db_rows_cell(rows, 0, NAMES("executed")), &seen->executed,
		      &seen->executed_text, err);
	if (!rc)
		rc = gtid_copy(&seen->executed, &seen->applied, err);
	if (!rc)
		rc = gtid_of_server(&seen->executed, seen->server_uuid,
				    &seen->own, err);
	seen->applied_text = seen->executed_text;
	return rc;
}

/* Of the binlog's state, one entry a domain and server, the entries of this
 * server itself. */
static int read_own(struct db_observation *seen, struct error *err)
{
	struct gtid_set own = {.form = GTID_MARIADB};
	const char *at = seen->state_text;
	int rc = 0;

	while (*at && !rc) {
		size_t len = strcspn(at, ",");
		struct gtid_set one = {0};
		char *text = strndup(at, len);

		rc = text ? gtid_parse(text, &one, err) : error_nomem(err);
		if (!rc && one.count == 1 &&
		    one.sources[0].server == seen->server_id)
			rc = gtid_add(&own, &one.sources[0], 1,
				      one.sources[0].intervals[0].to, err);
		gtid_release(&one);
		free(text);
		at += len + (at[len] == ',');
	}
	if (!rc)
		rc = gtid_normalise(&own, err);
	if (rc) {
		gtid_release(&own);
		return rc;
	}
	seen->own = own;
	return 0;
}

static int read_sets_mariadb(struct db_observation *seen,
			     const struct db_rows *rows, struct error *err)
{
	const char *state = db_rows_cell(rows, 0, NAMES("binlog_state"));
	struct gtid_set written = {0};
	const char *ignored = "";
	int rc;

	if (db_cell_flag(db_rows_cell(rows, 0, NAMES("log_bin"))) != DB_FLAG_ON)
		return error_set(err, ERR_INVALID, NULL,
				 "the server writes no binlog (log_bin)");
	if (!state)
		return db_cell_lacks(err, "gtid_binlog_state");
	rc = read_set(seen, db_rows_cell(rows, 0, NAMES("applied")), &seen->applied,
		      &seen->applied_text, err);
	if (!rc)
		rc = read_set(seen, db_rows_cell(rows, 0, NAMES("executed")), &written,
			      &ignored, err);
	if (!rc)
		rc = gtid_union(&written, &seen->applied, &seen->executed,
				err);
	gtid_release(&written);
	if (!rc) {
		char *text = gtid_format(&seen->executed);

		seen->executed_text = text ? arena_strdup(&seen->arena, text) :
				      NULL;
		free(text);
		seen->state_text = arena_strdup(&seen->arena, state);
		if (!seen->executed_text || !seen->state_text) {
			seen->executed_text = seen->state_text = "";
			return error_nomem(err);
		}
		rc = read_own(seen, err);
	}
	return rc;
}

int db_probe_state_read(struct db_observation *seen,
			const struct db_rows *rows, struct error *err)
{
	struct error why = {0};
	int rc;

	if (!rows->rows)
		return db_cell_lacks(err, "row");
	seen->acting = db_cell_number(db_rows_cell(rows, 0, NAMES("acting")));
	seen->read_only = db_cell_flag(db_rows_cell(rows, 0, NAMES("read_only")));
	seen->super_read_only = db_cell_flag(db_rows_cell(rows, 0, NAMES("super_read_only")));
	seen->innodb_read_only = db_cell_flag(db_rows_cell(rows, 0,
					   NAMES("innodb_read_only")));
	seen->port = db_cell_number(db_rows_cell(rows, 0, NAMES("port")));
	seen->server_id = db_cell_number(db_rows_cell(rows, 0, NAMES("server_id")));
	seen->server_ms = db_cell_number(db_rows_cell(rows, 0, NAMES("clock_ms")));
	seen->hostname = db_cell_shown(&seen->arena, db_rows_cell(rows, 0, NAMES("hostname")));
	seen->server_uuid = db_cell_shown(&seen->arena,
				  db_rows_cell(rows, 0, NAMES("server_uuid")));
	if (!seen->hostname || !seen->server_uuid) {
		seen->hostname = seen->server_uuid = "";
		return error_nomem(err);
	}
	if (seen->server.family == DB_FAMILY_MARIADB)
		rc = read_sets_mariadb(seen, rows, &why);
	else
		rc = read_sets_mysql(seen, rows, &why);
	seen->gtid_known = !rc;
	if (rc)
		seen->gtid_why = db_cell_shown(&seen->arena, why.message);
	if (!seen->gtid_why)
		seen->gtid_why = "";
	return 0;
}
