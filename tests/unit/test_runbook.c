/*
 * Units of runbook/: what the shipped runbooks become, where the values of
 * variables come from, how a runbook is found by its name.
 */
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
#include "runbook/runbook.h"

#define EXAMPLES SOURCE_RUNBOOKDIR "/../tests/runbooks/"

static const char *const needed[] = {
	"namespace=shop", "mysql_file=/x/my.cnf", "flag_url=http://flags/w",
	"service_url=http://shop", "max_missing=25",
};

static const struct runbook_settings live = {
	.set = needed,
	.set_count = sizeof(needed) / sizeof(needed[0]),
	.run = "r-17",
	.require_values = true,
};

static struct runbook *load(const char *path,
			    const struct runbook_settings *settings)
{
	struct runbook_problems problems;
	struct runbook *runbook = NULL;
	struct error err = {0};
	int code;

	runbook_problems_init(&problems);
	code = runbook_load(path, settings, &runbook, &problems, &err);
	runbook_problems_print(&problems, stderr);
	if (code < 0)
		fail_msg("%s: %s", path, err.message);
	runbook_problems_release(&problems);
	return runbook;
}

/* What is printed about a text that does not load. The caller frees it. */
static char *complaints(const char *text,
			const struct runbook_settings *settings)
{
	struct runbook_problems problems;
	struct runbook *runbook = NULL;
	struct error err = {0};
	size_t size;
	char *printed = NULL;
	FILE *to = open_memstream(&printed, &size);

	runbook_problems_init(&problems);
	assert_int_equal(runbook_parse("x.yaml", text, strlen(text), settings,
				       &runbook, &problems, &err), ERR_INVALID);
	assert_null(runbook);
	runbook_problems_print(&problems, to);
	fclose(to);
	runbook_problems_release(&problems);
	return printed;
}

static void assert_complaints(const char *text,
			      const struct runbook_settings *settings,
			      const char *expected)
{
	char *printed = complaints(text, settings);

	assert_string_equal(printed, expected);
	free(printed);
}

/* ---- the shipped runbooks ------------------------------------------------- */

static void test_cutover_has_its_seven_gates(void **state)
{
	static const char *const ids[] = {"read-only", "fence", "promote",
		"patch-v2", "flip", "smoke", "flag-on"};
	static const size_t back[] = {2, 6, 4, 3, 1, 0};
	struct runbook *runbook = load("aurora-cutover", &live);

	(void)state;
	assert_string_equal(runbook->name, "aurora-cutover");
	assert_int_equal(runbook->step_count, 7);
	for (size_t i = 0; i < 7; i++)
		assert_string_equal(runbook->steps[i].id, ids[i]);
	assert_string_equal(runbook->steps[1].label, "2a");
	assert_null(runbook->steps[0].confirm);
	assert_string_equal(runbook->steps[2].confirm, "promote");
	assert_string_equal(runbook->steps[4].confirm, "flip");
	assert_int_equal(runbook->steps[0].downtime, DOWNTIME_STARTS);
	assert_int_equal(runbook->steps[6].downtime, DOWNTIME_ENDS);
	assert_false(runbook->steps[5].has_undo);
	assert_int_equal(runbook->rollback_count, 6);
	assert_memory_equal(runbook->rollback, back, sizeof(back));
	assert_int_equal(runbook->budget_ms, 60000);
	assert_int_equal(runbook->way_back_budget_ms, 30000);
	assert_string_equal(runbook->rehearsal_start, "full");
	assert_int_equal(strlen(runbook->sha256), 64);
	assert_non_null(strstr(runbook->text, "\nrunbook: aurora-cutover\n"));
	assert_string_equal(runbook->summary, "Flag off, final sync and promote, "
		"patch v2, flip the Service selector, smoke test, flag on.");
	runbook_free(runbook);
}

static void test_cutover_knows_whom_it_talks_to(void **state)
{
	struct runbook *runbook = load("aurora-cutover", &live);
	const struct runbook_connection *flag =
		runbook_find_connection(runbook, "flag");
	const struct runbook_connection *rds =
		runbook_find_connection(runbook, "rds");
	const struct runbook_connection *cluster =
		runbook_find_kind(runbook, CONNECTION_KUBERNETES);

	(void)state;
	assert_string_equal(rds->mysql.file, "/x/my.cnf");
	assert_string_equal(rds->mysql.group, "rds");
	assert_string_equal(cluster->name, "cluster");
	assert_string_equal(cluster->kubernetes.namespace, "shop");
	assert_string_equal(cluster->kubernetes.context, "");
	assert_int_equal(cluster->kubernetes.lease_ms, 30000);
	assert_int_equal(flag->kind, CONNECTION_FLAG);
	assert_int_equal(flag->flag.kind, FLAG_HTTP);
	assert_string_equal(flag->flag.http.url, "http://flags/w");
	assert_string_equal(flag->flag.http.on, "{\"enabled\": true}");
	assert_string_equal(flag->flag.configmap, "app-flags");
	assert_string_equal(runbook->observe.source, "rds");
	assert_int_equal(runbook->observe.version_count, 2);
	assert_null(runbook->observe.versions[0].writable);
	assert_string_equal(runbook->observe.versions[1].writable,
			    "writes=enabled");
	assert_string_equal(runbook->observe.versions[1].match,
			    "app=myapp,version=v2");
	assert_null(runbook_find_connection(runbook, "oracle"));
	runbook_free(runbook);
}

static void test_cutover_asks_before_it_acts(void **state)
{
	struct runbook *runbook = load("aurora-cutover", &live);
	const struct condition *guards = runbook->steps[0].deed.guards.items;
	const struct condition *promote = runbook->steps[2].deed.guards.items;
	const struct condition *either = runbook->steps[6].deed.guards.items;

	(void)state;
	assert_int_equal(runbook->steps[0].deed.guards.count, 7);
	assert_int_equal(guards[0].kind, CONDITION_FLAG);
	assert_true(guards[0].is);
	assert_int_equal(guards[1].kind, CONDITION_SELECTOR);
	assert_int_equal(guards[1].selector.count, 2);
	assert_string_equal(guards[1].selector.items[1].value, "v1");
	assert_int_equal(guards[3].kind, CONDITION_MISSING);
	assert_string_equal(guards[3].on, "aurora");
	assert_int_equal(guards[3].count.op, COMPARE_LE);
	assert_int_equal(guards[3].count.value, 25);
	assert_false(guards[3].hard);
	assert_true(guards[4].hard);
	assert_true(guards[6].has_ready);
	assert_false(guards[6].has_total);
	assert_int_equal(runbook->steps[1].deed.guards.items[1].for_ms, 300);
	assert_int_equal(promote[2].kind, CONDITION_TRANSACTIONS);
	assert_string_equal(promote[2].since, "fence");
	assert_int_equal(promote[2].count.op, COMPARE_EQ);
	assert_int_equal(either[0].kind, CONDITION_ANY);
	assert_int_equal(either[0].any_count, 2);
	assert_int_equal(either[0].any[1].total.value, 0);
	assert_true(either[0].hard);
	assert_int_equal(runbook->steps[1].deed.checks.items[0].within_ms, 30000);
	runbook_free(runbook);
}

static void test_cutover_does_what_the_table_says(void **state)
{
	struct runbook *runbook = load("aurora-cutover", &live);
	const struct action *patch = runbook->steps[3].deed.actions.items;
	const struct action *flip = runbook->steps[4].undo.actions.items;
	const struct action *smoke = runbook->steps[5].deed.actions.items;
	const struct condition *rows = runbook->steps[5].deed.checks.items;

	(void)state;
	assert_int_equal(runbook->steps[2].deed.actions.count, 2);
	assert_int_equal(runbook->steps[2].deed.actions.items[1].kind,
			 ACTION_UNFENCE);
	assert_string_equal(runbook->steps[2].deed.actions.items[1].on, "aurora");
	assert_int_equal(patch->kind, ACTION_PATCH_DEPLOYMENT);
	assert_string_equal(patch->name, "my-app-v2");
	assert_string_equal(patch->container, "app");
	assert_string_equal(patch->env.items[0].key, "ENABLE_WRITES");
	assert_string_equal(patch->env.items[0].value, "true");
	assert_int_equal(patch->within_ms, 30000);
	assert_int_equal(flip->kind, ACTION_PATCH_SERVICE);
	assert_string_equal(flip->selector.items[1].key, "writes");
	assert_null(flip->selector.items[1].value);
	assert_int_equal(smoke->kind, ACTION_REQUEST);
	assert_string_equal(smoke->url, "http://shop/sentinel");
	assert_string_equal(smoke->body, "{\"token\": \"r-17\"}");
	assert_int_equal(smoke->expect, 200);
	assert_int_equal(smoke->transactions, 1);
	assert_string_equal(smoke->manifest, "");
	assert_int_equal(rows->kind, CONDITION_ROWS);
	assert_non_null(strstr(rows->query, "token = 'r-17'"));
	runbook_free(runbook);
}

static void test_the_other_phases_load(void **state)
{
	struct runbook_settings check = {0};
	struct runbook *deploy = load("deploy-v2", &check);
	struct runbook *cleanup = load("cleanup-v1", &check);

	(void)state;
	assert_string_equal(deploy->rehearsal_start, "bare");
	assert_int_equal(deploy->steps[0].deed.actions.items[0].kind,
			 ACTION_CREATE);
	assert_int_equal(deploy->steps[1].deed.actions.items[0].kind,
			 ACTION_MANUAL);
	assert_int_equal(deploy->budget_ms, 0);
	assert_int_equal(deploy->way_back_budget_ms, 0);
	assert_string_equal(cleanup->rehearsal_start, "after");
	assert_int_equal(cleanup->steps[0].undo.actions.items[0].replicas, 4);
	assert_int_equal(cleanup->steps[1].deed.checks.items[0].kind,
			 CONDITION_DEPLOYMENT_GONE);
	assert_string_equal(cleanup->steps[1].deed.checks.items[0].name,
			    "my-app-v1");
	runbook_free(deploy);
	runbook_free(cleanup);
}

/* ---- variables ------------------------------------------------------------ */

#define REST "connections:\n" \
	"  a: {mysql: {file: f, group: a}}\n" \
	"  b: {mysql: {file: f, group: b}}\n" \
	"  k: {kubernetes: {namespace: '${space}'}}\n" \
	"observe: {source: a, target: b, service: s,\n" \
	"  versions: {v: {deployment: d, match: x=y, database: a}}}\n" \
	"steps:\n" \
	"  - {id: one, step: 1, title: '$${run} is ${run}', guards: [],\n" \
	"     do: [manual: x], undo: none}\n"

#define SMALL "runbook: small\ntitle: t\nvariables:\n" \
	"  space: {type: string, about: the namespace}\n" \
	"  pods: {type: integer, about: how many, default: 4}\n" REST

static void test_a_missing_value_matters_only_for_a_run(void **state)
{
	struct runbook_settings settings = {0};
	struct runbook_problems problems;
	struct runbook *runbook = NULL;
	struct error err;

	(void)state;
	runbook_problems_init(&problems);
	assert_int_equal(runbook_parse("x.yaml", SMALL, strlen(SMALL),
				       &settings, &runbook, &problems, &err), 0);
	assert_true(runbook->variables[0].assumed);
	assert_false(runbook->variables[1].assumed);
	assert_string_equal(runbook->variables[1].value, "4");
	assert_string_equal(runbook->steps[0].title, "${run} is ?");
	runbook_free(runbook);
	runbook_problems_release(&problems);
	settings.require_values = true;
	assert_complaints(SMALL, &settings, "x.yaml:4:3: 'space' has no value: "
		"the namespace; give it with --set space=VALUE or in a --vars file\n");
}

static void test_set_is_strict_about_names_and_types(void **state)
{
	static const char *const set[] = {"spcae=a", "pods=many", "space",
		"nothing=1", "space=Up"};
	struct runbook_settings settings = {.set = set, .set_count = 5};

	(void)state;
	assert_complaints(SMALL, &settings,
		"--set: 'pods' wants an integer, not \"many\"\n"
		"--set: no variable is named 'spcae'; did you mean 'space'?\n"
		"--set: NAME=VALUE is wanted, not \"space\"\n"
		"--set: no variable is named 'nothing'\n"
		"x.yaml:9:31: 'namespace' wants the name of a Kubernetes object "
		"(a-z, 0-9, '-' and '.'), not \"Up\"\n");
}

/* Writes a file that the test removes. */
static void write_file(char path[32], const char *text)
{
	int fd;

	snprintf(path, 32, "/tmp/cutover-test-XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

static void test_vars_may_serve_several_runbooks(void **state)
{
	static const char *const set[] = {"pods=7"};
	char path[32], expected[256];
	struct runbook_settings settings = {
		.vars_file = path, .set = set, .set_count = 1,
		.require_values = true,
	};
	struct runbook_problems problems;
	struct runbook *runbook = NULL;
	struct error err;

	(void)state;
	write_file(path, "space: shop\npods: 5\npod: 9\nother: {a: b}\n");
	runbook_problems_init(&problems);
	assert_int_equal(runbook_parse("x.yaml", SMALL, strlen(SMALL),
				       &settings, &runbook, &problems, &err), 0);
	assert_string_equal(runbook->variables[0].value, "shop");
	assert_string_equal(runbook->variables[1].value, "7");  /* --set wins */
	runbook_free(runbook);
	runbook_problems_release(&problems);
	unlink(path);

	write_file(path, "spaces: shop\npods: [1]\nspaces: again\n");
	settings.set_count = settings.require_values = 0;
	snprintf(expected, sizeof(expected),
		 "%s:1:1: no variable is named 'spaces'; did you mean 'space'?\n"
		 "%s:2:7: 'pods' wants an integer, not a list\n"
		 "%s:3:1: key 'spaces' a second time; the first is in line 1\n",
		 path, path, path);
	assert_complaints(SMALL, &settings, expected);
	unlink(path);
}

/* ---- finding -------------------------------------------------------------- */

static void assert_not_found(const char *name, const char *message)
{
	struct runbook_settings settings = {0};
	struct runbook_problems problems;
	struct runbook *runbook = NULL;
	struct error err = {0};

	runbook_problems_init(&problems);
	assert_int_equal(runbook_load(name, &settings, &runbook, &problems,
				      &err), ERR_NOTFOUND);
	assert_non_null(strstr(err.message, message));
	assert_int_equal(problems.count, 0);
	runbook_problems_release(&problems);
}

static void test_runbooks_are_found_by_name(void **state)
{
	struct runbook_settings settings = {0};
	struct runbook *runbook;

	(void)state;
	setenv("CUTOVER_RUNBOOKS", EXAMPLES, 1);
	runbook = load("good", &settings);
	assert_string_equal(runbook->name, "broken");
	assert_non_null(strstr(runbook->path, "tests/runbooks/"));
	runbook_free(runbook);
	setenv("CUTOVER_RUNBOOKS", SOURCE_RUNBOOKDIR, 1);
	assert_not_found("good", "the runbooks are: aurora-cutover-prewarmed, "
			 "aurora-cutover, cleanup-v1");
	assert_not_found("aurora-cutovre", "did you mean 'aurora-cutover'?");
	assert_not_found("/nowhere/x.yaml", "No such file");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cutover_has_its_seven_gates),
		cmocka_unit_test(test_cutover_knows_whom_it_talks_to),
		cmocka_unit_test(test_cutover_asks_before_it_acts),
		cmocka_unit_test(test_cutover_does_what_the_table_says),
		cmocka_unit_test(test_the_other_phases_load),
		cmocka_unit_test(test_a_missing_value_matters_only_for_a_run),
		cmocka_unit_test(test_set_is_strict_about_names_and_types),
		cmocka_unit_test(test_vars_may_serve_several_runbooks),
		cmocka_unit_test(test_runbooks_are_found_by_name),
	};

	setenv("CUTOVER_RUNBOOKS", SOURCE_RUNBOOKDIR, 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
