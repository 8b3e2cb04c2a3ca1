/*
 * Transcripts with every allocation failing in turn: the whole page, letter by
 * letter, or ERR_NOMEM. A transcript that lacks a line would be believed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "failing_memory.h"
#include "journal/journal.h"
#include "report/report.h"

struct writing {
	json_t *records;
	struct report_options options;
	struct buf out, expected;
};

static int act(void *data, struct error *err)
{
	struct writing *w = data;

	buf_init(&w->out, REPORT_SIZE_MAX);
	return report_transcript(w->records, &w->options, &w->out, err);
}

static void check(void *data, int code)
{
	struct writing *w = data;

	if (!code)
		assert_string_equal(w->out.data, w->expected.data);
	buf_release(&w->out);
}

static void write_all(const char *name)
{
	const char *source = getenv("CUTOVER_SOURCE");
	struct writing w = {.options.hash = "0123"};
	struct error err = {0};
	char dir[PATH_MAX];
	size_t torn;

	snprintf(dir, sizeof(dir), "%s/tests/journals/%s",
		 source ? source : ".", name);
	if (journal_read(dir, &w.records, &torn, &err))
		fail_msg("%s: %s", err.where, err.message);
	for (int format = 0; format < REPORT_FORMATS; format++) {
		w.options.format = (enum report_format)format;
		assert_int_equal(act(&w, &err), 0);
		w.expected = w.out;
		failing_memory_try(&(struct failing_case){
			.name = report_format_name(w.options.format),
			.act = act, .check = check, .data = &w,
		});
		buf_release(&w.expected);
	}
	json_decref(w.records);
}

static void test_a_failed_run(void **state)
{
	(void)state;
	write_all("failed");
}

static void test_a_hostile_run(void **state)
{
	(void)state;
	write_all("hostile");
}

static void test_a_rehearsal_rolled_back(void **state)
{
	(void)state;
	write_all("rolled-back");
}

static void test_a_rehearsal_with_a_debrief(void **state)
{
	(void)state;
	write_all("rehearsed");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_failed_run),
		cmocka_unit_test(test_a_hostile_run),
		cmocka_unit_test(test_a_rehearsal_rolled_back),
		cmocka_unit_test(test_a_rehearsal_with_a_debrief),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
