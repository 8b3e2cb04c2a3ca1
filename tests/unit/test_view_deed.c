/*
 * What must be read: the pane of the deed at hand where it has too few rows, in
 * which what is not shown is counted; and the steps.
 */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "screen_words.h"
#include "view/panes.h"

#define EFFECTS 12

static void draw(enum view_page page)
{
	struct view_ui ui = {.page = page,
			     .message = page == VIEW_RUN ? "something" : NULL};

	screen_draw(ui, 80, 24);
}

static json_t *effects(size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++) {
		char request[32];

		snprintf(request, sizeof(request), "CALL number_%zu", i + 1);
		json_array_append_new(list, json_pack("{ss ss}", "target", "rds",
						      "request", request));
	}
	return list;
}

static void confirm(const char *id, size_t count)
{
	fixture_walk_to(&fixture, id);
	fixture_record(&fixture, "gate.confirmed",
		       json_pack("{ss so}", "step", id, "effects",
				 effects(count)));
}

/* The first `count` of them are done, and the next is on its way. */
static void send(const char *id, size_t count)
{
	for (size_t i = 0; i <= count; i++) {
		fixture_record(&fixture, "action.intended",
			       json_pack("{ss si}", "step", id, "action",
					 (int)i));
		if (i < count)
			fixture_record(&fixture, "action.done",
				       json_pack("{ss si}", "step", id,
						 "action", (int)i));
	}
}

static void break_off(const char *id, size_t effect, const char *outcome)
{
	fixture_record(&fixture, "action.failed",
		       json_pack("{ss si ss ss}", "step", id, "action",
				 (int)effect, "outcome", outcome, "error",
				 "error 1290 from the server, and a text that "
				 "takes more than one row of this screen, as "
				 "texts of servers and of disks do, more or "
				 "less always when it matters, be it said"));
	fixture_verdicts(&fixture, VERDICT_GREEN);
}

/* ---- guards --------------------------------------------------------------- */

static void test_red_guards_are_counted(void **state)
{
	(void)state;
	fixture_verdicts(&fixture, VERDICT_RED);
	draw(VIEW_RUN);
	there("what condition 1 asks for");
	there("what condition 3 asks for");
	there("and 4 more are not green (d shows all)");
	draw(VIEW_DETAILS);
	there("what condition 7 asks for");
	not_there("more are not green");
}

/* One that is red has its row, how many are green is said. */
static void test_green_gives_way_to_red(void **state)
{
	(void)state;
	fixture_verdicts(&fixture, VERDICT_GREEN);
	fixture_verdict(&fixture, 6, VERDICT_RED, "the seventh is red");
	draw(VIEW_RUN);
	there("the seventh is red");
	there("more are green (d shows all)");
	not_there("not green");
}

/* ---- a journal that cannot be written -------------------------------------- */

static void test_a_confirmation_that_waits_is_shown(void **state)
{
	struct view_ui ui = {
		.message = "the journal cannot be written: make room or mend the "
			   "disk, and the run goes on by itself"};

	(void)state;
	fixture_verdicts(&fixture, VERDICT_GREEN);
	fixture.unwritten = UNWRITTEN_ACT;
	screen_draw(ui, 80, 24);
	there(" ✖  CONFIRMED, waits for the journal: goes on by itself; "
	      "p withdraws it");
	there("  m all  Esc\n");
	not_there("y go on");
	there("p park");
}

/* ---- in flight ------------------------------------------------------------ */

static void test_the_effect_at_hand_stays(void **state)
{
	(void)state;
	confirm("fence", EFFECTS);
	send("fence", 9);
	draw(VIEW_RUN);
	there(" ▶  rds: CALL number_10");
	there("5 before (d shows all)");
	not_there("number_5\n");
	draw(VIEW_DETAILS);
	there("number_1\n");
	there("number_12\n");
	not_there("before (d shows all)");
}

static void test_checks_have_their_rows(void **state)
{
	(void)state;
	confirm("fence", EFFECTS);
	send("fence", EFFECTS - 1);
	fixture_record(&fixture, "action.done",
		       json_pack("{ss si}", "step", "fence", "action",
				 EFFECTS - 1));
	fixture_verdicts(&fixture, VERDICT_RED);
	draw(VIEW_RUN);
	there("CHECKING 2a");
	there("number_12\n");
	there("what condition 1 asks for");
	there("what condition 2 asks for");
}

/* ---- stuck ---------------------------------------------------------------- */

/* What another try would send comes before what was sent. */
static void test_what_would_be_sent_comes_first(void **state)
{
	struct effect items[EFFECTS];

	(void)state;
	confirm("read-only", EFFECTS);
	send("read-only", 0);
	break_off("read-only", 0, "failed");
	for (size_t i = 0; i < EFFECTS; i++)
		items[i] = (struct effect){.target = "rds",
					   .request = "CALL otherwise"};
	fixture.effects = (struct effects){items, EFFECTS, NULL};
	draw(VIEW_RUN);
	there("Another try would send, otherwise than before:");
	there("CALL otherwise");
	there("more are sent (d shows all)");
	/* the guards shut another try as well: a sign must do */
	fixture_verdicts(&fixture, VERDICT_RED);
	draw(VIEW_RUN);
	there("more are not green (d shows all)");
	there("Another try would send");
	draw(VIEW_DETAILS);
	there("CALL otherwise");
	fixture.effects = (struct effects){fixture.effect_items, 1, NULL};
}

static void test_what_failed_stays_among_many(void **state)
{
	struct effect items[EFFECTS];
	char requests[EFFECTS][32];

	(void)state;
	confirm("fence", EFFECTS);
	send("fence", 8);
	break_off("fence", 8, "failed");
	for (size_t i = 0; i < EFFECTS; i++) {
		snprintf(requests[i], sizeof(requests[i]), "CALL number_%zu",
			 i + 1);
		items[i] = (struct effect){.target = "rds",
					   .request = requests[i]};
	}
	fixture.effects = (struct effects){items, EFFECTS, NULL};
	draw(VIEW_RUN);
	not_there("otherwise than before");
	there(" ✖  rds: CALL number_9");
	there("after (d shows all)");
	fixture.effects = (struct effects){fixture.effect_items, 1, NULL};
}

/* Of three requests the second one's answer was lost, and then it was seen to be
 * done. */
static void lose_and_find(void)
{
	static struct effect items[3];
	static char requests[3][16];

	confirm("promote", 3);
	send("promote", 1);
	fixture_record(&fixture, "action.failed",
		       json_pack("{ss si ss ss}", "step", "promote", "action",
				 1, "outcome", "unknown", "error",
				 "the connection broke"));
	fixture_verdicts(&fixture, VERDICT_GREEN);
	fixture_record(&fixture, "action.observed",
		       json_pack("{ss si ss ss}", "step", "promote", "action",
				 1, "state", "done", "text",
				 "aurora is no replica any more"));
	for (size_t i = 0; i < 3; i++) {
		snprintf(requests[i], sizeof(requests[i]), "CALL number_%zu",
			 i + 1);
		items[i] = (struct effect){.target = "rds",
					   .request = requests[i]};
	}
	fixture.effects = (struct effects){items, 3, NULL};
}

/* Says a row of the pane, its title aside, anything in the colour of failure? */
static bool looks_failed(void)
{
	struct arena arena;
	struct sheet sheet;
	struct view_input input;
	const struct view_ui ui = {.page = VIEW_RUN};
	bool failed = false;

	arena_init(&arena);
	sheet_init(&sheet, &arena, 80, true);
	fixture_input(&fixture, true, &input);
	pane_deed(&sheet, &input, &ui, 0);
	for (size_t i = 1; i < sheet.count; i++)
		for (size_t k = 0; k < sheet.rows[i].count; k++)
			failed |= sheet.rows[i].spans[k].meaning == MEANING_BAD;
	arena_release(&arena);
	return failed;
}

static void test_what_was_lost_and_found_has_not_failed(void **state)
{
	static const enum view_page pages[] = {VIEW_RUN, VIEW_DETAILS};

	(void)state;
	lose_and_find();
	for (size_t i = 0; i < 2; i++) {
		draw(pages[i]);
		there("\n the answer to request 2 of 3 was lost: the connection broke\n");
		there("\n ✔  looked, it has happened: aurora is no replica any more\n");
		there("\n Not sent yet: 1 of 3. t sends only the rest.\n");
		there("\n ✔  rds: CALL number_2\n");
		there("\n ○  rds: CALL number_3\n");
		not_there("✖");
	}
	assert_false(looks_failed());
	fixture.effects = (struct effects){fixture.effect_items, 1, NULL};
}

/* The program ended between two requests: none has failed. */
static void test_the_rest_has_not_failed(void **state)
{
	(void)state;
	confirm("fence", 2);
	send("fence", 0);
	fixture_record(&fixture, "action.done",
		       json_pack("{ss si}", "step", "fence", "action", 0));
	fixture_record(&fixture, "run.resumed", json_pack("{}"));
	draw(VIEW_RUN);
	there("\n Not sent yet: 1 of 2. ");
	there("\n ✔  rds: CALL number_1\n");
	there("\n ○  rds: CALL number_2\n");
	assert_false(looks_failed());
}

/* What must happen once is as unknown after each wait for its checks, and what
 * can be done stays named. */
static void test_once_stays_unknown(void **state)
{
	(void)state;
	fixture_walk_to(&fixture, "smoke");
	fixture_record(&fixture, "gate.confirmed",
		       json_pack("{ss s[{ss ss sb}]}", "step", "smoke",
				 "effects", "target", "http", "request",
				 "POST /sentinel", "once", 1));
	send("smoke", 0);
	fixture_record(&fixture, "action.failed",
		       json_pack("{ss ss ss}", "step", "smoke", "outcome",
				 "unknown", "error", "503"));
	for (int i = 0; i < 3; i++) {
		draw(i % 2 ? VIEW_DETAILS : VIEW_RUN);
		there(" UNKNOWN: it may have happened, and is never sent twice. t waits for its checks\n"
		      " again; if it did not happen, send it by hand, or go back with r.\n");
		there("\n ?? http: POST /sentinel\n");
		not_there("✔  http");
		not_there("answered");
		fixture_record(&fixture, "gate.confirmed",
			       json_pack("{ss sb sb sO}", "step", "smoke",
					 "retry", 1, "only_wait", 1, "effects",
					 fixture.engine.effects));
		draw(VIEW_RUN);
		there("CHECKING 5a");
		there(" never sent twice. If it did not happen,\n send it by hand, or go back with r.\n");
		there("\n ?? http: POST /sentinel\n");
		fixture_record(&fixture, "check.timed-out",
			       json_pack("{ss ss}", "step", "smoke", "text",
					 "the row is not there"));
	}
}

/* What a step took before must not hide that it goes on by itself. */
static void test_armed_is_seen_beside_what_was_measured(void **state)
{
	(void)state;
	fixture_measure(&fixture);
	fixture_record(&fixture, "gate.armed",
		       json_pack("{ss ss}", "step", "promote", "word",
				 "promote"));
	draw(VIEW_RUN);
	there("2a Fence RDS, final sync    ~300 ms");
	there("2b Promote Aurora             armed");
}

/* A way back parked after the promotion is undone: what there is to be done then,
 * as the target is seen, and how to go on now. */
static void test_parked_way_back(void **state)
{
	(void)state;
	fixture_walk_to(&fixture, "patch-v2");
	fixture_record(&fixture, "rollback.begun",
		       json_pack("{ss s[sss]}", "step", "patch-v2", "undo",
				 "promote", "fence", "read-only"));
	fixture_record(&fixture, "gate.opened",
		       json_pack("{ss sb}", "step", "promote", "undo", 1));
	fixture_record(&fixture, "gate.confirmed",
		       json_pack("{ss sb s[]}", "step", "promote", "undo", 1,
				 "effects"));
	fixture_record(&fixture, "step.undone",
		       json_pack("{ss}", "step", "promote"));
	fixture_record(&fixture, "run.parked",
		       json_pack("{ss}", "reason", "the operator parked it"));
	draw(VIEW_END);
	there("aurora was not promoted in the end: it is a replica of rds still.");
	not_there("rebuilt");
	fixture.seen[SIDE_TARGET].channel_count = 0;
	draw(VIEW_END);
	there("must be rebuilt as a replica");
	there("cutover resume aurora-cutover-1");
}

static void roll_back_from_patch(void)
{
	fixture_walk_to(&fixture, "patch-v2");
	fixture_record(&fixture, "rollback.begun",
		       json_pack("{ss s[ss]}", "step", "patch-v2", "undo",
				 "fence", "read-only"));
	for (int i = 0; i < 2; i++) {
		const char *step = i ? "read-only" : "fence";

		fixture_record(&fixture, "gate.opened",
			       json_pack("{ss sb}", "step", step, "undo", 1));
		if (i)
			fixture_record(&fixture, "gate.confirmed",
				       json_pack("{ss sb s[]}", "step", step,
						 "undo", 1, "effects"));
		fixture_record(&fixture, i ? "step.undone" : "step.skipped",
			       json_pack("{ss sb ss}", "step", step, "undo", 1,
					 "reason", "somebody else has it"));
	}
	fixture_record(&fixture, "rollback.done", json_pack("{si}", "lost", 0));
	fixture_record(&fixture, "run.closed",
		       json_pack("{ss}", "result", "rolled-back"));
}

/* A way back that has come to its end is not all as it was. */
static void test_what_a_way_back_leaves(void **state)
{
	(void)state;
	roll_back_from_patch();
	fixture.mono += 1000;           /* seen since */
	draw(VIEW_END);
	there(" left out: the undo of 2a  Fence RDS, final sync\n");
	not_there("users may be refused");
	fixture.seen[SIDE_SOURCE].read_only = DB_FLAG_ON;
	fixture.facts.flag.on = false;
	fixture.selector[1].value = "v2";
	draw(VIEW_END);
	there(" LOOK AT THIS, users may be refused still: the flag is off\n");
	there(" LOOK AT THIS, users may be refused still: my-app-service selects");
	there(" LOOK AT THIS, users may be refused still: rds refuses writes (read_only=1)\n");
	fixture.facts.databases[SIDE_SOURCE].stamp.at_ms = -1;
	draw(VIEW_END);
	there(" UNKNOWN, users may be refused still: rds, read_only: not seen yet\n");
}

/* While the page of a cutover's end stands, others may undo it. */
static void test_what_is_no_longer_so(void **state)
{
	(void)state;
	for (size_t i = 0; i < fixture.runbook->step_count; i++) {
		const char *id = fixture.runbook->steps[i].id;

		fixture_act(&fixture, id);
		fixture_record(&fixture, "step.done", json_pack("{ss}", "step",
								id));
		if (i + 1 < fixture.runbook->step_count)
			fixture_record(&fixture, "gate.opened",
				       json_pack("{ss}", "step",
						 fixture.runbook->steps[i + 1].id));
	}
	fixture_record(&fixture, "run.closed",
		       json_pack("{ss}", "result", "completed"));
	fixture.mono += 1000;           /* seen since */
	draw(VIEW_END);
	there("COMPLETED\n");
	there(" NOT AS IT SHOULD BE, look before you leave: ");
	not_there("NOT AS IT SHOULD BE, look before you leave: the flag");
	fixture.facts.flag.on = false;
	draw(VIEW_END);
	there(" NOT AS IT SHOULD BE, look before you leave: the flag is off\n");
}

/* What it cannot bring back, and what it cannot reach. */
static void test_what_a_way_back_cannot(void **state)
{
	struct facts_database *rds = &fixture.facts.databases[SIDE_SOURCE];

	(void)state;
	fixture_walk_to(&fixture, "patch-v2");
	fixture.mono += 1000;           /* seen since */
	draw(VIEW_WAY_BACK);
	there("It loses nothing.");
	not_there("NOT touched by it");
	not_there("does not answer");
	fixture.selector[1].value = "v2";
	fixture.undo_items[0].connection = "rds";
	snprintf(rds->stamp.problem, sizeof(rds->stamp.problem), "error 2002");
	draw(VIEW_WAY_BACK);
	there(" NOT touched by it: my-app-service selects");
	there(" rds does not answer now, and it stops there: error 2002\n");
	draw(VIEW_RUN);
	there("a way back costs: nothing, rds does not answer");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(test_red_guards_are_counted),
		UNIT(test_green_gives_way_to_red),
		UNIT(test_a_confirmation_that_waits_is_shown),
		UNIT(test_the_effect_at_hand_stays),
		UNIT(test_checks_have_their_rows),
		UNIT(test_what_would_be_sent_comes_first),
		UNIT(test_what_failed_stays_among_many),
		UNIT(test_what_was_lost_and_found_has_not_failed),
		UNIT(test_the_rest_has_not_failed),
		UNIT(test_once_stays_unknown),
		UNIT(test_armed_is_seen_beside_what_was_measured),
		UNIT(test_parked_way_back),
		UNIT(test_what_a_way_back_leaves),
		UNIT(test_what_a_way_back_cannot),
		UNIT(test_what_is_no_longer_so),
	};

	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
