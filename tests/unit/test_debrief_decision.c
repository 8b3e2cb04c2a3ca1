/*
 * Units of two of the debrief's criteria: was it the right end, and how soon
 * was it decided upon? See test_debrief.c.
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
		rehearsal_set(records, "par", "result",
			      json_string(cases[i].par));
		rehearsal_lone(records, DEBRIEF_DECISION, cases[i].points);
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
	rehearsal_set(records, "outage", "writes_ms", json_integer(0));
	rehearsal_set(records, "par", "result", json_string("rolled-back"));
	json_object_set_new(rehearsal_note(records), "faults",
			    json_integer(faults));
	return records;
}

static void test_back_before_anything_called_for_it(void **state)
{
	json_t *records = back_at_once(1);
	const struct debrief *debrief =
		rehearsal_only(records, DEBRIEF_DECISION, 5);
	static const enum debrief_criterion none[] = {
		DEBRIEF_WRITERS, DEBRIEF_OUTAGE, DEBRIEF_GUARDS, DEBRIEF_GATES,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_int_equal(debrief->marks[none[i]].points, -1);
	assert_int_equal(debrief->score, 66);
	json_decref(records);

	records = back_at_once(1);
	rehearsal_set(records, "par", "result", json_string("either"));
	rehearsal_lone(records, DEBRIEF_DECISION, 5);
	/* a latent fault is none that could be met there */
	records = back_at_once(1);
	rehearsal_scene(records, "crash-loop", "2025-11-25T08:00:00.000Z");
	rehearsal_lone(records, DEBRIEF_DECISION, 5);
	/* going back itself is what is rehearsed */
	rehearsal_lone(back_at_once(0), DEBRIEF_DECISION, 20);
	/* a guard says no */
	records = back_at_once(1);
	json_object_set_new(rehearsal_record(records, EVENT_GUARD_CHANGED, 0),
			    "state", json_string("red"));
	rehearsal_lone(records, DEBRIEF_DECISION, 20);
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
		rehearsal_set(records, "par", "result",
			      json_string("rolled-back"));
		json_object_set_new(rehearsal_note(records), "faults",
				    json_integer(1));
		rehearsal_scene(records, "lag-null", cases[i].began);
		rehearsal_lone(records, DEBRIEF_DECISION, cases[i].points);
	}
}

/* What an instructor did has no par: an override may be right, and either end. */
static void test_an_instructor(void **state)
{
	json_t *records = rehearsal(), *scene;

	(void)state;
	rehearsal_scene(records, "lag-null", "2025-11-25T08:00:01.000Z");
	scene = json_at(rehearsal_note(records), "scenes/0");
	json_object_set_new(scene, "by", json_string("instructor"));
	rehearsal_set(records, "par", "result", json_string("rolled-back"));
	rehearsal_set(records, "outage", "writes_ms", json_integer(60000));
	rehearsal_insert(records, rehearsal_find(records, EVENT_GUARD_CHANGED,
						 1), 1, EVENT_GATE_OVERRIDDEN,
			 json_pack("{ss si ss ss}", "step", "2", "guard", 0,
				   "text", "it is", "reason", "I know"));
	rehearsal_only(records, DEBRIEF_OVERRIDES, -1);
	rehearsal_only(records, DEBRIEF_GUARDS, -1);
	rehearsal_only(records, DEBRIEF_OUTAGE, 15);
	rehearsal_lone(json_deep_copy(records), DEBRIEF_DECISION, 20);
	/* what could not be had has changed nothing */
	json_object_set_new(scene, "kind", json_string("failed"));
	rehearsal_set(records, "outage", "writes_ms", json_integer(3400));
	rehearsal_set(records, "par", "result", json_string("completed"));
	rehearsal_lone(records, DEBRIEF_OVERRIDES, 2);
}

/* It came when the last gate was confirmed already. */
static void test_a_fault_that_nobody_could_meet(void **state)
{
	json_t *records = rehearsal();

	(void)state;
	rehearsal_set(records, "par", "result", json_string("rolled-back"));
	json_object_set_new(rehearsal_note(records), "faults",
			    json_integer(1));
	rehearsal_scene(records, "lag-null", "2025-11-25T08:00:04.100Z");
	assert_int_equal(rehearsal_lone(records, DEBRIEF_DECISION, -1), 100);
}

/* Going on where it should go back costs the reaction, too: there was none. */
static void test_no_way_back(void **state)
{
	json_t *records = rehearsal();
	struct debrief debrief;

	(void)state;
	rehearsal_set(records, "par", "result", json_string("rolled-back"));
	assert_true(debrief_fold(&debrief, records));
	assert_int_equal(debrief.marks[DEBRIEF_DECISION].points, 0);
	assert_int_equal(debrief.marks[DEBRIEF_REACTION].points, 0);
	assert_int_equal(debrief.score, 75);
	json_decref(records);
}

/* A failure, and the decision after so long. */
static json_t *decided_after(int64_t ms, enum event event, const char *state)
{
	json_t *records = rehearsal();

	rehearsal_insert(records, rehearsal_fail(records, 1), ms, event,
			 json_pack("{ss sb ss ss}", "step", "2", "retry", 1,
				   "state", state, "reason", "so"));
	return records;
}

static void test_reaction(void **state)
{
	json_t *records;

	(void)state;
	rehearsal_lone(decided_after(20000, EVENT_GATE_CONFIRMED, ""),
		       DEBRIEF_REACTION, 5);
	rehearsal_lone(decided_after(20001, EVENT_GATE_CONFIRMED, ""),
		       DEBRIEF_REACTION, 4);
	rehearsal_lone(decided_after(70000, EVENT_RUN_PARKED, ""),
		       DEBRIEF_REACTION, 2);
	rehearsal_lone(decided_after(120000, EVENT_STEP_SKIPPED, ""),
		       DEBRIEF_REACTION, 0);
	/* it mended by itself: nobody was slow */
	rehearsal_lone(decided_after(120000, EVENT_ACTION_OBSERVED, "done"),
		       DEBRIEF_REACTION, 5);
	rehearsal_lone(decided_after(120000, EVENT_ACTION_OBSERVED, "absent"),
		       DEBRIEF_REACTION, 5);
	/* the step was done at last, but then its gate was in no hurry */
	records = rehearsal();
	rehearsal_fail(records, 2);
	json_array_remove(records, rehearsal_find(records, EVENT_STEP_DONE,
						  2));
	rehearsal_lone(records, DEBRIEF_REACTION, 0);
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
	rehearsal_set(records, "par", "result", json_string("rolled-back"));
	return records;
}

static void test_reaction_of_the_way_back(void **state)
{
	(void)state;
	rehearsal_lone(back_after(15000), DEBRIEF_REACTION, 5);
	rehearsal_lone(back_after(70000), DEBRIEF_REACTION, 2);
	rehearsal_lone(back_after(200000), DEBRIEF_REACTION, 0);
}

/* A step waits for what cannot come, for so long; then its operator gives up
 * waiting, and goes back at once. */
static json_t *back_after_waiting(int64_t ms)
{
	json_t *records = rehearsal();
	size_t at = rehearsal_insert(records,
		rehearsal_find(records, EVENT_GATE_CONFIRMED, 2), ms,
		EVENT_CHECK_TIMED_OUT, json_pack("{ss ss}", "step", "3",
						 "text", "no"));

	rehearsal_roll_back(records, at, 1000);
	json_array_remove(records, rehearsal_find(records, EVENT_STEP_DONE,
						  2));
	rehearsal_set(records, "par", "result", json_string("rolled-back"));
	rehearsal_scene(records, "crash-loop", "2025-11-25T08:00:00.000Z");
	return records;
}

static void test_reaction_while_a_step_waits(void **state)
{
	json_t *records;

	(void)state;
	rehearsal_lone(back_after_waiting(19000), DEBRIEF_REACTION, 5);
	rehearsal_lone(back_after_waiting(69000), DEBRIEF_REACTION, 2);
	rehearsal_lone(back_after_waiting(600000), DEBRIEF_REACTION, 0);
	/* it was well when the step was confirmed */
	records = back_after_waiting(600000);
	rehearsal_scene(records, "crash-loop", "2025-11-25T08:10:00.000Z");
	json_array_remove(json_at(rehearsal_note(records), "scenes"), 0);
	rehearsal_lone(records, DEBRIEF_REACTION, 5);
	/* a rollout takes that long */
	records = back_after_waiting(600000);
	json_object_set_new(rehearsal_note(records), "speed",
			    json_string("realistic"));
	rehearsal_lone(records, DEBRIEF_REACTION, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decision),
		cmocka_unit_test(test_back_before_anything_called_for_it),
		cmocka_unit_test(test_back_before_the_fault),
		cmocka_unit_test(test_a_fault_that_nobody_could_meet),
		cmocka_unit_test(test_an_instructor),
		cmocka_unit_test(test_no_way_back),
		cmocka_unit_test(test_reaction),
		cmocka_unit_test(test_reaction_of_the_way_back),
		cmocka_unit_test(test_reaction_while_a_step_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
