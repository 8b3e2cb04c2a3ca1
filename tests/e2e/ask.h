/*
 * Asking a database in a test: the loop is turned until the answer is there.
 * Asserts instead of returning errors.
 */
#ifndef CUTOVER_TESTS_ASK_H
#define CUTOVER_TESTS_ASK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/error.h"
#include "db/connection.h"
#include "net/loop.h"
#include "server.h"

#define PATIENCE_MS 30000

/* cmocka's own is called one way in version 1 and another in 2. */
#define assert_between(value, least, most)                                     \
	assert_true((value) >= (least) && (value) <= (most))

#define WAIT_FOR(condition)                                                    \
	do {                                                                   \
		int64_t until_ = clock_mono_ms() + PATIENCE_MS;                \
		while (!(condition)) {                                         \
			if (clock_mono_ms() > until_)                          \
				fail_msg("never came: %s", #condition);        \
			ask_turn();                                                \
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

/* The loop of all of these; made by ask_open. */
extern struct loop *ask_loop;

void ask_open(void);
void ask_close(void);
/* One turn of at most 20 ms. */
void ask_turn(void);

/* Connects in the background, within 2 s. */
struct db_connection *ask_connect(const struct db_config *config,
				  bool reconnect);
struct db_connection *ask_connect_as(const struct server *server,
				     const char *user, bool reconnect);

/* Sends; *answer is filled later. No answer may hold the password. */
void ask_send(struct db_connection *connection, const char *sql,
	      int64_t timeout_ms, struct answer *answer);
void ask_on_answer(void *data, const struct db_result *result,
		   const struct error *err);
struct answer ask(struct db_connection *connection, const char *sql);
/* Fails the test on an error. */
void ask_must(struct db_connection *connection, const char *sql);

#endif
