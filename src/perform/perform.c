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
#include "db/connection.h"
#include "db/dialect.h"
#include "db/seat.h"
#include "kube/client.h"
#include "net/http.h"
#include "net/loop.h"
#include "perform/reach.h"

#define PERFORM_REPLY_MAX (1u << 20)

struct performance {
	const struct effect *effect;
	struct reach *reach;
	perform_fn *callback;
	void *data;
	struct db_connection *connection;       /* SQL in flight */
	struct db_seat seat;                    /* whose turn it is there */
	struct kube_call *kube;
	struct http_call *http;
	struct loop_timer *timer;               /* by hand */
	json_t *body;
	bool abandoned;                         /* SQL: its answer is awaited still */
};

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

static void perform_free(struct performance *performance)
{
	json_decref(performance->body);
	free(performance);
}

static void perform_finish(struct performance *performance,
			   enum perform_outcome outcome, const char *text)
{
	perform_fn *callback = performance->callback;
	void *data = performance->data;
	char safe[PERFORM_TEXT_MAX];

	text_sanitise(safe, sizeof(safe), text);
	perform_free(performance);
	callback(data, outcome, safe);
}

static void perform_fail(struct performance *performance,
			 enum perform_outcome outcome, const struct error *err)
{
	char text[ERROR_WHERE_MAX + ERROR_MESSAGE_MAX];

	error_text(err, text, sizeof(text));
	perform_finish(performance, outcome, text);
}

/* ---- SQL ----------------------------------------------------------------- */

/* The first row that the server sent, or how many rows it changed. */
static size_t perform_sql_row(const struct db_result *result, char *dst,
			      size_t size)
{
	const struct db_rows *rows = NULL;
	size_t used = 0;

	for (size_t i = 0; i < result->set_count && !rows; i++)
		if (result->sets[i].rows)
			rows = &result->sets[i];
	if (!rows)
		return (size_t)snprintf(dst, size, "OK, %" PRIu64
					" rows affected", result->affected);
	dst[0] = '\0';
	for (size_t i = 0; i < rows->columns && used < size; i++)
		used += (size_t)snprintf(dst + used, size - used, "%s%s",
					 i ? ", " : "", rows->cells[i] ?
					 rows->cells[i] : "NULL");
	return used;
}

static void perform_sql_answer(const struct performance *performance,
			       const struct db_result *result, char *dst,
			       size_t size)
{
	size_t used = perform_sql_row(result, dst, size);

	if (performance->seat.killed && used < size)
		snprintf(dst + used, size - used,
			 _("; session %" PRId64 " of an earlier act had not ended and was killed first"),
			 performance->seat.killed);
}

/* The seat is left; or, where the answer was lost, that session is seen to its
 * end, so that the statement lands soon or never. One that was cancelled has
 * answered: it is over, and its session has the seat still. */
static void perform_sql_leave(struct performance *performance,
			      const struct db_result *result,
			      const struct error *err)
{
	if (err && err->code != ERR_CANCELLED &&
	    perform_outcome_of(err, result->sent) == PERFORM_UNKNOWN)
		reach_settle(performance->reach, performance->connection);
	else
		db_seat_leave(performance->connection);
}

static void perform_sql_done(void *data, const struct db_result *result,
			     const struct error *err)
{
	struct performance *performance = data;
	char text[PERFORM_TEXT_MAX];
	int verb;

	perform_sql_leave(performance, result, err);
	/* nobody waits any more, and the effect may be gone */
	if (performance->abandoned) {
		perform_free(performance);
		return;
	}
	verb = performance->effect->verb;
	if (err && verb >= 0 &&
	    db_dialect_is_done_already((enum db_verb)verb, err)) {
		snprintf(text, sizeof(text), _("was so already: %s"),
			 err->message);
		perform_finish(performance, PERFORM_DONE, text);
		return;
	}
	if (err) {
		perform_fail(performance,
			     perform_outcome_of(err, result->sent), err);
		return;
	}
	perform_sql_answer(performance, result, text, sizeof(text));
	perform_finish(performance, PERFORM_DONE, text);
}

/* It is our turn there, or nothing is sent. */
static void perform_sql_seated(void *data, const struct error *err)
{
	struct performance *performance = data;
	const struct effect *effect = performance->effect;
	struct error why = {0};

	if (performance->abandoned) {
		if (!err)
			db_seat_leave(performance->connection);
		perform_free(performance);
		return;
	}
	if (err)
		why = *err;
	else if (db_seat_query(&performance->seat, effect->request,
			       effect->within_ms, perform_sql_done,
			       performance, &why))
		db_seat_leave(performance->connection);
	if (why.code)
		perform_fail(performance, PERFORM_FAILED, &why);
}

static int perform_sql(struct performance *performance, struct reach *reach,
		       struct error *err)
{
	const struct effect *effect = performance->effect;

	performance->reach = reach;
	performance->connection = reach_acting(reach, effect->connection);
	return db_seat_take(&performance->seat, performance->connection,
			    perform_sql_seated, performance, err);
}

/* ---- Kubernetes ---------------------------------------------------------- */

static void perform_kube_done(void *data, const struct kube_reply *reply,
			      const struct error *err)
{
	struct performance *performance = data;
	char text[PERFORM_TEXT_MAX];

	if (err) {
		/* it said yes, and what else it said was not understood */
		perform_fail(performance, reply->status / 100 == 2 ?
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
		.timeout_ms = effect->within_ms, .on_done = perform_kube_done,
		.data = performance,
	};

	if (json_parse(effect->body, strlen(effect->body), JSON_DECODE_ANY,
		       &performance->body, NULL))
		return error_nomem(err);        /* the plan made the text */
	request.body = performance->body;
	return kube_request(reach_cluster(reach), &request, &performance->kube,
			    err);
}

/* ---- HTTP ---------------------------------------------------------------- */

/* A gateway's answer says nothing about what stands behind it. */
static bool perform_status_is_unknown(int status)
{
	return status == 502 || status == 504;
}

static void perform_http_done(void *data, const struct http_reply *reply,
			      const struct error *err)
{
	struct performance *performance = data;
	int64_t expect = performance->effect->expect;
	bool good = expect ? reply->status == expect :
			     reply->status / 100 == 2;
	char text[PERFORM_TEXT_MAX];

	if (err) {
		perform_fail(performance,
			     perform_outcome_of(err, reply->sent), err);
		return;
	}
	snprintf(text, sizeof(text), "%s%d %.400s",
		 good ? "" : _("answered "), reply->status, reply->body);
	perform_finish(performance, good ? PERFORM_DONE :
		       perform_status_is_unknown(reply->status) ?
		       PERFORM_UNKNOWN : PERFORM_FAILED, text);
}

static int perform_http(struct performance *performance, struct reach *reach,
			struct error *err)
{
	static const char *const headers[] = {"Content-Type: application/json"};
	const struct effect *effect = performance->effect;
	const struct http_callbacks callbacks = {
		.on_done = perform_http_done, .data = performance,
	};
	struct http_request request = {
		.method = effect->method, .url = effect->path,
		.headers = headers, .header_count = 1, .body = effect->body,
		.body_len = strlen(effect->body),
		.timeout_ms = effect->within_ms, .max_reply = PERFORM_REPLY_MAX,
	};
	char token[SECRET_MAX] = "";
	int status = 0;

	if (effect->token_file && effect->token_file[0])
		status = secret_read(effect->token_file, token, err);
	if (token[0])
		request.bearer = token;
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
	return loop_timer(reach_loop(reach), 0, 0, perform_manual_done,
			  performance, &performance->timer, err);
}

int perform_start(struct reach *reach, const struct effect *effect,
		  perform_fn *callback, void *data, struct performance **ret,
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
	performance->callback = callback;
	performance->data = data;
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
	if (performance->connection) {
		/* its answer still comes, and frees it then */
		performance->abandoned = true;
		db_cancel(performance->connection);
		return;
	}
	kube_cancel(performance->kube);
	http_cancel(performance->http);
	loop_timer_cancel(performance->timer);
	perform_free(performance);
}
