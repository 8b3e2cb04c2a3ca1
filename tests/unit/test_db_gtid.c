/* Units of db/gtid: both forms, their arithmetic, and text gone wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "db/gtid.h"

#define A "3e11fa47-71ca-11e1-9e33-c80aa9429562"
#define B "4e11fa47-71ca-11e1-9e33-c80aa9429562"

static struct gtid_set parse(const char *text)
{
	struct gtid_set set = {0};
	struct error err = {0};

	if (gtid_parse(text, &set, &err))
		fail_msg("\"%s\": %s", text, err.message);
	return set;
}

static void expect_text(const struct gtid_set *set, const char *expected)
{
	char *text = gtid_format(set);

	assert_non_null(text);
	assert_string_equal(text, expected);
	free(text);
}

static void test_text_becomes_canonical(void **state)
{
	static const char *const cases[][2] = {
		{"", ""},
		{" \n ", ""},
		{A ":1", A ":1"},
		{A ":1-21,\n" B ":1-7", A ":1-21," B ":1-7"},
		{B ":5 , " A ": 3 - 4 : 1-2", A ":1-4," B ":5"},
		{A ":1-3:2-9:11:13-12345", A ":1-9:11:13-12345"},
		{A ":1-2," A ":3", A ":1-3"},
		{"3E11FA47-71CA-11E1-9E33-C80AA9429562:7", A ":7"},
		{A ":1-9:tag1:1", A ":1-9:tag1:1"},
		{A ":b:1:a:2:1", A ":a:1-2:b:1"},
		{A ":Tag_1:4," A ":1", A ":1:tag_1:4"},
		{A ":9223372036854775806", A ":9223372036854775806"},
		{"0-11-20", "0-11-20"},
		{"1-5-7,0-11-20", "0-11-20,1-5-7"},
		{"0-11-20,0-12-25", "0-12-25"},
		{"0-12-25,0-11-20", "0-12-25"},
		{"0-11-0", ""},
		{"4294967295-4294967295-18446744073709551615",
		 "4294967295-4294967295-18446744073709551615"},
		{"0-11-5..9", "0-11-5..9"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct gtid_set set = parse(cases[i][0]);

		expect_text(&set, cases[i][1]);
		gtid_release(&set);
	}
}

static void test_malformed_text_is_located(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{"x", "gtid set, byte 1: expected a server's uuid"},
		{A, "gtid set, byte 37: expected ':' and a transaction's number"},
		{A ":", "gtid set, byte 38: expected a number"},
		{A ":0", "gtid set, byte 39: transactions count from 1"},
		{A ":5-3", "gtid set, byte 41: the interval ends before it begins"},
		{A ":1-", "gtid set, byte 40: expected a number"},
		{A ":1,", "gtid set, byte 40: expected a server's uuid"},
		{A ":1 x", "gtid set, byte 40: expected ',' or the end"},
		{A ":1;" B ":2", "gtid set, byte 39: expected ',' or the end"},
		{A ":tag1", "gtid set, byte 42: expected ':' and a transaction's number"},
		{A ":9223372036854775807", "gtid set, byte 38: the number is too large"},
		{A ":99999999999999999999999", "gtid set, byte 38: the number is too large"},
		{A ":-1", "gtid set, byte 38: expected a number"},
		{"3e11fa47-71ca-11e1-9e33-c80aa942956g:1",
		 "gtid set, byte 36: expected a server's uuid"},
		{"3e11fa4771ca11e19e33c80aa94295620000:1",
		 "gtid set, byte 9: expected a server's uuid"},
		{A ":1,0-11-20", "gtid set, byte 41: expected a server's uuid"},
		{"0-11-20," A ":1", "gtid set, byte 10: expected '-' and a server's number"},
		{"0", "gtid set, byte 2: expected '-' and a server's number"},
		{"0-11", "gtid set, byte 5: expected '-' and a sequence number"},
		{"4294967296-1-1", "gtid set, byte 1: the number is too large"},
		{"0-1-18446744073709551616", "gtid set, byte 5: the number is too large"},
		{"0-1-9..5", "gtid set, byte 9: the interval ends before it begins"},
		{",", "gtid set, byte 1: expected a number"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct gtid_set set = parse("0-7-7");
		struct error err = {0};

		if (gtid_parse(cases[i].text, &set, &err) != ERR_SYNTAX)
			fail_msg("accepted: %s", cases[i].text);
		assert_string_equal(err.message, cases[i].message);
		expect_text(&set, "0-7-7");     /* untouched */
		gtid_release(&set);
	}
}

static void test_a_tag_has_a_longest_length(void **state)
{
	char text[128];
	struct gtid_set set = {0};
	struct error err = {0};

	(void)state;
	snprintf(text, sizeof(text), A ":%032d:1", 0);
	text[37] = 'a';
	assert_int_equal(gtid_parse(text, &set, &err), 0);
	gtid_release(&set);
	snprintf(text, sizeof(text), A ":%033d:1", 0);
	text[37] = 'a';
	assert_int_equal(gtid_parse(text, &set, &err), ERR_SYNTAX);
}

static void test_arithmetic(void **state)
{
	static const struct {
		const char *a, *b, *difference, *both;
		bool contains;          /* a contains b */
	} cases[] = {
		{A ":1-10", A ":3-4:8", A ":1-2:5-7:9-10", A ":1-10", true},
		{A ":1-10", A ":1-10", "", A ":1-10", true},
		{A ":5-10", A ":1-7", A ":8-10", A ":1-10", false},
		{A ":1-10", A ":8-12", A ":1-7", A ":1-12", false},
		{A ":1-3:7-9", A ":2-8", A ":1:9", A ":1-9", false},
		{A ":1-3:7-9", A ":8:3", A ":1-2:7:9", A ":1-3:7-9", true},
		{A ":1-10", B ":1", A ":1-10", A ":1-10," B ":1", false},
		{A ":1-10:t:1-5", A ":1-9", A ":10:t:1-5", A ":1-10:t:1-5", true},
		{A ":1-5", A ":t:1-5", A ":1-5", A ":1-5:t:1-5", false},
		{"", A ":1", "", A ":1", false},
		{A ":1", "", A ":1", A ":1", true},
		{"", "", "", "", true},
		{A ":1-9223372036854775806", A ":2-9223372036854775805",
		 A ":1:9223372036854775806", A ":1-9223372036854775806", true},
		{"0-11-20", "0-12-15", "0-11-16..20", "0-11-20", true},
		{"0-11-20", "0-12-25", "", "0-12-25", false},
		{"0-11-20,1-1-4", "0-11-20", "1-1-4", "0-11-20,1-1-4", true},
		{"0-1-18446744073709551615", "0-1-18446744073709551614",
		 "0-1-18446744073709551615..18446744073709551615",
		 "0-1-18446744073709551615", true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct gtid_set a = parse(cases[i].a), b = parse(cases[i].b);
		struct gtid_set out = {0}, swapped = {0};
		struct error err;

		assert_int_equal(gtid_subtract(&a, &b, &out, &err), 0);
		expect_text(&out, cases[i].difference);
		assert_int_equal(gtid_union(&a, &b, &out, &err), 0);
		expect_text(&out, cases[i].both);
		assert_int_equal(gtid_union(&b, &a, &swapped, &err), 0);
		assert_true(gtid_equal(&out, &swapped));
		assert_true(gtid_contains(&out, &a));
		assert_true(gtid_contains(&out, &b));
		assert_int_equal(gtid_contains(&a, &b), cases[i].contains);
		gtid_release(&a);
		gtid_release(&b);
		gtid_release(&out);
		gtid_release(&swapped);
	}
}

static void test_forms_do_not_mix(void **state)
{
	struct gtid_set a = parse(A ":1"), b = parse("0-1-1"), out = {0};
	struct error err;

	(void)state;
	assert_int_equal(gtid_subtract(&a, &b, &out, &err), ERR_INVALID);
	assert_int_equal(gtid_union(&a, &b, &out, &err), ERR_INVALID);
	assert_false(gtid_contains(&a, &b));
	assert_false(gtid_equal(&a, &b));
	gtid_release(&a);
	gtid_release(&b);
}

static void test_counts(void **state)
{
	struct gtid_set set = parse(A ":1-10:12," B ":5:tag:1-4");

	(void)state;
	assert_int_equal(gtid_count(&set), 16);
	gtid_release(&set);
	set = parse("0-1-18446744073709551615,1-1-1");
	assert_true(gtid_count(&set) == UINT64_MAX);
	gtid_release(&set);
	assert_int_equal(gtid_count(&set), 0);
	assert_true(gtid_is_empty(&set));
}

static void test_what_one_server_wrote(void **state)
{
	struct gtid_set set = parse(A ":1-10:t:2," B ":5"), own = {0};
	struct error err;

	(void)state;
	assert_int_equal(gtid_of_server(&set, A, &own, &err), 0);
	expect_text(&own, A ":1-10:t:2");
	assert_int_equal(gtid_of_server(&set, "nonsense", &own, &err), 0);
	assert_true(gtid_is_empty(&own));
	assert_int_equal(gtid_copy(&set, &own, &err), 0);
	assert_true(gtid_equal(&set, &own));
	gtid_release(&set);
	gtid_release(&own);
}

/* A long list in no order is read in one sort, and its maximum is named. */
static void test_many_intervals(void **state)
{
	struct gtid_set set = {0};
	struct error err;
	struct buf buf;

	(void)state;
	buf_init(&buf, GTID_TEXT_MAX);
	buf_puts(&buf, A);
	for (unsigned i = 300000; i > 0; i--)
		buf_printf(&buf, ":%u", i * 3);
	assert_int_equal(gtid_parse(buf.data, &set, &err), 0);
	assert_int_equal(set.intervals, 300000);
	assert_int_equal(gtid_count(&set), 300000);
	gtid_release(&set);
	buf_clear(&buf);
	buf_puts(&buf, A);
	for (unsigned i = 1; i <= GTID_INTERVALS_MAX + 1; i++)
		buf_printf(&buf, ":%u", i * 2);
	assert_int_equal(buf_error(&buf), 0);
	assert_int_equal(gtid_parse(buf.data, &set, &err), ERR_LIMIT);
	buf_release(&buf);
}

static void put_mask(struct buf *buf, const char *uuid, unsigned mask)
{
	if (!mask)
		return;
	buf_printf(buf, "%s%s", buf->len ? "," : "", uuid);
	for (unsigned i = 0; i < 8; i++)
		if (mask >> i & 1)
			buf_printf(buf, ":%u", i + 1);
}

static struct gtid_set from_mask(unsigned mask)
{
	struct gtid_set set;
	struct buf buf;

	buf_init(&buf, 4096);
	put_mask(&buf, A, mask & 0xff);
	put_mask(&buf, B, mask >> 8 & 0xff);
	set = parse(buf.data);
	buf_release(&buf);
	return set;
}

/* Against sets of bits, of which nobody doubts the arithmetic. */
static void test_agrees_with_bits(void **state)
{
	unsigned seed = 1;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		unsigned x, y;
		struct gtid_set a, b, out = {0}, expected;
		struct error err;

		seed = seed * 1103515245u + 12345u;
		x = seed >> 8 & 0xffff;
		seed = seed * 1103515245u + 12345u;
		y = seed >> 8 & 0xffff;
		a = from_mask(x);
		b = from_mask(y);
		expected = from_mask(x & ~y);
		assert_int_equal(gtid_subtract(&a, &b, &out, &err), 0);
		assert_true(gtid_equal(&out, &expected));
		assert_int_equal(gtid_count(&out),
				 __builtin_popcount(x & ~y));
		gtid_release(&expected);
		expected = from_mask(x | y);
		assert_int_equal(gtid_union(&a, &b, &out, &err), 0);
		assert_true(gtid_equal(&out, &expected));
		assert_int_equal(gtid_contains(&a, &b), (y & ~x) == 0);
		gtid_release(&expected);
		gtid_release(&a);
		gtid_release(&b);
		gtid_release(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text_becomes_canonical),
		cmocka_unit_test(test_malformed_text_is_located),
		cmocka_unit_test(test_a_tag_has_a_longest_length),
		cmocka_unit_test(test_arithmetic),
		cmocka_unit_test(test_forms_do_not_mix),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_what_one_server_wrote),
		cmocka_unit_test(test_many_intervals),
		cmocka_unit_test(test_agrees_with_bits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
