/* Units of db/: option files, dialects, rows made into observations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "db/config.h"
#include "db/dialect.h"
#include "db/observation.h"
#include "db/optionfile.h"
#include "db/probe_rows.h"
#include "db/result.h"

#define U1 "3e11fa47-71ca-11e1-9e33-c80aa9429562"
#define U2 "4e11fa47-71ca-11e1-9e33-c80aa9429562"

/* ---- option files ---------------------------------------------------------- */

static void test_an_option_file_is_read(void **state)
{
	static const char text[] =
		"# both ends\n"
		"[client]\nwhatever = 1\n"
		"[rds]\n"
		"host = db.example.com   # the source\n"
		"port=3307\n"
		"user = \"o'neil\"\n"
		"password = 'p#a\\\\ss \\s=x'\n"
		"ssl_ca = /etc/ca.pem\n"
		"ssl-mode = verify_identity\n"
		"loose-connect-timeout = 7\n"
		"; end\n"
		"[aurora]\nhost=::1\nuser=u\r\nskip-ssl\n";
	char where[DB_WHERE_MAX];
	struct db_config config;
	struct error err;

	(void)state;
	assert_int_equal(db_optionfile_parse(text, "my.cnf", "rds", &config,
					     &err), 0);
	assert_string_equal(config.name, "rds");
	assert_string_equal(config.host, "db.example.com");
	assert_int_equal(config.port, 3307);
	assert_string_equal(config.user, "o'neil");
	assert_string_equal(config.password, "p#a\\ss  =x");
	assert_string_equal(config.ssl_ca, "/etc/ca.pem");
	assert_int_equal(config.tls, DB_TLS_VERIFY_IDENTITY);
	assert_int_equal(config.connect_timeout_ms, 7000);
	db_config_where(&config, where);
	assert_string_equal(where, "db.example.com:3307");
	assert_int_equal(db_optionfile_parse(text, "my.cnf", "aurora", &config,
					     &err), 0);
	assert_string_equal(config.user, "u");
	assert_int_equal(config.tls, DB_TLS_DISABLED);
	assert_int_equal(config.port, 3306);
	db_config_where(&config, where);
	assert_string_equal(where, "[::1]:3306");
	db_config_wipe(&config);
	assert_string_equal(config.host, "");
}

static void test_option_file_errors_are_located(void **state)
{
	static const struct {
		const char *text;
		int code;
		const char *where, *message;
	} cases[] = {
		{"[rds]\nhost=h\nuser=u\npasword=x\n", ERR_INVALID, "f:4",
		 "unknown option: pasword"},
		{"[rds]\nport=70000\n", ERR_INVALID, "f:2",
		 "the option needs a number in its range: port"},
		{"[rds]\nssl-mode=yes\n", ERR_INVALID, "f:2",
		 "one of DISABLED, PREFERRED, REQUIRED, VERIFY_CA, "
		 "VERIFY_IDENTITY is wanted: ssl-mode"},
		{"[rds]\npassword=\"secret\n", ERR_SYNTAX, "f:2",
		 "the value's quotes do not match, or it has a '#' and no "
		 "quotes: password"},
		{"[rds]\npassword=sec#ret\n", ERR_SYNTAX, "f:2",
		 "the value's quotes do not match, or it has a '#' and no "
		 "quotes: password"},
		{"[rds\nhost=h\n", ERR_SYNTAX, "f:1", "a group is [NAME]"},
		{"!include /etc/x\n", ERR_INVALID, "f:1",
		 "included files are not read"},
		{"[rds]\nhost\n", ERR_SYNTAX, "f:2",
		 "the option needs a value: host"},
		{"[other]\nhost=h\n", ERR_NOTFOUND, "f",
		 "the file has no group [rds]"},
		{"[rds]\nuser=u\n", ERR_INVALID, "f",
		 "group [rds] names no host"},
		{"[rds]\nhost=h\n", ERR_INVALID, "f",
		 "group [rds] names no user"},
		{"[rds]\nhost=h\nuser=u\nssl-mode=VERIFY_CA\n", ERR_INVALID,
		 "f", "group [rds] demands a verified certificate and names "
		 "no ssl-ca"},
		{"[rds]\nhost=h\nuser=u\nskip-ssl\nssl-verify-server-cert\n",
		 ERR_INVALID, "f", "group [rds] forbids TLS and demands a "
		 "verified certificate"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct db_config config;
		struct error err = {0};

		assert_int_equal(db_optionfile_parse(cases[i].text, "f", "rds",
						     &config, &err),
				 cases[i].code);
		assert_string_equal(err.where, cases[i].where);
		assert_string_equal(err.message, cases[i].message);
		assert_null(strstr(err.message, "sec"));
	}
}

static void test_a_file_that_others_can_read_is_refused(void **state)
{
	static const char text[] = "[rds]\nhost=h\nuser=u\npassword=p\n";
	char path[] = "/tmp/cutover-cnf-XXXXXX";
	struct db_config config;
	struct error err;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(fd, 0644), 0);
	assert_int_equal(db_optionfile_read(path, "rds", &config, &err),
			 ERR_DENIED);
	assert_non_null(strstr(err.message, "chmod 600"));
	assert_int_equal(fchmod(fd, 0600), 0);
	assert_int_equal(db_optionfile_read(path, "rds", &config, &err), 0);
	assert_string_equal(config.password, "p");
	close(fd);
	unlink(path);
	assert_int_equal(db_optionfile_read(path, "rds", &config, &err),
			 ERR_NOTFOUND);
	assert_int_equal(db_optionfile_read("/dev/null", "rds", &config, &err),
			 ERR_INVALID);
}

/* ---- dialects -------------------------------------------------------------- */

static struct db_rows pairs(const char **cells, size_t rows)
{
	static const char *names[] = {"Variable_name", "Value"};

	return (struct db_rows){2, rows, names, cells};
}

static struct db_server identify(const char *version, const char *comment,
				 const char *basedir, const char *aurora)
{
	const char *cells[] = {
		"version", version, "version_comment", comment,
		"basedir", basedir, "gtid_mode", "ON",
		"aurora_version", aurora,
	};
	struct db_rows rows = pairs(cells, aurora ? 5 : 4);
	struct db_server server;
	struct error err;

	assert_int_equal(db_dialect_identify(&rows, &server, &err), 0);
	return server;
}

static void test_servers_are_recognised(void **state)
{
	struct db_server server;
	char text[128];

	(void)state;
	server = identify("8.4.6", "MySQL Community Server - GPL", "/usr/", NULL);
	assert_int_equal(server.family, DB_FAMILY_MYSQL);
	assert_int_equal(server.version, 80406);
	assert_false(server.is_rds);
	server = identify("10.11.19-MariaDB-0+deb12u1", "Debian 12", "/usr",
			  NULL);
	assert_int_equal(server.family, DB_FAMILY_MARIADB);
	assert_int_equal(server.version, 101119);
	db_dialect_describe(&server, text, sizeof(text));
	assert_string_equal(text, "MariaDB 10.11.19");
	server = identify("5.5.5-10.6.1-MariaDB", "", "/usr", NULL);
	assert_int_equal(server.version, 100601);
	server = identify("8.0.36", "Source distribution",
			  "/rdsdbbin/mysql-8.0.36.R1/", NULL);
	assert_true(server.is_rds);
	assert_false(server.is_aurora);
	db_dialect_describe(&server, text, sizeof(text));
	assert_string_equal(text, "RDS MySQL 8.0.36");
	server = identify("8.0.36", "Source distribution", "/rdsdbbin/x/",
			  "3.08.1");
	assert_true(server.is_aurora);
	assert_int_equal(server.aurora_version, 30801);
	db_dialect_describe(&server, text, sizeof(text));
	assert_string_equal(text, "Aurora MySQL 3.08.1 (8.0.36)");
}

static void test_a_server_without_version_is_not_known(void **state)
{
	const char *cells[] = {"version", "unknown"};
	struct db_rows rows = pairs(cells, 1);
	struct db_server server = {0};
	const char *const *statements;
	struct error err;
	size_t count;

	(void)state;
	assert_int_equal(db_dialect_identify(&rows, &server, &err),
			 ERR_INVALID);
	assert_int_equal(db_dialect_statements(&server, DB_VERB_STATUS,
					       &statements, &count, &err),
			 ERR_INVALID);
}

static void expect(const struct db_server *server, enum db_verb verb,
		   const char *statement)
{
	const char *const *statements;
	struct error err = {0};
	size_t count = 0;
	int rc = db_dialect_statements(server, verb, &statements, &count,
				       &err);

	assert_int_equal(rc, statement ? 0 : ERR_INVALID);
	if (statement) {
		assert_int_equal(count, 1);
		assert_string_equal(statements[0], statement);
	} else {
		assert_true(strlen(err.message) > 20);
	}
}

static void test_each_server_is_told_in_its_own_words(void **state)
{
	struct db_server mysql57 = identify("5.7.44", "", "/usr", NULL);
	struct db_server mysql80 = identify("8.0.36", "", "/usr", NULL);
	struct db_server mysql84 = identify("8.4.6", "", "/usr", NULL);
	struct db_server maria = identify("10.11.19-MariaDB", "", "/usr", NULL);
	struct db_server rds = identify("8.0.36", "", "/rdsdbbin/x", NULL);
	struct db_server aurora = identify("8.0.36", "", "/rdsdbbin/x",
					   "3.06.0");

	(void)state;
	expect(&mysql57, DB_VERB_STATUS, "SHOW SLAVE STATUS");
	expect(&mysql80, DB_VERB_STATUS, "SHOW REPLICA STATUS");
	expect(&maria, DB_VERB_STATUS, "SHOW ALL SLAVES STATUS");
	expect(&mysql80, DB_VERB_OWN_POSITION, "SHOW MASTER STATUS");
	expect(&mysql84, DB_VERB_OWN_POSITION, "SHOW BINARY LOG STATUS");
	expect(&mysql84, DB_VERB_STOP_REPLICATION, "STOP REPLICA");
	expect(&mysql57, DB_VERB_RESET_REPLICATION, "RESET SLAVE ALL");
	expect(&maria, DB_VERB_RESET_REPLICATION, "RESET SLAVE ALL");
	expect(&mysql84, DB_VERB_READ_ONLY_ON, "SET GLOBAL super_read_only = ON");
	expect(&maria, DB_VERB_READ_ONLY_ON, "SET GLOBAL read_only = ON");
	expect(&mysql84, DB_VERB_READ_ONLY_OFF, "SET GLOBAL read_only = OFF");

	/* Managed: by routine or not at all. */
	expect(&rds, DB_VERB_READ_ONLY_ON, NULL);
	expect(&rds, DB_VERB_STOP_REPLICATION, NULL);
	expect(&aurora, DB_VERB_READ_ONLY_ON, NULL);
	aurora.routines[DB_ROUTINE_SET_READ_ONLY] = true;
	aurora.routines[DB_ROUTINE_STOP_REPLICATION] = true;
	aurora.routines[DB_ROUTINE_RESET_EXTERNAL_MASTER] = true;
	expect(&aurora, DB_VERB_READ_ONLY_ON,
	       "CALL mysql.rds_set_read_only(1)");
	expect(&aurora, DB_VERB_STOP_REPLICATION,
	       "CALL mysql.rds_stop_replication");
	expect(&aurora, DB_VERB_RESET_REPLICATION,
	       "CALL mysql.rds_reset_external_master");
	aurora.routines[DB_ROUTINE_RESET_EXTERNAL_SOURCE] = true;
	expect(&aurora, DB_VERB_RESET_REPLICATION,
	       "CALL mysql.rds_reset_external_source");
	expect(&aurora, DB_VERB_STATUS, "SHOW REPLICA STATUS");
}

/* ---- observations ---------------------------------------------------------- */

/* Reads one row given as name, value, name, value, NULL. */
static int read_row(struct db_observation *seen, enum db_part part,
		    const char *const *pairs_of, struct error *err)
{
	static struct db_result result;
	const char *names[16], *cells[16];
	size_t count = 0;

	for (; pairs_of[count * 2]; count++) {
		names[count] = pairs_of[count * 2];
		cells[count] = pairs_of[count * 2 + 1];
	}
	result.set_count = 1;
	result.sets[0] = (struct db_rows){count, 1, names, cells};
	return db_probe_rows_read(seen, part, &result, err);
}

#define ROW(...) ((const char *const[]){__VA_ARGS__, NULL})

static struct db_observation *mysql_seen(const char *uuid,
					 const char *executed)
{
	struct db_observation *seen = db_probe_rows_new();
	struct error err;

	assert_non_null(seen);
	seen->server.family = DB_FAMILY_MYSQL;
	seen->reached = true;
	assert_int_equal(read_row(seen, DB_PART_STATE,
				  ROW("read_only", "1", "gtid_mode", "ON",
				      "executed", executed, "server_id", "7",
				      "server_uuid", uuid), &err), 0);
	return seen;
}

static void test_what_is_missing_is_unknown(void **state)
{
	struct db_observation *seen = mysql_seen(U1, U1 ":1-5,\n" U2 ":1");

	(void)state;
	assert_int_equal(seen->read_only, DB_FLAG_ON);
	assert_int_equal(seen->super_read_only, DB_FLAG_UNKNOWN);
	assert_int_equal(seen->innodb_read_only, DB_FLAG_UNKNOWN);
	assert_int_equal(seen->port, -1);
	assert_int_equal(seen->server_ms, -1);
	assert_true(seen->gtid_known);
	assert_string_equal(seen->executed_text, U1 ":1-5," U2 ":1");
	assert_int_equal(gtid_count(&seen->own), 5);
	assert_false(seen->known[DB_PART_REPLICATION]);
	db_observation_free(seen);
}

static void test_a_set_that_is_off_or_garbled_is_unknown(void **state)
{
	struct db_observation *good = mysql_seen(U1, U1 ":1-5");
	struct db_observation *seen = db_probe_rows_new();
	struct gtid_set set = {0};
	struct error err;

	(void)state;
	seen->server.family = DB_FAMILY_MYSQL;
	seen->reached = true;
	assert_int_equal(read_row(seen, DB_PART_STATE,
				  ROW("gtid_mode", "ON_PERMISSIVE", "executed",
				      "", "server_uuid", U2), &err), 0);
	assert_false(seen->gtid_known);
	assert_non_null(strstr(seen->gtid_why, "gtid_mode is ON_PERMISSIVE: "
			       "turn it ON on both, see README"));
	assert_int_equal(db_observation_missing(good, seen, &set, &err),
			 ERR_INVALID);
	assert_int_equal(db_observation_missing(seen, good, &set, &err),
			 ERR_INVALID);
	assert_int_equal(db_observation_errant(good, seen, &set, &err),
			 ERR_INVALID);
	db_observation_free(seen);
	seen = mysql_seen(U2, U1 ":1-");
	assert_false(seen->gtid_known);
	db_observation_free(seen);
	db_observation_free(good);
}

static void test_old_and_new_names_of_columns(void **state)
{
	const char *const *rows[] = {
		ROW("Slave_IO_Running", "Connecting", "Slave_SQL_Running",
		    "Yes", "Seconds_Behind_Master", NULL, "Master_Host", "h",
		    "Last_IO_Errno", "1045", "Last_IO_Error", "a\x1b[1mb"),
		ROW("Replica_IO_Running", "Connecting", "Replica_SQL_Running",
		    "Yes", "Seconds_Behind_Source", NULL, "Source_Host", "h",
		    "Last_IO_Errno", "1045", "Last_IO_Error", "a\x1b[1mb"),
	};
	struct error err;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct db_observation *seen = db_probe_rows_new();
		const struct db_channel *channel;

		assert_int_equal(read_row(seen, DB_PART_REPLICATION, rows[i],
					  &err), 0);
		assert_int_equal(seen->channel_count, 1);
		channel = &seen->channels[0];
		assert_int_equal(channel->io, DB_THREAD_CONNECTING);
		assert_int_equal(channel->sql, DB_THREAD_YES);
		assert_int_equal(channel->seconds_behind, -1);
		assert_int_equal(channel->sql_delay, -1);
		assert_int_equal(channel->sql_errno, -1);
		assert_int_equal(channel->io_errno, 1045);
		assert_string_equal(channel->source_host, "h");
		assert_string_equal(channel->io_error, "a?[1mb");
		db_observation_free(seen);
	}
}

static int count_of(int (*compare)(const struct db_observation *,
				   const struct db_observation *,
				   struct gtid_set *, struct error *),
		    const struct db_observation *source,
		    const struct db_observation *target)
{
	struct gtid_set set = {0};
	struct error err;
	int count = -1;

	if (!compare(source, target, &set, &err))
		count = (int)gtid_count(&set);
	gtid_release(&set);
	return count;
}

static void test_missing_and_errant_on_mysql(void **state)
{
	struct db_observation *source = mysql_seen(U1, U1 ":1-10");
	struct db_observation *behind = mysql_seen(U2, U1 ":1-8");
	struct db_observation *ahead = mysql_seen(U2, U1 ":1-12");
	struct db_observation *errant = mysql_seen(U2, U1 ":1-9," U2 ":1-2");

	(void)state;
	assert_int_equal(count_of(db_observation_missing, source, behind), 2);
	assert_int_equal(count_of(db_observation_errant, source, behind), 0);
	/* Looked at a moment later: not errant. */
	assert_int_equal(count_of(db_observation_missing, source, ahead), 0);
	assert_int_equal(count_of(db_observation_errant, source, ahead), 0);
	assert_int_equal(count_of(db_observation_missing, source, errant), 1);
	assert_int_equal(count_of(db_observation_errant, source, errant), 2);
	db_observation_free(source);
	db_observation_free(behind);
	db_observation_free(ahead);
	db_observation_free(errant);
}

static struct db_observation *maria_seen(const char *id, const char *binlog,
					 const char *slave, const char *states)
{
	struct db_observation *seen = db_probe_rows_new();
	struct error err;

	assert_non_null(seen);
	seen->server.family = DB_FAMILY_MARIADB;
	seen->reached = true;
	assert_int_equal(read_row(seen, DB_PART_STATE,
				  ROW("log_bin", "1", "executed", binlog,
				      "applied", slave, "binlog_state", states,
				      "server_id", id), &err), 0);
	assert_true(seen->gtid_known);
	return seen;
}

static void test_missing_and_errant_on_mariadb(void **state)
{
	struct db_observation *source, *clean, *errant;

	(void)state;
	source = maria_seen("11", "0-11-20", "", "0-11-20");
	clean = maria_seen("12", "0-11-18", "0-11-18", "0-11-18");
	/* Its own write took number 25: what it applied is still 18. */
	errant = maria_seen("12", "0-12-25", "0-11-18", "0-11-18,0-12-25");
	assert_int_equal(count_of(db_observation_missing, source, clean), 2);
	assert_int_equal(count_of(db_observation_errant, source, clean), 0);
	assert_int_equal(count_of(db_observation_missing, source, errant), 2);
	assert_int_equal(count_of(db_observation_errant, source, errant), 1);
	assert_string_equal(errant->executed_text, "0-12-25");
	db_observation_free(source);
	/* A source that has replicated it knows it. */
	source = maria_seen("11", "0-11-30", "0-12-25", "0-12-25,0-11-30");
	assert_int_equal(count_of(db_observation_errant, source, errant), 0);
	db_observation_free(source);
	db_observation_free(clean);
	db_observation_free(errant);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_option_file_is_read),
		cmocka_unit_test(test_option_file_errors_are_located),
		cmocka_unit_test(test_a_file_that_others_can_read_is_refused),
		cmocka_unit_test(test_servers_are_recognised),
		cmocka_unit_test(test_a_server_without_version_is_not_known),
		cmocka_unit_test(test_each_server_is_told_in_its_own_words),
		cmocka_unit_test(test_what_is_missing_is_unknown),
		cmocka_unit_test(test_a_set_that_is_off_or_garbled_is_unknown),
		cmocka_unit_test(test_old_and_new_names_of_columns),
		cmocka_unit_test(test_missing_and_errant_on_mysql),
		cmocka_unit_test(test_missing_and_errant_on_mariadb),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
