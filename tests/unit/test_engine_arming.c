/*
 * Units of engine/arming: who may be armed, when an armed gate goes on by
 * itself, and everything that ends it; and where a way back does not.
 */
#include "engine_fixture.h"

#include <string.h>

#define PATIENCE_MS 5000

static bool armed(const struct run *run, size_t step)
{
	return run->engine.steps[step].armed;
}

/* Verdicts twice: the first are recorded, the second acted on. */
static void green(struct run *run)
{
	assert_int_equal(run_judge(run, VERDICT_GREEN), 0);
	if (run->engine.phase == ENGINE_GATE)
		assert_int_equal(run_judge(run, VERDICT_GREEN), 0);
}

/* ---- what can be armed ---------------------------------------------------- */

static void test_a_later_gate_is_armed_with_what_it_sends(void **state)
{
	struct run *run = *state;
	const json_t *record;

	run_feed(run, INPUT_OPEN, NULL, 0);
	assert_int_equal(run_arm(run, PROMOTE, "promote"), 0);
	record = run_last(run, EVENT_GATE_ARMED);
	assert_string_equal(json_text(record, "step", ""), "promote");
	assert_string_equal(json_text(record, "word", ""), "promote");
	assert_string_equal(json_text(record, "effects/2/request", ""),
			    "UNFENCE");
	assert_true(armed(run, PROMOTE));
	assert_false(armed(run, FENCE));
	assert_true(engine_is_armed(&run->engine));
	assert_int_equal(run->order, ORDER_NONE);
}

static void test_what_cannot_be_armed(void **state)
{
	struct run *run = *state;

	assert_int_equal(run_arm(run, FENCE, NULL), ERR_INVALID);
	run_feed(run, INPUT_OPEN, NULL, 0);
	assert_int_equal(run_arm(run, OFF, NULL), ERR_INVALID);
	assert_int_equal(run_arm(run, ON, NULL), ERR_INVALID);
	assert_non_null(strstr(run->err.message, "arm: never"));
	assert_int_equal(run_arm(run, FIXTURE_STEPS, NULL), ERR_INVALID);
	assert_int_equal(run_arm(run, FENCE, NULL), 0);
	assert_int_equal(run_arm(run, FENCE, NULL), ERR_INVALID);
	run->problem = "it is not known what to send";
	assert_int_equal(run_arm(run, PATCH, NULL), ERR_INVALID);
	assert_non_null(strstr(run->err.message, run->problem));
	assert_int_equal(run_count(run, EVENT_GATE_ARMED), 1);
}

static void test_arming_takes_the_gates_own_word(void **state)
{
	struct run *run = *state;

	run_feed(run, INPUT_OPEN, NULL, 0);
	assert_int_equal(run_arm(run, PROMOTE, NULL), ERR_INVALID);
	assert_int_equal(run_arm(run, PROMOTE, "Promote"), ERR_INVALID);
	assert_int_equal(run_arm(run, PROMOTE, "promote "), ERR_INVALID);
	assert_int_equal(run_count(run, EVENT_GATE_ARMED), 0);
	assert_int_equal(run_arm(run, PROMOTE, "promote"), 0);
}

static void test_once_the_window_is_open_nothing_is_armed(void **state)
{
	struct run *run = *state;
	const char *why = NULL;

	run_pass_to(run, FENCE);
	for (size_t i = 0; i < FIXTURE_STEPS; i++)
		assert_int_equal(run_arm(run, i, "promote"), ERR_INVALID);
	assert_false(engine_may_arm(&run->engine, PATCH, &why));
	assert_non_null(strstr(why, "window"));
}

static void test_nothing_is_armed_while_the_run_goes_back(void **state)
{
	struct run *run = *state;

	run_feed(run, INPUT_OPEN, NULL, 0);
	run_judge(run, VERDICT_GREEN);
	run_feed(run, INPUT_CONFIRM, NULL, 0);
	assert_int_equal(run_arm(run, PATCH, NULL), ERR_INVALID);
	run_feed(run, INPUT_LOST, "no answer", 0);
	assert_int_equal(run_arm(run, PATCH, NULL), ERR_INVALID);
	assert_int_equal(run_feed(run, INPUT_ROLLBACK, NULL, 0), 0);
	assert_int_equal(run->engine.phase, ENGINE_GATE);
	assert_int_equal(run_arm(run, PATCH, NULL), ERR_INVALID);
}

/* ---- going on by itself --------------------------------------------------- */

static void test_armed_gates_go_on_by_themselves(void **state)
{
	struct run *run = *state;

	run_open_armed(run);
	run_pass(run);
	for (size_t step = FENCE; step < ON; step++) {
		assert_int_equal(run->engine.step, step);
		green(run);
		if (step == PATCH) {
			assert_int_equal(run->engine.phase, ENGINE_GATE);
			run->mono += FIXTURE_HOLD_MS;
			run_judge(run, VERDICT_GREEN);
		}
		assert_int_equal(run->engine.phase, ENGINE_ACTING);
		assert_false(armed(run, step));
		run_finish_effects(run);
		run_judge(run, VERDICT_GREEN);
	}
	/* the one that is never armed waits, however green it is */
	for (int i = 0; i < 100; i++, run->mono += 100)
		run_judge(run, VERDICT_GREEN);
	assert_int_equal(run->engine.phase, ENGINE_GATE);
	assert_int_equal(run_count(run, EVENT_GATE_CONFIRMED), ON);
	assert_int_equal(run_count(run, EVENT_GATE_DISARMED), 0);
}

static void test_the_record_says_that_it_was_armed_and_what_is_sent(void **state)
{
	struct run *run = *state;
	const json_t *record;

	run_open_armed(run);
	run_pass(run);
	assert_false(json_flag(run_last(run, EVENT_GATE_CONFIRMED), "armed",
			       true));
	for (size_t step = FENCE; step < PATCH; step++) {
		green(run);
		run_finish_effects(run);
		run_judge(run, VERDICT_GREEN);
	}
	green(run);
	run->mono += FIXTURE_HOLD_MS;
	run_judge(run, VERDICT_GREEN);
	record = run_last(run, EVENT_GATE_CONFIRMED);
	assert_string_equal(json_text(record, "step", ""), "patch");
	assert_true(json_flag(record, "armed", false));
	/* the very request, precondition and all, and not what was armed */
	assert_string_equal(json_text(record, "effects/0/request", ""),
			    "patch, at version 7");
	assert_string_equal(json_text(run_last(run, EVENT_ACTION_INTENDED),
				      "request", ""), "patch, at version 7");
	assert_string_equal(json_text(record, "guards/0/state", ""), "green");
}

static void test_a_hold_begins_anew_when_a_guard_wavers(void **state)
{
	struct run *run = *state;

	run_open_armed(run);
	run_pass(run);
	while (run->engine.step != PATCH) {
		green(run);
		run_finish_effects(run);
		run_judge(run, VERDICT_GREEN);
	}
	run_judge(run, VERDICT_GREEN);
	run->mono += FIXTURE_HOLD_MS - 1;
	run_judge(run, VERDICT_GREEN);
	run_judge_pending(run);
	run->mono += 1;
	run_judge(run, VERDICT_GREEN);
	assert_int_equal(run->engine.phase, ENGINE_GATE);
	run->mono += FIXTURE_HOLD_MS - 1;
	run_judge(run, VERDICT_GREEN);
	assert_int_equal(run->engine.phase, ENGINE_GATE);
	run->mono += 1;
	run_judge(run, VERDICT_GREEN);
	assert_int_equal(run->engine.phase, ENGINE_ACTING);
}

static void test_guards_that_want_time_get_five_seconds(void **state)
{
	struct run *run = *state;

	run_open_armed(run);
	run_pass(run);
	for (int i = 0; i <= PATIENCE_MS / 100; i++, run->mono += 100) {
		assert_int_equal(run_judge_pending(run), 0);
		assert_true(armed(run, FENCE));
	}
	assert_int_equal(run_judge_pending(run), 0);
	assert_false(engine_is_armed(&run->engine));
	assert_string_equal(json_text(run_last(run, EVENT_GATE_DISARMED),
				      "reason", ""), "not seen since");
	assert_int_equal(run->engine.phase, ENGINE_GATE);
}

static void test_what_cannot_be_planned_yet_is_waited_for_too(void **state)
{
	struct run *run = *state;

	run_open_armed(run);
	run_pass(run);
	run->problem = "refused, since two databases could take writes";
	green(run);
	run_judge(run, VERDICT_GREEN);
	assert_true(armed(run, FENCE));
	assert_int_equal(run->engine.phase, ENGINE_GATE);
	run->mono += PATIENCE_MS + 1;
	run_judge(run, VERDICT_GREEN);
	assert_false(engine_is_armed(&run->engine));
	assert_string_equal(json_text(run_last(run, EVENT_GATE_DISARMED),
				      "reason", ""), run->problem);
}

/* ---- what ends it --------------------------------------------------------- */

static void at_an_armed_gate(struct run *run)
{
	run_open_armed(run);
	run_pass(run);
	assert_true(engine_goes_by_itself(&run->engine));
}

static void disarmed(struct run *run)
{
	struct engine again;

	for (size_t i = 0; i < FIXTURE_STEPS; i++)
		assert_false(armed(run, i));
	assert_false(engine_goes_by_itself(&run->engine));
	run_refold(run, &again);
	assert_false(engine_is_armed(&again));
	engine_release(&again);
}

static void stays_shut(struct run *run, enum verdict_state state)
{
	at_an_armed_gate(run);
	run_judge(run, state);
	disarmed(run);
	assert_int_equal(run_count(run, EVENT_GATE_DISARMED), 1);
	assert_int_equal(json_array_size(json_object_get(
		run_last(run, EVENT_GATE_DISARMED), "steps")), ON - FENCE);
	/* green later on, it still waits for a person */
	for (int i = 0; i < 20; i++, run->mono += 1000)
		run_judge(run, VERDICT_GREEN);
	assert_int_equal(run->engine.phase, ENGINE_GATE);
	assert_int_equal(run_count(run, EVENT_GATE_CONFIRMED), 1);
}

static void test_a_red_guard_ends_all_arming(void **state)
{
	stays_shut(*state, VERDICT_RED);
}

static void test_an_unknown_guard_ends_all_arming(void **state)
{
	stays_shut(*state, VERDICT_UNKNOWN);
}

static void test_other_effects_end_all_arming(void **state)
{
	struct run *run = *state;

	at_an_armed_gate(run);
	run->effects = run_effects(FENCE, false, true);
	json_object_set_new(json_array_get(run->effects, 0), "request",
			    json_string("something else"));
	green(run);
	disarmed(run);
	assert_int_equal(run->engine.phase, ENGINE_GATE);
	assert_non_null(strstr(json_text(run_last(run, EVENT_GATE_DISARMED),
					 "reason", ""), "not what was armed"));
}

static void test_another_target_and_another_number_are_other_effects(void **state)
{
	struct run *run = *state;

	at_an_armed_gate(run);
	run->effects = run_effects(FENCE, false, true);
	json_object_set_new(json_array_get(run->effects, 0), "target",
			    json_string("elsewhere"));
	green(run);
	disarmed(run);
	run_teardown(state);
	run_setup(state);
	run = *state;
	at_an_armed_gate(run);
	run->effects = run_effects(FENCE, false, true);
	json_array_append_new(run->effects, json_deep_copy(
		json_array_get(run->effects, 0)));
	green(run);
	disarmed(run);
}

static void test_a_failure_ends_all_arming(void **state)
{
	struct run *run = *state;

	at_an_armed_gate(run);
	green(run);
	run_feed(run, INPUT_FAILED, "no", 0);
	disarmed(run);
}

static void test_a_lost_answer_ends_all_arming(void **state)
{
	struct run *run = *state;

	at_an_armed_gate(run);
	green(run);
	run_feed(run, INPUT_LOST, "no answer", 0);
	disarmed(run);
	/* found done after all, the run goes on, but by hand */
	run_see(run, VERDICT_GREEN);
	run_judge(run, VERDICT_GREEN);
	assert_int_equal(run->engine.step, PROMOTE);
	green(run);
	assert_int_equal(run->engine.phase, ENGINE_GATE);
}

static void test_a_late_check_ends_all_arming(void **state)
{
	struct run *run = *state;

	at_an_armed_gate(run);
	green(run);
	run_finish_effects(run);
	run->mono += 10001;
	run_judge(run, VERDICT_RED);
	assert_int_equal(run->engine.phase, ENGINE_STUCK);
	disarmed(run);
}

static void test_decisions_end_all_arming(void **state)
{
	static const enum engine_input_kind kinds[] = {
		INPUT_DISARM, INPUT_ROLLBACK, INPUT_PARK, INPUT_RESUME,
		INPUT_TRIPPED,
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct run *run = *state;

		at_an_armed_gate(run);
		if (kinds[i] == INPUT_TRIPPED) {
			/* there is no fence yet that could be broken */
			run_feed(run, INPUT_TRIPPED, "1-1-8", 1);
			assert_true(engine_is_armed(&run->engine));
			green(run);
			run_finish_effects(run);
			run_judge(run, VERDICT_GREEN);
		}
		assert_int_equal(run_feed(run, kinds[i], "said so", 1), 0);
		disarmed(run);
		run_teardown(state);
		run_setup(state);
	}
}

static void test_disarming_needs_something_armed(void **state)
{
	struct run *run = *state;

	run_feed(run, INPUT_OPEN, NULL, 0);
	assert_int_equal(run_feed(run, INPUT_DISARM, "no", 0), ERR_INVALID);
}

/* ---- a gate among them that is not armed ---------------------------------- */

static void test_a_gate_that_is_not_armed_asks_and_the_rest_stay_armed(void **state)
{
	struct run *run = *state;

	run_feed(run, INPUT_OPEN, NULL, 0);
	run_arm(run, PROMOTE, "promote");
	assert_false(engine_goes_by_itself(&run->engine));
	run_pass(run);
	assert_int_equal(run->engine.step, FENCE);
	green(run);
	assert_int_equal(run->engine.phase, ENGINE_GATE);
	assert_false(engine_goes_by_itself(&run->engine));
	assert_int_equal(run_feed(run, INPUT_CONFIRM, NULL, 0), 0);
	assert_true(engine_goes_by_itself(&run->engine));
	run_finish_effects(run);
	run_judge(run, VERDICT_GREEN);
	green(run);
	assert_true(json_flag(run_last(run, EVENT_GATE_CONFIRMED), "armed",
			      false));
}

/* ---- by hand, on the way back --------------------------------------------- */

/* The way back was confirmed as a whole; but only a person knows when what is done
 * by hand is done. What follows goes by itself again. */
static void test_an_undo_by_hand_waits_for_the_operator(void **state)
{
	struct run *run = *state;
	struct action *unfence =
		run->engine.runbook->steps[FENCE].undo.actions.items;

	run_pass_to(run, PATCH);
	unfence->by_hand = "Set read_only to 0 in the parameter group.";
	assert_int_equal(run_feed(run, INPUT_ROLLBACK, NULL, 0), 0);
	assert_int_equal(run->engine.step, PROMOTE);
	run_judge(run, VERDICT_GREEN);
	run_finish_effects(run);
	run_judge(run, VERDICT_GREEN);
	assert_int_equal(run->engine.step, FENCE);
	run_judge(run, VERDICT_GREEN);
	run_judge(run, VERDICT_GREEN);
	assert_int_equal(run->engine.phase, ENGINE_GATE);
	assert_true(engine_asks(&run->engine));
	assert_null(engine_word(&run->engine));
	assert_true(engine_undo_stands(&run->engine));
	assert_int_equal(run_feed(run, INPUT_CONFIRM, NULL, 0), 0);
	assert_int_equal(run->order, ORDER_ACT);
	run_finish_effects(run);
	run_judge(run, VERDICT_GREEN);
	assert_int_equal(run->engine.step, OFF);
	assert_false(engine_asks(&run->engine));
	assert_int_equal(run_feed(run, INPUT_CONFIRM, NULL, 0), ERR_INVALID);
	run_judge(run, VERDICT_GREEN);
	assert_int_equal(run->order, ORDER_ACT);
	unfence->by_hand = "";
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, run_setup, run_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_later_gate_is_armed_with_what_it_sends),
		TEST(test_what_cannot_be_armed),
		TEST(test_arming_takes_the_gates_own_word),
		TEST(test_once_the_window_is_open_nothing_is_armed),
		TEST(test_nothing_is_armed_while_the_run_goes_back),
		TEST(test_armed_gates_go_on_by_themselves),
		TEST(test_the_record_says_that_it_was_armed_and_what_is_sent),
		TEST(test_a_hold_begins_anew_when_a_guard_wavers),
		TEST(test_guards_that_want_time_get_five_seconds),
		TEST(test_what_cannot_be_planned_yet_is_waited_for_too),
		TEST(test_a_red_guard_ends_all_arming),
		TEST(test_an_unknown_guard_ends_all_arming),
		TEST(test_other_effects_end_all_arming),
		TEST(test_another_target_and_another_number_are_other_effects),
		TEST(test_a_failure_ends_all_arming),
		TEST(test_a_lost_answer_ends_all_arming),
		TEST(test_a_late_check_ends_all_arming),
		TEST(test_decisions_end_all_arming),
		TEST(test_disarming_needs_something_armed),
		TEST(test_a_gate_that_is_not_armed_asks_and_the_rest_stay_armed),
		TEST(test_an_undo_by_hand_waits_for_the_operator),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
