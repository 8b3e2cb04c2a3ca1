/*
 * Pages beside the run: a run that was left, before it is gone on with; the
 * journal; the end.
 */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "conduct/reality.h"
#include "screen_words.h"

static void draw(struct view_ui ui)
{
	screen_draw(ui, 80, 24);
}

/* ---- a run that was left -------------------------------------------------- */

/* What is too long for the table is cut; d shows it whole. */
static void test_resume_in_full(void **state)
{
	struct reality reality = {.count = 1, .looked = true};

	(void)state;
	fixture_walk_to(&fixture, "fence");
	reality.rows[0].world.state = VERDICT_RED;
	snprintf(reality.rows[0].world.text, VERDICT_TEXT_MAX,
		 "the flag is on, it was put there again by somebody who has the right to: mallory");
	fixture.reality = &reality;
	draw((struct view_ui){.page = VIEW_RUN});
	there("RESUME ");
	not_there("mallory");
	draw((struct view_ui){.page = VIEW_DETAILS});
	there("RESUME ");
	there("mallory");
	there("y go on  d details");
	/* from where y does nothing, it is not offered */
	draw((struct view_ui){.page = VIEW_JOURNAL});
	not_there("y go on");
	there("Esc back");
}

/* ---- the journal ---------------------------------------------------------- */

static void add(json_t *records, int64_t mono, const char *at, const char *text)
{
	json_array_append_new(records, json_pack("{ss ss sI ss}", "event",
						 "note", "at", at, "mono",
						 (json_int_t)mono, "text",
						 text));
}

/* As a transcript has them: the clock's time, and the time since the window. */
static void test_journal(void **state)
{
	json_t *records = json_array();
	int64_t opened;

	(void)state;
	fixture_walk_to(&fixture, "promote");
	opened = fixture.engine.window_first_mono;
	assert_true(opened >= 0);
	add(records, opened - 1, "2026-11-23T14:03:20.123Z", "before it");
	add(records, opened + 12092, "2026-11-23T14:04:37.213Z",
	    "a note that is longer than what its two times have left of the row");
	draw((struct view_ui){.page = VIEW_JOURNAL, .records = records});
	there("\n14:03:20.123             NOTE: before it\n");
	there("\n14:04:37.213  T+12.092   NOTE: a note that is longer");
	there("\n                         ");
	there("UTC; T+ since the window first opened\n");
	json_decref(records);
}

/* Another window, on the way back, does not begin the count anew. */
static void test_first_window(void **state)
{
	int64_t opened;

	(void)state;
	fixture_walk_to(&fixture, "promote");
	opened = fixture.engine.window_first_mono;
	fixture.mono += 1000;
	fixture_record(&fixture, "window.closed", json_object());
	fixture.mono += 1000;
	fixture_record(&fixture, "window.opened", json_object());
	assert_int_equal(fixture.engine.window_first_mono, opened);
	assert_int_equal(fixture.engine.window_opened_mono, fixture.mono);
}

/* One that did not come to be, does not count. */
static void test_void_window(void **state)
{
	(void)state;
	fixture_walk_to(&fixture, "read-only");
	fixture_record(&fixture, "window.opened", json_object());
	fixture_record(&fixture, "window.closed", json_pack("{sb}", "void", 1));
	assert_int_equal(fixture.engine.window_first_mono, -1);
}

/* ---- the end -------------------------------------------------------------- */

static void roll_back(json_t *undo)
{
	fixture_record(&fixture, "rollback.begun",
		       json_pack("{ss so}", "step", fixture.runbook->steps[
				 fixture.engine.step].id, "undo", undo));
}

static void end_rolled_back(void)
{
	fixture_record(&fixture, "rollback.done", json_pack("{si}", "lost", 0));
	fixture_record(&fixture, "run.closed",
		       json_pack("{ss}", "result", "rolled-back"));
	draw((struct view_ui){.page = VIEW_END});
}

/* Before a step has acted there is nothing to be rolled back, whoever drives. */
static void test_end_of_nothing(void **state)
{
	static const struct conduct_lease_view lease = {
		.text = "given up", .other = "alice@bastion (run R, process 7) since "
			"2026-11-23T14:03:20Z, last renewed 2026-11-23T14:05:01Z"};

	(void)state;
	fixture_walk_to(&fixture, "read-only");
	assert_false(engine_has_acted(&fixture.engine));
	fixture.way_back.step_count = 0;
	fixture.way_back.lost = -1;
	fixture.lease = &lease;
	draw((struct view_ui){.page = VIEW_WAY_BACK});
	there("Nothing was changed yet");
	there("The Lease is held by alice@bastion (run R, process 7)");
	not_there("UNKNOWN");
	roll_back(json_array());
	end_rolled_back();
	there("\nNOTHING WAS CHANGED: this run ended before any step of it acted\n");
	there("goes on.");
	not_there("ROLLED BACK");
	not_there("lost:");
	not_there("way back");
}

static void test_end_of_something(void **state)
{
	(void)state;
	fixture_walk_to(&fixture, "fence");
	assert_true(engine_has_acted(&fixture.engine));
	roll_back(json_pack("[s]", "read-only"));
	end_rolled_back();
	there("\nROLLED BACK\n lost: 0 transactions of users\n");
	not_there("NOTHING WAS CHANGED");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(test_resume_in_full),
		UNIT(test_journal),
		UNIT(test_first_window),
		UNIT(test_void_window),
		UNIT(test_end_of_nothing),
		UNIT(test_end_of_something),
	};

	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
