/* What the front end of lines says without being asked: what is out of sight,
 * and what a check that takes long waits for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plain/sight.h"
#include "plain/spectator_private.h"
#include "plain/waits.h"
#include "screen_fixture.h"

static struct {
	struct fixture run;
	struct sight sight;
	struct waits waits;
	char *text;
	size_t len;
} test;

static int setup(void **state)
{
	(void)state;
	memset(&test, 0, sizeof(test));
	fixture_open(&test.run);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fixture_close(&test.run);
	free(test.text);
	return 0;
}

/* What is said now, valid until the next call. */
static const char *said(void)
{
	struct printer printer = {.utf8 = false};
	struct view_input input;

	free(test.text);
	printer.out = open_memstream(&test.text, &test.len);
	assert_non_null(printer.out);
	fixture_input(&test.run, false, &input);
	sight_say(&test.sight, &printer, &input);
	waits_say(&test.waits, &printer, &input);
	assert_int_equal(fclose(printer.out), 0);
	return test.text;
}

static void problem(struct stamp *stamp, int64_t age_ms, const char *why)
{
	stamp->at_ms = test.run.facts.now_ms - age_ms;
	snprintf(stamp->problem, sizeof(stamp->problem), "%s", why);
}

static void test_a_database_out_of_sight_is_said_once(void **state)
{
	struct stamp *stamp =
		&test.run.facts.databases[SIDE_TARGET].stamp;

	(void)state;
	assert_string_equal(said(), "");
	problem(stamp, 900, "error 2013: lost");
	assert_string_equal(said(), "");
	problem(stamp, 1200, "error 2013: lost");
	assert_string_equal(said(), "BLIND: aurora was last seen 1.2 s ago: "
			    "error 2013: lost\n");
	test.run.facts.now_ms += 5000;
	assert_string_equal(said(), "");
	problem(stamp, 0, "");
	assert_string_equal(said(), "SEEN again: aurora, after 6.2 s\n");
	assert_string_equal(said(), "");
	/* old without a failure: the verdicts say so; and it may come again */
	problem(stamp, 3000, "");
	assert_string_equal(said(), "");
	problem(stamp, 3000, "refused");
	assert_non_null(strstr(said(), "BLIND: aurora"));
}

static void test_any_list_of_the_cluster_is_the_cluster(void **state)
{
	struct facts_cluster *cluster = &test.run.facts.cluster;

	(void)state;
	problem(&cluster->slices_stamp, 2000, "no connection");
	assert_string_equal(said(), "BLIND: the cluster was last seen 2.0 s "
			    "ago: no connection\n");
	problem(&cluster->pods_stamp, 4000, "no connection");
	assert_string_equal(said(), "");
	problem(&cluster->slices_stamp, 0, "");
	assert_string_equal(said(), "");
	problem(&cluster->pods_stamp, 0, "");
	assert_non_null(strstr(said(), "SEEN again: the cluster"));
}

static void test_a_long_check_says_what_it_waits_for(void **state)
{
	(void)state;
	fixture_walk_to(&test.run, "fence");
	fixture_act(&test.run, "fence");
	assert_int_equal(test.run.engine.phase, ENGINE_CHECKING);
	fixture_verdict(&test.run, 0, VERDICT_GREEN, "rds refuses writes");
	fixture_verdict(&test.run, 1, VERDICT_RED, "aurora lacks 12");
	test.run.mono += 900;
	assert_string_equal(said(), "");
	test.run.mono += 200;
	assert_string_equal(said(), "WAITING, at most 1:00.0: "
			    "aurora lacks 12\n");
	test.run.mono += 500;
	assert_string_equal(said(), "");
	fixture_verdict(&test.run, 1, VERDICT_UNKNOWN, "aurora: not seen");
	test.run.mono += 7000;
	assert_non_null(strstr(said(), "aurora: not seen"));
	test.run.mono += 7000;
	assert_string_equal(said(), "");
	test.run.mono += 1000;
	assert_non_null(strstr(said(), "aurora: not seen"));
}

/* ---- what a spectator is told ---------------------------------------------- */

/* Where the run stands, as told now; "" if that was told already. */
static const char *stands(struct spectator *spectator)
{
	free(test.text);
	spectator->printer.out = open_memstream(&test.text, &test.len);
	assert_non_null(spectator->printer.out);
	spectator->engine = test.run.engine;
	spectator_tell_now(spectator);
	assert_int_equal(fclose(spectator->printer.out), 0);
	return test.text;
}

static void test_two_writers_until_the_fence_is_undone(void **state)
{
	struct spectator spectator = {
		.options = {.runbook = test.run.runbook},
		.driver.held = true};
	struct fixture *run = &test.run;

	(void)state;
	fixture_walk_to(run, "promote");
	fixture_record(run, "tripwire",
		       json_pack("{ss si}", "since", "fence", "transactions",
				 2));
	assert_non_null(strstr(stands(&spectator), "TWO WRITERS, rds took 2"));
	fixture_record(run, "rollback.begun",
		       json_pack("{ss s[ss]}", "step", "promote", "undo",
				 "fence", "read-only"));
	fixture_record(run, "gate.opened",
		       json_pack("{ss sb}", "step", "fence", "undo", 1));
	fixture_record(run, "gate.confirmed",
		       json_pack("{ss sb s[]}", "step", "fence", "undo", 1,
				 "effects"));
	fixture_record(run, "step.undone", json_pack("{ss}", "step", "fence"));
	fixture_record(run, "gate.opened",
		       json_pack("{ss sb}", "step", "read-only", "undo", 1));
	assert_non_null(strstr(stands(&spectator), "rolling back"));
	assert_null(strstr(test.text, "TWO WRITERS"));
}

static void test_what_was_lost_and_found_is_no_trouble(void **state)
{
	struct spectator spectator = {
		.options = {.runbook = test.run.runbook},
		.driver.held = true};
	struct fixture *run = &test.run;

	(void)state;
	fixture_lose_promotion(run);
	assert_non_null(strstr(stands(&spectator), "STUCK: it broke"));
	fixture_record(run, "action.observed",
		       json_pack("{ss si ss ss}", "step", "promote", "action",
				 0, "state", "done", "text",
				 "aurora is no replica any more"));
	assert_non_null(strstr(stands(&spectator), "STUCK: the answer to "
			       "request 1 of 2 was lost: it broke"));
}

/* Whose driver is gone waits for nobody, wherever it was left. */
static void test_nobody_drives(void **state)
{
	struct spectator spectator = {
		.options = {.runbook = test.run.runbook},
		.driver.held = true};
	struct fixture *run = &test.run;

	(void)state;
	fixture_walk_to(run, "promote");
	fixture_verdicts(run, VERDICT_GREEN);
	assert_non_null(strstr(stands(&spectator), "waiting for the operator"));
	spectator.driver.held = false;
	assert_non_null(strstr(stands(&spectator), "nobody drives it; it was "
			       "left at the gate"));
	assert_null(strstr(test.text, "waiting for"));
	assert_non_null(strstr(test.text, "last record "));
	fixture_act(run, "promote");
	assert_non_null(strstr(stands(&spectator), "nobody drives it"));
}

#define UNIT(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(test_a_database_out_of_sight_is_said_once),
		UNIT(test_any_list_of_the_cluster_is_the_cluster),
		UNIT(test_a_long_check_says_what_it_waits_for),
		UNIT(test_two_writers_until_the_fence_is_undone),
		UNIT(test_what_was_lost_and_found_is_no_trouble),
		UNIT(test_nobody_drives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
