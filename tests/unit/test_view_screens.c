/*
 * Screens as text, without a terminal: drawn and held against the goldens in
 * tests/golden. CUTOVER_GOLDEN=write writes them anew; look at what changed.
 */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "conduct/reality.h"
#include "screen_fixture.h"
#include "view/words.h"

#define GOLDEN_MAX (64 * 1024)

static struct fixture fixture;

static int setup(void **state)
{
	(void)state;
	fixture_open(&fixture);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fixture_close(&fixture);
	return 0;
}

static void golden_write(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void golden_check(const char *name, const char *text)
{
	const char *mode = getenv("CUTOVER_GOLDEN");
	char path[512];
	char *wanted = calloc(1, GOLDEN_MAX);
	FILE *file;

	assert_non_null(wanted);
	snprintf(path, sizeof(path), "%s/tests/golden/screen-%s.txt",
		 CUTOVER_SOURCE, name);
	if (mode && strcmp(mode, "write") == 0)
		golden_write(path, text);
	file = fopen(path, "r");
	assert_non_null(file);
	fread(wanted, 1, GOLDEN_MAX - 1, file);
	fclose(file);
	assert_string_equal(text, wanted);
	free(wanted);
}

static char *screen_text(struct view_ui *ui, int width, int height, bool utf8)
{
	return fixture_screen(&fixture, ui, width, height, utf8);
}

static void golden_screen(const char *name, struct view_ui ui, int width,
			  int height, bool utf8)
{
	char *text = screen_text(&ui, width, height, utf8);

	golden_check(name, text);
	free(text);
}

static const struct view_prompt shut = {
	.label = "The gate is shut: 1 guard is red.", .meaning = MEANING_BAD};

static void shut_gate(void)
{
	fixture_walk_to(&fixture, "promote");
	fixture.mono += 9400;
	fixture_verdicts(&fixture, VERDICT_GREEN);
	fixture_verdict(&fixture, 3, VERDICT_RED,
			"aurora has 1 transaction that rds lacks");
	fixture.facts.errant = 1;
	fixture.seen[SIDE_SOURCE].read_only = DB_FLAG_ON;
	fixture.facts.flag.on = false;
}

static void test_shut_gate(void **state)
{
	(void)state;
	shut_gate();
	golden_screen("shut-80x24", (struct view_ui){.prompt = shut}, 80, 24,
		      true);
	golden_screen("shut-120x40", (struct view_ui){.prompt = shut}, 120, 40,
		      true);
	golden_screen("shut-200x60", (struct view_ui){.prompt = shut}, 200, 60,
		      true);
	golden_screen("shut-ascii-80x24", (struct view_ui){.prompt = shut}, 80,
		      24, false);
}

/* Another drives: who, before everything else, and what can be done. */
static void test_another_drives(void **state)
{
	static const struct conduct_lease_view held = {
		.name = "cutover-aurora-cutover-my-app-service",
		.text = "HELD BY alice@bastion (run "
			"20261123-140320-aurora-cutover, process 4242) since "
			"2026-11-23T14:03:20Z, last renewed "
			"2026-11-23T14:05:01Z; nothing is sent from here"};
	struct conduct_lease_view expired = held;
	struct view_input input;
	char gate[WORDS_MAX];
	char *text;

	(void)state;
	fixture_walk_to(&fixture, "promote");
	fixture_verdicts(&fixture, VERDICT_GREEN);
	fixture.lease = &held;
	golden_screen("held-80x24", (struct view_ui){0}, 80, 24, true);
	fixture_input(&fixture, true, &input);
	words_gate(&input, gate);
	assert_string_equal(gate, "Nothing is sent: the Lease is not ours.");
	assert_null(keys_find('T', &input));
	expired.takeable = true;
	fixture.lease = &expired;
	fixture_input(&fixture, true, &input);
	words_gate(&input, gate);
	assert_non_null(strstr(gate, "T takes it over"));
	assert_non_null(keys_find('T', &input));
	text = screen_text(&(struct view_ui){0}, 80, 24, true);
	assert_non_null(strstr(text, "T take over"));
	free(text);
	/* ours, though its renewal fails: a warning, nothing more */
	expired = (struct conduct_lease_view){
		.held = true, .text = "the Lease could not be renewed"};
	text = screen_text(&(struct view_ui){0}, 80, 24, true);
	assert_non_null(strstr(text, "the Lease could not be renewed"));
	free(text);
	fixture_input(&fixture, true, &input);
	words_gate(&input, gate);
	assert_non_null(strstr(gate, "Type promote"));
}

/* Seven guards and a long request do not fit: what is green gives way. */
static void test_crowded_gate(void **state)
{
	(void)state;
	fixture_verdicts(&fixture, VERDICT_GREEN);
	fixture_verdict(&fixture, 6, VERDICT_UNKNOWN,
			"pods app=myapp,version=v2: not seen for 4.2 s");
	fixture.effect_items[0].request =
		"PATCH http://flags.example/api/flags/database-writes-enabled\n"
		"content-type: application/json\n{\"enabled\": false}";
	fixture.effects.count = 1;
	golden_screen("crowded-80x24", (struct view_ui){0}, 80, 24, true);
	golden_screen("details-80x24",
		      (struct view_ui){.page = VIEW_DETAILS}, 80, 24, true);
}

/* Twelve statements and seven guards: what is not shown is counted. */
static void test_more_effects_than_rows(void **state)
{
	struct effect items[12];

	(void)state;
	fixture_verdicts(&fixture, VERDICT_GREEN);
	for (size_t i = 0; i < 12; i++) {
		items[i] = fixture.effect_items[0];
		items[i].request = "CALL mysql.rds_stop_replication";
	}
	fixture.effects.items = items;
	fixture.effects.count = 12;
	golden_screen("many-effects-80x24", (struct view_ui){0}, 80, 24, true);
	fixture.effects.items = fixture.effect_items;
	fixture.effects.count = 1;
}

/* The Service's patch is on its way. */
static void flipping(void)
{
	fixture_walk_to(&fixture, "flip");
	fixture_verdicts(&fixture, VERDICT_GREEN);
	fixture_record(&fixture, "gate.confirmed", json_pack(
		"{ss s[{ss ss}]}", "step", "flip", "effects", "target",
		"cluster (https://127.0.0.1:6443, shop)", "request",
		"PATCH /api/v1/namespaces/shop/services/my-app-service"));
	fixture_record(&fixture, "action.intended",
		       json_pack("{ss si}", "step", "flip", "action", 0));
	fixture.mono += 1500;
}

/* Another try sends nothing, and says so. */
static void test_stuck_on_a_check(void **state)
{
	(void)state;
	flipping();
	fixture_record(&fixture, "action.done",
		       json_pack("{ss si ss}", "step", "flip", "action", 0,
				 "answer", "200"));
	fixture_record(&fixture, "check.timed-out",
		       json_pack("{ss ss}", "step", "flip", "text",
				 "2 of 4 endpoints are ready"));
	golden_screen("stuck-late-80x24", (struct view_ui){0}, 80, 24, true);
}

static void test_stuck(void **state)
{
	(void)state;
	flipping();
	golden_screen("acting-80x24", (struct view_ui){0}, 80, 24, true);
	fixture_record(&fixture, "action.failed",
		       json_pack("{ss ss ss}", "step", "flip", "outcome",
				 "unknown", "error", "the connection broke"));
	snprintf(fixture.seen_effect.text, VERDICT_TEXT_MAX,
		 "Service my-app-service does not carry the patch");
	fixture.seen_effect.state = VERDICT_RED;
	golden_screen("stuck-80x24", (struct view_ui){0}, 80, 24, true);
	fixture.effects.count = 1;
	golden_screen("stuck-changed-80x24", (struct view_ui){0}, 80, 24,
		      true);
}

/* A run that was left: journal and world, side by side. */
static void test_resume(void **state)
{
	static const char *const world[] = {
		"changed again by the undo of step 1", "rds refuses writes (read_only=1)",
		"aurora is still a replica"};
	struct reality reality = {.count = 3, .looked = true};

	(void)state;
	fixture_walk_to(&fixture, "promote");
	for (size_t i = 0; i < 3; i++) {
		reality.rows[i].step = i;
		reality.rows[i].world.state = VERDICT_GREEN;
		snprintf(reality.rows[i].world.text, VERDICT_TEXT_MAX, "%s",
			 world[i]);
	}
	reality.rows[2].journal = REALITY_UNKNOWN;
	reality.rows[2].world.state = VERDICT_RED;
	fixture.reality = &reality;
	golden_screen("resume-80x24", (struct view_ui){0}, 80, 24, true);
}

/* A later gate, to be confirmed ahead. */
static void test_arming(void **state)
{
	struct view_ui ui = {
		.page = VIEW_AHEAD, .ahead = &fixture.effects, .ahead_step = 2,
		.prompt = {VIEW_ASKS_ARM, "Type promote to arm this gate: ",
			   "prom", MEANING_KEY}};

	(void)state;
	fixture_record(&fixture, "gate.armed",
		       json_pack("{ss s[]}", "step", "fence", "effects"));
	golden_screen("arming-80x24", ui, 80, 24, true);
	golden_screen("armed-80x24", (struct view_ui){0}, 80, 24, true);
}

static void test_pages(void **state)
{
	(void)state;
	fixture.way_back.rebuild = true;
	fixture.way_back.lost = 214;
	golden_screen("way-back-80x24",
		      (struct view_ui){.page = VIEW_WAY_BACK,
				       .prompt = {VIEW_ASKS_ROLLBACK,
						  "Type rollback to go back: ",
						  "roll", MEANING_KEY}},
		      80, 24, true);
	golden_screen("help-80x24", (struct view_ui){.page = VIEW_HELP}, 80, 24,
		      true);
	golden_screen("cluster-80x24", (struct view_ui){.page = VIEW_CLUSTER},
		      80, 24, true);
	golden_screen("gtids-80x24", (struct view_ui){.page = VIEW_GTIDS}, 80,
		      24, true);
}

/* A way back longer than the screen says so while its word is asked for. */
static void test_long_way_back(void **state)
{
	static const struct effect many[30] = {
		[0 ... 29] = {.target = "rds", .request = "SELECT 1"}};
	struct view_ui ui = {.page = VIEW_WAY_BACK,
			     .prompt = {VIEW_ASKS_ROLLBACK, "Type rollback: ",
					"roll", MEANING_KEY}};
	char *text;

	(void)state;
	fixture.way_back.effects[0] = (struct effects){
		.items = (struct effect *)many, .count = 30};
	text = screen_text(&ui, 80, 24, true);
	assert_non_null(strstr(text, "Type rollback: roll"));
	assert_non_null(strstr(text, "more rows below"));
	assert_non_null(strstr(text, "PgDn scroll"));
	free(text);
}

/* What earlier runs measured: beside the gate, below the steps, on its page. */
static void test_measured(void **state)
{
	struct view_ui way_back = {.page = VIEW_WAY_BACK};

	(void)state;
	fixture_measure(&fixture);
	shut_gate();
	golden_screen("measured-80x24", (struct view_ui){.prompt = shut}, 80,
		      24, true);
	fixture.way_back.rebuild = true;
	fixture.way_back.lost = 214;
	golden_screen("measured-way-back-80x24", way_back, 80, 24, true);
	fixture.way_back.takes.unmeasured = 1;
	fixture.way_back.takes.takes_ms = 1900;
	golden_screen("half-measured-80x24", (struct view_ui){.prompt = shut},
		      80, 24, true);
}

static void expect(const char *words, bool there)
{
	struct view_ui ui = {.page = VIEW_RUN};
	char *text = screen_text(&ui, 80, 24, true);

	if (!strstr(text, words) == there)
		fail_msg("\"%s\" is %s:\n%s", words,
			 there ? "not there" : "there", text);
	free(text);
}

/* Up to the last moment from which the way back ends in the agreed outage: at
 * 08:00:00, 11.4 s of 60 s are gone, and the way back takes 3 s. */
static void test_decide_by(void **state)
{
	(void)state;
	fixture_measure(&fixture);
	expect("decide by", false);
	shut_gate();
	expect(" decide by 08:00:45 ", true);
	fixture.mono += 46000;
	expect(" decide by 07:59:59: too late ", true);
	fixture.way_back.takes.unmeasured = 1;
	expect(" decide by: way back not measured", true);
	fixture_record(&fixture, "rollback.begun",
		       json_pack("{ss s[ss]}", "step", "promote", "undo",
				 "fence", "read-only"));
	expect("decide by", false);
	expect(" way back 00:00.0 / 00:30", true);
}

/* On the way back its own clock runs; what is left and what it takes is on its
 * page. */
static void test_walked_way_back(void **state)
{
	struct view_input input;

	(void)state;
	fixture_measure(&fixture);
	shut_gate();
	fixture_record(&fixture, "rollback.begun",
		       json_pack("{ss s[ss]}", "step", "promote", "undo",
				 "fence", "read-only"));
	fixture_record(&fixture, "gate.opened",
		       json_pack("{ss sb}", "step", "fence", "undo", 1));
	fixture.mono += 14900;
	/* before it is gone on with, what is left shows what it sends */
	golden_screen("walked-rest-80x24",
		      (struct view_ui){.page = VIEW_WAY_BACK}, 80, 24, true);
	fixture.way_back.step_count = 0;
	golden_screen("walked-80x24", (struct view_ui){0}, 80, 24, true);
	golden_screen("walked-page-80x24",
		      (struct view_ui){.page = VIEW_WAY_BACK}, 80, 24, true);
	fixture_input(&fixture, true, &input);
	assert_int_equal(words_way_back_percent(&input), 25);
	fixture.mono += 100;
	fixture_input(&fixture, true, &input);
	assert_int_equal(words_way_back_percent(&input), 50);
	fixture.mono += 60000;
	fixture_input(&fixture, true, &input);
	assert_int_equal(words_way_back_percent(&input), 100);
	fixture.runbook->way_back_budget_ms = 0;
	assert_int_equal(words_way_back_percent(&input), 0);
	expect(" way back 01:15.0 ", true);
}

static void test_takes_in_words(void **state)
{
	static const struct {
		struct pace_sum takes;
		const char *brief, *full;
	} cases[] = {
		{{.unmeasured = 5}, "not measured", "how long was not measured"},
		{{.takes_ms = 3200, .runs = 1, .rehearsed = true}, "about 4 s",
		 "about 4 s (measured in 1 rehearsal)"},
		{{.takes_ms = 4000, .runs = 3, .rehearsed = true}, "about 4 s",
		 "about 4 s (measured in 3 rehearsals)"},
		{{.takes_ms = 100, .runs = 2, .live = true}, "about 1 s",
		 "about 1 s (measured in 2 live runs)"},
		{{.takes_ms = 65000, .runs = 2, .live = true,
		  .rehearsed = true}, "about 01:05",
		 "about 01:05 (measured in 2 runs, live and rehearsed)"},
		{{.takes_ms = 2500, .runs = 2, .rehearsed = true,
		  .unmeasured = 2}, "at least 2.5 s",
		 "at least 2.5 s; 2 of 5 steps not measured"},
		{{.takes_ms = 2500, .runs = 2, .rehearsed = true,
		  .other = true}, "about 3 s",
		 "about 3 s (measured in 2 rehearsals, by another version of this runbook)"},
	};
	char text[WORDS_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		words_takes(&cases[i].takes, 5, true, text);
		assert_string_equal(text, cases[i].brief);
		words_takes(&cases[i].takes, 5, false, text);
		assert_string_equal(text, cases[i].full);
	}
}

/* A run parked in its window does not say that the outage is over. */
static void test_parked(void **state)
{
	struct view_ui ui = {.page = VIEW_END};
	char *text;

	(void)state;
	fixture_walk_to(&fixture, "promote");
	fixture_record(&fixture, "run.parked",
		       json_pack("{ss}", "reason", "the operator parked it"));
	text = screen_text(&ui, 80, 24, true);
	assert_non_null(strstr(text, "PARKED"));
	assert_non_null(strstr(text, "THE OUTAGE GOES ON"));
	assert_non_null(strstr(text, "cutover resume aurora-cutover-1"));
	free(text);
}

/* A message has a row of its own: nothing of the gate is lost below it. */
static void test_message(void **state)
{
	struct view_ui ui = {.message = "this gate opens to the word 'promote'"};
	char row[100], *text;

	(void)state;
	shut_gate();
	text = screen_text(&ui, 80, 24, true);
	snprintf(row, sizeof(row), "\n%-77sEsc\n", ui.message);
	assert_non_null(strstr(text, row));
	assert_non_null(strstr(text, "From here on a way back"));
	assert_non_null(strstr(text, "aurora has 1 transaction that rds lacks"));
	free(text);
}

/* The tripwire: it takes the header, whatever else is shown. */
static void test_two_writers(void **state)
{
	struct view_ui ui = {.page = VIEW_HELP};
	char *text;

	(void)state;
	fixture.seen[SIDE_TARGET].read_only = DB_FLAG_OFF;
	text = screen_text(&ui, 80, 24, true);
	assert_non_null(strstr(text, "TWO WRITERS: rds and aurora"));
	free(text);
}

/* What comes from outside cannot move the cursor or turn the text around. */
static void test_hostile_text(void **state)
{
	struct view_ui ui = {0};
	char *text;

	(void)state;
	fixture.pods[5].reason = "Crash\033[2J\xe2\x80\xae";
	fixture.pods[5].ready = false;
	text = screen_text(&ui, 80, 24, true);
	assert_null(strchr(text, '\033'));
	assert_null(strstr(text, "\xe2\x80\xae"));
	assert_non_null(strstr(text, "Crash?[2J?"));
	free(text);
}

static void test_too_small(void **state)
{
	struct view_ui ui = {0};
	char *text = screen_text(&ui, 40, 10, true);

	(void)state;
	assert_non_null(strstr(text, "needs 80 x 24"));
	free(text);
}

/* A key works when its decision is possible, and no sooner. */
static void test_keys(void **state)
{
	struct view_input input;

	(void)state;
	fixture_verdicts(&fixture, VERDICT_RED);
	fixture_input(&fixture, true, &input);
	assert_null(keys_find('y', &input));
	assert_int_equal(keys_find('o', &input)->action, ACT_OVERRIDE);
	fixture_verdicts(&fixture, VERDICT_GREEN);
	fixture_input(&fixture, true, &input);
	assert_int_equal(keys_find('y', &input)->action, ACT_CONFIRM);
	assert_null(keys_find('o', &input));
	assert_null(keys_find('t', &input));
}

/* No row is wider than its screen, whatever the size. */
static void test_widths(void **state)
{
	(void)state;
	shut_gate();
	for (int page = 0; page < VIEW_PAGES; page++)
		for (int width = 80; width < 210; width += 13)
			for (int height = 24; height < 70; height += 5) {
				struct view_ui ui = {
					.page = (enum view_page)page,
					.ahead = &fixture.effects};

				free(screen_text(&ui, width, height, true));
			}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_shut_gate, setup, teardown),
		cmocka_unit_test_setup_teardown(test_another_drives, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_crowded_gate, setup, teardown),
		cmocka_unit_test_setup_teardown(test_more_effects_than_rows,
						setup, teardown),
		cmocka_unit_test_setup_teardown(test_stuck, setup, teardown),
		cmocka_unit_test_setup_teardown(test_stuck_on_a_check, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_resume, setup, teardown),
		cmocka_unit_test_setup_teardown(test_arming, setup, teardown),
		cmocka_unit_test_setup_teardown(test_pages, setup, teardown),
		cmocka_unit_test_setup_teardown(test_long_way_back, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_measured, setup, teardown),
		cmocka_unit_test_setup_teardown(test_decide_by, setup, teardown),
		cmocka_unit_test_setup_teardown(test_walked_way_back, setup,
						teardown),
		cmocka_unit_test(test_takes_in_words),
		cmocka_unit_test_setup_teardown(test_parked, setup, teardown),
		cmocka_unit_test_setup_teardown(test_message, setup, teardown),
		cmocka_unit_test_setup_teardown(test_two_writers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_hostile_text, setup, teardown),
		cmocka_unit_test_setup_teardown(test_too_small, setup, teardown),
		cmocka_unit_test_setup_teardown(test_keys, setup, teardown),
		cmocka_unit_test_setup_teardown(test_widths, setup, teardown),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
