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
#include "report/debrief.h"
#include "report/debrief_earlier.h"
#include "report/debrief_tell.h"
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

static json_t *records_of(const char *name)
{
	const char *source = getenv("CUTOVER_SOURCE");
	json_t *records = NULL;
	struct error err = {0};
	char dir[PATH_MAX];
	size_t torn;

	snprintf(dir, sizeof(dir), "%s/tests/journals/%s",
		 source ? source : ".", name);
	if (journal_read(dir, &records, &torn, &err))
		fail_msg("%s: %s", err.where, err.message);
	return records;
}

static void write_all(const char *name)
{
	struct writing w = {
		.options.hash = "0123", .records = records_of(name),
	};
	struct error err = {0};

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

/* ---- the debrief at the end ---------------------------------------------- */

static int act_debrief(void *data, struct error *err)
{
	struct writing *w = data;

	buf_init(&w->out, REPORT_SIZE_MAX);
	return debrief_text(w->records, false, &w->out, err);
}

static void test_a_debrief(void **state)
{
	struct writing w = {.records = records_of("rehearsed")};

	(void)state;
	assert_int_equal(act_debrief(&w, NULL), 0);
	w.expected = w.out;
	failing_memory_try(&(struct failing_case){
		.name = "debrief", .act = act_debrief, .check = check,
		.data = &w,
	});
	buf_release(&w.expected);
	json_decref(w.records);
}

struct comparing {
	json_t *records, *note, *expected;
	struct debrief debrief;
};

static int act_compare(void *data, struct error *err)
{
	struct comparing *c = data;
	struct debrief_earlier *earlier;
	int status = debrief_earlier_open(&c->debrief, &earlier, err);

	c->note = NULL;
	if (status)
		return status;
	debrief_earlier_add(earlier, c->records);
	c->note = debrief_earlier_note(earlier);
	debrief_earlier_close(earlier);
	return c->note ? 0 : error_nomem(err);
}

static void check_note(void *data, int code)
{
	struct comparing *c = data;

	if (!code)
		assert_true(json_equal(c->note, c->expected));
	json_decref(c->note);
}

static void test_a_comparison(void **state)
{
	struct comparing c = {.records = records_of("rehearsed")};

	(void)state;
	assert_true(debrief_fold(&c.debrief, c.records));
	assert_int_equal(act_compare(&c, NULL), 0);
	c.expected = c.note;
	assert_int_equal(json_array_size(json_object_get(c.expected, "gates")),
			 5);
	failing_memory_try(&(struct failing_case){
		.name = "comparison", .act = act_compare, .check = check_note,
		.data = &c,
	});
	json_decref(c.expected);
	json_decref(c.records);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_failed_run),
		cmocka_unit_test(test_a_hostile_run),
		cmocka_unit_test(test_a_rehearsal_rolled_back),
		cmocka_unit_test(test_a_rehearsal_with_a_debrief),
		cmocka_unit_test(test_a_debrief),
		cmocka_unit_test(test_a_comparison),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
