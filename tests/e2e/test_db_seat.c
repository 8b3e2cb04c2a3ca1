/*
 * The seat on a real server: one session acts at a time, and nothing of an
 * earlier one comes any more.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "ask.h"
#include "db/library.h"
#include "db/probe.h"
#include "db/seat.h"

/* Lands long after everybody has given up, unless its session ends first. */
#define LATE_SQL "SET GLOBAL max_connections = 200 + SLEEP(25)"

#define LATE_RUNS_SQL "SELECT COUNT(*) FROM information_schema.PROCESSLIST " \
	"WHERE INFO LIKE 'SET GLOBAL max%'"

static struct server source;

struct taken {
	struct db_seat seat;
	bool come;
	int code;
	struct error err;
};

static void on_taken(void *data, const struct error *err)
{
	struct taken *taken = data;

	taken->come = true;
	taken->code = err ? err->code : 0;
	if (err)
		taken->err = *err;
}

static void take(struct taken *taken, struct db_connection *connection)
{
	struct error err;

	memset(taken, 0, sizeof(*taken));
	assert_int_equal(db_seat_take(&taken->seat, connection, on_taken, taken,
				      &err), 0);
	WAIT_FOR(taken->come);
}

static void on_round(void *data, struct db_observation *seen)
{
	*(struct db_observation **)data = seen;
}

/* What an observer says of the seat. */
static int64_t observed(struct db_connection *connection)
{
	struct db_observation *seen = NULL;
	struct db_probe *probe;
	struct error err;
	int64_t acting;

	assert_int_equal(db_probe_new(connection, &probe, &err), 0);
	assert_int_equal(db_probe_round(probe, PATIENCE_MS, on_round, &seen,
					&err), 0);
	WAIT_FOR(seen);
	assert_true(seen->reached);
	acting = seen->acting;
	db_observation_free(seen);
	db_probe_free(probe);
	return acting;
}

static void test_it_is_taken_seen_and_left(void **state)
{
	struct db_connection *acts = ask_connect_as(&source, "root", true);
	struct db_connection *looks = ask_connect_as(&source, "root", true);
	struct answer answer = {0};
	struct taken taken;
	struct error err;

	(void)state;
	assert_int_equal(observed(looks), 0);
	take(&taken, acts);
	assert_int_equal(taken.code, 0);
	assert_true(db_connection_session(acts) > 0);
	assert_int_equal(observed(looks), db_connection_session(acts));
	take(&taken, acts);             /* it is its own already */
	assert_int_equal(taken.code, 0);
	assert_int_equal(taken.seat.killed, 0);
	assert_int_equal(db_seat_query(&taken.seat, "SELECT 7", PATIENCE_MS,
				       ask_on_answer, &answer, &err), 0);
	db_seat_leave(acts);            /* once, and it is free */
	ask_must(acts, "SELECT 1");
	assert_string_equal(answer.first, "7");
	assert_int_equal(observed(looks), 0);
	db_close(acts);
	db_close(looks);
}

static void test_a_late_statement_is_ended_before_the_next(void **state)
{
	struct db_config config = server_config(&source, "root");
	struct db_connection *next = ask_connect_as(&source, "root", true);
	struct db_connection *old;
	struct answer late = {0}, before, after;
	struct relay relay;
	struct taken taken;
	struct error err;
	int64_t session;

	(void)state;
	relay_start(&relay, source.port);
	config.port = (unsigned int)relay.port;
	old = ask_connect(&config, false);
	before = ask(next, "SELECT @@global.max_connections");
	take(&taken, old);
	session = (int64_t)db_connection_session(old);
	assert_int_equal(db_seat_query(&taken.seat, LATE_SQL, 8000,
				       ask_on_answer, &late, &err), 0);
	WAIT_FOR(strcmp(ask(next, LATE_RUNS_SQL).first, "1") == 0);
	/* from now on the server hears nothing of the other end */
	relay_freeze(&relay);
	WAIT_FOR(late.come);
	assert_int_equal(late.code, ERR_TIMEOUT);
	assert_int_equal(db_connection_session(old), 0);
	/* nobody waits for it, and it is still under way, for all to see */
	assert_int_equal(observed(next), session);
	take(&taken, next);
	assert_int_equal(taken.code, 0);
	assert_int_equal(taken.seat.killed, session);
	after = ask(next, LATE_RUNS_SQL);
	assert_string_equal(after.first, "0");
	/* MySQL ends a SLEEP with 1 when it is killed and goes on with that: then
	 * it has landed here, with 201, before the seat was ours. */
	after = ask(next, "SELECT @@global.max_connections");
	assert_string_not_equal(after.first, "200");
	assert_true(source.is_mysql || !strcmp(after.first, before.first));
	db_close(old);
	db_close(next);
	relay_stop(&relay);
}

static void test_whose_session_is_not_ours_is_not_ended(void **state)
{
	struct db_connection *other = ask_connect_as(&source, "root", false);
	struct db_connection *app = ask_connect_as(&source, "app", true);
	struct taken taken;

	(void)state;
	take(&taken, other);
	assert_int_equal(taken.code, 0);
	take(&taken, app);
	assert_int_equal(taken.code, ERR_BUSY);
	assert_non_null(strstr(taken.err.message, "nothing was sent"));
	assert_int_equal(db_connection_state(other), DB_READY);
	ask_must(other, "SELECT 1");
	db_close(other);
	db_close(app);
}

static void test_nothing_is_sent_in_another_session(void **state)
{
	struct db_connection *acts = ask_connect_as(&source, "root", true);
	struct db_connection *kills = ask_connect_as(&source, "root", true);
	struct answer answer = {0};
	struct taken taken;
	struct error err;
	char sql[64];

	(void)state;
	take(&taken, acts);
	assert_int_equal(taken.code, 0);
	snprintf(sql, sizeof(sql), "KILL %lu", db_connection_session(acts));
	ask_must(kills, sql);
	WAIT_FOR(observed(kills) == 0);
	assert_int_equal(db_seat_query(&taken.seat,
				       "SET GLOBAL max_connections = 99",
				       PATIENCE_MS, ask_on_answer, &answer,
				       &err), 0);
	WAIT_FOR(answer.come);
	assert_int_equal(answer.code, ERR_UNREACHABLE);
	assert_false(answer.sent);
	take(&taken, acts);             /* once more, in a session of now */
	assert_int_equal(taken.code, 0);
	answer = ask(kills, "SELECT @@global.max_connections <> 99");
	assert_string_equal(answer.first, "1");
	db_close(acts);
	db_close(kills);
}

/* An observer's row is read from left to right: what stands after the seat was
 * read after it. */
static void on_cells(void *data, const struct db_result *result,
		     const struct error *err)
{
	assert_null(err);
	assert_int_equal(result->sets[0].columns, 3);
	assert_string_equal(result->sets[0].cells[0], "0");
	*(bool *)data = strcmp(result->sets[0].cells[2], "1") == 0;
}

static void test_a_row_is_read_from_left_to_right(void **state)
{
	struct db_connection *looks = ask_connect_as(&source, "root", true);
	struct db_connection *acts = ask_connect_as(&source, "root", true);
	bool shut = false;
	struct error err;

	(void)state;
	ask_must(acts, "SELECT GET_LOCK('midway', 0)");
	assert_int_equal(db_query(looks, "SELECT COALESCE(IS_USED_LOCK('"
				  DB_SEAT_NAME "'), 0), GET_LOCK('midway', 60), "
				  "@@global.read_only", PATIENCE_MS, on_cells,
				  &shut, &err), 0);
	WAIT_FOR(strcmp(ask(acts, "SELECT COUNT(*) FROM "
				  "information_schema.PROCESSLIST WHERE "
				  "STATE = 'User lock'").first, "1") == 0);
	ask_must(acts, "SET GLOBAL read_only = ON");
	ask_must(acts, "SELECT RELEASE_LOCK('midway')");
	ask_must(looks, "SELECT 1");
	assert_true(shut);
	ask_must(acts, "SET GLOBAL read_only = OFF");
	db_close(looks);
	db_close(acts);
}

static int set_up(void **state)
{
	char library[128];

	(void)state;
	ask_open();
	server_create(&source, 21);
	db_library_describe(library, sizeof(library));
	printf("# %s, %s\n", server_program(), library);
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
		cmocka_unit_test(test_it_is_taken_seen_and_left),
		cmocka_unit_test(test_a_late_statement_is_ended_before_the_next),
		cmocka_unit_test(test_whose_session_is_not_ours_is_not_ended),
		cmocka_unit_test(test_nothing_is_sent_in_another_session),
		cmocka_unit_test(test_a_row_is_read_from_left_to_right),
	};

	if (!server_program()) {
		printf("SKIP: no database server on this machine\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
