/*
 * Units of the debrief as it is told: the text, the story, the comparison with
 * earlier rehearsals. And a note of the world's that says anything but what it
 * should: the debrief says less then, never harm.
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
#include "debrief_fixture.h"
#include "journal/journal.h"
#include "report/debrief.h"
#include "report/debrief_earlier.h"
#include "report/debrief_tell.h"
#include "report/report.h"

#define TOLD_MAX (1u << 20)

static void source_path(char dst[PATH_MAX], const char *name)
{
	const char *source = getenv("CUTOVER_SOURCE");

	snprintf(dst, PATH_MAX, "%s/%s", source ? source : ".", name);
}

/* The text for a terminal; every line is harmless and fits. */
static void told(const json_t *records, struct buf *out)
{
	char line[512], safe[512];

	buf_init(out, TOLD_MAX);
	assert_int_equal(debrief_text(records, false, out, NULL), 0);
	for (const char *at = out->data; *at; at += strcspn(at, "\n") + 1) {
		snprintf(line, sizeof(line), "%.*s", (int)strcspn(at, "\n"),
			 at);
		text_sanitise(safe, sizeof(safe), line);
		assert_string_equal(safe, line);
		if (text_width(line) > 80 || strcspn(at, "\n") > 500)
			fail_msg("too wide: %s", line);
	}
}

static void says(const json_t *records, const char *text)
{
	struct buf out;

	told(records, &out);
	if (!strstr(out.data, text)) {
		fputs(out.data, stderr);
		fail_msg("it lacks: %s", text);
	}
	buf_release(&out);
}

static void says_not(const json_t *records, const char *text)
{
	struct buf out;

	told(records, &out);
	if (strstr(out.data, text)) {
		fputs(out.data, stderr);
		fail_msg("it has: %s", text);
	}
	buf_release(&out);
}

static void test_golden(void **state)
{
	const char *mode = getenv("CUTOVER_GOLDEN");
	struct buf out, golden;
	json_t *records;
	char path[PATH_MAX];
	size_t torn;

	(void)state;
	source_path(path, "tests/journals/rehearsed");
	assert_int_equal(journal_read(path, &records, &torn, NULL), 0);
	told(records, &out);
	source_path(path, "tests/golden/debrief-rehearsed.txt");
	if (mode && strcmp(mode, "write") == 0)
		assert_int_equal(file_replace(path, 0644, out.data, out.len,
					      NULL), 0);
	buf_init(&golden, TOLD_MAX);
	assert_int_equal(file_read(path, &golden, NULL), 0);
	assert_string_equal(out.data, golden.data);
	buf_release(&golden);
	buf_release(&out);
	json_decref(records);
}

static void test_what_is_well_takes_a_line(void **state)
{
	json_t *records = rehearsal();

	(void)state;
	says(records, "score       100 of 100\n");
	says(records, "in full     writes, one writer, outage, decision, "
	     "overrides, guards, gates\n");
	says(records, "window      3.500 s: gates 2.000 s (yours 2.000 s), acts "
	     "and checks 1.500 s\n");
	says_not(records, "BEHIND THE SCENES");
	says_not(records, "good is");
	json_decref(records);
}

/* ---- notes that say less, or nonsense ------------------------------------ */

static void test_no_debrief(void **state)
{
	json_t *records = rehearsal();
	struct debrief debrief;
	struct buf out;

	(void)state;
	json_object_set_new(rehearsal_record(records, EVENT_RUN_OPENED, 0),
			    "rehearsal", json_false());
	assert_false(debrief_fold(&debrief, records));
	told(records, &out);
	assert_int_equal(out.len, 0);
	buf_release(&out);
	json_decref(records);
	records = rehearsal();
	json_array_remove(records, rehearsal_find(records, EVENT_NOTE, 0));
	assert_false(debrief_fold(&debrief, records));
	json_decref(records);
}

/* A note of the world before it had scenarios: the lines it printed. */
static void test_lines_alone(void **state)
{
	json_t *records = rehearsal();
	json_t *note = rehearsal_record(records, EVENT_NOTE, 0);

	(void)state;
	json_object_del(note, "rehearsal");
	json_object_set_new(note, "ledger",
		json_pack("[s s]",
			  "ledger: acknowledged 9, present 8, lost 1, duplicated 0",
			  "outage: writes 12.345 s, reads 0.000 s"));
	says(records, "score       20 of 100: acknowledged writes are LOST\n");
	says(records, "0 of 20. 1 of 9 acknowledged writes are LOST.");
	says_not(records, "decision");
	json_object_set_new(note, "ledger", json_pack("[s n]", "ledger: x"));
	says_not(records, "writes");
	json_decref(records);
}

/* In place of each value in the note, one after the other, each of these. */
static void spoil(const json_t *records, json_t *value);

static void spoiled(const json_t *records)
{
	struct report_options options = {.format = REPORT_JSON};
	struct buf out;

	told(records, &out);
	assert_non_null(strstr(out.data, " of 100"));
	buf_release(&out);
	buf_init(&out, TOLD_MAX);
	assert_int_equal(report_transcript(records, &options, &out, NULL), 0);
	buf_release(&out);
}

static void spoil_one(const json_t *records, json_t *parent, const char *key,
		      size_t index)
{
	json_t *wrong = json_pack("[n, b, i, I, I, f, s, s, [], {}]", 1, -1,
				  (json_int_t)INT64_MAX, (json_int_t)INT64_MIN,
				  1e300, "", "\x1b[2J\xe2\x80\xae%s%n and much "
				  "more than fits into a column or a line");
	json_t *old = json_incref(key ? json_object_get(parent, key) :
				  json_array_get(parent, index));
	size_t i;
	json_t *item;

	assert_non_null(wrong);
	json_array_foreach(wrong, i, item) {
		if (key)
			json_object_set(parent, key, item);
		else
			json_array_set(parent, index, item);
		spoiled(records);
	}
	if (key)
		json_object_set(parent, key, old);
	else
		json_array_set(parent, index, old);
	spoil(records, old);
	json_decref(old);
	json_decref(wrong);
}

static void spoil(const json_t *records, json_t *value)
{
	json_t *copy = json_copy(value), *item;
	const char *key;
	size_t i;

	json_object_foreach(copy, key, item)
		spoil_one(records, value, key, 0);
	json_array_foreach(copy, i, item)
		spoil_one(records, value, NULL, i);
	json_decref(copy);
}

static json_t *whole_note(void)
{
	return json_pack("{s{s[{ss ss ss ss ss}]} s{s{si s{si si si}"
			 " s[{ss si si}]}}}",
			 "more", "scenes", "at", "2025-11-25T08:00:02.000Z",
			 "kind", "begun", "fault", "lag", "text", "It lags.",
			 "by", "instructor", "debrief", "earlier",
			 "rehearsals", 2, "score", "last", 90, "best", 95,
			 "median", 90, "gates", "step", "2", "best_ms", 900,
			 "median_ms", 1900);
}

static void test_nonsense(void **state)
{
	json_t *records = rehearsal(), *more = whole_note();
	json_t *note = rehearsal_record(records, EVENT_NOTE, 0);

	(void)state;
	json_object_set(rehearsal_note(records), "scenes",
			json_at(more, "more/scenes"));
	json_object_set(note, "debrief", json_at(more, "debrief"));
	says(records, "INSTRUCTOR: lag begins. It lags.");
	says(records, "0.400 s ahead of the median, 0.600 s behind the best");
	spoil(records, json_at(note, "debrief/earlier"));
	spoil(records, rehearsal_note(records));
	json_decref(more);
	json_decref(records);
}

/* ---- the story ----------------------------------------------------------- */

static void add_scene(json_t *records, const char *at, const char *kind,
		      const char *text)
{
	json_array_append_new(json_at(rehearsal_note(records), "scenes"),
		json_pack("{ss ss ss ss}", "at", at, "kind", kind, "fault",
			  "lag", "text", text));
}

static void turn(json_t *records, size_t behind, int64_t ms, const char *state,
		 const char *text)
{
	rehearsal_insert(records, behind, ms, EVENT_GUARD_CHANGED,
			 json_pack("{ss si ss ss}", "step", "2", "guard", 1,
				   "state", state, "text", text));
}

static void test_story(void **state)
{
	json_t *records = rehearsal();
	size_t at = rehearsal_find(records, EVENT_GUARD_CHANGED, 1);

	(void)state;
	turn(records, at, 0, "red", "an instant");
	turn(records, at + 1, 10, "green", "passed");
	turn(records, at + 2, 100, "unknown", "not seen yet");
	turn(records, at + 3, 500, "red", "it lasts");
	turn(records, at + 4, 4500, "green", "at last");
	at = rehearsal_find(records, EVENT_GATE_CONFIRMED, 1);
	rehearsal_insert(records, at, 999, EVENT_CHECK_PASSED,
			 json_pack("{ss si}", "text", "at once", "took_ms",
				   999));
	rehearsal_insert(records, at + 1, 1, EVENT_CHECK_PASSED,
			 json_pack("{ss si}", "text", "it caught up",
				   "took_ms", 1000));
	add_scene(records, "2025-11-25T08:00:01.600Z", "begun", "It lags.");
	add_scene(records, "2025-11-25T08:00:06.000Z", "cleared", "");
	add_scene(records, "nonsense", "failed", "No such thing.");
	says(records,
	     "BEHIND THE SCENES\n"
	     "--------------------------------------------------------------------------------\n"
	     "08:00:01.010  T+00.000   done: gate 1 confirmed\n"
	     "08:00:01.600  T+00.590   SCENARIO: lag begins. It lags.\n"
	     "08:00:01.620  T+00.610   seen at 2: the gate is shut: it lasts\n"
	     "08:00:06.000  T+04.990   SCENARIO: lag is over.\n"
	     "?             SCENARIO: lag could not be had. No such thing.\n"
	     "08:00:06.620  T+05.610   seen at 2: green again: at last\n"
	     "08:00:07.620  T+06.610   done: gate 2 confirmed\n"
	     "08:00:08.620  T+07.610   seen at 2: after 1.000 s: it caught up\n");
	json_decref(records);
}

/* What was given up for lost had only wanted waiting. */
static void test_a_needless_way_back(void **state)
{
	json_t *records = rehearsal();

	(void)state;
	add_scene(records, "2025-11-25T08:00:01.600Z", "begun", "It lags.");
	add_scene(records, "2025-11-25T08:00:06.000Z", "cleared", "");
	rehearsal_roll_back(records,
			    rehearsal_find(records, EVENT_GUARD_CHANGED, 1),
			    2500);
	says(records, "5 of 20. Rolled back, where it could be completed: safe,"
	     " but not\n            needed. Wait for the guards: the trouble was"
	     " over 1.990 s after the\n            way back was begun.\n");
	says(records, "good is     waits\n");
	json_decref(records);
}

/* Where the scenario asks for an override, "wait" would be wrong. */
static void test_a_way_back_instead_of_an_override(void **state)
{
	json_t *records = rehearsal();

	(void)state;
	rehearsal_set(records, "par", "overrides", json_integer(1));
	add_scene(records, "2025-11-25T08:00:01.600Z", "begun", "It writes.");
	rehearsal_roll_back(records,
			    rehearsal_find(records, EVENT_GUARD_CHANGED, 1),
			    2500);
	says(records, "needed. Waiting does not help here: find out what the "
	     "guard tells\n            of, and override it with that as the "
	     "reason.\n");
	/* it was over in time, too: that is the better advice */
	add_scene(records, "2025-11-25T08:00:06.000Z", "cleared", "");
	says(records, "needed. Wait for the guards: the trouble was over");
	json_decref(records);
}

/* ---- earlier rehearsals -------------------------------------------------- */

/* A rehearsal whose second gate stood so long, and which lost so much. */
static json_t *earlier_run(int64_t ms, int lost)
{
	json_t *records = rehearsal();

	rehearsal_insert(records, rehearsal_find(records, EVENT_GUARD_CHANGED,
						 1), ms, EVENT_NOTE,
			 json_pack("{ss}", "text", "reading"));
	json_object_set_new(json_at(rehearsal_note(records), "ledger"), "lost",
			    json_integer(lost));
	json_object_set_new(json_at(rehearsal_note(records), "outage"),
			    "writes_ms", json_integer(3400 + ms));
	return records;
}

static bool added(struct debrief_earlier *earlier, json_t *records)
{
	bool was = debrief_earlier_add(earlier, records);

	json_decref(records);
	return was;
}

static void test_comparison(void **state)
{
	json_t *records = rehearsal(), *note, *expected;
	struct debrief debrief;
	struct debrief_earlier *earlier;

	(void)state;
	assert_true(debrief_fold(&debrief, records));
	assert_int_equal(debrief_earlier_open(&debrief, &earlier, NULL), 0);
	assert_true(added(earlier, earlier_run(1000, 0)));
	assert_true(added(earlier, earlier_run(100, 3)));
	assert_true(added(earlier, earlier_run(300, 0)));
	note = debrief_earlier_note(earlier);
	expected = json_pack("{si s{si si si} s{si si si} s[{ss si si}"
			     " {ss si si} {ss si si}]}",
			     "rehearsals", 3, "score", "last", 100, "best",
			     100, "median", 100, "outage_ms", "last", 4400,
			     "best", 3500, "median", 3700, "gates",
			     "step", "1", "best_ms", 1500, "median_ms", 1500,
			     "step", "2", "best_ms", 1600, "median_ms", 1800,
			     "step", "3", "best_ms", 1500, "median_ms", 1500);
	assert_true(json_equal(note, expected));
	debrief_earlier_close(earlier);
	json_decref(expected);
	json_object_set_new(rehearsal_record(records, EVENT_NOTE, 0), "debrief",
			    json_pack("{so}", "earlier", note));
	says(records, "earlier     3 rehearsals of this kind; score: last 100, "
	     "median 100, best 100\n");
	says(records, "pace        0.300 s ahead of the median, 0.100 s ahead "
	     "of the best\n");
	says(records,
	     "2  a step                    1.000 s    1.500 s    1.800 s    1.600 s       best\n");
	json_decref(records);
}

static void test_one_before(void **state)
{
	json_t *records = rehearsal(), *more = whole_note();
	json_t *earlier = json_at(more, "debrief/earlier");

	(void)state;
	json_object_set(rehearsal_record(records, EVENT_NOTE, 0), "debrief",
			json_at(more, "debrief"));
	json_object_set_new(earlier, "rehearsals", json_integer(1));
	says(records, "earlier     one rehearsal of this kind; it scored 90\n");
	says(records, "pace        0.600 s behind the one before\n");
	json_object_set_new(json_at(earlier, "gates/0"), "best_ms",
			    json_integer(1900));
	says(records, "pace        0.400 s ahead of the one before\n");
	json_decref(more);
	json_decref(records);
}

/* Another scenario, speed, number of pods, database, flag, heartbeat, runbook or
 * driver is another exercise, and so is another end; a live run, or one without
 * an end, is none at all. */
static void test_only_like_is_compared(void **state)
{
	static const struct {
		const char *object, *name;
		bool in_note;
	} differences[] = {
		{NULL, "scenario", true}, {NULL, "speed", true},
		{NULL, "database", true}, {NULL, "pods", true},
		{NULL, "flag", true}, {NULL, "heartbeat_ms", true},
		{"runbook", "name", false}, {NULL, "autopilot", false},
		{NULL, "rehearsal", false},
	};
	json_t *records = rehearsal(), *note;
	struct debrief debrief;
	struct debrief_earlier *earlier;

	(void)state;
	assert_true(debrief_fold(&debrief, records));
	assert_int_equal(debrief_earlier_open(&debrief, &earlier, NULL), 0);
	for (size_t i = 0; i < sizeof(differences) / sizeof(differences[0]);
	     i++) {
		json_t *other = rehearsal();
		json_t *object = differences[i].in_note ?
			rehearsal_note(other) : json_array_get(other, 0);

		if (differences[i].object)
			object = json_at(object, differences[i].object);
		json_object_set_new(object, differences[i].name,
				    json_true());
		if (!strcmp(differences[i].name, "rehearsal"))
			json_object_set_new(object, "rehearsal", json_false());
		assert_false(added(earlier, other));
	}
	note = debrief_earlier_note(earlier);
	assert_int_equal(json_number(note, "rehearsals", -1), 0);
	assert_true(json_is_null(json_at(note, "score")));
	json_object_set_new(rehearsal_record(records, EVENT_NOTE, 0), "debrief",
			    json_pack("{so}", "earlier", note));
	says(records, "earlier     no rehearsal of this kind\n");
	says_not(records, "pace");
	debrief_earlier_close(earlier);
	json_decref(records);
}

static bool compared(json_t *own, json_t *other)
{
	struct debrief debrief;
	struct debrief_earlier *earlier;
	bool was;

	assert_true(debrief_fold(&debrief, own));
	assert_int_equal(debrief_earlier_open(&debrief, &earlier, NULL), 0);
	was = added(earlier, other);
	debrief_earlier_close(earlier);
	json_decref(own);
	return was;
}

static json_t *ended(const char *result, bool window)
{
	json_t *records = rehearsal();
	json_t *closed = rehearsal_record(records, EVENT_RUN_CLOSED, 0);

	if (result)
		json_object_set_new(closed, "result", json_string(result));
	else
		json_object_del(closed, "result");
	if (!window)
		json_array_remove(records, rehearsal_find(records,
			EVENT_WINDOW_OPENED, 0));
	return records;
}

static json_t *instructed(void)
{
	json_t *records = rehearsal();

	rehearsal_scene(records, "lag-null", "2025-11-25T08:00:01.000Z");
	json_object_set_new(json_at(rehearsal_note(records), "scenes/0"), "by",
			    json_string("instructor"));
	return records;
}

/* Whoever gave up at the first gate had no outage; it is no record to beat. */
static void test_only_like_ends_are_compared(void **state)
{
	(void)state;
	assert_true(compared(ended("rolled-back", true),
			     ended("rolled-back", true)));
	assert_true(compared(ended("completed", false),
			     ended("completed", false)));
	assert_false(compared(ended("completed", true),
			      ended("rolled-back", true)));
	assert_false(compared(ended("rolled-back", true),
			      ended("rolled-back", false)));
	assert_false(compared(ended("completed", true), ended(NULL, true)));
	assert_false(compared(ended(NULL, true), ended(NULL, true)));
	assert_false(compared(rehearsal(), instructed()));
	assert_false(compared(instructed(), instructed()));
}

static void test_pace(void **state)
{
	(void)state;
	assert_int_equal(debrief_pace(10501, 8000, 10000), DEBRIEF_BEHIND);
	assert_int_equal(debrief_pace(10500, 8000, 10000), DEBRIEF_EVEN);
	assert_int_equal(debrief_pace(9499, 8000, 10000), DEBRIEF_AHEAD);
	assert_int_equal(debrief_pace(7999, 8000, 10000), DEBRIEF_BEST);
	assert_int_equal(debrief_pace(99, 99, 0), DEBRIEF_EVEN);
	assert_int_equal(debrief_pace(101, 99, 0), DEBRIEF_BEHIND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden),
		cmocka_unit_test(test_what_is_well_takes_a_line),
		cmocka_unit_test(test_no_debrief),
		cmocka_unit_test(test_lines_alone),
		cmocka_unit_test(test_nonsense),
		cmocka_unit_test(test_story),
		cmocka_unit_test(test_a_needless_way_back),
		cmocka_unit_test(test_a_way_back_instead_of_an_override),
		cmocka_unit_test(test_comparison),
		cmocka_unit_test(test_one_before),
		cmocka_unit_test(test_only_like_is_compared),
		cmocka_unit_test(test_only_like_ends_are_compared),
		cmocka_unit_test(test_pace),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
