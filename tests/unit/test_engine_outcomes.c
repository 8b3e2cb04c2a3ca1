/*
 * Units of engine/outcomes: an answer that was lost is neither done nor
 * failed; the world is looked at; what must happen once is never sent again.
 */
#include "engine_fixture.h"

#include <string.h>

/* To that step, confirmed, its first effect in flight. */
static void sending(struct run *run, size_t step)
{
	run_pass_to(run, step);
	run_judge(run, VERDICT_GREEN);
	assert_int_equal(run_feed(run, INPUT_CONFIRM,
				  run->engine.runbook->steps[step].confirm, 0),
			 0);
	assert_int_equal(run->order, ORDER_ACT);
}

static void lose(struct run *run)
{
	run->mono += 10;
	assert_int_equal(run_feed(run, INPUT_LOST, "no answer", 0), 0);
	assert_int_equal(run->engine.phase, ENGINE_STUCK);
	assert_true(run->engine.unknown);
}

/* ---- another try ---------------------------------------------------------- */

static struct conditions *guards_of(const struct run *run, size_t step)
{
	return &run->engine.runbook->steps[step].deed.guards;
}

static void test_another_try_asks_the_hard_guards(void **state)
{
	struct run *run = *state;
	bool was = guards_of(run, PROMOTE)->items[0].hard;

	guards_of(run, PROMOTE)->items[0].hard = true;
	sending(run, PROMOTE);
	run_feed(run, INPUT_DONE, "OK", 0);
	run_feed(run, INPUT_FAILED, "no", 0);
	/* rds took writes meanwhile: aurora must not be cut off from them */
	run_judge(run, VERDICT_RED);
	assert_int_equal(run_feed(run, INPUT_RETRY, NULL, 0), ERR_INVALID);
	assert_non_null(strstr(run->err.message, "1 guard is not green"));
	assert_int_equal(run_feed(run, INPUT_OVERRIDE, "I know", 0),
			 ERR_INVALID);
	/* no data is no-go */
	run_judge(run, VERDICT_UNKNOWN);
	assert_int_equal(run_feed(run, INPUT_RETRY, NULL, 0), ERR_INVALID);
	run_judge(run, VERDICT_GREEN);
	assert_int_equal(run_feed(run, INPUT_RETRY, NULL, 0), 0);
	assert_int_equal(run->effect, 1);
	guards_of(run, PROMOTE)->items[0].hard = was;
}

static void test_another_try_of_the_rest_passes_soft_guards(void **state)
{
	struct run *run = *state;

	sending(run, PROMOTE);
	run_feed(run, INPUT_DONE, "OK", 0);
	run_feed(run, INPUT_FAILED, "no", 0);
	/* what was done may have turned it */
	run_judge(run, VERDICT_RED);
	assert_int_equal(run_feed(run, INPUT_RETRY, NULL, 0), 0);
	assert_string_equal(json_text(json_array_get(json_at(run_last(
		run, EVENT_GATE_CONFIRMED), "guards"), 0), "state", ""), "red");
}

static void test_another_try_of_all_asks_all_guards(void **state)
{
	struct run *run = *state;

	sending(run, PATCH);
	run_feed(run, INPUT_FAILED, "no", 0);
	run_judge(run, VERDICT_RED);
	assert_int_equal(run_feed(run, INPUT_RETRY, NULL, 0), ERR_INVALID);
	assert_int_equal(run_feed(run, INPUT_OVERRIDE, "it is known", 0), 0);
	assert_int_equal(run_feed(run, INPUT_RETRY, NULL, 0), 0);
	assert_true(json_flag(json_array_get(json_at(run_last(
		run, EVENT_GATE_CONFIRMED), "guards"), 0), "overridden", false));
}

static void test_guards_are_judged_anew_after_a_resumption(void **state)
{
	struct run *run = *state;

	sending(run, PATCH);
	run_feed(run, INPUT_FAILED, "no", 0);
	run_judge(run, VERDICT_GREEN);
	run_feed(run, INPUT_PARK, "lunch", 0);
	run_feed(run, INPUT_RESUME, "me", 0);
	assert_int_equal(run_feed(run, INPUT_RETRY, NULL, 0), ERR_INVALID);
	run_judge(run, VERDICT_GREEN);
	assert_int_equal(run_feed(run, INPUT_RETRY, NULL, 0), 0);
}

static void test_an_override_of_the_unknown_is_none_of_a_red(void **state)
{
	struct run *run = *state;

	run_pass_to(run, PATCH);
	run_judge(run, VERDICT_UNKNOWN);
	assert_int_equal(run_feed(run, INPUT_OVERRIDE, "seen elsewhere", 0), 0);
	assert_true(engine_gate_is_open(&run->engine));
	run_judge(run, VERDICT_RED);
	assert_false(engine_gate_is_open(&run->engine));
	/* and one of a red stands while that is not seen for a moment */
	assert_int_equal(run_feed(run, INPUT_OVERRIDE, "it is known", 0), 0);
	run->mono += 2000;
	run_judge(run, VERDICT_UNKNOWN);
	run_judge(run, VERDICT_RED);
	assert_true(engine_gate_is_open(&run->engine));
}

/* The same run, as if the program had died before the record at `size`. */
static struct run *cut_at(const struct run *run, size_t size)
{
	void *state = NULL;
	struct run *again;

	run_setup(&state);
	again = state;
	for (size_t i = 0; i < size; i++) {
		json_t *record = json_array_get(run->records, i);

		assert_int_equal(engine_apply(&again->engine, record,
					      &again->err), 0);
		json_array_append(again->records, record);
	}
	again->mono = run->mono + 1000;
	return again;
}

static void test_another_try_cut_off_leaves_it_as_unknown_as_it_was(void **state)
{
	struct run *run = *state, *again;
	void *left;

	sending(run, FENCE);
	lose(run);
	run_judge(run, VERDICT_GREEN);
	assert_int_equal(run_feed(run, INPUT_RETRY, NULL, 0), 0);
	/* the try's intent did not get to disk, its confirmation did */
	again = cut_at(run, json_array_size(run->records) - 1);
	assert_int_equal(run_feed(again, INPUT_RESUME, "me", 0), 0);
	assert_int_equal(again->engine.phase, ENGINE_STUCK);
	assert_true(again->engine.unknown && again->engine.tried);
	run_see(again, VERDICT_GREEN);
	assert_int_equal(again->engine.phase, ENGINE_CHECKING);
	left = again;
	run_teardown(&left);
}

/* ---- an undo that cannot be done ------------------------------------------ */

/* At the first undo, of `promote`. */
static void going_back(struct run *run)
{
	sending(run, PROMOTE);
	run_finish_effects(run);
	assert_int_equal(run_feed(run, INPUT_ROLLBACK, NULL, 0), 0);
	assert_int_equal(run->engine.step, PROMOTE);
}

static void test_an_undo_that_is_stuck_can_be_left_out(void **state)
{
	struct run *run = *state;

	sending(run, FENCE);
	assert_int_equal(run_feed(run, INPUT_FAILED, "no", 0), 0);
	assert_int_equal(run_feed(run, INPUT_SKIP, "it is gone", 0),
			 ERR_INVALID);
	assert_int_equal(run_feed(run, INPUT_ROLLBACK, NULL, 0), 0);
	run_judge(run, VERDICT_GREEN);
	run_judge(run, VERDICT_GREEN);
	assert_int_equal(run->engine.phase, ENGINE_ACTING);
	assert_int_equal(run_feed(run, INPUT_SKIP, "it is gone", 0),
			 ERR_INVALID);
	assert_int_equal(run_feed(run, INPUT_FAILED, "not there", 0), 0);
	assert_int_equal(run_feed(run, INPUT_SKIP, "", 0), ERR_INVALID);
	assert_int_equal(run_feed(run, INPUT_SKIP, "it is gone", 0), 0);
	assert_int_equal(run->engine.steps[FENCE].state, STEP_SKIPPED);
	/* the rest goes on, at a gate of its own */
	assert_int_equal(run->engine.phase, ENGINE_GATE);
	assert_int_equal(run->engine.step, OFF);
	run_judge(run, VERDICT_GREEN);
	run_judge(run, VERDICT_GREEN);
	run_finish_effects(run);
	run_judge(run, VERDICT_GREEN);
	assert_int_equal(run->engine.result, RESULT_ROLLED_BACK);
}

static void test_an_undo_that_goes_on_is_not_left_out(void **state)
{
	struct run *run = *state;

	going_back(run);
	assert_int_equal(run_feed(run, INPUT_SKIP, "no wish to", 0),
			 ERR_INVALID);
	/* what cannot be planned does not go on */
	run->problem = "Deployment v2 is not there";
	assert_int_equal(run_feed(run, INPUT_SKIP, "it is gone", 0), 0);
	assert_int_equal(run->engine.step, FENCE);
	assert_string_equal(json_text(run_last(run, EVENT_STEP_SKIPPED),
				      "reason", ""), "it is gone");
}

/* ---- the window ----------------------------------------------------------- */

static void test_what_surely_was_not_done_begins_no_outage(void **state)
{
	struct run *run = *state;

	assert_int_equal(run_feed(run, INPUT_OPEN, NULL, 0), 0);
	sending(run, OFF);
	assert_true(run->engine.window_open);
	run->mono += 10;
	assert_int_equal(run_feed(run, INPUT_FAILED, "401", 0), 0);
	assert_true(json_flag(run_last(run, EVENT_WINDOW_CLOSED), "void",
			      false));
	assert_int_equal(engine_outage(&run->engine, run->mono + 9999), -1);
	/* later gates can still be confirmed ahead */
	assert_int_equal(run_arm(run, FENCE, NULL), 0);
	run_judge(run, VERDICT_GREEN);
	assert_int_equal(run_feed(run, INPUT_RETRY, NULL, 0), 0);
	assert_true(run->engine.window_open);
	assert_int_equal(run_count(run, EVENT_WINDOW_OPENED), 2);
	assert_int_equal(engine_outage(&run->engine, run->mono + 30), 30);
	assert_true(run->engine.steps[FENCE].armed);
}

static void test_what_may_have_been_done_leaves_the_clock_running(void **state)
{
	struct run *run = *state;

	assert_int_equal(run_feed(run, INPUT_OPEN, NULL, 0), 0);
	sending(run, OFF);
	lose(run);
	assert_true(run->engine.window_open);
	assert_int_equal(run_arm(run, FENCE, NULL), ERR_INVALID);
	run_judge(run, VERDICT_GREEN);
	assert_int_equal(run_feed(run, INPUT_RETRY, NULL, 0), 0);
	assert_int_equal(run_count(run, EVENT_WINDOW_OPENED), 1);
}

static void test_a_window_cut_off_from_its_act_is_none(void **state)
{
	struct run *run = *state, *again;
	void *left;

	assert_int_equal(run_feed(run, INPUT_OPEN, NULL, 0), 0);
	sending(run, OFF);
	again = cut_at(run, json_array_size(run->records) - 1);
	assert_true(again->engine.window_open);
	assert_int_equal(run_feed(again, INPUT_RESUME, "me", 0), 0);
	assert_false(again->engine.window_open);
	assert_int_equal(again->engine.phase, ENGINE_GATE);
	assert_int_equal(engine_outage(&again->engine, again->mono), -1);
	left = again;
	run_teardown(&left);
}

/* ---- seen ----------------------------------------------------------------- */

static void test_lost_and_seen_in_place_is_done(void **state)
{
	struct run *run = *state;

	sending(run, FENCE);
	lose(run);
	assert_string_equal(json_text(run_last(run, EVENT_ACTION_FAILED),
				      "outcome", ""), "unknown");
	assert_int_equal(run_see(run, VERDICT_GREEN), 0);
	assert_string_equal(json_text(run_last(run, EVENT_ACTION_OBSERVED),
				      "state", ""), "done");
	assert_int_equal(run->order, ORDER_NONE);
	assert_int_equal(run->engine.phase, ENGINE_CHECKING);
	run_judge(run, VERDICT_GREEN);
	assert_int_equal(run->engine.step, PROMOTE);
	assert_int_equal(run_count(run, EVENT_ACTION_INTENDED), 2);
}

static void test_the_rest_of_the_step_is_gone_on_with_by_retry(void **state)
{
	struct run *run = *state;

	sending(run, PROMOTE);
	run_feed(run, INPUT_DONE, "OK", 0);
	assert_int_equal(run->effect, 1);
	lose(run);
	run_see(run, VERDICT_GREEN);
	assert_int_equal(run->engine.phase, ENGINE_STUCK);
	assert_int_equal(run->engine.effect, 2);
	/* what went wrong stays told, beside how it was seen */
	assert_string_equal(run->engine.problem, "no answer");
	assert_string_equal(run->engine.found, run->seen.text);
	assert_true(run->engine.found_lost);
	/* nothing is sent by itself, and what was never sent is not looked for */
	assert_int_equal(run->order, ORDER_NONE);
	run_see(run, VERDICT_GREEN);
	run_see(run, VERDICT_RED);
	assert_int_equal(run_count(run, EVENT_ACTION_OBSERVED), 1);
	assert_int_equal(run->engine.effect, 2);
	assert_int_equal(run_feed(run, INPUT_RETRY, NULL, 0), 0);
	assert_string_equal(run->engine.found, "");
	assert_int_equal(run->order, ORDER_ACT);
	assert_int_equal(run->effect, 2);
	assert_string_equal(json_text(run_last(run, EVENT_ACTION_INTENDED),
				      "request", ""), "UNFENCE");
	run_finish_effects(run);
	run_judge(run, VERDICT_GREEN);
	assert_int_equal(run->engine.step, PATCH);
}

static void test_absent_is_recorded_once_and_may_still_come(void **state)
{
	struct run *run = *state;

	sending(run, FENCE);
	lose(run);
	for (int i = 0; i < 5; i++)
		run_see(run, VERDICT_RED);
	assert_int_equal(run_count(run, EVENT_ACTION_OBSERVED), 1);
	assert_string_equal(json_text(run_last(run, EVENT_ACTION_OBSERVED),
				      "state", ""), "absent");
	assert_true(run->engine.unknown);
	assert_string_equal(run->engine.seen, "it is not there");
	run_see(run, VERDICT_GREEN);
	assert_int_equal(run->engine.phase, ENGINE_CHECKING);
	assert_int_equal(run_count(run, EVENT_ACTION_OBSERVED), 2);
}

static void test_unknown_is_never_recorded_as_seen(void **state)
{
	struct run *run = *state;

	sending(run, FENCE);
	lose(run);
	run_see(run, VERDICT_UNKNOWN);
	assert_int_equal(run_count(run, EVENT_ACTION_OBSERVED), 0);
	assert_int_equal(run->engine.phase, ENGINE_STUCK);
}

static void test_a_failed_effect_that_is_in_place_is_done(void **state)
{
	struct run *run = *state;

	sending(run, FENCE);
	run_feed(run, INPUT_FAILED, "access denied", 0);
	assert_false(run->engine.unknown);
	run_see(run, VERDICT_GREEN);
	assert_int_equal(run->engine.phase, ENGINE_CHECKING);
}

static void test_a_late_check_is_not_looked_at_as_an_effect(void **state)
{
	struct run *run = *state;

	sending(run, FENCE);
	run_finish_effects(run);
	run->mono += 10001;
	run_judge(run, VERDICT_RED);
	assert_true(run->engine.stuck_on_check);
	run_see(run, VERDICT_GREEN);
	assert_int_equal(run_count(run, EVENT_ACTION_OBSERVED), 0);
	assert_int_equal(run->engine.phase, ENGINE_STUCK);
	/* to try again is to wait again */
	assert_int_equal(run_feed(run, INPUT_RETRY, NULL, 0), 0);
	assert_int_equal(run->order, ORDER_NONE);
	assert_int_equal(run->engine.phase, ENGINE_CHECKING);
	/* whoever gives that up is told apart from a check that is late */
	assert_null(json_at(run_last(run, EVENT_CHECK_TIMED_OUT), "given_up"));
	assert_int_equal(run_feed(run, INPUT_GIVE_UP, "too long", 0), 0);
	assert_true(json_flag(run_last(run, EVENT_CHECK_TIMED_OUT), "given_up",
			      false));
}

static void test_what_only_its_checks_have_shown_counts_as_ours(void **state)
{
	struct run *run = *state;

	sending(run, SMOKE);
	lose(run);
	run_see(run, VERDICT_RED);
	assert_int_equal(run_feed(run, INPUT_RETRY, NULL, 0), 0);
	run->mono += 10001;
	run_judge(run, VERDICT_RED);
	assert_int_equal(run_feed(run, INPUT_RETRY, NULL, 0), 0);
	assert_int_equal(run->engine.own_transactions, 0);
	run_judge(run, VERDICT_GREEN);
	assert_int_equal(run->engine.step, TWICE);
	assert_int_equal(run->engine.own_transactions, 1);
}

/* ---- once ----------------------------------------------------------------- */

/* The same run, folded anew from its records. */
static void assert_refolds(const struct run *run)
{
	struct engine again;

	run_refold(run, &again);
	assert_int_equal(again.phase, run->engine.phase);
	assert_true(again.unknown && again.tried && !again.stuck_on_check);
	assert_int_equal(engine_must_not_repeat(&again),
			 again.phase == ENGINE_STUCK);
	engine_release(&again);
}

static void test_waiting_again_leaves_it_as_unknown_as_it_was(void **state)
{
	struct run *run = *state;

	sending(run, SMOKE);
	lose(run);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(run_feed(run, INPUT_RETRY, NULL, 0), 0);
		assert_true(run->engine.unknown);
		assert_refolds(run);
		run->mono += 10001;
		run_judge(run, VERDICT_RED);
		assert_true(engine_must_not_repeat(&run->engine));
		assert_false(run->engine.stuck_on_check);
		assert_refolds(run);
		run_feed(run, INPUT_RESUME, "who", 0);
		assert_true(engine_must_not_repeat(&run->engine));
	}
	/* it is still looked whether it is there, and it counts once */
	run_see(run, VERDICT_GREEN);
	assert_false(run->engine.unknown);
	assert_int_equal(run->engine.own_transactions, 1);
	run_judge(run, VERDICT_GREEN);
	assert_int_equal(run->engine.step, TWICE);
	assert_int_equal(run->engine.own_transactions, 1);
}

static void test_what_must_happen_once_is_never_sent_again(void **state)
{
	struct run *run = *state;
	size_t intended;

	sending(run, SMOKE);
	intended = run_count(run, EVENT_ACTION_INTENDED);
	lose(run);
	assert_true(engine_must_not_repeat(&run->engine));
	for (int i = 0; i < 3; i++) {
		assert_int_equal(run_feed(run, INPUT_RETRY, NULL, 0), 0);
		assert_int_equal(run->order, ORDER_NONE);
		assert_int_equal(run->engine.phase, ENGINE_CHECKING);
		assert_true(json_flag(run_last(run, EVENT_GATE_CONFIRMED),
				      "only_wait", false));
		run->mono += 10001;
		run_judge(run, VERDICT_RED);
		assert_int_equal(run->engine.phase, ENGINE_STUCK);
	}
	assert_int_equal(run_count(run, EVENT_ACTION_INTENDED), intended);
}

static void test_once_stays_once_over_a_resumption(void **state)
{
	struct run *run = *state;
	size_t intended;

	sending(run, SMOKE);
	intended = run_count(run, EVENT_ACTION_INTENDED);
	/* the program ends with the request on its way */
	assert_int_equal(run_feed(run, INPUT_RESUME, "who", 0), 0);
	assert_int_equal(run->engine.phase, ENGINE_STUCK);
	assert_true(engine_must_not_repeat(&run->engine));
	run_feed(run, INPUT_PARK, "later", 0);
	run_feed(run, INPUT_RESUME, "who", 0);
	assert_true(engine_must_not_repeat(&run->engine));
	run_feed(run, INPUT_RETRY, NULL, 0);
	run_feed(run, INPUT_RESUME, "who", 0);
	assert_int_equal(run->engine.phase, ENGINE_CHECKING);
	run_judge(run, VERDICT_GREEN);
	assert_int_equal(run->engine.step, TWICE);
	assert_int_equal(run_count(run, EVENT_ACTION_INTENDED), intended);
}

static void test_a_once_effect_that_failed_may_be_sent_again(void **state)
{
	struct run *run = *state;

	sending(run, SMOKE);
	run_feed(run, INPUT_FAILED, "refused", 0);
	assert_false(engine_must_not_repeat(&run->engine));
	assert_int_equal(run_feed(run, INPUT_RETRY, NULL, 0), 0);
	assert_int_equal(run->order, ORDER_ACT);
	/* this time its answer is lost: from here on it is once */
	lose(run);
	assert_true(engine_must_not_repeat(&run->engine));
}

static void test_once_in_the_middle_of_a_step_is_not_gone_past(void **state)
{
	struct run *run = *state;

	sending(run, TWICE);
	lose(run);
	assert_int_equal(run_feed(run, INPUT_RETRY, NULL, 0), ERR_INVALID);
	assert_non_null(strstr(run->err.message, "must not be done twice"));
	assert_int_equal(run_feed(run, INPUT_ROLLBACK, NULL, 0), 0);
}

static void test_once_in_the_middle_seen_done_is_gone_past(void **state)
{
	struct run *run = *state;

	sending(run, TWICE);
	lose(run);
	run_see(run, VERDICT_GREEN);
	assert_false(engine_must_not_repeat(&run->engine));
	assert_int_equal(run_feed(run, INPUT_RETRY, NULL, 0), 0);
	assert_int_equal(run->order, ORDER_ACT);
	assert_int_equal(run->effect, 1);
}

static void test_own_transactions_are_counted_once(void **state)
{
	struct run *run = *state;

	sending(run, SMOKE);
	run_feed(run, INPUT_LOST, "no answer", 0);
	assert_int_equal(run->engine.own_transactions, 0);
	run_see(run, VERDICT_RED);
	assert_int_equal(run->engine.own_transactions, 0);
	run_see(run, VERDICT_GREEN);
	assert_int_equal(run->engine.own_transactions, 1);
	run_judge(run, VERDICT_GREEN);
	assert_int_equal(run->engine.own_transactions, 1);
}

/* ---- left in the middle --------------------------------------------------- */

static void test_left_between_two_requests_the_next_is_not_unknown(void **state)
{
	struct run *run = *state;
	json_t *cut;

	sending(run, PROMOTE);
	run_feed(run, INPUT_DONE, "OK", 0);
	/* as if the program had ended before the second intent was written */
	cut = run->records;
	json_array_remove(cut, json_array_size(cut) - 1);
	engine_release(&run->engine);
	run_refold(run, &run->engine);
	run_feed(run, INPUT_RESUME, "who", 0);
	assert_int_equal(run->engine.phase, ENGINE_STUCK);
	assert_false(run->engine.unknown);
	assert_int_equal(run->engine.effect, 1);
	run_see(run, VERDICT_GREEN);
	assert_int_equal(run_count(run, EVENT_ACTION_OBSERVED), 0);
	run_feed(run, INPUT_RETRY, NULL, 0);
	assert_int_equal(run->order, ORDER_ACT);
	assert_int_equal(run->effect, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, run_setup, run_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_another_try_asks_the_hard_guards),
		TEST(test_another_try_of_the_rest_passes_soft_guards),
		TEST(test_another_try_of_all_asks_all_guards),
		TEST(test_an_override_of_the_unknown_is_none_of_a_red),
		TEST(test_another_try_cut_off_leaves_it_as_unknown_as_it_was),
		TEST(test_what_only_its_checks_have_shown_counts_as_ours),
		TEST(test_what_surely_was_not_done_begins_no_outage),
		TEST(test_what_may_have_been_done_leaves_the_clock_running),
		TEST(test_a_window_cut_off_from_its_act_is_none),
		TEST(test_an_undo_that_is_stuck_can_be_left_out),
		TEST(test_an_undo_that_goes_on_is_not_left_out),
		TEST(test_guards_are_judged_anew_after_a_resumption),
		TEST(test_lost_and_seen_in_place_is_done),
		TEST(test_the_rest_of_the_step_is_gone_on_with_by_retry),
		TEST(test_absent_is_recorded_once_and_may_still_come),
		TEST(test_unknown_is_never_recorded_as_seen),
		TEST(test_a_failed_effect_that_is_in_place_is_done),
		TEST(test_a_late_check_is_not_looked_at_as_an_effect),
		TEST(test_waiting_again_leaves_it_as_unknown_as_it_was),
		TEST(test_what_must_happen_once_is_never_sent_again),
		TEST(test_once_stays_once_over_a_resumption),
		TEST(test_a_once_effect_that_failed_may_be_sent_again),
		TEST(test_once_in_the_middle_of_a_step_is_not_gone_past),
		TEST(test_once_in_the_middle_seen_done_is_gone_past),
		TEST(test_own_transactions_are_counted_once),
		TEST(test_left_between_two_requests_the_next_is_not_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
