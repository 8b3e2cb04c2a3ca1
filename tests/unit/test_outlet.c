/* Units of net/outlet: what is not taken now is kept, and sent on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "net/loop.h"
#include "net/outlet.h"

#define DEADLINE_MS 10000
#define MANY 300000             /* bytes: more than any of them takes at once */

struct test {
	struct loop *loop;
	struct outlet *outlet;
	int in, out;
	int drained;
};

static void count_drained(void *data)
{
	((struct test *)data)->drained++;
}

static void open_on(struct test *test, const int fds[2])
{
	memset(test, 0, sizeof(*test));
	test->in = fds[0];
	test->out = fds[1];
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(loop_open(&test->loop, NULL), 0);
	assert_int_equal(outlet_open(test->loop, test->out, count_drained, test,
				     &test->outlet, NULL), 0);
}

static void close_test(struct test *test)
{
	outlet_close(test->outlet);
	loop_close(test->loop);
	if (test->in >= 0)
		close(test->in);
	close(test->out);
}

/* Bytes that tell where they belong. */
static char byte_at(size_t i)
{
	return (char)(i * 31 % 251);
}

static void put_many(struct test *test)
{
	char *bytes = malloc(MANY);

	assert_non_null(bytes);
	for (size_t i = 0; i < MANY; i++)
		bytes[i] = byte_at(i);
	/* in pieces, the later ones behind what is kept */
	for (size_t i = 0; i < MANY; i += MANY / 3)
		assert_int_equal(outlet_put(test->outlet, bytes + i, MANY / 3),
				 0);
	free(bytes);
}

/* Reads them all while the loop sends. */
static void read_many(struct test *test)
{
	int64_t end = clock_mono_ms() + DEADLINE_MS;
	size_t seen = 0;

	while (seen < MANY) {
		char part[1000];
		ssize_t got = read(test->in, part, sizeof(part));

		assert_true(got > 0);
		for (ssize_t i = 0; i < got; i++)
			assert_int_equal(part[i], byte_at(seen++));
		assert_true(clock_mono_ms() < end);
		assert_int_equal(loop_turn(test->loop, 0, NULL), 0);
	}
}

static void keeps_and_sends(const int fds[2])
{
	int flags = fcntl(fds[1], F_GETFL);
	struct test test;

	open_on(&test, fds);
	put_many(&test);
	assert_false(outlet_is_drained(test.outlet));
	assert_int_equal(test.drained, 0);
	read_many(&test);
	assert_true(outlet_is_drained(test.outlet));
	assert_int_equal(test.drained, 1);
	/* shared with the shell: never changed */
	assert_int_equal(fcntl(fds[1], F_GETFL), flags);
	close_test(&test);
}

static void test_a_pipe(void **state)
{
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	keeps_and_sends(fds);
}

static void test_a_socket(void **state)
{
	int fds[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	keeps_and_sends(fds);
}

static void test_a_file_is_gone_on_with(void **state)
{
	char path[] = "/tmp/cutover-outlet-XXXXXX", text[16] = "";
	const int fds[2] = {-1, mkstemp(path)};
	struct test test;

	(void)state;
	assert_int_equal(write(fds[1], "one ", 4), 4);
	open_on(&test, fds);
	assert_int_equal(outlet_put(test.outlet, "two ", 4), 0);
	assert_int_equal(write(fds[1], "three", 5), 5);
	assert_true(outlet_is_drained(test.outlet));
	assert_int_equal(pread(fds[1], text, sizeof(text) - 1, 0), 13);
	assert_string_equal(text, "one two three");
	unlink(path);
	close_test(&test);
}

static void test_a_reader_who_goes(void **state)
{
	struct test test;
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	open_on(&test, fds);
	put_many(&test);
	close(test.in);
	test.in = -1;
	/* found out by the loop, which does not go on asking */
	for (int i = 0; i < 3; i++)
		assert_int_equal(loop_turn(test.loop, 1, NULL), 0);
	assert_true(outlet_is_drained(test.outlet));
	assert_int_equal(test.drained, 1);
	assert_int_equal(outlet_put(test.outlet, "more", 4), ERR_IO);
	close_test(&test);
}

static void test_patience_ends(void **state)
{
	struct test test;
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	open_on(&test, fds);
	assert_true(outlet_settle(test.outlet, 1));
	put_many(&test);
	assert_false(outlet_settle(test.outlet, 1));
	assert_true(outlet_is_drained(test.outlet));
	close_test(&test);
}

static void test_a_stream(void **state)
{
	struct test test;
	char text[16] = "";
	int fds[2];
	FILE *stream;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	open_on(&test, fds);
	stream = outlet_stream(test.outlet);
	assert_non_null(stream);
	fprintf(stream, "%s %d", "line", 1);
	assert_int_equal(fclose(stream), 0);
	assert_int_equal(read(test.in, text, sizeof(text)), 6);
	assert_string_equal(text, "line 1");
	close_test(&test);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_pipe),
		cmocka_unit_test(test_a_socket),
		cmocka_unit_test(test_a_file_is_gone_on_with),
		cmocka_unit_test(test_a_reader_who_goes),
		cmocka_unit_test(test_patience_ends),
		cmocka_unit_test(test_a_stream),
	};

	/* an outlet that waits would wait for ever */
	alarm(60);
	return cmocka_run_group_tests_name("outlet", tests, NULL, NULL);
}
