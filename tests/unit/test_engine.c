/*
 * Units of engine/: a small runbook of three steps, driven by inputs. A run is
 * fed through decide and apply as the conductor does it, the records kept, and
 * folded a second time to see that the state is a fold over them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "engine/engine.h"

/* ---- a runbook ----------------------------------------------------------- */

static struct condition guard_soft = {.kind = CONDITION_FLAG, .why = "why"};
static struct condition guard_hard = {
	.kind = CONDITION_FLAG, .why = "", .hard = true,
};
static struct condition check_one = {
	.kind = CONDITION_FLAG, .why = "", .within_ms = 1000,
};
#define ACT(what, at) {.kind = what, .on = at, .by_hand = ""}
static struct action action_flag = ACT(ACTION_FLAG, "");
static struct action action_fence = ACT(ACTION_FENCE, "rds");
static struct action action_promote = ACT(ACTION_PROMOTE, "aurora");
#define ONE(x) {.items = &(x), .count = 1}

static struct runbook_step steps[] = {
	{.id = "off", .label = "1", .title = "Flag off", .why = "",
	 .forfeits = "", .downtime = DOWNTIME_STARTS,
	 .deed = {.guards = ONE(guard_soft), .actions = ONE(action_flag),
		  .checks = ONE(check_one)},
	 .has_undo = true, .undo = {.actions = ONE(action_flag)}},
	{.id = "fence", .label = "2a", .title = "Fence", .why = "",
	 .forfeits = "",
	 .deed = {.guards = ONE(guard_hard), .actions = ONE(action_fence),
		  .checks = ONE(check_one)},
	 .has_undo = true, .undo = {.guards = ONE(guard_hard),
				    .actions = ONE(action_fence)}},
	{.id = "promote", .label = "2b", .title = "Promote", .why = "",
	 .forfeits = "", .confirm = "promote", .downtime = DOWNTIME_ENDS,
	 .deed = {.actions = ONE(action_promote)},
	 .has_undo = true, .undo = {.actions = ONE(action_fence)}},
};
static size_t rollback_order[] = {2, 1, 0};
static struct runbook runbook = {
	.name = "small", .steps = steps, .step_count = 3,
	.rollback = rollback_order, .rollback_count = 3,
};

/* ---- a conductor of straw ------------------------------------------------ */

struct world {
	struct engine engine;
	json_t *records;
	int64_t mono;
	enum engine_order order;
	size_t effect;
	struct verdict verdicts[RUNBOOK_ITEMS_MAX];
	int64_t lost;
	const char *problem;
	struct error err;
};

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	engine_init(&w->engine, &runbook);
	w->records = json_array();
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	engine_release(&w->engine);
	json_decref(w->records);
	free(w);
	return 0;
}

static int feed(struct world *w, enum engine_input_kind kind, const char *text,
		size_t index)
{
	struct engine_input input = {
		.kind = kind, .mono = w->mono, .text = text, .index = index,
		.verdicts = w->verdicts, .lost = w->lost,
		.problem = w->problem,
		.opening = json_object(),
		.effects = json_pack("[{ss ss sI sI}]", "target", "there",
				     "request", "DO", "within_ms",
				     (json_int_t)100, "transactions",
				     (json_int_t)0),
		.positions = json_pack("{ss ss}", "rds", "1-1-7", "aurora",
				       "1-1-7"),
	};
	struct engine_outputs out;
	int status = engine_decide(&w->engine, &input, &out, &w->err);

	for (size_t i = 0; !status && i < out.count; i++) {
		json_t *record = json_deep_copy(out.records[i].fields);

		json_object_set_new(record, "event",
			json_string(event_name(out.records[i].event)));
		json_object_set_new(record, "mono", json_integer(w->mono));
		json_object_set_new(record, "seq", json_integer(
			(json_int_t)json_array_size(w->records) + 1));
		assert_int_equal(engine_apply(&w->engine, record, &w->err), 0);
		json_array_append_new(w->records, record);
	}
	if (!status) {
		w->order = out.order;
		w->effect = out.effect;
		engine_outputs_release(&out);
	}
	json_decref(input.opening);
	json_decref(input.effects);
	json_decref(input.positions);
	return status;
}

static int judge(struct world *w, enum verdict_state state)
{
	for (size_t i = 0; i < RUNBOOK_ITEMS_MAX; i++) {
		w->verdicts[i].state = state;
		memcpy(w->verdicts[i].text, "seen", 5);
	}
	return feed(w, INPUT_VERDICTS, NULL, 0);
}

static size_t count(const struct world *w, enum event event)
{
	size_t found = 0;

	for (size_t i = 0; i < json_array_size(w->records); i++)
		found += strcmp(json_text(json_array_get(w->records, i),
					  "event", ""), event_name(event)) == 0;
	return found;
}

/* Through one gate and its action to the next gate. */
static void pass(struct world *w, const char *word)
{
	assert_int_equal(judge(w, VERDICT_GREEN), 0);
	assert_int_equal(feed(w, INPUT_CONFIRM, word, 0), 0);
	assert_int_equal(w->order, ORDER_ACT);
	w->mono += 10;
	assert_int_equal(feed(w, INPUT_DONE, "OK", 0), 0);
	w->mono += 10;
	assert_int_equal(judge(w, VERDICT_GREEN), 0);
}

/* ---- the tests ----------------------------------------------------------- */

static void test_three_gates_lead_to_completed(void **state)
{
	struct world *w = *state;

	assert_int_equal(feed(w, INPUT_OPEN, NULL, 0), 0);
	pass(w, NULL);
	pass(w, NULL);
	pass(w, "promote");
	assert_int_equal(w->engine.phase, ENGINE_CLOSED);
	assert_int_equal(w->engine.result, RESULT_COMPLETED);
	assert_int_equal(engine_outage(&w->engine, w->mono + 500), 60);
	assert_string_equal(json_text(json_array_get(w->records,
		json_array_size(w->records) - 1), "result", ""), "completed");
}

static void test_an_intent_precedes_every_act(void **state)
{
	struct world *w = *state;
	bool intended = false;

	feed(w, INPUT_OPEN, NULL, 0);
	pass(w, NULL);
	pass(w, NULL);
	pass(w, "promote");
	for (size_t i = 0; i < json_array_size(w->records); i++) {
		const char *event = json_text(json_array_get(w->records, i),
					      "event", "");

		if (strcmp(event, "action.intended") == 0)
			intended = true;
		if (strcmp(event, "action.done") == 0) {
			assert_true(intended);
			intended = false;
		}
	}
	assert_int_equal(count(w, EVENT_GATE_CONFIRMED), 3);
}

static void test_red_and_unknown_keep_the_gate_shut(void **state)
{
	struct world *w = *state;

	feed(w, INPUT_OPEN, NULL, 0);
	assert_int_equal(feed(w, INPUT_CONFIRM, NULL, 0), ERR_INVALID);
	judge(w, VERDICT_UNKNOWN);
	assert_int_equal(feed(w, INPUT_CONFIRM, NULL, 0), ERR_INVALID);
	judge(w, VERDICT_RED);
	assert_int_equal(feed(w, INPUT_CONFIRM, NULL, 0), ERR_INVALID);
	assert_string_equal(w->err.message,
			    "the gate is shut: 1 guard is not green");
	assert_int_equal(count(w, EVENT_ACTION_INTENDED), 0);
}

static void test_a_word_is_asked_for_and_must_be_right(void **state)
{
	struct world *w = *state;

	feed(w, INPUT_OPEN, NULL, 0);
	pass(w, NULL);
	pass(w, NULL);
	judge(w, VERDICT_GREEN);
	assert_int_equal(feed(w, INPUT_CONFIRM, NULL, 0), ERR_INVALID);
	assert_int_equal(feed(w, INPUT_CONFIRM, "Promote", 0), ERR_INVALID);
	assert_int_equal(feed(w, INPUT_CONFIRM, "promote", 0), 0);
}

static void test_overrides_need_reasons_and_respect_hard_guards(void **state)
{
	struct world *w = *state;

	feed(w, INPUT_OPEN, NULL, 0);
	judge(w, VERDICT_RED);
	assert_int_equal(feed(w, INPUT_OVERRIDE, "", 0), ERR_INVALID);
	assert_int_equal(feed(w, INPUT_OVERRIDE, "seen elsewhere", 0), 0);
	assert_true(engine_gate_is_open(&w->engine));
	/* green and red again: the override was for the red before */
	judge(w, VERDICT_GREEN);
	judge(w, VERDICT_RED);
	assert_false(engine_gate_is_open(&w->engine));
	pass(w, NULL);
	judge(w, VERDICT_RED);
	assert_int_equal(feed(w, INPUT_OVERRIDE, "please", 0), ERR_INVALID);
	assert_int_equal(count(w, EVENT_GATE_OVERRIDDEN), 1);
}

static const char *last_text(const struct world *w)
{
	return json_text(json_array_get(w->records,
					json_array_size(w->records) - 1),
			 "text", "");
}

static void judge_red(struct world *w, int64_t mono, const char *text)
{
	w->mono = mono;
	w->verdicts[0].state = VERDICT_RED;
	snprintf(w->verdicts[0].text, sizeof(w->verdicts[0].text), "%s", text);
	feed(w, INPUT_VERDICTS, NULL, 0);
}

static void test_a_shut_guards_new_reason_is_recorded(void **state)
{
	struct world *w = *state;

	feed(w, INPUT_OPEN, NULL, 0);
	judge_red(w, 0, "quiet for 10 ms");
	judge_red(w, 2000, "quiet for 250 ms");
	assert_int_equal(count(w, EVENT_GUARD_CHANGED), 1);
	judge_red(w, 3000, "1 open transaction");
	assert_int_equal(count(w, EVENT_GUARD_CHANGED), 2);
	assert_string_equal(last_text(w), "1 open transaction");
	/* two reasons that take turns do not fill the journal */
	judge_red(w, 3100, "quiet for 0 ms");
	judge_red(w, 3200, "1 open transaction");
	assert_int_equal(count(w, EVENT_GUARD_CHANGED), 2);
	/* an override is for what was true when it was given */
	judge_red(w, 3300, "quiet for 7 ms");
	assert_int_equal(feed(w, INPUT_OVERRIDE, "seen elsewhere", 0), 0);
	assert_int_equal(count(w, EVENT_GATE_OVERRIDDEN), 1);
	assert_string_equal(last_text(w), "quiet for 7 ms");
}

static void test_a_failed_action_can_be_retried(void **state)
{
	struct world *w = *state;

	feed(w, INPUT_OPEN, NULL, 0);
	judge(w, VERDICT_GREEN);
	feed(w, INPUT_CONFIRM, NULL, 0);
	assert_int_equal(feed(w, INPUT_PARK, NULL, 0), ERR_INVALID);
	assert_int_equal(feed(w, INPUT_FAILED, "500", 0), 0);
	assert_int_equal(w->engine.phase, ENGINE_STUCK);
	assert_false(w->engine.unknown);
	assert_int_equal(feed(w, INPUT_RETRY, NULL, 0), 0);
	assert_int_equal(w->order, ORDER_ACT);
	assert_int_equal(feed(w, INPUT_LOST, "time-out", 0), 0);
	assert_true(w->engine.unknown);
	assert_int_equal(count(w, EVENT_ACTION_INTENDED), 2);
	assert_int_equal(count(w, EVENT_WINDOW_OPENED), 2);     /* one was none */
}

static void test_checks_time_out_and_can_be_awaited_again(void **state)
{
	struct world *w = *state;

	feed(w, INPUT_OPEN, NULL, 0);
	judge(w, VERDICT_GREEN);
	feed(w, INPUT_CONFIRM, NULL, 0);
	feed(w, INPUT_DONE, "OK", 0);
	w->mono += 1000;
	judge(w, VERDICT_UNKNOWN);
	assert_int_equal(w->engine.phase, ENGINE_CHECKING);
	w->mono += 1;
	judge(w, VERDICT_UNKNOWN);
	assert_int_equal(w->engine.phase, ENGINE_STUCK);
	assert_true(w->engine.stuck_on_check);
	assert_int_equal(feed(w, INPUT_RETRY, NULL, 0), 0);
	assert_int_equal(w->order, ORDER_NONE);
	assert_int_equal(w->engine.phase, ENGINE_CHECKING);
	judge(w, VERDICT_GREEN);
	assert_int_equal(w->engine.steps[0].state, STEP_DONE);
}

static void test_rollback_undoes_what_began_in_the_given_order(void **state)
{
	struct world *w = *state;
	const json_t *begun;

	feed(w, INPUT_OPEN, NULL, 0);
	pass(w, NULL);
	pass(w, NULL);
	judge(w, VERDICT_GREEN);        /* promote has not begun */
	w->lost = 0;
	assert_int_equal(feed(w, INPUT_ROLLBACK, NULL, 0), 0);
	begun = json_array_get(w->records, json_array_size(w->records) - 2);
	assert_int_equal(json_array_size(json_object_get(begun, "undo")), 2);
	assert_string_equal(json_text(begun, "undo/0", ""), "fence");
	/* its gate opens only once the guard was recorded as green */
	judge(w, VERDICT_RED);
	assert_int_equal(w->engine.phase, ENGINE_GATE);
	judge(w, VERDICT_GREEN);
	judge(w, VERDICT_GREEN);
	assert_int_equal(w->engine.phase, ENGINE_ACTING);
	assert_int_equal(feed(w, INPUT_ROLLBACK, NULL, 0), ERR_INVALID);
	feed(w, INPUT_DONE, "OK", 0);
	judge(w, VERDICT_GREEN);
	judge(w, VERDICT_GREEN);
	feed(w, INPUT_DONE, "OK", 0);
	judge(w, VERDICT_GREEN);
	assert_int_equal(w->engine.result, RESULT_ROLLED_BACK);
	assert_int_equal(w->engine.lost, 0);
	assert_int_equal(w->engine.steps[0].state, STEP_UNDONE);
	assert_int_equal(w->engine.steps[2].state, STEP_WAITING);
	assert_false(w->engine.window_open);
}

static void test_nothing_is_confirmed_that_cannot_be_planned(void **state)
{
	struct world *w = *state;

	feed(w, INPUT_OPEN, NULL, 0);
	judge(w, VERDICT_GREEN);
	w->problem = "Service x is not there";
	assert_int_equal(feed(w, INPUT_CONFIRM, NULL, 0), ERR_INVALID);
	assert_string_equal(w->err.message, w->problem);
	w->problem = NULL;
	feed(w, INPUT_CONFIRM, NULL, 0);
	feed(w, INPUT_FAILED, "no", 0);
	w->problem = "Service x is not there";
	assert_int_equal(feed(w, INPUT_RETRY, NULL, 0), ERR_INVALID);
	/* the gates of a way back wait as well: undone is never said of a step
	 * for which nothing was sent */
	assert_int_equal(feed(w, INPUT_ROLLBACK, NULL, 0), 0);
	judge(w, VERDICT_GREEN);
	judge(w, VERDICT_GREEN);
	assert_int_equal(w->engine.phase, ENGINE_GATE);
	w->problem = NULL;
	judge(w, VERDICT_GREEN);
	assert_int_equal(w->engine.phase, ENGINE_ACTING);
}

static void test_rollback_before_anything_was_done(void **state)
{
	struct world *w = *state;

	feed(w, INPUT_OPEN, NULL, 0);
	judge(w, VERDICT_RED);
	w->lost = -1;
	assert_int_equal(feed(w, INPUT_ROLLBACK, NULL, 0), 0);
	assert_int_equal(w->engine.result, RESULT_ROLLED_BACK);
	assert_int_equal(w->engine.lost, -1);
	assert_int_equal(feed(w, INPUT_NOTE, "late", 0), ERR_INVALID);
}

static void test_the_state_is_a_fold_over_the_records(void **state)
{
	struct world *w = *state;
	struct engine again;
	struct error err;

	feed(w, INPUT_OPEN, NULL, 0);
	pass(w, NULL);
	judge(w, VERDICT_GREEN);
	feed(w, INPUT_CONFIRM, NULL, 0);
	feed(w, INPUT_FAILED, "no", 0);
	feed(w, INPUT_NOTE, "called the DBA", 0);
	engine_init(&again, &runbook);
	for (size_t i = 0; i < json_array_size(w->records); i++)
		assert_int_equal(engine_apply(&again,
			json_array_get(w->records, i), &err), 0);
	assert_int_equal(again.phase, w->engine.phase);
	assert_int_equal(again.step, w->engine.step);
	assert_int_equal(again.effect, w->engine.effect);
	assert_string_equal(again.problem, w->engine.problem);
	assert_int_equal(again.acted_mono, w->engine.acted_mono);
	assert_int_equal(again.steps[0].state, STEP_DONE);
	engine_release(&again);
}

/* Goes on from wherever the run is, until it has closed. */
static void drive(struct world *w)
{
	for (int turn = 0; turn < 200 && w->engine.phase != ENGINE_CLOSED;
	     turn++) {
		w->mono += 10;
		switch (w->engine.phase) {
		case ENGINE_GATE:
			judge(w, VERDICT_GREEN);
			if (!w->engine.rolling_back)
				assert_int_equal(feed(w, INPUT_CONFIRM,
					steps[w->engine.step].confirm, 0), 0);
			break;
		case ENGINE_ACTING:
			assert_int_equal(feed(w, INPUT_DONE, "OK", 0), 0);
			break;
		case ENGINE_CHECKING:
		case ENGINE_STUCK:
			judge(w, VERDICT_GREEN);
			if (w->engine.phase == ENGINE_STUCK)
				feed(w, INPUT_RETRY, NULL, 0);
			break;
		default:
			fail_msg("phase %d leads nowhere", w->engine.phase);
		}
	}
}

/* A run cut after each of its records, resumed, and driven to its end. */
static void cut_everywhere(const json_t *records, enum engine_result result)
{
	size_t all = json_array_size(records);

	for (size_t cut = 1; cut < all; cut++) {
		void *state = NULL;
		struct world *w;

		setup(&state);
		w = state;
		for (size_t i = 0; i < cut; i++) {
			json_t *record = json_array_get(records, i);

			assert_int_equal(engine_apply(&w->engine, record,
						      &w->err), 0);
			json_array_append(w->records, record);
		}
		w->mono = w->engine.last_mono + 1000;
		assert_int_equal(feed(w, INPUT_RESUME, "me@here", 0), 0);
		if (strcmp(json_text(json_array_get(records, cut - 1), "event",
				     ""), "action.intended") == 0)
			assert_true(w->engine.phase == ENGINE_STUCK &&
				    w->engine.unknown);
		drive(w);
		assert_int_equal(w->engine.phase, ENGINE_CLOSED);
		assert_int_equal(w->engine.result, result);
		assert_false(w->engine.window_open);
		teardown(&state);
	}
}

static void test_a_run_cut_anywhere_can_be_gone_on_with(void **state)
{
	struct world *w = *state;

	feed(w, INPUT_OPEN, NULL, 0);
	drive(w);
	assert_int_equal(w->engine.result, RESULT_COMPLETED);
	cut_everywhere(w->records, RESULT_COMPLETED);
}

static void test_a_way_back_cut_anywhere_can_be_gone_on_with(void **state)
{
	struct world *w = *state;
	json_t *tail;

	feed(w, INPUT_OPEN, NULL, 0);
	pass(w, NULL);
	pass(w, NULL);
	feed(w, INPUT_CONFIRM, "promote", 0);
	feed(w, INPUT_LOST, "time-out", 0);
	assert_int_equal(feed(w, INPUT_ROLLBACK, NULL, 0), 0);
	drive(w);
	assert_int_equal(w->engine.result, RESULT_ROLLED_BACK);
	tail = json_copy(w->records);
	while (strcmp(json_text(json_array_get(tail, json_array_size(tail) - 1),
				"event", ""), "rollback.begun") != 0)
		json_array_remove(tail, json_array_size(tail) - 1);
	for (size_t cut = json_array_size(tail);
	     cut < json_array_size(w->records); cut++) {
		void *again = NULL;
		struct world *other;

		setup(&again);
		other = again;
		for (size_t i = 0; i < cut; i++)
			engine_apply(&other->engine,
				     json_array_get(w->records, i), &w->err);
		other->mono = other->engine.last_mono + 1000;
		assert_int_equal(feed(other, INPUT_RESUME, "me", 0), 0);
		drive(other);
		assert_int_equal(other->engine.result, RESULT_ROLLED_BACK);
		teardown(&again);
	}
	json_decref(tail);
}

static void test_a_parked_run_waits_for_its_resumption(void **state)
{
	struct world *w = *state;

	feed(w, INPUT_OPEN, NULL, 0);
	pass(w, NULL);
	judge(w, VERDICT_GREEN);
	assert_int_equal(feed(w, INPUT_PARK, "coffee", 0), 0);
	assert_int_equal(feed(w, INPUT_CONFIRM, NULL, 0), ERR_INVALID);
	w->mono += 60000;
	assert_int_equal(feed(w, INPUT_RESUME, "me", 0), 0);
	assert_int_equal(w->engine.phase, ENGINE_GATE);
	assert_int_equal(w->engine.step, 1);
	assert_false(engine_gate_is_open(&w->engine));
	assert_true(engine_outage(&w->engine, w->mono) >= 60000);
	drive(w);
	assert_int_equal(w->engine.result, RESULT_COMPLETED);
	assert_int_equal(feed(w, INPUT_RESUME, "me", 0), ERR_INVALID);
}

static void test_positions_before_and_after_a_step(void **state)
{
	struct world *w = *state;

	feed(w, INPUT_OPEN, NULL, 0);
	pass(w, NULL);
	assert_null(engine_position(&w->engine, "fence", "rds"));
	pass(w, NULL);
	assert_string_equal(engine_position(&w->engine, "fence", "rds"),
			    "1-1-7");
	assert_null(engine_position(&w->engine, "no-such", "rds"));
	assert_null(engine_position(&w->engine, "promote", "aurora"));
}

static void test_a_record_out_of_order_is_refused(void **state)
{
	struct world *w = *state;
	json_t *record = json_pack("{si ss ss}", "seq", 1, "event",
				   "action.done", "step", "off");

	assert_int_equal(engine_apply(&w->engine, record, &w->err),
			 ERR_INVALID);
	json_object_set_new(record, "event", json_string("no.such"));
	assert_int_equal(engine_apply(&w->engine, record, &w->err),
			 ERR_INVALID);
	json_decref(record);
}

#define UNIT(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(test_three_gates_lead_to_completed),
		UNIT(test_an_intent_precedes_every_act),
		UNIT(test_red_and_unknown_keep_the_gate_shut),
		UNIT(test_a_word_is_asked_for_and_must_be_right),
		UNIT(test_overrides_need_reasons_and_respect_hard_guards),
		UNIT(test_a_shut_guards_new_reason_is_recorded),
		UNIT(test_a_failed_action_can_be_retried),
		UNIT(test_checks_time_out_and_can_be_awaited_again),
		UNIT(test_rollback_undoes_what_began_in_the_given_order),
		UNIT(test_nothing_is_confirmed_that_cannot_be_planned),
		UNIT(test_rollback_before_anything_was_done),
		UNIT(test_the_state_is_a_fold_over_the_records),
		UNIT(test_a_run_cut_anywhere_can_be_gone_on_with),
		UNIT(test_a_way_back_cut_anywhere_can_be_gone_on_with),
		UNIT(test_a_parked_run_waits_for_its_resumption),
		UNIT(test_positions_before_and_after_a_step),
		UNIT(test_a_record_out_of_order_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
