/*
 * Units of whose time it was in the window: what cleared by itself was
 * nobody's, what waited for the operator was the operator's, and the debrief's
 * advice names what it was.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "debrief_fixture.h"
#include "report/debrief.h"
#include "report/debrief_tell.h"

#define TOLD_MAX (1u << 20)

/* That record of step 2 behind the one at that index, some ms later. */
static size_t add(json_t *records, size_t behind, int64_t ms, enum event event)
{
	return rehearsal_insert(records, behind, ms, event,
				json_pack("{ss ss}", "step", "2", "reason",
					  "so"));
}

static size_t turn(json_t *records, size_t behind, int64_t ms, int guard,
		   const char *state)
{
	return rehearsal_insert(records, behind, ms, EVENT_GUARD_CHANGED,
				json_pack("{ss si ss ss}", "step", "2",
					  "guard", guard, "state", state,
					  "text", "it is"));
}

static size_t override(json_t *records, size_t behind, int64_t ms, int guard)
{
	return rehearsal_insert(records, behind, ms, EVENT_GATE_OVERRIDDEN,
				json_pack("{ss si ss ss}", "step", "2",
					  "guard", guard, "text", "it is",
					  "reason", "I know"));
}

/* Where gate 2 has just turned: its first guard is green. */
static size_t gate(const json_t *records)
{
	return rehearsal_find(records, EVENT_GUARD_CHANGED, 1);
}

/* A second guard of gate 2 is so from its opening on. Returns its index. */
static size_t shut(json_t *records, const char *state)
{
	return turn(records, gate(records), 0, 1, state);
}

/* The judged debrief; users' writes failed as long as the run lasted. */
static const struct debrief *judged(json_t *records)
{
	static struct debrief debrief;
	int64_t ms = json_number(rehearsal_record(records, EVENT_RUN_CLOSED, 0),
				 "mono", 0);

	rehearsal_set(records, "outage", "writes_ms", json_integer(ms));
	assert_true(debrief_fold(&debrief, records));
	return &debrief;
}

/* What would have been better about the outage, and the points for reaction
 * (-1: not judged). The records are done with. */
static void advises(json_t *records, const char *better, int reaction)
{
	const struct debrief *debrief = judged(records);
	const struct debrief_mark *outage = &debrief->marks[DEBRIEF_OUTAGE];
	const struct debrief_mark *marked = &debrief->marks[DEBRIEF_REACTION];

	if (strcmp(outage->better, better) != 0)
		fail_msg("'%s' instead of '%s'", outage->better, better);
	if (marked->points != reaction)
		fail_msg("reaction %d instead of %d: %s", marked->points,
			 reaction, marked->why);
	json_decref(records);
}

static void test_it_cleared_by_itself(void **state)
{
	json_t *records = rehearsal();

	(void)state;
	turn(records, shut(records, "red"), 51091, 1, "green");
	assert_int_equal(judged(records)->waits.ms[DEBRIEF_WAIT_DECIDING], 0);
	assert_int_equal(judged(records)->gates.gates[1].own_ms, 1000);
	advises(records, "It was not your reading: step 2 alone took 51.591 s. "
		"Settle before the window what can be settled there.", -1);
	/* what an act takes is not the gate's: reading is told apart from it */
	records = rehearsal();
	add(records, rehearsal_find(records, EVENT_GATE_CONFIRMED, 1), 40000,
	    EVENT_NOTE);
	advises(records, "It was not your reading: step 2 alone took 40.500 s. "
		"Settle before the window what can be settled there.", -1);
}

static void test_red_until_overridden(void **state)
{
	json_t *records = rehearsal();

	(void)state;
	override(records, shut(records, "red"), 79000, 1);
	assert_int_equal(judged(records)->gates.gates[1].own_ms, 80000);
	assert_int_equal(judged(records)->gates.gates[1].green_ms, 1000);
	assert_non_null(strstr(judged(records)->marks[DEBRIEF_REACTION].better,
			       "override it with that as the reason"));
	advises(records, "Decide sooner: you stood 1:19.000 before guard 2 of "
		"gate 2, which was red and stayed so.", 2);
	records = rehearsal();
	override(records, shut(records, "unknown"), 20000, 1);
	advises(records, "Decide sooner: you stood 20.000 s before guard 2 of "
		"gate 2, which was unknown and stayed so.", 5);
}

/* Only what that guard stood itself; another one cleared before. */
static void test_the_guard_that_came_later(void **state)
{
	json_t *records = rehearsal();
	size_t at = shut(records, "red");

	(void)state;
	at = turn(records, at, 15000, 2, "red");
	at = turn(records, at, 10000, 1, "green");
	/* it says the same in other words */
	at = turn(records, at, 10000, 2, "unknown");
	override(records, at, 20000, 2);
	assert_int_equal(judged(records)->waits.ms[DEBRIEF_WAIT_DECIDING],
			 40000);
	assert_int_equal(judged(records)->waits.steps[1].world_ms, 15500);
	advises(records, "Decide sooner: you stood 40.000 s before guard 3 of "
		"gate 2, which was unknown and stayed so.", 4);
}

/* Before the window nobody waits. */
static void test_overridden_before_the_window(void **state)
{
	json_t *records = rehearsal();
	size_t at = turn(records, rehearsal_find(records, EVENT_GUARD_CHANGED,
						 0), 0, 1, "red");

	(void)state;
	override(records, at, 300000, 1);
	assert_int_equal(judged(records)->marks[DEBRIEF_REACTION].points, -1);
	assert_int_equal(judged(records)->gates.gates[0].own_ms, 301000);
	assert_int_equal(debrief_waits_yours(&judged(records)->waits), 2000);
	json_decref(records);
}

static json_t *back_from_red(int64_t ms)
{
	json_t *records = rehearsal();

	rehearsal_roll_back(records, shut(records, "red"), ms);
	json_array_remove(records, rehearsal_find(records, EVENT_GATE_CONFIRMED,
						  1));
	json_array_remove(records, rehearsal_find(records, EVENT_STEP_DONE, 1));
	return records;
}

static void test_red_until_the_way_back(void **state)
{
	(void)state;
	advises(back_from_red(51000), "Decide sooner: you stood 51.000 s before "
		"guard 2 of gate 2, which was red and stayed so.", 3);
}

static void test_red_until_parked(void **state)
{
	json_t *records = rehearsal();
	size_t at = add(records, shut(records, "red"), 70000, EVENT_RUN_PARKED);

	(void)state;
	at = add(records, at, 10000, EVENT_RUN_RESUMED);
	turn(records, at, 5000, 1, "green");
	assert_int_equal(judged(records)->waits.ms[DEBRIEF_WAIT_PARKED], 10000);
	advises(records, "Decide sooner: you stood 1:10.000 before guard 2 of "
		"gate 2, which was red and stayed so.", -1);
}

/* What turned red when it might long have been confirmed was read as well. */
static void test_reading(void **state)
{
	json_t *records = rehearsal();
	size_t at = turn(records, gate(records), 40000, 1, "red");

	(void)state;
	turn(records, at, 2000, 1, "green");
	assert_int_equal(judged(records)->gates.gates[1].own_ms, 41000);
	advises(records, "Arm the later gates at the first one: read them while "
		"users can still write.", -1);
}

static void test_parked(void **state)
{
	json_t *records = rehearsal();
	size_t at = add(records, gate(records), 1000, EVENT_RUN_PARKED);

	(void)state;
	at = add(records, at, 59000, EVENT_RUN_RESUMED);
	turn(records, at, 10, 0, "green");
	assert_int_equal(judged(records)->gates.gates[1].green_ms, 1010);
	assert_int_equal(judged(records)->gates.gates[1].own_ms, 61010);
	advises(records, "The run was parked for 59.000 s inside the window, at "
		"2: users wait meanwhile.", -1);
}

/* It was killed, not parked. */
static void test_gone(void **state)
{
	json_t *records = rehearsal();
	size_t at = add(records, gate(records), 1000, EVENT_NOTE);

	(void)state;
	turn(records, add(records, at, 59000, EVENT_RUN_RESUMED), 10, 0,
	     "green");
	advises(records, "Nobody drove the run for 59.000 s inside the window, "
		"at 2: resume it sooner, users wait meanwhile.", -1);
}

static void test_stuck(void **state)
{
	static const enum event decisions[] = {
		EVENT_GATE_CONFIRMED, EVENT_STEP_SKIPPED, EVENT_ROLLBACK_BEGUN,
		EVENT_RUN_PARKED,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(decisions) / sizeof(decisions[0]); i++) {
		json_t *records = rehearsal();

		add(records, rehearsal_fail(records, 1), 258000, decisions[i]);
		assert_int_equal(judged(records)->waits.shares[DEBRIEF_SHARE_STUCK], 258000);
		advises(records, "It was STUCK at 2 for 4:18.000 "
			"before you pressed a key: try again as soon as that "
			"can work, or go back.", 0);
	}
}

/* It mended by itself: nobody was slow. */
static void test_stuck_by_itself(void **state)
{
	json_t *records = rehearsal();

	(void)state;
	rehearsal_insert(records, rehearsal_fail(records, 1), 258000,
			 EVENT_ACTION_OBSERVED, json_pack("{ss ss}", "step",
							  "2", "state",
							  "done"));
	advises(records, "It was not your reading: step 2 alone took 4:18.510. "
		"Settle before the window what can be settled there.", 5);
}

static void says(const json_t *records, const char *text)
{
	struct buf out;

	buf_init(&out, TOLD_MAX);
	assert_int_equal(debrief_text(records, false, &out, NULL), 0);
	if (!strstr(out.data, text)) {
		fputs(out.data, stderr);
		fail_msg("it lacks: %s", text);
	}
	buf_release(&out);
}

/* It mended by itself, but not all of it: the rest waits for the operator. */
static void test_stuck_with_more_to_be_sent(void **state)
{
	json_t *records = rehearsal(), *more;
	size_t at;

	(void)state;
	json_object_set_new(rehearsal_record(records, EVENT_GATE_CONFIRMED, 1),
			    "effects", json_pack("[{} {}]"));
	at = rehearsal_insert(records, rehearsal_fail(records, 1), 1000,
			      EVENT_ACTION_OBSERVED,
			      json_pack("{ss ss si}", "step", "2", "state",
					"done", "action", 0));
	more = json_deep_copy(records);
	at = add(records, at, 30000, EVENT_RUN_PARKED);
	at = add(records, at, 21000, EVENT_RUN_RESUMED);
	at = add(records, at, 2000, EVENT_GATE_CONFIRMED);
	json_object_set_new(json_array_get(records, at), "retry", json_true());
	says(records, "gates 2.000 s (yours 2.000 s), acts and checks 1.510 "
	     "s,\n            STUCK 33.000 s, parked 21.000 s\n");
	advises(records, "It was STUCK at 2 for 31.000 s before you pressed a "
		"key: try again as soon as that can work, or go back.", 4);
	/* what comes last is all that it waited for */
	json_object_set_new(json_array_get(more, at - 3), "action",
			    json_integer(1));
	assert_int_equal(judged(more)->waits.shares[DEBRIEF_SHARE_STUCK], 0);
	assert_int_equal(judged(more)->marks[DEBRIEF_REACTION].points, 5);
	json_decref(more);
}

#define IN_VAIN "Decide sooner: you waited 33.000 s at step 2 for what did " \
	"not come. See what it waits for, and wait no longer once that " \
	"cannot come."

/* Step 2 came to no end: gone back from, ms behind that record. */
static json_t *gone_back(json_t *records, size_t behind, int64_t ms)
{
	rehearsal_roll_back(records, behind, ms);
	json_array_remove(records, rehearsal_find(records, EVENT_STEP_DONE, 1));
	return records;
}

static size_t give_up(json_t *records, int64_t ms)
{
	return rehearsal_insert(records, rehearsal_find(records,
		EVENT_GATE_CONFIRMED, 1), ms, EVENT_CHECK_TIMED_OUT,
		json_pack("{ss sb}", "step", "2", "given_up", 1));
}

/* Whoever waits for what does not come could have decided sooner. */
static void test_waiting_in_vain(void **state)
{
	json_t *records = rehearsal();

	(void)state;
	gone_back(records, rehearsal_find(records, EVENT_GATE_CONFIRMED, 1),
		  33000);
	assert_int_equal(judged(records)->waits.ms[DEBRIEF_WAIT_IN_VAIN],
			 33000);
	assert_int_equal(judged(records)->waits.shares[DEBRIEF_SHARE_ACTS],
			 33500);
	/* and reading, which took less, is not to blame */
	turn(records, gate(records), 20000, 0, "green");
	advises(records, IN_VAIN, -1);
	records = rehearsal();
	gone_back(records, give_up(records, 33000), 2000);
	assert_int_equal(judged(records)->waits.shares[DEBRIEF_SHARE_STUCK],
			 2000);
	advises(records, IN_VAIN, 5);
	/* given up and waited for again, it came */
	records = rehearsal();
	add(records, give_up(records, 33000), 2000, EVENT_GATE_CONFIRMED);
	assert_int_equal(judged(records)->waits.ms[DEBRIEF_WAIT_IN_VAIN], 0);
	advises(records, "It was not your reading: step 2 alone took 33.500 s. "
		"Settle before the window what can be settled there.", 5);
}

/* Par has room for some reading: what is beyond that counts. */
static void test_the_largest_share_beyond_par(void **state)
{
	static const struct {
		int64_t read;
		const char *better;
	} cases[] = {
		{22000, "It was STUCK at 2 for 15.000 s before you pressed a "
			"key: try again as soon as that can work, or go back."},
		{26000, "Arm the later gates at the first one: read them while "
			"users can still write."},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		json_t *records = rehearsal();

		add(records, rehearsal_fail(records, 1), 15000,
		    EVENT_GATE_CONFIRMED);
		/* a second at each of the two gates is there anyway */
		turn(records, gate(records), cases[i].read - 2000, 0, "green");
		rehearsal_set(records, "par", "outage_ms", json_integer(30000));
		assert_int_equal(judged(records)->waits.ms[DEBRIEF_WAIT_READING],
				 cases[i].read);
		advises(records, cases[i].better, 5);
	}
}

/* Parked, or gone, while it waits for a check, it goes on waiting. */
static void test_parked_while_it_checks(void **state)
{
	json_t *records = rehearsal();
	size_t at = rehearsal_find(records, EVENT_GATE_CONFIRMED, 1);

	(void)state;
	at = add(records, at, 2000, EVENT_RUN_PARKED);
	at = add(records, at, 5000, EVENT_RUN_RESUMED);
	at = add(records, at, 3000, EVENT_NOTE);
	add(records, at, 12000, EVENT_RUN_RESUMED);
	says(records, "window      25.500 s: gates 2.000 s (yours 2.000 s), "
	     "acts and checks 6.500 s,\n            parked 5.000 s, nobody drove "
	     "it 12.000 s\n");
	/* nor is that a rollout's, which the realistic speed makes slow */
	assert_int_equal(judged(records)->waits.ended_ms, 6500);
	json_decref(records);
}

/* A gate that ends in a rollback took what it took, in both columns. */
static void test_totals(void **state)
{
	json_t *records = back_from_red(51000);

	(void)state;
	/* nor does gate 3 come to pass then */
	for (int i = 0; i < 2; i++)
		json_array_remove(records, rehearsal_find(records,
				  EVENT_ROLLBACK_BEGUN, 0) + 1);
	says(records, "2  a step                                         "
	     "51.000 s   51.000 s   51.000 s\n");
	json_decref(records);
	records = rehearsal();
	rehearsal_roll_back(records, rehearsal_fail(records, 2), 30000);
	json_array_remove(records, rehearsal_find(records, EVENT_STEP_DONE, 2));
	says(records, "in the window                                      "
	     "2.000 s    2.000 s   32.510 s\n");
	says(records, "STUCK 30.000 s,");
	json_decref(records);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_cleared_by_itself),
		cmocka_unit_test(test_red_until_overridden),
		cmocka_unit_test(test_the_guard_that_came_later),
		cmocka_unit_test(test_overridden_before_the_window),
		cmocka_unit_test(test_red_until_the_way_back),
		cmocka_unit_test(test_red_until_parked),
		cmocka_unit_test(test_reading),
		cmocka_unit_test(test_parked),
		cmocka_unit_test(test_gone),
		cmocka_unit_test(test_stuck),
		cmocka_unit_test(test_stuck_by_itself),
		cmocka_unit_test(test_stuck_with_more_to_be_sent),
		cmocka_unit_test(test_waiting_in_vain),
		cmocka_unit_test(test_the_largest_share_beyond_par),
		cmocka_unit_test(test_parked_while_it_checks),
		cmocka_unit_test(test_totals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
