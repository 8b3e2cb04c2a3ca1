/*
 * GTID sets and an option file with every allocation failing in turn: the right set, or ERR_NOMEM
 * and the result as it was. A set that lost an interval would count too few
 * transactions.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "db/gtid.h"
#include "db/optionfile.h"
#include "failing_memory.h"

static char optionfile[] = "/tmp/cutover-options.XXXXXX";

#define UUID_A "3e11fa47-71ca-11e1-9e33-c80aa9429562"
#define UUID_B "4e11fa47-71ca-11e1-9e33-c80aa9429562"

struct sets {
	const char *a, *b;
	int (*make)(const struct gtid_set *a, const struct gtid_set *b,
		    struct gtid_set *ret, struct error *err);
	char *text, *expected;
};

static int copy(const struct gtid_set *a, const struct gtid_set *b,
		struct gtid_set *ret, struct error *err)
{
	(void)b;
	return gtid_copy(a, ret, err);
}

static int of_server(const struct gtid_set *a, const struct gtid_set *b,
		     struct gtid_set *ret, struct error *err)
{
	(void)b;
	return gtid_of_server(a, UUID_A, ret, err);
}

/* From two texts to the text of what is made of them. */
static int act(void *data, struct error *err)
{
	struct sets *s = data;
	struct gtid_set a = {0}, b = {0}, made = {0};
	int code = gtid_parse(s->a, &a, err);

	s->text = NULL;
	if (!code)
		code = gtid_parse(s->b, &b, err);
	if (!code)
		code = s->make(&a, &b, &made, err);
	if (code)
		assert_true(gtid_is_empty(&made));
	else if (!(s->text = gtid_format(&made)))
		code = error_nomem(err);
	gtid_release(&a);
	gtid_release(&b);
	gtid_release(&made);
	return code;
}

static void check(void *data, int code)
{
	struct sets *s = data;

	if (!code)
		assert_string_equal(s->text, s->expected);
	free(s->text);
}

static void make(const char *a, const char *b,
		 int (*fn)(const struct gtid_set *, const struct gtid_set *,
			   struct gtid_set *, struct error *))
{
	struct sets s = {.a = a, .b = b, .make = fn};
	struct error err;

	assert_int_equal(act(&s, &err), 0);
	s.expected = s.text;
	failing_memory_try(&(struct failing_case){
		.name = a, .act = act, .check = check, .data = &s,
	});
	free(s.expected);
}

static const char mysql_a[] =
	UUID_A ":1-5:7:9:11:13:15:17:19:21-99," UUID_B ":1-100:tag:5-7";
static const char mysql_b[] = UUID_B ":40-50:60:70," UUID_A ":3:8-9:30-31";
static const char mariadb_a[] = "0-1-100,1-2-7,2-3-9,3-4-1,4-5-6";
static const char mariadb_b[] = "0-1-50,2-3-9";

static void test_mysql_sets(void **state)
{
	(void)state;
	make(mysql_a, mysql_b, gtid_subtract);
	make(mysql_a, mysql_b, gtid_union);
	make(mysql_a, mysql_b, copy);
	make(mysql_a, mysql_b, of_server);
}

static void test_mariadb_sets(void **state)
{
	(void)state;
	make(mariadb_a, mariadb_b, gtid_subtract);
	make(mariadb_a, mariadb_b, gtid_union);
	make(mariadb_a, mariadb_b, copy);
}

/* ---- an option file ------------------------------------------------------ */

static int read_options(void *data, struct error *err)
{
	struct db_config *config = data;

	memset(config, 0, sizeof(*config));
	return db_optionfile_read(optionfile, "rds", config, err);
}

static void check_options(void *data, int code)
{
	const struct db_config *config = data;

	if (code)
		return;
	assert_string_equal(config->host, "127.0.0.1");
	assert_string_equal(config->user, "u");
	assert_string_equal(config->password, "a # secret");
	assert_int_equal(config->port, 9);
	assert_int_equal(config->tls, DB_TLS_DISABLED);
}

static void test_an_option_file(void **state)
{
	static const char text[] =
		"# who\n[rds]\nuser=u\nhost = 127.0.0.1\nport=9\n"
		"password=\"a # secret\"\nskip-ssl\n";
	struct db_config config;
	int fd = mkstemp(optionfile);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, sizeof(text) - 1), sizeof(text) - 1);
	close(fd);
	failing_memory_try(&(struct failing_case){
		.name = "option file", .act = read_options,
		.check = check_options, .data = &config,
	});
	unlink(optionfile);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mysql_sets),
		cmocka_unit_test(test_mariadb_sets),
		cmocka_unit_test(test_an_option_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
