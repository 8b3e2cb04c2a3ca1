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
#include "rehearsal/kind.h"
#include "rehearsal/procedures.h"
#include "rehearsal/sql.h"
#include "rehearsal/words.h"

#define SETUP_LIMIT_S 10u
#define OPTION_FILE_MAX (64u << 10)

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
	NULL,
};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static int setup_run_list(MYSQL *sql, const char *const *statements,
			  struct error *err)
{
	int rc = 0;

	for (; !rc && *statements; statements++)
		rc = sql_run(sql, *statements, err);
	return rc;
}

/* Accounts, and the procedures that they may call. */
static int setup_accounts(MYSQL *sql, const struct database *database,
			  struct error *err)
{
	static const char *const users[] = {"app", "cutover", "repl",
					     "rdsadmin", "admin"};
	const struct kind *kind = database->kind;
	int rc = sql_run(sql, "SET SESSION sql_log_bin = 0", err);

	for (size_t i = 0; !rc && i < COUNT(users); i++) {
		struct sql_login login;

		database_login(database, users[i], &login);
		rc = sql_run_words(sql, kind->words.create_user,
				   (const struct word[]){
					   {"user", users[i]},
					   {"password", login.password},
					   {NULL, NULL}}, err);
	}
	if (!rc)
		rc = setup_run_list(sql, kind->grants, err);
	if (!rc)
		rc = setup_run_list(sql, database->is_aurora ?
				    kind->aurora_grants : kind->rds_grants,
				    err);
	return rc ? rc : procedures_install(sql, database, err);
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
		rc = setup_run_list(sql, setup_schema, err);
	if (!rc)
		rc = sql_text(sql, rds->kind->words.position, position,
			      SQL_TEXT_MAX, err);
	mysql_close(sql);
	return rc ? error_wrap(err, "%s", rds->name) : 0;
}

static int setup_replication(MYSQL *sql, const struct database *rds,
			     const char *ca, struct error *err)
{
	struct sql_login login;
	char port[16];
	const struct word words[] = {
		{"host", login.host}, {"port", port}, {"user", login.user},
		{"password", login.password}, {"ca", ca}, {NULL, NULL},
	};
	int rc;

	database_login(rds, "repl", &login);
	snprintf(port, sizeof(port), "%u", login.port);
	rc = sql_run_words(sql, rds->kind->words.replicate, words, err);
	return rc ? rc : sql_run(sql, rds->kind->words.start, err);
}

static int setup_wait_for(MYSQL *sql, const struct kind *kind,
			  const char *position, struct error *err)
{
	char statement[SQL_TEXT_MAX + 64], answer[16], seconds[16];
	const struct word words[] = {{"position", position},
				     {"seconds", seconds}, {NULL, NULL}};
	int rc;

	snprintf(seconds, sizeof(seconds), "%u", SETUP_LIMIT_S);
	rc = words_fill(statement, sizeof(statement), kind->words.await, words,
			err);
	if (!rc)
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
		rc = setup_replication(sql, rds, ca, err);
	if (!rc)
		rc = setup_wait_for(sql, aurora->kind, position, err);
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

/* Each as root; the list ends with NULL. */
static int setup_say(struct database *database, const char *const *statements,
		     struct error *err)
{
	struct sql_login login;
	MYSQL *sql;
	int rc;

	database_root_login(database, &login);
	rc = sql_connect(&login, SETUP_LIMIT_S, &sql, err);
	if (!rc) {
		rc = setup_run_list(sql, statements, err);
		mysql_close(sql);
	}
	return rc ? error_wrap(err, "%s", database->name) : 0;
}

int database_setup_after(struct database *rds, struct database *aurora,
			 struct error *err)
{
	const struct kind_words *words = &aurora->kind->words;
	const char *const fence[] = {"SET GLOBAL read_only = ON", NULL};
	const char *const promote[] = {words->stop, words->reset,
				       "SET GLOBAL read_only = OFF", NULL};
	int rc = setup_say(rds, fence, err);

	return rc ? rc : setup_say(aurora, promote, err);
}

/* What cutover reads, or with "client" before it the mysql client. */
static void setup_option_group(struct buf *buf, const char *prefix,
			       const struct database *database,
			       const char *user, const char *suffix,
			       const char *ca)
{
	struct sql_login login;

	database_login(database, user, &login);
	buf_printf(buf, "[%s%s%s]\nhost=%s\nport=%u\nuser=%s\npassword=%s\n"
		   "ssl-ca=%s\n", prefix, database->name, suffix, login.host,
		   login.port, login.user, login.password, ca);
	buf_printf(buf, "%s\n", prefix[0] ? database->kind->client_options :
		   "ssl-verify-server-cert\n");
}

int database_setup_option_file(const char *path, const struct database *rds,
			       const struct database *aurora, const char *ca,
			       struct error *err)
{
	const struct database *const both[] = {rds, aurora};
	struct buf buf;
	int rc;

	buf_init(&buf, OPTION_FILE_MAX);
	buf_puts(&buf, "# mysql --defaults-file=THIS "
		 "--defaults-group-suffix=rds (or aurora, rds-admin, "
		 "aurora-admin)\n");
	for (size_t i = 0; i < COUNT(both); i++) {
		setup_option_group(&buf, "", both[i], "cutover", "", ca);
		setup_option_group(&buf, "client", both[i], "cutover", "", ca);
		setup_option_group(&buf, "client", both[i], "admin", "-admin",
				   ca);
	}
	rc = buf_error(&buf) ? error_nomem(err) :
	     files_write(path, buf.data, 0600, err);
	buf_release(&buf);
	return rc;
}
