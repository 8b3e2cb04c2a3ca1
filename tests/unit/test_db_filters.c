/* Units of db/filters: a replica's status as servers tell it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "db/filters.h"
#include "db/result.h"

/* Seen on RDS and Aurora MySQL without a filter of anybody's. */
#define PROVIDER_S "mysql.plugin,mysql.rds_monitor,mysql.rds_sysinfo," \
	"innodb_memcache.cache_policies,mysql.rds_history," \
	"innodb_memcache.config_options,mysql.rds_configuration," \
	"mysql.rds_replication_status"

static void check(const char *column, const char *list, const char *told)
{
	const char *names[] = {"Replicate_Do_DB", column};
	const char *cells[] = {"", list};
	const struct db_rows rows = {.columns = 2, .rows = 1, .names = names,
				     .cells = cells};
	struct arena arena;

	arena_init(&arena);
	assert_string_equal(db_filters(&arena, &rows, 0), told);
	arena_release(&arena);
}

static void test_an_application_s_are_told(void **state)
{
	(void)state;
	check("Replicate_Ignore_Table", "app.orders",
	      "Replicate_Ignore_Table: app.orders");
	check("Replicate_Wild_Do_Table", "app.%,mysql.%",
	      "Replicate_Wild_Do_Table: app.%,mysql.%");
	check("Replicate_Rewrite_DB", "(a,b)", "Replicate_Rewrite_DB: (a,b)");
	check("Replicate_Ignore_Table", PROVIDER_S ",app.orders,app.x",
	      "Replicate_Ignore_Table: app.orders,app.x");
	check("Replicate_Ignore_DB", "mysqlx", "Replicate_Ignore_DB: mysqlx");
	check("Replicate_Ignore_DB", "a\x1b[2J", "Replicate_Ignore_DB: a?[2J");
}

static void test_the_provider_s_are_not(void **state)
{
	(void)state;
	check("Replicate_Ignore_Table", PROVIDER_S, "");
	check("Replicate_Wild_Ignore_Table", "mysql.%,sys.%", "");
	check("Replicate_Ignore_DB", "MySQL,performance_schema", "");
	check("Replicate_Ignore_Table", NULL, "");
	check("Replicate_Ignore_Table", ",", "");
	check("Other", "app", "");
}

static void test_a_long_list_is_cut(void **state)
{
	const char *names[] = {"Replicate_Do_Table"};
	char list[4000];
	const char *cells[] = {list};
	const struct db_rows rows = {.columns = 1, .rows = 1, .names = names,
				     .cells = cells};
	struct arena arena;

	(void)state;
	memset(list, 'x', sizeof(list) - 1);
	list[sizeof(list) - 1] = '\0';
	for (size_t i = 30; i < sizeof(list) - 1; i += 30)
		list[i] = ',';
	arena_init(&arena);
	assert_int_equal(strlen(db_filters(&arena, &rows, 0)),
			 DB_FILTERS_MAX - 1);
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_application_s_are_told),
		cmocka_unit_test(test_the_provider_s_are_not),
		cmocka_unit_test(test_a_long_list_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
