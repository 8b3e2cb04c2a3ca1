/* Units of engine/pace: what many runs measured, folded from their records. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "engine/pace.h"

#define SAME "aaaa"
#define OTHER "bbbb"

static struct runbook_step steps[] = {
	{.id = "off", .label = "1", .title = "Flag off", .why = ""},
	{.id = "fence", .label = "2a", .title = "Fence", .why = ""},
	{.id = "promote", .label = "2b", .title = "Promote", .why = ""},
};
static struct runbook runbook = {
	.name = "small", .sha256 = SAME, .steps = steps, .step_count = 3,
};

/* A run that is being written; its clock goes on by hand. */
struct past {
	json_t *records;
	int64_t mono;
};

static void record(struct past *past, enum event event, json_t *fields)
{
	assert_non_null(fields);
	json_object_set_new(fields, "event", json_string(event_name(event)));
	json_object_set_new(fields, "mono", json_integer(past->mono));
	json_array_append_new(past->records, fields);
}

static struct past past_of(const char *name, const char *sha256, bool rehearsal)
{
	struct past past = {.records = json_array()};

	record(&past, EVENT_RUN_OPENED,
	       json_pack("{sb s{ss ss}}", "rehearsal", rehearsal, "runbook",
			 "name", name, "sha256", sha256));
	return past;
}

/* A step that stood at its gate for an hour, and took that long. */
static void done(struct past *past, const char *step, int64_t ms)
{
	record(past, EVENT_GATE_OPENED,
	       json_pack("{ss sb}", "step", step, "undo", 0));
	past->mono += 3600000 + ms;
	record(past, EVENT_STEP_DONE,
	       json_pack("{ss sI}", "step", step, "took_ms", (json_int_t)ms));
}

static void undo_gate(struct past *past, const char *step)
{
	record(past, EVENT_GATE_OPENED,
	       json_pack("{ss sb}", "step", step, "undo", 1));
}

/* Half of the time it waited for its guards, so that took_ms is less. */
static void undo_end(struct past *past, const char *step, int64_t ms)
{
	past->mono += ms;
	record(past, EVENT_STEP_UNDONE,
	       json_pack("{ss sI}", "step", step, "took_ms",
			 (json_int_t)(ms / 2)));
}

static void undone(struct past *past, const char *step, int64_t ms)
{
	undo_gate(past, step);
	undo_end(past, step, ms);
}

static bool fold(struct pace_fold *pace, struct past past)
{
	bool counts = pace_fold_run(pace, past.records);

	json_decref(past.records);
	return counts;
}

static int setup(void **state)
{
	return pace_fold_open(&runbook, (struct pace_fold **)state, NULL);
}

static int teardown(void **state)
{
	pace_fold_close(*state);
	return 0;
}

static void fold_undone(struct pace_fold *pace, const char *sha256,
			bool rehearsal, int64_t ms)
{
	struct past past = past_of("small", sha256, rehearsal);

	undone(&past, "fence", ms);
	assert_true(fold(pace, past));
}

/* ---- the tests ----------------------------------------------------------- */

static void test_a_step_and_its_undoing(void **state)
{
	struct past past = past_of("small", SAME, true);
	struct pace pace;

	done(&past, "off", 300);
	done(&past, "fence", 700);
	undone(&past, "fence", 900);
	assert_true(fold(*state, past));
	pace_measure(*state, &pace);
	assert_int_equal(pace.steps[0].done.median_ms, 300);
	assert_int_equal(pace.steps[0].done.rehearsals, 1);
	assert_int_equal(pace.steps[0].undone.rehearsals, 0);
	assert_int_equal(pace.steps[1].done.median_ms, 700);
	/* with the wait for its guards: nobody is asked on the way back */
	assert_int_equal(pace.steps[1].undone.median_ms, 900);
	assert_int_equal(pace.steps[1].undone.live, 0);
	assert_int_equal(pace.steps[2].done.rehearsals, 0);
}

static void test_several_runs(void **state)
{
	struct pace pace;

	fold_undone(*state, SAME, true, 5000);
	fold_undone(*state, SAME, false, 1000);
	fold_undone(*state, SAME, true, 2000);
	pace_measure(*state, &pace);
	assert_int_equal(pace.steps[1].undone.median_ms, 2000);
	assert_int_equal(pace.steps[1].undone.max_ms, 5000);
	assert_int_equal(pace.steps[1].undone.live, 1);
	assert_int_equal(pace.steps[1].undone.rehearsals, 2);
	assert_false(pace.steps[1].undone.other);
	/* of two in the middle, the longer */
	fold_undone(*state, SAME, true, 2600);
	pace_measure(*state, &pace);
	assert_int_equal(pace.steps[1].undone.median_ms, 2600);
}

static void test_this_very_runbook_comes_first(void **state)
{
	struct pace pace;

	fold_undone(*state, OTHER, true, 9000);
	pace_measure(*state, &pace);
	assert_int_equal(pace.steps[1].undone.median_ms, 9000);
	assert_true(pace.steps[1].undone.other);
	fold_undone(*state, SAME, true, 1000);
	pace_measure(*state, &pace);
	assert_int_equal(pace.steps[1].undone.median_ms, 1000);
	assert_int_equal(pace.steps[1].undone.max_ms, 1000);
	assert_int_equal(pace.steps[1].undone.rehearsals, 1);
	assert_false(pace.steps[1].undone.other);
}

/* Each of these leaves the undoing of "fence" unmeasured. */
static void test_what_does_not_count(void **state)
{
	static const enum event breaks[] = {
		EVENT_ACTION_FAILED, EVENT_CHECK_TIMED_OUT, EVENT_RUN_PARKED,
		EVENT_RUN_RESUMED, EVENT_GATE_OVERRIDDEN,
	};
	struct pace pace;

	for (size_t i = 0; i < sizeof(breaks) / sizeof(breaks[0]); i++) {
		struct past past = past_of("small", SAME, true);

		undo_gate(&past, "fence");
		record(&past, breaks[i], json_pack("{ss sb}", "step", "fence",
						   "undo", 1));
		undo_end(&past, "fence", 60000);
		undone(&past, "off", 100);
		assert_true(fold(*state, past));
		pace_measure(*state, &pace);
		assert_int_equal(pace.steps[1].undone.rehearsals, 0);
		assert_int_equal(pace.steps[0].undone.rehearsals, i + 1);
	}
}

static void test_an_override_ahead_does_not_matter(void **state)
{
	struct past past = past_of("small", SAME, true);
	struct pace pace;

	record(&past, EVENT_GATE_OPENED, json_pack("{ss}", "step", "off"));
	record(&past, EVENT_GATE_OVERRIDDEN,
	       json_pack("{ss sb}", "step", "off", "undo", 0));
	record(&past, EVENT_STEP_DONE,
	       json_pack("{ss si}", "step", "off", "took_ms", 40));
	assert_true(fold(*state, past));
	pace_measure(*state, &pace);
	assert_int_equal(pace.steps[0].done.median_ms, 40);
}

static void test_strange_journals(void **state)
{
	struct past past = past_of("another", SAME, true);
	struct pace pace;

	undone(&past, "fence", 100);
	assert_false(fold(*state, past));
	/* a step that is gone, an end without a gate, nonsense, nothing */
	past = past_of("small", SAME, true);
	undone(&past, "gone", 100);
	undo_end(&past, "fence", 100);
	record(&past, EVENT_STEP_DONE, json_pack("{s[]}", "step"));
	assert_true(fold(*state, past));
	assert_false(pace_fold_run(*state, NULL));
	pace_measure(*state, &pace);
	for (size_t i = 0; i < RUNBOOK_STEPS_MAX; i++)
		assert_int_equal(pace.steps[i].undone.rehearsals, 0);
}

static void test_no_more_than_fifty(void **state)
{
	struct past past;
	struct pace pace;

	for (int i = 0; i < PACE_RUNS_MAX; i++)
		fold_undone(*state, i % 2 ? SAME : OTHER, true, 100);
	past = past_of("small", SAME, true);
	undone(&past, "fence", 900);
	assert_false(fold(*state, past));
	pace_measure(*state, &pace);
	assert_int_equal(pace.steps[1].undone.max_ms, 100);
	assert_int_equal(pace.steps[1].undone.rehearsals, PACE_RUNS_MAX / 2);
}

static void test_every_event_that_matters_is_wanted(void **state)
{
	(void)state;
	assert_true(pace_wants(EVENT_RUN_OPENED));
	assert_true(pace_wants(EVENT_STEP_UNDONE));
	assert_false(pace_wants(EVENT_GUARD_CHANGED));
	assert_false(pace_wants(EVENT_COUNT));
}

static void test_the_sum_of_a_way_back(void **state)
{
	static const size_t back[] = {2, 1, 0};
	struct past past = past_of("small", OTHER, false);
	struct pace_sum sum;
	struct pace pace;

	pace_undo(NULL, back, 3, &sum);
	assert_int_equal(sum.unmeasured, 3);
	assert_int_equal(sum.takes_ms, 0);
	assert_int_equal(sum.runs, 0);
	undone(&past, "off", 2000);
	assert_true(fold(*state, past));
	fold_undone(*state, SAME, true, 1000);
	fold_undone(*state, SAME, true, 1000);
	pace_measure(*state, &pace);
	pace_undo(&pace, back, 3, &sum);
	assert_int_equal(sum.takes_ms, 3000);
	assert_int_equal(sum.unmeasured, 1);
	/* as well known as the step that is known least */
	assert_int_equal(sum.runs, 1);
	assert_true(sum.live && sum.rehearsed && sum.other);
	pace_undo(&pace, back + 1, 1, &sum);
	assert_int_equal(sum.unmeasured, 0);
	assert_int_equal(sum.runs, 2);
	assert_false(sum.live || sum.other);
	pace_undo(&pace, back, 0, &sum);
	assert_int_equal(sum.takes_ms + (int64_t)sum.unmeasured, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_a_step_and_its_undoing,
						setup, teardown),
		cmocka_unit_test_setup_teardown(test_several_runs, setup,
						teardown),
		cmocka_unit_test_setup_teardown(
			test_this_very_runbook_comes_first, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_does_not_count,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_an_override_ahead_does_not_matter, setup,
			teardown),
		cmocka_unit_test_setup_teardown(test_strange_journals, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_no_more_than_fifty, setup,
						teardown),
		cmocka_unit_test(test_every_event_that_matters_is_wanted),
		cmocka_unit_test_setup_teardown(test_the_sum_of_a_way_back,
						setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
