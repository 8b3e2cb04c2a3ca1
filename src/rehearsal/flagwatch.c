/* See flagwatch.h. */
#include "rehearsal/flagwatch.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "rehearsal/flag.h"

#define URL_MAX 512
#define REPLY_MAX 4096
#define REQUEST_LIMIT_MS 10000L /* longer than the service holds one back */
#define RETRY_MS 100            /* after an answer that was none */
#define WAIT_MS 1000

enum seat_state {
	SEAT_IDLE,              /* asks again at due_ms */
	SEAT_ASKING,            /* a request is under way */
};

/* Shared with other threads: enabled, known, left. The rest is the thread's. */
struct flagwatch_seat {
	struct flagwatch *watch;
	struct flagwatch_seat *next;
	atomic_bool enabled, known, left;
	enum seat_state state;
	int64_t due_ms;
	int64_t number;         /* of the state last read */
	char url[URL_MAX];      /* "" for the ConfigMap */
	CURL *easy;
	struct curl_slist *headers;
	struct buf reply;
};

struct flagwatch {
	CURLM *multi;
	int poll_ms;
	pthread_t thread;
	bool has_thread;
	struct flagwatch_seat *seats;   /* the thread's */
	pthread_mutex_t lock;           /* guards all below */
	struct flagwatch_seat *joining;
	bool closing;
	bool configmap, configmap_known;
	int64_t configmap_due_ms;
};

static void seat_free(struct flagwatch_seat *seat)
{
	if (seat->easy)
		curl_easy_cleanup(seat->easy);
	curl_slist_free_all(seat->headers);
	buf_release(&seat->reply);
	free(seat);
}

static size_t seat_write(char *bytes, size_t size, size_t count, void *data)
{
	struct flagwatch_seat *seat = data;

	return buf_append(&seat->reply, bytes, size * count) ? 0 :
	       size * count;
}

static size_t seat_header(char *bytes, size_t size, size_t count, void *data)
{
	static const char name[] = FLAG_NUMBER_HEADER ": ";
	struct flagwatch_seat *seat = data;
	size_t len = size * count, skip = sizeof(name) - 1;
	char value[24];

	if (len > skip && len - skip < sizeof(value) &&
	    !strncasecmp(bytes, name, skip)) {
		memcpy(value, bytes + skip, len - skip);
		value[len - skip] = '\0';
		value[strcspn(value, "\r\n")] = '\0';
		text_parse_int(value, 0, INT64_MAX, &seat->number);
	}
	return len;
}

static int seat_prepare(struct flagwatch_seat *seat, const char *token,
			struct error *err)
{
	char header[256];

	seat->easy = curl_easy_init();
	snprintf(header, sizeof(header), "Authorization: Bearer %s", token);
	seat->headers = curl_slist_append(NULL, header);
	explicit_bzero(header, sizeof(header));
	if (!seat->easy || !seat->headers)
		return error_nomem(err);
	curl_easy_setopt(seat->easy, CURLOPT_HTTPHEADER, seat->headers);
	curl_easy_setopt(seat->easy, CURLOPT_PRIVATE, seat);
	curl_easy_setopt(seat->easy, CURLOPT_WRITEFUNCTION, seat_write);
	curl_easy_setopt(seat->easy, CURLOPT_WRITEDATA, seat);
	curl_easy_setopt(seat->easy, CURLOPT_HEADERFUNCTION, seat_header);
	curl_easy_setopt(seat->easy, CURLOPT_HEADERDATA, seat);
	curl_easy_setopt(seat->easy, CURLOPT_TIMEOUT_MS, REQUEST_LIMIT_MS);
	curl_easy_setopt(seat->easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(seat->easy, CURLOPT_PROXY, "");
	return 0;
}

static void seat_ask(struct flagwatch_seat *seat)
{
	char url[URL_MAX + 32];

	snprintf(url, sizeof(url), "%s", seat->url);
	if (!seat->watch->poll_ms)
		snprintf(url, sizeof(url), "%s?after=%lld", seat->url,
			 (long long)seat->number);
	buf_clear(&seat->reply);
	curl_easy_setopt(seat->easy, CURLOPT_URL, url);
	seat->due_ms = clock_mono_ms() + RETRY_MS;
	if (!curl_multi_add_handle(seat->watch->multi, seat->easy))
		seat->state = SEAT_ASKING;
}

static void seat_set(struct flagwatch_seat *seat, bool enabled)
{
	atomic_store(&seat->enabled, enabled);
	atomic_store(&seat->known, true);
}

static void seat_answered(struct flagwatch_seat *seat, CURLcode code)
{
	json_t *reply = NULL;
	const json_t *enabled;
	long status = 0;

	curl_easy_getinfo(seat->easy, CURLINFO_RESPONSE_CODE, &status);
	if (code == CURLE_OK && status == 200 && seat->reply.len)
		reply = json_loadb(seat->reply.data, seat->reply.len, 0, NULL);
	enabled = json_at(reply, "enabled");
	seat->due_ms = clock_mono_ms() + RETRY_MS;
	if (json_is_boolean(enabled)) {
		seat_set(seat, json_is_true(enabled));
		seat->due_ms = seat->watch->poll_ms ?
			clock_mono_ms() + seat->watch->poll_ms : 0;
	}
	json_decref(reply);
}

static void flagwatch_collect(struct flagwatch *watch)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(watch->multi, &left))) {
		struct flagwatch_seat *seat = NULL;
		CURLcode code = message->data.result;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE,
				  &seat);
		curl_multi_remove_handle(watch->multi, seat->easy);
		seat->state = SEAT_IDLE;
		seat_answered(seat, code);
	}
}

/* Seats come and go; idle ones ask. Returns how long nothing is due, in ms. */
static int flagwatch_tend(struct flagwatch *watch)
{
	struct flagwatch_seat **link = &watch->seats;
	int64_t now = clock_mono_ms(), next = now + WAIT_MS;

	while (*link) {
		struct flagwatch_seat *seat = *link;

		if (atomic_load(&seat->left)) {
			if (seat->state == SEAT_ASKING)
				curl_multi_remove_handle(watch->multi,
							 seat->easy);
			*link = seat->next;
			seat_free(seat);
			continue;
		}
		if (seat->url[0] && seat->state == SEAT_IDLE) {
			if (seat->due_ms <= now)
				seat_ask(seat);
			else if (seat->due_ms < next)
				next = seat->due_ms;
		}
		link = &seat->next;
	}
	return (int)(next - now);
}

/* What other threads have left for this one; false: the end. Shortens
 * *wait_ms to when the ConfigMap's change is due. */
static bool flagwatch_take(struct flagwatch *watch, int *wait_ms)
{
	int64_t now = clock_mono_ms();
	bool on, go_on;

	pthread_mutex_lock(&watch->lock);
	while (watch->joining) {
		struct flagwatch_seat *seat = watch->joining;

		watch->joining = seat->next;
		seat->next = watch->seats;
		watch->seats = seat;
		*wait_ms = 0;
	}
	on = watch->configmap_known && watch->configmap_due_ms <= now;
	if (watch->configmap_known && !on &&
	    watch->configmap_due_ms - now < *wait_ms)
		*wait_ms = (int)(watch->configmap_due_ms - now);
	for (struct flagwatch_seat *seat = watch->seats; on && seat;
	     seat = seat->next)
		if (!seat->url[0])
			seat_set(seat, watch->configmap);
	go_on = !watch->closing;
	pthread_mutex_unlock(&watch->lock);
	return go_on;
}

static void *flagwatch_run(void *data)
{
	struct flagwatch *watch = data;
	int wait_ms = 0, running;

	while (flagwatch_take(watch, &wait_ms)) {
		curl_multi_poll(watch->multi, NULL, 0, wait_ms, NULL);
		curl_multi_perform(watch->multi, &running);
		flagwatch_collect(watch);
		wait_ms = flagwatch_tend(watch);
	}
	flagwatch_tend(watch);
	return NULL;
}

int flagwatch_open(struct flagwatch **ret, int poll_ms, struct error *err)
{
	struct flagwatch *watch = calloc(1, sizeof(*watch));

	if (!watch)
		return error_nomem(err);
	pthread_mutex_init(&watch->lock, NULL);
	watch->poll_ms = poll_ms;
	watch->multi = curl_multi_init();
	watch->has_thread = watch->multi &&
		!pthread_create(&watch->thread, NULL, flagwatch_run, watch);
	if (!watch->has_thread) {
		flagwatch_close(watch);
		return error_nomem(err);
	}
	*ret = watch;
	return 0;
}

void flagwatch_close(struct flagwatch *watch)
{
	if (!watch)
		return;
	if (watch->has_thread) {
		pthread_mutex_lock(&watch->lock);
		watch->closing = true;
		pthread_mutex_unlock(&watch->lock);
		curl_multi_wakeup(watch->multi);
		pthread_join(watch->thread, NULL);
	}
	curl_multi_cleanup(watch->multi);
	pthread_mutex_destroy(&watch->lock);
	free(watch);
}

int flagwatch_join(struct flagwatch *watch, const char *source,
		   const char *token, struct flagwatch_seat **ret,
		   struct error *err)
{
	size_t skip = sizeof(FLAGWATCH_CONFIGMAP) - 1;
	struct flagwatch_seat *seat = calloc(1, sizeof(*seat));

	if (!seat)
		return error_nomem(err);
	seat->watch = watch;
	buf_init(&seat->reply, REPLY_MAX);
	if (strncmp(source, FLAGWATCH_CONFIGMAP, skip) != 0) {
		snprintf(seat->url, sizeof(seat->url), "%s", source);
		if (seat_prepare(seat, token, err)) {
			seat_free(seat);
			return ERR_NOMEM;
		}
	}
	pthread_mutex_lock(&watch->lock);
	seat->next = watch->joining;
	watch->joining = seat;
	pthread_mutex_unlock(&watch->lock);
	curl_multi_wakeup(watch->multi);
	*ret = seat;
	return 0;
}

void flagwatch_leave(struct flagwatch_seat *seat)
{
	struct flagwatch *watch = seat->watch;

	atomic_store(&seat->left, true);
	curl_multi_wakeup(watch->multi);
}

bool flagwatch_enabled(void *data)
{
	struct flagwatch_seat *seat = data;

	return atomic_load(&seat->enabled);
}

bool flagwatch_is_known(const struct flagwatch_seat *seat)
{
	return atomic_load(&seat->known);
}

void flagwatch_configmap(struct flagwatch *watch, bool enabled)
{
	pthread_mutex_lock(&watch->lock);
	watch->configmap = enabled;
	watch->configmap_due_ms = watch->configmap_known ?
		clock_mono_ms() + FLAGWATCH_CONFIGMAP_DELAY_MS : 0;
	watch->configmap_known = true;
	pthread_mutex_unlock(&watch->lock);
	curl_multi_wakeup(watch->multi);
}
