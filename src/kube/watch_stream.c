/* The stream of a watch: whole lines out of chunks, events out of lines. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "kube/client_private.h"
#include "kube/watch_private.h"

#define WATCH_SHORT_MS 1000     /* an empty turn shorter than this backs off */

static int watch_error_event(struct kube_watch *watch, const json_t *object,
			     struct error *err)
{
	int code = (int)json_number(object, "code", 0);

	watch_forget_version(watch);
	watch->asked_ms = 1000 * json_number(object,
					     "details/retryAfterSeconds", -1);
	return kube_status_error(code < 400 ? 500 : code, object,
				 kube_client_where(watch->client), err);
}

/* 0, ERR_CANCELLED, or what ends this stream. */
static int watch_event(struct kube_watch *watch, const json_t *json,
		       struct error *err)
{
	const char *type = json_text(json, "type", "");
	const json_t *object = json_at(json, "object");
	int status = 0;

	if (!strcmp(type, "ERROR"))
		return watch_error_event(watch, object, err);
	if (!strcmp(type, "DELETED"))
		status = watch_seen_deleted(watch, object);
	else if (!strcmp(type, "ADDED") || !strcmp(type, "MODIFIED"))
		status = watch_seen_object(watch, object, err);
	if (!status)
		watch_take_version(watch, object);
	return status;
}

static int watch_line(struct kube_watch *watch, const char *line, size_t len,
		      struct error *err)
{
	json_t *json;
	int status;

	if (!len || (len == 1 && *line == '\r'))
		return 0;
	status = json_parse(line, len, JSON_ALLOW_NUL, &json, NULL);
	watch->events++;
	if (!status) {
		status = watch_event(watch, json, err);
		json_decref(json);
		return status;
	}
	watch_forget_version(watch);
	if (status == ERR_NOMEM)
		return error_nomem(err);
	return error_set(err, ERR_REMOTE, kube_client_where(watch->client),
			 "an event of the watch is not JSON");
}

/* Takes the whole lines out of the buffer. */
static int watch_lines(struct kube_watch *watch, struct error *err)
{
	const char *line = watch->lines.data;
	const char *end = line + watch->lines.len, *feed;
	int status = 0;

	while (!status && (feed = memchr(line, '\n', (size_t)(end - line)))) {
		status = watch_line(watch, line, (size_t)(feed - line), err);
		line = feed + 1;
	}
	buf_consume(&watch->lines, (size_t)(line - watch->lines.data));
	return status;
}

/* Ends the stream from our side. */
static void watch_stop(struct kube_watch *watch, int status,
		       const struct error *err)
{
	if (status == ERR_CANCELLED)
		return;
	kube_cancel(watch->call);
	watch->call = NULL;
	watch->open = false;
	if (status == ERR_GONE)         /* the usual way to lose one's place */
		watch_again(watch, 0);
	else
		watch_trouble(watch, err, watch->asked_ms);
}

static void watch_on_open(void *data)
{
	struct kube_watch *watch = data;

	watch_enter(watch);
	watch->open = true;
	watch->opened = clock_mono_ms();
	watch->events = 0;
	watch_sign(watch);
	watch_well(watch);
	watch_leave(watch);
}

static void watch_on_data(void *data, const char *bytes, size_t len)
{
	struct kube_watch *watch = data;
	struct error err = {0};
	int status;

	watch_enter(watch);
	watch_sign(watch);
	watch->asked_ms = -1;
	status = buf_append(&watch->lines, bytes, len);
	if (status == ERR_NOMEM)
		error_nomem(&err);
	else if (status)
		error_set(&err, (enum error_code)status,
			  kube_client_where(watch->client),
			  "an event of more than %u bytes",
			  KUBE_WATCH_EVENT_MAX);
	else
		status = watch_lines(watch, &err);
	if (status)
		watch_stop(watch, status, &err);
	watch_leave(watch);
}

static void watch_on_end(void *data, const struct kube_reply *reply,
			 const struct error *err)
{
	struct kube_watch *watch = data;
	bool empty = !watch->events &&
		clock_mono_ms() - watch->opened < WATCH_SHORT_MS;

	watch_enter(watch);
	watch->call = NULL;
	if (err && err->code == ERR_GONE) {
		watch_forget_version(watch);
		watch->open = false;
		watch_again(watch, 0);
	} else if (err) {
		watch_trouble(watch, err, reply->retry_after_ms);
	} else {
		/* until the next one is open, nobody would tell */
		watch->open = false;
		watch_sign(watch);
		if (!empty)
			watch->backoff_ms = KUBE_WATCH_BACKOFF_MIN_MS;
		watch_again(watch, empty ? watch_backoff(watch) : 0);
	}
	watch_leave(watch);
}

int watch_start_stream(struct kube_watch *watch, struct error *err)
{
	struct kube_stream stream = {
		.idle_ms = watch->quiet_ms,
		.on_open = watch_on_open,
		.on_data = watch_on_data,
		.on_done = watch_on_end,
		.data = watch,
	};
	char turn[24];
	struct buf path;
	int status;

	snprintf(turn, sizeof(turn), "%" PRId64, watch->turn_s);
	buf_init(&path, KUBE_PATH_MAX);
	buf_puts(&path, watch->path.data);
	kube_path_query(&path, "watch", "1");
	kube_path_query(&path, "resourceVersion", watch->version);
	kube_path_query(&path, "allowWatchBookmarks", "true");
	kube_path_query(&path, "timeoutSeconds", turn);
	buf_clear(&watch->lines);
	stream.path = path.data;
	status = buf_error(&path) ? error_nomem(err) :
		kube_stream(watch->client, &stream, &watch->call, err);
	buf_release(&path);
	return status;
}
