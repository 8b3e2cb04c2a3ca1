/*
 * See perform.h. One starter a kind of effect; all end in perform_finish, a
 * turn later, so that a caller is never called back from inside its own call.
 */
#include "perform/perform.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/i18n.h"
#include "base/json.h"
#include "base/secret.h"
#include "base/text.h"
#include "kube/client.h"
#include "net/http.h"
#include "net/loop.h"
#include "perform/performance.h"
#include "perform/reach.h"

#define PERFORM_REPLY_MAX (1u << 20)
#define PERFORM_TYPE_MAX 512

enum perform_outcome perform_outcome_of(const struct error *err, bool sent)
{
	switch (err->code) {
	case ERR_TIMEOUT:
	case ERR_LOST:
	case ERR_CANCELLED:
		return PERFORM_UNKNOWN;
	case ERR_NOMEM:
	case ERR_LIMIT:
	case ERR_IO:
		return sent ? PERFORM_UNKNOWN : PERFORM_FAILED;
	default:
		return PERFORM_FAILED;
	}
}

void perform_free(struct performance *performance)
{
	json_decref(performance->body);
	free(performance);
}

void perform_finish(struct performance *performance,
		    enum perform_outcome outcome, const char *text)
{
	const struct perform_caller caller = performance->caller;
	char safe[PERFORM_TEXT_MAX];

	text_sanitise(safe, sizeof(safe), text);
	perform_free(performance);
	caller.done(caller.data, outcome, safe);
}

void perform_fail(struct performance *performance,
		  enum perform_outcome outcome, const struct error *err)
{
	char text[ERROR_WHERE_MAX + ERROR_MESSAGE_MAX];

	error_text(err, text, sizeof(text));
	perform_finish(performance, outcome, text);
}

int perform_may_send(void *data, struct error *err)
{
	const struct performance *performance = data;
	const struct perform_caller *caller = &performance->caller;

	return caller->may_send ? caller->may_send(caller->data, err) : 0;
}

bool perform_status_is_unknown(int status)
{
	return status / 100 == 5 && status != 501 && status != 503 &&
	       status != 505;
}

/* ---- Kubernetes ---------------------------------------------------------- */

static void perform_kube_done(void *data, const struct kube_reply *reply,
			      const struct error *err)
{
	struct performance *performance = data;
	char text[PERFORM_TEXT_MAX];

	if (err) {
		/* 2xx: it said yes, and what else it said was not understood */
		perform_fail(performance, reply->status / 100 == 2 ||
			     perform_status_is_unknown(reply->status) ?
			     PERFORM_UNKNOWN :
			     perform_outcome_of(err, reply->sent), err);
		return;
	}
	snprintf(text, sizeof(text), "%d, %s %s, resourceVersion %s%s%s",
		 reply->status, json_text(reply->body, "kind", "?"),
		 json_text(reply->body, "metadata/name", "?"),
		 json_text(reply->body, "metadata/resourceVersion", "?"),
		 reply->warning[0] ? "; warning: " : "", reply->warning);
	perform_finish(performance, PERFORM_DONE, text);
}

static int perform_kube(struct performance *performance, struct reach *reach,
			struct error *err)
{
	const struct effect *effect = performance->effect;
	struct kube_request request = {
		.method = effect->method, .path = effect->path,
		.content_type = effect->content_type,
		.timeout_ms = effect->within_ms, .may_send = perform_may_send,
		.on_done = perform_kube_done, .data = performance,
	};

	if (json_parse(effect->body, strlen(effect->body), JSON_DECODE_ANY,
		       &performance->body, NULL))
		return error_nomem(err);        /* the plan made the text */
	request.body = performance->body;
	return kube_request(reach_cluster(reach), &request, &performance->kube,
			    err);
}

/* ---- HTTP ---------------------------------------------------------------- */

static void perform_http_done(void *data, const struct http_reply *reply,
			      const struct error *err)
{
	struct performance *performance = data;
	int64_t expect = performance->effect->expect;
	bool good = expect ? reply->status == expect :
			     reply->status / 100 == 2;
	char text[PERFORM_TEXT_MAX];
	bool unknown;

	if (err) {
		perform_fail(performance,
			     perform_outcome_of(err, reply->sent), err);
		return;
	}
	/* a service mesh says 503 also of a request that it had passed on */
	unknown = perform_status_is_unknown(reply->status) ||
		  (reply->status == 503 && performance->effect->once);
	snprintf(text, sizeof(text), "%s%d %.400s",
		 good ? "" : _("answered "), reply->status, reply->body);
	perform_finish(performance, good ? PERFORM_DONE : unknown ?
		       PERFORM_UNKNOWN : PERFORM_FAILED, text);
}

static int perform_http(struct performance *performance, struct reach *reach,
			struct error *err)
{
	const struct effect *effect = performance->effect;
	char type[PERFORM_TYPE_MAX];
	const char *const headers[] = {type};
	const struct http_callbacks callbacks = {
		.may_send = perform_may_send, .on_done = perform_http_done,
		.data = performance,
	};
	struct http_request request = {
		.method = effect->method, .url = effect->path,
		.headers = headers, .header_count = 1, .body = effect->body,
		.body_len = strlen(effect->body),
		.token_header = effect->token_header,
		.timeout_ms = effect->within_ms, .max_reply = PERFORM_REPLY_MAX,
	};
	char token[SECRET_MAX] = "";
	int status = 0;

	snprintf(type, sizeof(type), "Content-Type: %s", effect->content_type);

	if (effect->token_file && effect->token_file[0])
		status = secret_read(effect->token_file, token, err);
	if (token[0])
		request.token = token;
	if (!status)
		status = http_send(reach_loop(reach), &request, &callbacks,
				   &performance->http, err);
	text_wipe(token, sizeof(token));
	return status;
}

/* ---- by hand ------------------------------------------------------------- */

static void perform_manual_done(void *data)
{
	perform_finish(data, PERFORM_DONE,
		       _("the operator confirmed that it is done"));
}

static int perform_manual(struct performance *performance, struct reach *reach,
			  struct error *err)
{
	int status = perform_may_send(performance, err);

	return status ? status :
	       loop_timer(reach_loop(reach), 0, 0, perform_manual_done,
			  performance, &performance->timer, err);
}

int perform_start(struct reach *reach, const struct effect *effect,
		  const struct perform_caller *caller, struct performance **ret,
		  struct error *err)
{
	static int (*const starters[])(struct performance *, struct reach *,
				       struct error *) = {
		[EFFECT_SQL] = perform_sql,
		[EFFECT_KUBE] = perform_kube,
		[EFFECT_HTTP] = perform_http,
		[EFFECT_MANUAL] = perform_manual,
	};
	struct performance *performance = calloc(1, sizeof(*performance));
	int status;

	if (!performance)
		return error_nomem(err);
	performance->effect = effect;
	performance->caller = *caller;
	status = starters[effect->kind](performance, reach, err);
	if (status)
		perform_free(performance);
	else
		*ret = performance;
	return status;
}

void perform_abandon(struct performance *performance)
{
	if (!performance)
		return;
	if (performance->acting) {
		perform_sql_abandon(performance);
		return;
	}
	kube_cancel(performance->kube);
	http_cancel(performance->http);
	loop_timer_cancel(performance->timer);
	perform_free(performance);
}
