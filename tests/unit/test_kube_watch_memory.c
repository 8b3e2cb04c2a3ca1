/*
 * What a watch remembers having told, with every allocation failing in turn:
 * once memory is back and the list is read again, who listened knows exactly
 * what is there. A pod that was forgotten and not told would stay for ever.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "failing_memory.h"
#include "kube/watch_private.h"

#define UID_MAX 16

/* A listener that knows two names, and the uid it last heard for each. */
struct listener {
	struct kube_watch watch;
	char uid[2][UID_MAX];   /* of "a" and "b"; "": gone */
	json_t *a1, *a2, *b1;
};

static void on_event(void *data, enum kube_event event, const json_t *object,
		     const struct error *err)
{
	struct listener *l = data;
	const char *name = json_text(object, "metadata/name", "?");

	(void)err;
	snprintf(l->uid[name[0] == 'b'], UID_MAX, "%s",
		 event == KUBE_DELETED ? "" :
		 json_text(object, "metadata/uid", "?"));
}

static json_t *pod(const char *name, const char *uid)
{
	return json_pack("{s:{s:s, s:s, s:s}}", "metadata", "name", name,
			 "uid", uid, "resourceVersion", "7");
}

/* A list that has only a, and of another uid. */
static int list(struct listener *l, struct error *err)
{
	int code;

	if (!l->watch.listed)
		l->watch.listed = json_object();
	if (json_object_set_new(l->watch.listed, "a", json_true()))
		return error_nomem(err);
	code = watch_seen_object(&l->watch, l->a2, err);
	return code ? code : watch_seen_sweep(&l->watch, err);
}

/* Told a and b; then comes the list. */
static int act(void *data, struct error *err)
{
	struct listener *l = data;
	int code;

	memset(l->uid, 0, sizeof(l->uid));
	memset(&l->watch, 0, sizeof(l->watch));
	l->watch.on_event = on_event;
	l->watch.data = l;
	l->watch.namespace_ = (char *)(uintptr_t)"shop";
	l->watch.seen = json_object();
	if (!l->watch.seen)
		return error_nomem(err);
	code = watch_seen_object(&l->watch, l->a1, err);
	if (!code)
		code = watch_seen_object(&l->watch, l->b1, err);
	return code ? code : list(l, err);
}

static void check(void *data, int code)
{
	struct listener *l = data;
	struct error err;

	if (code && l->watch.seen)      /* the watch lists again */
		assert_int_equal(list(l, &err), 0);
	if (l->watch.seen) {
		assert_string_equal(l->uid[0], "a2");
		assert_string_equal(l->uid[1], "");
	}
	json_decref(l->watch.listed);
	json_decref(l->watch.seen);
}

static void test_nothing_told_is_forgotten(void **state)
{
	struct listener l = {
		.a1 = pod("a", "a1"), .a2 = pod("a", "a2"), .b1 = pod("b", "b1"),
	};

	(void)state;
	failing_memory_try(&(struct failing_case){
		.name = "watch", .act = act, .check = check, .data = &l,
	});
	json_decref(l.a1);
	json_decref(l.a2);
	json_decref(l.b1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_told_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
