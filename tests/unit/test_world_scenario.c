/* Units of scenarios: what their files may hold, when their entries happen,
 * and the options that they settle. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "rehearsal/chance.h"
#include "rehearsal/fault.h"
#include "rehearsal/flag.h"
#include "rehearsal/options.h"
#include "rehearsal/platform.h"
#include "rehearsal/scenario.h"
#include "rehearsal/scenes.h"
#include "rehearsal/timeline.h"
#include "runbook/problems.h"

#define PLACE "/tmp/cutover-test-scenario.XXXXXX"

#define HEAD "scenario: s\ntitle: T\nbriefing: B\n"
#define TAIL "good: [wait]\npar: {result: completed, outage: 12s}\n"

/* Loads text as a file named FILE in problems; *problems is initialised here. */
static int load(const char *text, struct scenario **ret,
		struct runbook_problems *problems)
{
	char path[] = PLACE;
	int fd = mkstemp(path), rc;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	runbook_problems_init(problems);
	rc = scenario_load(path, ret, problems, NULL);
	unlink(path);
	return rc;
}

static struct scenario *good(const char *text)
{
	struct runbook_problems problems;
	struct scenario *scenario = NULL;

	if (load(text, &scenario, &problems))
		runbook_problems_print(&problems, stderr);
	runbook_problems_release(&problems);
	assert_non_null(scenario);
	return scenario;
}

static void test_all_that_it_may_say(void **state)
{
	struct scenario *scenario = good(HEAD
		"runbook: aurora-cutover\n"
		"world: {pods: 2, heartbeat: 20s, flag: configmap, start_delay: 300ms}\n"
		"timeline:\n"
		"- at: {gate: 2a}\n  after: 500ms\n  fault: lag-spike\n"
		"  with: {seconds: 8}\n  for: 9s\n  tell: so\n"
		"- {at: {deed: promoted}, clear: lag-spike}\n"
		"- {at: {time: 30s}, tell: half a minute}\n" TAIL);
	const struct scenario_entry *entry = scenario->timeline;

	(void)state;
	assert_string_equal(scenario->name, "s");
	assert_int_equal(scenario->pods, 2);
	assert_int_equal(scenario->heartbeat_ms, 20000);
	assert_int_equal(scenario->flag, 1);
	assert_int_equal(scenario->start_delay_ms, 300);
	assert_int_equal(scenario->timeline_count, 3);
	assert_int_equal(entry->on, TRIGGER_GATE);
	assert_string_equal(entry->step, "2a");
	assert_int_equal(entry->after_ms, 500);
	assert_int_equal(entry->for_ms, 9000);
	assert_string_equal(json_string_value(json_object_get(entry->with,
							      "seconds")), "8");
	assert_int_equal(entry[1].on, TRIGGER_DEED);
	assert_int_equal(entry[1].deed, DEED_PROMOTED);
	assert_string_equal(entry[1].clear, "lag-spike");
	assert_int_equal(entry[2].time_ms, 30000);
	assert_int_equal(scenario->par.outage_ms, 12000);
	assert_int_equal(scenario->good_count, 1);
	scenario_free(scenario);
}

static const struct bad {
	const char *text;
	int line, column;
	const char *message;    /* a piece of it */
} bad[] = {
	{"scenario: [a]\n", 1, 11, "a short name"},
	{HEAD "timline: []\n" TAIL, 4, 1, "did you mean 'timeline'?"},
	{HEAD TAIL "timeline: 7\n", 6, 11, "a list of entries"},
	{HEAD TAIL "timeline:\n- {at: {gate: 9z}, tell: t}\n", 7, 15,
	 "aurora-cutover has no step '9z'"},
	{HEAD TAIL "timeline:\n- {at: {gate: 1}, fault: flag-dow}\n",
	 7, 26, "did you mean 'flag-down'?"},
	{HEAD TAIL "timeline:\n- {at: {gate: 1}, clear: xyz}\n", 7, 26,
	 "no fault is named 'xyz'"},
	{HEAD TAIL "timeline:\n- {at: {gate: 1}, fault: flag-slow, "
	 "with: {second: 1}}\n", 7, 37, "does not take 'second'"},
	{HEAD TAIL "timeline:\n- {fault: flag-down}\n", 7, 3,
	 "'at' is missing"},
	{HEAD TAIL "timeline:\n- {at: {}, tell: t}\n", 7, 8,
	 "one of gate"},
	{HEAD TAIL "timeline:\n- {at: {gate: 1, time: 1s}, tell: t}\n",
	 7, 8, "one of gate"},
	{HEAD TAIL "timeline:\n- {at: {deed: slept}, tell: t}\n", 7, 15,
	 "flag-off, flag-on"},
	{HEAD TAIL "timeline:\n- {at: {time: soon}, tell: t}\n", 7, 15,
	 "soon"},
	{HEAD TAIL "timeline:\n- {at: {gate: 1}}\n", 7, 3,
	 "'fault', 'clear' or 'tell'"},
	{HEAD TAIL "timeline:\n- {at: {gate: 1}, tell: t, for: 1s}\n",
	 7, 28, "there is none"},
	{HEAD TAIL "world: {pods: 0}\n", 6, 15, "from 1 to"},
	{HEAD TAIL "world: {flag: configmap}\n"
	 "timeline:\n- {at: {gate: 1}, fault: flag-slow}\n", 8, 26,
	 "flag is a ConfigMap"},
	{HEAD TAIL "world: {heartbeat: 25h}\n", 6, 20, "an hour"},
	{HEAD TAIL "runbook: none-such\n", 6, 10, "none-such"},
	{HEAD "good: [w]\npar: {result: lost}\n", 5, 15,
	 "completed, rolled-back"},
	{HEAD "good: w\npar: {result: either}\n", 4, 7,
	 "a list of sentences"},
	{"- a\n", 1, 1, "a mapping"},
	{"scenario: *a\n", 1, 11, "alias"},
};

static void test_all_problems_have_their_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct runbook_problems problems;
		struct scenario *scenario = NULL;
		bool found = false;

		assert_int_equal(load(bad[i].text, &scenario, &problems),
				 ERR_INVALID);
		for (size_t k = 0; k < problems.count; k++)
			found |= problems.items[k].line == bad[i].line &&
				 problems.items[k].column == bad[i].column &&
				 strstr(problems.items[k].message,
					bad[i].message);
		if (!found) {
			runbook_problems_print(&problems, stderr);
			fail_msg("case %zu: %s", i, bad[i].text);
		}
		runbook_problems_release(&problems);
	}
}

static void test_all_at_once(void **state)
{
	struct runbook_problems problems;
	struct scenario *scenario = NULL;

	(void)state;
	assert_int_equal(load("titel: x\nscenario: s\ngood: 1\npar: []\n",
			      &scenario, &problems), ERR_INVALID);
	assert_true(problems.count >= 5);
	runbook_problems_release(&problems);
	runbook_problems_init(&problems);
	assert_int_equal(scenario_load("/no/such/file", &scenario, &problems,
				       NULL), ERR_NOTFOUND);
	runbook_problems_release(&problems);
}

/* ---- the timeline ---------------------------------------------------------- */

struct theatre {
	struct platform platform;
	struct stage stage;
	struct scenes scenes;
	struct scenario *scenario;
	struct timeline *timeline;
};

static void theatre_open(struct theatre *theatre, const char *text)
{
	memset(theatre, 0, sizeof(*theatre));
	assert_int_equal(flag_open(&theatre->platform.flag, true, "token",
				   NULL), 0);
	theatre->stage.platform = &theatre->platform;
	assert_int_equal(scenes_init(&theatre->scenes, NULL), 0);
	theatre->scenario = good(text);
	assert_int_equal(timeline_open(&theatre->timeline, theatre->scenario,
				       &theatre->stage, &theatre->scenes, 1000,
				       NULL), 0);
}

static void theatre_close(struct theatre *theatre)
{
	timeline_close(theatre->timeline);
	scenario_free(theatre->scenario);
	scenes_release(&theatre->scenes);
	flag_close(theatre->platform.flag);
}

static void record(struct theatre *theatre, const char *event,
		   const char *step, const char *label, bool undo, int64_t now)
{
	json_t *value = json_pack("{ss ss ss* sb}", "event", event, "step",
				  step, "label", label, "undo", undo);

	timeline_record(theatre->timeline, value, now);
	json_decref(value);
}

static bool is_down(struct theatre *theatre, int64_t now)
{
	timeline_tick(theatre->timeline, now);
	return scenes_is_on(&theatre->scenes, "flag-down");
}

static void test_a_gate_by_label_or_id(void **state)
{
	struct theatre t;

	(void)state;
	theatre_open(&t, HEAD TAIL "timeline:\n"
		     "- {at: {confirmed: 2a}, after: 100ms, fault: flag-down, for: 50ms}\n"
		     "- {at: {done: fence}, fault: flag-inert}\n");
	record(&t, "gate.confirmed", "read-only", NULL, false, 2000);
	assert_false(is_down(&t, 2500));
	record(&t, "gate.opened", "fence", "2a", false, 3000);
	assert_false(is_down(&t, 3500));
	record(&t, "gate.confirmed", "fence", NULL, true, 4000);
	assert_false(is_down(&t, 4500));
	record(&t, "gate.confirmed", "fence", NULL, false, 5000);
	assert_false(is_down(&t, 5099));
	assert_true(is_down(&t, 5100));
	assert_true(is_down(&t, 5149));
	assert_false(is_down(&t, 5150));
	record(&t, "gate.confirmed", "fence", NULL, false, 6000);
	assert_false(is_down(&t, 6200));        /* once only */
	record(&t, "step.done", "fence", NULL, false, 7000);
	is_down(&t, 7000);
	assert_true(scenes_is_on(&t.scenes, "flag-inert"));
	assert_int_equal(json_array_size(t.scenes.list), 3);
	theatre_close(&t);
}

static void test_times_and_deeds(void **state)
{
	struct theatre t;

	(void)state;
	theatre_open(&t, HEAD TAIL "timeline:\n"
		     "- {at: {time: 2s}, fault: flag-down}\n"
		     "- {at: {deed: fenced}, clear: flag-down}\n"
		     "- {at: {deed: flipped}, tell: the flip}\n");
	assert_true(timeline_asks_databases(t.timeline));
	assert_false(is_down(&t, 2999));
	assert_true(is_down(&t, 3000));
	timeline_deed(t.timeline, DEED_FENCED, 3100);
	assert_false(is_down(&t, 3100));
	assert_false(timeline_asks_databases(t.timeline));
	timeline_deed(t.timeline, DEED_FLIPPED, 3200);
	timeline_tick(t.timeline, 3200);
	assert_int_equal(json_array_size(t.scenes.list), 3);
	theatre_close(&t);
}

static void test_a_way_back_is_a_moment(void **state)
{
	struct theatre t;

	(void)state;
	theatre_open(&t, HEAD TAIL "timeline:\n"
		     "- {at: {done: fence}, fault: flag-down}\n"
		     "- {at: {gate: flip}, clear: flag-down}\n"
		     "- {at: {rollback: begun}, after: 1s, clear: flag-down}\n");
	record(&t, "step.done", "fence", NULL, false, 2000);
	assert_true(is_down(&t, 2000));
	record(&t, "rollback.begun", "promote", NULL, false, 3000);
	assert_true(is_down(&t, 3999));
	assert_false(is_down(&t, 4000));
	theatre_close(&t);
}

static void test_what_is_not_on_is_not_over(void **state)
{
	struct theatre t;

	(void)state;
	theatre_open(&t, HEAD TAIL "timeline:\n"
		     "- {at: {time: 1s}, clear: flag-down, tell: it is up}\n");
	timeline_tick(t.timeline, 9000);
	assert_int_equal(json_array_size(t.scenes.list), 0);
	theatre_close(&t);
}

static void test_what_cannot_begin_is_a_scene(void **state)
{
	struct theatre t;

	(void)state;
	theatre_open(&t, HEAD TAIL "timeline:\n"
		     "- {at: {time: 1s}, fault: flag-down}\n");
	flag_close(t.platform.flag);
	t.platform.flag = NULL;
	timeline_tick(t.timeline, 9000);
	assert_int_equal(json_array_size(t.scenes.list), 1);
	assert_string_equal(json_string_value(json_object_get(
		json_array_get(t.scenes.list, 0), "kind")), "failed");
	assert_false(scenes_is_on(&t.scenes, "flag-down"));
	theatre_close(&t);
}

/* ---- options --------------------------------------------------------------- */

static void parse(struct options *ret, const char *a, const char *b)
{
	char program[] = "w", one[32], two[32];
	char *argv[] = {program, one, two, NULL};

	snprintf(one, sizeof(one), "%s", a ? a : "--control");
	snprintf(two, sizeof(two), "%s", b ? b : "--control");
	optind = 0;
	assert_int_equal(options_parse(3, argv, ret, NULL), 0);
}

static void test_options_beat_the_scenario(void **state)
{
	struct scenario *scenario = good(HEAD TAIL
		"world: {pods: 8, start_delay: 100ms, flag: configmap}\n");
	struct options options;

	(void)state;
	parse(&options, "--pods=2", NULL);
	options_settle(&options, scenario);
	assert_int_equal(options.pods, 2);
	assert_int_equal(options.start_delay_ms, 100);
	assert_int_equal(options.flag_in_configmap, 1);
	assert_int_equal(options.heartbeat_ms, OPTIONS_HEARTBEAT_MS);
	parse(&options, "--flag=http", NULL);
	options_settle(&options, scenario);
	assert_int_equal(options.pods, 8);
	assert_int_equal(options.flag_in_configmap, 0);
	scenario_free(scenario);
}

static void test_speeds(void **state)
{
	static const int pods[] = {1, 2, 3, 4, 5, 8, 20, 100};
	struct options options;

	(void)state;
	parse(&options, NULL, NULL);
	options_settle(&options, NULL);
	assert_int_equal(options_pod_delay(&options), OPTIONS_START_DELAY_MS);
	assert_int_equal(options.flag_poll_ms, 0);
	parse(&options, "--speed=realistic", NULL);
	options_settle(&options, NULL);
	assert_int_equal(options.start_delay_ms, OPTIONS_START_DELAY_MS);
	assert_true(options.flag_poll_ms > 0);
	assert_true(options.rds_delay_ms > 0);
	for (size_t i = 0; i < sizeof(pods) / sizeof(pods[0]); i++) {
		/* a quarter of the pods, rounded up, at a time */
		int surge = (pods[i] + 3) / 4;
		int rounds = (pods[i] + surge - 1) / surge;

		options.pods = pods[i];
		assert_in_range(options_pod_delay(&options) * rounds, 890000,
				900000);
	}
}

static void test_chance_is_the_seeds(void **state)
{
	int counts[10] = {0}, same = 0;

	(void)state;
	for (uint64_t i = 0; i < 10000; i++) {
		uint32_t value = chance(7, CHANCE_PODS, i, 10);

		assert_int_equal(value, chance(7, CHANCE_PODS, i, 10));
		assert_in_range(value, 0, 9);
		counts[value]++;
		same += value == chance(8, CHANCE_PODS, i, 10);
		same += value == chance(7, CHANCE_USERS, i, 10);
	}
	for (int i = 0; i < 10; i++)
		assert_in_range(counts[i], 850, 1150);
	assert_in_range(same, 1700, 2300);
	assert_int_equal(chance(7, CHANCE_PODS, 0, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_that_it_may_say),
		cmocka_unit_test(test_all_problems_have_their_place),
		cmocka_unit_test(test_all_at_once),
		cmocka_unit_test(test_a_gate_by_label_or_id),
		cmocka_unit_test(test_times_and_deeds),
		cmocka_unit_test(test_a_way_back_is_a_moment),
		cmocka_unit_test(test_what_is_not_on_is_not_over),
		cmocka_unit_test(test_what_cannot_begin_is_a_scene),
		cmocka_unit_test(test_options_beat_the_scenario),
		cmocka_unit_test(test_speeds),
		cmocka_unit_test(test_chance_is_the_seeds),
	};

	/* The runbooks of the source tree: this program is neither of the two. */
	setenv("CUTOVER_RUNBOOKS", SOURCE_RUNBOOKDIR, 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
