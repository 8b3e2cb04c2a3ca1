/*
 * Statements as effects on a real server: which errors say that nothing
 * happened, what is given up, and whose turn comes after what was lost.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "ask.h"
#include "db/seat.h"
#include "perform/acting.h"
#include "perform/perform.h"
#include "perform/reach.h"

#define SLOW_SQL "SET GLOBAL max_connections = 200 + SLEEP(60)"
#define SLOW_RUNS_SQL "SELECT COUNT(*) FROM information_schema.PROCESSLIST " \
	"WHERE INFO LIKE 'SET GLOBAL max%'"

static struct server server;
static char mycnf[192];
static struct runbook_connection connections[] = {
	{.name = "root", .kind = CONNECTION_MYSQL, .mysql = {mycnf, "root"}},
	{.name = "limited", .kind = CONNECTION_MYSQL,
	 .mysql = {mycnf, "limited"}},
};
static const struct runbook runbook = {
	.connections = connections, .connection_count = 2,
};

struct heard {
	enum perform_outcome outcome;
	char text[PERFORM_TEXT_MAX];
	bool come;
};

static void hear(void *data, enum perform_outcome outcome, const char *text)
{
	struct heard *heard = data;

	heard->outcome = outcome;
	heard->come = true;
	snprintf(heard->text, sizeof(heard->text), "%s", text);
}

static struct reach *reach_both(void)
{
	struct reach *reach;
	struct error err;

	if (reach_open(ask_loop, &runbook, &reach, &err))
		fail_msg("%s: %s", err.where, err.message);
	return reach;
}

static struct effect statement(const char *connection, const char *sql)
{
	return (struct effect){.kind = EFFECT_SQL, .connection = connection,
			       .request = sql, .within_ms = PATIENCE_MS,
			       .verb = -1};
}

static struct heard outcome_of(struct reach *reach, const char *connection,
			       const char *sql)
{
	const struct effect effect = statement(connection, sql);
	struct performance *performance;
	struct heard heard = {0};
	const struct perform_caller caller = {.done = hear, .data = &heard};
	struct error err;

	assert_int_equal(perform_start(reach, &effect, &caller, &performance,
				       &err), 0);
	WAIT_FOR(heard.come);
	return heard;
}

/* A procedure has done a part when it raises its error, and perhaps when it is
 * not allowed something; whoever names a variable that is none, has done
 * nothing. */
static void test_an_error_out_of_a_procedure_is_unknown(void **state)
{
	struct db_connection *root = ask_connect_as(&server, "root", true);
	struct reach *reach = reach_both();
	struct heard heard;

	(void)state;
	ask_must(root, "CREATE PROCEDURE shop.half() BEGIN "
		 "INSERT INTO shop.t VALUES (7, 'half'); "
		 "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no further'; "
		 "END");
	heard = outcome_of(reach, "root", "CALL shop.half()");
	assert_int_equal(heard.outcome, PERFORM_UNKNOWN);
	assert_non_null(strstr(heard.text, "no further"));
	assert_string_equal(ask(root, "SELECT COUNT(*) FROM shop.t").first,
			    "1");
	heard = outcome_of(reach, "limited", "CALL shop.half()");
	assert_int_equal(heard.outcome, PERFORM_UNKNOWN);
	heard = outcome_of(reach, "limited", "SET GLOBAL read_only = OFF");
	assert_int_equal(heard.outcome, PERFORM_FAILED);
	heard = outcome_of(reach, "root", "SET GLOBAL no_such_thing = 1");
	assert_int_equal(heard.outcome, PERFORM_FAILED);
	reach_close(reach);
	db_close(root);
}

static struct performance *start_slow(struct reach *reach,
				      struct db_connection *looks,
				      struct heard *heard)
{
	const struct perform_caller caller = {.done = hear, .data = heard};
	static struct effect effect;
	struct performance *performance;
	struct error err;

	effect = statement("root", SLOW_SQL);
	assert_int_equal(perform_start(reach, &effect, &caller, &performance,
				       &err), 0);
	WAIT_FOR(strcmp(ask(looks, SLOW_RUNS_SQL).first, "1") == 0);
	return performance;
}

static int64_t acting_session(struct reach *reach)
{
	struct acting *acting = reach_acting(reach, "root");

	return (int64_t)db_connection_session(acting->connection);
}

/* Until it has ended, that session is none that has answered everything. */
static void test_what_was_given_up_is_under_way_until_answered(void **state)
{
	struct db_connection *looks = ask_connect_as(&server, "root", true);
	struct reach *reach = reach_both();
	struct heard heard = {0};
	struct performance *slow = start_slow(reach, looks, &heard);
	int64_t session = acting_session(reach);

	(void)state;
	assert_true(session > 0);
	assert_true(reach_has_answered(reach, "root", session));
	perform_abandon(slow);
	assert_false(reach_has_answered(reach, "root", session));
	WAIT_FOR(reach_has_answered(reach, "root", session));
	/* its answer leaves the server a moment before the list of processes */
	WAIT_FOR(strcmp(ask(looks, SLOW_RUNS_SQL).first, "0") == 0);
	assert_false(heard.come);
	assert_false(reach_has_answered(reach, "limited", session));
	assert_false(reach_has_answered(reach, "nobody", session));
	reach_close(reach);
	db_close(looks);
}

static void test_closing_frees_what_was_given_up(void **state)
{
	struct db_connection *looks = ask_connect_as(&server, "root", true);
	struct reach *reach = reach_both();
	struct heard heard = {0};

	(void)state;
	perform_abandon(start_slow(reach, looks, &heard));
	reach_close(reach);
	WAIT_FOR(strcmp(ask(looks, SLOW_RUNS_SQL).first, "0") == 0);
	assert_false(heard.come);
	db_close(looks);
}

struct taken {
	struct db_seat seat;
	bool come;
	int code;
};

static void on_taken(void *data, const struct error *err)
{
	struct taken *taken = data;

	taken->come = true;
	taken->code = err ? err->code : 0;
}

/* The seat is another's, which `limited` may not end: to find that out takes
 * longer than an act waits for its turn, once it is its turn. */
static void test_the_next_act_waits_while_the_last_is_settled(void **state)
{
	struct db_connection *root = ask_connect_as(&server, "root", true);
	struct reach *reach = reach_both();
	struct acting *acting = reach_acting(reach, "limited");
	struct taken other = {0}, next = {0};
	struct error err;

	(void)state;
	assert_int_equal(db_seat_take(&other.seat, root, on_taken, &other,
				      &err), 0);
	WAIT_FOR(other.come);
	acting_settle(acting);
	assert_int_equal(acting_take(acting, &next.seat, on_taken, &next,
				     &err), 0);
	WAIT_FOR(!acting->settles);
	assert_false(next.come);
	db_seat_leave(root);
	WAIT_FOR(next.come);
	assert_int_equal(next.code, 0);
	reach_close(reach);
	db_close(root);
}

/* The server ended the connection while it idled, or a failover did: the first
 * act in the window is sent all the same. */
static void test_an_act_finds_its_connection_ended(void **state)
{
	struct db_connection *root = ask_connect_as(&server, "root", true);
	struct reach *reach = reach_both();
	struct heard heard;
	char sql[128];

	(void)state;
	for (int i = 0; i < 2; i++) {
		int64_t session = -1;

		WAIT_FOR((session = acting_session(reach)) > 0);
		snprintf(sql, sizeof(sql), "KILL %" PRId64, session);
		ask_must(root, sql);
		snprintf(sql, sizeof(sql), "SELECT 1 FROM information_schema."
			 "PROCESSLIST WHERE ID = %" PRId64, session);
		WAIT_FOR(ask(root, sql).rows == 0);
		heard = outcome_of(reach, "root", "SET GLOBAL max_connections = 200");
		if (heard.outcome != PERFORM_DONE)
			fail_msg("%s", heard.text);
	}
	reach_close(reach);
	db_close(root);
}

static void test_an_idle_connection_says_something(void **state)
{
	struct db_connection *root = ask_connect_as(&server, "root", true);
	struct db_config config = server_config(&server, "root");
	struct acting acting = {0};
	struct error err;
	/* of MySQL's tables of status variables none has Com_... */
	const char *sql = server.is_mysql ?
		"SELECT COUNT_STAR > 3 FROM performance_schema."
		"events_statements_summary_global_by_event_name WHERE "
		"EVENT_NAME = 'statement/sql/do'" :
		"SELECT VARIABLE_VALUE > 3 FROM information_schema."
		"GLOBAL_STATUS WHERE VARIABLE_NAME = 'Com_do'";

	(void)state;
	assert_int_equal(acting_open(&acting, ask_loop, &config, &err), 0);
	assert_int_equal(acting_keep(&acting, 10, &err), 0);
	WAIT_FOR(strcmp(ask(root, sql).first, "1") == 0);
	acting_close(&acting);
	db_close(root);
}

static struct asked {
	struct heard heard;
	bool refuse;
	int times;
} asked;

static int may_send(void *data, struct error *err)
{
	struct asked *a = data;

	a->times++;
	return a->refuse ? error_set(err, ERR_BUSY, NULL, "not any more") : 0;
}

static void hear_asked(void *data, enum perform_outcome outcome,
		       const char *text)
{
	hear(&((struct asked *)data)->heard, outcome, text);
}

/* The seat is another's: by the time it is free, the act may not be wanted. */
static void test_it_is_asked_again_when_its_turn_has_come(void **state)
{
	struct db_connection *root = ask_connect_as(&server, "root", true);
	const struct perform_caller caller = {
		.done = hear_asked, .may_send = may_send, .data = &asked,
	};
	const struct effect effect =
		statement("limited", "CREATE TABLE shop.never (id INT)");
	struct reach *reach = reach_both();
	struct performance *performance;
	struct taken other = {0};
	struct error err;

	(void)state;
	assert_int_equal(db_seat_take(&other.seat, root, on_taken, &other,
				      &err), 0);
	WAIT_FOR(other.come);
	assert_int_equal(perform_start(reach, &effect, &caller, &performance,
				       &err), 0);
	asked.refuse = true;
	db_seat_leave(root);
	WAIT_FOR(asked.heard.come);
	assert_int_equal(asked.times, 1);
	assert_int_equal(asked.heard.outcome, PERFORM_FAILED);
	assert_non_null(strstr(asked.heard.text, "not any more"));
	WAIT_FOR(strcmp(ask(root, "SELECT IS_FREE_LOCK('cutover')").first,
			"1") == 0);
	reach_close(reach);
	db_close(root);
}

/* It takes over the seat that was settled, with nothing in between; and who was
 * to have it before is told. */
static void test_what_was_settled_is_handed_over(void **state)
{
	struct db_connection *root = ask_connect_as(&server, "root", true);
	struct reach *reach = reach_both();
	struct acting *acting = reach_acting(reach, "limited");
	struct taken before = {0}, next = {0};
	struct error err;

	(void)state;
	acting_settle(acting);
	assert_int_equal(acting_take(acting, &before.seat, on_taken, &before,
				     &err), 0);
	assert_int_equal(acting_take(acting, &next.seat, on_taken, &next,
				     &err), 0);
	assert_true(before.come);
	assert_int_equal(before.code, ERR_CANCELLED);
	WAIT_FOR(next.come);
	assert_int_equal(next.code, 0);
	assert_false(acting->settles);
	assert_int_equal(next.seat.generation, acting->seat.generation);
	db_seat_leave(acting->connection);
	WAIT_FOR(strcmp(ask(root, "SELECT IS_FREE_LOCK('cutover')").first,
			"1") == 0);
	reach_close(reach);
	db_close(root);
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
	for (size_t i = 0; i < 2; i++)
		fprintf(file, "[%s]\nhost=127.0.0.1\nport=%d\nuser=%s\n"
			"password=%s\nskip-ssl\n", connections[i].name,
			server.port, connections[i].name, SERVER_PASSWORD);
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
		cmocka_unit_test(test_an_error_out_of_a_procedure_is_unknown),
		cmocka_unit_test(
			test_what_was_given_up_is_under_way_until_answered),
		cmocka_unit_test(test_closing_frees_what_was_given_up),
		cmocka_unit_test(
			test_the_next_act_waits_while_the_last_is_settled),
		cmocka_unit_test(test_what_was_settled_is_handed_over),
		cmocka_unit_test(test_an_act_finds_its_connection_ended),
		cmocka_unit_test(test_an_idle_connection_says_something),
		cmocka_unit_test(test_it_is_asked_again_when_its_turn_has_come),
	};

	if (!server_program()) {
		printf("SKIP: no database server on this machine\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
