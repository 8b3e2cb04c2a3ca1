/*
 * See probe_rows.h. In the state's statement read_only comes before the GTID
 * set: expressions are evaluated from left to right, so a set read beside
 * "read_only = 1" was read after the fence.
 */
#include "db/probe_rows.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

#define TEXT_MAX 1024                   /* of errors and names, sanitised */

#define CLOCK_COLUMN                                                           \
	"TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(3)) DIV 1000 " \
	"AS clock_ms"

static const char state_mysql[] =
	"SELECT @@global.read_only AS read_only, "
	"@@global.super_read_only AS super_read_only, "
	"@@global.innodb_read_only AS innodb_read_only, "
	"@@global.gtid_mode AS gtid_mode, "
	"@@global.gtid_executed AS executed, "
	"@@hostname AS hostname, @@port AS port, "
	"@@global.server_id AS server_id, "
	"@@global.server_uuid AS server_uuid, " CLOCK_COLUMN;

static const char state_mariadb[] =
	"SELECT @@global.read_only AS read_only, "
	"@@global.innodb_read_only AS innodb_read_only, "
	"@@global.log_bin AS log_bin, "
	"@@global.gtid_binlog_pos AS executed, "
	"@@global.gtid_slave_pos AS applied, "
	"@@global.gtid_binlog_state AS binlog_state, "
	"@@hostname AS hostname, @@port AS port, "
	"@@global.server_id AS server_id, " CLOCK_COLUMN;

/* trx_started is in the system's time zone, NOW() in the session's. */
static const char transactions_sql[] =
	"SELECT (SELECT COUNT(*) FROM information_schema.INNODB_TRX "
	"WHERE trx_rows_modified > 0) AS transactions, "
	"t.trx_mysql_thread_id AS thread, "
	"TIMESTAMPDIFF(SECOND, CONVERT_TZ(t.trx_started, 'SYSTEM', "
	"@@session.time_zone), NOW()) AS age_s, "
	"LEFT(t.trx_query, 256) AS query, "
	"(SELECT CONCAT(p.USER, '@', p.HOST) "
	"FROM information_schema.PROCESSLIST p "
	"WHERE p.ID = t.trx_mysql_thread_id LIMIT 1) AS user "
	"FROM information_schema.INNODB_TRX t WHERE t.trx_rows_modified > 0 "
	"ORDER BY t.trx_started LIMIT 1";

static const char counters_sql[] =
	"SHOW GLOBAL STATUS WHERE Variable_name IN "
	"('Threads_connected', 'Uptime')";

/* ---- cells --------------------------------------------------------------- */

#define NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})

static const char *cell(const struct db_rows *rows, size_t row,
			const char *const *names)
{
	return db_rows_cell(rows, row, names);
}

/* A number of at least 0; -1 if it is missing, NULL or none. */
static int64_t number(const char *text)
{
	int64_t value;

	if (!text || text_parse_int(text, 0, INT64_MAX, &value))
		return -1;
	return value;
}

/* Newer MariaDB has read_only in words: NO_LOCK, NO_LOCK_NO_ADMIN are on. */
static enum db_flag flag(const char *text)
{
	static const char *const on[] = {
		"1", "ON", "NO_LOCK", "NO_LOCK_NO_ADMIN",
	};

	if (!text)
		return DB_FLAG_UNKNOWN;
	for (size_t i = 0; i < sizeof(on) / sizeof(*on); i++)
		if (!strcasecmp(text, on[i]))
			return DB_FLAG_ON;
	return !strcmp(text, "0") || !strcasecmp(text, "OFF") ?
	       DB_FLAG_OFF : DB_FLAG_UNKNOWN;
}

static enum db_thread thread_state(const char *text)
{
	static const struct {
		const char *word;
		enum db_thread state;
	} words[] = {
		{"Yes", DB_THREAD_YES},
		{"No", DB_THREAD_NO},
		{"Connecting", DB_THREAD_CONNECTING},
		{"Preparing", DB_THREAD_CONNECTING},    /* MariaDB */
	};

	for (size_t i = 0; text && i < sizeof(words) / sizeof(*words); i++)
		if (!strcasecmp(text, words[i].word))
			return words[i].state;
	return DB_THREAD_UNKNOWN;
}

/* Safe to show; "" for NULL. NULL when memory is out. */
static const char *shown(struct arena *arena, const char *text)
{
	char safe[TEXT_MAX];

	if (!text || !*text)
		return "";
	text_sanitise(safe, sizeof(safe), text);
	return arena_strdup(arena, safe);
}

static int lacks(struct error *err, const char *what)
{
	return error_set(err, ERR_INVALID, NULL,
			 "the server's answer has no %s", what);
}

/* ---- state --------------------------------------------------------------- */

/* Sets *ret to the canonical text too. Not parsed is not known. */
static int read_set(struct db_observation *seen, const char *text,
		    struct gtid_set *ret_set, const char **ret_text,
		    struct error *err)
{
	char *canonical;
	int rc;

	if (!text)
		return lacks(err, "gtid set");
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
	const char *mode = cell(rows, 0, NAMES("gtid_mode"));
	int rc;

	seen->server.can_gtid = mode && !strcasecmp(mode, "ON");
	if (!seen->server.can_gtid)
		return error_set(err, ERR_INVALID, NULL,
				 "gtid_mode is %s, not ON",
				 mode ? mode : "unknown");
	rc = read_set(seen, cell(rows, 0, NAMES("executed")), &seen->executed,
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
	const char *state = cell(rows, 0, NAMES("binlog_state"));
	struct gtid_set written = {0};
	const char *ignored = "";
	int rc;

	if (flag(cell(rows, 0, NAMES("log_bin"))) != DB_FLAG_ON)
		return error_set(err, ERR_INVALID, NULL,
				 "the server writes no binlog (log_bin)");
	if (!state)
		return lacks(err, "gtid_binlog_state");
	rc = read_set(seen, cell(rows, 0, NAMES("applied")), &seen->applied,
		      &seen->applied_text, err);
	if (!rc)
		rc = read_set(seen, cell(rows, 0, NAMES("executed")), &written,
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

static int read_state(struct db_observation *seen, const struct db_rows *rows,
		      struct error *err)
{
	struct error why = {0};
	int rc;

	if (!rows->rows)
		return lacks(err, "row");
	seen->read_only = flag(cell(rows, 0, NAMES("read_only")));
	seen->super_read_only = flag(cell(rows, 0, NAMES("super_read_only")));
	seen->innodb_read_only = flag(cell(rows, 0,
					   NAMES("innodb_read_only")));
	seen->port = number(cell(rows, 0, NAMES("port")));
	seen->server_id = number(cell(rows, 0, NAMES("server_id")));
	seen->server_ms = number(cell(rows, 0, NAMES("clock_ms")));
	seen->hostname = shown(&seen->arena, cell(rows, 0, NAMES("hostname")));
	seen->server_uuid = shown(&seen->arena,
				  cell(rows, 0, NAMES("server_uuid")));
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
		seen->gtid_why = shown(&seen->arena, why.message);
	if (!seen->gtid_why)
		seen->gtid_why = "";
	return 0;
}

/* ---- replication ---------------------------------------------------------- */

static bool read_channel(struct arena *arena, const struct db_rows *rows,
			 size_t row, struct db_channel *channel)
{
	const struct {
		const char **dst;
		const char *const *names;
	} texts[] = {
		{&channel->name, NAMES("Channel_Name", "Connection_name")},
		{&channel->source_host, NAMES("Source_Host", "Master_Host")},
		{&channel->source_uuid, NAMES("Source_UUID", "Master_UUID")},
		{&channel->read_file,
		 NAMES("Source_Log_File", "Master_Log_File")},
		{&channel->exec_file,
		 NAMES("Relay_Source_Log_File", "Relay_Master_Log_File")},
		{&channel->received,
		 NAMES("Retrieved_Gtid_Set", "Gtid_IO_Pos")},
		{&channel->io_error, NAMES("Last_IO_Error")},
		{&channel->sql_error, NAMES("Last_SQL_Error")},
	};
	const struct {
		int64_t *dst;
		const char *const *names;
	} numbers[] = {
		{&channel->seconds_behind,
		 NAMES("Seconds_Behind_Source", "Seconds_Behind_Master")},
		{&channel->sql_delay, NAMES("SQL_Delay")},
		{&channel->source_port, NAMES("Source_Port", "Master_Port")},
		{&channel->source_server_id,
		 NAMES("Source_Server_Id", "Master_Server_Id")},
		{&channel->read_pos,
		 NAMES("Read_Source_Log_Pos", "Read_Master_Log_Pos")},
		{&channel->exec_pos,
		 NAMES("Exec_Source_Log_Pos", "Exec_Master_Log_Pos")},
		{&channel->io_errno, NAMES("Last_IO_Errno")},
		{&channel->sql_errno, NAMES("Last_SQL_Errno")},
	};

	channel->io = thread_state(cell(rows, row, NAMES("Replica_IO_Running",
							 "Slave_IO_Running")));
	channel->sql = thread_state(cell(rows, row,
					 NAMES("Replica_SQL_Running",
					       "Slave_SQL_Running")));
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		*numbers[i].dst = number(cell(rows, row, numbers[i].names));
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		*texts[i].dst = shown(arena, cell(rows, row, texts[i].names));
		if (!*texts[i].dst)
			return false;
	}
	return true;
}

static int read_replication(struct db_observation *seen,
			    const struct db_rows *rows, struct error *err)
{
	if (rows->rows > DB_CHANNELS_MAX)
		return error_set(err, ERR_LIMIT, NULL,
				 "more than %u replication channels",
				 DB_CHANNELS_MAX);
	seen->channels = arena_array(&seen->arena, rows->rows + 1,
				     sizeof(*seen->channels));
	if (!seen->channels)
		return error_nomem(err);
	for (size_t i = 0; i < rows->rows; i++)
		if (!read_channel(&seen->arena, rows, i, &seen->channels[i]))
			return error_nomem(err);
	seen->channel_count = rows->rows;
	return 0;
}

/* ---- the small parts ------------------------------------------------------ */

static int read_transactions(struct db_observation *seen,
			     const struct db_rows *rows, struct error *err)
{
	int64_t age_s;

	if (!rows->rows) {
		seen->write_transactions = 0;
		return 0;
	}
	seen->write_transactions = number(cell(rows, 0,
					       NAMES("transactions")));
	if (seen->write_transactions < 0)
		return lacks(err, "count of transactions");
	/* Counted twice in one statement; a row was there. */
	if (!seen->write_transactions)
		seen->write_transactions = 1;
	age_s = number(cell(rows, 0, NAMES("age_s")));
	seen->oldest_ms = age_s < 0 ? -1 : age_s * 1000;
	seen->oldest_thread = number(cell(rows, 0, NAMES("thread")));
	seen->oldest_query = shown(&seen->arena,
				   cell(rows, 0, NAMES("query")));
	seen->oldest_user = shown(&seen->arena, cell(rows, 0, NAMES("user")));
	if (!seen->oldest_query || !seen->oldest_user) {
		seen->oldest_query = seen->oldest_user = "";
		return error_nomem(err);
	}
	return 0;
}

static int read_counters(struct db_observation *seen,
			 const struct db_rows *rows, struct error *err)
{
	(void)err;
	for (size_t i = 0; i < rows->rows && rows->columns == 2; i++) {
		const char *name = rows->cells[i * 2];
		const char *value = rows->cells[i * 2 + 1];

		if (name && !strcasecmp(name, "Threads_connected"))
			seen->threads_connected = number(value);
		if (name && !strcasecmp(name, "Uptime"))
			seen->uptime_s = number(value);
	}
	return 0;
}

static int read_position(struct db_observation *seen,
			 const struct db_rows *rows, struct error *err)
{
	if (!rows->rows)
		return 0;               /* it writes no binlog */
	seen->own_pos = number(cell(rows, 0, NAMES("Position")));
	seen->own_file = shown(&seen->arena, cell(rows, 0, NAMES("File")));
	if (!seen->own_file) {
		seen->own_file = "";
		return error_nomem(err);
	}
	return 0;
}

/* ---- the parts as a table ------------------------------------------------- */

static int (*const readers[DB_PART_COUNT])(struct db_observation *seen,
					   const struct db_rows *rows,
					   struct error *err) = {
	[DB_PART_STATE] = read_state,
	[DB_PART_REPLICATION] = read_replication,
	[DB_PART_TRANSACTIONS] = read_transactions,
	[DB_PART_COUNTERS] = read_counters,
	[DB_PART_POSITION] = read_position,
};

struct db_observation *db_probe_rows_new(void)
{
	struct db_observation *seen = calloc(1, sizeof(*seen));

	if (!seen)
		return NULL;
	arena_init(&seen->arena);
	for (size_t i = 0; i < DB_PART_COUNT; i++)
		seen->why[i] = "not asked yet";
	seen->gtid_why = "not asked yet";
	seen->hostname = seen->server_uuid = "";
	seen->executed_text = seen->applied_text = seen->state_text = "";
	seen->oldest_query = seen->oldest_user = seen->own_file = "";
	seen->port = seen->server_id = seen->server_ms = -1;
	seen->write_transactions = seen->oldest_ms = -1;
	seen->oldest_thread = seen->own_pos = -1;
	seen->threads_connected = seen->uptime_s = -1;
	return seen;
}

int db_probe_rows_statement(const struct db_server *server, enum db_part part,
			    const char **ret_sql, struct error *err)
{
	const char *const *statements;
	size_t count;
	int rc;

	switch (part) {
	case DB_PART_STATE:
		*ret_sql = server->family == DB_FAMILY_MARIADB ?
			   state_mariadb : state_mysql;
		return 0;
	case DB_PART_TRANSACTIONS:
		*ret_sql = transactions_sql;
		return 0;
	case DB_PART_COUNTERS:
		*ret_sql = counters_sql;
		return 0;
	default:
		rc = db_dialect_statements(server, part == DB_PART_REPLICATION
					   ? DB_VERB_STATUS :
					   DB_VERB_OWN_POSITION, &statements,
					   &count, err);
		if (!rc)
			*ret_sql = statements[0];
		return rc;
	}
}

int db_probe_rows_read(struct db_observation *observation, enum db_part part,
		       const struct db_result *result, struct error *err)
{
	int rc;

	if (!result->set_count)
		return lacks(err, "rows");
	rc = readers[part](observation, &result->sets[0], err);
	observation->known[part] = !rc;
	return rc;
}

void db_probe_rows_fail(struct db_observation *observation, enum db_part part,
			const struct error *err)
{
	const char *why = arena_strdup(&observation->arena, err->message);

	observation->known[part] = false;
	observation->why[part] = why ? why : "out of memory";
}
