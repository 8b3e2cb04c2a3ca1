/*
 * Every kind of mistake in a runbook, with its exact place and message:
 * tests/runbooks/NAME.yaml against NAME.expected beside it; and the limits.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/file.h"
#include "runbook/runbook.h"

#define EXAMPLES SOURCE_RUNBOOKDIR "/../tests/runbooks"

static const struct runbook_settings check;

/* The problems of a text as "LINE:COLUMN: message" lines. */
static void list_problems(const char *text, size_t len, struct buf *ret)
{
	struct runbook_problems problems;
	struct runbook *runbook = NULL;
	struct error err = {0};
	int code;

	runbook_problems_init(&problems);
	code = runbook_parse("x", text, len, &check, &runbook, &problems, &err);
	assert_int_equal(code, problems.count ? ERR_INVALID : 0);
	for (size_t i = 0; i < problems.count; i++)
		buf_printf(ret, "%d:%d: %s\n", problems.items[i].line,
			   problems.items[i].column, problems.items[i].message);
	if (problems.more)
		buf_printf(ret, "%zu more\n", problems.more);
	runbook_free(runbook);
	runbook_problems_release(&problems);
}

static void read_beside(const char *dir, const char *name, struct buf *ret)
{
	char path[512];
	struct error err;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (file_read(path, ret, &err))
		fail_msg("%s: %s", path, err.message);
}

static int is_expectation(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return dot && strcmp(dot, ".expected") == 0;
}

static void test_broken_runbooks_are_told_all_that_is_wrong(void **state)
{
	struct dirent **entries = NULL;
	int count = scandir(EXAMPLES, &entries, is_expectation, alphasort);

	(void)state;
	assert_true(count >= 25);
	for (int i = 0; i < count; i++) {
		char name[280];
		struct buf text, expected, found;

		buf_init(&text, RUNBOOK_FILE_MAX);
		buf_init(&expected, RUNBOOK_FILE_MAX);
		buf_init(&found, RUNBOOK_FILE_MAX);
		snprintf(name, sizeof(name), "%.*s.yaml",
			 (int)(strlen(entries[i]->d_name) - strlen(".expected")),
			 entries[i]->d_name);
		read_beside(EXAMPLES, name, &text);
		read_beside(EXAMPLES, entries[i]->d_name, &expected);
		list_problems(text.data, text.len, &found);
		if (strcmp(found.data, expected.data) != 0)
			fail_msg("%s: found\n%sexpected\n%s", name, found.data,
				 expected.data);
		buf_release(&text);
		buf_release(&expected);
		buf_release(&found);
		free(entries[i]);
	}
	free(entries);
}

static void assert_problem(const struct buf *text, const char *expected)
{
	struct buf found;

	buf_init(&found, RUNBOOK_FILE_MAX);
	list_problems(text->data, text->len, &found);
	if (!strstr(found.data, expected))
		fail_msg("expected %s, found %s", expected, found.data);
	buf_release(&found);
}

static void test_limits(void **state)
{
	struct buf text;

	(void)state;
	buf_init(&text, RUNBOOK_FILE_MAX * 2);
	buf_puts(&text, "title: \"");
	for (size_t i = 0; i <= RUNBOOK_TEXT_MAX; i++)
		buf_puts(&text, "a");
	buf_puts(&text, "\"\n");
	assert_problem(&text, "1:8: a text of 4097 bytes; at most 4096 are allowed\n");

	buf_clear(&text);
	buf_puts(&text, "steps:\n");
	for (size_t i = 0; i <= RUNBOOK_ITEMS_MAX; i++)
		buf_puts(&text, "  - x\n");
	assert_problem(&text, "66:5: more than 64 items; split this up\n");

	buf_clear(&text);
	for (size_t i = 0; i <= RUNBOOK_FILE_MAX; i++)
		buf_puts(&text, "#");
	assert_problem(&text, "1:1: the file is larger than 256 KiB\n");

	buf_clear(&text);
	buf_puts(&text, "variables:\n  v: {type: string, about: x, default: \"");
	for (size_t i = 0; i < 4000; i++)
		buf_puts(&text, "a");
	buf_puts(&text, "\"}\ntitle: ${v}${v}\n");
	assert_problem(&text, "3:8: longer than 4096 bytes with its variables put in\n");
	buf_release(&text);
}

static void test_no_more_problems_than_anybody_reads(void **state)
{
	struct buf text;

	(void)state;
	buf_init(&text, RUNBOOK_FILE_MAX);
	buf_puts(&text, "steps:\n");
	for (size_t i = 0; i < RUNBOOK_ITEMS_MAX; i++)
		buf_puts(&text, "  - {x: 1, y: 2}\n");
	assert_problem(&text, " more\n");
	buf_release(&text);
}

static void test_a_zero_byte_and_a_byte_order_mark(void **state)
{
	struct buf found;

	(void)state;
	buf_init(&found, RUNBOOK_FILE_MAX);
	list_problems("a: b\nc\0d", 8, &found);
	assert_string_equal(found.data,
		"2:2: a control character (U+0000); it may not stand in the file\n");
	buf_clear(&found);
	list_problems("\xef\xbb\xbf- a\n", 7, &found);
	assert_string_equal(found.data,
			    "1:1: this wants to be a mapping, not a list\n");
	buf_release(&found);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_broken_runbooks_are_told_all_that_is_wrong),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_no_more_problems_than_anybody_reads),
		cmocka_unit_test(test_a_zero_byte_and_a_byte_order_mark),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
