/*
 * One request: from the client's form to HTTP's, and from the answer to JSON
 * or an error. A 401 with a plugin's credential is tried once more: a request
 * that was not let in did nothing.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"
#include "kube/client_private.h"
#include "net/loop.h"

#define CALL_WARNINGS_MAX 16
#define CALL_STREAM_ERROR_MAX (1u << 20)        /* bytes of a refused stream */

void call_free(struct kube_call *call)
{
	if (call->prev)
		call->prev->next = call->next;
	else if (call->client->calls == call)
		call->client->calls = call->next;
	if (call->next)
		call->next->prev = call->prev;
	http_cancel(call->http);
	loop_timer_cancel(call->patience);
	free(call->method);
	free(call->url);
	free(call->content);
	free(call->body);
	free(call);
}

void call_fail(struct kube_call *call, const struct error *err)
{
	const struct kube_reply reply = {
		.warning = "", .retry_after_ms = -1, .first_byte_ms = -1,
	};

	call->on_done(call->data, &reply, err);
	call_free(call);
}

/* Takes the quoted text out of `299 - "text"`. */
static void warning_text(const char *header, char *dst, size_t size)
{
	const char *from = strchr(header, '"'), *end = strrchr(header, '"');
	size_t used = 0;

	if (!from || end == from) {
		snprintf(dst, size, "%s", header);
		return;
	}
	for (from++; from < end && used + 1 < size; from++) {
		if (*from == '\\' && from + 1 < end)
			from++;
		dst[used++] = *from;
	}
	dst[used] = '\0';
}

static void reply_warning(const struct http_reply *http,
			  char dst[KUBE_WARNING_MAX])
{
	char header[KUBE_WARNING_MAX], text[KUBE_WARNING_MAX];
	struct buf all;

	buf_init(&all, CALL_WARNINGS_MAX * KUBE_WARNING_MAX);
	for (size_t i = 0; i < CALL_WARNINGS_MAX &&
	     http_header(http, "Warning", i, header, sizeof(header)); i++) {
		warning_text(header, text, sizeof(text));
		buf_printf(&all, "%s%s", i ? "; " : "", text);
	}
	text_sanitise(dst, KUBE_WARNING_MAX, all.data);
	buf_release(&all);
}

/* The body as JSON; a text that is none as a JSON string; NULL if empty. */
static int reply_body(const struct http_reply *http, json_t **ret)
{
	int status;

	*ret = NULL;
	if (!http->len)
		return 0;
	/* One odd annotation must not hide a whole list: NUL is allowed. */
	status = json_parse(http->body, http->len, JSON_ALLOW_NUL, ret, NULL);
	if (status == ERR_SYNTAX)
		*ret = json_string(http->body);
	return status == ERR_NOMEM ? status : 0;
}

static void call_error(const struct kube_call *call,
		       const struct http_reply *http, const json_t *body,
		       const struct error *http_err, struct error *err)
{
	const char *where = call->client->where;

	if (http_err)
		*err = *http_err;
	else if (kube_status_error(http->status, body, where, err))
		;
	else if (!call->on_data && !json_is_object(body))
		error_set(err, ERR_REMOTE, where,
			  "the answer is not a JSON object");
}

/* A server that turns a request away says when it may be tried again. */
static void call_add_wait(int64_t retry_after_ms, struct error *err)
{
	size_t len = strlen(err->message);

	if (err->code == ERR_BUSY && retry_after_ms >= 0)
		snprintf(err->message + len, sizeof(err->message) - len,
			 "; it asks to wait %" PRId64 " s",
			 (retry_after_ms + 999) / 1000);
}

static void call_done(void *data, const struct http_reply *http,
		      const struct error *http_err)
{
	struct kube_call *call = data;
	char warning[KUBE_WARNING_MAX];
	struct kube_reply reply = {
		.status = http->status,
		.warning = warning,
		.retry_after_ms = http_retry_after(http),
		.sent = http->sent,
		.first_byte_ms = http->first_byte_ms,
		.total_ms = http->total_ms,
	};
	struct error err = {0};
	json_t *body;
	int status;

	call->http = NULL;
	if (http->status == 401 && !call->retried &&
	    auth_refused(call->client->auth, call->credential)) {
		call->retried = true;
		if (call_start(call, &err) < 0)
			call_fail(call, &err);
		return;
	}
	status = reply_body(http, &body);
	reply.body = json_is_object(body) ? body : NULL;
	reply_warning(http, warning);
	call_error(call, http, body, http_err, &err);
	call_add_wait(reply.retry_after_ms, &err);
	/* an answer that says no is told all the same */
	if (status && (!err.code || http->status / 100 == 2))
		error_nomem(&err);
	call->on_done(call->data, &reply, err.code ? &err : NULL);
	json_decref(body);
	call_free(call);
}

static void call_head(void *data, int status)
{
	struct kube_call *call = data;

	if (status >= 200 && status < 300)
		call->on_open(call->data);
}

static int call_may_send(void *data, struct error *err)
{
	struct kube_call *call = data;

	return call->may_send(call->data, err);
}

static void call_data(void *data, const char *bytes, size_t len)
{
	struct kube_call *call = data;

	call->on_data(call->data, bytes, len);
}

/* How much of its time is left: 0 or more, or HTTP_TIMEOUT_NONE. */
static int64_t call_left(const struct kube_call *call)
{
	int64_t left = call->timeout_ms -
		       (loop_now(call->client->loop) - call->begun_ms);

	if (call->timeout_ms == HTTP_TIMEOUT_NONE)
		return HTTP_TIMEOUT_NONE;
	return left > 0 ? left : 0;
}

static int call_send(struct kube_call *call, const struct auth_secret *secret,
		     struct error *err)
{
	const struct kubeconfig *config = &call->client->config;
	const char *headers[CLIENT_GROUPS_MAX + 2] = {"Accept: " KUBE_JSON};
	struct http_request request = {
		.method = call->method,
		.url = call->url,
		.headers = headers,
		.token = secret->bearer,
		.body = call->body,
		.body_len = call->body ? strlen(call->body) : 0,
		.tls = {
			.ca_pem = config->ca_pem,
			.ca_file = config->ca_file,
			.cert_pem = secret->cert_pem,
			.cert_file = config->cert_file,
			.key_pem = secret->key_pem,
			.key_file = config->key_file,
			.server_name = config->tls_server_name,
			.insecure = config->insecure,
		},
		.proxy = config->proxy,
		.timeout_ms = call_left(call),
		.idle_timeout_ms = call->idle_ms,
		.max_reply = call->on_data ? CALL_STREAM_ERROR_MAX : 0,
	};
	const struct http_callbacks callbacks = {
		.may_send = call->may_send ? call_may_send : NULL,
		.on_head = call->on_open ? call_head : NULL,
		.on_data = call->on_data ? call_data : NULL,
		.on_done = call_done,
		.data = call,
	};

	if (!secret->bearer && config->username) {
		request.user = config->username;
		request.password = config->password;
	}
	request.header_count = 1;
	if (call->content)
		headers[request.header_count++] = call->content;
	for (size_t i = 0; i < call->client->impersonate_count; i++)
		headers[request.header_count++] = call->client->impersonate[i];
	return http_send(call->client->loop, &request, &callbacks, &call->http,
			 err);
}

static int call_is_late(const struct kube_call *call, struct error *err)
{
	return error_set(err, ERR_UNREACHABLE, call->client->where,
			 "no credential within %" PRId64 " ms; nothing was sent",
			 call->timeout_ms);
}

static void call_lost_patience(void *data)
{
	struct kube_call *call = data;
	struct error err = {0};

	call->patience = NULL;
	call_is_late(call, &err);
	call_fail(call, &err);
}

/* A plugin may take a minute: longer than what is asked for is still wanted. */
static int call_wait(struct kube_call *call, struct error *err)
{
	int64_t left = call_left(call);
	int status;

	if (call->patience || left == HTTP_TIMEOUT_NONE)
		return AUTH_WAIT;
	status = loop_timer(call->client->loop, left, 0,
			    call_lost_patience, call, &call->patience, err);
	return status ? status : AUTH_WAIT;
}

int call_start(struct kube_call *call, struct error *err)
{
	struct auth_secret secret;
	int status = auth_get(call->client->auth, &secret, err);

	call->credential = status ? 0 : secret.number;
	if (status == AUTH_WAIT)
		return call_wait(call, err);
	loop_timer_cancel(call->patience);
	call->patience = NULL;
	if (!status && !call_left(call))
		status = call_is_late(call, err);
	return status ? status : call_send(call, &secret, err);
}

static struct kube_call *call_new(struct kube_client *client,
				  const char *method, const char *path)
{
	struct kube_call *call = calloc(1, sizeof(*call));
	struct buf url;

	if (!call)
		return NULL;
	buf_init(&url, KUBE_PATH_MAX);
	buf_printf(&url, "%s%s", client->config.server, path);
	call->client = client;
	call->url = buf_detach(&url);
	call->begun_ms = loop_now(client->loop);
	call->method = strdup(method ? method : "GET");
	buf_release(&url);
	if (!call->url || !call->method) {
		call_free(call);
		return NULL;
	}
	return call;
}

static int call_begin(struct kube_call *call, struct kube_call **ret,
		      struct error *err)
{
	struct kube_client *client = call->client;
	int status;

	call->next = client->calls;
	if (call->next)
		call->next->prev = call;
	client->calls = call;
	status = call_start(call, err);
	if (status < 0) {
		call_free(call);
		return status;
	}
	if (ret)
		*ret = call;
	return 0;
}

static int call_set_body(struct kube_call *call,
			 const struct kube_request *request)
{
	struct buf line;

	if (!request->body)
		return 0;
	buf_init(&line, HTTP_REPLY_HEADERS_MAX);
	buf_printf(&line, "Content-Type: %s", request->content_type ?
		   request->content_type : KUBE_JSON);
	call->content = buf_detach(&line);
	buf_release(&line);
	call->body = json_print(request->body, JSON_COMPACT);
	return call->content && call->body ? 0 : ERR_NOMEM;
}

int kube_request(struct kube_client *client, const struct kube_request *request,
		 struct kube_call **ret, struct error *err)
{
	struct kube_call *call = call_new(client, request->method,
					  request->path);

	if (!call)
		return error_nomem(err);
	call->timeout_ms = request->timeout_ms ? request->timeout_ms :
		KUBE_REQUEST_TIMEOUT_MS;
	call->may_send = request->may_send;
	call->on_done = request->on_done;
	call->data = request->data;
	if (call_set_body(call, request)) {
		call_free(call);
		return error_nomem(err);
	}
	return call_begin(call, ret, err);
}

int kube_stream(struct kube_client *client, const struct kube_stream *stream,
		struct kube_call **ret, struct error *err)
{
	struct kube_call *call = call_new(client, NULL, stream->path);

	if (!call)
		return error_nomem(err);
	call->timeout_ms = HTTP_TIMEOUT_NONE;
	call->idle_ms = stream->idle_ms;
	call->on_open = stream->on_open;
	call->on_data = stream->on_data;
	call->on_done = stream->on_done;
	call->data = stream->data;
	return call_begin(call, ret, err);
}

void kube_cancel(struct kube_call *call)
{
	if (call)
		call_free(call);
}
