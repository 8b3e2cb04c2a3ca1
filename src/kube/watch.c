/*
 * See watch.h. Two states: a list comes page by page (listed != NULL), or a
 * stream of events is open (or being opened) from the last version. Whatever
 * fails goes through watch_trouble, which tells it once and sets the timer;
 * an empty version makes the next try a list.
 */
#include "kube/watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "kube/watch_private.h"
#include "net/loop.h"

static void watch_try(void *data);

static void watch_free(struct kube_watch *watch)
{
	buf_release(&watch->path);
	buf_release(&watch->next_page);
	buf_release(&watch->lines);
	json_decref(watch->seen);
	json_decref(watch->listed);
	free(watch->namespace_);
	free(watch);
}

void watch_enter(struct kube_watch *watch)
{
	watch->busy++;
}

void watch_leave(struct kube_watch *watch)
{
	if (!--watch->busy && watch->closed)
		watch_free(watch);
}

void watch_again(struct kube_watch *watch, int64_t delay_ms)
{
	if (!watch->closed)
		loop_timer_set(watch->timer, delay_ms);
}

int64_t watch_backoff(struct kube_watch *watch)
{
	int64_t delay = watch->backoff_ms;

	watch->backoff_ms = delay * 2 > KUBE_WATCH_BACKOFF_MAX_MS ?
		KUBE_WATCH_BACKOFF_MAX_MS : delay * 2;
	return delay;
}

void watch_trouble(struct kube_watch *watch, const struct error *err,
			  int64_t retry_ms)
{
	bool told = watch->trouble.code == err->code;
	int64_t delay = watch_backoff(watch);

	watch->open = false;
	watch->trouble = *err;
	if (err->code == ERR_DENIED)
		delay = KUBE_WATCH_DENIED_RETRY_MS;
	if (retry_ms > KUBE_WATCH_RETRY_MAX_MS)
		retry_ms = KUBE_WATCH_RETRY_MAX_MS;
	if (delay < retry_ms)
		delay = retry_ms;
	if (told || watch_tell(watch, KUBE_ERROR, NULL, err))
		watch_again(watch, delay);
}

void watch_forget_version(struct kube_watch *watch)
{
	watch->version[0] = '\0';
	buf_clear(&watch->next_page);
	json_decref(watch->listed);
	watch->listed = NULL;
}

void watch_sign(struct kube_watch *watch)
{
	watch->last_sign = clock_mono_ms();
}

void watch_well(struct kube_watch *watch)
{
	if (!watch->trouble.code)
		return;
	error_clear(&watch->trouble);
	watch_tell(watch, KUBE_RECOVERED, NULL, NULL);
}

void watch_take_version(struct kube_watch *watch, const json_t *object)
{
	const char *version = json_text(object, "metadata/resourceVersion",
					NULL);

	if (version)
		snprintf(watch->version, sizeof(watch->version), "%s", version);
}

static void watch_try(void *data)
{
	struct kube_watch *watch = data;
	struct error err = {0};
	int status;

	watch_enter(watch);
	status = watch->version[0] ? watch_start_stream(watch, &err) :
		watch_start_list(watch, &err);
	if (status)
		watch_trouble(watch, &err, -1);
	watch_leave(watch);
}

static int watch_set_path(struct kube_watch *watch,
			  const struct kube_watch_options *options)
{
	kube_path(&watch->path, options->kind, watch->namespace_, NULL, NULL);
	if (options->label_selector)
		kube_path_query(&watch->path, "labelSelector",
				options->label_selector);
	if (options->field_selector)
		kube_path_query(&watch->path, "fieldSelector",
				options->field_selector);
	return buf_error(&watch->path);
}

int kube_watch_open(struct kube_watch **ret, struct kube_client *client,
		    const struct kube_watch_options *options, struct error *err)
{
	struct kube_watch *watch = calloc(1, sizeof(*watch));
	int status;

	if (!watch)
		return error_nomem(err);
	watch->client = client;
	watch->on_event = options->on_event;
	watch->data = options->data;
	watch->turn_s = options->turn_s ? options->turn_s : KUBE_WATCH_TURN_S;
	watch->quiet_ms = options->quiet_ms ? options->quiet_ms :
		KUBE_WATCH_QUIET_MS;
	watch->backoff_ms = KUBE_WATCH_BACKOFF_MIN_MS;
	buf_init(&watch->path, KUBE_PATH_MAX);
	buf_init(&watch->next_page, KUBE_PATH_MAX);
	buf_init(&watch->lines, KUBE_WATCH_EVENT_MAX);
	watch->seen = json_object();
	watch->namespace_ = strdup(options->namespace_ ? options->namespace_ :
				   kube_client_namespace(client));
	if (!watch->seen || !watch->namespace_)
		status = error_nomem(err);
	else if ((status = watch_set_path(watch, options)))
		error_set(err, (enum error_code)status, NULL,
			  "the selector of a watch is too long");
	else
		status = loop_timer(kube_client_loop(client), 0, LOOP_TIMER_REST,
				    watch_try, watch, &watch->timer, err);
	if (status) {
		watch_free(watch);
		return status;
	}
	*ret = watch;
	return 0;
}

void kube_watch_close(struct kube_watch *watch)
{
	if (!watch)
		return;
	loop_timer_cancel(watch->timer);
	kube_cancel(watch->call);
	watch->timer = NULL;
	watch->call = NULL;
	watch->closed = true;
	if (!watch->busy)
		watch_free(watch);
}

bool kube_watch_synced(const struct kube_watch *watch)
{
	return watch->synced;
}

int64_t kube_watch_age(const struct kube_watch *watch)
{
	int64_t silent = clock_mono_ms() - watch->last_sign;

	if (!watch->synced)
		return -1;
	if (watch->open &&
	    silent <= watch->turn_s * 1000 + KUBE_WATCH_SLACK_MS)
		return 0;
	return silent;
}

const struct error *kube_watch_error(const struct kube_watch *watch)
{
	return watch->trouble.code ? &watch->trouble : NULL;
}
