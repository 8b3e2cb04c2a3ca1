/*
 * Units of the debrief's criteria: a perfect rehearsal has full points in each,
 * and each is lost by what it is about, by nothing else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/json.h"
#include "debrief_fixture.h"
#include "report/debrief.h"

static void test_perfect(void **state)
{
	json_t *records = rehearsal();
	const struct debrief *debrief =
		rehearsal_only(records, DEBRIEF_REACTION, -1);
	int weights = 0;

	(void)state;
	assert_int_equal(debrief->score, 100);
	assert_string_equal(debrief_verdict(debrief, DEBRIEF_OUTAGE), "full");
	assert_string_equal(debrief_verdict(debrief, DEBRIEF_REACTION),
			    "not judged");
	for (enum debrief_criterion i = 0; i < DEBRIEF_CRITERIA; i++)
		weights += debrief_rules[i].weight;
	assert_int_equal(weights, DEBRIEF_SCORE_MAX);
	json_decref(records);
}

static void test_writes(void **state)
{
	json_t *records = rehearsal();

	(void)state;
	rehearsal_set(records, "ledger", "duplicated", json_integer(1));
	assert_int_equal(rehearsal_lone(records, DEBRIEF_WRITES, 10), 89);
	records = rehearsal();
	rehearsal_set(records, "ledger", "lost", json_integer(1));
	assert_int_equal(rehearsal_lone(records, DEBRIEF_WRITES, 0),
			 DEBRIEF_CAP);
}

static size_t trip(json_t *records)
{
	return rehearsal_insert(records,
		rehearsal_find(records, EVENT_GUARD_CHANGED, 2), 5,
		EVENT_TRIPWIRE, json_pack("{ss si}", "connection", "rds",
					  "transactions", 1));
}

static void test_two_writers(void **state)
{
	json_t *records = rehearsal();
	size_t at;

	(void)state;
	trip(records);
	/* going on is a decision, a quick one, but not the right one */
	assert_int_equal(rehearsal_lone(records, DEBRIEF_WRITERS, 0),
			 DEBRIEF_CAP);

	records = rehearsal();
	at = trip(records);
	rehearsal_roll_back(records, at, 900);
	rehearsal_set(records, "par", "result", json_string("rolled-back"));
	assert_int_equal(rehearsal_lone(records, DEBRIEF_WRITERS, 7), 92);

	/* what the scenario did is not the operator's fault */
	records = rehearsal();
	at = trip(records);
	rehearsal_roll_back(records, at, 900);
	rehearsal_set(records, "par", "result", json_string("rolled-back"));
	rehearsal_scene(records, "cron-writer", "2025-11-25T08:00:01.000Z");
	assert_int_equal(rehearsal_lone(records, DEBRIEF_WRITERS, 15), 100);

	/* what it did elsewhere has nothing to do with it */
	records = rehearsal();
	at = trip(records);
	rehearsal_roll_back(records, at, 900);
	rehearsal_set(records, "par", "result", json_string("rolled-back"));
	rehearsal_scene(records, "api-slow", "2025-11-25T08:00:01.000Z");
	assert_int_equal(rehearsal_lone(records, DEBRIEF_WRITERS, 7), 92);
}

static void test_outage(void **state)
{
	static const struct {
		int ms, points;
	} cases[] = {
		{5000, 15}, {5001, 14}, {32500, 7}, {60000, 0}, {99999, 0},
	};
	json_t *records;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		records = rehearsal();
		rehearsal_set(records, "outage", "writes_ms",
			      json_integer(cases[i].ms));
		rehearsal_lone(records, DEBRIEF_OUTAGE, cases[i].points);
	}
	/* where par is beyond the budget, none is at twice par */
	records = rehearsal();
	rehearsal_set(records, "par", "outage_ms", json_integer(80000));
	rehearsal_set(records, "outage", "writes_ms", json_integer(120000));
	rehearsal_lone(records, DEBRIEF_OUTAGE, 7);
	/* without par the budget is full, without both nothing is judged */
	records = rehearsal();
	json_object_del(json_at(rehearsal_note(records), "par"), "outage_ms");
	rehearsal_set(records, "outage", "writes_ms", json_integer(60000));
	rehearsal_lone(records, DEBRIEF_OUTAGE, 15);
	records = rehearsal();
	json_object_del(json_at(rehearsal_note(records), "par"), "outage_ms");
	json_object_del(rehearsal_record(records, EVENT_RUN_OPENED, 0),
			"budget_ms");
	rehearsal_lone(records, DEBRIEF_OUTAGE, -1);
}

/* A rollout takes as long as it takes there; standing at gates does not. */
static void test_outage_at_the_realistic_speed(void **state)
{
	json_t *records = rehearsal();
	json_t *late;
	size_t at = rehearsal_find(records, EVENT_GATE_CONFIRMED, 1);

	(void)state;
	rehearsal_insert(records, at, 200000, EVENT_NOTE,
			 json_pack("{ss}", "text", "it rolls"));
	rehearsal_set(records, "outage", "writes_ms", json_integer(203400));
	rehearsal_lone(json_deep_copy(records), DEBRIEF_OUTAGE, 0);
	json_object_set_new(rehearsal_note(records), "speed",
			    json_string("realistic"));
	rehearsal_lone(json_deep_copy(records), DEBRIEF_OUTAGE, 15);
	rehearsal_set(records, "outage", "writes_ms", json_integer(234000));
	rehearsal_lone(json_deep_copy(records), DEBRIEF_OUTAGE, 7);
	/* nor does waiting where the run is stuck */
	rehearsal_set(records, "outage", "writes_ms", json_integer(203400));
	late = json_deep_copy(records);
	rehearsal_insert(late, at, 0, EVENT_CHECK_TIMED_OUT,
			 json_pack("{ss}", "text", "it is late"));
	rehearsal_lone(late, DEBRIEF_OUTAGE, 0);
	/* nor for a step that was given up */
	rehearsal_roll_back(records, at + 1, 10);
	json_array_remove(records, rehearsal_find(records, EVENT_STEP_DONE,
						  1));
	rehearsal_set(records, "par", "result", json_string("either"));
	rehearsal_lone(records, DEBRIEF_OUTAGE, 0);
}

static void test_outage_that_does_not_end(void **state)
{
	json_t *records = rehearsal();

	(void)state;
	json_array_remove(records,
			  rehearsal_find(records, EVENT_WINDOW_CLOSED, 0));
	assert_int_equal(rehearsal_lone(records, DEBRIEF_OUTAGE, 0),
			 DEBRIEF_CAP_OPEN);
}

/* The run's own window is closed, and users are refused all the same. */
static void test_outage_that_outlives_the_run(void **state)
{
	json_t *records = rehearsal();

	(void)state;
	rehearsal_set(records, "outage", "open", json_true());
	assert_int_equal(rehearsal_lone(records, DEBRIEF_OUTAGE, 0),
			 DEBRIEF_CAP_OPEN);
}

/* Reading takes the blame for what it took, and only for that. */
static void test_what_made_it_long(void **state)
{
	json_t *records = rehearsal();

	(void)state;
	rehearsal_insert(records, rehearsal_find(records, EVENT_GATE_CONFIRMED,
						 1), 5000, EVENT_NOTE,
			 json_pack("{ss}", "text", "it acts"));
	rehearsal_set(records, "outage", "writes_ms", json_integer(9000));
	assert_non_null(strstr(rehearsal_only(records, DEBRIEF_OUTAGE, 13)->
			       marks[DEBRIEF_OUTAGE].better,
			       "step 2 alone took 5.500 s"));
	json_decref(records);
	records = rehearsal();
	rehearsal_insert(records, rehearsal_find(records, EVENT_GUARD_CHANGED,
						 1), 5600, EVENT_NOTE,
			 json_pack("{ss}", "text", "reading"));
	rehearsal_set(records, "outage", "writes_ms", json_integer(9000));
	assert_non_null(strstr(rehearsal_only(records, DEBRIEF_OUTAGE, 13)->
			       marks[DEBRIEF_OUTAGE].better, "Arm the"));
	json_decref(records);
}

static void override(json_t *records, const char *now)
{
	json_t *guard = json_at(rehearsal_record(records, EVENT_GATE_CONFIRMED,
						 1), "guards/0");

	rehearsal_insert(records, rehearsal_find(records, EVENT_GUARD_CHANGED,
						 1), 1, EVENT_GATE_OVERRIDDEN,
			 json_pack("{ss si ss ss}", "step", "2", "guard", 0,
				   "text", "it is", "reason", "I know"));
	json_object_set_new(guard, "state", json_string(now));
	json_object_set_new(guard, "overridden", json_true());
}

static void test_overrides(void **state)
{
	json_t *records = rehearsal();

	(void)state;
	/* it turned green by itself: overridden, but not ignored */
	override(records, "green");
	rehearsal_lone(records, DEBRIEF_OVERRIDES, 2);
	records = rehearsal();
	override(records, "green");
	override(records, "green");
	rehearsal_lone(records, DEBRIEF_OVERRIDES, 0);
	records = rehearsal();
	override(records, "green");
	rehearsal_set(records, "par", "overrides", json_integer(1));
	rehearsal_lone(records, DEBRIEF_OVERRIDES, 5);
}

static void test_guards(void **state)
{
	static const struct {
		const char *now;
		int par, points;
	} cases[] = {{"red", 0, 4}, {"unknown", 0, 7}, {"red", 1, 10}};
	struct debrief debrief;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		json_t *records = rehearsal();

		override(records, cases[i].now);
		rehearsal_set(records, "par", "overrides",
			      json_integer(cases[i].par));
		assert_true(debrief_fold(&debrief, records));
		assert_int_equal(debrief.marks[DEBRIEF_GUARDS].points,
				 cases[i].points);
		assert_int_equal(debrief.acts.ignored_count, 1);
		assert_string_equal(debrief.acts.ignored[0].reason, "I know");
		assert_string_equal(debrief.acts.ignored[0].label, "2");
		json_decref(records);
	}
}

static void test_a_retry_ignores_nothing_anew(void **state)
{
	json_t *records = rehearsal(), *again;
	size_t at;
	struct debrief debrief;

	(void)state;
	override(records, "red");
	again = json_deep_copy(rehearsal_record(records, EVENT_GATE_CONFIRMED,
						1));
	json_object_set_new(again, "retry", json_true());
	at = rehearsal_fail(records, 1);
	rehearsal_insert(records, at, 10, EVENT_GATE_CONFIRMED, again);
	assert_true(debrief_fold(&debrief, records));
	assert_int_equal(debrief.acts.ignored_count, 1);
	assert_int_equal(debrief.gates.count, 3);
	json_decref(records);
}

/* A gate in the window that stood green for so long before its confirmation. */
static json_t *read_for(int64_t ms)
{
	json_t *records = rehearsal();

	rehearsal_insert(records, rehearsal_find(records, EVENT_GUARD_CHANGED,
						 1), ms - 1000, EVENT_NOTE,
			 json_pack("{ss}", "text", "reading"));
	return records;
}

static void test_gates(void **state)
{
	json_t *records;

	(void)state;
	rehearsal_lone(read_for(19000), DEBRIEF_GATES, 10);
	rehearsal_lone(read_for(69000), DEBRIEF_GATES, 5);
	rehearsal_lone(read_for(119000), DEBRIEF_GATES, 0);
	/* before the window anyone may read as long as they like */
	records = rehearsal();
	rehearsal_insert(records, rehearsal_find(records, EVENT_GUARD_CHANGED,
						 0), 600000, EVENT_NOTE,
			 json_pack("{ss}", "text", "reading"));
	rehearsal_lone(records, DEBRIEF_GATES, 10);
	/* and so may a guard take its time */
	records = rehearsal();
	json_object_set_new(rehearsal_record(records, EVENT_GUARD_CHANGED, 1),
			    "state", json_string("unknown"));
	rehearsal_insert(records, rehearsal_find(records, EVENT_GUARD_CHANGED,
						 1), 100000,
			 EVENT_GUARD_CHANGED,
			 json_pack("{ss si ss}", "step", "2", "guard", 0,
				   "state", "green"));
	assert_int_equal(rehearsal_only(records, DEBRIEF_GATES, 10)->
			 gates.gates[1].stood_ms, 101000);
	json_decref(records);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_perfect),
		cmocka_unit_test(test_writes),
		cmocka_unit_test(test_two_writers),
		cmocka_unit_test(test_outage),
		cmocka_unit_test(test_outage_at_the_realistic_speed),
		cmocka_unit_test(test_outage_that_does_not_end),
		cmocka_unit_test(test_outage_that_outlives_the_run),
		cmocka_unit_test(test_what_made_it_long),
		cmocka_unit_test(test_overrides),
		cmocka_unit_test(test_guards),
		cmocka_unit_test(test_a_retry_ignores_nothing_anew),
		cmocka_unit_test(test_gates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
