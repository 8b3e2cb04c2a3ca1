/* Units of kube/client: requests, answers, credentials. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "kube/client.h"
#include "kube_fixture.h"
#include "kube_sample.h"
#include "net/loop.h"

struct answer {
	bool done;
	int status;
	char name[128], warning[256];
	int64_t retry_after_ms;
	struct error err;
};

static void on_done(void *data, const struct kube_reply *reply,
		    const struct error *err)
{
	struct answer *a = data;

	a->done = true;
	a->status = reply->status;
	snprintf(a->name, sizeof(a->name), "%s",
		 json_text(reply->body, "metadata/name", ""));
	snprintf(a->warning, sizeof(a->warning), "%s", reply->warning);
	a->retry_after_ms = reply->retry_after_ms;
	if (err)
		a->err = *err;
}

/* Sends and turns until the answer. */
static void ask(struct kube_fixture *f, struct answer *a, const char *method,
		const char *type, const json_t *body)
{
	const struct kube_request request = {
		.method = method, .path = "/api/v1/namespaces/shop/pods/p",
		.content_type = type, .body = body,
		.on_done = on_done, .data = a,
	};

	memset(a, 0, sizeof(*a));
	if (kube_request(f->client, &request, NULL, &a->err))
		a->done = true;
	kube_fixture_until(f, &a->done);
}

/* ---- answers of a real server ---- */

struct script {
	struct kube_sample sample;
	char request[SCRIPT_REQUEST_MAX];
	const char *answer;     /* status line, if there is no sample */
	const char *headers;    /* with it; NULL: none */
	const char *body;
};

static bool serve_sample(int fd, const char *request, int number, void *data)
{
	struct script *script = data;

	(void)number;
	snprintf(script->request, sizeof(script->request), "%s", request);
	if (script->answer)
		script_answer(fd, script->answer,
			      script->headers ? script->headers : "",
			      script->body);
	else
		script_write(fd, script->sample.bytes, script->sample.len, 7);
	return false;
}

static void test_answers_become_objects_and_errors(void **state)
{
	static const struct {
		const char *sample;
		int code;
		const char *word;
	} rows[] = {
		{"get-pod", 0, ""},
		{"200-patch-selector", 0, ""},
		{"401-bad-token", ERR_DENIED, "Unauthorized"},
		{"403-patch-service", ERR_DENIED, "cannot patch resource"},
		{"404-deployment", ERR_NOTFOUND, "\"no-such\" not found"},
		{"404-unknown-resource", ERR_NOTFOUND, "could not find"},
		{"409-conflict-merge-patch-rv", ERR_CONFLICT,
		 "the object has been modified"},
		{"410-list-continue-expired", ERR_GONE, "too old"},
		{"422-jsonpatch-test-failed", ERR_INVALID, "rejected"},
		{"504-rv-too-large", ERR_TIMEOUT, "Too large resource version"},
	};
	static struct script script;
	/* the server's thread may look at one after the client has it all */
	struct kube_sample samples[sizeof(rows) / sizeof(rows[0])];
	struct kube_fixture f;
	struct answer a;

	(void)state;
	kube_fixture_open(&f, serve_sample, &script, "{token: sesame}");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_t *body = json_pack("{s:i}", "a", 1);

		kube_sample_read(&samples[i], rows[i].sample);
		script.sample = samples[i];
		ask(&f, &a, "PATCH", KUBE_MERGE_PATCH, body);
		assert_int_equal(a.err.code, rows[i].code);
		assert_int_equal(a.status, script.sample.status);
		if (!strstr(a.err.message, rows[i].word))
			fail_msg("%s: %s", rows[i].sample, a.err.message);
		if (a.err.code)
			assert_string_equal(a.err.where,
					    kube_client_where(f.client));
		json_decref(body);
	}
	assert_int_equal(a.retry_after_ms, 1000);
	assert_non_null(strstr(script.request, "PATCH /api/v1/namespaces/shop"
			       "/pods/p HTTP/1.1\r\n"));
	assert_non_null(strstr(script.request,
			       "Content-Type: " KUBE_MERGE_PATCH "\r\n"));
	assert_non_null(strstr(script.request,
			       "Authorization: Bearer sesame\r\n"));
	assert_non_null(strstr(script.request, "\r\n\r\n{\"a\":1}"));
	kube_fixture_close(&f);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		kube_sample_release(&samples[i]);
}

static void test_warnings_are_kept(void **state)
{
	static struct script script;
	struct kube_fixture f;
	struct answer a;

	(void)state;
	kube_fixture_open(&f, serve_sample, &script, "{}");
	kube_sample_read(&script.sample, "200-warning-unknown-field");
	ask(&f, &a, NULL, NULL, NULL);
	assert_int_equal(a.err.code, 0);
	assert_string_equal(a.warning, "unknown field \"spec.replica\"");
	assert_string_equal(a.name, "my-app-v2");
	assert_null(strstr(script.request, "Authorization"));
	kube_fixture_close(&f);
	kube_sample_release(&script.sample);
}

static void test_answers_that_are_no_kubernetes(void **state)
{
	static struct script script;
	struct kube_fixture f;
	struct answer a;

	(void)state;
	kube_fixture_open(&f, serve_sample, &script, "{}");
	script.answer = "200 OK";
	script.body = "<html>login</html>";
	ask(&f, &a, NULL, NULL, NULL);
	assert_int_equal(a.err.code, ERR_REMOTE);
	script.answer = "502 Bad Gateway";
	script.body = "upstream \x1b[2Jgone";
	ask(&f, &a, NULL, NULL, NULL);
	assert_int_equal(a.err.code, ERR_REMOTE);
	assert_true(a.err.retry);
	assert_string_equal(a.err.message, "upstream ?[2Jgone (HTTP 502)");
	script.answer = "429 Too Many Requests";
	script.body = "";
	ask(&f, &a, NULL, NULL, NULL);
	assert_int_equal(a.err.code, ERR_BUSY);
	assert_string_equal(a.err.message, "too many requests (HTTP 429)");
	script.headers = "Retry-After: 7\r\n";
	script.body = "Too many requests, please try again later.\n";
	ask(&f, &a, NULL, NULL, NULL);
	assert_non_null(strstr(a.err.message, "later. (HTTP 429); it asks to "
			       "wait 7 s"));
	kube_fixture_close(&f);
}

static void test_a_cancelled_request_does_not_call_back(void **state)
{
	static struct script script;
	struct kube_fixture f;
	struct answer a = {0}, b;
	const struct kube_request request = {
		.path = "/slow", .on_done = on_done, .data = &a,
	};
	struct kube_call *call;

	(void)state;
	kube_fixture_open(&f, serve_sample, &script, "{}");
	script.answer = "200 OK";
	script.body = "{}";
	assert_int_equal(kube_request(f.client, &request, &call, NULL), 0);
	kube_cancel(call);
	ask(&f, &b, NULL, NULL, NULL);
	assert_false(a.done);
	kube_fixture_close(&f);
}

/* ---- credentials ---- */

/* Lets in who brings the token that stands in data. */
static bool serve_token(int fd, const char *request, int number, void *data)
{
	const char *token = data;
	char line[128];

	(void)number;
	snprintf(line, sizeof(line), "Authorization: Bearer %s\r\n", token);
	if (strstr(request, line))
		script_answer(fd, "200 OK", "", "{\"metadata\":{\"name\":\"in\"}}");
	else
		script_answer(fd, "401 Unauthorized", "", "{}");
	return true;
}

static void test_a_token_file_is_read_again(void **state)
{
	char token[] = "one";
	struct kube_fixture f;
	struct answer a;

	(void)state;
	kube_fixture_open(&f, serve_token, token, "{tokenFile: token}");
	ask(&f, &a, NULL, NULL, NULL);
	assert_int_equal(a.err.code, ERR_NOTFOUND);
	kube_fixture_put(&f, "token", "one\n", 0600);
	ask(&f, &a, NULL, NULL, NULL);
	assert_int_equal(a.err.code, 0);
	memcpy(token, "two", 3);
	ask(&f, &a, NULL, NULL, NULL);
	assert_int_equal(a.err.code, ERR_DENIED);
	kube_fixture_put(&f, "token", "two\n", 0600);
	ask(&f, &a, NULL, NULL, NULL);
	assert_int_equal(a.err.code, 0);
	kube_fixture_close(&f);
}

#define EXEC_USER \
	"{exec: {apiVersion: client.authentication.k8s.io/v1," \
	" command: ./plugin, args: [get], env: [{name: MINE, value: x}]}}"

#define EXEC_SAYS(token, status) \
	"echo '{\"apiVersion\":\"client.authentication.k8s.io/v1\"," \
	"\"kind\":\"ExecCredential\",\"status\":{\"token\":\"" token "\"" \
	status "}}'\n"

static void test_a_plugin_is_run_once_and_again_after_401(void **state)
{
	char token[] = "one";
	struct kube_fixture f;
	struct answer a, b = {0};
	const struct kube_request request = {
		.path = "/b", .on_done = on_done, .data = &b,
	};

	(void)state;
	kube_fixture_open(&f, serve_token, token, EXEC_USER);
	kube_fixture_put(&f, "plugin",
			 "#!/bin/sh\ncd \"${0%/*}\"; printf . >>runs\n"
			 "test \"$MINE$1\" = xget || exit 9\n"
			 "case $KUBERNETES_EXEC_INFO in\n"
			 "*'\"interactive\":false'*) ;; *) exit 8;; esac\n"
			 "read line && exit 7\n"
			 "cat now\n", 0700);
	kube_fixture_put(&f, "now", "{\"apiVersion\":"
			 "\"client.authentication.k8s.io/v1\",\"kind\":"
			 "\"ExecCredential\",\"status\":{\"token\":\"one\"}}",
			 0600);
	/* Two requests wait for the one run. */
	assert_int_equal(kube_request(f.client, &request, NULL, NULL), 0);
	ask(&f, &a, NULL, NULL, NULL);
	kube_fixture_until(&f, &b.done);
	if (a.err.code)
		fail_msg("%s", a.err.message);
	assert_int_equal(b.err.code, 0);
	ask(&f, &a, NULL, NULL, NULL);
	assert_int_equal(kube_fixture_size(&f, "runs"), 1);
	/* The server wants another one now: one more run, one more try; for both
	 * that it has refused at once. */
	memcpy(token, "two", 3);
	kube_fixture_put(&f, "now", "{\"apiVersion\":"
			 "\"client.authentication.k8s.io/v1\",\"kind\":"
			 "\"ExecCredential\",\"status\":{\"token\":\"two\"}}",
			 0600);
	memset(&b, 0, sizeof(b));
	assert_int_equal(kube_request(f.client, &request, NULL, NULL), 0);
	ask(&f, &a, "PATCH", NULL, NULL);
	kube_fixture_until(&f, &b.done);
	assert_int_equal(a.err.code, 0);
	assert_int_equal(b.err.code, 0);
	assert_int_equal(kube_fixture_size(&f, "runs"), 2);
	memcpy(token, "xxx", 3);
	ask(&f, &a, NULL, NULL, NULL);
	assert_int_equal(a.err.code, ERR_DENIED);
	assert_int_equal(kube_fixture_size(&f, "runs"), 3);
	kube_fixture_close(&f);
}

/* A plugin that is let go on by the test, by a file. */
#define EXEC_WAITS \
	"#!/bin/sh\ncd \"${0%/*}\"; printf . >>runs\n" \
	"until test -e go; do sleep 0.05; done\n" EXEC_SAYS("one", "")

static struct {
	int times, refuse;
} asked;

static int may_send(void *data, struct error *err)
{
	(void)data;
	asked.times++;
	return asked.refuse ? error_set(err, asked.refuse, NULL, "too late now") :
			      0;
}

/* Nothing leaves after its time, nor without being asked for once more. */
static void test_what_waits_for_a_plugin_may_not_be_wanted_any_more(void **state)
{
	char token[] = "one";
	struct kube_fixture f;
	struct answer late = {0}, refused = {0}, good = {0};
	struct kube_request request = {
		.path = "/b", .on_done = on_done, .data = &late,
		.timeout_ms = 50, .may_send = may_send,
	};

	(void)state;
	asked.times = 0;
	asked.refuse = ERR_BUSY;
	kube_fixture_open(&f, serve_token, token, EXEC_USER);
	kube_fixture_put(&f, "plugin", EXEC_WAITS, 0700);
	assert_int_equal(kube_request(f.client, &request, NULL, NULL), 0);
	request.data = &refused;
	request.timeout_ms = 60000;
	assert_int_equal(kube_request(f.client, &request, NULL, NULL), 0);
	kube_fixture_until(&f, &late.done);
	assert_int_equal(late.err.code, ERR_UNREACHABLE);
	assert_non_null(strstr(late.err.message, "nothing was sent"));
	assert_int_equal(asked.times, 0);
	assert_false(refused.done);
	kube_fixture_put(&f, "go", "", 0600);
	kube_fixture_until(&f, &refused.done);
	assert_int_equal(refused.err.code, ERR_BUSY);
	assert_int_equal(asked.times, 1);
	assert_int_equal(script_server_requests(f.server), 0);
	asked.refuse = 0;
	request.data = &good;
	assert_int_equal(kube_request(f.client, &request, NULL, NULL), 0);
	kube_fixture_until(&f, &good.done);
	assert_int_equal(good.err.code, 0);
	assert_int_equal(asked.times, 2);
	kube_fixture_close(&f);
}

static void test_an_expired_credential_is_renewed(void **state)
{
	char token[] = "one";
	struct kube_fixture f;
	struct answer a;

	(void)state;
	kube_fixture_open(&f, serve_token, token, EXEC_USER);
	kube_fixture_put(&f, "plugin",
			 "#!/bin/sh\ncd \"${0%/*}\"; printf . >>runs\n"
			 EXEC_SAYS("one", ",\"expirationTimestamp\":"
				   "\"2020-01-01T00:00:00Z\""), 0700);
	/* It is given out once even so: else no request would ever leave. */
	ask(&f, &a, NULL, NULL, NULL);
	assert_int_equal(a.err.code, 0);
	ask(&f, &a, NULL, NULL, NULL);
	assert_int_equal(a.err.code, 0);
	assert_int_equal(kube_fixture_size(&f, "runs"), 2);
	kube_fixture_close(&f);
}

/* Once, it gives a credential that ends soon; then it does as told. */
#define EXEC_SHORT \
	"#!/bin/sh\ncd \"${0%/*}\"; printf . >>runs\n" \
	"end=$(date -u -d '+25 seconds' +%Y-%m-%dT%H:%M:%SZ)\n" \
	"give() { echo '{\"apiVersion\":\"client.authentication.k8s.io/v1\"," \
	"\"kind\":\"ExecCredential\",\"status\":{\"token\":\"'$1'\"," \
	"\"expirationTimestamp\":\"'$end'\"}}'; }\n" \
	"test $(wc -c <runs) = 1 && { give one; exit; }\n"

static void test_a_credential_serves_while_the_next_is_fetched(void **state)
{
	char token[] = "one";
	struct kube_fixture f;
	struct answer a;

	(void)state;
	kube_fixture_open(&f, serve_token, token, EXEC_USER);
	kube_fixture_put(&f, "plugin", EXEC_SHORT
			 "until test -e go; do sleep 0.05; done; give two\n",
			 0700);
	/* the second run hangs, and nobody waits for it */
	for (int i = 0; i < 4; i++) {
		ask(&f, &a, NULL, NULL, NULL);
		if (a.err.code)
			fail_msg("%s", a.err.message);
	}
	memcpy(token, "two", 3);
	kube_fixture_put(&f, "go", "", 0600);
	ask(&f, &a, NULL, NULL, NULL);
	assert_int_equal(a.err.code, 0);
	assert_int_equal(kube_fixture_size(&f, "runs"), 2);
	kube_fixture_close(&f);
}

static void test_a_credential_outlives_a_plugin_that_fails(void **state)
{
	struct kube_fixture f;
	struct answer a;

	(void)state;
	kube_fixture_open(&f, serve_token, "one", EXEC_USER);
	kube_fixture_put(&f, "plugin", EXEC_SHORT "echo >failed; exit 3\n",
			 0700);
	for (int i = 0; !kube_fixture_size(&f, "failed"); i++) {
		assert_true(i < 20000);
		ask(&f, &a, NULL, NULL, NULL);
		if (a.err.code)
			fail_msg("%s", a.err.message);
	}
	for (int i = 0; i < 20; i++)
		loop_turn(f.loop, 10, NULL);
	ask(&f, &a, NULL, NULL, NULL);
	assert_int_equal(a.err.code, 0);
	kube_fixture_close(&f);
}

static void test_a_plugin_that_fails_says_why(void **state)
{
	static const struct {
		const char *script, *word;
	} rows[] = {
		{"#!/bin/sh\necho 'no login' >&2\nexit 3\n",
		 "status 3: no login"},
		{"#!/bin/sh\necho '{}'\n", "no ExecCredential"},
		{"#!/bin/sh\necho '{\"apiVersion\":\"client.authentication."
		 "k8s.io/v1beta1\",\"kind\":\"ExecCredential\"}'\n",
		 "another apiVersion"},
		{"#!/bin/sh\n" EXEC_SAYS("", "") "kill -9 $$\n", "signal 9"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kube_fixture f;
		struct answer a;

		kube_fixture_open(&f, serve_token, "one", EXEC_USER);
		ask(&f, &a, NULL, NULL, NULL);
		assert_non_null(strstr(a.err.message, "cannot start"));
		kube_fixture_put(&f, "plugin", rows[i].script, 0700);
		ask(&f, &a, NULL, NULL, NULL);
		if (!strstr(a.err.message, rows[i].word))
			fail_msg("row %zu: %s", i, a.err.message);
		assert_int_not_equal(a.err.code, ERR_DENIED);
		assert_int_equal(script_server_requests(f.server), 0);
		kube_fixture_close(&f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers_become_objects_and_errors),
		cmocka_unit_test(test_warnings_are_kept),
		cmocka_unit_test(test_answers_that_are_no_kubernetes),
		cmocka_unit_test(test_a_cancelled_request_does_not_call_back),
		cmocka_unit_test(test_a_token_file_is_read_again),
		cmocka_unit_test(test_a_plugin_is_run_once_and_again_after_401),
		cmocka_unit_test(
			test_what_waits_for_a_plugin_may_not_be_wanted_any_more),
		cmocka_unit_test(test_an_expired_credential_is_renewed),
		cmocka_unit_test(
			test_a_credential_serves_while_the_next_is_fetched),
		cmocka_unit_test(test_a_credential_outlives_a_plugin_that_fails),
		cmocka_unit_test(test_a_plugin_that_fails_says_why),
	};

	return cmocka_run_group_tests_name("kube client", tests, NULL, NULL);
}
