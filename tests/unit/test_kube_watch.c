/* Units of kube/watch and kube/cache, on streams of a real API server and on
 * every way in which one ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "kube/cache.h"
#include "kube/watch.h"
#include "kube_fixture.h"
#include "kube_sample.h"
#include "net/loop.h"

#define LOG_MAX 65536

/* Everything a watch told, as one line: "+a ~b -c S E(code) R". */
struct told {
	struct kube_watch *watch;
	struct buf log;
	const char *until;      /* done when the log ends so */
	bool close_then, done;
};

static void on_event(void *data, enum kube_event event, const json_t *object,
		     const struct error *err)
{
	static const char *const marks[] = {
		[KUBE_SYNCED] = "S", [KUBE_ADDED] = "+", [KUBE_MODIFIED] = "~",
		[KUBE_DELETED] = "-", [KUBE_ERROR] = "E", [KUBE_RECOVERED] = "R",
	};
	struct told *told = data;
	size_t want = strlen(told->until);

	buf_printf(&told->log, "%s%s", told->log.len ? " " : "",
		   marks[event]);
	if (object)
		buf_puts(&told->log, json_text(object, "metadata/name", "?"));
	if (err)
		buf_printf(&told->log, "(%d)", err->code);
	told->done = told->log.len >= want &&
		!strcmp(told->log.data + told->log.len - want, told->until);
	if (told->done && told->close_then) {
		kube_watch_close(told->watch);
		told->watch = NULL;
	}
}

/* Watches pods until the log ends as told; the log must then be expected. */
static void watch_pods(struct kube_fixture *f, struct told *told,
		       const char *until, const char *expected, int64_t quiet_ms)
{
	const struct kube_watch_options options = {
		.kind = KUBE_POD, .on_event = on_event, .data = told,
		.quiet_ms = quiet_ms, .label_selector = "app=myapp",
	};

	buf_init(&told->log, LOG_MAX);
	told->until = until;
	told->done = false;
	assert_int_equal(kube_watch_open(&told->watch, f->client, &options,
					 NULL), 0);
	assert_int_equal(kube_watch_age(told->watch), -1);
	kube_fixture_until(f, &told->done);
	if (expected)
		assert_string_equal(told->log.data, expected);
}

static void end_watch(struct kube_fixture *f, struct told *told)
{
	kube_watch_close(told->watch);
	buf_release(&told->log);
	kube_fixture_close(f);
}

/* ---- scripts ---- */

/* One answer a request, in order; the last waits. */
struct play {
	const char *const *acts;
	int last;               /* of the acts */
	char asked[16][256];    /* request lines */
};

#define LIST(version, items) \
	"{\"metadata\":{\"resourceVersion\":\"" version "\"},\"items\":[" items "]}"
#define POD(name, uid, version) \
	"{\"metadata\":{\"name\":\"" name "\",\"uid\":\"" uid "\"," \
	"\"resourceVersion\":\"" version "\"}}"
#define EVENT(type, pod) "{\"type\":\"" type "\",\"object\":" pod "}\n"
#define STATUS(code) \
	"{\"kind\":\"Status\",\"message\":\"no\",\"code\":" code "}"

/*
 * An act: "L…" a list or other body with 200, "W…" a stream that ends cleanly,
 * "B…" one that breaks, "H…" one that goes silent, "403", "410", "500" an
 * answer of that status, "S…" a sample sent as it is.
 */
static bool serve_play(int fd, const char *request, int number, void *data)
{
	struct play *play = data;
	const char *act;

	if (number < 16)
		snprintf(play->asked[number], sizeof(play->asked[number]),
			 "%.*s", (int)strcspn(request, "\r"), request);
	if (number > play->last) {
		script_wait_closed(fd);
		return false;
	}
	act = play->acts[number];
	switch (act[0]) {
	case 'L':
		script_answer(fd, "200 OK", "", act + 1);
		return true;
	case 'W':
	case 'B':
	case 'H':
		script_chunked(fd);
		/* Two chunks that split wherever they split. */
		script_chunk(fd, act + 1, strlen(act + 1) / 2);
		script_chunk(fd, act + 1 + strlen(act + 1) / 2,
			     strlen(act + 1) - strlen(act + 1) / 2);
		if (act[0] == 'H')
			script_wait_closed(fd);
		if (act[0] == 'W')
			script_write(fd, "0\r\n\r\n", 5, 0);
		return act[0] == 'W';
	case 'S': {
		struct kube_sample sample;

		kube_sample_read(&sample, act + 1);
		script_write(fd, sample.bytes, sample.len, 0);
		kube_sample_release(&sample);
		return false;
	}
	default:
		script_answer(fd, act, "", STATUS("0"));
		return true;
	}
}

#define PLAY(name, ...) \
	static const char *const name##_acts[] = {__VA_ARGS__}; \
	struct play name = { \
		.acts = name##_acts, \
		.last = (int)(sizeof(name##_acts) / sizeof(name##_acts[0])) - 1, \
	}

/* ---- tests ---- */

static void test_list_then_events_then_on_from_the_last_version(void **state)
{
	PLAY(play, "L" LIST("10", POD("a", "1", "5") "," POD("b", "2", "6")),
	     "W" EVENT("MODIFIED", POD("a", "1", "11"))
	     EVENT("ADDED", POD("c", "3", "12"))
	     EVENT("DELETED", POD("b", "2", "13"))
	     EVENT("BOOKMARK", POD("", "", "20")),
	     "H" EVENT("MODIFIED", POD("c", "3", "21")));
	struct told told = {0};
	struct kube_fixture f;

	(void)state;
	kube_fixture_open(&f, serve_play, &play, "{}");
	watch_pods(&f, &told, "~c", "+a +b S ~a +c -b ~c", 0);
	assert_true(kube_watch_synced(told.watch));
	assert_int_equal(kube_watch_age(told.watch), 0);
	assert_non_null(strstr(play.asked[0], "labelSelector=app%3Dmyapp"));
	assert_non_null(strstr(play.asked[1], "resourceVersion=10&"));
	assert_non_null(strstr(play.asked[2], "resourceVersion=20&"));
	end_watch(&f, &told);
}

static void test_gone_lists_again_and_tells_what_vanished(void **state)
{
	static const char *const gones[] = {
		"S410-watch-old-rv", "410 Gone",
	};

	(void)state;
	for (int i = 0; i < 2; i++) {
		const char *acts[] = {
			"L" LIST("10", POD("a", "1", "5") ","
				 POD("b", "2", "6") "," POD("d", "4", "7")),
			gones[i],
			"L" LIST("30", POD("b", "2", "9") ","
				 POD("c", "3", "8") "," POD("d", "5", "9")),
		};
		struct play play = {.acts = acts, .last = 2};
		struct told told = {0};
		struct kube_fixture f;

		kube_fixture_open(&f, serve_play, &play, "{}");
		/* d is another object of the same name: gone, and come. */
		watch_pods(&f, &told, "-a S",
			   "+a +b +d S ~b +c -d +d -a S", 0);
		assert_null(kube_watch_error(told.watch));
		end_watch(&f, &told);
	}
}

#define PAGE(version, next, items) \
	"{\"metadata\":{\"resourceVersion\":\"" version "\",\"continue\":\"" \
	next "\"},\"items\":[" items "]}"

static void test_pages_are_joined_and_expired_ones_begin_again(void **state)
{
	PLAY(play, "L" PAGE("10", "n=1&x", POD("a", "1", "5")),
	     "410 Gone",
	     "L" PAGE("20", "two", POD("a", "1", "5")),
	     "L" PAGE("20", "", POD("b", "2", "6")));
	struct told told = {0};
	struct kube_fixture f;

	(void)state;
	kube_fixture_open(&f, serve_play, &play, "{}");
	watch_pods(&f, &told, "S", "+a +b S", 0);
	assert_non_null(strstr(play.asked[1], "&continue=n%3D1%26x"));
	assert_null(strstr(play.asked[2], "continue"));
	assert_non_null(strstr(play.asked[3], "&continue=two"));
	end_watch(&f, &told);
}

static void test_trouble_is_told_once_and_its_end_too(void **state)
{
	PLAY(play, "500 Error", "500 Error",
	     "L" LIST("10", POD("a", "1", "5")),
	     "B" EVENT("MODIFIED", POD("a", "1", "11")) "{\"type\":\"MOD",
	     "W" EVENT("MODIFIED", POD("a", "1", "12")));
	struct told told = {0};
	struct kube_fixture f;
	char expected[128];

	(void)state;
	snprintf(expected, sizeof(expected),
		 "E(%d) +a S R ~a E(%d) R ~a", ERR_REMOTE, ERR_LOST);
	kube_fixture_open(&f, serve_play, &play, "{}");
	watch_pods(&f, &told, expected, expected, 0);
	assert_non_null(strstr(play.asked[4], "resourceVersion=11&"));
	end_watch(&f, &told);
}

static void test_error_events_and_broken_json(void **state)
{
	PLAY(play, "L" LIST("10", POD("a", "1", "5")),
	     "W" EVENT("ERROR", STATUS("500")),
	     "L" LIST("11", POD("a", "1", "5")),
	     "Wnot json\n",
	     "L" LIST("12", POD("a", "1", "6")));
	struct told told = {0};
	struct kube_fixture f;
	char expected[128];

	(void)state;
	/* The second is the same trouble again, but it had been over. */
	snprintf(expected, sizeof(expected),
		 "+a S E(%d) S R E(%d) ~a S", ERR_REMOTE, ERR_REMOTE);
	kube_fixture_open(&f, serve_play, &play, "{}");
	watch_pods(&f, &told, "~a S", expected, 0);
	end_watch(&f, &told);
}

static void test_refused_rights_are_told(void **state)
{
	PLAY(play, "S403-list-nobody");
	struct told told = {0};
	struct kube_fixture f;
	char expected[32];

	(void)state;
	snprintf(expected, sizeof(expected), "E(%d)", ERR_DENIED);
	kube_fixture_open(&f, serve_play, &play, "{}");
	watch_pods(&f, &told, ")", expected, 0);
	assert_false(kube_watch_synced(told.watch));
	assert_non_null(strstr(kube_watch_error(told.watch)->message,
			       "cannot list resource"));
	end_watch(&f, &told);
}

static void test_a_silent_connection_is_given_up(void **state)
{
	PLAY(play, "L" LIST("10", POD("a", "1", "5")),
	     "H" EVENT("MODIFIED", POD("a", "1", "11")),
	     "W" EVENT("MODIFIED", POD("a", "1", "12")));
	struct told told = {0};
	struct kube_fixture f;
	char expected[64];

	(void)state;
	snprintf(expected, sizeof(expected), "+a S ~a E(%d) R ~a",
		 ERR_TIMEOUT);
	kube_fixture_open(&f, serve_play, &play, "{}");
	watch_pods(&f, &told, "R ~a", expected, 3000);
	end_watch(&f, &told);
}

static void test_a_watch_may_be_closed_in_any_event(void **state)
{
	static const char *const ends[] = {"+a", "S", "~a", "-a", "+b"};

	(void)state;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		PLAY(play, "L" LIST("10", POD("a", "1", "5")),
		     "W" EVENT("MODIFIED", POD("a", "1", "11"))
		     EVENT("DELETED", POD("a", "1", "12"))
		     EVENT("ADDED", POD("b", "2", "13"))
		     EVENT("ADDED", POD("c", "3", "14")));
		struct told told = {.close_then = true};
		struct kube_fixture f;

		kube_fixture_open(&f, serve_play, &play, "{}");
		watch_pods(&f, &told, ends[i], NULL, 0);
		assert_null(told.watch);
		loop_turn(f.loop, 20, NULL);
		end_watch(&f, &told);
	}
}

/* ---- a whole rollout, as a real server told it ---- */

struct replay {
	struct kube_sample list, stream;
	size_t step;            /* bytes a write; 0: random */
	bool version_kept;      /* the next watch went on from the last one */
};

static bool serve_replay(int fd, const char *request, int number, void *data)
{
	struct replay *replay = data;
	unsigned seed = 7;

	if (number == 0) {
		script_write(fd, replay->list.bytes, replay->list.len, 0);
		return false;
	}
	if (number > 1) {
		replay->version_kept = strstr(request,
					      "resourceVersion=1920&");
		script_chunked(fd);
		script_wait_closed(fd);
		return false;
	}
	if (replay->step) {
		script_write(fd, replay->stream.bytes, replay->stream.len,
			     replay->step);
		return false;
	}
	for (size_t at = 0; at < replay->stream.len;) {
		size_t len = (size_t)rand_r(&seed) % 9000 + 1;

		if (len > replay->stream.len - at)
			len = replay->stream.len - at;
		script_write(fd, replay->stream.bytes + at, len, 0);
		at += len;
	}
	return false;
}

struct counts {
	int events[KUBE_RECOVERED + 1];
	bool done;
};

static void on_change(void *data, enum kube_kind kind, enum kube_event event,
		      const char *name)
{
	struct counts *counts = data;

	(void)name;
	assert_int_equal(kind, KUBE_POD);
	counts->events[event]++;
	counts->done = counts->events[KUBE_DELETED] == 5 &&
		counts->events[KUBE_MODIFIED] == 35;
}

/* What the list and the stream come to, worked out by itself. */
static json_t *replay_outcome(const struct replay *replay)
{
	json_t *list = json_loads(replay->list.body, 0, NULL), *item;
	json_t *pods = json_object();
	const char *line = replay->stream.body, *end;
	size_t i;

	json_array_foreach(json_at(list, "items"), i, item)
		json_object_set(pods, json_text(item, "metadata/name", ""),
				item);
	for (; (end = strchr(line, '\n')); line = end + 1) {
		json_t *event = json_loadb(line, (size_t)(end - line), 0, NULL);
		const char *type = json_text(event, "type", "");
		const char *name = json_text(event, "object/metadata/name", "");

		if (!strcmp(type, "DELETED"))
			json_object_del(pods, name);
		else if (strcmp(type, "BOOKMARK"))
			json_object_set(pods, name, json_at(event, "object"));
		json_decref(event);
	}
	json_decref(list);
	return pods;
}

static void check_outcome(const struct kube_cache *cache, json_t *expected)
{
	const struct kube_pod *const *pods;
	size_t count;

	pods = kube_cache_pods(cache, &count);
	assert_int_equal(count, json_object_size(expected));
	for (size_t i = 0; i < count; i++) {
		json_t *one = json_object_get(expected, pods[i]->meta.name);

		assert_non_null(one);
		assert_string_equal(pods[i]->meta.resource_version,
				    json_text(one, "metadata/resourceVersion",
					      ""));
		assert_true(pods[i]->ready);
		assert_ptr_equal(kube_cache_pod(cache, pods[i]->meta.name),
				 pods[i]);
		if (i)
			assert_true(strcmp(pods[i - 1]->meta.name,
					   pods[i]->meta.name) < 0);
	}
	assert_null(kube_cache_pod(cache, "nobody"));
}

static void replay_rollout(size_t step)
{
	struct replay replay = {.step = step};
	struct counts counts = {0};
	const struct kube_cache_options options = {
		.kinds = KUBE_CACHE_MASK(KUBE_POD),
		.on_change = on_change, .data = &counts,
	};
	struct kube_cache *cache;
	struct kube_fixture f;
	json_t *expected;

	kube_sample_read(&replay.list, "list-pods-before-watch");
	kube_sample_read(&replay.stream, "watch-pods-rollout");
	expected = replay_outcome(&replay);
	kube_fixture_open(&f, serve_replay, &replay, "{}");
	assert_int_equal(kube_cache_open(&cache, f.client, &options, NULL), 0);
	assert_int_equal(kube_cache_age(cache, KUBE_POD), -1);
	kube_fixture_until(&f, &counts.done);
	while (script_server_requests(f.server) < 3)
		assert_int_equal(loop_turn(f.loop, 50, NULL), 0);
	assert_true(kube_cache_synced(cache, KUBE_POD));
	assert_null(kube_cache_error(cache, KUBE_POD));
	assert_false(kube_cache_synced(cache, KUBE_SERVICE));
	check_outcome(cache, expected);
	kube_cache_close(cache);
	kube_fixture_close(&f);
	assert_true(replay.version_kept);
	assert_int_equal(counts.events[KUBE_ERROR], 0);
	assert_int_equal(counts.events[KUBE_SYNCED], 1);
	json_decref(expected);
	kube_sample_release(&replay.list);
	kube_sample_release(&replay.stream);
}

static void test_a_rollout_byte_by_byte(void **state)
{
	(void)state;
	replay_rollout(1);
}

static void test_a_rollout_in_random_pieces(void **state)
{
	(void)state;
	replay_rollout(0);
}

static void on_any(void *data, enum kube_kind kind, enum kube_event event,
		   const char *name)
{
	bool *done = data;

	(void)kind;
	(void)name;
	*done = event == KUBE_SYNCED || event == KUBE_MODIFIED;
}

static void test_an_object_not_understood_makes_the_kind_unknown(void **state)
{
	PLAY(play, "L" LIST("10", "{\"metadata\":{\"uid\":\"1\"}}"));
	bool done = false;
	const struct kube_cache_options options = {
		.kinds = KUBE_CACHE_MASK(KUBE_POD),
		.on_change = on_any, .data = &done,
	};
	struct kube_cache *cache;
	struct kube_fixture f;

	(void)state;
	kube_fixture_open(&f, serve_play, &play, "{}");
	assert_int_equal(kube_cache_open(&cache, f.client, &options, NULL), 0);
	kube_fixture_until(&f, &done);
	assert_false(kube_cache_synced(cache, KUBE_POD));
	assert_int_equal(kube_cache_age(cache, KUBE_POD), -1);
	assert_int_equal(kube_cache_error(cache, KUBE_POD)->code, ERR_INVALID);
	kube_cache_close(cache);
	kube_fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_list_then_events_then_on_from_the_last_version),
		cmocka_unit_test(test_gone_lists_again_and_tells_what_vanished),
		cmocka_unit_test(test_pages_are_joined_and_expired_ones_begin_again),
		cmocka_unit_test(test_trouble_is_told_once_and_its_end_too),
		cmocka_unit_test(test_error_events_and_broken_json),
		cmocka_unit_test(test_refused_rights_are_told),
		cmocka_unit_test(test_a_silent_connection_is_given_up),
		cmocka_unit_test(test_a_watch_may_be_closed_in_any_event),
		cmocka_unit_test(test_a_rollout_byte_by_byte),
		cmocka_unit_test(test_a_rollout_in_random_pieces),
		cmocka_unit_test(test_an_object_not_understood_makes_the_kind_unknown),
	};

	return cmocka_run_group_tests_name("kube watch", tests, NULL, NULL);
}
