/*
 * See procedures.h. One table for all servers: a body holds {words}, which the
 * kind of server fills in, and a row says which servers have the procedure. How
 * long a deed takes and whether it is refused stands in a table of our own, so
 * that it can change while the world lives.
 */
#include "rehearsal/procedures.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "rehearsal/database.h"
#include "rehearsal/kind.h"
#include "rehearsal/words.h"

#define STATEMENT_MAX 4096u
#define CONNECT_LIMIT_S 5u

/* Since this version RDS says `source` where it said `master`. */
#define SOURCE_SINCE 80400

static const char *const deed_names[PROCEDURES_DEED_COUNT] = {
	[PROCEDURES_STOP] = "stop",
	[PROCEDURES_RESET] = "reset",
};

/* ---- what they are ------------------------------------------------------ */

enum who { EVERY, ON_MARIADB, ON_MYSQL, ON_MYSQL_RDS, ON_MYSQL_AURORA };

/* Takes a deed's pause and refusal into variables; refuses. */
#define DEED(name) \
	"DECLARE pause DOUBLE; DECLARE refused VARCHAR(128); " \
	"SELECT p.pause, p.refusal INTO pause, refused " \
	"FROM mysql.practice_rds p WHERE p.deed = '" name "'; " \
	"IF refused <> '' THEN SIGNAL SQLSTATE '45000' " \
	"SET MESSAGE_TEXT = refused; END IF; "
#define REFUSE_IF(condition, message) \
	"IF " condition " THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '" \
	message "'; END IF; "
#define SAY(message) "SELECT '" message "' AS Message; "
#define EXECUTE(text) \
	"SET @rds_statement = " text "; " \
	"PREPARE rds_statement FROM @rds_statement; " \
	"SET @rds_statement = NULL; " \
	"EXECUTE rds_statement; DEALLOCATE PREPARE rds_statement; "
#define MUST_BE_STOPPED \
	REFUSE_IF("{threads} > 0", "Replication runs: " \
		  "call rds_stop_replication first.")
#define WHERE_TO "host VARCHAR(255), port INT, user TEXT, passwd TEXT, "
#define CHANGE(more) \
	MUST_BE_STOPPED \
	EXECUTE("CONCAT('{change} TO {SOURCE}_HOST=', QUOTE(host), " \
		"', {SOURCE}_PORT=', port, ', {SOURCE}_USER=', QUOTE(user), " \
		"', {SOURCE}_PASSWORD=', QUOTE(passwd), " \
		"', {SOURCE}_SSL=', ssl_on, " more ")") \
	SAY("Slave has been configured")
#define KILL(what) \
	"DECLARE owner VARCHAR(128); " \
	"SELECT MAX(p.USER) INTO owner FROM information_schema.PROCESSLIST p " \
	"WHERE p.ID = thread; " \
	REFUSE_IF("owner IN ('rdsadmin', 'repl', 'root')", \
		  "ERROR (RDS): this session can not be killed") \
	what " thread; "

/*
 * The words of replication on RDS are the old ones even where the names of the
 * procedures are new.
 */
static const struct procedure {
	const char *name, *parameters, *body;
	enum who who;
	bool operators;         /* the runbooks' account may call it too */
} procedures[] = {
	{"rds_stop_replication", "",
	 DEED("stop")
	 REFUSE_IF("{threads} = 0", "Slave is already stopped or may not be "
		   "running. Call rds_start_replication to start it.")
	 "{stop}; DO SLEEP(pause); " SAY("Slave is down or disabled"),
	 EVERY, true},
	{"rds_start_replication", "",
	 REFUSE_IF("{threads} = 2", "Slave is already running. "
		   "Call rds_stop_replication to stop it.")
	 "{start}; DO SLEEP(0.1); "
	 REFUSE_IF("{threads} < 2", "Slave has encountered an error. "
		   "Look at its status.")
	 SAY("Slave running normally."), EVERY, true},
	{"rds_start_replication_until_gtid", "gtid TEXT",
	 MUST_BE_STOPPED
	 EXECUTE("CONCAT('START REPLICA UNTIL SQL_AFTER_GTIDS=', "
		 "QUOTE(gtid))")
	 SAY("Slave running normally."), ON_MYSQL, false},
	{"rds_reset_external_{source}", "",
	 DEED("reset")
	 "IF {threads} > 0 THEN {stop}; END IF; "
	 "{reset}; DO SLEEP(pause); " SAY("Slave has been reset"),
	 EVERY, true},
	{"rds_set_external_{source}",
	 WHERE_TO "file TEXT, pos BIGINT UNSIGNED, ssl_on TINYINT",
	 CHANGE("', {SOURCE}_LOG_FILE=', QUOTE(file), "
		"', {SOURCE}_LOG_POS=', pos, '{by_position}'"),
	 EVERY, false},
	{"rds_set_external_master_gtid", WHERE_TO "gtid TEXT, ssl_on TINYINT",
	 MUST_BE_STOPPED "SET GLOBAL gtid_slave_pos = gtid; "
	 CHANGE("', MASTER_USE_GTID=slave_pos'"), ON_MARIADB, false},
	{"rds_set_external_{source}_with_auto_position",
	 WHERE_TO "ssl_on TINYINT, delay INT",
	 CHANGE("', {SOURCE}_DELAY=', delay, ', {SOURCE}_AUTO_POSITION=1'"),
	 ON_MYSQL_RDS, false},
	{"rds_set_external_{source}_with_auto_position",
	 WHERE_TO "ssl_on TINYINT", CHANGE("', {SOURCE}_AUTO_POSITION=1'"),
	 ON_MYSQL_AURORA, false},
	{"rds_replica_status", "", "{status}; ", ON_MARIADB, true},
	{"rds_set_read_only", "mode TINYINT",
	 REFUSE_IF("mode IS NULL OR mode NOT IN (0, 1)",
		   "read_only is 0 or 1")
	 "SET GLOBAL read_only = mode; ", ON_MYSQL_AURORA, true},
	{"rds_kill", "thread BIGINT", KILL("KILL"), EVERY, true},
	{"rds_kill_query", "thread BIGINT", KILL("KILL QUERY"), EVERY, true},
	{"rds_set_configuration", "name_in VARCHAR(30), value_in INT",
	 "DECLARE logged BOOL DEFAULT @@SESSION.sql_log_bin; "
	 REFUSE_IF("NOT EXISTS (SELECT 1 FROM mysql.rds_configuration c "
		   "WHERE c.name = name_in)", "no such parameter")
	 "SET SESSION sql_log_bin = 0; "
	 "UPDATE mysql.rds_configuration c SET c.value = value_in "
	 "WHERE c.name = name_in; "
	 "SET SESSION sql_log_bin = logged; ", EVERY, false},
	{"rds_show_configuration", "",
	 "SELECT c.name, c.value, c.description "
	 "FROM mysql.rds_configuration c; ", EVERY, false},
};

static const char *const procedures_tables[] = {
	"CREATE TABLE mysql.practice_rds ("
	"deed VARCHAR(16) NOT NULL PRIMARY KEY, "
	"pause DOUBLE NOT NULL DEFAULT 0, "
	"refusal VARCHAR(128) NOT NULL DEFAULT '') ENGINE=InnoDB",
	"INSERT INTO mysql.practice_rds (deed) VALUES ('stop'), ('reset')",
	"CREATE TABLE mysql.rds_configuration ("
	"name VARCHAR(30) NOT NULL PRIMARY KEY, value VARCHAR(30), "
	"description VARCHAR(300) NOT NULL) ENGINE=InnoDB",
	"INSERT INTO mysql.rds_configuration VALUES "
	"('binlog retention hours', NULL, 'for how many hours binary logs "
	"are kept before they are purged')",
};

/* ---- how they are made -------------------------------------------------- */

static bool procedures_says_source(const struct database *database,
				   unsigned long version)
{
	return !database->kind->is_mariadb &&
	       (database->is_aurora || version >= SOURCE_SINCE);
}

static int procedures_say(MYSQL *sql, const struct word *words,
			  const char *const *parts, struct error *err)
{
	struct buf buf;
	int rc;

	buf_init(&buf, STATEMENT_MAX);
	for (size_t i = 0; parts[i]; i++)
		words_append(&buf, parts[i], words);
	rc = buf_error(&buf) ? error_nomem(err) : sql_run(sql, buf.data, err);
	buf_release(&buf);
	return rc;
}

static int procedures_make(MYSQL *sql, const struct procedure *procedure,
			   const struct word *words, struct error *err)
{
	const char *const create[] = {
		"CREATE PROCEDURE mysql.", procedure->name, "(",
		procedure->parameters, ") SQL SECURITY DEFINER BEGIN ",
		procedure->body, "END", NULL};
	const char *const grant[] = {
		"GRANT EXECUTE ON PROCEDURE mysql.", procedure->name,
		" TO cutover@'127.0.0.1'", NULL};
	int rc = procedures_say(sql, words, create, err);

	if (!rc && procedure->operators)
		rc = procedures_say(sql, words, grant, err);
	return rc ? error_wrap(err, "making %s", procedure->name) : 0;
}

static bool procedures_has(const struct database *database, enum who who)
{
	bool maria = database->kind->is_mariadb;
	const bool has[] = {
		[EVERY] = true,
		[ON_MARIADB] = maria,
		[ON_MYSQL] = !maria,
		[ON_MYSQL_RDS] = !maria && !database->is_aurora,
		[ON_MYSQL_AURORA] = !maria && database->is_aurora,
	};

	return has[who];
}

int procedures_install(MYSQL *sql, const struct database *database,
		       struct error *err)
{
	const struct kind *kind = database->kind;
	bool source = procedures_says_source(database,
					     mysql_get_server_version(sql));
	const struct word words[] = {
		{"stop", kind->routine.stop},
		{"start", kind->routine.start},
		{"reset", kind->routine.reset},
		{"status", kind->routine.status},
		{"threads", kind->routine.threads},
		{"change", kind->routine.change},
		{"by_position", kind->routine.by_position},
		{"SOURCE", kind->routine.source},
		{"source", source ? "source" : "master"},
		{NULL, NULL},
	};
	size_t tables = sizeof(procedures_tables) /
			sizeof(procedures_tables[0]);
	size_t count = sizeof(procedures) / sizeof(procedures[0]);
	int rc = 0;

	for (size_t i = 0; !rc && i < tables; i++)
		rc = sql_run(sql, procedures_tables[i], err);
	for (size_t i = 0; !rc && i < count; i++)
		if (procedures_has(database, procedures[i].who))
			rc = procedures_make(sql, &procedures[i], words, err);
	return rc;
}

/* ---- how they are changed ----------------------------------------------- */

/* SET of the deed's row, on a connection of root's that leaves no trace. */
static int procedures_change(const struct database *database,
			     enum procedures_deed deed, const char *column,
			     const char *value, struct error *err)
{
	char safe[2 * 128 + 1];
	struct sql_login login;
	MYSQL *sql;
	int rc;

	if (strlen(value) > 128)
		return error_set(err, ERR_LIMIT, database->name,
				 "a message of more than 128 bytes");
	database_root_login(database, &login);
	rc = sql_connect(&login, CONNECT_LIMIT_S, &sql, err);
	if (rc)
		return error_wrap(err, "%s", database->name);
	mysql_real_escape_string(sql, safe, value, strlen(value));
	rc = sql_run(sql, "SET SESSION sql_log_bin = 0", err);
	if (!rc)
		rc = sql_runf(sql, err, "UPDATE mysql.practice_rds "
			      "SET %s = '%s' WHERE deed = '%s'", column, safe,
			      deed_names[deed]);
	mysql_close(sql);
	return rc ? error_wrap(err, "%s", database->name) : 0;
}

int procedures_delay(const struct database *database,
		     enum procedures_deed deed, int ms, struct error *err)
{
	char seconds[32];

	snprintf(seconds, sizeof(seconds), "%d.%03d", ms / 1000, ms % 1000);
	return procedures_change(database, deed, "pause", seconds, err);
}

int procedures_refuse(const struct database *database,
		      enum procedures_deed deed, const char *message,
		      struct error *err)
{
	return procedures_change(database, deed, "refusal",
				 message ? message : "", err);
}
