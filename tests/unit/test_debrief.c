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

/* Everything but that criterion has full points, or is not judged; it has so
 * many, and says what would have been better if they are not all. */
static const struct debrief *only(const json_t *records,
				  enum debrief_criterion criterion, int points)
{
	static struct debrief debrief;

	assert_true(debrief_fold(&debrief, records));
	for (enum debrief_criterion i = 0; i < DEBRIEF_CRITERIA; i++) {
		const struct debrief_mark *mark = &debrief.marks[i];

		if (i != criterion && debrief_missing(&debrief, i))
			fail_msg("%s: %d: %s", debrief_rules[i].id,
				 mark->points, mark->why);
		assert_true(!debrief_missing(&debrief, i) == !*mark->better);
		assert_true((mark->points < 0) == !*mark->why);
	}
	if (debrief.marks[criterion].points != points)
		fail_msg("%s: %d instead of %d: %s", debrief_rules[criterion].id,
			 debrief.marks[criterion].points, points,
			 debrief.marks[criterion].why);
	return &debrief;
}

/* The same, and the records are done with. Returns the score. */
static int lone(json_t *records, enum debrief_criterion criterion, int points)
{
	int score = only(records, criterion, points)->score;

	json_decref(records);
	return score;
}

static void set(json_t *records, const char *object, const char *name,
		json_t *value)
{
	json_object_set_new(json_at(rehearsal_note(records), object), name,
			    value);
}

static void test_perfect(void **state)
{
	json_t *records = rehearsal();
	const struct debrief *debrief = only(records, DEBRIEF_REACTION, -1);
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
	set(records, "ledger", "duplicated", json_integer(1));
	assert_int_equal(lone(records, DEBRIEF_WRITES, 10), 89);
	records = rehearsal();
	set(records, "ledger", "lost", json_integer(1));
	assert_int_equal(lone(records, DEBRIEF_WRITES, 0), DEBRIEF_CAP);
}

static size_t trip(json_t *records)
{
	return rehearsal_insert(records,
		rehearsal_find(records, EVENT_GUARD_CHANGED, 2), 5,
		EVENT_TRIPWIRE, json_pack("{ss si}", "connection", "rds",
					  "transactions", 1));
}

static void add_scene(json_t *records, const char *fault, const char *at)
{
	json_array_append_new(json_at(rehearsal_note(records), "scenes"),
		json_pack("{ss ss ss ss ss}", "at", at, "kind", "begun",
			  "fault", fault, "text", "It writes.", "by",
			  "scenario"));
}

static void test_two_writers(void **state)
{
	json_t *records = rehearsal();
	size_t at;

	(void)state;
	trip(records);
	/* going on is a decision, a quick one, but not the right one */
	assert_int_equal(lone(records, DEBRIEF_WRITERS, 0), DEBRIEF_CAP);

	records = rehearsal();
	at = trip(records);
	rehearsal_roll_back(records, at, 900);
	set(records, "par", "result", json_string("rolled-back"));
	assert_int_equal(lone(records, DEBRIEF_WRITERS, 7), 92);

	/* what the scenario did is not the operator's fault */
	records = rehearsal();
	at = trip(records);
	rehearsal_roll_back(records, at, 900);
	set(records, "par", "result", json_string("rolled-back"));
	add_scene(records, "cron-writer", "2025-11-25T08:00:01.000Z");
	assert_int_equal(lone(records, DEBRIEF_WRITERS, 15), 100);

	/* what it did elsewhere has nothing to do with it */
	records = rehearsal();
	at = trip(records);
	rehearsal_roll_back(records, at, 900);
	set(records, "par", "result", json_string("rolled-back"));
	add_scene(records, "api-slow", "2025-11-25T08:00:01.000Z");
	assert_int_equal(lone(records, DEBRIEF_WRITERS, 7), 92);
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
		set(records, "outage", "writes_ms", json_integer(cases[i].ms));
		lone(records, DEBRIEF_OUTAGE, cases[i].points);
	}
	/* where par is beyond the budget, none is at twice par */
	records = rehearsal();
	set(records, "par", "outage_ms", json_integer(80000));
	set(records, "outage", "writes_ms", json_integer(120000));
	lone(records, DEBRIEF_OUTAGE, 7);
	/* without par the budget is full, without both nothing is judged */
	records = rehearsal();
	json_object_del(json_at(rehearsal_note(records), "par"), "outage_ms");
	set(records, "outage", "writes_ms", json_integer(60000));
	lone(records, DEBRIEF_OUTAGE, 15);
	records = rehearsal();
	json_object_del(json_at(rehearsal_note(records), "par"), "outage_ms");
	json_object_del(rehearsal_record(records, EVENT_RUN_OPENED, 0),
			"budget_ms");
	lone(records, DEBRIEF_OUTAGE, -1);
}

/* A rollout takes as long as it takes there; standing at gates does not. */
static void test_outage_at_the_realistic_speed(void **state)
{
	json_t *records = rehearsal();
	size_t at = rehearsal_find(records, EVENT_GATE_CONFIRMED, 1);

	(void)state;
	rehearsal_insert(records, at, 200000, EVENT_NOTE,
			 json_pack("{ss}", "text", "it rolls"));
	set(records, "outage", "writes_ms", json_integer(203400));
	lone(json_deep_copy(records), DEBRIEF_OUTAGE, 0);
	json_object_set_new(rehearsal_note(records), "speed",
			    json_string("realistic"));
	lone(json_deep_copy(records), DEBRIEF_OUTAGE, 15);
	set(records, "outage", "writes_ms", json_integer(234000));
	lone(json_deep_copy(records), DEBRIEF_OUTAGE, 7);
	/* nor does waiting where the run is stuck */
	set(records, "outage", "writes_ms", json_integer(203400));
	rehearsal_insert(records, at, 0, EVENT_CHECK_TIMED_OUT,
			 json_pack("{ss}", "text", "it is late"));
	lone(records, DEBRIEF_OUTAGE, 0);
}

static void test_outage_that_does_not_end(void **state)
{
	json_t *records = rehearsal();

	(void)state;
	json_array_remove(records,
			  rehearsal_find(records, EVENT_WINDOW_CLOSED, 0));
	assert_int_equal(lone(records, DEBRIEF_OUTAGE, 0), DEBRIEF_CAP_OPEN);
}

/* Reading takes the blame for what it took, and only for that. */
static void test_what_made_it_long(void **state)
{
	json_t *records = rehearsal();

	(void)state;
	set(records, "outage", "writes_ms", json_integer(9000));
	assert_non_null(strstr(only(records, DEBRIEF_OUTAGE, 13)->
			       marks[DEBRIEF_OUTAGE].better, "step 2 alone"));
	json_decref(records);
	records = rehearsal();
	rehearsal_insert(records, rehearsal_find(records, EVENT_GUARD_CHANGED,
						 1), 5600, EVENT_NOTE,
			 json_pack("{ss}", "text", "reading"));
	set(records, "outage", "writes_ms", json_integer(9000));
	assert_non_null(strstr(only(records, DEBRIEF_OUTAGE, 13)->
			       marks[DEBRIEF_OUTAGE].better, "Arm the"));
	json_decref(records);
}

static void test_decision(void **state)
{
	static const struct {
		const char *par, *result;
		int points;
	} cases[] = {
		{"completed", "completed", 20},
		{"completed", "rolled-back", 5},
		{"completed", "failed", 0},
		{"rolled-back", "rolled-back", 20},
		{"either", "completed", 20},
		{"either", "rolled-back", 20},
		{"either", "failed", 0},
		{"", "completed", -1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		json_t *records = rehearsal();

		if (!strcmp(cases[i].result, "rolled-back"))
			rehearsal_roll_back(records,
				rehearsal_find(records, EVENT_STEP_DONE, 1),
				10);
		json_object_set_new(rehearsal_record(records, EVENT_RUN_CLOSED,
						     0), "result",
				    json_string(cases[i].result));
		set(records, "par", "result", json_string(cases[i].par));
		lone(records, DEBRIEF_DECISION, cases[i].points);
	}
}

/* Back at gate 1, where all was green. */
static json_t *back_at_once(int faults)
{
	json_t *records = rehearsal();
	size_t at = rehearsal_find(records, EVENT_GATE_CONFIRMED, 0);

	while (at < rehearsal_find(records, EVENT_RUN_CLOSED, 0))
		json_array_remove(records, at);
	rehearsal_roll_back(records, at - 1, 500);
	set(records, "outage", "writes_ms", json_integer(0));
	set(records, "par", "result", json_string("rolled-back"));
	json_object_set_new(rehearsal_note(records), "faults",
			    json_integer(faults));
	return records;
}

static void test_back_before_anything_called_for_it(void **state)
{
	json_t *records = back_at_once(1);
	const struct debrief *debrief = only(records, DEBRIEF_DECISION, 5);
	static const enum debrief_criterion none[] = {
		DEBRIEF_WRITERS, DEBRIEF_OUTAGE, DEBRIEF_GUARDS, DEBRIEF_GATES,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_int_equal(debrief->marks[none[i]].points, -1);
	assert_int_equal(debrief->score, 66);
	json_decref(records);

	records = back_at_once(1);
	set(records, "par", "result", json_string("either"));
	lone(records, DEBRIEF_DECISION, 5);
	/* a latent fault is none that could be met there */
	records = back_at_once(1);
	add_scene(records, "crash-loop", "2025-11-25T08:00:00.000Z");
	lone(records, DEBRIEF_DECISION, 5);
	/* going back itself is what is rehearsed */
	lone(back_at_once(0), DEBRIEF_DECISION, 20);
	/* a guard says no */
	records = back_at_once(1);
	json_object_set_new(rehearsal_record(records, EVENT_GUARD_CHANGED, 0),
			    "state", json_string("red"));
	lone(records, DEBRIEF_DECISION, 20);
}

/* In the window, too, there is nothing to go back from before it began. */
static void test_back_before_the_fault(void **state)
{
	static const struct {
		const char *began;
		int points;
	} cases[] = {
		{"2025-11-25T08:00:01.000Z", 20},
		{"2025-11-25T08:00:04.000Z", 5},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		json_t *records = rehearsal();

		rehearsal_roll_back(records, rehearsal_find(records,
			EVENT_STEP_DONE, 1), 10);
		set(records, "par", "result", json_string("rolled-back"));
		json_object_set_new(rehearsal_note(records), "faults",
				    json_integer(1));
		add_scene(records, "lag-null", cases[i].began);
		lone(records, DEBRIEF_DECISION, cases[i].points);
	}
}

/* It came when the last gate was confirmed already. */
static void test_a_fault_that_nobody_could_meet(void **state)
{
	json_t *records = rehearsal();

	(void)state;
	set(records, "par", "result", json_string("rolled-back"));
	json_object_set_new(rehearsal_note(records), "faults",
			    json_integer(1));
	add_scene(records, "lag-null", "2025-11-25T08:00:04.100Z");
	assert_int_equal(lone(records, DEBRIEF_DECISION, -1), 100);
}

/* Going on where it should go back costs the reaction, too: there was none. */
static void test_no_way_back(void **state)
{
	json_t *records = rehearsal();
	struct debrief debrief;

	(void)state;
	set(records, "par", "result", json_string("rolled-back"));
	assert_true(debrief_fold(&debrief, records));
	assert_int_equal(debrief.marks[DEBRIEF_DECISION].points, 0);
	assert_int_equal(debrief.marks[DEBRIEF_REACTION].points, 0);
	assert_int_equal(debrief.score, 75);
	json_decref(records);
}

static size_t fail_at(json_t *records, size_t gate)
{
	return rehearsal_insert(records,
		rehearsal_find(records, EVENT_GATE_CONFIRMED, gate), 10,
		EVENT_ACTION_FAILED, json_pack("{ss ss ss}", "step", "2",
					       "outcome", "failed", "error",
					       "no"));
}

/* A failure, and the decision after so long. */
static json_t *decided_after(int64_t ms, enum event event, const char *state)
{
	json_t *records = rehearsal();

	rehearsal_insert(records, fail_at(records, 1), ms, event,
			 json_pack("{ss sb ss ss}", "step", "2", "retry", 1,
				   "state", state, "reason", "so"));
	return records;
}

static void test_reaction(void **state)
{
	json_t *records;

	(void)state;
	lone(decided_after(20000, EVENT_GATE_CONFIRMED, ""), DEBRIEF_REACTION,
	     5);
	lone(decided_after(20001, EVENT_GATE_CONFIRMED, ""), DEBRIEF_REACTION,
	     4);
	lone(decided_after(70000, EVENT_RUN_PARKED, ""), DEBRIEF_REACTION, 2);
	lone(decided_after(120000, EVENT_STEP_SKIPPED, ""), DEBRIEF_REACTION,
	     0);
	/* it mended by itself: nobody was slow */
	lone(decided_after(120000, EVENT_ACTION_OBSERVED, "done"),
	     DEBRIEF_REACTION, 5);
	lone(decided_after(120000, EVENT_ACTION_OBSERVED, "absent"),
	     DEBRIEF_REACTION, 5);
	/* the step was done at last, but then its gate was in no hurry */
	records = rehearsal();
	fail_at(records, 2);
	json_array_remove(records, rehearsal_find(records, EVENT_STEP_DONE,
						  2));
	lone(records, DEBRIEF_REACTION, 0);
}

/* A guard is shut, for so long, until the way back is begun. */
static json_t *back_after(int64_t ms)
{
	json_t *records = rehearsal();
	size_t at = rehearsal_insert(records,
		rehearsal_find(records, EVENT_GUARD_CHANGED, 2), 1,
		EVENT_GUARD_CHANGED,
		json_pack("{ss si ss ss}", "step", "3", "guard", 1, "state",
			  "red", "text", "no"));

	json_array_remove(records, rehearsal_find(records,
						  EVENT_GATE_CONFIRMED, 2));
	rehearsal_roll_back(records, at, ms);
	set(records, "par", "result", json_string("rolled-back"));
	return records;
}

static void test_reaction_of_the_way_back(void **state)
{
	(void)state;
	lone(back_after(15000), DEBRIEF_REACTION, 5);
	lone(back_after(70000), DEBRIEF_REACTION, 2);
	lone(back_after(200000), DEBRIEF_REACTION, 0);
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
	lone(records, DEBRIEF_OVERRIDES, 2);
	records = rehearsal();
	override(records, "green");
	override(records, "green");
	lone(records, DEBRIEF_OVERRIDES, 0);
	records = rehearsal();
	override(records, "green");
	set(records, "par", "overrides", json_integer(1));
	lone(records, DEBRIEF_OVERRIDES, 5);
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
		set(records, "par", "overrides", json_integer(cases[i].par));
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
	at = fail_at(records, 1);
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
	lone(read_for(19000), DEBRIEF_GATES, 10);
	lone(read_for(69000), DEBRIEF_GATES, 5);
	lone(read_for(119000), DEBRIEF_GATES, 0);
	/* before the window anyone may read as long as they like */
	records = rehearsal();
	rehearsal_insert(records, rehearsal_find(records, EVENT_GUARD_CHANGED,
						 0), 600000, EVENT_NOTE,
			 json_pack("{ss}", "text", "reading"));
	lone(records, DEBRIEF_GATES, 10);
	/* and so may a guard take its time */
	records = rehearsal();
	json_object_set_new(rehearsal_record(records, EVENT_GUARD_CHANGED, 1),
			    "state", json_string("unknown"));
	rehearsal_insert(records, rehearsal_find(records, EVENT_GUARD_CHANGED,
						 1), 100000,
			 EVENT_GUARD_CHANGED,
			 json_pack("{ss si ss}", "step", "2", "guard", 0,
				   "state", "green"));
	assert_int_equal(only(records, DEBRIEF_GATES, 10)->
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
		cmocka_unit_test(test_what_made_it_long),
		cmocka_unit_test(test_decision),
		cmocka_unit_test(test_back_before_anything_called_for_it),
		cmocka_unit_test(test_back_before_the_fault),
		cmocka_unit_test(test_a_fault_that_nobody_could_meet),
		cmocka_unit_test(test_no_way_back),
		cmocka_unit_test(test_reaction),
		cmocka_unit_test(test_reaction_of_the_way_back),
		cmocka_unit_test(test_overrides),
		cmocka_unit_test(test_guards),
		cmocka_unit_test(test_a_retry_ignores_nothing_anew),
		cmocka_unit_test(test_gates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
