/* Units of the way back in engine/: what is recorded of it, its clock, what it
 * loses, and that it can be gone on with from between any two records. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/json.h"
#include "engine/engine.h"

static struct action promote = {.kind = ACTION_PROMOTE, .on = "aurora"};
static struct runbook_step steps[] = {
	{.id = "off", .label = "1", .title = "Flag off", .why = ""},
	{.id = "fence", .label = "2a", .title = "Fence", .why = ""},
	{.id = "promote", .label = "2b", .title = "Promote", .why = "",
	 .deed = {.actions = {&promote, 1}}},
};
static struct runbook runbook = {
	.name = "small", .steps = steps, .step_count = 3,
};

static const struct pace_sum foreseen = {.takes_ms = 3200, .unmeasured = 1};

static void apply(struct engine *engine, enum event event, json_t *fields,
		  int64_t mono)
{
	struct error err = {0};

	json_object_set_new(fields, "event", json_string(event_name(event)));
	json_object_set_new(fields, "mono", json_integer(mono));
	if (engine_apply(engine, fields, &err))
		fail_msg("%s", err.message);
	json_decref(fields);
}

static json_t *decide_rollback(const struct engine *engine, int64_t mono,
			       size_t record)
{
	struct engine_input input = {
		.kind = INPUT_ROLLBACK, .mono = mono, .takes = foreseen,
		.effects = json_array(),
	};
	struct engine_outputs out;
	json_t *fields;

	assert_int_equal(engine_decide(engine, &input, &out, NULL), 0);
	assert_true(record < out.count);
	fields = json_incref(out.records[record].fields);
	engine_outputs_release(&out);
	json_decref(input.effects);
	return fields;
}

/* What was foreseen is recorded where a way back begins; its clock runs from
 * there to its end, and stands still then. */
static void test_the_clock_of_a_way_back(void **state)
{
	struct engine engine;
	json_t *fields;

	(void)state;
	engine_init(&engine, &runbook);
	apply(&engine, EVENT_GATE_OPENED, json_pack("{ss}", "step", "off"), 10);
	assert_int_equal(engine_way_back(&engine, 500), -1);
	fields = decide_rollback(&engine, 1000, 0);
	assert_int_equal(json_number(fields, "takes_ms", -1), 3200);
	assert_int_equal(json_number(fields, "unmeasured", -1), 1);
	apply(&engine, EVENT_ROLLBACK_BEGUN, fields, 1000);
	assert_int_equal(engine_way_back(&engine, 1400), 400);
	apply(&engine, EVENT_RUN_PARKED, json_object(), 1500);
	apply(&engine, EVENT_RUN_RESUMED, json_object(), 61500);
	assert_int_equal(engine_way_back(&engine, 61500), 60500);
	apply(&engine, EVENT_ROLLBACK_DONE, json_object(), 62000);
	apply(&engine, EVENT_RUN_CLOSED, json_object(), 62000);
	assert_int_equal(engine_way_back(&engine, 99000), 61000);
	engine_release(&engine);
}

/* Where nothing is to be undone, it ends as it begins. */
static void test_a_way_back_of_nothing(void **state)
{
	struct engine engine;
	json_t *fields;

	(void)state;
	engine_init(&engine, &runbook);
	apply(&engine, EVENT_GATE_OPENED, json_pack("{ss}", "step", "off"), 10);
	fields = decide_rollback(&engine, 1000, 1);
	assert_int_equal(json_number(fields, "took_ms", -1), 0);
	json_decref(fields);
	engine_release(&engine);
}

/* The count stands though nothing can be counted later; but not over the undoing
 * of the step that let the target take writes. */
static void test_what_is_lost_is_remembered(void **state)
{
	static const char *const undo[] = {"fence", "promote", "off"};
	static const int64_t seen[] = {3, -1, 7, -1, -1};
	static const int64_t told[] = {3, -1, 7, 7, 7};
	struct engine engine;
	json_t *lost;

	(void)state;
	engine_init(&engine, &runbook);
	apply(&engine, EVENT_GATE_OPENED, json_pack("{ss}", "step", "off"), 10);
	apply(&engine, EVENT_ROLLBACK_BEGUN,
	      json_pack("{s[sssss]}", "undo", undo[0], undo[1], undo[1],
			undo[2], undo[2]), 20);
	for (size_t i = 0; i < 5; i++) {
		struct engine_input input = {.kind = INPUT_VERDICTS,
					     .mono = 30, .lost = seen[i]};
		const char *step = undo[i == 0 ? 0 : i < 3 ? 1 : 2];
		struct engine_outputs out;

		apply(&engine, EVENT_GATE_OPENED,
		      json_pack("{ss sb}", "step", step, "undo", 1), 30);
		apply(&engine, EVENT_GATE_CONFIRMED,
		      json_pack("{ss s[]}", "step", step, "effects"), 30);
		assert_int_equal(engine_decide(&engine, &input, &out, NULL), 0);
		assert_int_equal(out.records[0].event, EVENT_STEP_UNDONE);
		lost = json_object_get(out.records[0].fields, "lost");
		assert_int_equal(json_is_null(lost) ? -1 :
				 json_integer_value(lost), told[i]);
		apply(&engine, EVENT_STEP_UNDONE,
		      json_incref(out.records[0].fields), 30);
		engine_outputs_release(&out);
	}
	engine_release(&engine);
}

/* ---- gone on with from between two records -------------------------------- */

/* The events that a resumption leads to, and folds. */
static void resume(struct engine *engine, const enum event *wanted,
		   size_t count)
{
	struct engine_input input = {.kind = INPUT_RESUME, .mono = 5000,
				     .text = "op@host", .lost = 0,
				     .effects = json_array(),
				     .found = json_array()};
	struct engine_outputs out;

	assert_int_equal(engine_decide(engine, &input, &out, NULL), 0);
	for (size_t i = 0; i < out.count; i++) {
		assert_true(i < count);
		assert_string_equal(event_name(out.records[i].event),
				    event_name(wanted[i]));
		apply(engine, out.records[i].event,
		      json_incref(out.records[i].fields), 5000);
	}
	assert_int_equal(out.count, count);
	engine_outputs_release(&out);
	json_decref(input.effects);
	json_decref(input.found);
}

/* A run whose window has closed, and that begins to go back. */
static void begin_late(struct engine *engine)
{
	engine_init(engine, &runbook);
	apply(engine, EVENT_GATE_OPENED, json_pack("{ss}", "step", "off"), 10);
	apply(engine, EVENT_WINDOW_OPENED, json_pack("{ss}", "step", "off"),
	      20);
	apply(engine, EVENT_WINDOW_CLOSED, json_pack("{ss}", "step", "off"),
	      30);
	apply(engine, EVENT_ROLLBACK_BEGUN, json_pack("{s[s]}", "undo", "off"),
	      1000);
}

static void test_the_window_opens_again(void **state)
{
	static const enum event wanted[] = {
		EVENT_RUN_RESUMED, EVENT_WINDOW_OPENED, EVENT_GATE_OPENED,
	};
	struct engine engine;

	(void)state;
	begin_late(&engine);
	resume(&engine, wanted, 3);
	assert_true(engine.window_open);
	engine_release(&engine);
}

static void test_the_end_is_recorded_once(void **state)
{
	static const enum event open[] = {
		EVENT_RUN_RESUMED, EVENT_WINDOW_CLOSED, EVENT_RUN_CLOSED,
	};
	static const enum event closed[] = {EVENT_RUN_RESUMED, EVENT_RUN_CLOSED};
	struct engine engine;

	(void)state;
	for (int both = 0; both < 2; both++) {
		begin_late(&engine);
		apply(&engine, EVENT_WINDOW_OPENED,
		      json_pack("{ss}", "step", "off"), 1000);
		engine.undo = 1;
		apply(&engine, EVENT_ROLLBACK_DONE, json_object(), 1100);
		if (both)
			apply(&engine, EVENT_WINDOW_CLOSED,
			      json_pack("{ss}", "step", "off"), 1100);
		resume(&engine, both ? closed : open, both ? 2 : 3);
		assert_int_equal(engine.result, RESULT_ROLLED_BACK);
		engine_release(&engine);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_clock_of_a_way_back),
		cmocka_unit_test(test_a_way_back_of_nothing),
		cmocka_unit_test(test_what_is_lost_is_remembered),
		cmocka_unit_test(test_the_window_opens_again),
		cmocka_unit_test(test_the_end_is_recorded_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
