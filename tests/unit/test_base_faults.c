/*
 * Files on a disk that fails, and base/'s small things without memory: short
 * and interrupted reads and writes are finished, a failed one leaves the old
 * file whole and no neighbour behind.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "failing_disk.h"
#include "failing_memory.h"

static char dir[] = "/tmp/cutover-files.XXXXXX";
static char path[sizeof(dir) + 8];

static int setup(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/cutover-files.XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/file", dir);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	failing_disk_reset();
	unlink(path);
	return rmdir(dir);      /* fails if a neighbour was left */
}

static void expect_file(const char *text)
{
	struct buf got;

	buf_init(&got, 1u << 20);
	assert_int_equal(file_read(path, &got, NULL), 0);
	assert_string_equal(got.data, text);
	buf_release(&got);
}

static void test_short_and_interrupted_calls_are_finished(void **state)
{
	static const char text[] = "twenty-six letters or more";

	(void)state;
	for (size_t most = 1; most < sizeof(text); most++) {
		failing_disk_short(most, true);
		assert_int_equal(file_replace(path, 0600, text,
					      sizeof(text) - 1, NULL), 0);
		expect_file(text);
	}
}

static void test_a_failed_replacement_leaves_the_old_file(void **state)
{
	static const enum failing_disk kinds[] = {
		DISK_WRITE, DISK_SYNC, DISK_RENAME,
	};
	struct error err;

	(void)state;
	assert_int_equal(file_replace(path, 0600, "old", 3, NULL), 0);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		failing_disk_at(kinds[i], 1);
		assert_true(file_replace(path, 0600, "new", 3, &err) < 0);
		assert_true(failing_disk_hit(kinds[i]));
		expect_file("old");
	}
	/* the directory's own sync comes when the new file is in place */
	failing_disk_at(DISK_SYNC, 2);
	assert_int_equal(file_replace(path, 0600, "new", 3, &err), ERR_IO);
	assert_true(failing_disk_hit(DISK_SYNC));
	expect_file("new");
}

static void test_a_failed_read_is_an_error(void **state)
{
	struct error err;
	struct buf got;

	(void)state;
	assert_int_equal(file_replace(path, 0600, "text", 4, NULL), 0);
	for (long call = 1; call <= 2; call++) {        /* 2: at the end */
		buf_init(&got, 1u << 20);
		failing_disk_at(DISK_READ, call);
		assert_int_equal(file_read(path, &got, &err), ERR_IO);
		buf_release(&got);
	}
}

/* ---- memory -------------------------------------------------------------- */

static int parse(void *data, struct error *err)
{
	static const char text[] =
		"{\"a\": \"a string that outgrows the buffer it is read into, "
		"which Jansson then doubles, and doubles again\", \"b\": [1]}";
	int code = json_parse(text, strlen(text), 0, data, NULL);

	return code == ERR_NOMEM ? error_nomem(err) : code;
}

static void check_parse(void *data, int code)
{
	json_t **value = data;

	if (code)
		return;
	assert_int_equal(strlen(json_text(*value, "a", "")), 96);
	assert_int_equal(json_number(*value, "b/0", 0), 1);
	json_decref(*value);
}

static void test_json_is_right_or_refused(void **state)
{
	json_t *value;

	(void)state;
	failing_memory_try(&(struct failing_case){
		.name = "json", .act = parse, .check = check_parse,
		.data = &value,
	});
}

static int print(void *data, struct error *err)
{
	json_t *value = json_pack("{s:{s:s, s:[i,i]}, s:n}", "first", "second",
		"a string", "third", 1, 2, "a key that is rather long");
	char **text = data;

	*text = value ? json_print(value, JSON_COMPACT) : NULL;
	json_decref(value);
	return *text ? 0 : error_nomem(err);
}

static void check_print(void *data, int code)
{
	char **text = data;

	if (!code)
		assert_string_equal(*text, "{\"first\":{\"second\":\"a string\","
			"\"third\":[1,2]},\"a key that is rather long\":null}");
	free(*text);
}

static void test_printed_json_is_whole_or_none(void **state)
{
	char *text;

	(void)state;
	failing_memory_try(&(struct failing_case){
		.name = "print", .act = print, .check = check_print,
		.data = &text,
	});
}

static int fill(void *data, struct error *err)
{
	struct buf *buf = data;
	struct arena arena;
	char *text;

	arena_init(&arena);
	buf_init(buf, 1u << 20);
	for (int i = 0; i < 1000; i++)
		(void)buf_printf(buf, "%d ", i);
	text = arena_printf(&arena, "%s", buf->data);
	if (text && !buf_error(buf))
		assert_string_equal(text, buf->data);
	arena_release(&arena);
	return text && !buf_error(buf) ? 0 : error_nomem(err);
}

static void check_fill(void *data, int code)
{
	struct buf *buf = data;

	if (!code)
		assert_int_equal(buf->len, 3890);
	else    /* it ends as a string all the same */
		assert_int_equal(strlen(buf->data), buf->len);
	buf_release(buf);
}

static void test_buffers_remember_that_they_failed(void **state)
{
	struct buf buf;

	(void)state;
	failing_memory_try(&(struct failing_case){
		.name = "buffers", .act = fill, .check = check_fill,
		.data = &buf,
	});
}

int main(void)
{
#define UNIT(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		UNIT(test_short_and_interrupted_calls_are_finished),
		UNIT(test_a_failed_replacement_leaves_the_old_file),
		UNIT(test_a_failed_read_is_an_error),
		cmocka_unit_test(test_json_is_right_or_refused),
		cmocka_unit_test(test_printed_json_is_whole_or_none),
		cmocka_unit_test(test_buffers_remember_that_they_failed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
