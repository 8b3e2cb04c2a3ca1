/*
 * The practice world's databases by themselves, of the kind that
 * $TEST_WORLD_DATABASE names (mariadb): accounts and what they may do, the
 * procedures mysql.rds_*, and what a scenario can put into them. One pair of
 * real servers for all; each test leaves it replicating.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "rehearsal/ending.h"
#include "rehearsal/extras.h"
#include "rehearsal/kind.h"
#include "rehearsal/pair.h"
#include "rehearsal/procedures.h"
#include "rehearsal/sql.h"
#include "rehearsal/worlddir.h"

#define LIMIT_S 20u
#define LIMIT_MS 20000
#define AWAIT_POLL_MS 120
#define TEXT_MAX 1024

static struct ending ending;
static struct worlddir place;
static struct pair pair;
static MYSQL *root_rds, *root_aurora, *admin_rds, *admin_aurora;
static MYSQL *cutover_rds, *cutover_aurora;

static bool is_mysql(void)
{
	return !pair.rds.kind->is_mariadb;
}

static void must(int rc, const struct error *err)
{
	if (rc)
		fail_msg("%s: %s", err->where, err->message);
}

static MYSQL *enter(const struct database *database, const char *user)
{
	struct sql_login login;
	struct error err = {0};
	MYSQL *sql;

	if (!strcmp(user, "root"))
		database_root_login(database, &login);
	else
		database_login(database, user, &login);
	must(sql_connect(&login, LIMIT_S, &sql, &err), &err);
	return sql;
}

/* The number of the server's error, 0 for none; the first cell it answers. */
static unsigned int ask(MYSQL *sql, const char *statement, char dst[TEXT_MAX])
{
	unsigned int number = 0;
	int more;

	dst[0] = '\0';
	if (mysql_query(sql, statement)) {
		snprintf(dst, TEXT_MAX, "%s", mysql_error(sql));
		return mysql_errno(sql);
	}
	do {
		MYSQL_RES *rows = mysql_store_result(sql);
		MYSQL_ROW row = rows ? mysql_fetch_row(rows) : NULL;

		if (row && row[0] && !dst[0])
			snprintf(dst, TEXT_MAX, "%s", row[0]);
		if (rows)
			mysql_free_result(rows);
		more = mysql_next_result(sql);
	} while (more == 0);
	if (more > 0) {
		number = mysql_errno(sql);
		snprintf(dst, TEXT_MAX, "%s", mysql_error(sql));
	}
	return number;
}

/* The statement is answered with an error of that number (0: with none) and
 * with that text in the first cell or the message. */
static void expect(MYSQL *sql, const char *statement, unsigned int number,
		   const char *text)
{
	char got[TEXT_MAX];
	unsigned int errno_got = ask(sql, statement, got);

	if (errno_got != number || !strstr(got, text))
		fail_msg("%s: %u %s, not %u %s", statement, errno_got, got,
			 number, text);
}

/* Asks until the first cell is that. Not too often: INNODB_TRX is a copy that is
 * renewed only when it was left alone for 100 ms. */
static void await(MYSQL *sql, const char *statement, const char *text)
{
	int64_t deadline = clock_mono_ms() + LIMIT_MS;
	char got[TEXT_MAX];

	while (ask(sql, statement, got) || strcmp(got, text) != 0) {
		if (clock_mono_ms() > deadline)
			fail_msg("%s: %s, not %s", statement, got, text);
		poll(NULL, 0, AWAIT_POLL_MS);
	}
}

/* ---- who may do what ---------------------------------------------------- */

static void test_accounts_come_in_over_tls(void **state)
{
	static const char *const users[] = {"app", "cutover", "admin", "repl",
					    "rdsadmin"};

	(void)state;
	if (!is_mysql())
		return;
	expect(root_rds, "SELECT @@require_secure_transport", 0, "1");
	for (size_t i = 0; i < sizeof(users) / sizeof(users[0]); i++) {
		MYSQL *sql = enter(&pair.rds, users[i]);
		char statement[160];

		assert_non_null(mysql_get_ssl_cipher(sql));
		mysql_close(sql);
		snprintf(statement, sizeof(statement), "SELECT plugin FROM "
			 "mysql.user WHERE user = '%s'", users[i]);
		expect(root_rds, statement, 0, "caching_sha2_password");
	}
}

static void test_admin_is_as_little_as_rds_master_user(void **state)
{
	static const char *const denied[] = {
		"SET GLOBAL read_only = ON", "SET GLOBAL max_connections = 9",
		"FLUSH TABLES WITH READ LOCK", "SET sql_log_bin = 0",
	};
	const char *set = "GRANT SELECT ON app.* TO app@'127.0.0.1'";

	(void)state;
	for (size_t i = 0; i < sizeof(denied) / sizeof(denied[0]); i++) {
		expect(admin_rds, denied[i], 1227, "denied");
		expect(admin_aurora, denied[i], 1227, "denied");
	}
	expect(admin_rds, "UPDATE mysql.rds_heartbeat2 SET value = 0", 1142,
	       "denied");
	expect(admin_aurora, is_mysql() ? "STOP REPLICA" : "STOP SLAVE", 1227,
	       "denied");
	/* But all that is the application's is its. */
	expect(admin_rds, set, 0, "");
	expect(admin_rds, "SELECT COUNT(*) FROM app.orders", 0, "");
}

static void test_cutover_may_what_the_runbook_needs(void **state)
{
	(void)state;
	expect(cutover_rds, is_mysql() ? "SET GLOBAL super_read_only = ON" :
	       "SET GLOBAL read_only = ON", 0, "");
	expect(admin_rds, "CREATE TABLE app.never (id INT)", 1290, "read");
	expect(cutover_rds, "SET GLOBAL read_only = OFF", 0, "");
	expect(cutover_rds, "INSERT INTO app.orders (write_id, pod) "
	       "VALUES ('x', 'x')", 1142, "denied");
	if (!is_mysql())
		return;
	expect(cutover_aurora, "SET GLOBAL read_only = ON", 1227, "denied");
	expect(cutover_aurora, "CALL mysql.rds_set_read_only(2)", 1644, "");
	expect(cutover_aurora, "CALL mysql.rds_set_read_only(0)", 0, "");
	expect(cutover_aurora, "SELECT @@GLOBAL.read_only", 0, "0");
	expect(cutover_aurora, "CALL mysql.rds_set_read_only(1)", 0, "");
	expect(cutover_aurora, "SELECT @@GLOBAL.read_only", 0, "1");
	/* As on Aurora 3: read_only does not bind its master user. */
	expect(admin_aurora, "START TRANSACTION", 0, "");
	expect(admin_aurora, "INSERT INTO app.orders (write_id, pod) "
	       "VALUES ('x', 'x')", 0, "");
	expect(admin_aurora, "ROLLBACK", 0, "");
}

/* ---- mysql.rds_* -------------------------------------------------------- */

static void test_procedures_have_their_servers_names(void **state)
{
	static const char list[] =
		"SELECT GROUP_CONCAT(ROUTINE_NAME ORDER BY ROUTINE_NAME) "
		"FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = "
		"'mysql' AND ROUTINE_NAME LIKE 'rds\\_%external%'";
	unsigned long version = mysql_get_server_version(root_rds);
	bool source = is_mysql() && version >= 80400;

	(void)state;
	expect(root_rds, list, 0, !is_mysql() ?
	       "rds_reset_external_master,rds_set_external_master,"
	       "rds_set_external_master_gtid" : source ?
	       "rds_reset_external_source,rds_set_external_source,"
	       "rds_set_external_source_with_auto_position" :
	       "rds_reset_external_master,rds_set_external_master,"
	       "rds_set_external_master_with_auto_position");
	expect(root_aurora, list, 0, !is_mysql() ?
	       "rds_reset_external_master," : "rds_reset_external_source,");
	expect(admin_rds, "CALL mysql.rds_set_read_only(1)", 1305, "");
	expect(cutover_aurora, "CALL mysql.rds_show_configuration", 1370, "");
}

static void test_replication_stops_and_starts(void **state)
{
	static const char stop[] = "CALL mysql.rds_stop_replication";
	struct error err = {0};
	int64_t began;

	(void)state;
	must(procedures_refuse(&pair.aurora, PROCEDURES_STOP,
			       "it's not to be had", &err), &err);
	expect(cutover_aurora, stop, 1644, "it's not to be had");
	must(procedures_refuse(&pair.aurora, PROCEDURES_STOP, NULL, &err),
	     &err);
	must(pair_set_delay(&pair, 300, &err), &err);
	began = clock_mono_ms();
	expect(cutover_aurora, stop, 0, "Slave is down or disabled");
	assert_true(clock_mono_ms() - began >= 300);
	expect(cutover_aurora, stop, 1644, "Slave is already stopped");
	must(pair_set_delay(&pair, 0, &err), &err);
	expect(cutover_aurora, "CALL mysql.rds_start_replication", 0,
	       "Slave running normally.");
	expect(cutover_aurora, "CALL mysql.rds_start_replication", 1644,
	       "already running");
}

/* Promotes, and makes it a replica again, by procedures alone. */
static void test_replication_is_reset_and_set_again(void **state)
{
	bool mysql = is_mysql();
	struct sql_login repl;
	char statement[4 * TEXT_MAX], position[TEXT_MAX];

	(void)state;
	database_login(&pair.rds, "repl", &repl);
	ask(root_aurora, "SELECT @@GLOBAL.gtid_slave_pos", position);
	snprintf(statement, sizeof(statement), mysql ?
		 "CALL mysql.rds_set_external_source_with_auto_position("
		 "'%s', %u, '%s', '%s', 1)" :
		 "CALL mysql.rds_set_external_master_gtid("
		 "'%s', %u, '%s', '%s', '%s', 1)", repl.host, repl.port,
		 repl.user, repl.password, position);
	expect(admin_aurora, statement, 1644, "Replication runs");
	expect(cutover_aurora, "CALL mysql.rds_stop_replication", 0, "Slave");
	expect(cutover_aurora, mysql ? "CALL mysql.rds_reset_external_source" :
	       "CALL mysql.rds_reset_external_master", 0,
	       "Slave has been reset");
	expect(cutover_aurora, mysql ? "SHOW REPLICA STATUS" :
	       "SHOW ALL SLAVES STATUS", 0, "");
	assert_string_equal(mysql_error(cutover_aurora), "");
	expect(cutover_aurora, "CALL mysql.rds_start_replication",
	       1200, "");
	expect(admin_aurora, statement, 0, "Slave has been configured");
	expect(cutover_aurora, "CALL mysql.rds_start_replication", 0, "Slave");
	expect(admin_rds, "CREATE TABLE app.again (id INT)", 0, "");
	await(root_aurora, "SELECT COUNT(*) FROM information_schema.TABLES "
	      "WHERE TABLE_NAME = 'again'", "1");
	expect(admin_rds, "DROP TABLE app.again", 0, "");
}

static void test_a_fence_by_revoke_and_kill(void **state)
{
	MYSQL *app = enter(&pair.rds, "app");
	MYSQL *rdsadmin = enter(&pair.rds, "rdsadmin");
	static const char insert[] = "INSERT INTO app.orders (write_id, pod) "
				     "VALUES ('x', 'x')";
	char statement[160];

	(void)state;
	expect(app, insert, 0, "");
	expect(admin_rds, "REVOKE INSERT ON app.* FROM app@'127.0.0.1'", 0, "");
	snprintf(statement, sizeof(statement), "CALL mysql.rds_kill(%lu)",
		 mysql_thread_id(rdsadmin));
	expect(admin_rds, statement, 1644, "can not be killed");
	snprintf(statement, sizeof(statement), "CALL mysql.rds_kill(%lu)",
		 mysql_thread_id(app));
	expect(cutover_rds, statement, 0, "");
	assert_int_not_equal(mysql_query(app, "SELECT 1"), 0);
	mysql_close(app);
	app = enter(&pair.rds, "app");
	expect(app, insert, 1142, "denied");
	expect(admin_rds, "GRANT INSERT ON app.* TO app@'127.0.0.1'", 0, "");
	mysql_close(app);
	mysql_close(rdsadmin);
}

static void test_configuration_is_kept(void **state)
{
	(void)state;
	expect(admin_aurora, "CALL mysql.rds_set_configuration("
	       "'binlog retention hours', 24)", 0, "");
	expect(admin_aurora, "CALL mysql.rds_set_configuration('x', 1)", 1644,
	       "no such parameter");
	expect(root_aurora, "SELECT value FROM mysql.rds_configuration", 0,
	       "24");
	expect(admin_aurora, "CALL mysql.rds_show_configuration", 0,
	       "binlog retention hours");
	expect(admin_aurora, "SELECT @@SESSION.sql_log_bin", 0, "1");
}

/* ---- what a scenario asks for ------------------------------------------- */

static void test_event_writes_until_the_fence(void **state)
{
	static const char rows[] = "SELECT COUNT(*) > 0 FROM app.orders "
				   "WHERE write_id = 'nightly'";
	static const char status[] = "SELECT STATUS FROM information_schema."
				     "EVENTS WHERE EVENT_NAME = 'nightly'";
	struct error err = {0};

	(void)state;
	must(extras_event_begin(&pair, &err), &err);
	await(root_aurora, rows, "1");
	expect(root_rds, status, 0, "ENABLED");
	expect(root_aurora, status, 0, "SIDE_DISABLED");
	expect(root_rds, "SET GLOBAL read_only = ON", 0, "");
	expect(root_rds, "DELETE FROM app.orders WHERE write_id = 'nightly'",
	       0, "");
	/* It goes on trying, and is refused. */
	await(root_rds, "SELECT LAST_EXECUTED > NOW() - INTERVAL 1 SECOND "
	      "FROM information_schema.EVENTS WHERE EVENT_NAME = 'nightly' "
	      "AND LAST_EXECUTED > NOW() - INTERVAL 1 SECOND", "1");
	expect(root_rds, rows, 0, "0");
	expect(root_rds, "SET GLOBAL read_only = OFF", 0, "");
	must(extras_event_end(&pair, &err), &err);
	expect(root_rds, status, 0, "");
}

static void test_console_holds_on(void **state)
{
	static const char open[] =
		"SELECT COUNT(*) FROM information_schema.INNODB_TRX "
		"WHERE trx_rows_modified > 0";
	struct extras_console *console = NULL;
	struct error err = {0};

	(void)state;
	must(extras_console_open(&console, &pair, EXTRAS_TRANSACTION, &err),
	     &err);
	await(root_rds, open, "1");
	extras_console_close(console);
	await(root_rds, open, "0");
	must(extras_console_open(&console, &pair, EXTRAS_LOCK, &err), &err);
	expect(root_rds, "SET SESSION lock_wait_timeout = 1", 0, "");
	expect(root_rds, "SET GLOBAL read_only = ON", 1205, "");
	extras_console_close(console);
	expect(root_rds, "SET GLOBAL read_only = OFF", 0, "");
	extras_console_close(NULL);
}

static void test_table_without_a_key(void **state)
{
	static const char keyless[] =
		"SELECT GROUP_CONCAT(t.TABLE_NAME) FROM "
		"information_schema.TABLES t LEFT JOIN "
		"information_schema.TABLE_CONSTRAINTS c "
		"ON c.TABLE_SCHEMA = t.TABLE_SCHEMA AND "
		"c.TABLE_NAME = t.TABLE_NAME AND "
		"c.CONSTRAINT_TYPE = 'PRIMARY KEY' "
		"WHERE t.TABLE_SCHEMA = 'app' AND t.TABLE_NAME <> 'report' "
		"AND c.TABLE_NAME IS NULL";
	struct error err = {0};

	(void)state;
	must(extras_audit_begin(&pair, 777, &err), &err);
	must(extras_audit_change(&pair, &err), &err);
	await(root_aurora, "SELECT CONCAT(COUNT(*), ' ', MIN(amount)) "
	      "FROM app.audit", "777 2");
	expect(root_aurora, keyless, 0, "audit");
	must(extras_audit_end(&pair, &err), &err);
}

static void test_heartbeat_is_not_bound_by_read_only(void **state)
{
	char before[TEXT_MAX], statement[TEXT_MAX * 2];
	struct error err = {0};

	(void)state;
	must(pair_set_heartbeat(&pair, 50, &err), &err);
	await(root_rds, "SELECT COUNT(*) FROM mysql.rds_heartbeat2", "1");
	expect(root_rds, "SET GLOBAL read_only = ON", 0, "");
	ask(root_rds, "SELECT value FROM mysql.rds_heartbeat2", before);
	snprintf(statement, sizeof(statement), "SELECT value > %s FROM "
		 "mysql.rds_heartbeat2", before);
	await(root_aurora, statement, "1");
	expect(root_rds, "SET GLOBAL read_only = OFF", 0, "");
	must(pair_set_heartbeat(&pair, 0, &err), &err);
}

/* Nothing of all this was a transaction of aurora's own. */
static void test_aurora_has_nothing_of_its_own(void **state)
{
	char rds[TEXT_MAX], statement[TEXT_MAX + 80];

	(void)state;
	if (is_mysql()) {
		ask(root_rds, pair.rds.kind->words.position, rds);
		snprintf(statement, sizeof(statement), "SELECT CONCAT('<', "
			 "GTID_SUBTRACT(@@GLOBAL.gtid_executed, '%s'), '>')",
			 rds);
		expect(root_aurora, statement, 0, "<>");
	} else {
		expect(root_aurora, "SELECT INSTR(@@gtid_binlog_state, '2-2-')",
		       0, "0");
	}
}

/* ---- the servers -------------------------------------------------------- */

static int servers_start(void **state)
{
	const char *name = getenv("TEST_WORLD_DATABASE");
	struct pair_options options = {
		.kind = kind_find(name && *name ? name : "mariadb")};
	struct error err = {0};
	int rc;

	(void)state;
	assert_non_null(options.kind);
	must(ending_open(&ending, false, &err), &err);
	must(worlddir_make(&place, &err), &err);
	rc = pair_open(&pair, place.path, &options, &ending, &err);
	if (rc) {
		printf("%s: %s: %s\n", rc == ERR_NOTFOUND ? "SKIP" : "FAIL",
		       err.where, err.message);
		pair_close(&pair);
		worlddir_remove(&place);
		exit(rc == ERR_NOTFOUND ? 77 : 1);
	}
	root_rds = enter(&pair.rds, "root");
	root_aurora = enter(&pair.aurora, "root");
	admin_rds = enter(&pair.rds, "admin");
	admin_aurora = enter(&pair.aurora, "admin");
	cutover_rds = enter(&pair.rds, "cutover");
	cutover_aurora = enter(&pair.aurora, "cutover");
	return 0;
}

static int servers_stop(void **state)
{
	MYSQL *const all[] = {root_rds, root_aurora, admin_rds, admin_aurora,
			      cutover_rds, cutover_aurora};

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		mysql_close(all[i]);
	pair_close(&pair);
	worlddir_remove(&place);
	ending_close(&ending);
	mysql_library_end();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accounts_come_in_over_tls),
		cmocka_unit_test(test_admin_is_as_little_as_rds_master_user),
		cmocka_unit_test(test_cutover_may_what_the_runbook_needs),
		cmocka_unit_test(test_procedures_have_their_servers_names),
		cmocka_unit_test(test_replication_stops_and_starts),
		cmocka_unit_test(test_replication_is_reset_and_set_again),
		cmocka_unit_test(test_a_fence_by_revoke_and_kill),
		cmocka_unit_test(test_configuration_is_kept),
		cmocka_unit_test(test_event_writes_until_the_fence),
		cmocka_unit_test(test_console_holds_on),
		cmocka_unit_test(test_table_without_a_key),
		cmocka_unit_test(test_heartbeat_is_not_bound_by_read_only),
		cmocka_unit_test(test_aurora_has_nothing_of_its_own),
	};

	return cmocka_run_group_tests(tests, servers_start,
				      servers_stop);
}
