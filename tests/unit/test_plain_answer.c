/*
 * What a line answers: what was printed, not what has become true since. The
 * conductor is the test's, the run is the fixture's; what it would be asked to
 * do is written down.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "conduct/reality.h"
#include "net/outlet.h"
#include "plain/lines.h"
#include "screen_fixture.h"

struct conductor {
	struct fixture run;
	const char *done;               /* what was decided last; "" nothing */
	uint64_t plans;                 /* how often what would be sent changed */
};

static struct {
	struct conductor conductor;
	struct plain plain;
	bool clogged;                   /* the reader has not taken all */
	char *text;
	size_t len;
} test;

/* ---- what lines ask of others ---------------------------------------------- */

void plain_input(struct plain *plain, struct view_input *input)
{
	(void)plain;
	fixture_input(&test.conductor.run, false, input);
}

void plain_wake(struct plain *plain)
{
	(void)plain;
}

void plain_say_error(struct plain *plain, const char *word,
		     const struct error *err)
{
	print_line(&plain->printer, "%s: %s", word, err->message);
}

bool outlet_is_drained(struct outlet *outlet)
{
	(void)outlet;
	return !test.clogged;
}

const struct engine *conduct_engine(const struct conductor *c)
{
	return &c->run.engine;
}

uint64_t conduct_effects_version(const struct conductor *c)
{
	return c->plans;
}

static int did(struct conductor *c, const char *what)
{
	c->done = what;
	return 0;
}

int conduct_confirm(struct conductor *c, const char *word, struct error *err)
{
	(void)word;
	(void)err;
	return did(c, "confirm");
}

int conduct_disarm(struct conductor *c, const char *reason, struct error *err)
{
	(void)err;
	fixture_record(&c->run, "gate.disarmed",
		       json_pack("{ss}", "reason", reason));
	return did(c, "disarm");
}

int conduct_override(struct conductor *c, size_t guard, const char *reason,
		     struct error *err)
{
	(void)guard;
	(void)reason;
	(void)err;
	return did(c, "override");
}

int conduct_rollback(struct conductor *c, const char *word, uint64_t shown,
		     struct error *err)
{
	(void)shown;
	(void)word;
	(void)err;
	return did(c, "rollback");
}

int conduct_retry(struct conductor *c, struct error *err)
{
	(void)err;
	return did(c, "retry");
}

int conduct_resume(struct conductor *c, uint64_t shown, struct error *err)
{
	(void)shown;
	(void)err;
	return did(c, "resume");
}

int conduct_skip(struct conductor *c, const char *reason, struct error *err)
{
	(void)reason;
	(void)err;
	return did(c, "skip");
}

int conduct_note(struct conductor *c, const char *text, struct error *err)
{
	(void)text;
	(void)err;
	return did(c, "note");
}

int conduct_park(struct conductor *c, const char *reason, struct error *err)
{
	(void)reason;
	(void)err;
	return did(c, "park");
}

int conduct_cancel(struct conductor *c, struct error *err)
{
	(void)err;
	return did(c, "cancel");
}

int conduct_take_over(struct conductor *c, const char *word, struct error *err)
{
	(void)word;
	(void)err;
	return did(c, "take over");
}

int conduct_arm(struct conductor *c, size_t step, const char *word,
		struct error *err)
{
	(void)step;
	(void)word;
	(void)err;
	return did(c, "arm");
}

const struct effects *conduct_ahead(struct conductor *c, size_t step,
				    struct error *err)
{
	(void)step;
	(void)err;
	return &c->run.effects;
}

/* ---- lines ------------------------------------------------------------------ */

static int setup(void **state)
{
	(void)state;
	memset(&test, 0, sizeof(test));
	fixture_open(&test.conductor.run);
	test.conductor.run.mono += 10000;
	test.conductor.done = "";
	test.plain.conductor = &test.conductor;
	test.plain.options.in_fd = -1;
	test.plain.printer.out = open_memstream(&test.text, &test.len);
	assert_non_null(test.plain.printer.out);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fclose(test.plain.printer.out);
	free(test.text);
	fixture_close(&test.conductor.run);
	return 0;
}

/* Prints what has come up. */
static void show(void)
{
	struct view_input input;

	plain_input(&test.plain, &input);
	plain_show(&test.plain, &input);
}

/* Types a line: what was decided by it, and what it was told. */
static void type(const char *line, const char *done, const char *told)
{
	size_t before;

	fflush(test.plain.printer.out);
	before = test.len;
	test.conductor.done = "";
	plain_answer(&test.plain, line);
	fflush(test.plain.printer.out);
	assert_string_equal(test.conductor.done, done);
	if (!strstr(test.text + before, told))
		fail_msg("no \"%s\" in: %s", told, test.text + before);
}

static void test_a_gate_printed_shut_is_shut(void **state)
{
	struct fixture *run = &test.conductor.run;

	(void)state;
	fixture_verdicts(run, VERDICT_RED);
	type("go", "", "NO: what that would answer was not printed yet");
	show();
	type("go", "", "NO: the gate is shut");
	/* it opens by the facts of this moment, and the line was typed before */
	fixture_verdicts(run, VERDICT_GREEN);
	type("go", "", "NO: the gate is shut");
	show();
	test.clogged = true;
	type("go", "", "NO: what that would answer was not printed yet");
	test.clogged = false;
	type("go", "confirm", "");
	/* and the next one is another gate */
	fixture_walk_to(run, "fence");
	fixture_verdicts(run, VERDICT_GREEN);
	type("go", "", "NO: what that would answer was not printed yet");
}

static void test_a_failure_is_printed_first(void **state)
{
	struct fixture *run = &test.conductor.run;

	(void)state;
	fixture_act(run, "read-only");
	show();
	fixture_record(run, "check.timed-out",
		       json_pack("{ss ss}", "step", "read-only", "text",
				 "the flag is on"));
	type("retry", "", "NO: what that would answer was not printed yet");
	show();
	type("retry", "retry", "");
}

static void test_the_world_is_printed_before_a_resumption(void **state)
{
	static const struct reality reality = {.count = 1, .looked = true};

	(void)state;
	test.conductor.run.reality = &reality;
	type("resume", "", "NO: what that would answer was not printed yet");
	show();
	type("resume", "resume", "");
}

/* What waits for the journal is no gate that has changed. */
static void test_what_waits_for_the_journal(void **state)
{
	struct fixture *run = &test.conductor.run;
	struct alarms alarms = {0};
	struct view_input input;

	(void)state;
	fixture_verdicts(run, VERDICT_GREEN);
	show();
	run->unwritten = UNWRITTEN_ACT;
	plain_input(&test.plain, &input);
	assert_true(alarms_say(&alarms, &test.plain.printer, &input));
	assert_false(alarms_say(&alarms, &test.plain.printer, &input));
	show();
	type("go", "", "NO: the gate is shut");
	assert_non_null(strstr(test.text, "CONFIRMED, waits for the journal"));
	assert_non_null(strstr(test.text, "the journal cannot be written"));
	assert_null(strstr(test.text, "has just changed"));
}

/* Any line stops what goes on by itself: Enter alone is one. */
static void test_an_empty_line_disarms(void **state)
{
	struct fixture *run = &test.conductor.run;

	(void)state;
	type("", "", "");
	fixture_record(run, "gate.armed",
		       json_pack("{ss s[]}", "step", "promote", "effects"));
	fixture_walk_to(run, "promote");
	fixture_verdicts(run, VERDICT_GREEN);
	show();
	type("", "disarm", "");
	type("", "", "");
}

/* What was printed since the last time. */
static const char *printed(size_t *before)
{
	size_t from = *before;

	fflush(test.plain.printer.out);
	*before = test.len;
	return test.text + from;
}

static void send_to(const char *step, json_t *effects)
{
	struct fixture *run = &test.conductor.run;

	fixture_walk_to(run, step);
	show();
	fixture_record(run, "gate.confirmed",
		       json_pack("{ss so}", "step", step, "effects", effects));
	fixture_record(run, "action.intended",
		       json_pack("{ss si}", "step", step, "action", 0));
	show();
	fixture_record(run, "action.failed",
		       json_pack("{ss ss ss}", "step", step, "outcome",
				 "unknown", "error", "it broke"));
	run->mono += 10000;
}

static void test_what_was_lost_and_found_has_not_failed(void **state)
{
	struct fixture *run = &test.conductor.run;
	size_t before = 0;
	const char *text;

	(void)state;
	send_to("promote", json_pack("[{ss ss} {ss ss}]", "target", "aurora",
				     "request", "CALL stop", "target",
				     "aurora", "request", "CALL reset"));
	fixture_record(run, "action.observed",
		       json_pack("{ss si ss ss}", "step", "promote", "action",
				 0, "state", "done", "text",
				 "aurora is no replica any more"));
	fixture_verdicts(run, VERDICT_GREEN);
	printed(&before);
	show();
	text = printed(&before);
	assert_non_null(strstr(text, "the answer to request 1 of 2 was lost: it broke\n"));
	assert_non_null(strstr(text, "\nLOOKED, it has happened: aurora is no replica any more\n"));
	assert_non_null(strstr(text, "\nNOT SENT YET, \"retry\" sends only the rest:\n"));
	assert_null(strstr(text, "AGAIN"));
	assert_null(strstr(text, "rds_stop_replication"));
}

static void test_once_keeps_its_way_out(void **state)
{
	struct fixture *run = &test.conductor.run;
	size_t before = 0;

	(void)state;
	send_to("smoke", json_pack("[{ss ss sb}]", "target", "http", "request",
				   "POST /sentinel", "once", 1));
	printed(&before);
	for (int i = 0; i < 3; i++) {
		const char *text;

		show();
		text = printed(&before);
		assert_non_null(strstr(text, "\nUNKNOWN whether it happened: "));
		assert_non_null(strstr(text, "\nONCE: it is never sent twice."));
		assert_non_null(strstr(text, "send it by hand, or go back\n"));
		assert_null(strstr(text, "answered"));
		/* whatever is planned now, nothing of it is sent */
		test.conductor.plans++;
		show();
		assert_string_equal(printed(&before), "");
		fixture_record(run, "gate.confirmed",
			       json_pack("{ss sb sb sO}", "step", "smoke",
					 "retry", 1, "only_wait", 1, "effects",
					 run->engine.effects));
		show();
		type("status", "", "UNKNOWN whether it happened, and it is");
		fixture_record(run, "check.timed-out",
			       json_pack("{ss ss}", "step", "smoke", "text",
					 "the row is not there"));
		printed(&before);
	}
}

#define UNIT(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(test_a_gate_printed_shut_is_shut),
		UNIT(test_a_failure_is_printed_first),
		UNIT(test_the_world_is_printed_before_a_resumption),
		UNIT(test_what_waits_for_the_journal),
		UNIT(test_an_empty_line_disarms),
		UNIT(test_what_was_lost_and_found_has_not_failed),
		UNIT(test_once_keeps_its_way_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
