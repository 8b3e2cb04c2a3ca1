/* See observe_flag.h. */
#include "observe/observe_flag.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "base/secret.h"
#include "base/text.h"
#include "net/http.h"
#include "net/loop.h"

#define OBSERVE_FLAG_LIMIT_MS 3000
#define OBSERVE_FLAG_REPLY_MAX (1u << 20)

struct observe_flag {
	struct loop *loop;
	const struct flag_http *http;
	struct facts_flag *facts;
	struct http_call *call;
	int64_t asked_ms;
	void (*changed)(void *data);
	void *data;
};

static void observe_flag_problem(struct observe_flag *flag, const char *text)
{
	text_sanitise(flag->facts->stamp.problem,
		      sizeof(flag->facts->stamp.problem), text);
}

static void observe_flag_read(struct observe_flag *flag,
			      const struct http_reply *reply)
{
	json_t *body = NULL;
	int status = json_parse(reply->body, reply->len, 0, &body, NULL);
	const json_t *value = json_at(body, flag->http->value);

	if (status == ERR_NOMEM) {
		observe_flag_problem(flag, _("out of memory"));
	} else if (json_is_boolean(value)) {
		flag->facts->on = json_is_true(value);
		/* what it says was true when it was asked, or later */
		flag->facts->stamp.at_ms = flag->asked_ms;
		flag->facts->stamp.problem[0] = '\0';
	} else {
		observe_flag_problem(flag,
			_("the answer does not say whether the flag is on"));
	}
	json_decref(body);
}

static void observe_flag_done(void *data, const struct http_reply *reply,
			      const struct error *err)
{
	struct observe_flag *flag = data;
	char text[64];

	flag->call = NULL;
	if (err) {
		observe_flag_problem(flag, err->message);
	} else if (reply->status != 200) {
		snprintf(text, sizeof(text), _("the service answered %d"),
			 reply->status);
		observe_flag_problem(flag, text);
	} else {
		observe_flag_read(flag, reply);
	}
	flag->changed(flag->data);
}

int observe_flag_open(struct loop *loop, const struct flag_http *http,
		      struct facts_flag *facts, void (*changed)(void *data),
		      void *data, struct observe_flag **ret,
		      struct error *err)
{
	struct observe_flag *flag = calloc(1, sizeof(*flag));
	char where[HTTP_WHERE_MAX];
	int status;

	if (!flag)
		return error_nomem(err);
	flag->loop = loop;
	flag->http = http;
	flag->facts = facts;
	flag->changed = changed;
	flag->data = data;
	status = http_where(http->url, where, err);
	if (status) {
		free(flag);
		return error_wrap(err, _("the flag's url"));
	}
	snprintf(facts->where, sizeof(facts->where), "%s", where);
	*ret = flag;
	return 0;
}

void observe_flag_close(struct observe_flag *flag)
{
	if (!flag)
		return;
	http_cancel(flag->call);
	free(flag);
}

void observe_flag_round(struct observe_flag *flag)
{
	const struct http_callbacks callbacks = {
		.on_done = observe_flag_done, .data = flag,
	};
	struct http_request request = {
		.url = flag->http->url,
		.token_header = flag->http->token_header,
		.timeout_ms = OBSERVE_FLAG_LIMIT_MS,
		.max_reply = OBSERVE_FLAG_REPLY_MAX,
	};
	struct error err = {0};
	char token[SECRET_MAX] = "";
	int status = 0;

	if (flag->call)
		return;
	if (flag->http->token_file[0])
		status = secret_read(flag->http->token_file, token, &err);
	if (token[0])
		request.token = token;
	flag->asked_ms = loop_now(flag->loop);
	if (!status)
		status = http_send(flag->loop, &request, &callbacks,
				   &flag->call, &err);
	text_wipe(token, sizeof(token));
	if (status)
		observe_flag_problem(flag, err.message);
}
