/* Units of db/rights: grants as servers print them, statements as we send them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "db/dialect.h"
#include "db/result.h"
#include "db/rights.h"

#define NELEM(list) (sizeof(list) / sizeof((list)[0]))

static const struct db_server mysql = {
	.family = DB_FAMILY_MYSQL, .version = 80406,
};
static const struct db_server maria = {
	.family = DB_FAMILY_MARIADB, .version = 101119,
};
static const struct db_server old_maria = {
	.family = DB_FAMILY_MARIADB, .version = 100622,
};

static enum db_right judge(const struct db_server *server,
			   const char *statement, const char *grant,
			   const char *why_has)
{
	static const char usage[] = "GRANT USAGE ON *.* TO `c`@`%`";
	const char *cells[] = {usage, grant};
	const struct db_rows rows = {.columns = 1, .rows = 2, .cells = cells};
	char why[DB_RIGHTS_WHY_MAX] = "";
	enum db_right right = db_rights_judge(server, statement, &rows, why);

	if (why_has)
		assert_non_null(strstr(why, why_has));
	return right;
}

static void test_mysql(void **state)
{
	static const char grant[] = "GRANT RELOAD, REPLICATION CLIENT ON *.* TO `c`@`%`";
	static const char admin[] =
		"GRANT REPLICATION_SLAVE_ADMIN,SYSTEM_VARIABLES_ADMIN ON *.* TO `c`@`%`";
	static const char super[] = "GRANT SUPER ON *.* TO `c`@`%` WITH GRANT OPTION";

	(void)state;
	assert_int_equal(judge(&mysql, "RESET REPLICA ALL", grant, "has RELOAD"),
			 DB_RIGHT_YES);
	assert_int_equal(judge(&mysql, "STOP REPLICA", grant,
			       "lacks REPLICATION_SLAVE_ADMIN"), DB_RIGHT_NO);
	assert_int_equal(judge(&mysql, "STOP REPLICA", admin, NULL),
			 DB_RIGHT_YES);
	assert_int_equal(judge(&mysql, "SET GLOBAL super_read_only = ON", admin,
			       NULL), DB_RIGHT_YES);
	assert_int_equal(judge(&mysql, "RESET REPLICA ALL", super, NULL),
			 DB_RIGHT_NO);
	assert_int_equal(judge(&mysql, "SET GLOBAL read_only = OFF", super,
			       NULL), DB_RIGHT_YES);
}

/* Since 10.11 SUPER brings none of the rights that were taken out of it. */
static void test_mariadb(void **state)
{
	static const char both[] =
		"GRANT RELOAD, REPLICATION SLAVE ADMIN, READ_ONLY ADMIN ON *.* "
		"TO `c`@`127.0.0.1` IDENTIFIED BY PASSWORD '*0' REQUIRE SSL";
	static const char super[] = "GRANT SUPER ON *.* TO `c`@`%`";
	static const char all[] =
		"GRANT ALL PRIVILEGES ON *.* TO `root`@`localhost`";
	static const char *const statements[] = {
		"STOP SLAVE", "RESET SLAVE ALL", "SET GLOBAL read_only = ON",
	};

	(void)state;
	for (size_t i = 0; i < NELEM(statements); i++) {
		assert_int_equal(judge(&maria, statements[i], both, NULL),
				 DB_RIGHT_YES);
		assert_int_equal(judge(&maria, statements[i], all, NULL),
				 DB_RIGHT_YES);
		assert_int_equal(judge(&maria, statements[i], super, "lacks"),
				 DB_RIGHT_NO);
	}
	assert_int_equal(judge(&old_maria, "STOP SLAVE", super, NULL),
			 DB_RIGHT_YES);
}

static void test_routines(void **state)
{
	static const struct {
		const char *grant;
		enum db_right right;
	} cases[] = {
		{"GRANT EXECUTE ON `mysql`.* TO `c`@`%`", DB_RIGHT_YES},
		{"GRANT SELECT, EXECUTE ON *.* TO `c`@`%`", DB_RIGHT_YES},
		{"GRANT EXECUTE ON PROCEDURE `mysql`.`rds_stop_replication` TO `c`@`%`",
		 DB_RIGHT_YES},
		{"GRANT EXECUTE ON PROCEDURE `mysql`.`rds_stop` TO `c`@`%`",
		 DB_RIGHT_NO},
		{"GRANT EXECUTE ON PROCEDURE `mysql`.`rds_stop_replication_x` TO `c`@`%`",
		 DB_RIGHT_NO},
		{"GRANT EXECUTE ON `app`.* TO `c`@`%`", DB_RIGHT_NO},
		{"GRANT SELECT (`a`, `EXECUTE`) ON `mysql`.`t` TO `c`@`%`",
		 DB_RIGHT_NO},
		{"GRANT ALL PRIVILEGES ON `mysql`.* TO `c`@`%`", DB_RIGHT_YES},
		{"GRANT `EXECUTE`@`%` TO `c`@`%`", DB_RIGHT_NO},
		{"", DB_RIGHT_NO},
	};

	(void)state;
	for (size_t i = 0; i < NELEM(cases); i++)
		assert_int_equal(judge(&mysql,
				       "CALL mysql.rds_stop_replication",
				       cases[i].grant,
				       "EXECUTE ON mysql.rds_stop_replication"),
				 cases[i].right);
	assert_int_equal(judge(&mysql, "CALL mysql.rds_set_read_only(1)",
			       cases[0].grant, NULL), DB_RIGHT_YES);
}

static void test_a_partial_revoke_counts(void **state)
{
	const char *cells[] = {
		"GRANT EXECUTE, RELOAD ON *.* TO `c`@`%`",
		"REVOKE EXECUTE ON `mysql`.* FROM `c`@`%`",
	};
	struct db_rows rows = {.columns = 1, .rows = 2, .cells = cells};
	char why[DB_RIGHTS_WHY_MAX];

	(void)state;
	assert_int_equal(db_rights_judge(&mysql, "CALL mysql.rds_kill(1)", &rows,
					 why), DB_RIGHT_NO);
	rows.rows = 1;
	assert_int_equal(db_rights_judge(&mysql, "CALL mysql.rds_kill(1)", &rows,
					 why), DB_RIGHT_YES);
}

static void test_what_is_not_ours_is_not_known(void **state)
{
	static const char *const statements[] = {
		"UPDATE app.t SET a = 1", "SET GLOBAL max_connections = 1",
		"RESET MASTER", "CALL app.stop()", "",
	};

	(void)state;
	for (size_t i = 0; i < NELEM(statements); i++)
		assert_int_equal(judge(&mysql, statements[i],
				       "GRANT ALL PRIVILEGES ON *.* TO `c`@`%`",
				       NULL), DB_RIGHT_UNKNOWN);
	assert_int_equal(judge(&mysql, "STOP REPLICA", NULL, NULL),
			 DB_RIGHT_NO);
}

static void test_roles_are_asked_for_where_they_are_left_out(void **state)
{
	char sql[DB_RIGHTS_SQL_MAX], long_role[DB_RIGHTS_ROLES_MAX + 2];

	(void)state;
	assert_non_null(db_rights_roles_sql(&mysql));
	assert_null(db_rights_roles_sql(&maria));
	db_rights_sql(NULL, sql);
	assert_string_equal(sql, "SHOW GRANTS");
	db_rights_sql("NONE", sql);
	assert_string_equal(sql, "SHOW GRANTS");
	db_rights_sql("`a`@`%`,`b`@`%`", sql);
	assert_string_equal(sql, "SHOW GRANTS FOR CURRENT_USER() USING "
			    "`a`@`%`,`b`@`%`");
	memset(long_role, 'r', sizeof(long_role) - 1);
	long_role[sizeof(long_role) - 1] = '\0';
	db_rights_sql(long_role, sql);
	assert_string_equal(sql, "SHOW GRANTS");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mysql),
		cmocka_unit_test(test_mariadb),
		cmocka_unit_test(test_routines),
		cmocka_unit_test(test_a_partial_revoke_counts),
		cmocka_unit_test(test_what_is_not_ours_is_not_known),
		cmocka_unit_test(
			test_roles_are_asked_for_where_they_are_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
