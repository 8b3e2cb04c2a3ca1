/* Units of net/: HTTP against a server that keeps to a script. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "net/http.h"
#include "net/loop.h"
#include "script_server.h"

#define DEADLINE_MS 10000

/* Turns until *done, or fails at the deadline. */
static void turn_until(struct loop *loop, const bool *done)
{
	int64_t end = clock_mono_ms() + DEADLINE_MS;

	while (!*done) {
		assert_true(clock_mono_ms() < end);
		assert_int_equal(loop_turn(loop, 100, NULL), 0);
	}
}

static int setup_loop(void **state)
{
	return loop_open((struct loop **)state, NULL);
}

static int teardown_loop(void **state)
{
	loop_close(*state);
	return 0;
}

struct answer {
	struct loop *loop;
	struct http_call *call;
	bool done, cancel_at_data;
	int status, heads;
	int asked, refuse;              /* may it be sent? 0, or why not */
	char body[256], text[1024], header[64];
	struct buf stream;
	struct error err;
	struct http_reply reply;
};

static void on_done(void *data, const struct http_reply *reply,
		    const struct error *err)
{
	struct answer *a = data;

	a->done = true;
	a->call = NULL;
	a->status = reply->status;
	a->reply = *reply;
	snprintf(a->body, sizeof(a->body), "%s", reply->body);
	http_header(reply, "x-test", 0, a->header, sizeof(a->header));
	if (err)
		a->err = *err;
	error_text(&a->err, a->text, sizeof(a->text));
}

static int may_send(void *data, struct error *err)
{
	struct answer *a = data;

	a->asked++;
	return a->refuse ? error_set(err, a->refuse, NULL, "too late now") : 0;
}

static void on_head(void *data, int status)
{
	struct answer *a = data;

	a->heads++;
	a->status = status;
}

static void on_data(void *data, const char *bytes, size_t len)
{
	struct answer *a = data;

	buf_append(&a->stream, bytes, len);
	if (a->cancel_at_data) {
		http_cancel(a->call);
		a->done = true;
	}
}

/* Sends to the server's path "/" and turns until the end. */
static void ask(struct answer *a, struct loop *loop,
		struct script_server *server, struct http_request request,
		bool stream)
{
	const struct http_callbacks callbacks = {
		.may_send = may_send,
		.on_head = on_head,
		.on_data = stream ? on_data : NULL,
		.on_done = on_done,
		.data = a,
	};
	char url[64];

	snprintf(url, sizeof(url), "http://127.0.0.1:%d/secret-path",
		 script_server_port(server));
	request.url = url;
	request.proxy = "";
	a->done = false;
	a->loop = loop;
	error_clear(&a->err);
	buf_init(&a->stream, 1 << 20);
	assert_int_equal(http_send(loop, &request, &callbacks, &a->call,
				   &a->err), 0);
	turn_until(loop, &a->done);
}

static bool serve_hello(int fd, const char *request, int number, void *data)
{
	char *seen = data;

	(void)number;
	if (seen)
		snprintf(seen, SCRIPT_REQUEST_MAX, "%s", request);
	script_answer(fd, "200 OK", "X-Test:  yes \r\nRetry-After: 7\r\n",
		      "hello");
	return true;
}

static void test_http_answers_and_reuses_the_connection(void **state)
{
	static char seen[SCRIPT_REQUEST_MAX];
	struct script_server *server = script_server_start(serve_hello, seen);
	const char *headers[] = {"X-Mine: 1"};
	struct answer a = {0};

	ask(&a, *state, server, (struct http_request){
		.headers = headers, .header_count = 1, .token = "tok",
	}, false);
	assert_int_equal(a.err.code, 0);
	assert_int_equal(a.status, 200);
	assert_string_equal(a.body, "hello");
	assert_string_equal(a.header, "yes ");
	assert_true(a.reply.sent && a.reply.sent_all && !a.reply.reused);
	assert_true(a.reply.first_byte_ms >= 0);
	assert_non_null(strstr(seen, "GET /secret-path HTTP/1.1\r\n"));
	assert_non_null(strstr(seen, "X-Mine: 1\r\n"));
	assert_non_null(strstr(seen, "Authorization: Bearer tok\r\n"));
	ask(&a, *state, server, (struct http_request){
		.token = "tok", .token_header = "X-Key: Api-Key {token}!",
	}, false);
	assert_non_null(strstr(seen, "X-Key: Api-Key tok!\r\n"));
	assert_null(strstr(seen, "Authorization"));
	ask(&a, *state, server, (struct http_request){
		.method = "POST", .body = "a body", .body_len = 6,
	}, false);
	assert_true(a.reply.reused);
	assert_true(a.reply.sent_all);
	assert_non_null(strstr(seen, "POST /secret-path HTTP/1.1\r\n"));
	assert_null(strstr(seen, "Expect"));
	assert_null(strstr(seen, "Content-Type"));
	assert_string_equal(strstr(seen, "\r\n\r\n") + 4, "a body");
	script_server_stop(server);
}

static bool serve_slow_error(int fd, const char *request, int number,
			     void *data)
{
	static const char answer[] =
		"HTTP/1.1 100 Continue\r\n\r\n"
		"HTTP/1.1 429 Too Many\r\nRetry-After: 3\r\n"
		"Transfer-Encoding: chunked\r\n\r\n"
		"4\r\nslow\r\n5\r\n down\r\n0\r\n\r\n";

	(void)request;
	(void)number;
	(void)data;
	script_write(fd, answer, sizeof(answer) - 1, 1);
	return true;
}

static void test_http_takes_an_answer_byte_by_byte(void **state)
{
	struct script_server *server = script_server_start(serve_slow_error,
							   NULL);
	struct answer a = {0};

	ask(&a, *state, server, (struct http_request){0}, true);
	assert_int_equal(a.err.code, 0);
	assert_int_equal(a.status, 429);
	assert_int_equal(a.heads, 1);
	/* Not 2xx: collected, not streamed. */
	assert_string_equal(a.body, "slow down");
	assert_int_equal(a.stream.len, 0);
	script_server_stop(server);
}

static bool serve_nothing(int fd, const char *request, int number, void *data)
{
	(void)request;
	(void)number;
	(void)data;
	script_wait_closed(fd);
	return false;
}

static void test_http_timeout_after_sending(void **state)
{
	struct script_server *server = script_server_start(serve_nothing, NULL);
	struct answer a = {0};

	ask(&a, *state, server, (struct http_request){
		.method = "PATCH", .body = "{}", .body_len = 2,
		.token = "sesame", .timeout_ms = 3000,
	}, false);
	assert_int_equal(a.err.code, ERR_TIMEOUT);
	assert_true(a.err.retry);
	assert_true(a.reply.sent_all);
	assert_int_equal(strncmp(a.err.where, "127.0.0.1:", 10), 0);
	assert_null(strstr(a.text, "sesame"));
	assert_null(strstr(a.text, "secret-path"));
	script_server_stop(server);
}

static bool serve_hangup(int fd, const char *request, int number, void *data)
{
	const char *half = data;

	(void)request;
	(void)number;
	if (half)
		script_write(fd, half, strlen(half), 0);
	return false;
}

static void test_http_connection_lost(void **state)
{
	static const char *const halves[] = {
		NULL,
		"HTTP/1.1 200 OK\r\nContent-",
		"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf",
	};

	for (size_t i = 0; i < sizeof(halves) / sizeof(halves[0]); i++) {
		struct script_server *server = script_server_start(
			serve_hangup, (void *)(uintptr_t)halves[i]);
		struct answer a = {0};

		ask(&a, *state, server, (struct http_request){0}, false);
		assert_int_equal(a.err.code, ERR_LOST);
		assert_true(a.reply.sent);
		script_server_stop(server);
	}
}

static void test_http_unreachable(void **state)
{
	struct script_server *server = script_server_start(serve_nothing, NULL);
	struct http_request request = {.proxy = ""};
	struct answer a = {0};
	const struct http_callbacks callbacks = {
		.on_done = on_done, .data = &a,
	};
	char url[64];

	snprintf(url, sizeof(url), "http://127.0.0.1:%d/",
		 script_server_port(server));
	script_server_stop(server);
	request.url = url;
	assert_int_equal(http_send(*state, &request, &callbacks, NULL, NULL),
			 0);
	turn_until(*state, &a.done);
	assert_int_equal(a.err.code, ERR_UNREACHABLE);
	assert_false(a.reply.sent);
}

static void test_http_tls_to_a_plain_port_sends_nothing(void **state)
{
	struct script_server *server = script_server_start(serve_hello, NULL);
	struct http_request request = {.proxy = "", .timeout_ms = 2000};
	struct answer a = {0};
	const struct http_callbacks callbacks = {
		.may_send = may_send, .on_done = on_done, .data = &a,
	};
	char url[64];

	snprintf(url, sizeof(url), "https://127.0.0.1:%d/",
		 script_server_port(server));
	request.url = url;
	request.connect_timeout_ms = 500;
	assert_int_equal(http_send(*state, &request, &callbacks, NULL, NULL),
			 0);
	turn_until(*state, &a.done);
	assert_int_equal(a.err.code, ERR_UNREACHABLE);
	assert_false(a.reply.sent);
	assert_int_equal(a.asked, 0);
	script_server_stop(server);
}

/* A connection may take its time: it is asked once there is one. */
static void test_http_asks_before_it_sends(void **state)
{
	struct script_server *server = script_server_start(serve_hello, NULL);
	const struct http_request request = {
		.method = "PATCH", .body = "{}", .body_len = 2,
	};
	struct answer a = {.refuse = ERR_BUSY};

	ask(&a, *state, server, request, false);
	assert_int_equal(a.asked, 1);
	assert_int_equal(a.err.code, ERR_BUSY);
	assert_string_equal(a.err.message, "too late now");
	assert_false(a.reply.sent);
	assert_int_equal(script_server_requests(server), 0);
	a.refuse = 0;
	ask(&a, *state, server, request, false);
	assert_int_equal(a.asked, 2);
	assert_int_equal(a.err.code, 0);
	assert_int_equal(script_server_requests(server), 1);
	/* on a connection that is open already, too */
	a.refuse = ERR_BUSY;
	ask(&a, *state, server, request, false);
	assert_int_equal(a.err.code, ERR_BUSY);
	assert_int_equal(script_server_requests(server), 1);
	script_server_stop(server);
}

static void test_http_reply_too_large(void **state)
{
	struct script_server *server = script_server_start(serve_hello, NULL);
	struct answer a = {0};

	ask(&a, *state, server, (struct http_request){.max_reply = 4}, false);
	assert_int_equal(a.err.code, ERR_LIMIT);
	script_server_stop(server);
}

static bool serve_trickle(int fd, const char *request, int number, void *data)
{
	(void)request;
	(void)number;
	(void)data;
	script_chunked(fd);
	script_chunk(fd, "one\n", 4);
	script_chunk(fd, "two\n", 4);
	script_wait_closed(fd);
	return false;
}

static void test_http_stream_and_silence(void **state)
{
	struct script_server *server = script_server_start(serve_trickle, NULL);
	struct answer a = {0};

	ask(&a, *state, server, (struct http_request){
		.timeout_ms = HTTP_TIMEOUT_NONE, .idle_timeout_ms = 3000,
	}, true);
	assert_int_equal(a.err.code, ERR_TIMEOUT);
	assert_int_equal(a.heads, 1);
	assert_string_equal(a.stream.data, "one\ntwo\n");
	buf_release(&a.stream);
	a.cancel_at_data = true;
	ask(&a, *state, server, (struct http_request){
		.timeout_ms = HTTP_TIMEOUT_NONE,
	}, true);
	assert_int_equal(a.err.code, 0);
	buf_release(&a.stream);
	script_server_stop(server);
}

/* Answers the first request; dies under the second once it is read. */
static bool serve_once(int fd, const char *request, int number, void *data)
{
	(void)request;
	(void)data;
	if (number == 1)
		return false;
	script_answer(fd, "200 OK", "", "{}");
	return true;
}

static void test_http_never_sends_an_effect_twice(void **state)
{
	static const char *const methods[] = {"PATCH", "GET"};

	for (int i = 0; i < 2; i++) {
		struct script_server *server = script_server_start(serve_once,
								   NULL);
		struct answer a = {0};

		ask(&a, *state, server, (struct http_request){0}, false);
		ask(&a, *state, server, (struct http_request){
			.method = methods[i], .body = i ? NULL : "{}",
			.body_len = i ? 0 : 2,
		}, false);
		/* A read is repeated by libcurl, an effect is not. */
		assert_int_equal(a.err.code, i ? 0 : ERR_LOST);
		assert_int_equal(script_server_requests(server), i ? 3 : 2);
		assert_int_equal(a.asked, i ? 3 : 2);
		script_server_stop(server);
	}
}

static void test_http_refuses_bad_requests(void **state)
{
	const char *inject[] = {"X-A: b\r\nX-Evil: c"};
	const struct http_callbacks callbacks = {.on_done = on_done};
	struct http_request request = {.url = "ftp://example.com/"};
	struct error err = {0};

	assert_int_equal(http_send(*state, &request, &callbacks, NULL, &err),
			 ERR_INVALID);
	request.url = "nonsense";
	assert_int_equal(http_send(*state, &request, &callbacks, NULL, &err),
			 ERR_INVALID);
	request.url = "http://127.0.0.1/";
	request.headers = inject;
	request.header_count = 1;
	assert_int_equal(http_send(*state, &request, &callbacks, NULL, &err),
			 ERR_INVALID);
	request.header_count = 0;
	request.token = "a\r\nb";
	assert_int_equal(http_send(*state, &request, &callbacks, NULL, &err),
			 ERR_INVALID);
	request.token = "s3cret";
	request.token_header = "X-Key: without its place";
	assert_int_equal(http_send(*state, &request, &callbacks, NULL, &err),
			 ERR_INVALID);
	assert_null(strstr(err.message, "s3cret"));
}

static void test_close_ends_calls_without_calling_back(void **state)
{
	struct script_server *server = script_server_start(serve_nothing, NULL);
	struct answer a = {0};
	const struct http_callbacks callbacks = {
		.on_done = on_done, .data = &a,
	};
	struct http_request request = {.proxy = ""};
	char url[64];

	snprintf(url, sizeof(url), "http://127.0.0.1:%d/",
		 script_server_port(server));
	request.url = url;
	http_send(*state, &request, &callbacks, NULL, NULL);
	loop_turn(*state, 50, NULL);
	loop_close(*state);
	*state = NULL;
	assert_false(a.done);
	script_server_stop(server);
}

#define LOOP_TEST(name) \
	cmocka_unit_test_setup_teardown(name, setup_loop, teardown_loop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LOOP_TEST(test_http_answers_and_reuses_the_connection),
		LOOP_TEST(test_http_takes_an_answer_byte_by_byte),
		LOOP_TEST(test_http_timeout_after_sending),
		LOOP_TEST(test_http_connection_lost),
		LOOP_TEST(test_http_unreachable),
		LOOP_TEST(test_http_tls_to_a_plain_port_sends_nothing),
		LOOP_TEST(test_http_asks_before_it_sends),
		LOOP_TEST(test_http_reply_too_large),
		LOOP_TEST(test_http_stream_and_silence),
		LOOP_TEST(test_http_never_sends_an_effect_twice),
		LOOP_TEST(test_http_refuses_bad_requests),
		LOOP_TEST(test_close_ends_calls_without_calling_back),
	};

	return cmocka_run_group_tests_name("net http", tests, NULL, NULL);
}
