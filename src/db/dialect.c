/*
 * See dialect.h. The table is read from the top and the first row that fits
 * the server wins, so the special stands above the general: a routine that
 * exists is used, a managed server without one is refused with advice, and
 * only then come the plain statements, newest first.
 */
#include "db/dialect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "db/result.h"

/* ---- what server is this ------------------------------------------------ */

const char db_dialect_variables_sql[] =
	"SHOW GLOBAL VARIABLES WHERE Variable_name IN ('version', "
	"'version_comment', 'aurora_version', 'basedir', 'gtid_mode')";

const char db_dialect_routines_sql[] =
	"SELECT ROUTINE_NAME FROM information_schema.ROUTINES "
	"WHERE ROUTINE_SCHEMA = 'mysql' AND ROUTINE_NAME LIKE 'rds\\_%'";

static const char *const routine_names[DB_ROUTINE_COUNT] = {
	[DB_ROUTINE_STOP_REPLICATION] = "rds_stop_replication",
	[DB_ROUTINE_START_REPLICATION] = "rds_start_replication",
	[DB_ROUTINE_RESET_EXTERNAL_MASTER] = "rds_reset_external_master",
	[DB_ROUTINE_RESET_EXTERNAL_SOURCE] = "rds_reset_external_source",
	[DB_ROUTINE_SET_READ_ONLY] = "rds_set_read_only",
	[DB_ROUTINE_KILL] = "rds_kill",
	[DB_ROUTINE_KILL_QUERY] = "rds_kill_query",
	[DB_ROUTINE_REPLICA_STATUS] = "rds_replica_status",
};

static const char *variable(const struct db_rows *rows, const char *name)
{
	for (size_t i = 0; i < rows->rows && rows->columns == 2; i++) {
		const char *const *row = &rows->cells[i * 2];

		if (row[0] && row[1] && !strcasecmp(row[0], name))
			return row[1];
	}
	return "";
}

/* "8.0.36-x" is 80036; 0 if it does not begin with two numbers. */
static int version_number(const char *text)
{
	int parts[3] = {0};
	size_t count = 0;

	while (count < 3 && *text >= '0' && *text <= '9') {
		while (*text >= '0' && *text <= '9' && parts[count] < 100)
			parts[count] = parts[count] * 10 + (*text++ - '0');
		count++;
		if (*text != '.')
			break;
		text++;
	}
	if (count < 2 || parts[1] > 99 || parts[2] > 99)
		return 0;
	return parts[0] * 10000 + parts[1] * 100 + parts[2];
}

void db_dialect_version(struct db_server *server, const char *version,
			const char *comment)
{
	bool maria = strcasestr(version, "mariadb") ||
		     strcasestr(comment, "mariadb");

	/* An old trick of MariaDB's to be taken for a MySQL 5.5. */
	if (maria && !strncmp(version, "5.5.5-", 6))
		version += 6;
	server->version = version_number(version);
	server->family = !server->version ? DB_FAMILY_UNKNOWN :
			 maria ? DB_FAMILY_MARIADB : DB_FAMILY_MYSQL;
	text_sanitise(server->version_text, sizeof(server->version_text),
		      version);
}

void db_dialect_routines(struct db_server *server,
			 const struct db_rows *routines)
{
	for (size_t i = 0; i < routines->rows && routines->columns; i++) {
		const char *name = routines->cells[i * routines->columns];

		for (size_t k = 0; name && k < DB_ROUTINE_COUNT; k++)
			if (!strcasecmp(name, routine_names[k]))
				server->routines[k] = true;
	}
}

int db_dialect_identify(const struct db_rows *variables,
			struct db_server *ret_server, struct error *err)
{
	struct db_server server = {0};
	const char *aurora = variable(variables, "aurora_version");

	db_dialect_version(&server, variable(variables, "version"),
			   variable(variables, "version_comment"));
	if (!server.version)
		return error_set(err, ERR_INVALID, NULL,
				 "the server does not say which version it is");
	server.is_aurora = *aurora != '\0';
	server.aurora_version = version_number(aurora);
	server.is_rds = server.is_aurora ||
			!strncmp(variable(variables, "basedir"), "/rdsdbbin",
				 strlen("/rdsdbbin"));
	server.can_gtid = server.family == DB_FAMILY_MARIADB ||
			  !strcasecmp(variable(variables, "gtid_mode"), "ON");
	*ret_server = server;
	return 0;
}

void db_dialect_describe(const struct db_server *server, char *dst,
			 size_t size)
{
	int number = server->is_aurora && server->aurora_version ?
		     server->aurora_version : server->version;
	const char *name = server->is_aurora ? "Aurora MySQL" :
			   server->family == DB_FAMILY_MARIADB ? "MariaDB" :
			   "MySQL";

	if (server->family == DB_FAMILY_UNKNOWN)
		snprintf(dst, size, "unknown server");
	else if (server->is_aurora)
		snprintf(dst, size, "%s %d.%02d.%d (%s)", name, number / 10000,
			 number / 100 % 100, number % 100,
			 server->version_text);
	else
		snprintf(dst, size, "%s%s %d.%d.%d",
			 server->is_rds ? "RDS " : "", name, number / 10000,
			 number / 100 % 100, number % 100);
}

/* ---- how is it said ----------------------------------------------------- */

#define STATEMENTS_MAX 1
#define ANY_ROUTINE DB_ROUTINE_COUNT

enum need {
	ANY,
	MYSQL,
	MARIADB,
	MANAGED,                        /* RDS or Aurora, of either family */
	MANAGED_MARIADB,
};

struct saying {
	enum db_verb verb;
	enum need need;
	int since;                      /* version */
	enum db_routine routine;        /* that must exist, or ANY_ROUTINE */
	const char *statements[STATEMENTS_MAX + 1];
	const char *refusal;            /* in place of statements */
};

static const char refuse_routine[] =
	"this managed server shows no routine for it to this user: grant "
	"EXECUTE on the schema mysql, or, if RDS itself manages the replica, "
	"promote it in the RDS console or API (PromoteReadReplicaDBCluster)";
static const char refuse_read_only[] =
	"this managed server takes no SET GLOBAL: set read_only in its "
	"parameter group (RDS: 1 to fence, {TrueIfReplica} to lift it; "
	"dynamic, no reboot; Aurora: the cluster's parameter group), by hand";

static const struct saying sayings[] = {
	{DB_VERB_STATUS, MANAGED_MARIADB, 0, DB_ROUTINE_REPLICA_STATUS,
	 {"CALL mysql.rds_replica_status"}, NULL},
	{DB_VERB_STATUS, MARIADB, 0, ANY_ROUTINE,
	 {"SHOW ALL SLAVES STATUS"}, NULL},
	{DB_VERB_STATUS, MYSQL, 80022, ANY_ROUTINE,
	 {"SHOW REPLICA STATUS"}, NULL},
	{DB_VERB_STATUS, MYSQL, 0, ANY_ROUTINE, {"SHOW SLAVE STATUS"}, NULL},

	{DB_VERB_OWN_POSITION, MYSQL, 80200, ANY_ROUTINE,
	 {"SHOW BINARY LOG STATUS"}, NULL},
	{DB_VERB_OWN_POSITION, ANY, 0, ANY_ROUTINE,
	 {"SHOW MASTER STATUS"}, NULL},

	{DB_VERB_EXECUTED_GTID, MARIADB, 0, ANY_ROUTINE,
	 {"SELECT @@global.gtid_binlog_pos"}, NULL},
	{DB_VERB_EXECUTED_GTID, MYSQL, 0, ANY_ROUTINE,
	 {"SELECT @@global.gtid_executed"}, NULL},

	{DB_VERB_STOP_REPLICATION, ANY, 0, DB_ROUTINE_STOP_REPLICATION,
	 {"CALL mysql.rds_stop_replication"}, NULL},
	{DB_VERB_STOP_REPLICATION, MANAGED, 0, ANY_ROUTINE, {0},
	 refuse_routine},
	{DB_VERB_STOP_REPLICATION, MYSQL, 80022, ANY_ROUTINE,
	 {"STOP REPLICA"}, NULL},
	{DB_VERB_STOP_REPLICATION, ANY, 0, ANY_ROUTINE, {"STOP SLAVE"}, NULL},

	{DB_VERB_START_REPLICATION, ANY, 0, DB_ROUTINE_START_REPLICATION,
	 {"CALL mysql.rds_start_replication"}, NULL},
	{DB_VERB_START_REPLICATION, MANAGED, 0, ANY_ROUTINE, {0},
	 refuse_routine},
	{DB_VERB_START_REPLICATION, MYSQL, 80022, ANY_ROUTINE,
	 {"START REPLICA"}, NULL},
	{DB_VERB_START_REPLICATION, ANY, 0, ANY_ROUTINE,
	 {"START SLAVE"}, NULL},

	{DB_VERB_RESET_REPLICATION, ANY, 0, DB_ROUTINE_RESET_EXTERNAL_SOURCE,
	 {"CALL mysql.rds_reset_external_source"}, NULL},
	{DB_VERB_RESET_REPLICATION, ANY, 0, DB_ROUTINE_RESET_EXTERNAL_MASTER,
	 {"CALL mysql.rds_reset_external_master"}, NULL},
	{DB_VERB_RESET_REPLICATION, MANAGED, 0, ANY_ROUTINE, {0},
	 refuse_routine},
	{DB_VERB_RESET_REPLICATION, MYSQL, 80022, ANY_ROUTINE,
	 {"RESET REPLICA ALL"}, NULL},
	{DB_VERB_RESET_REPLICATION, ANY, 0, ANY_ROUTINE,
	 {"RESET SLAVE ALL"}, NULL},

	{DB_VERB_READ_ONLY_ON, ANY, 0, DB_ROUTINE_SET_READ_ONLY,
	 {"CALL mysql.rds_set_read_only(1)"}, NULL},
	{DB_VERB_READ_ONLY_ON, MANAGED, 0, ANY_ROUTINE, {0},
	 refuse_read_only},
	{DB_VERB_READ_ONLY_ON, MARIADB, 0, ANY_ROUTINE,
	 {"SET GLOBAL read_only = ON"}, NULL},
	/* Binds administrators too, and sets read_only with it. */
	{DB_VERB_READ_ONLY_ON, MYSQL, 50708, ANY_ROUTINE,
	 {"SET GLOBAL super_read_only = ON"}, NULL},

	{DB_VERB_READ_ONLY_OFF, ANY, 0, DB_ROUTINE_SET_READ_ONLY,
	 {"CALL mysql.rds_set_read_only(0)"}, NULL},
	{DB_VERB_READ_ONLY_OFF, MANAGED, 0, ANY_ROUTINE, {0},
	 refuse_read_only},
	/* Clears super_read_only with it. */
	{DB_VERB_READ_ONLY_OFF, ANY, 0, ANY_ROUTINE,
	 {"SET GLOBAL read_only = OFF"}, NULL},
};

static bool fits(const struct saying *saying, const struct db_server *server)
{
	bool maria = server->family == DB_FAMILY_MARIADB;
	bool needs[] = {
		[ANY] = true,
		[MYSQL] = !maria,
		[MARIADB] = maria,
		[MANAGED] = server->is_rds,
		[MANAGED_MARIADB] = server->is_rds && maria,
	};

	return needs[saying->need] && server->version >= saying->since &&
	       (saying->routine == ANY_ROUTINE ||
		server->routines[saying->routine]);
}

static const char *const verb_names[DB_VERB_COUNT] = {
	[DB_VERB_STATUS] = "status",
	[DB_VERB_OWN_POSITION] = "own-position",
	[DB_VERB_EXECUTED_GTID] = "executed-gtid",
	[DB_VERB_STOP_REPLICATION] = "stop-replication",
	[DB_VERB_START_REPLICATION] = "start-replication",
	[DB_VERB_RESET_REPLICATION] = "reset-replication",
	[DB_VERB_READ_ONLY_ON] = "read-only-on",
	[DB_VERB_READ_ONLY_OFF] = "read-only-off",
};

const char *db_verb_name(enum db_verb verb)
{
	return verb_names[verb];
}

int db_verb_parse(const char *name)
{
	for (int i = 0; i < DB_VERB_COUNT; i++)
		if (strcmp(verb_names[i], name) == 0)
			return i;
	return -1;
}

int db_dialect_statements(const struct db_server *server, enum db_verb verb,
			  const char *const **ret_statements,
			  size_t *ret_count, struct error *err)
{
	if (server->family == DB_FAMILY_UNKNOWN)
		return error_set(err, ERR_INVALID, NULL,
				 "it is not known yet what server this is");
	for (size_t i = 0; i < sizeof(sayings) / sizeof(*sayings); i++) {
		const struct saying *saying = &sayings[i];
		size_t count = 0;

		if (saying->verb != verb || !fits(saying, server))
			continue;
		if (saying->refusal)
			return error_set(err, ERR_INVALID, NULL, "%s",
					 saying->refusal);
		while (saying->statements[count])
			count++;
		*ret_statements = saying->statements;
		*ret_count = count;
		return 0;
	}
	return error_set(err, ERR_INVALID, NULL,
			 "a server of version %s can't be told so",
			 server->version_text);
}

bool db_dialect_is_done_already(enum db_verb verb, const struct error *err)
{
	bool raised = err->code == ERR_REMOTE &&
		      strstr(err->message, "error 1644 ");

	switch (verb) {
	case DB_VERB_STOP_REPLICATION:
		return raised && strcasestr(err->message, "already stopped");
	case DB_VERB_START_REPLICATION:
		return raised && strcasestr(err->message, "already running");
	default:
		return false;
	}
}
