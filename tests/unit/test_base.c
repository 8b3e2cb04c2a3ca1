/* Units of base/: errors, buffers, arenas, text, time, JSON paths. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/paths.h"
#include "base/text.h"

static void test_error_keeps_cause_and_place(void **state)
{
	struct error err = {0};
	char text[256];

	(void)state;
	assert_int_equal(error_set(&err, ERR_LOST, "rds:3306", "gone %d", 7),
			 ERR_LOST);
	assert_true(err.retry);
	error_wrap(&err, "reading the GTID set");
	error_text(&err, text, sizeof(text));
	assert_string_equal(text, "rds:3306: reading the GTID set: gone 7");
}

static void test_buf_refuses_more_than_its_maximum(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 10);
	assert_int_equal(buf_puts(&buf, "12345"), 0);
	assert_int_equal(buf_printf(&buf, "%s", "678901"), ERR_LIMIT);
	assert_string_equal(buf.data, "12345");
	assert_int_equal(buf_error(&buf), ERR_LIMIT);
	buf_clear(&buf);
	assert_int_equal(buf_printf(&buf, "%d", 1234567890), 0);
	buf_consume(&buf, 4);
	assert_string_equal(buf.data, "567890");
	buf_release(&buf);
}

static void test_arena_gives_zeroed_separate_memory(void **state)
{
	struct arena arena;
	char *a, *b;

	(void)state;
	arena_init(&arena);
	a = arena_strdup(&arena, "one");
	b = arena_alloc(&arena, 100000);
	assert_string_equal(a, "one");
	for (size_t i = 0; i < 100000; i++)
		assert_int_equal(b[i], 0);
	assert_string_equal(arena_printf(&arena, "%s-%d", a, 2), "one-2");
	assert_null(arena_array(&arena, SIZE_MAX / 2, 4));
	arena_release(&arena);
}

static void test_integers_are_whole_and_bounded(void **state)
{
	int64_t value = 5;

	(void)state;
	assert_int_equal(text_parse_int("42", 0, 100, &value), 0);
	assert_int_equal(value, 42);
	assert_int_equal(text_parse_int("-3", -5, 5, &value), 0);
	assert_int_equal(text_parse_int("101", 0, 100, &value), ERR_LIMIT);
	assert_int_equal(text_parse_int("4 2", 0, 100, &value), ERR_SYNTAX);
	assert_int_equal(text_parse_int("", 0, 100, &value), ERR_SYNTAX);
	assert_int_equal(text_parse_int("99999999999999999999", 0, INT64_MAX,
					&value), ERR_LIMIT);
	assert_int_equal(value, -3);
}

static void test_sanitiser_lets_nothing_move_the_cursor(void **state)
{
	char out[64];

	(void)state;
	text_sanitise(out, sizeof(out), "a\033[2Jb\nc\xe2\x80\xae" "d\xff");
	assert_string_equal(out, "a?[2Jb c?d?");
	text_sanitise(out, sizeof(out), "\xc2\x9bx \xc3\xa9 \xe2\x9c\x94");
	assert_string_equal(out, "?x \xc3\xa9 \xe2\x9c\x94");
	text_sanitise(out, 4, "ab\xc3\xa9");    /* cut before the character */
	assert_string_equal(out, "ab");
	text_sanitise(out, sizeof(out), "\xed\xa0\x80\xc0\x80");
	assert_string_equal(out, "?????");
}

static void test_width_counts_columns(void **state)
{
	(void)state;
	assert_int_equal(text_width("caf\xc3\xa9"), 4);
	assert_int_equal(text_width("\xe6\xbc\xa2\xe5\xad\x97"), 4);
	assert_int_equal(text_fit("\xe6\xbc\xa2\xe5\xad\x97", 3), 3);
}

static void test_distance_finds_the_misspelt(void **state)
{
	(void)state;
	assert_int_equal(text_distance("guards", "guard", 2), 1);
	assert_int_equal(text_distance("confrim", "confirm", 2), 2);
	assert_int_equal(text_distance("undo", "variables", 2), 3);
}

static void test_the_same_words_with_other_numbers(void **state)
{
	(void)state;
	assert_true(text_same_words("3 of 4 ready", "12 of 4 ready"));
	assert_true(text_same_words("", ""));
	assert_true(text_same_words("lag 7", "lag "));
	assert_false(text_same_words("rds: not seen yet", "rds takes writes"));
	assert_false(text_same_words("3 of 4", "3 of 4 ready"));
}

static void test_durations(void **state)
{
	char text[CLOCK_STAMP_MAX];
	int64_t ms;

	(void)state;
	assert_int_equal(clock_parse_duration("250ms", &ms), 0);
	assert_int_equal(ms, 250);
	assert_int_equal(clock_parse_duration("2m", &ms), 0);
	assert_int_equal(ms, 120000);
	assert_int_equal(clock_parse_duration("2 m", &ms), ERR_SYNTAX);
	assert_int_equal(clock_parse_duration("10", &ms), ERR_SYNTAX);
	assert_int_equal(clock_parse_duration("9999h", &ms), ERR_LIMIT);
	clock_duration(850, text);
	assert_string_equal(text, "850 ms");
	clock_duration(65040, text);
	assert_string_equal(text, "1:05.0");
}

static void test_stamps_read_back(void **state)
{
	char text[CLOCK_STAMP_MAX];
	int64_t ms;

	(void)state;
	clock_stamp(INT64_C(1795442600123), text);
	assert_int_equal(clock_parse_stamp(text, &ms), 0);
	assert_int_equal(ms, INT64_C(1795442600123));
	assert_int_equal(clock_parse_stamp("2026-11-23", &ms), ERR_SYNTAX);
}

/* A machine that slept is no younger for it; and who waits on a condition
 * variable waits by the clock that it knows. */
static void test_the_clock_counts_sleep(void **state)
{
	struct timespec boot, mono, until;
	int64_t now = clock_mono_ms();

	(void)state;
	clock_gettime(CLOCK_BOOTTIME, &boot);
	assert_true(now <= (int64_t)boot.tv_sec * 1000 +
			   boot.tv_nsec / 1000000);
	assert_true(clock_mono_ms() >= (int64_t)boot.tv_sec * 1000);
	clock_gettime(CLOCK_MONOTONIC, &mono);
	until = clock_until(clock_mono_ms() + 5000);
	assert_true(until.tv_sec >= mono.tv_sec + 4);
	clock_gettime(CLOCK_MONOTONIC, &mono);
	assert_true(until.tv_sec <= mono.tv_sec + 6);
	until = clock_until(INT64_MIN / 2);
	assert_true(until.tv_sec == 0 && until.tv_nsec == 0);
}

static void test_json_paths(void **state)
{
	json_t *value = json_loads("{\"a\":{\"b/c\":[{\"d\":7}]}}", 0, NULL);

	(void)state;
	assert_int_equal(json_number(value, "a/b~1c/0/d", -1), 7);
	assert_int_equal(json_number(value, "a/b~1c/1/d", -1), -1);
	assert_string_equal(json_text(value, "a/x", "none"), "none");
	assert_null(json_at(NULL, "a"));
	json_decref(value);
}

static void test_sha256_of_abc(void **state)
{
	char hex[HASH_HEX_SIZE];

	(void)state;
	assert_int_equal(hash_sha256("abc", 3, hex), 0);
	assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223"
				 "b00361a396177a9cb410ff61f20015ad");
}

static void test_paths_follow_the_program(void **state)
{
	struct paths paths;
	char exe[PATH_MAX];

	(void)state;
	/* installed, then installed below another root, then neither */
	assert_int_equal(paths_find_for(BINDIR "/cutover", &paths, NULL), 0);
	assert_string_equal(paths.runbooks, RUNBOOKDIR);
	assert_string_equal(paths.world, WORLD_PROGRAM);
	assert_int_equal(paths_find_for("/stage/root" BINDIR "/cutover",
					&paths, NULL), 0);
	assert_string_equal(paths.runbooks, "/stage/root" RUNBOOKDIR);
	assert_string_equal(paths.world, "/stage/root" WORLD_PROGRAM);
	assert_int_equal(paths_find_for("/elsewhere/cutover", &paths, NULL), 0);
	assert_string_equal(paths.runbooks, RUNBOOKDIR);
	/* tests run in the build directory: a build tree */
	assert_non_null(realpath("src/cutover", exe));
	assert_int_equal(paths_find_for(exe, &paths, NULL), 0);
	assert_string_equal(paths.runbooks, SOURCE_RUNBOOKDIR);
	assert_non_null(strstr(paths.world, "/src/rehearsal/cutover-world"));
	/* the world program itself, built and installed */
	snprintf(exe, sizeof(exe), "%s", paths.world);
	assert_int_equal(paths_find_for(exe, &paths, NULL), 0);
	assert_string_equal(paths.runbooks, SOURCE_RUNBOOKDIR);
	assert_string_equal(paths.world, exe);
	assert_int_equal(paths_find_for("/stage/root" WORLD_PROGRAM, &paths,
					NULL), 0);
	assert_string_equal(paths.runbooks, "/stage/root" RUNBOOKDIR);
	memset(exe, 'x', sizeof(exe) - 1);
	exe[0] = '/';
	exe[sizeof(exe) - 2] = '/';
	exe[sizeof(exe) - 1] = '\0';
	assert_int_equal(paths_find_for(exe, &paths, NULL), ERR_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_error_keeps_cause_and_place),
		cmocka_unit_test(test_buf_refuses_more_than_its_maximum),
		cmocka_unit_test(test_arena_gives_zeroed_separate_memory),
		cmocka_unit_test(test_integers_are_whole_and_bounded),
		cmocka_unit_test(test_sanitiser_lets_nothing_move_the_cursor),
		cmocka_unit_test(test_width_counts_columns),
		cmocka_unit_test(test_distance_finds_the_misspelt),
		cmocka_unit_test(test_the_same_words_with_other_numbers),
		cmocka_unit_test(test_the_clock_counts_sleep),
		cmocka_unit_test(test_durations),
		cmocka_unit_test(test_stamps_read_back),
		cmocka_unit_test(test_json_paths),
		cmocka_unit_test(test_sha256_of_abc),
		cmocka_unit_test(test_paths_follow_the_program),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
