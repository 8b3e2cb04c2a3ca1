/*
 * Connections to a real server: what is answered, and every way in which a
 * connection can break, with what is known then of the effect.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ask.h"
#include "db/dialect.h"
#include "db/library.h"

static struct server source;

/* ---- statements ----------------------------------------------------------- */

static void test_rows_nulls_and_counts(void **state)
{
	struct db_connection *root = ask_connect_as(&source, "root", false);
	struct answer answer;

	(void)state;
	answer = ask(root, "SELECT NULL UNION ALL SELECT ''");
	assert_int_equal(answer.code, 0);
	assert_int_equal(answer.rows, 2);
	assert_string_equal(answer.first, "(null)");
	answer = ask(root, "SELECT REPEAT('é', 100)");
	assert_int_equal(strlen(answer.first), 200);
	ask_must(root, "DELETE FROM shop.t");
	answer = ask(root, "INSERT INTO shop.t VALUES (1, 'a'), (2, 'b')");
	assert_int_equal(answer.affected, 2);
	assert_true(answer.sent);
	assert_int_equal(db_connection_state(root), DB_READY);
	answer = ask(root, "SELECT @@autocommit");
	assert_string_equal(answer.first, "1");
	db_close(root);
}

static void test_a_procedure_answers_in_parts(void **state)
{
	struct db_connection *root = ask_connect_as(&source, "root", false);
	struct answer answer;

	(void)state;
	ask_must(root, "DROP PROCEDURE IF EXISTS shop.parts");
	ask_must(root, "CREATE PROCEDURE shop.parts() BEGIN SELECT 1; SELECT 2; "
	     "UPDATE shop.t SET v = 'z' WHERE id = 1; END");
	answer = ask(root, "CALL shop.parts()");
	assert_int_equal(answer.code, 0);
	assert_int_equal(answer.sets, 2);
	ask_must(root, "DROP PROCEDURE shop.parts");
	ask_must(root, "CREATE PROCEDURE shop.parts() BEGIN SELECT 1; "
	     "SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = 1644, "
	     "MESSAGE_TEXT = 'Slave is already stopped'; END");
	answer = ask(root, "CALL shop.parts()");
	assert_int_equal(answer.code, ERR_REMOTE);
	assert_string_equal(answer.err.message,
			    "error 1644 (45000): Slave is already stopped");
	assert_true(db_dialect_is_done_already(DB_VERB_STOP_REPLICATION,
					       &answer.err));
	ask_must(root, "SELECT 1");         /* nothing is left to read */
	db_close(root);
}

static void test_errors_say_what_happened(void **state)
{
	struct db_connection *app = ask_connect_as(&source, "app", false);
	struct answer answer;

	(void)state;
	answer = ask(app, "SELEC 1");
	assert_int_equal(answer.code, ERR_REMOTE);
	assert_non_null(strstr(answer.err.message, "error 1064 (42000): "));
	answer = ask(app, "SELEC '" SERVER_PASSWORD "'");
	assert_non_null(strstr(answer.err.message, "***"));
	answer = ask(app, "SELECT * FROM mysql.user");
	assert_int_equal(answer.code, ERR_DENIED);
	answer = ask(app, "SET GLOBAL read_only = ON");
	assert_int_equal(answer.code, ERR_DENIED);
	db_close(app);
}

static void test_answers_come_in_order(void **state)
{
	struct db_connection *root = ask_connect_as(&source, "root", false);
	struct answer answers[20];
	struct error err;
	struct answer extra = {0};

	(void)state;
	for (size_t i = 0; i < 20; i++)
		ask_send(root, "SELECT 1", PATIENCE_MS, &answers[i]);
	WAIT_FOR(answers[19].come);
	for (size_t i = 1; i < 20; i++)
		assert_int_equal(answers[i].order, answers[i - 1].order + 1);
	for (size_t i = 0; i < DB_QUEUE_MAX; i++)
		assert_int_equal(db_query(root, "SELECT SLEEP(9)", 60000,
					  ask_on_answer, &extra, &err), 0);
	assert_int_equal(db_query(root, "SELECT 1", 60000, ask_on_answer, &extra,
				  &err), ERR_LIMIT);
	db_close(root);                 /* with all of them out */
}

/* ---- connections that do not come about ------------------------------------ */

static struct db_state_seen {
	enum db_state state;
	int calls;
	struct error err;
} state_seen;

static void on_state(void *data, enum db_state state, const struct error *err)
{
	struct db_state_seen *seen = data;

	seen->calls++;
	seen->state = state;
	if (err)
		seen->err = *err;
}

static void test_wrong_password_is_denied(void **state)
{
	struct db_config config = server_config(&source, "root");
	struct db_connection *connection;
	struct answer answer;
	struct error err;

	(void)state;
	memset(&state_seen, 0, sizeof(state_seen));
	snprintf(config.password, sizeof(config.password), "wrong-%s",
		 SERVER_PASSWORD);
	assert_int_equal(db_open(ask_loop, &config, NULL, on_state, &state_seen,
				 &connection, &err), 0);
	answer = ask(connection, "SELECT 1");
	assert_int_equal(answer.code, ERR_DENIED);
	assert_false(answer.sent);
	assert_null(strstr(answer.err.message, "wrong-"));
	assert_false(answer.err.retry);
	assert_int_equal(state_seen.state, DB_DOWN);
	assert_int_equal(state_seen.err.code, ERR_DENIED);
	answer = ask(connection, "SELECT 1");   /* and so again, at once */
	assert_int_equal(answer.code, ERR_DENIED);
	db_close(connection);
}

static int listen_deaf(int *ret_fd)
{
	struct sockaddr_in at = {
		.sin_family = AF_INET,
		.sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)},
	};
	socklen_t len = sizeof(at);

	*ret_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(*ret_fd, (struct sockaddr *)&at, len), 0);
	assert_int_equal(getsockname(*ret_fd, (struct sockaddr *)&at, &len), 0);
	assert_int_equal(listen(*ret_fd, 8), 0);
	return ntohs(at.sin_port);
}

static void test_a_dead_host_is_unreachable(void **state)
{
	struct db_config config = server_config(&source, "root");
	struct db_connection *connection;
	struct answer answer;
	int fd;

	(void)state;
	config.port = (unsigned int)listen_deaf(&fd);
	close(fd);                      /* now nobody listens there */
	connection = ask_connect(&config, true);
	for (int i = 0; i < 3; i++) {
		answer = ask(connection, "SELECT 1");
		assert_int_equal(answer.code, ERR_UNREACHABLE);
		assert_false(answer.sent);
		assert_true(answer.err.retry);
	}
	db_close(connection);
}

static void test_a_slow_host_is_waited_for_in_vain(void **state)
{
	struct db_config config = server_config(&source, "root");
	struct db_connection *connection;
	struct answer answer;
	int64_t begun = clock_mono_ms();
	int fd;

	(void)state;
	config.port = (unsigned int)listen_deaf(&fd);
	connection = ask_connect(&config, false);
	ask_send(connection, "SELECT 1", 200, &answer);
	WAIT_FOR(answer.come);
	assert_int_equal(answer.code, ERR_UNREACHABLE);
	assert_false(answer.sent);
	assert_between(clock_mono_ms() - begun, 200, 15000);
	WAIT_FOR(db_connection_state(connection) == DB_DOWN);
	assert_between(clock_mono_ms() - begun, 1000, PATIENCE_MS);
	db_close(connection);
	close(fd);
}

/* Hands the server's greeting on, and then nothing more, either way: its packets
 * are lost, as in a failover. */
static void *greet_only(void *data)
{
	struct sockaddr_in at = {
		.sin_family = AF_INET, .sin_port = htons((uint16_t)source.port),
		.sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)},
	};
	int client = accept(*(int *)data, NULL, NULL);
	int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char greeting[1024];
	ssize_t got = 0;

	if (connect(server, (struct sockaddr *)&at, sizeof(at)) == 0)
		got = recv(server, greeting, sizeof(greeting), 0);
	if (got > 0)
		send(client, greeting, (size_t)got, MSG_NOSIGNAL);
	/* until the other end gives up */
	while (recv(client, greeting, sizeof(greeting), 0) > 0)
		continue;
	close(server);
	close(client);
	return NULL;
}

static void test_a_login_without_an_answer_is_given_up(void **state)
{
	struct db_config config = server_config(&source, "root");
	struct db_connection *connection;
	int64_t begun = clock_mono_ms();
	pthread_t thread;
	int fd;

	(void)state;
	config.port = (unsigned int)listen_deaf(&fd);
	assert_int_equal(pthread_create(&thread, NULL, greet_only, &fd), 0);
	connection = ask_connect(&config, false);
	WAIT_FOR(db_connection_state(connection) == DB_DOWN);
	assert_between(clock_mono_ms() - begun, 1000, PATIENCE_MS);
	db_close(connection);
	pthread_join(thread, NULL);
	close(fd);
}

static void test_tls_that_is_demanded_is_had(void **state)
{
	struct db_config config = server_config(&source, "root");
	struct db_connection *connection;
	struct answer answer;
	bool offered;

	(void)state;
	connection = ask_connect(&config, false);
	answer = ask(connection, "SHOW STATUS LIKE 'Ssl_cipher'");
	assert_int_equal(answer.code, 0);
	offered = *db_connection_cipher(connection) != '\0';
	db_close(connection);

	config.tls = DB_TLS_REQUIRED;
	connection = ask_connect(&config, false);
	answer = ask(connection, "SELECT 1");
	assert_int_equal(answer.code == 0, offered);
	if (!offered)
		assert_false(answer.sent);
	db_close(connection);

	config.tls = DB_TLS_DISABLED;
	connection = ask_connect(&config, false);
	answer = ask(connection, "SELECT 1");
	assert_int_equal(answer.code, 0);
	assert_string_equal(db_connection_cipher(connection), "");
	db_close(connection);
}

/* ---- connections that break ------------------------------------------------ */

static void test_a_timeout_ends_the_wait(void **state)
{
	struct db_connection *connection = ask_connect_as(&source, "root", true);
	struct answer answer;

	(void)state;
	ask_must(connection, "SELECT 1");
	ask_send(connection, "SELECT SLEEP(20)", 300, &answer);
	WAIT_FOR(answer.come);
	assert_int_equal(answer.code, ERR_TIMEOUT);
	assert_true(answer.sent);
	assert_between(answer.elapsed_ms, 200, 15000);
	ask_must(connection, "SELECT 1");   /* an observer goes on */
	assert_int_equal(db_connection_generation(connection), 2);
	db_close(connection);
}

static void test_cancelling_ends_it_on_the_server(void **state)
{
	struct db_connection *connection = ask_connect_as(&source, "root", false);
	struct answer running, waiting, count;

	(void)state;
	ask_must(connection, "SELECT 1");
	ask_send(connection, "SELECT SLEEP(25)", PATIENCE_MS, &running);
	ask_send(connection, "SELECT 2", PATIENCE_MS, &waiting);
	do {
		struct db_connection *other = ask_connect_as(&source, "root", false);

		count = ask(other, "SELECT COUNT(*) FROM information_schema."
			    "PROCESSLIST WHERE INFO = 'SELECT SLEEP(25)'");
		db_close(other);
	} while (strcmp(count.first, "1"));
	db_cancel(connection);
	db_cancel(connection);          /* twice does no harm */
	WAIT_FOR(running.come && waiting.come);
	assert_true(running.cancelled);
	assert_true(running.sent);
	assert_true(running.elapsed_ms < 15000);
	assert_true(running.code == 0 || running.code == ERR_CANCELLED);
	assert_int_equal(waiting.code, ERR_CANCELLED);
	assert_false(waiting.sent);
	ask_must(connection, "SELECT 3");   /* the connection stays usable */
	assert_int_equal(db_connection_generation(connection), 1);
	db_close(connection);
}

static void test_a_server_that_dies_leaves_it_open(void **state)
{
	struct db_connection *performer = ask_connect_as(&source, "root", false);
	struct db_connection *observer = ask_connect_as(&source, "root", true);
	struct answer answer;

	(void)state;
	ask_must(performer, "SELECT 1");
	ask_must(observer, "SELECT 1");
	ask_send(performer, "SELECT SLEEP(20)", PATIENCE_MS, &answer);
	WAIT_FOR(ask(observer, "SELECT 1 FROM information_schema.PROCESSLIST "
		     "WHERE INFO = 'SELECT SLEEP(20)'").rows == 1);
	server_kill(&source);
	WAIT_FOR(answer.come);
	assert_int_equal(answer.code, ERR_LOST);
	assert_true(answer.sent);
	answer = ask(observer, "SELECT 1");
	assert_int_equal(answer.code, ERR_UNREACHABLE);
	assert_false(answer.sent);
	server_start(&source);
	WAIT_FOR(ask(observer, "SELECT 1").code == 0);
	answer = ask(performer, "SELECT 1");
	assert_int_equal(answer.code, ERR_UNREACHABLE);
	assert_false(answer.sent);
	db_close(performer);
	db_close(observer);
}

static void test_a_loss_between_statements_is_known_to_be_one(void **state)
{
	struct db_connection *performer = ask_connect_as(&source, "root", false);
	struct db_connection *observer = ask_connect_as(&source, "root", true);
	struct db_connection *other = ask_connect_as(&source, "root", false);
	struct answer answer;
	char kill_one[64], kill_two[64];

	(void)state;
	answer = ask(performer, "SELECT CONNECTION_ID()");
	snprintf(kill_one, sizeof(kill_one), "KILL %.20s", answer.first);
	answer = ask(observer, "SELECT CONNECTION_ID()");
	snprintf(kill_two, sizeof(kill_two), "KILL %.20s", answer.first);
	ask_must(other, kill_one);
	ask_must(other, kill_two);
	WAIT_FOR(ask(other, "SELECT 1 FROM information_schema.PROCESSLIST "
		     "WHERE USER = 'root' AND ID <> CONNECTION_ID()").rows
		 == 0);
	answer = ask(performer, "INSERT INTO shop.t VALUES (99, 'never')");
	assert_int_equal(answer.code, ERR_UNREACHABLE);
	assert_false(answer.sent);
	assert_non_null(strstr(answer.err.message, "nothing was sent"));
	ask_must(observer, "SELECT 1");
	answer = ask(other, "SELECT COUNT(*) FROM shop.t WHERE id = 99");
	assert_string_equal(answer.first, "0");
	db_close(performer);
	db_close(observer);
	db_close(other);
}

/* A session that idled until the server ended it is renewed for the statement
 * that comes then, though none ever came through it. */
static void test_an_idle_session_that_was_ended_is_renewed(void **state)
{
	struct db_connection *other = ask_connect_as(&source, "root", false);
	struct db_connection *idle;

	(void)state;
	ask_must(other, "SET GLOBAL wait_timeout = 2");
	idle = ask_connect_as(&source, "root", true);
	WAIT_FOR(db_connection_state(idle) == DB_READY);
	WAIT_FOR(ask(other, "SELECT 1 FROM information_schema.PROCESSLIST "
		     "WHERE USER = 'root' AND ID <> CONNECTION_ID()").rows
		 == 0);
	ask_must(other, "SET GLOBAL wait_timeout = 28800");
	ask_must(idle, "SELECT 1");
	db_close(idle);
	db_close(other);
}

#define ATTEMPTS 12     /* take 40 s if the time between them grows to 5 s */

/* In an outage each second counts. */
static void test_who_is_not_there_is_tried_often(void **state)
{
	struct db_config config = server_config(&source, "root");
	struct db_connection *connection;
	struct db_options options = {.reconnect = true};
	struct error err;
	int fd;

	(void)state;
	memset(&state_seen, 0, sizeof(state_seen));
	config.port = (unsigned int)listen_deaf(&fd);
	close(fd);                      /* now nobody listens there */
	assert_int_equal(db_open(ask_loop, &config, &options, on_state,
				 &state_seen, &connection, &err), 0);
	WAIT_FOR(state_seen.calls >= ATTEMPTS);
	assert_int_equal(state_seen.err.code, ERR_UNREACHABLE);
	assert_true(state_seen.err.retry);
	db_close(connection);
}

static void test_closing_waits_for_nobody(void **state)
{
	struct db_connection *connection = ask_connect_as(&source, "root", false);
	struct answer answer;
	int64_t begun;

	(void)state;
	ask_must(connection, "SELECT 1");
	ask_send(connection, "SELECT SLEEP(20)", PATIENCE_MS, &answer);
	for (int i = 0; i < 5; i++)
		ask_turn();
	begun = clock_mono_ms();
	db_close(connection);
	assert_true(clock_mono_ms() - begun < 15000);
	for (int i = 0; i < 10; i++)
		ask_turn();
	assert_false(answer.come);
}

static struct db_connection *closing_itself;

static void on_answer_close(void *data, const struct db_result *result,
			    const struct error *err)
{
	(void)result;
	(void)err;
	*(bool *)data = true;
	db_close(closing_itself);
}

static void test_a_callback_may_close(void **state)
{
	bool called = false, again = false;
	struct error err;

	(void)state;
	closing_itself = ask_connect_as(&source, "root", false);
	assert_int_equal(db_query(closing_itself, "SELECT 1", PATIENCE_MS,
				  on_answer_close, &called, &err), 0);
	assert_int_equal(db_query(closing_itself, "SELECT 1", PATIENCE_MS,
				  on_answer_close, &again, &err), 0);
	WAIT_FOR(called);
	for (int i = 0; i < 10; i++)
		ask_turn();
	assert_false(again);
}

static int set_up(void **state)
{
	char library[128];

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	ask_open();
	server_create(&source, 11);
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
		cmocka_unit_test(test_rows_nulls_and_counts),
		cmocka_unit_test(test_a_procedure_answers_in_parts),
		cmocka_unit_test(test_errors_say_what_happened),
		cmocka_unit_test(test_answers_come_in_order),
		cmocka_unit_test(test_wrong_password_is_denied),
		cmocka_unit_test(test_a_dead_host_is_unreachable),
		cmocka_unit_test(test_a_slow_host_is_waited_for_in_vain),
		cmocka_unit_test(
			test_a_login_without_an_answer_is_given_up),
		cmocka_unit_test(test_tls_that_is_demanded_is_had),
		cmocka_unit_test(test_a_timeout_ends_the_wait),
		cmocka_unit_test(test_cancelling_ends_it_on_the_server),
		cmocka_unit_test(test_a_server_that_dies_leaves_it_open),
		cmocka_unit_test(test_a_loss_between_statements_is_known_to_be_one),
		cmocka_unit_test(test_an_idle_session_that_was_ended_is_renewed),
		cmocka_unit_test(test_who_is_not_there_is_tried_often),
		cmocka_unit_test(test_closing_waits_for_nobody),
		cmocka_unit_test(test_a_callback_may_close),
	};

	if (!server_program()) {
		printf("SKIP: no database server on this machine\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
