/*
 * Open write transactions on a real server, looked at as often as a run does
 * that waits for something.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#include "ask.h"
#include "db/probe.h"

static struct server source;

static void on_round(void *data, struct db_observation *seen)
{
	*(struct db_observation **)data = seen;
}

static struct db_observation *look(struct db_probe *probe)
{
	struct db_observation *seen = NULL;
	struct error err;

	assert_int_equal(db_probe_round(probe, PATIENCE_MS, on_round, &seen,
					&err), 0);
	WAIT_FOR(seen);
	assert_true(seen->reached);
	return seen;
}

/* Looks without a pause. */
static void look_until_transactions(struct db_probe *probe, int64_t count)
{
	int64_t until = clock_mono_ms() + PATIENCE_MS, seen_count = -1;

	while (seen_count != count) {
		struct db_observation *seen = look(probe);

		seen_count = seen->write_transactions;
		db_observation_free(seen);
		assert_true(clock_mono_ms() < until);
	}
}

/* InnoDB does not renew what it tells of them while it is asked again and
 * again. */
static void test_looking_often_freezes_nothing(void **state)
{
	struct db_connection *root = ask_connect_as(&source, "root", true);
	struct db_connection *app = ask_connect_as(&source, "app", false);
	struct db_probe *probe;
	struct error err;

	(void)state;
	assert_int_equal(db_probe_new(root, &probe, &err), 0);
	look_until_transactions(probe, 0);
	ask_must(app, "BEGIN");
	ask_must(app, "REPLACE INTO shop.t VALUES (3, 'open')");
	look_until_transactions(probe, 1);
	ask_must(app, "COMMIT");
	look_until_transactions(probe, 0);
	db_close(root);
	db_close(app);
	db_probe_free(probe);
}

static int set_up(void **state)
{
	(void)state;
	ask_open();
	server_create(&source, 1);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	server_destroy(&source);
	ask_close();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_looking_often_freezes_nothing),
	};

	if (!server_program()) {
		printf("SKIP: no database server on this machine\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
