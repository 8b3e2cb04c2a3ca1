/* See ask.h. */
#include "ask.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

struct loop *ask_loop;

void ask_open(void)
{
	struct error err;

	assert_int_equal(loop_open(&ask_loop, &err), 0);
}

void ask_close(void)
{
	loop_close(ask_loop);
}

void ask_turn(void)
{
	struct error err;

	assert_int_equal(loop_turn(ask_loop, 20, &err), 0);
}

static int answers_come;

void ask_on_answer(void *data, const struct db_result *result,
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

void ask_send(struct db_connection *connection, const char *sql,
		 int64_t timeout_ms, struct answer *answer)
{
	struct error err = {0};

	memset(answer, 0, sizeof(*answer));
	if (db_query(connection, sql, timeout_ms, ask_on_answer, answer, &err))
		fail_msg("%s", err.message);
}

struct answer ask(struct db_connection *connection, const char *sql)
{
	struct answer answer;

	ask_send(connection, sql, PATIENCE_MS, &answer);
	WAIT_FOR(answer.come);
	return answer;
}

void ask_must(struct db_connection *connection, const char *sql)
{
	struct answer answer = ask(connection, sql);

	if (answer.code)
		fail_msg("%s: %s", sql, answer.err.message);
}

struct db_connection *ask_connect(const struct db_config *config,
				     bool reconnect)
{
	struct db_options options = {.connect_ms = 2000,
				     .reconnect = reconnect};
	struct db_connection *connection;
	struct error err = {0};

	if (db_open(ask_loop, config, &options, NULL, NULL, &connection, &err))
		fail_msg("%s", err.message);
	return connection;
}

struct db_connection *ask_connect_as(const struct server *server,
				     const char *user, bool reconnect)
{
	struct db_config config = server_config(server, user);

	return ask_connect(&config, reconnect);
}
