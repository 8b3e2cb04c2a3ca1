/*
 * What keys do on the screen, without a terminal: the conductor and the clock
 * are the test's, the run is the fixture's. Each key is read as tui.c does it,
 * and a frame counts as shown when the test says so.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "conduct/reality.h"
#include "net/loop.h"
#include "screen_fixture.h"
#include "tui/screen.h"

struct conductor {
	struct fixture run;
	bool shut;                      /* what it would send has just changed */
	bool hard;                      /* what is red cannot be overridden */
	int confirmed, cancelled, resumed;
};

static struct {
	struct conductor conductor;
	struct tui tui;
	int64_t now_ms;
} test;

/* ---- what the screen asks of others --------------------------------------- */

int64_t loop_now(const struct loop *loop)
{
	(void)loop;
	return test.now_ms;
}

void loop_stop(struct loop *loop)
{
	(void)loop;
}

void terminal_flush(struct terminal *terminal)
{
	(void)terminal;
}

void terminal_redraw(struct terminal *terminal)
{
	(void)terminal;
}

void tui_say(struct tui *tui, const char *text)
{
	snprintf(tui->message, sizeof(tui->message), "%s", text);
}

const struct engine *conduct_engine(const struct conductor *c)
{
	return &c->run.engine;
}

int conduct_confirm(struct conductor *c, const char *word, struct error *err)
{
	(void)word;
	(void)err;
	c->confirmed++;
	return 0;
}

int conduct_cancel(struct conductor *c, struct error *err)
{
	(void)err;
	c->cancelled++;
	return 0;
}

int conduct_disarm(struct conductor *c, const char *reason, struct error *err)
{
	(void)err;
	fixture_record(&c->run, "gate.disarmed",
		       json_pack("{ss}", "reason", reason));
	return 0;
}

bool view_may_override(const struct view_input *input, size_t guard)
{
	(void)input;
	(void)guard;
	return false;
}

static int refuse(struct error *err)
{
	return error_set(err, ERR_INVALID, NULL, "not in this test");
}

int conduct_arm(struct conductor *c, size_t step, const char *word,
		struct error *err)
{
	(void)c;
	(void)step;
	(void)word;
	return refuse(err);
}

size_t conduct_armable(const struct conductor *c, size_t from)
{
	(void)from;
	return c->run.runbook->step_count;
}

const struct effects *conduct_ahead(struct conductor *c, size_t step,
				    struct error *err)
{
	(void)c;
	(void)step;
	refuse(err);
	return NULL;
}

int conduct_override(struct conductor *c, size_t guard, const char *reason,
		     struct error *err)
{
	(void)c;
	(void)guard;
	(void)reason;
	return refuse(err);
}

int conduct_rollback(struct conductor *c, const char *word, uint64_t shown,
		     struct error *err)
{
	(void)shown;
	(void)c;
	(void)word;
	return refuse(err);
}

int conduct_retry(struct conductor *c, struct error *err)
{
	(void)c;
	return refuse(err);
}

int conduct_skip(struct conductor *c, const char *text, struct error *err)
{
	(void)c;
	(void)text;
	return refuse(err);
}

int conduct_note(struct conductor *c, const char *text, struct error *err)
{
	(void)c;
	(void)text;
	return refuse(err);
}

int conduct_resume(struct conductor *c, uint64_t shown, struct error *err)
{
	(void)shown;
	(void)err;
	c->resumed++;
	c->run.reality = NULL;
	return 0;
}

int conduct_park(struct conductor *c, const char *reason, struct error *err)
{
	(void)c;
	(void)reason;
	return refuse(err);
}

int conduct_take_over(struct conductor *c, const char *word, struct error *err)
{
	(void)c;
	(void)word;
	return refuse(err);
}

/* ---- keys and frames ------------------------------------------------------ */

static struct view_input look(void)
{
	struct view_input input;

	fixture_input(&test.conductor.run, true, &input);
	if (test.conductor.shut)
		input.may[DECIDE_CONFIRM] = false;
	if (test.conductor.hard)
		input.may[DECIDE_OVERRIDE] = false;
	tui_watch_gate(&test.tui, &input);
	return input;
}

static void press(const char *keys)
{
	for (; *keys; keys++) {
		struct view_input input = look();

		tui_key(&test.tui, &input, *keys);
	}
}

static void draw(void)
{
	look();
	tui_gate_drawn(&test.tui);
}

/* Time goes by, and it is drawn again. */
static void later(int64_t ms)
{
	test.now_ms += ms;
	draw();
}

static const char *label(void)
{
	struct view_input input = look();

	return tui_prompt(&test.tui, &input).label;
}

static bool calls(void)
{
	struct view_input input = look();

	return tui_gate_calls(&test.tui, &input);
}

static int setup(void **state)
{
	(void)state;
	memset(&test, 0, sizeof(test));
	fixture_open(&test.conductor.run);
	test.now_ms = 1000000;
	test.tui.conductor = &test.conductor;
	test.tui.terminal.width = 80;
	test.tui.terminal.height = 24;
	draw();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fixture_close(&test.conductor.run);
	return 0;
}

static void opens(void)
{
	fixture_verdicts(&test.conductor.run, VERDICT_GREEN);
}

/* The next step's gate, before an operator who reads. */
static void pass(const char *id)
{
	fixture_walk_to(&test.conductor.run, id);
	draw();
}

/* ---- a key is for what stood on the screen -------------------------------- */

static void test_a_gate_is_looked_at_first(void **state)
{
	(void)state;
	opens();
	press("y");
	assert_int_equal(test.conductor.confirmed, 0);
	draw();
	test.now_ms += TUI_GLANCE_MS - 1;
	press("y");
	assert_int_equal(test.conductor.confirmed, 0);
	assert_non_null(strstr(label(), "counts in a moment"));
	test.now_ms += 1;
	assert_non_null(strstr(label(), "y to go on"));
	press("y");
	assert_int_equal(test.conductor.confirmed, 1);
}

/* The y to "Stop waiting?" comes when the check has passed and the next gate
 * has opened. */
static void test_the_y_to_a_question_that_is_gone(void **state)
{
	struct fixture *run = &test.conductor.run;

	(void)state;
	fixture_act(run, "read-only");
	later(TUI_SWEPT_MS);
	press("\003");
	assert_non_null(strstr(label(), "Stop waiting?"));
	fixture_record(run, "step.done", json_pack("{ss s{}}", "step",
						   "read-only", "positions"));
	fixture_record(run, "gate.opened", json_pack("{ss}", "step", "fence"));
	draw();
	test.now_ms += 700;
	opens();
	draw();
	test.now_ms += TUI_SWEPT_MS - 700 - 1;
	press("y");
	assert_int_equal(test.conductor.confirmed, 0);
	assert_int_equal(test.conductor.cancelled, 0);
	test.now_ms += 1;
	press("y");
	assert_int_equal(test.conductor.confirmed, 1);
}

/* Esc left the word, to roll back; the gate shuts for a moment and opens again:
 * the r is no letter of the word. */
static void test_who_left_the_word_keeps_the_keys(void **state)
{
	(void)state;
	pass("promote");
	opens();
	draw();
	assert_non_null(strstr(label(), "Type promote"));
	press("\033");
	test.conductor.shut = true;
	draw();
	test.conductor.shut = false;
	draw();
	assert_non_null(strstr(label(), "Enter, then type promote"));
	press("r");
	assert_non_null(strstr(label(), "Type rollback"));
	press("\033");
	assert_non_null(strstr(label(), "Type promote"));
	test.conductor.shut = true;
	draw();
	test.conductor.shut = false;
	draw();
	assert_non_null(strstr(label(), "Type promote"));
}

/* A key that does nothing says why. */
static void test_what_is_hard_says_so(void **state)
{
	(void)state;
	pass("promote");
	fixture_verdicts(&test.conductor.run, VERDICT_RED);
	test.conductor.hard = true;
	draw();
	press("o");
	assert_non_null(strstr(test.tui.message, "hard: nothing overrides it"));
	opens();
	draw();
	test.tui.message[0] = '\0';
	press("\033o");
	assert_string_equal(test.tui.message, "");
}

/* Esc and y in one read: the page hid what opened meanwhile. */
static void test_a_gate_behind_a_page_is_not_seen(void **state)
{
	(void)state;
	press("c");
	draw();
	opens();
	draw();
	assert_string_equal(label(), "GATE 1 is open: Esc shows it. ");
	test.now_ms += TUI_SWEPT_MS;
	press("\033y");
	assert_int_equal(test.conductor.confirmed, 0);
	draw();
	press("y");
	assert_int_equal(test.conductor.confirmed, 0);
	later(TUI_GLANCE_MS);
	press("y");
	assert_int_equal(test.conductor.confirmed, 1);
}

static void test_a_gate_on_too_small_a_screen_is_not_seen(void **state)
{
	(void)state;
	test.tui.terminal.height = 23;
	opens();
	draw();
	test.now_ms += TUI_GLANCE_MS;
	test.tui.terminal.height = 24;
	press("y");
	assert_int_equal(test.conductor.confirmed, 0);
	draw();
	later(TUI_GLANCE_MS);
	press("y");
	assert_int_equal(test.conductor.confirmed, 1);
}

/* ---- what goes on by itself ----------------------------------------------- */

static void arm(const char *id)
{
	fixture_record(&test.conductor.run, "gate.armed",
		       json_pack("{ss s[]}", "step", id, "effects"));
}

static void test_an_armed_gate_says_what_it_does(void **state)
{
	(void)state;
	arm("flip");
	pass("promote");
	opens();
	later(TUI_GLANCE_MS);
	/* a later one is armed, this one asks */
	assert_string_equal(label(), "Type promote to go on: ");
	pass("flip");
	opens();
	later(TUI_GLANCE_MS);
	assert_non_null(strstr(label(), "Armed: goes on by itself"));
	press("f");
	assert_non_null(strstr(test.tui.message, "Disarmed by a key"));
	/* and is asked for only once that was drawn */
	press("f");
	assert_string_equal(test.tui.editor.text, "");
	draw();
	press("fl");
	assert_string_equal(label(), "Type flip to go on: ");
	assert_string_equal(test.tui.editor.text, "fl");
}

static void test_on_the_way_to_an_armed_gate(void **state)
{
	struct fixture *run = &test.conductor.run;

	(void)state;
	arm("promote");
	arm("flip");
	pass("fence");
	fixture_record(run, "gate.confirmed",
		       json_pack("{ss s[{}]}", "step", "fence", "effects"));
	draw();
	assert_non_null(strstr(label(), "Armed: it goes on by itself"));
	press("c");
	assert_non_null(strstr(test.tui.message, "Disarmed by a key"));
	assert_non_null(strstr(label(), "Waiting for the answer"));
}

/* The next gate asks, whatever is armed behind it. */
static void test_on_the_way_to_one_that_asks(void **state)
{
	(void)state;
	arm("flip");
	pass("fence");
	fixture_record(&test.conductor.run, "gate.confirmed",
		       json_pack("{ss s[{}]}", "step", "fence", "effects"));
	draw();
	assert_non_null(strstr(label(), "Waiting for the answer"));
	press("c");
	assert_string_equal(test.tui.message, "");
}

/* What waits for the journal goes on by itself: that is said on every page. */
static void test_what_waits_for_the_journal(void **state)
{
	(void)state;
	pass("promote");
	opens();
	later(TUI_GLANCE_MS);
	test.conductor.run.unwritten = UNWRITTEN_ACT;
	assert_non_null(strstr(label(), "CONFIRMED, waits for the journal"));
	press("c");
	assert_non_null(strstr(label(), "CONFIRMED, waits for the journal"));
	press("p");
	assert_non_null(strstr(label(), "Park: end here"));
}

/* A Ctrl-C that comes too late for the wait it was to stop parks nothing. */
static void test_too_late_to_cancel(void **state)
{
	(void)state;
	pass("fence");
	draw();
	press("\x03");
	assert_non_null(strstr(test.tui.message, "has just ended by itself"));
	assert_null(strstr(label(), "Park"));
	later(TUI_GLANCE_MS);
	press("\x03");
	assert_non_null(strstr(label(), "Park: end here"));
}

/* ---- who is away from the gate is called ---------------------------------- */

static void test_the_bell_calls_once_a_gate(void **state)
{
	struct fixture *run = &test.conductor.run;

	(void)state;
	assert_false(calls());
	opens();
	assert_true(calls());
	assert_false(calls());
	/* what it would send changes: nobody needs to come */
	test.conductor.shut = true;
	assert_false(calls());
	test.conductor.shut = false;
	assert_false(calls());
	fixture_verdicts(run, VERDICT_RED);
	assert_false(calls());
	opens();
	assert_true(calls());
	/* an armed one calls nobody */
	arm("promote");
	pass("promote");
	opens();
	assert_false(calls());
}

static void test_a_failure_calls(void **state)
{
	struct fixture *run = &test.conductor.run;

	(void)state;
	press("c");
	fixture_act(run, "read-only");
	assert_false(calls());
	assert_string_equal(label(), "");
	fixture_record(run, "check.timed-out",
		       json_pack("{ss ss}", "step", "read-only", "text",
				 "the flag is on"));
	assert_true(calls());
	assert_false(calls());
	assert_string_equal(label(), "STUCK 1: Esc shows it. ");
}

/* A run that was left asks first whether to go on: not for the word of its gate,
 * which is asked for after that; and where it was armed, y is no key that stops. */
static void test_a_run_that_was_left_asks_first(void **state)
{
	const struct reality reality = {.looked = true};
	struct fixture *run = &test.conductor.run;

	(void)state;
	arm("promote");
	fixture_walk_to(run, "promote");
	for (int armed = 1; armed >= 0; armed--) {
		if (!armed)
			fixture_record(run, "gate.disarmed", json_object());
		run->reality = &reality;
		opens();
		draw();
		assert_int_equal(test.tui.mode, MODE_KEYS);
		assert_non_null(strstr(label(), "Go on with this run? y goes"));
		later(TUI_GLANCE_MS);
		press("y");
		assert_int_equal(test.conductor.resumed, 2 - armed);
		assert_int_equal(engine_is_armed(&run->engine), armed);
	}
	draw();
	assert_string_equal(label(), "Type promote to go on: ");
	assert_int_equal(test.conductor.confirmed, 0);
}

/* What was never sent is not tried again: it is sent. */
static void test_the_rest_is_sent(void **state)
{
	struct fixture *run = &test.conductor.run;

	(void)state;
	fixture_lose_promotion(run);
	fixture_verdicts(run, VERDICT_GREEN);
	assert_non_null(strstr(label(), "t tries again, r rolls back"));
	fixture_record(run, "action.observed",
		       json_pack("{ss si ss ss}", "step", "promote", "action",
				 0, "state", "done", "text", "it is done"));
	assert_non_null(strstr(label(), "t sends the rest, r rolls back"));
}

#define UNIT(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(test_a_gate_is_looked_at_first),
		UNIT(test_the_y_to_a_question_that_is_gone),
		UNIT(test_who_left_the_word_keeps_the_keys),
		UNIT(test_what_is_hard_says_so),
		UNIT(test_a_gate_behind_a_page_is_not_seen),
		UNIT(test_a_gate_on_too_small_a_screen_is_not_seen),
		UNIT(test_an_armed_gate_says_what_it_does),
		UNIT(test_on_the_way_to_an_armed_gate),
		UNIT(test_on_the_way_to_one_that_asks),
		UNIT(test_too_late_to_cancel),
		UNIT(test_what_waits_for_the_journal),
		UNIT(test_the_bell_calls_once_a_gate),
		UNIT(test_a_failure_calls),
		UNIT(test_the_rest_is_sent),
		UNIT(test_a_run_that_was_left_asks_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
