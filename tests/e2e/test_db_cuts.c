/*
 * A connection to a real server that is cut after every byte of what the server
 * says, and after every third of what it is told: through the handshake, the login and one
 * statement. An answer comes each time, and what it says of the effect is true:
 * done was done, and what surely did not happen did not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ask.h"

#define LIMIT_MS 5000           /* of the statement */
#define GRACE_MS 5000           /* the machine may be busy */
#define BYTES_MAX 4000          /* more than all of it takes */

static struct server source;

/* ---- a relay that cuts ---------------------------------------------------- */

enum side { SIDE_SERVER, SIDE_CLIENT };

static struct {
	int listener, port;
	pthread_t thread;
	enum side side;         /* whose bytes are counted; set between calls */
	atomic_long left;       /* bytes until the cut */
} relay;

/* Passes bytes on, of the counted side only what is left; false: cut. */
static bool pass_on(int from, int to, bool counted)
{
	char bytes[16384];
	long left = counted ? atomic_load(&relay.left) : (long)sizeof(bytes);
	ssize_t got;

	if (left > (long)sizeof(bytes))
		left = (long)sizeof(bytes);
	if (left <= 0)
		return false;
	got = read(from, bytes, (size_t)left);
	if (got <= 0 || write(to, bytes, (size_t)got) != got)
		return false;
	return !counted || atomic_fetch_sub(&relay.left, got) > got;
}

static void relay_one(int client)
{
	struct sockaddr_in at = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)source.port),
		.sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)},
	};
	int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct pollfd ends[2] = {
		{.fd = client, .events = POLLIN},
		{.fd = server, .events = POLLIN},
	};
	bool open = !connect(server, (struct sockaddr *)&at, sizeof(at));

	while (open && poll(ends, 2, -1) > 0) {
		if (ends[0].revents)
			open = pass_on(client, server,
				       relay.side == SIDE_CLIENT);
		if (open && ends[1].revents)
			open = pass_on(server, client,
				       relay.side == SIDE_SERVER);
	}
	close(server);
	close(client);
}

static void *relay_run(void *data)
{
	int client;

	(void)data;
	while ((client = accept(relay.listener, NULL, NULL)) >= 0)
		relay_one(client);
	return NULL;
}

static void relay_open(void)
{
	struct sockaddr_in at = {
		.sin_family = AF_INET,
		.sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)},
	};
	socklen_t len = sizeof(at);

	relay.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(relay.listener, (struct sockaddr *)&at, len), 0);
	assert_int_equal(listen(relay.listener, 8), 0);
	getsockname(relay.listener, (struct sockaddr *)&at, &len);
	relay.port = ntohs(at.sin_port);
	assert_int_equal(pthread_create(&relay.thread, NULL, relay_run, NULL),
			 0);
}

static void relay_close(void)
{
	shutdown(relay.listener, SHUT_RDWR);
	pthread_join(relay.thread, NULL);
	close(relay.listener);
}

/* ---- the cuts ------------------------------------------------------------ */

/* Was it surely not done, by what the answer says? */
static bool surely_not(const struct answer *answer)
{
	return answer->code && answer->code != ERR_LOST &&
	       answer->code != ERR_TIMEOUT;
}

/* Adds row `id` over a connection that is cut after so many bytes. */
static struct answer add_row(const struct db_config *config, long id,
			     long bytes)
{
	struct db_connection *connection;
	struct answer answer;
	int64_t begun = clock_mono_ms();
	char sql[96];

	atomic_store(&relay.left, bytes);
	connection = ask_connect(config, false);
	snprintf(sql, sizeof(sql), "INSERT INTO shop.t VALUES (%ld, 'cut')", id);
	ask_send(connection, sql, LIMIT_MS, &answer);
	WAIT_FOR(answer.come);
	assert_true(clock_mono_ms() - begun < LIMIT_MS + GRACE_MS);
	db_close(connection);
	return answer;
}

static bool has_row(struct db_connection *root, long id)
{
	char sql[96];
	struct answer answer;

	snprintf(sql, sizeof(sql), "SELECT COUNT(*) FROM shop.t WHERE id = %ld",
		 id);
	answer = ask(root, sql);
	assert_int_equal(answer.code, 0);
	return strcmp(answer.first, "0") != 0;
}

static void cut_everywhere(enum side side, long step)
{
	struct db_connection *root = ask_connect_as(&source, "root", false);
	struct db_config config = server_config(&source, "app");
	size_t refused = 0, unknown = 0;
	long bytes = 1;

	config.port = (unsigned)relay.port;
	config.tls = DB_TLS_DISABLED;
	relay.side = side;
	ask_must(root, "DELETE FROM shop.t");
	for (;; bytes += step) {
		struct answer answer = add_row(&config, bytes, bytes);
		bool there = has_row(root, bytes);

		if (bytes > BYTES_MAX)
			fail_msg("never comes through: %s", answer.err.message);
		if (!answer.code && !there)
			fail_msg("%ld bytes: done, and it was not", bytes);
		if (surely_not(&answer) && there)
			fail_msg("%ld bytes: %s, and it was done", bytes,
				 answer.err.message);
		refused += surely_not(&answer);
		unknown += answer.code && !surely_not(&answer);
		if (!answer.code)
			break;
	}
	assert_true(refused > 0);
	assert_true(unknown > 0 || side == SIDE_CLIENT);
	db_close(root);
}

static void test_the_server_is_cut_off(void **state)
{
	(void)state;
	cut_everywhere(SIDE_SERVER, 1);
}

static void test_the_client_is_cut_off(void **state)
{
	(void)state;
	cut_everywhere(SIDE_CLIENT, 3);
}

static int set_up(void **state)
{
	(void)state;
	signal(SIGPIPE, SIG_IGN);
	ask_open();
	server_create(&source, 21);
	relay_open();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	relay_close();
	server_destroy(&source);
	ask_close();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_server_is_cut_off),
		cmocka_unit_test(test_the_client_is_cut_off),
	};

	if (!server_program()) {
		printf("SKIP: no database server on this machine\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
