/*
 * HTTP on connections that break at every byte, and without memory at every
 * allocation of the loop's thread: each call ends once and in time; an answer
 * is the whole one; once a request was sent, an error does not say that it was
 * not; and a server never sees another request than the one asked for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "failing_memory.h"
#include "net/http.h"
#include "net/loop.h"
#include "script_server.h"

#define LIMIT_MS 10000          /* of a call */
#define SILENT_MS 3000          /* of one whose server goes silent */
#define GRACE_MS 20000          /* the machine may be busy */
#define MEMORY_STRIDE 3         /* a call makes hundreds of allocations */

static const char answer[] =
	"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
	"Content-Length: 11\r\n\r\nhello there";

enum end { END_CLOSED, END_RESET, END_SILENT };

/* What the server does: the first bytes of the answer, then its end. */
struct script {
	size_t bytes;
	enum end end;
	bool odd;               /* it saw a request that nobody asked for */
};

static bool serve(int fd, const char *request, int number, void *data)
{
	struct script *script = data;
	const struct linger reset = {.l_onoff = 1, .l_linger = 0};

	(void)number;
	if (strncmp(request, "PATCH /thing HTTP/1.1\r\n", 23) != 0 ||
	    !strstr(request, "Authorization: Bearer s3cret\r\n") ||
	    !strstr(request, "Content-Type: application/json\r\n") ||
	    !strstr(request, "\r\n\r\n{\"a\":1}"))
		script->odd = true;
	script_write(fd, answer, script->bytes, 0);
	if (script->end == END_SILENT)
		script_wait_closed(fd);
	if (script->end == END_RESET)
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	return false;
}

struct call {
	struct loop *loop;
	struct script_server *server;
	int64_t limit_ms;
	int done;               /* how often it ended */
	bool sent;
	char body[64];
	struct error err;
};

static void on_done(void *data, const struct http_reply *reply,
		    const struct error *err)
{
	struct call *call = data;

	call->done++;
	call->sent = reply->sent;
	snprintf(call->body, sizeof(call->body), "%s", reply->body);
	if (err)
		call->err = *err;
}

/* The code with which the call ended, in time. */
static int ask(struct call *call)
{
	static const char *const headers[] = {"Content-Type: application/json"};
	const struct http_callbacks callbacks = {
		.on_done = on_done, .data = call,
	};
	char url[64];
	const struct http_request request = {
		.method = "PATCH", .url = url, .headers = headers,
		.header_count = 1, .token = "s3cret", .body = "{\"a\":1}",
		.body_len = 7, .proxy = "", .timeout_ms = call->limit_ms,
	};
	int64_t end = clock_mono_ms() + call->limit_ms + GRACE_MS;
	int code;

	snprintf(url, sizeof(url), "http://127.0.0.1:%d/thing",
		 script_server_port(call->server));
	call->done = 0;
	call->sent = false;
	error_clear(&call->err);
	code = http_send(call->loop, &request, &callbacks, NULL, &call->err);
	if (code)
		return code;
	while (!call->done) {
		struct error err;

		assert_true(clock_mono_ms() < end);
		(void)loop_turn(call->loop, 20, &err);
	}
	assert_int_equal(call->done, 1);
	return call->err.code;
}

static void begin(struct call *call, struct script *script)
{
	memset(call, 0, sizeof(*call));
	call->limit_ms = script->end == END_SILENT ? SILENT_MS : LIMIT_MS;
	assert_int_equal(loop_open(&call->loop, NULL), 0);
	call->server = script_server_start(serve, script);
	assert_non_null(call->server);
}

static void end(struct call *call, const struct script *script)
{
	loop_close(call->loop);
	script_server_stop(call->server);
	assert_false(script->odd);
}

/* ---- connections --------------------------------------------------------- */

static void break_everywhere(enum end how, size_t step)
{
	struct script script = {.end = how};
	struct call call;

	begin(&call, &script);
	for (; script.bytes < sizeof(answer) - 1; script.bytes += step) {
		int code = ask(&call);

		if (code != (how == END_SILENT ? ERR_TIMEOUT : ERR_LOST))
			fail_msg("after %zu bytes: %d: %s", script.bytes, code,
				 call.err.message);
		assert_true(call.sent);
	}
	end(&call, &script);
}

static void test_closed_after_each_byte(void **state)
{
	(void)state;
	break_everywhere(END_CLOSED, 1);
}

static void test_reset_after_each_byte(void **state)
{
	(void)state;
	break_everywhere(END_RESET, 1);
}

static void test_silent_until_the_time_limit(void **state)
{
	(void)state;
	break_everywhere(END_SILENT, 35);
}

static void test_a_whole_answer(void **state)
{
	struct script script = {0};
	struct call call;

	(void)state;
	begin(&call, &script);
	script.bytes = sizeof(answer) - 1;
	assert_int_equal(ask(&call), 0);
	assert_string_equal(call.body, "hello there");
	end(&call, &script);
}

/* ---- memory -------------------------------------------------------------- */

static void test_every_allocation_fails_in_turn(void **state)
{
	struct script script = {.bytes = sizeof(answer) - 1};
	struct call call;
	bool hit = true;
	long number;

	(void)state;
	begin(&call, &script);
	for (number = 1; hit; number += MEMORY_STRIDE) {
		int code;

		failing_memory_begin(number, false);
		code = ask(&call);
		hit = failing_memory_end();
		if (!code)
			assert_string_equal(call.body, "hello there");
		else if (call.sent)
			assert_true(code == ERR_NOMEM || code == ERR_LOST ||
				    code == ERR_TIMEOUT);
		assert_false(script.odd);
		if (!hit)
			assert_int_equal(code, 0);
	}
	assert_true(number > MEMORY_STRIDE);
	end(&call, &script);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_closed_after_each_byte),
		cmocka_unit_test(test_reset_after_each_byte),
		cmocka_unit_test(test_silent_until_the_time_limit),
		cmocka_unit_test(test_a_whole_answer),
		cmocka_unit_test(test_every_allocation_fails_in_turn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
