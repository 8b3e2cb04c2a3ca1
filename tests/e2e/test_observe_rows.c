/*
 * Questions of the runbook's own, on a real server: they are asked wherever
 * they stand, and one that takes long keeps nothing else waiting.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "ask.h"
#include "observe/condition.h"
#include "observe/observer.h"
#include "perform/reach.h"

#define LOOKS_MEANWHILE 5

static struct server server;
static char mycnf[192];
static struct runbook_connection connections[] = {
	{.name = "rds", .kind = CONNECTION_MYSQL, .mysql = {mycnf, "root"}},
	{.name = "aurora", .kind = CONNECTION_MYSQL, .mysql = {mycnf, "root"}},
};
static struct condition ways[] = {
	{.kind = CONDITION_ROWS, .on = "rds", .query = "SELECT 6",
	 .count = {.op = COMPARE_EQ, .value = 7}},
	{.kind = CONDITION_ROWS, .on = "aurora", .query = "SELECT 7",
	 .count = {.op = COMPARE_EQ, .value = 7}},
};
static struct condition either = {
	.kind = CONDITION_ANY, .any = ways, .any_count = 2,
};
/* longer than an answer is waited for */
static struct condition slow = {
	.kind = CONDITION_ROWS, .on = "rds", .query = "SELECT SLEEP(60)",
};
static struct runbook_step steps[1];
static const struct runbook runbook = {
	.connections = connections, .connection_count = 2,
	.observe = {.source = "rds", .target = "aurora"},
	.steps = steps, .step_count = 1,
};

static struct {
	struct reach *reach;
	struct observer *observer;
} test;

static void on_changed(void *data)
{
	(void)data;
}

static const struct facts *facts_now(void)
{
	return observer_facts(test.observer, clock_mono_ms());
}

static void observe(const struct conditions *undo_guards)
{
	struct error err;

	steps[0].undo.guards = *undo_guards;
	if (reach_open(ask_loop, &runbook, &test.reach, &err) ||
	    observer_open(test.reach, &runbook, on_changed, NULL,
			  &test.observer, &err))
		fail_msg("%s: %s", err.where, err.message);
}

static void leave(void)
{
	observer_close(test.observer);
	reach_close(test.reach);
}

static bool is_green(const struct condition *condition)
{
	const struct facts *facts = facts_now();
	const struct condition_context context = {
		.facts = facts, .now_ms = facts->now_ms,
	};
	struct verdict verdict;

	condition_judge(condition, &context, &verdict);
	return verdict.state == VERDICT_GREEN;
}

static void test_those_of_any_are_asked(void **state)
{
	const struct conditions guards = {&either, 1};

	(void)state;
	observe(&guards);
	WAIT_FOR(is_green(&either));
	leave();
}

static void test_a_slow_one_keeps_nobody_waiting(void **state)
{
	const struct conditions guards = {&slow, 1};
	int64_t until = clock_mono_ms() + PATIENCE_MS, seen_ms = -1;
	int looks = 0;

	(void)state;
	observe(&guards);
	observer_hurry(test.observer, true);
	WAIT_FOR(facts_now()->databases[SIDE_SOURCE].stamp.at_ms >= 0);
	while (!facts_now()->rows[0].stamp.problem[0]) {
		const struct facts_database *source =
			&facts_now()->databases[SIDE_SOURCE];

		looks += source->stamp.at_ms > seen_ms;
		seen_ms = source->stamp.at_ms;
		assert_true(clock_mono_ms() < until);
		ask_turn();
	}
	assert_true(looks >= LOOKS_MEANWHILE);
	leave();
}

static int set_up(void **state)
{
	FILE *file;

	(void)state;
	ask_open();
	server_create(&server, 1);
	snprintf(mycnf, sizeof(mycnf), "%s/my.cnf", server.dir);
	file = fopen(mycnf, "we");
	assert_non_null(file);
	fprintf(file, "[root]\nhost=127.0.0.1\nport=%d\nuser=root\n"
		"password=%s\nskip-ssl\n", server.port, SERVER_PASSWORD);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(mycnf, 0600), 0);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	server_destroy(&server);
	ask_close();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_those_of_any_are_asked),
		cmocka_unit_test(test_a_slow_one_keeps_nobody_waiting),
	};

	if (!server_program()) {
		printf("SKIP: no database server on this machine\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
