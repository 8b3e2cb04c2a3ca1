/*
 * See tail.h. Events come one a row. Only what is known to be harmless beside
 * a heartbeat is let pass within a transaction: an event that is new to this
 * file makes the transaction a user's.
 */
#include "db/tail.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "db/probe_cells.h"

#define BINLOG_BEGIN 4          /* the first event of each file */
#define HEARTBEAT_TABLE "(mysql.rds_heartbeat2)"

/* As RDS says it where the binlog keeps statements: in lower case, without
 * blanks and quotes, each number as #. */
static const char heartbeat_use[] = "usemysql;";
static const char heartbeat_statement[] =
	"insertintomysql.rds_heartbeat2(id,value)values(#,#)"
	"onduplicatekeyupdatevalue=#";

void db_tail_init(struct db_tail *tail)
{
	memset(tail, 0, sizeof(*tail));
}

void db_tail_release(struct db_tail *tail)
{
	gtid_release(&tail->heartbeats);
	memset(tail, 0, sizeof(*tail));
}

/* ---- places ---------------------------------------------------------------- */

/* The name goes into a statement between quotes. */
static bool tail_is_name(const char *file)
{
	size_t len = strlen(file);

	return len > 0 && len < DB_TAIL_FILE_MAX &&
	       strspn(file, "abcdefghijklmnopqrstuvwxyz"
		      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == len;
}

int db_tail_go(struct db_tail *tail, const char *file, int64_t pos,
	       struct error *err)
{
	if (!tail_is_name(file) || pos < BINLOG_BEGIN)
		return error_set(err, ERR_INVALID, NULL,
				 "\"%.100s\" is no binlog's name, or %" PRId64
				 " no position in it", file, pos);
	snprintf(tail->file, sizeof(tail->file), "%s", file);
	tail->pos = pos;
	tail->inside = false;
	return 0;
}

int db_tail_seek(struct db_tail *tail, const char *place, struct error *err)
{
	const char *colon = strrchr(place, ':');
	char file[DB_TAIL_FILE_MAX];
	int64_t pos;

	if (!colon || (size_t)(colon - place) >= sizeof(file) ||
	    text_parse_int(colon + 1, 0, INT64_MAX, &pos))
		return error_set(err, ERR_INVALID, NULL,
				 "\"%.100s\" is no place in a binlog", place);
	snprintf(file, sizeof(file), "%.*s", (int)(colon - place), place);
	return db_tail_go(tail, file, pos, err);
}

bool db_tail_is_at(const struct db_tail *tail, const char *file, int64_t pos)
{
	return !strcmp(tail->file, file) && tail->pos == pos;
}

void db_tail_statement(const struct db_tail *tail, char dst[DB_TAIL_SQL_MAX])
{
	snprintf(dst, DB_TAIL_SQL_MAX, "SHOW BINLOG EVENTS IN '%s' FROM %" PRId64
		 " LIMIT %d", tail->file, tail->pos, DB_TAIL_EVENTS);
}

/* The file after this one, which has ended; current is the last there is. A
 * server that crashed did not write its name: they are counted. */
static int tail_next_file(struct db_tail *tail, const char *current,
			  struct error *err)
{
	const char *dot = strrchr(tail->file, '.');
	const char *other = strrchr(current, '.');
	char next[DB_TAIL_FILE_MAX];
	int64_t number, last;

	if (!dot || !other || dot - tail->file != other - current ||
	    strncmp(tail->file, current, (size_t)(dot - tail->file)) ||
	    text_parse_int(dot + 1, 0, INT32_MAX, &number) ||
	    text_parse_int(other + 1, 0, INT32_MAX, &last) || number >= last)
		return error_set(err, ERR_INVALID, NULL, "the server now writes "
				 "%.100s, which does not follow %.100s",
				 current, tail->file);
	snprintf(next, sizeof(next), "%.*s.%0*" PRId64,
		 (int)(dot - tail->file), tail->file, (int)strlen(dot + 1),
		 number + 1);
	return db_tail_go(tail, next, BINLOG_BEGIN, err);
}

/* ---- transactions ---------------------------------------------------------- */

/* MySQL: SET @@SESSION.GTID_NEXT= 'uuid:7'; MariaDB: BEGIN GTID 0-1-7 cid=3. */
static void tail_begin(struct db_tail *tail, const char *info)
{
	const char *quote = strchr(info, '\'');
	const char *word = strstr(info, "GTID ");
	const char *from = quote ? quote + 1 : word ? word + 5 : "";
	size_t len = strcspn(from, "' ");

	tail->inside = true;
	tail->beats = tail->other = false;
	tail->gtid[0] = '\0';
	if (len < sizeof(tail->gtid))
		snprintf(tail->gtid, sizeof(tail->gtid), "%.*s", (int)len,
			 from);
}

static int tail_end(struct db_tail *tail, struct error *err)
{
	bool proven = tail->inside && tail->beats && !tail->other;
	struct gtid_set one = {0};
	int rc = 0;

	tail->inside = false;
	/* "ANONYMOUS" can't be parsed, and nothing could be told by it. */
	if (!proven || gtid_parse(tail->gtid, &one, NULL))
		return 0;
	if (one.count == 1 && one.sources[0].count == 1 &&
	    (!tail->heartbeats.count || tail->heartbeats.form == one.form)) {
		uint64_t number = one.sources[0].intervals[0].to;

		tail->heartbeats.form = one.form;
		rc = gtid_add(&tail->heartbeats, &one.sources[0], number,
			      number, err);
		if (!rc)
			rc = gtid_normalise(&tail->heartbeats, err);
	}
	gtid_release(&one);
	return rc;
}

static bool tail_begins_with(const char *text, const char *start)
{
	return !strncmp(text, start, strlen(start));
}

static bool tail_is_heartbeat_statement(const char *text)
{
	char plain[sizeof(heartbeat_use) + sizeof(heartbeat_statement)];
	bool in_mysql;
	size_t len = 0;

	for (; *text && len < sizeof(plain) - 1; text++) {
		if (isspace((unsigned char)*text) || *text == '`')
			continue;
		if (isdigit((unsigned char)*text) && len &&
		    strchr("(,=", plain[len - 1])) {
			while (isdigit((unsigned char)text[1]))
				text++;
			plain[len++] = '#';
		} else {
			plain[len++] = (char)tolower((unsigned char)*text);
		}
	}
	plain[len] = '\0';
	in_mysql = tail_begins_with(plain, heartbeat_use);
	return !*text && !strcmp(plain + (in_mysql ? strlen(heartbeat_use) : 0),
				 heartbeat_statement);
}

/* "table_id: 18 (mysql.rds_heartbeat2)", and nothing else in the brackets. */
static bool tail_is_heartbeat_table(const char *info)
{
	static const char start[] = "table_id: ";
	size_t len = strlen(HEARTBEAT_TABLE);

	if (strncmp(info, start, strlen(start)) != 0)
		return false;
	info += strlen(start);
	info += strspn(info, "0123456789");
	return *info == ' ' && !strncmp(info + 1, HEARTBEAT_TABLE, len) &&
	       (!info[len + 1] || info[len + 1] == ' ');
}

/* An event within a transaction, its end apart. */
static void tail_within(struct db_tail *tail, const char *type,
			const char *info)
{
	static const char *const harmless[] = {
		"Write_rows", "Update_rows", "Annotate_rows", "Rows_query",
	};

	if (!strcmp(type, "Table_map") || !strcmp(type, "Query")) {
		if (!strcmp(info, "BEGIN"))
			return;
		if (*type == 'T' ? tail_is_heartbeat_table(info) :
		    tail_is_heartbeat_statement(info))
			tail->beats = true;
		else
			tail->other = true;
		return;
	}
	for (size_t i = 0; i < sizeof(harmless) / sizeof(*harmless); i++)
		if (tail_begins_with(type, harmless[i]))
			return;
	tail->other = true;
}

static int tail_event(struct db_tail *tail, const char *type, const char *info,
		      struct error *err)
{
	if ((tail_begins_with(type, "Gtid") && strcmp(type, "Gtid_list")) ||
	    tail_begins_with(type, "Anonymous")) {
		tail_begin(tail, info);
		return 0;
	}
	if (!tail->inside)
		return 0;
	if (!strcmp(type, "Xid") ||
	    (!strcmp(type, "Query") && !strcmp(info, "COMMIT")))
		return tail_end(tail, err);
	tail_within(tail, type, info);
	return 0;
}

int db_tail_read(struct db_tail *tail, const struct db_rows *rows,
		 const char *current, bool *ret_more, struct error *err)
{
	int rc = 0;

	for (size_t i = 0; i < rows->rows && !rc; i++) {
		const char *type = db_rows_cell(rows, i, NAMES("Event_type"));
		const char *info = db_rows_cell(rows, i, NAMES("Info"));
		int64_t end = db_cell_number(db_rows_cell(rows, i,
							  NAMES("End_log_pos")));

		if (!type || !info || end < 0)
			return db_cell_lacks(err, "event of the binlog");
		rc = tail_event(tail, type, info, err);
		/* What a compressed transaction holds stands at one place. */
		if (end > tail->pos)
			tail->pos = end;
	}
	if (rc)
		return rc;
	*ret_more = rows->rows >= DB_TAIL_EVENTS;
	if (!*ret_more && strcmp(tail->file, current)) {
		rc = tail_next_file(tail, current, err);
		*ret_more = !rc;
	}
	return rc;
}
