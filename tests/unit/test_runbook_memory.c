/*
 * Loading a runbook and a manifest with every allocation failing in turn: the
 * answer is right or it is ERR_NOMEM, and nothing leaks.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/hash.h"
#include "failing_memory.h"
#include "runbook/runbook.h"

struct load {
	const char *name;
	struct runbook *runbook;
	struct runbook_problems problems;
	size_t count;           /* of problems, when it came through */
	json_t *document;
};

static int load(void *data, struct error *err)
{
	static const char *const set[] = {"namespace=shop"};
	const struct runbook_settings settings = {.set = set, .set_count = 1};
	struct load *l = data;

	l->runbook = NULL;
	runbook_problems_init(&l->problems);
	return runbook_load(l->name, &settings, &l->runbook, &l->problems, err);
}

static void check_load(void *data, int code)
{
	struct load *l = data;

	if (code != ERR_NOMEM)
		assert_int_equal(l->problems.count, l->count);
	runbook_free(l->runbook);
	runbook_problems_release(&l->problems);
}

/* OpenSSL and libc set themselves up at the first use, for good; OpenSSL at
 * its first error too. */
static int warm_up(void **state)
{
	struct load l = {.name = SOURCE_RUNBOOKDIR "/aurora-cutover.yaml"};
	char digest[HASH_HEX_SIZE];
	struct error err;
	int code;

	(void)state;
	if (hash_sha256("", 0, digest))
		return -1;
	failing_memory_begin(1, false);
	hash_sha256("", 0, digest);
	failing_memory_end();
	code = load(&l, &err);
	check_load(&l, code);
	return code;
}

static void test_a_good_runbook(void **state)
{
	struct load l = {.name = SOURCE_RUNBOOKDIR "/aurora-cutover.yaml"};

	(void)state;
	failing_memory_try(&(struct failing_case){
		.name = l.name, .act = load, .check = check_load, .data = &l,
	});
}

static void test_a_broken_runbook(void **state)
{
	struct load l = {
		.name = SOURCE_RUNBOOKDIR "/../tests/runbooks/values.yaml",
	};
	struct error err;

	(void)state;
	assert_int_equal(load(&l, &err), ERR_INVALID);
	l.count = l.problems.count;
	assert_true(l.count > 0);
	check_load(&l, ERR_INVALID);
	failing_memory_try(&(struct failing_case){
		.name = l.name, .act = load, .check = check_load, .data = &l,
		.expected = ERR_INVALID,
	});
}

static int read_document(void *data, struct error *err)
{
	struct load *l = data;

	l->document = NULL;
	return runbook_yaml_json(l->name, &l->document, err);
}

static void check_document(void *data, int code)
{
	struct load *l = data;

	assert_int_equal(l->document != NULL, code == 0);
	json_decref(l->document);
}

static void test_a_document(void **state)
{
	struct load l = {.name = SOURCE_RUNBOOKDIR "/deploy-v2.yaml"};

	(void)state;
	failing_memory_try(&(struct failing_case){
		.name = l.name, .act = read_document, .check = check_document,
		.data = &l,
	});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_good_runbook),
		cmocka_unit_test(test_a_broken_runbook),
		cmocka_unit_test(test_a_document),
	};

	return cmocka_run_group_tests(tests, warm_up, NULL);
}
