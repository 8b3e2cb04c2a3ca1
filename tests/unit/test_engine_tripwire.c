/*
 * Units of engine: what the source takes after its fence is counted as long as
 * the fence stands, on the way back too.
 */
#include "engine_fixture.h"

static void test_the_tripwire_counts_upwards_from_the_fence_on(void **state)
{
	struct run *run = *state;

	run_pass_to(run, FENCE);
	run_feed(run, INPUT_TRIPPED, "1-1-8", 1);
	assert_int_equal(run_count(run, EVENT_TRIPWIRE), 0);
	run_pass(run);
	run_feed(run, INPUT_TRIPPED, "1-1-8", 1);
	run_feed(run, INPUT_TRIPPED, "1-1-8", 1);
	assert_int_equal(run_count(run, EVENT_TRIPWIRE), 1);
	run_feed(run, INPUT_TRIPPED, "1-1-8-9", 2);
	assert_int_equal(run_count(run, EVENT_TRIPWIRE), 2);
	assert_int_equal(run->engine.tripped, 2);
	assert_string_equal(json_text(run_last(run, EVENT_TRIPWIRE), "gtids",
				      ""), "1-1-8-9");
	assert_string_equal(json_text(run_last(run, EVENT_TRIPWIRE), "since",
				      ""), "fence");
}

static void trip(struct run *run, size_t transactions, size_t recorded)
{
	run_feed(run, INPUT_TRIPPED, "1-1-8", transactions);
	assert_int_equal(run_count(run, EVENT_TRIPWIRE), recorded);
}

/* The way back stands before the fence's undo, and waits there. */
static void test_the_tripwire_is_there_until_the_unfence_is_sent(void **state)
{
	struct run *run = *state;

	run_pass_to(run, FENCE);
	run_pass(run);
	run_feed(run, INPUT_ROLLBACK, NULL, 0);
	assert_int_equal(run->engine.step, FENCE);
	assert_int_equal(run->engine.phase, ENGINE_GATE);
	trip(run, 1, 1);
	assert_int_equal(engine_tripped(&run->engine), 1);
	run_judge(run, VERDICT_GREEN);
	assert_int_equal(run->order, ORDER_ACT);
	trip(run, 2, 1);
	assert_int_equal(engine_tripped(&run->engine), 0);
}

static void test_the_tripwire_stays_where_the_unfence_is_left_out(void **state)
{
	struct run *run = *state;

	run_pass_to(run, FENCE);
	run_pass(run);
	run_feed(run, INPUT_ROLLBACK, NULL, 0);
	run->problem = "rds does not answer";
	assert_int_equal(run_feed(run, INPUT_SKIP, "rds is gone", 0), 0);
	assert_int_equal(run->engine.steps[FENCE].state, STEP_SKIPPED);
	trip(run, 1, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, run_setup, run_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_the_tripwire_counts_upwards_from_the_fence_on),
		TEST(test_the_tripwire_is_there_until_the_unfence_is_sent),
		TEST(test_the_tripwire_stays_where_the_unfence_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
