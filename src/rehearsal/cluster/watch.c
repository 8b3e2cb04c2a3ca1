/* See watch.h. */
#include "rehearsal/cluster/watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "rehearsal/cluster/bookmark.h"
#include "rehearsal/cluster/object.h"
#include "rehearsal/cluster/resource.h"
#include "rehearsal/cluster/selector.h"
#include "rehearsal/cluster/store.h"

#define WATCHES_MAX 1024
#define PENDING_MAX (64u << 20)
/* Objects are turned into text until this much waits to be sent. */
#define PENDING_ENOUGH (64u << 10)
#define BOOKMARK_MS 60000
#define TIMEOUT_MS 1800000
#define SELECTOR_TEXT_MAX 4096

struct watch {
	struct watch_hub *hub;
	struct watch *next;
	struct watch_options options;
	char label_selector[SELECTOR_TEXT_MAX];
	char field_selector[SELECTOR_TEXT_MAX];
	struct selector *selector;
	void (*unpark)(void *);
	void *data;
	int64_t version;        /* sent up to here */
	json_t *initial;        /* objects to send as ADDED first, or NULL */
	size_t initial_sent;
	bool initial_mark;      /* an initial-events-end is due */
	bool expired;           /* the position is too old: say so and end */
	bool columns_sent;
	bool parked, ended;
	int64_t deadline, bookmark_at;
	struct buf pending;
};

struct watch_hub {
	struct store *store;
	struct store_listener listener;
	struct watch *watches;
	size_t count;
	bool closed;
};

/* With the store locked. */
static void wake(struct watch *watch)
{
	if (!watch->parked)
		return;
	watch->parked = false;
	watch->unpark(watch->data);
}

static void on_change(void *data, const struct store_change *change)
{
	struct watch_hub *hub = data;

	for (struct watch *w = hub->watches; w; w = w->next)
		if (w->options.request.resource == change->resource)
			wake(w);
		else if (w->parked)     /* it has missed nothing: it never expires */
			w->version = change->version;
}

struct watch_hub *watch_hub_new(struct store *store)
{
	struct watch_hub *hub = calloc(1, sizeof(*hub));

	if (!hub)
		return NULL;
	hub->store = store;
	hub->listener.fn = on_change;
	hub->listener.data = hub;
	store_lock(store);
	store_listen(store, &hub->listener);
	store_unlock(store);
	return hub;
}

void watch_hub_free(struct watch_hub *hub)
{
	if (!hub)
		return;
	store_lock(hub->store);
	store_unlisten(hub->store, &hub->listener);
	store_unlock(hub->store);
	free(hub);
}

void watch_hub_close(struct watch_hub *hub, bool closed)
{
	store_lock(hub->store);
	hub->closed = closed;
	for (struct watch *w = hub->watches; closed && w; w = w->next)
		wake(w);
	store_unlock(hub->store);
}

static int64_t due_at(const struct watch *watch)
{
	if (watch->options.bookmarks && watch->bookmark_at < watch->deadline)
		return watch->bookmark_at;
	return watch->deadline;
}

int64_t watch_hub_tick(struct watch_hub *hub)
{
	int64_t now = clock_mono_ms(), next = -1;

	for (struct watch *w = hub->watches; w; w = w->next) {
		int64_t left = due_at(w) - now;

		if (left <= 0)
			wake(w);
		else if (next < 0 || left < next)
			next = left;
	}
	return next;
}

static const char *keep(char *dst, const char *text)
{
	snprintf(dst, SELECTOR_TEXT_MAX, "%s", text ? text : "");
	return text ? dst : NULL;
}

/* All objects that are selected now, to be sent first. */
static int collect_initial(struct watch *watch)
{
	struct store *store = watch->hub->store;
	const struct resource *resource = watch->options.request.resource;
	int bad = 0;

	watch->initial = json_array();
	for (size_t i = 0; i < store_count(store, resource); i++) {
		json_t *object = store_at(store, resource, i);

		if (api_selects(&watch->options.request, watch->selector,
				object))
			bad |= json_array_append(watch->initial, object);
	}
	watch->version = store_version(store);
	return bad || !watch->initial ? -1 : 0;
}

/* Where the stream begins. With the store locked. */
static int position(struct watch *watch, struct answer *answer)
{
	const char *text = watch->options.request.version;
	int64_t version = 0;

	if (text && *text && text_parse_int(text, 0, INT64_MAX, &version)) {
		status_bad_request(answer, "resourceVersion: Invalid value: "
				   "\"%s\"", text);
		return -1;
	}
	if (!version || watch->options.initial_events) {
		watch->initial_mark = watch->options.initial_events;
		if (!collect_initial(watch))
			return 0;
		answer_set(answer, 500, NULL);
		return -1;
	}
	watch->version = version;
	watch->expired = version < store_floor(watch->hub->store);
	return 0;
}

/* Puts it into the hub, if there is room. With the store locked. */
static int enlist(struct watch *watch, struct answer *answer)
{
	struct watch_hub *hub = watch->hub;

	if (hub->count >= WATCHES_MAX || hub->closed) {
		answer_set(answer, 429, status_object(
			429, "TooManyRequests", NULL,
			"too many watches, please try again later"));
		return -1;
	}
	if (position(watch, answer))
		return -1;
	hub->count++;
	watch->next = hub->watches;
	hub->watches = watch;
	store_wake(hub->store);         /* whoever ticks has a new deadline */
	return 0;
}

static void watch_free(struct watch *watch)
{
	selector_free(watch->selector);
	json_decref(watch->initial);
	buf_release(&watch->pending);
	free(watch);
}

struct watch *watch_open(struct watch_hub *hub,
			 const struct watch_options *options,
			 void (*unpark)(void *data), void *data,
			 struct answer *answer)
{
	struct watch *watch = calloc(1, sizeof(*watch));
	int64_t now = clock_mono_ms(), timeout = options->timeout_ms;
	int rc;

	if (!watch) {
		answer_set(answer, 500, NULL);
		return NULL;
	}
	watch->hub = hub;
	watch->options = *options;
	watch->unpark = unpark;
	watch->data = data;
	watch->deadline = now + (timeout > 0 ? timeout
				 : TIMEOUT_MS + random() % TIMEOUT_MS);
	watch->bookmark_at = now + BOOKMARK_MS;
	watch->options.request.label_selector =
		keep(watch->label_selector, options->request.label_selector);
	watch->options.request.field_selector =
		keep(watch->field_selector, options->request.field_selector);
	buf_init(&watch->pending, PENDING_MAX);
	if (api_selector(&watch->selector, &watch->options.request, answer)) {
		watch_free(watch);
		return NULL;
	}
	store_lock(hub->store);
	rc = enlist(watch, answer);
	watch->options.request.version = NULL;  /* the caller's */
	store_unlock(hub->store);
	if (!rc)
		return watch;
	watch_free(watch);
	return NULL;
}

void watch_close(struct watch *watch)
{
	struct watch **at;

	if (!watch)
		return;
	store_lock(watch->hub->store);
	for (at = &watch->hub->watches; *at != watch; at = &(*at)->next)
		;
	*at = watch->next;
	watch->hub->count--;
	store_unlock(watch->hub->store);
	watch_free(watch);
}

/* --- events ----------------------------------------------------------- */

/* Appends one line; takes object. */
static void emit(struct watch *watch, const char *type, json_t *object)
{
	json_t *event = json_pack("{s:s,s:o}", "type", type, "object", object);
	char *text = event ? json_dumps(event, JSON_COMPACT) : NULL;

	if (!text || buf_puts(&watch->pending, text) ||
	    buf_puts(&watch->pending, "\n"))
		watch->ended = true;    /* better cut off than with a gap */
	free(text);
	json_decref(event);
}

static void emit_object(struct watch *watch, const char *type,
			const json_t *object)
{
	const struct watch_options *options = &watch->options;
	json_t *shown;

	if (options->form == WATCH_TABLE)
		shown = table_of(options->request.resource, object,
				 options->include, !watch->columns_sent);
	else if (options->form == WATCH_METADATA)
		shown = table_metadata_of(object);
	else
		shown = json_incref((json_t *)object);
	watch->columns_sent = true;
	emit(watch, type, shown);
}

static void emit_bookmark(struct watch *watch, bool initial)
{
	emit(watch, "BOOKMARK", bookmark_object(
		watch->options.request.resource, watch->version, initial));
	watch->bookmark_at = clock_mono_ms() + BOOKMARK_MS;
}

/*
 * What a change means to this watch: an object that has come to be selected is
 * ADDED to it, one that no longer is, DELETED, as it was when it last was.
 */
static void emit_change(struct watch *watch, const struct store_change *change)
{
	const struct api_request *request = &watch->options.request;
	bool now, before;
	json_t *last;

	watch->version = change->version;
	if (change->resource != request->resource)
		return;
	now = change->type != CHANGE_DELETED &&
	      api_selects(request, watch->selector, change->object);
	before = change->before &&
		 api_selects(request, watch->selector, change->before);
	if (now)
		emit_object(watch, before ? "MODIFIED" : "ADDED",
			    change->object);
	if (now || !before)
		return;
	last = store_last_state(change->before, change->version);
	watch->ended |= !last;
	if (last)
		emit_object(watch, "DELETED", last);
	json_decref(last);
}

static void emit_expired(struct watch *watch)
{
	emit(watch, "ERROR", status_object(
		410, "Expired", NULL,
		"too old resource version: %lld (%lld)",
		(long long)watch->version,
		(long long)store_floor(watch->hub->store)));
	watch->ended = true;
}

static void emit_initial(struct watch *watch)
{
	const json_t *object;

	while (watch->pending.len < PENDING_ENOUGH &&
	       (object = json_array_get(watch->initial,
					watch->initial_sent++)))
		emit_object(watch, "ADDED", object);
	if (watch->initial_sent <= json_array_size(watch->initial))
		return;
	json_decref(watch->initial);
	watch->initial = NULL;
	if (watch->initial_mark)
		emit_bookmark(watch, true);
}

/* Makes text of what is due. With the store locked. */
static void fill(struct watch *watch)
{
	struct store *store = watch->hub->store;
	const struct store_change *change;
	int64_t now = clock_mono_ms();

	if (watch->expired || watch->version < store_floor(store))
		return emit_expired(watch);
	if (watch->initial)
		emit_initial(watch);
	while (!watch->initial && watch->pending.len < PENDING_ENOUGH &&
	       (change = store_after(store, watch->version)))
		emit_change(watch, change);
	if (watch->pending.len)
		return;
	if (now >= watch->deadline || watch->hub->closed)
		watch->ended = true;
	if (watch->options.bookmarks &&
	    (watch->ended || now >= watch->bookmark_at))
		emit_bookmark(watch, false);
}

ssize_t watch_read(struct watch *watch, char *dst, size_t size,
		   void (*park)(void *data))
{
	struct buf *pending = &watch->pending;

	store_lock(watch->hub->store);
	if (!pending->len && !watch->ended)
		fill(watch);
	if (!pending->len && !watch->ended) {
		watch->parked = true;
		park(watch->data);
	}
	store_unlock(watch->hub->store);
	if (!pending->len)
		return watch->ended ? WATCH_END : WATCH_PARKED;
	if (size > pending->len)
		size = pending->len;
	memcpy(dst, pending->data, size);
	buf_consume(pending, size);
	return (ssize_t)size;
}
