/*
 * See probe_rows.h. Each part has a statement and a reader; the state, which is
 * the longest, is in probe_state.c.
 */
#include "db/probe_rows.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "db/filters.h"
#include "db/probe_cells.h"
#include "db/probe_state.h"

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

	channel->io = db_cell_thread(db_rows_cell(rows, row, NAMES("Replica_IO_Running",
							 "Slave_IO_Running")));
	channel->sql = db_cell_thread(db_rows_cell(rows, row,
					 NAMES("Replica_SQL_Running",
					       "Slave_SQL_Running")));
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		*numbers[i].dst = db_cell_number(db_rows_cell(rows, row, numbers[i].names));
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		*texts[i].dst = db_cell_shown(arena, db_rows_cell(rows, row, texts[i].names));
		if (!*texts[i].dst)
			return false;
	}
	channel->filters = db_filters(arena, rows, row);
	return channel->filters != NULL;
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
	seen->write_transactions = db_cell_number(db_rows_cell(rows, 0,
					       NAMES("transactions")));
	if (seen->write_transactions < 0)
		return db_cell_lacks(err, "count of transactions");
	/* Counted twice in one statement; a row was there. */
	if (!seen->write_transactions)
		seen->write_transactions = 1;
	age_s = db_cell_number(db_rows_cell(rows, 0, NAMES("age_s")));
	seen->oldest_ms = age_s < 0 ? -1 : age_s * 1000;
	seen->oldest_thread = db_cell_number(db_rows_cell(rows, 0, NAMES("thread")));
	seen->oldest_query = db_cell_shown(&seen->arena,
				   db_rows_cell(rows, 0, NAMES("query")));
	seen->oldest_user = db_cell_shown(&seen->arena, db_rows_cell(rows, 0, NAMES("user")));
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
			seen->threads_connected = db_cell_number(value);
		if (name && !strcasecmp(name, "Uptime"))
			seen->uptime_s = db_cell_number(value);
	}
	return 0;
}

static int read_position(struct db_observation *seen,
			 const struct db_rows *rows, struct error *err)
{
	if (!rows->rows)
		return 0;               /* it writes no binlog */
	seen->own_pos = db_cell_number(db_rows_cell(rows, 0, NAMES("Position")));
	seen->own_file = db_cell_shown(&seen->arena, db_rows_cell(rows, 0, NAMES("File")));
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
	[DB_PART_STATE] = db_probe_state_read,
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
	seen->binlog_place = "";
	seen->acting = -1;
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
		*ret_sql = db_probe_state_statement(server);
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
		return db_cell_lacks(err, "rows");
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
