/*
 * The room db against real servers, a source and a target: connections that
 * break in every way, statements cut and cancelled, replication watched,
 * frozen, stopped and reset.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "db/connection.h"
#include "db/dialect.h"
#include "db/library.h"
#include "db/probe.h"
#include "net/loop.h"
#include "server.h"

#define PATIENCE_MS 30000

static struct loop *loop;
static struct server source, target;
static struct relay relay;

/* ---- asking and waiting --------------------------------------------------- */

static void turn(void)
{
	struct error err;

	assert_int_equal(loop_turn(loop, 20, &err), 0);
}

#define WAIT_FOR(condition)                                                    \
	do {                                                                   \
		int64_t until_ = clock_mono_ms() + PATIENCE_MS;                \
		while (!(condition)) {                                         \
			if (clock_mono_ms() > until_)                          \
				fail_msg("never came: %s", #condition);        \
			turn();                                                \
		}                                                              \
	} while (0)

struct answer {
	bool come, sent, cancelled;
	int code, order;
	size_t sets, rows;
	int64_t elapsed_ms;
	uint64_t affected;
	char first[512];                /* "(null)" for NULL */
	struct error err;
};

static int answers_come;

static void on_answer(void *data, const struct db_result *result,
		      const struct error *err)
{
	struct answer *answer = data;

	assert_false(answer->come);
	answer->come = true;
	answer->order = ++answers_come;
	answer->sent = result->sent;
	answer->cancelled = result->cancelled;
	answer->elapsed_ms = result->elapsed_ms;
	answer->affected = result->affected;
	answer->sets = result->set_count;
	if (result->set_count) {
		const struct db_rows *rows = &result->sets[0];

		answer->rows = rows->rows;
		if (rows->rows)
			snprintf(answer->first, sizeof(answer->first), "%s",
				 rows->cells[0] ? rows->cells[0] : "(null)");
	}
	if (err) {
		answer->err = *err;
		answer->code = err->code;
		assert_null(strstr(err->message, SERVER_PASSWORD));
	}
}

static void submit(struct db_connection *connection, const char *sql,
		 int64_t timeout_ms, struct answer *answer)
{
	struct error err = {0};

	memset(answer, 0, sizeof(*answer));
	if (db_query(connection, sql, timeout_ms, on_answer, answer, &err))
		fail_msg("%s", err.message);
}

static struct answer ask(struct db_connection *connection, const char *sql)
{
	struct answer answer;

	submit(connection, sql, PATIENCE_MS, &answer);
	WAIT_FOR(answer.come);
	return answer;
}

static void must(struct db_connection *connection, const char *sql)
{
	struct answer answer = ask(connection, sql);

	if (answer.code)
		fail_msg("%s: %s", sql, answer.err.message);
}

static struct db_connection *open_to(const struct db_config *config,
				     bool reconnect)
{
	struct db_options options = {.connect_ms = 2000,
				     .reconnect = reconnect};
	struct db_connection *connection;
	struct error err = {0};

	if (db_open(loop, config, &options, NULL, NULL, &connection, &err))
		fail_msg("%s", err.message);
	return connection;
}

static struct db_connection *open_as(const struct server *server,
				     const char *user, bool reconnect)
{
	struct db_config config = server_config(server, user);

	return open_to(&config, reconnect);
}

static void on_observation(void *data, struct db_observation *observation)
{
	*(struct db_observation **)data = observation;
}

static struct db_observation *look(struct db_probe *probe)
{
	struct db_observation *seen = NULL;
	struct error err = {0};

	if (db_probe_round(probe, PATIENCE_MS, on_observation, &seen, &err))
		fail_msg("%s", err.message);
	assert_null(seen);              /* never before it returns */
	WAIT_FOR(seen);
	return seen;
}

/* ---- statements ----------------------------------------------------------- */

static void test_rows_nulls_and_counts(void **state)
{
	struct db_connection *root = open_as(&source, "root", false);
	struct answer answer;

	(void)state;
	answer = ask(root, "SELECT NULL UNION ALL SELECT ''");
	assert_int_equal(answer.code, 0);
	assert_int_equal(answer.rows, 2);
	assert_string_equal(answer.first, "(null)");
	answer = ask(root, "SELECT REPEAT('é', 100)");
	assert_int_equal(strlen(answer.first), 200);
	must(root, "DELETE FROM shop.t");
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
	struct db_connection *root = open_as(&source, "root", false);
	struct answer answer;

	(void)state;
	must(root, "DROP PROCEDURE IF EXISTS shop.parts");
	must(root, "CREATE PROCEDURE shop.parts() BEGIN SELECT 1; SELECT 2; "
	     "UPDATE shop.t SET v = 'z' WHERE id = 1; END");
	answer = ask(root, "CALL shop.parts()");
	assert_int_equal(answer.code, 0);
	assert_int_equal(answer.sets, 2);
	must(root, "DROP PROCEDURE shop.parts");
	must(root, "CREATE PROCEDURE shop.parts() BEGIN SELECT 1; "
	     "SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = 1644, "
	     "MESSAGE_TEXT = 'Slave is already stopped'; END");
	answer = ask(root, "CALL shop.parts()");
	assert_int_equal(answer.code, ERR_REMOTE);
	assert_string_equal(answer.err.message,
			    "error 1644 (45000): Slave is already stopped");
	assert_true(db_dialect_is_done_already(DB_VERB_STOP_REPLICATION,
					       &answer.err));
	must(root, "SELECT 1");         /* nothing is left to read */
	db_close(root);
}

static void test_errors_say_what_happened(void **state)
{
	struct db_connection *app = open_as(&source, "app", false);
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
	struct db_connection *root = open_as(&source, "root", false);
	struct answer answers[20];
	struct error err;
	struct answer extra = {0};

	(void)state;
	for (size_t i = 0; i < 20; i++)
		submit(root, "SELECT 1", PATIENCE_MS, &answers[i]);
	WAIT_FOR(answers[19].come);
	for (size_t i = 1; i < 20; i++)
		assert_int_equal(answers[i].order, answers[i - 1].order + 1);
	for (size_t i = 0; i < DB_QUEUE_MAX; i++)
		assert_int_equal(db_query(root, "SELECT SLEEP(9)", 60000,
					  on_answer, &extra, &err), 0);
	assert_int_equal(db_query(root, "SELECT 1", 60000, on_answer, &extra,
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
	assert_int_equal(db_open(loop, &config, NULL, on_state, &state_seen,
				 &connection, &err), 0);
	answer = ask(connection, "SELECT 1");
	assert_int_equal(answer.code, ERR_DENIED);
	assert_false(answer.sent);
	assert_null(strstr(answer.err.message, "wrong-"));
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
	connection = open_to(&config, true);
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
	connection = open_to(&config, false);
	submit(connection, "SELECT 1", 200, &answer);
	WAIT_FOR(answer.come);
	assert_int_equal(answer.code, ERR_UNREACHABLE);
	assert_false(answer.sent);
	assert_in_range(clock_mono_ms() - begun, 200, 1500);
	WAIT_FOR(db_connection_state(connection) == DB_DOWN);
	assert_in_range(clock_mono_ms() - begun, 1000, 10000);
	db_close(connection);
	close(fd);
}

static void test_tls_that_is_demanded_is_had(void **state)
{
	struct db_config config = server_config(&source, "root");
	struct db_connection *connection;
	struct answer answer;
	bool offered;

	(void)state;
	connection = open_to(&config, false);
	answer = ask(connection, "SHOW STATUS LIKE 'Ssl_cipher'");
	assert_int_equal(answer.code, 0);
	offered = *db_connection_cipher(connection) != '\0';
	db_close(connection);

	config.tls = DB_TLS_REQUIRED;
	connection = open_to(&config, false);
	answer = ask(connection, "SELECT 1");
	assert_int_equal(answer.code == 0, offered);
	if (!offered)
		assert_false(answer.sent);
	db_close(connection);

	config.tls = DB_TLS_DISABLED;
	connection = open_to(&config, false);
	answer = ask(connection, "SELECT 1");
	assert_int_equal(answer.code, 0);
	assert_string_equal(db_connection_cipher(connection), "");
	db_close(connection);
}

/* ---- connections that break ------------------------------------------------ */

static void test_a_timeout_ends_the_wait(void **state)
{
	struct db_connection *connection = open_as(&source, "root", true);
	struct answer answer;

	(void)state;
	must(connection, "SELECT 1");
	submit(connection, "SELECT SLEEP(20)", 300, &answer);
	WAIT_FOR(answer.come);
	assert_int_equal(answer.code, ERR_TIMEOUT);
	assert_true(answer.sent);
	assert_in_range(answer.elapsed_ms, 200, 3000);
	must(connection, "SELECT 1");   /* an observer goes on */
	assert_int_equal(db_connection_generation(connection), 2);
	db_close(connection);
}

static void test_cancelling_ends_it_on_the_server(void **state)
{
	struct db_connection *connection = open_as(&source, "root", false);
	struct answer running, waiting, count;

	(void)state;
	must(connection, "SELECT 1");
	submit(connection, "SELECT SLEEP(25)", PATIENCE_MS, &running);
	submit(connection, "SELECT 2", PATIENCE_MS, &waiting);
	do {
		struct db_connection *other = open_as(&source, "root", false);

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
	must(connection, "SELECT 3");   /* the connection stays usable */
	assert_int_equal(db_connection_generation(connection), 1);
	db_close(connection);
}

static void test_a_server_that_dies_leaves_it_open(void **state)
{
	struct db_connection *performer = open_as(&source, "root", false);
	struct db_connection *observer = open_as(&source, "root", true);
	struct answer answer;

	(void)state;
	must(performer, "SELECT 1");
	must(observer, "SELECT 1");
	submit(performer, "SELECT SLEEP(20)", PATIENCE_MS, &answer);
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
	struct db_connection *performer = open_as(&source, "root", false);
	struct db_connection *observer = open_as(&source, "root", true);
	struct db_connection *other = open_as(&source, "root", false);
	struct answer answer;
	char kill_one[64], kill_two[64];

	(void)state;
	answer = ask(performer, "SELECT CONNECTION_ID()");
	snprintf(kill_one, sizeof(kill_one), "KILL %.20s", answer.first);
	answer = ask(observer, "SELECT CONNECTION_ID()");
	snprintf(kill_two, sizeof(kill_two), "KILL %.20s", answer.first);
	must(other, kill_one);
	must(other, kill_two);
	WAIT_FOR(ask(other, "SELECT 1 FROM information_schema.PROCESSLIST "
		     "WHERE USER = 'root' AND ID <> CONNECTION_ID()").rows
		 == 0);
	answer = ask(performer, "INSERT INTO shop.t VALUES (99, 'never')");
	assert_int_equal(answer.code, ERR_UNREACHABLE);
	assert_false(answer.sent);
	assert_non_null(strstr(answer.err.message, "nothing was sent"));
	must(observer, "SELECT 1");
	answer = ask(other, "SELECT COUNT(*) FROM shop.t WHERE id = 99");
	assert_string_equal(answer.first, "0");
	db_close(performer);
	db_close(observer);
	db_close(other);
}

static void test_closing_waits_for_nobody(void **state)
{
	struct db_connection *connection = open_as(&source, "root", false);
	struct answer answer;
	int64_t begun;

	(void)state;
	must(connection, "SELECT 1");
	submit(connection, "SELECT SLEEP(20)", PATIENCE_MS, &answer);
	for (int i = 0; i < 5; i++)
		turn();
	begun = clock_mono_ms();
	db_close(connection);
	assert_true(clock_mono_ms() - begun < 500);
	for (int i = 0; i < 10; i++)
		turn();
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
	closing_itself = open_as(&source, "root", false);
	assert_int_equal(db_query(closing_itself, "SELECT 1", PATIENCE_MS,
				  on_answer_close, &called, &err), 0);
	assert_int_equal(db_query(closing_itself, "SELECT 1", PATIENCE_MS,
				  on_answer_close, &again, &err), 0);
	WAIT_FOR(called);
	for (int i = 0; i < 10; i++)
		turn();
	assert_false(again);
}

/* ---- probing --------------------------------------------------------------- */

static void test_probing_a_server(void **state)
{
	struct db_connection *root = open_as(&source, "root", true);
	struct db_connection *app = open_as(&source, "app", false);
	struct db_probe *probe;
	struct db_observation *seen;
	struct error err;
	struct gtid_set before = {0}, news = {0};
	int64_t until = clock_mono_ms() + PATIENCE_MS;

	(void)state;
	assert_int_equal(db_probe_new(root, &probe, &err), 0);
	must(app, "DELETE FROM shop.t");
	seen = look(probe);
	assert_true(seen->reached);
	for (size_t i = 0; i < DB_PART_COUNT; i++)
		if (!seen->known[i])
			fail_msg("part %zu: %s", i, seen->why[i]);
	assert_int_equal(seen->server.family, source.is_mysql ?
			 DB_FAMILY_MYSQL : DB_FAMILY_MARIADB);
	assert_true(seen->server.can_gtid);
	assert_false(seen->server.is_rds);
	assert_int_equal(seen->read_only, DB_FLAG_OFF);
	assert_int_equal(seen->port, source.port);
	assert_int_equal(seen->server_id, source.id);
	assert_in_range(seen->server_ms, clock_wall_ms() - 60000,
			clock_wall_ms() + 60000);
	assert_int_equal(seen->channel_count, 0);
	assert_int_equal(seen->write_transactions, 0);
	assert_true(seen->threads_connected >= 2);
	assert_true(seen->uptime_s >= 0);
	assert_string_not_equal(seen->own_file, "");
	assert_true(seen->own_pos > 0);
	if (!seen->gtid_known)
		fail_msg("%s", seen->gtid_why);
	assert_false(gtid_is_empty(&seen->own));
	assert_int_equal(gtid_copy(&seen->executed, &before, &err), 0);
	db_observation_free(seen);

	must(app, "BEGIN");
	must(app, "INSERT INTO shop.t VALUES (1, 'open')");
	/* InnoDB shows them afresh only to who did not ask for 0.1 s. */
	do {
		seen = look(probe);
		if (seen->write_transactions == 1)
			break;
		db_observation_free(seen);
		poll(NULL, 0, 150);
	} while (clock_mono_ms() < until);
	assert_true(clock_mono_ms() < until);
	assert_non_null(strstr(seen->oldest_user, "app@"));
	assert_in_range(seen->oldest_ms, 0, 60000);
	assert_true(gtid_equal(&seen->executed, &before));
	db_observation_free(seen);

	must(app, "COMMIT");
	seen = look(probe);
	assert_int_equal(gtid_subtract(&seen->executed, &before, &news, &err),
			 0);
	assert_int_equal(gtid_count(&news), 1);
	db_observation_free(seen);
	gtid_release(&before);
	gtid_release(&news);
	db_close(root);
	db_close(app);
	db_probe_free(probe);
}

static void test_what_is_forbidden_is_unknown(void **state)
{
	struct db_connection *limited = open_as(&source, "limited", true);
	struct db_probe *probe;
	struct db_observation *seen;
	struct error err;

	(void)state;
	assert_int_equal(db_probe_new(limited, &probe, &err), 0);
	seen = look(probe);
	assert_true(seen->reached);
	assert_true(seen->known[DB_PART_STATE]);
	assert_true(seen->gtid_known);
	assert_true(seen->known[DB_PART_COUNTERS]);
	assert_false(seen->known[DB_PART_REPLICATION]);
	assert_non_null(strstr(seen->why[DB_PART_REPLICATION], "1227"));
	assert_false(seen->known[DB_PART_TRANSACTIONS]);
	assert_int_equal(seen->write_transactions, -1);
	assert_false(seen->known[DB_PART_POSITION]);
	db_observation_free(seen);
	db_close(limited);
	db_probe_free(probe);
}

static void test_an_unreached_server_is_unknown(void **state)
{
	struct db_config config = server_config(&source, "root");
	struct db_connection *connection;
	struct db_observation *seen;
	struct gtid_set missing = {0};
	struct db_probe *probe;
	struct error err;
	int fd;

	(void)state;
	config.port = (unsigned int)listen_deaf(&fd);
	close(fd);
	connection = open_to(&config, true);
	assert_int_equal(db_probe_new(connection, &probe, &err), 0);
	seen = look(probe);
	assert_false(seen->reached);
	assert_int_equal(seen->err.code, ERR_UNREACHABLE);
	assert_false(seen->known[DB_PART_STATE]);
	assert_int_equal(seen->read_only, DB_FLAG_UNKNOWN);
	assert_int_equal(db_observation_missing(seen, seen, &missing, &err),
			 ERR_INVALID);
	db_observation_free(seen);
	db_close(connection);
	db_probe_free(probe);
}

static void test_the_fence(void **state)
{
	struct db_connection *root = open_as(&source, "root", true);
	struct db_connection *app = open_as(&source, "app", false);
	const char *const *statements;
	struct db_observation *seen;
	struct db_probe *probe;
	struct answer answer;
	struct error err;
	size_t count;

	(void)state;
	assert_int_equal(db_probe_new(root, &probe, &err), 0);
	seen = look(probe);
	assert_int_equal(db_dialect_statements(&seen->server,
					       DB_VERB_READ_ONLY_ON,
					       &statements, &count, &err), 0);
	must(root, statements[0]);
	answer = ask(app, "INSERT INTO shop.t VALUES (50, 'fenced')");
	assert_int_equal(answer.code, ERR_REMOTE);
	assert_non_null(strstr(answer.err.message, "error 1290 "));
	assert_int_equal(db_dialect_statements(&seen->server,
					       DB_VERB_READ_ONLY_OFF,
					       &statements, &count, &err), 0);
	db_observation_free(seen);
	seen = look(probe);
	assert_int_equal(seen->read_only, DB_FLAG_ON);
	if (source.is_mysql)
		assert_int_equal(seen->super_read_only, DB_FLAG_ON);
	db_observation_free(seen);
	must(root, statements[0]);
	must(app, "INSERT INTO shop.t VALUES (50, 'open again')");
	seen = look(probe);
	assert_int_equal(seen->read_only, DB_FLAG_OFF);
	db_observation_free(seen);
	db_close(root);
	db_close(app);
	db_probe_free(probe);
}

/* ---- replication ----------------------------------------------------------- */

struct pair {
	struct db_connection *source, *target;
	struct db_probe *source_probe, *target_probe;
	struct db_observation *source_seen, *target_seen;
};

static void pair_forget(struct pair *pair)
{
	db_observation_free(pair->source_seen);
	db_observation_free(pair->target_seen);
	pair->source_seen = pair->target_seen = NULL;
}

static void pair_look(struct pair *pair)
{
	pair_forget(pair);
	pair->source_seen = look(pair->source_probe);
	pair->target_seen = look(pair->target_probe);
}

/* How many transactions the target lacks, or -1. */
static int missing(struct pair *pair)
{
	struct gtid_set set = {0};
	struct error err;
	int count = -1;

	pair_look(pair);
	if (!db_observation_missing(pair->source_seen, pair->target_seen,
				    &set, &err))
		count = (int)gtid_count(&set);
	gtid_release(&set);
	return count;
}

static int errant(struct pair *pair)
{
	struct gtid_set set = {0};
	struct error err;
	int count = -1;

	pair_look(pair);
	if (!db_observation_errant(pair->source_seen, pair->target_seen, &set,
				   &err))
		count = (int)gtid_count(&set);
	gtid_release(&set);
	return count;
}

static void start_replication(struct pair *pair)
{
	char sql[512];

	if (source.is_mysql)
		snprintf(sql, sizeof(sql), "CHANGE REPLICATION SOURCE TO "
			 "SOURCE_HOST='127.0.0.1', SOURCE_PORT=%d, "
			 "SOURCE_USER='root', SOURCE_PASSWORD='%s', "
			 "SOURCE_AUTO_POSITION=1, SOURCE_SSL=1", relay.port,
			 SERVER_PASSWORD);
	else
		snprintf(sql, sizeof(sql), "CHANGE MASTER TO "
			 "MASTER_HOST='127.0.0.1', MASTER_PORT=%d, "
			 "MASTER_USER='root', MASTER_PASSWORD='%s', "
			 "MASTER_USE_GTID=slave_pos", relay.port,
			 SERVER_PASSWORD);
	must(pair->target, sql);
	must(pair->target, source.is_mysql ? "START REPLICA" : "START SLAVE");
}

static void send_verb(struct pair *pair, enum db_verb verb)
{
	const char *const *statements;
	struct error err = {0};
	size_t count;

	if (db_dialect_statements(&pair->target_seen->server, verb,
				  &statements, &count, &err))
		fail_msg("%s", err.message);
	for (size_t i = 0; i < count; i++)
		must(pair->target, statements[i]);
}

static bool is_running(struct pair *pair)
{
	pair_look(pair);
	return pair->target_seen->channel_count == 1 &&
	       pair->target_seen->channels[0].io == DB_THREAD_YES &&
	       pair->target_seen->channels[0].sql == DB_THREAD_YES;
}

static void write_three(struct pair *pair, int from)
{
	char sql[128];

	for (int i = 0; i < 3; i++) {
		snprintf(sql, sizeof(sql),
			 "REPLACE INTO shop.t VALUES (%d, 'x')", from + i);
		must(pair->source, sql);
	}
}

static void pair_open(struct pair *pair)
{
	struct error err;

	memset(pair, 0, sizeof(*pair));
	pair->source = open_as(&source, "root", true);
	pair->target = open_as(&target, "root", true);
	assert_int_equal(db_probe_new(pair->source, &pair->source_probe, &err),
			 0);
	assert_int_equal(db_probe_new(pair->target, &pair->target_probe, &err),
			 0);
}

static void pair_close(struct pair *pair)
{
	pair_forget(pair);
	db_close(pair->source);
	db_close(pair->target);
	db_probe_free(pair->source_probe);
	db_probe_free(pair->target_probe);
}

static void test_replication_is_watched(void **state)
{
	const struct db_channel *channel;
	struct pair pair;

	(void)state;
	pair_open(&pair);
	must(pair.target, "SET GLOBAL read_only = ON");
	start_replication(&pair);
	WAIT_FOR(is_running(&pair));
	write_three(&pair, 100);
	WAIT_FOR(missing(&pair) == 0);
	channel = &pair.target_seen->channels[0];
	assert_int_equal(channel->source_port, relay.port);
	assert_string_equal(channel->source_host, "127.0.0.1");
	assert_true(db_channel_is_from(channel, pair.source_seen));
	assert_int_equal(channel->io_errno, 0);
	assert_int_equal(channel->sql_errno, 0);
	assert_string_equal(channel->io_error, "");
	assert_true(channel->exec_pos > 0);
	assert_string_equal(channel->exec_file, pair.source_seen->own_file);
	assert_int_equal(channel->exec_pos, pair.source_seen->own_pos);
	assert_int_equal(channel->sql_delay, 0);

	/* The link freezes; the target still says "0 seconds behind". */
	assert_int_equal(kill(relay.pid, SIGSTOP), 0);
	write_three(&pair, 200);
	assert_int_equal(missing(&pair), 3);
	assert_true(is_running(&pair));
	assert_int_equal(pair.target_seen->channels[0].seconds_behind, 0);
	assert_int_equal(kill(relay.pid, SIGCONT), 0);
	WAIT_FOR(missing(&pair) == 0);
	assert_int_equal(errant(&pair), 0);

	must(pair.target, "SET GLOBAL read_only = OFF");
	must(pair.target, "CREATE TABLE shop.errant (id INT PRIMARY KEY)");
	assert_int_equal(errant(&pair), 1);
	pair_close(&pair);
}

static void test_replication_is_stopped_and_forgotten(void **state)
{
	struct pair pair;

	(void)state;
	pair_open(&pair);
	pair_look(&pair);
	send_verb(&pair, DB_VERB_STOP_REPLICATION);
	pair_look(&pair);
	assert_int_equal(pair.target_seen->channel_count, 1);
	assert_int_equal(pair.target_seen->channels[0].io, DB_THREAD_NO);
	assert_int_equal(pair.target_seen->channels[0].sql, DB_THREAD_NO);
	assert_int_equal(pair.target_seen->channels[0].seconds_behind, -1);
	send_verb(&pair, DB_VERB_START_REPLICATION);
	WAIT_FOR(is_running(&pair));
	send_verb(&pair, DB_VERB_STOP_REPLICATION);
	send_verb(&pair, DB_VERB_RESET_REPLICATION);
	pair_look(&pair);
	assert_true(pair.target_seen->known[DB_PART_REPLICATION]);
	assert_int_equal(pair.target_seen->channel_count, 0);
	pair_close(&pair);
}

/* A procedure as RDS has it is found by its name and preferred. */
static void test_routines_are_found(void **state)
{
	const char *const *statements;
	struct error err = {0};
	struct pair pair;
	size_t count;

	(void)state;
	pair_open(&pair);
	must(pair.target, "CREATE PROCEDURE mysql.rds_stop_replication() "
	     "SELECT 'stopped'");
	pair_look(&pair);
	assert_true(pair.target_seen->server
		    .routines[DB_ROUTINE_STOP_REPLICATION]);
	assert_int_equal(db_dialect_statements(&pair.target_seen->server,
					       DB_VERB_STOP_REPLICATION,
					       &statements, &count, &err), 0);
	assert_string_equal(statements[0], "CALL mysql.rds_stop_replication");
	must(pair.target, statements[0]);
	pair_close(&pair);
}

static int set_up(void **state)
{
	char library[128];
	struct error err;

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	if (loop_open(&loop, &err))
		return -1;
	server_create(&source, 11);
	server_create(&target, 12);
	relay_start(&relay, source.port);
	db_library_describe(library, sizeof(library));
	printf("# %s, %s\n", server_program(), library);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	relay_stop(&relay);
	server_destroy(&source);
	server_destroy(&target);
	loop_close(loop);
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
		cmocka_unit_test(test_tls_that_is_demanded_is_had),
		cmocka_unit_test(test_a_timeout_ends_the_wait),
		cmocka_unit_test(test_cancelling_ends_it_on_the_server),
		cmocka_unit_test(test_a_server_that_dies_leaves_it_open),
		cmocka_unit_test(
			test_a_loss_between_statements_is_known_to_be_one),
		cmocka_unit_test(test_closing_waits_for_nobody),
		cmocka_unit_test(test_a_callback_may_close),
		cmocka_unit_test(test_probing_a_server),
		cmocka_unit_test(test_what_is_forbidden_is_unknown),
		cmocka_unit_test(test_an_unreached_server_is_unknown),
		cmocka_unit_test(test_the_fence),
		cmocka_unit_test(test_replication_is_watched),
		cmocka_unit_test(test_replication_is_stopped_and_forgotten),
		cmocka_unit_test(test_routines_are_found),
	};

	if (!server_program()) {
		printf("SKIP: no database server on this machine\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
