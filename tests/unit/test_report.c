/*
 * Units of report/: transcripts of the handwritten runs in tests/journals/,
 * against the texts in tests/golden/. CUTOVER_GOLDEN=write writes those anew;
 * read the difference before you commit it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "journal/event.h"
#include "journal/journal.h"
#include "report/fold.h"
#include "report/report.h"
#include "report/times.h"

static void source_path(char dst[PATH_MAX], const char *below, const char *name,
			const char *tail)
{
	const char *source = getenv("CUTOVER_SOURCE");

	snprintf(dst, PATH_MAX, "%s/%s/%s%s", source ? source : ".", below,
		 name, tail);
}

/* The handwritten run of that name; its chain holds. */
static json_t *load(const char *name, char hash[HASH_HEX_SIZE])
{
	struct journal_contents contents;
	struct error err = {0};
	char dir[PATH_MAX];

	source_path(dir, "tests/journals", name, "");
	if (journal_load(dir, &contents, &err))
		fail_msg("%s: %s", err.where, err.message);
	memcpy(hash, contents.hash, HASH_HEX_SIZE);
	return contents.records;
}

static void transcribe(const char *name, enum report_format format, bool ascii,
		       struct buf *out)
{
	char hash[HASH_HEX_SIZE];
	json_t *records = load(name, hash);
	struct report_options options = {
		.format = format, .ascii = ascii, .hash = hash,
	};

	buf_init(out, REPORT_SIZE_MAX);
	assert_int_equal(report_transcript(records, &options, out, NULL), 0);
	json_decref(records);
}

static void compare(const char *name, enum report_format format, bool ascii,
		    const char *tail)
{
	const char *mode = getenv("CUTOVER_GOLDEN");
	struct buf out, golden;
	char path[PATH_MAX], file[64];

	transcribe(name, format, ascii, &out);
	snprintf(file, sizeof(file), "transcript-%s", name);
	source_path(path, "tests/golden", file, tail);
	if (mode && strcmp(mode, "write") == 0)
		assert_int_equal(file_replace(path, 0644, out.data, out.len,
					      NULL), 0);
	buf_init(&golden, REPORT_SIZE_MAX);
	assert_int_equal(file_read(path, &golden, NULL), 0);
	assert_string_equal(out.data, golden.data);
	buf_release(&golden);
	buf_release(&out);
}

static void test_completed_run(void **state)
{
	(void)state;
	compare("completed", REPORT_TEXT, false, ".txt");
}

static void test_rolled_back_rehearsal(void **state)
{
	(void)state;
	compare("rolled-back", REPORT_TEXT, false, ".txt");
}

static void test_rehearsal_with_a_debrief(void **state)
{
	(void)state;
	compare("rehearsed", REPORT_TEXT, false, ".txt");
	compare("rehearsed", REPORT_MARKDOWN, false, ".md");
}

static void test_failure_override_and_retry(void **state)
{
	(void)state;
	compare("failed", REPORT_TEXT, false, ".txt");
	compare("failed", REPORT_TEXT, true, ".ascii.txt");
	compare("failed", REPORT_MARKDOWN, false, ".md");
	compare("failed", REPORT_HTML, false, ".html");
	compare("failed", REPORT_JSON, false, ".json");
}

static void test_armed_lost_found_and_written_past(void **state)
{
	(void)state;
	compare("surprised", REPORT_TEXT, false, ".txt");
}

/* What an event tells stands in a line of its own; none is left to the row for
 * those of a later version, and none falls through. */
static void test_every_event_is_told(void **state)
{
	static const enum report_format formats[] = {
		REPORT_TEXT, REPORT_MARKDOWN, REPORT_HTML,
	};
	char hash[HASH_HEX_SIZE];
	json_t *records = load("completed", hash);

	(void)state;
	for (enum event event = 0; event < EVENT_COUNT; event++) {
		json_t *bare = json_pack("{si ss si ss}", "seq", 2, "at",
					 "2026-11-23T14:03:20.124Z", "mono", 4,
					 "event", event_name(event));
		json_t *two = json_pack("[Oo]", json_array_get(records, 0),
					bare);

		for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]);
		     i++) {
			const struct report_options options = {
				.format = formats[i], .hash = hash,
			};
			struct buf out;

			buf_init(&out, REPORT_SIZE_MAX);
			assert_int_equal(report_transcript(two, &options, &out,
							   NULL), 0);
			assert_null(strstr(out.data, "not known to this"));
			buf_release(&out);
		}
		json_decref(two);
	}
	json_decref(records);
}

/* ---- whatever comes from outside ----------------------------------------- */

static const char *const runs[] = {"completed", "rolled-back", "failed",
				   "rehearsed", "surprised", "hostile"};

static void check_line(char *line, bool ascii)
{
	char safe[4096];

	if (text_width(line) > 80)
		fail_msg("%d columns: %s", text_width(line), line);
	text_sanitise(safe, sizeof(safe), line);
	assert_string_equal(safe, line);
	for (const char *at = line; ascii && *at; at++)
		assert_in_range(*at, 0x20, 0x7e);
}

static void test_text_is_80_columns_and_harmless(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * sizeof(runs) / sizeof(runs[0]); i++) {
		struct buf out;

		transcribe(runs[i / 2], REPORT_TEXT, i % 2, &out);
		for (char *line = out.data, *end; *line; line = end + 1) {
			end = strchr(line, '\n');
			assert_non_null(end);
			*end = '\0';
			check_line(line, i % 2);
		}
		buf_release(&out);
	}
}

static void test_other_formats_carry_no_controls_or_tags(void **state)
{
	(void)state;
	for (enum report_format f = REPORT_MARKDOWN; f < REPORT_FORMATS; f++) {
		struct buf out, safe;

		transcribe("hostile", f, false, &out);
		buf_init(&safe, REPORT_SIZE_MAX);
		text_sanitise_to(&safe, out.data, out.len, true);
		assert_string_equal(safe.data, out.data);
		if (f == REPORT_HTML)
			assert_null(strstr(out.data, "<script"));
		/* the text holds four backticks, so its fence has five */
		if (f == REPORT_MARKDOWN)
			assert_non_null(strstr(out.data, "\n    `````text\n"));
		buf_release(&safe);
		buf_release(&out);
	}
}

static void test_json_holds_every_record(void **state)
{
	char hash[HASH_HEX_SIZE];
	json_t *records = load("completed", hash), *whole;
	struct buf out;

	(void)state;
	transcribe("completed", REPORT_JSON, false, &out);
	whole = json_loadb(out.data, out.len, 0, NULL);
	assert_true(json_equal(json_at(whole, "records"), records));
	assert_string_equal(json_text(whole, "run/result", ""), "completed");
	assert_string_equal(json_text(whole, "journal/last_sha256", ""), hash);
	assert_int_equal(json_number(whole, "run/outage_ms", 0), 12431);
	assert_string_equal(json_text(whole, "steps/2/step", ""), "2b");
	json_decref(whole);
	json_decref(records);
	buf_release(&out);
}

static void test_full_page_is_an_error(void **state)
{
	struct report_options options = {.format = REPORT_TEXT};
	char hash[HASH_HEX_SIZE];
	json_t *records = load("completed", hash);
	struct buf out;

	(void)state;
	for (enum report_format f = 0; f < REPORT_FORMATS; f++) {
		options.format = f;
		buf_init(&out, 2000);
		assert_int_equal(report_transcript(records, &options, &out,
						   NULL), ERR_LIMIT);
		buf_release(&out);
	}
	json_decref(records);
}

/* ---- the fold ------------------------------------------------------------ */

static void test_fold_of_a_rollback(void **state)
{
	char hash[HASH_HEX_SIZE];
	json_t *records = load("rolled-back", hash);
	const struct report_step *step;
	struct report_run run;

	(void)state;
	report_fold_all(&run, records);
	assert_string_equal(run.result, "rolled-back");
	assert_string_equal(run.operator_name, "relief@bastion");
	assert_true(run.rehearsal && run.rolled_back);
	assert_int_equal(run.lost, 0);
	assert_int_equal(run.outage_ms, 127001);
	assert_int_equal(run.notes, 1);
	assert_int_equal(run.count, 5);
	step = report_fold_step(&run, "fence", true);
	assert_int_equal(step->state, REPORT_STEP_UNDONE);
	assert_int_equal(step->ended_mono - step->gate_mono, 500);
	assert_string_equal(report_fold_label(&run, "promote"), "2b");
	assert_string_equal(report_fold_label(&run, "nothing"), "nothing");
	json_decref(records);
}

/* The tool's own notes are nobody's: neither told as the operator's, nor
 * counted. */
static void test_whose_a_note_is(void **state)
{
	static const struct {
		const char *note, *told;
		size_t counts;
	} cases[] = {
		{"{\"text\":\"so far\",\"step\":\"fence\"}",
		 " NOTE by oncall@bastion: so far\n", 1},
		{"{\"text\":\"the practice world lives on\",\"world\":\"/w\"}",
		 " NOTE: the practice world lives on\n", 0},
		{"{\"text\":\"EXPIRED\",\"lease\":{\"taken\":false}}",
		 " NOTE: EXPIRED\n", 0},
		{"{\"text\":\"taken over\",\"lease\":{\"taken\":true}}",
		 " NOTE by oncall@bastion: taken over\n", 0},
		{"{\"text\":\"unheard\",\"ledger\":[]}", NULL, 0},
		{"{\"text\":\"unheard\",\"debrief\":{}}", NULL, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char hash[HASH_HEX_SIZE];
		json_t *records = load("completed", hash);
		json_t *note = json_loads(cases[i].note, 0, NULL);
		struct report_options options = {
			.format = REPORT_TEXT, .hash = hash,
		};
		struct report_run run;
		struct buf out;

		assert_non_null(note);
		json_object_set_new(note, "event", json_string("note"));
		json_array_insert_new(records, 6, note);
		report_fold_all(&run, records);
		assert_int_equal(run.notes, 1 + cases[i].counts);
		buf_init(&out, REPORT_SIZE_MAX);
		assert_int_equal(report_transcript(records, &options, &out,
						   NULL), 0);
		assert_non_null(strstr(out.data, cases[i].told ?
				       cases[i].told : "NOTE by"));
		assert_null(strstr(out.data, "unheard"));
		buf_release(&out);
		json_decref(records);
	}
}

/* The state after each record: what a list of runs would say then. */
static void test_fold_of_a_run_that_goes_on(void **state)
{
	char hash[HASH_HEX_SIZE];
	json_t *records = load("failed", hash);
	struct report_run run;

	(void)state;
	report_fold_init(&run);
	for (size_t i = 0; i < 7; i++)
		report_fold(&run, json_array_get(records, i));
	assert_int_equal(run.state, REPORT_OPEN);
	assert_int_equal(run.steps[run.current].state, REPORT_STEP_FAILED);
	assert_int_equal(run.overrides, 1);
	for (size_t i = 7; i < json_array_size(records); i++)
		report_fold(&run, json_array_get(records, i));
	assert_int_equal(run.state, REPORT_PARKED);
	assert_string_equal(run.reason, "needs a person with SUPER");
	assert_int_equal(run.steps[run.current].retries, 1);
	json_decref(records);
}

/* None was agreed: it is not one of 0, which every outage would be over. */
static void test_fold_without_a_budget(void **state)
{
	json_t *record = json_pack("{ss ss si}", "event", "run.opened", "run",
				   "r", "budget_ms", 0);
	struct report_run run;

	(void)state;
	report_fold_init(&run);
	report_fold(&run, record);
	assert_int_equal(run.budget_ms, -1);
	json_object_set_new(record, "budget_ms", json_integer(60000));
	report_fold(&run, record);
	assert_int_equal(run.budget_ms, 60000);
	json_decref(record);
}

static void test_times(void **state)
{
	char text[TIMES_MAX];

	(void)state;
	times_span(-1, text);
	assert_string_equal(text, "-");
	times_span(59999, text);
	assert_string_equal(text, "59.999 s");
	times_span(60000, text);
	assert_string_equal(text, "1:00.000");
	times_span(3723120, text);
	assert_string_equal(text, "1:02:03.120");
	times_since(3004, 0, text);
	assert_string_equal(text, "T+03.004");
	times_since(113431, 1000, text);
	assert_string_equal(text, "T+112.431");
	times_since(5, -1, text);
	assert_string_equal(text, "");
	times_clock("2026-11-23T14:03:25.004Z", text);
	assert_string_equal(text, "14:03:25.004");
	times_clock("\x1b[2J", text);
	assert_string_equal(text, "?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_completed_run),
		cmocka_unit_test(test_rolled_back_rehearsal),
		cmocka_unit_test(test_rehearsal_with_a_debrief),
		cmocka_unit_test(test_failure_override_and_retry),
		cmocka_unit_test(test_armed_lost_found_and_written_past),
		cmocka_unit_test(test_every_event_is_told),
		cmocka_unit_test(test_text_is_80_columns_and_harmless),
		cmocka_unit_test(test_other_formats_carry_no_controls_or_tags),
		cmocka_unit_test(test_json_holds_every_record),
		cmocka_unit_test(test_full_page_is_an_error),
		cmocka_unit_test(test_fold_of_a_rollback),
		cmocka_unit_test(test_whose_a_note_is),
		cmocka_unit_test(test_fold_of_a_run_that_goes_on),
		cmocka_unit_test(test_fold_without_a_budget),
		cmocka_unit_test(test_times),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
