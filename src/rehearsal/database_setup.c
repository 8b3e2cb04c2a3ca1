/*
 * See database_setup.h. Accounts and procedures are written with the binary
 * log off on each server, so that no server has a transaction of its own that
 * the other lacks; the schema is made on rds alone and travels by replication.
 */
#include "rehearsal/database_setup.h"

#include <stdio.h>

#include "base/buf.h"
#include "base/error.h"
#include "rehearsal/database.h"
#include "rehearsal/files.h"
#include "rehearsal/sql.h"

#define SETUP_LIMIT_S 10u
#define OPTION_FILE_MAX (64u << 10)
#define REPLICA_THREADS \
	"(SELECT COUNT(*) FROM information_schema.PROCESSLIST " \
	"WHERE COMMAND IN ('Slave_IO', 'Slave_SQL'))"

static const char *const setup_grants[] = {
	"GRANT SELECT, INSERT, UPDATE, DELETE ON app.* TO app@'127.0.0.1'",
	"GRANT REPLICATION SLAVE ON *.* TO repl@'127.0.0.1'",
	"GRANT SLAVE MONITOR, BINLOG MONITOR, REPLICATION SLAVE ADMIN, "
	"READ_ONLY ADMIN, PROCESS, RELOAD ON *.* TO cutover@'127.0.0.1'",
	"GRANT SELECT ON app.* TO cutover@'127.0.0.1'",
	/* The provider's own account: read_only does not bind it. */
	"GRANT SUPER, READ_ONLY ADMIN ON *.* TO rdsadmin@'127.0.0.1'",
	"GRANT SELECT, INSERT, UPDATE ON mysql.* TO rdsadmin@'127.0.0.1'",
};

/* As RDS has them: what may not be said directly is said by a procedure that
 * runs with its owner's rights and answers with a small table. */
static const char *const setup_procedures[] = {
	"CREATE PROCEDURE mysql.rds_stop_replication() SQL SECURITY DEFINER "
	"BEGIN "
	"IF " REPLICA_THREADS " = 0 THEN "
	"SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = "
	"'Slave is already stopped or may not be running. "
	"Call rds_start_replication to start it.'; "
	"END IF; "
	"EXECUTE IMMEDIATE 'STOP SLAVE'; "
	"SELECT 'Slave is down or disabled' AS Message; "
	"END",
	"CREATE PROCEDURE mysql.rds_start_replication() SQL SECURITY DEFINER "
	"BEGIN "
	"EXECUTE IMMEDIATE 'START SLAVE'; "
	"SELECT 'Slave running normally.' AS Message; "
	"END",
	"CREATE PROCEDURE mysql.rds_reset_external_master() "
	"SQL SECURITY DEFINER "
	"BEGIN "
	"IF " REPLICA_THREADS " > 0 THEN EXECUTE IMMEDIATE 'STOP SLAVE'; "
	"END IF; "
	"EXECUTE IMMEDIATE 'RESET SLAVE ALL'; "
	"SELECT 'Slave has been reset' AS Message; "
	"END",
	"GRANT EXECUTE ON PROCEDURE mysql.rds_stop_replication "
	"TO cutover@'127.0.0.1'",
	"GRANT EXECUTE ON PROCEDURE mysql.rds_start_replication "
	"TO cutover@'127.0.0.1'",
	"GRANT EXECUTE ON PROCEDURE mysql.rds_reset_external_master "
	"TO cutover@'127.0.0.1'",
};

static const char *const setup_schema[] = {
	"CREATE TABLE mysql.rds_heartbeat2 ("
	"id INT NOT NULL PRIMARY KEY, value BIGINT) ENGINE=InnoDB",
	"CREATE DATABASE app",
	"CREATE TABLE app.orders ("
	"id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, "
	"write_id VARCHAR(64) NOT NULL, "
	"pod VARCHAR(64) NOT NULL, "
	"at TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3), "
	"KEY write_id (write_id)) ENGINE=InnoDB",
	"CREATE TABLE app.sentinel ("
	"token VARCHAR(64) NOT NULL PRIMARY KEY, "
	"pod VARCHAR(64) NOT NULL, "
	"at TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3)"
	") ENGINE=InnoDB",
};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static int setup_run_all(MYSQL *sql, const char *const *statements,
			 size_t count, struct error *err)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < count; i++)
		rc = sql_run(sql, statements[i], err);
	return rc;
}

static int setup_accounts(MYSQL *sql, const struct database *database,
			  struct error *err)
{
	static const char *const users[] = {"app", "cutover", "repl",
					     "rdsadmin"};
	int rc = sql_run(sql, "SET SESSION sql_log_bin = 0", err);

	for (size_t i = 0; !rc && i < COUNT(users); i++) {
		struct sql_login login;

		database_login(database, users[i], &login);
		rc = sql_runf(sql, err, "CREATE USER %s@'127.0.0.1' "
			      "IDENTIFIED BY '%s'", users[i], login.password);
	}
	if (!rc)
		rc = setup_run_all(sql, setup_grants, COUNT(setup_grants), err);
	return rc;
}

static int setup_rds(struct database *rds, char position[SQL_TEXT_MAX],
		     struct error *err)
{
	struct sql_login login;
	MYSQL *sql;
	int rc;

	database_root_login(rds, &login);
	rc = sql_connect(&login, SETUP_LIMIT_S, &sql, err);
	if (rc)
		return error_wrap(err, "%s", rds->name);
	rc = setup_accounts(sql, rds, err);
	if (!rc)
		rc = sql_run(sql, "SET SESSION sql_log_bin = 1", err);
	if (!rc)
		rc = setup_run_all(sql, setup_schema, COUNT(setup_schema), err);
	if (!rc)
		rc = sql_text(sql, "SELECT @@gtid_binlog_pos", position,
			      SQL_TEXT_MAX, err);
	mysql_close(sql);
	return rc ? error_wrap(err, "%s", rds->name) : 0;
}

static int setup_replication(MYSQL *sql, const struct database *rds,
			     const char *ca, struct error *err)
{
	struct sql_login login;
	int rc;

	database_login(rds, "repl", &login);
	rc = sql_runf(sql, err,
		      "CHANGE MASTER TO MASTER_HOST = '%s', MASTER_PORT = %u, "
		      "MASTER_USER = '%s', MASTER_PASSWORD = '%s', "
		      "MASTER_SSL = 1, MASTER_SSL_CA = '%s', "
		      "MASTER_CONNECT_RETRY = 1, MASTER_HEARTBEAT_PERIOD = 1, "
		      "MASTER_USE_GTID = slave_pos", login.host, login.port,
		      login.user, login.password, ca);
	return rc ? rc : sql_run(sql, "START SLAVE", err);
}

static int setup_wait_for(MYSQL *sql, const char *position, struct error *err)
{
	char statement[SQL_TEXT_MAX + 64], answer[16];
	int rc;

	snprintf(statement, sizeof(statement),
		 "SELECT MASTER_GTID_WAIT('%s', %u)", position, SETUP_LIMIT_S);
	rc = sql_text(sql, statement, answer, sizeof(answer), err);
	if (!rc && answer[0] != '0')
		rc = error_set(err, ERR_TIMEOUT, NULL,
			       "replication does not bring %s", position);
	return rc;
}

static int setup_aurora(struct database *aurora, const struct database *rds,
			const char *position, const char *ca,
			struct error *err)
{
	struct sql_login login;
	MYSQL *sql;
	int rc;

	database_root_login(aurora, &login);
	rc = sql_connect(&login, SETUP_LIMIT_S + 5, &sql, err);
	if (rc)
		return error_wrap(err, "%s", aurora->name);
	rc = setup_accounts(sql, aurora, err);
	if (!rc)
		rc = setup_run_all(sql, setup_procedures,
				   COUNT(setup_procedures), err);
	if (!rc)
		rc = setup_replication(sql, rds, ca, err);
	if (!rc)
		rc = setup_wait_for(sql, position, err);
	mysql_close(sql);
	return rc ? error_wrap(err, "%s", aurora->name) : 0;
}

int database_setup_pair(struct database *rds, struct database *aurora,
			const char *ca, struct error *err)
{
	char position[SQL_TEXT_MAX];
	int rc = setup_rds(rds, position, err);

	return rc ? rc : setup_aurora(aurora, rds, position, ca, err);
}

static int setup_say(struct database *database, const char *const *statements,
		     size_t count, struct error *err)
{
	struct sql_login login;
	MYSQL *sql;
	int rc;

	database_root_login(database, &login);
	rc = sql_connect(&login, SETUP_LIMIT_S, &sql, err);
	if (!rc) {
		rc = setup_run_all(sql, statements, count, err);
		mysql_close(sql);
	}
	return rc ? error_wrap(err, "%s", database->name) : 0;
}

int database_setup_after(struct database *rds, struct database *aurora,
			 struct error *err)
{
	static const char *const fence[] = {"SET GLOBAL read_only = ON"};
	static const char *const promote[] = {
		"STOP SLAVE", "RESET SLAVE ALL", "SET GLOBAL read_only = OFF"};
	int rc = setup_say(rds, fence, COUNT(fence), err);

	return rc ? rc : setup_say(aurora, promote, COUNT(promote), err);
}

static void setup_option_group(struct buf *buf, const char *prefix,
			       const struct database *database, const char *ca)
{
	struct sql_login login;

	database_login(database, "cutover", &login);
	buf_printf(buf, "[%s%s]\nhost=%s\nport=%u\nuser=%s\npassword=%s\n"
		   "ssl-ca=%s\nssl-verify-server-cert\n\n", prefix,
		   database->name, login.host, login.port, login.user,
		   login.password, ca);
}

int database_setup_option_file(const char *path, const struct database *rds,
			       const struct database *aurora, const char *ca,
			       struct error *err)
{
	struct buf buf;
	int rc;

	buf_init(&buf, OPTION_FILE_MAX);
	buf_puts(&buf, "# mysql --defaults-file=THIS "
		 "--defaults-group-suffix=rds (or aurora)\n");
	setup_option_group(&buf, "", rds, ca);
	setup_option_group(&buf, "", aurora, ca);
	setup_option_group(&buf, "client", rds, ca);
	setup_option_group(&buf, "client", aurora, ca);
	rc = buf_error(&buf) ? error_nomem(err) :
	     files_write(path, buf.data, 0600, err);
	buf_release(&buf);
	return rc;
}
