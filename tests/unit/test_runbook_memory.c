/*
 * Loading a runbook and a manifest with every allocation failing in turn: the
 * answer is right or it is ERR_NOMEM, and nothing leaks.
 *
 * This program's own malloc stands before libc's, also for libyaml and Jansson.
 * AddressSanitizer wants to be that malloc itself: then this is skipped.
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
#include "runbook/runbook.h"

#ifndef __SANITIZE_ADDRESS__

#define CALLS_MAX 20000         /* more than any load takes */

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void __libc_free(void *memory);

static bool counting;
static long due;                /* the how-manieth call fails */
static bool hit;
static long held;               /* allocated and not freed while counting */

static bool fails(void)
{
	if (!counting || --due)
		return false;
	hit = true;
	errno = ENOMEM;
	return true;
}

static void *note(void *memory)
{
	held += counting && memory;
	return memory;
}

void *malloc(size_t size)
{
	return fails() ? NULL : note(__libc_malloc(size));
}

void *calloc(size_t count, size_t size)
{
	return fails() ? NULL : note(__libc_calloc(count, size));
}

void *realloc(void *memory, size_t size)
{
	if (fails())
		return NULL;
	return memory ? __libc_realloc(memory, size)
		      : note(__libc_realloc(memory, size));
}

void free(void *memory)
{
	held -= counting && memory;
	__libc_free(memory);
}

static void begin(long call)
{
	due = call;
	hit = false;
	held = 0;
	counting = true;
}

static int load_once(const char *name, size_t *ret_problems)
{
	static const char *const set[] = {"namespace=shop"};
	const struct runbook_settings settings = {.set = set, .set_count = 1};
	struct runbook_problems problems;
	struct runbook *runbook = NULL;
	struct error err;
	int code;

	runbook_problems_init(&problems);
	code = runbook_load(name, &settings, &runbook, &problems, &err);
	*ret_problems = problems.count;
	runbook_free(runbook);
	runbook_problems_release(&problems);
	return code;
}

/* OpenSSL and libc set themselves up at the first use, for good; OpenSSL at
 * its first error too. */
static int warm_up(void **state)
{
	char digest[HASH_HEX_SIZE];
	size_t problems;

	(void)state;
	if (hash_sha256("", 0, digest))
		return -1;
	begin(1);
	hash_sha256("", 0, digest);
	counting = false;
	return load_once(SOURCE_RUNBOOKDIR "/aurora-cutover.yaml", &problems);
}

/* Until a load comes through with no failure; it must end as expected. */
static void load_with_failures(const char *name, int expected, size_t count)
{
	size_t problems = 0;

	for (long call = 1; call < CALLS_MAX; call++) {
		int code;

		begin(call);
		code = load_once(name, &problems);
		counting = false;
		assert_int_equal(held, 0);
		if (!hit) {
			assert_int_equal(code, expected);
			assert_int_equal(problems, count);
			return;
		}
		if (code != ERR_NOMEM && code != expected)
			fail_msg("%s: call %ld: %d", name, call, code);
		if (code == expected)   /* it did without */
			assert_int_equal(problems, count);
	}
	fail_msg("%s: never came through", name);
}

static void test_a_good_runbook(void **state)
{
	(void)state;
	load_with_failures(SOURCE_RUNBOOKDIR "/aurora-cutover.yaml", 0, 0);
}

static void test_a_broken_runbook(void **state)
{
	size_t count = 0;

	(void)state;
	assert_int_equal(load_once(SOURCE_RUNBOOKDIR
				   "/../tests/runbooks/values.yaml", &count),
			 ERR_INVALID);
	load_with_failures(SOURCE_RUNBOOKDIR "/../tests/runbooks/values.yaml",
			   ERR_INVALID, count);
}

static void test_a_document(void **state)
{
	struct error err;

	(void)state;
	for (long call = 1; call < CALLS_MAX; call++) {
		json_t *value = NULL;
		int code;

		begin(call);
		code = runbook_yaml_json(SOURCE_RUNBOOKDIR "/deploy-v2.yaml",
					 &value, &err);
		json_decref(value);
		counting = false;
		assert_int_equal(held, 0);
		if (code)
			assert_int_equal(code, ERR_NOMEM);
		if (!hit) {
			assert_int_equal(code, 0);
			return;
		}
	}
	fail_msg("never came through");
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

#else

int main(void)
{
	puts("SKIP: AddressSanitizer has malloc to itself");
	return 77;
}

#endif
