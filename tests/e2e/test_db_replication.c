/*
 * Probing a real pair of servers: what one tells, what it may not tell, and
 * replication watched, frozen, stopped and reset.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "ask.h"
#include "db/dialect.h"
#include "db/probe.h"

static struct server source, target;
static struct relay relay;

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

/* ---- probing --------------------------------------------------------------- */

static void test_probing_a_server(void **state)
{
	struct db_connection *root = ask_connect_as(&source, "root", true);
	struct db_observation *seen;
	struct db_probe *probe;
	struct error err;

	(void)state;
	assert_int_equal(db_probe_new(root, &probe, &err), 0);
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
	assert_between(seen->server_ms, clock_wall_ms() - 60000,
			clock_wall_ms() + 60000);
	assert_int_equal(seen->channel_count, 0);
	assert_int_equal(seen->write_transactions, 0);
	assert_true(seen->threads_connected >= 1);
	assert_true(seen->uptime_s >= 0);
	assert_string_not_equal(seen->own_file, "");
	assert_true(seen->own_pos > 0);
	if (!seen->gtid_known)
		fail_msg("%s", seen->gtid_why);
	db_observation_free(seen);
	db_close(root);
	db_probe_free(probe);
}

/* InnoDB shows its transactions afresh only to who did not ask for 0.1 s. */
static struct db_observation *look_for_transactions(struct db_probe *probe,
						    int64_t count)
{
	int64_t until = clock_mono_ms() + PATIENCE_MS;

	for (;;) {
		struct db_observation *seen = look(probe);

		if (seen->write_transactions == count)
			return seen;
		db_observation_free(seen);
		assert_true(clock_mono_ms() < until);
		poll(NULL, 0, 150);
	}
}

static void test_an_open_transaction_is_seen(void **state)
{
	struct db_connection *root = ask_connect_as(&source, "root", true);
	struct db_connection *app = ask_connect_as(&source, "app", false);
	struct gtid_set before = {0}, news = {0};
	struct db_observation *seen;
	struct db_probe *probe;
	struct error err;

	(void)state;
	assert_int_equal(db_probe_new(root, &probe, &err), 0);
	ask_must(app, "REPLACE INTO shop.t VALUES (2, 'done')");
	seen = look(probe);
	assert_false(gtid_is_empty(&seen->own));
	assert_int_equal(gtid_copy(&seen->executed, &before, &err), 0);
	db_observation_free(seen);
	ask_must(app, "BEGIN");
	ask_must(app, "INSERT INTO shop.t VALUES (1, 'open')");
	seen = look_for_transactions(probe, 1);
	assert_non_null(strstr(seen->oldest_user, "app@"));
	assert_between(seen->oldest_ms, 0, 60000);
	assert_true(seen->oldest_thread > 0);
	assert_true(gtid_equal(&seen->executed, &before));
	db_observation_free(seen);
	ask_must(app, "COMMIT");
	seen = look_for_transactions(probe, 0);
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

/* As RDS says it. */
#define BEAT(value)                                                            \
	"INSERT INTO mysql.rds_heartbeat2(id, value) VALUES (1," #value ") "   \
	"ON DUPLICATE KEY UPDATE value = " #value

/* Looks again; how many transactions came since the observation before, and
 * how many of them are proven to be heartbeats? */
static void assert_came(struct db_probe *probe, struct db_observation **before,
			uint64_t all, uint64_t heartbeats)
{
	struct db_observation *seen = look(probe);
	struct gtid_set added = {0}, users = {0};
	struct error err;

	if (!seen->known[DB_PART_HEARTBEATS])
		fail_msg("%s", seen->why[DB_PART_HEARTBEATS]);
	assert_int_equal(gtid_subtract(&seen->executed, &(*before)->executed,
				       &added, &err), 0);
	assert_int_equal(gtid_subtract(&added, &seen->heartbeats, &users,
				       &err), 0);
	assert_int_equal(gtid_count(&added), all);
	assert_int_equal(gtid_count(&users), all - heartbeats);
	gtid_release(&added);
	gtid_release(&users);
	db_observation_free(*before);
	*before = seen;
}

/* A probe of later, from a place that was recorded. */
static void probe_later(struct db_connection *root, struct db_probe *probe)
{
	struct db_observation *then = look(probe);
	struct db_probe *later;
	struct error err;
	char place[512];

	snprintf(place, sizeof(place), "%s", then->binlog_place);
	ask_must(root, BEAT(17));
	ask_must(root, "FLUSH BINARY LOGS");
	ask_must(root, "INSERT INTO shop.beats VALUES (3)");
	ask_must(root, BEAT(18));
	assert_int_equal(db_probe_new(root, &later, &err), 0);
	assert_int_equal(db_probe_seek(later, place, &err), 0);
	assert_came(later, &then, 3, 2);
	db_observation_free(then);
	db_probe_free(later);

	/* a place that is gone proves nothing, and the next round is sound */
	assert_int_equal(db_probe_new(root, &later, &err), 0);
	assert_int_equal(db_probe_seek(later, "binlog.999999:4", &err), 0);
	then = look(later);
	assert_false(then->known[DB_PART_HEARTBEATS]);
	assert_true(gtid_is_empty(&then->heartbeats));
	ask_must(root, BEAT(19));
	assert_came(later, &then, 1, 1);
	db_observation_free(then);
	db_probe_free(later);
}

static void test_heartbeats_are_told_from_writes(void **state)
{
	struct db_connection *root = ask_connect_as(&source, "root", true);
	struct db_observation *seen;
	struct db_probe *probe;
	struct error err;

	(void)state;
	ask_must(root, "CREATE TABLE mysql.rds_heartbeat2 "
		 "(id INT NOT NULL PRIMARY KEY, value BIGINT) ENGINE=InnoDB");
	ask_must(root, "CREATE TABLE shop.beats (a INT) ENGINE=InnoDB");
	ask_must(root, "SET SESSION binlog_format = ROW");
	assert_int_equal(db_probe_new(root, &probe, &err), 0);
	seen = look(probe);
	ask_must(root, BEAT(11));
	ask_must(root, BEAT(12));
	assert_came(probe, &seen, 2, 2);
	ask_must(root, BEAT(13));
	ask_must(root, "INSERT INTO shop.beats VALUES (1)");
	assert_came(probe, &seen, 2, 1);
	/* both in one transaction: a user's */
	ask_must(root, "BEGIN");
	ask_must(root, BEAT(14));
	ask_must(root, "INSERT INTO shop.beats VALUES (2)");
	ask_must(root, "COMMIT");
	assert_came(probe, &seen, 1, 0);
	/* over the ends of files, and told as statements */
	ask_must(root, "SET SESSION binlog_format = STATEMENT");
	ask_must(root, BEAT(15));
	ask_must(root, "FLUSH BINARY LOGS");
	ask_must(root, "FLUSH BINARY LOGS");
	ask_must(root, BEAT(16));
	assert_came(probe, &seen, 2, 2);

	probe_later(root, probe);
	db_observation_free(seen);
	db_close(root);
	db_probe_free(probe);
}

static void test_what_is_forbidden_is_unknown(void **state)
{
	struct db_connection *limited = ask_connect_as(&source, "limited", true);
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
	assert_false(seen->known[DB_PART_HEARTBEATS]);
	assert_non_null(strstr(seen->why[DB_PART_HEARTBEATS], "1227"));
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

	(void)state;
	config.port = 1;                /* nobody listens there */
	connection = ask_connect(&config, true);
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
	struct db_connection *root = ask_connect_as(&source, "root", true);
	struct db_connection *app = ask_connect_as(&source, "app", false);
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
	ask_must(root, statements[0]);
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
	ask_must(root, statements[0]);
	ask_must(app, "INSERT INTO shop.t VALUES (50, 'open again')");
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
	ask_must(pair->target, sql);
	ask_must(pair->target, source.is_mysql ? "START REPLICA" : "START SLAVE");
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
		ask_must(pair->target, statements[i]);
}

static bool is_running(struct pair *pair)
{
	pair_look(pair);
	return pair->target_seen->channel_count == 1 &&
	       pair->target_seen->channels[0].io == DB_THREAD_YES &&
	       pair->target_seen->channels[0].sql == DB_THREAD_YES;
}

static bool is_at_source_position(struct pair *pair)
{
	const struct db_channel *channel;

	pair_look(pair);
	channel = &pair->target_seen->channels[0];
	return channel->exec_pos == pair->source_seen->own_pos &&
	       !strcmp(channel->exec_file, pair->source_seen->own_file);
}

static void write_three(struct pair *pair, int from)
{
	char sql[128];

	for (int i = 0; i < 3; i++) {
		snprintf(sql, sizeof(sql),
			 "REPLACE INTO shop.t VALUES (%d, 'x')", from + i);
		ask_must(pair->source, sql);
	}
}

static void pair_open(struct pair *pair)
{
	struct error err;

	memset(pair, 0, sizeof(*pair));
	pair->source = ask_connect_as(&source, "root", true);
	pair->target = ask_connect_as(&target, "root", true);
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
	ask_must(pair.target, "SET GLOBAL read_only = ON");
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
	/* Applied in several threads, the position follows later. */
	WAIT_FOR(is_at_source_position(&pair));
	channel = &pair.target_seen->channels[0];
	assert_int_equal(channel->sql_delay, 0);

	/* The link freezes; the target still says "0 seconds behind". */
	relay_freeze(&relay);
	write_three(&pair, 200);
	assert_int_equal(missing(&pair), 3);
	assert_true(is_running(&pair));
	assert_int_equal(pair.target_seen->channels[0].seconds_behind, 0);
	assert_int_equal(kill(relay.pid, SIGCONT), 0);
	WAIT_FOR(missing(&pair) == 0);
	assert_int_equal(errant(&pair), 0);

	ask_must(pair.target, "SET GLOBAL read_only = OFF");
	ask_must(pair.target, "CREATE TABLE shop.errant (id INT PRIMARY KEY)");
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
	assert_string_equal(pair.target_seen->channels[0].filters, "");
	ask_must(pair.target, target.is_mysql ?
		 "CHANGE REPLICATION FILTER "
		 "REPLICATE_IGNORE_TABLE = (mysql.x, shop.errant)" :
		 "SET GLOBAL replicate_ignore_table = 'mysql.x,shop.errant'");
	send_verb(&pair, DB_VERB_START_REPLICATION);
	WAIT_FOR(is_running(&pair));
	assert_string_equal(pair.target_seen->channels[0].filters,
			    "Replicate_Ignore_Table: shop.errant");
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
	ask_must(pair.target, "CREATE PROCEDURE mysql.rds_stop_replication() "
	     "SELECT 'stopped'");
	pair_look(&pair);
	assert_true(pair.target_seen->server
		    .routines[DB_ROUTINE_STOP_REPLICATION]);
	assert_int_equal(db_dialect_statements(&pair.target_seen->server,
					       DB_VERB_STOP_REPLICATION,
					       &statements, &count, &err), 0);
	assert_string_equal(statements[0], "CALL mysql.rds_stop_replication");
	ask_must(pair.target, statements[0]);
	pair_close(&pair);
}

static int set_up(void **state)
{
	(void)state;
	signal(SIGPIPE, SIG_IGN);
	ask_open();
	server_create(&source, 11);
	server_create(&target, 12);
	relay_start(&relay, source.port);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	relay_stop(&relay);
	server_destroy(&source);
	server_destroy(&target);
	ask_close();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_probing_a_server),
		cmocka_unit_test(test_an_open_transaction_is_seen),
		cmocka_unit_test(test_heartbeats_are_told_from_writes),
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
