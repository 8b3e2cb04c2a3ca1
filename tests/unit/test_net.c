/* Units of net/: the loop. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "net/loop.h"

#define DEADLINE_MS 10000

/* Turns until *done, or fails at the deadline. */
static void turn_until(struct loop *loop, const bool *done)
{
	int64_t end = clock_mono_ms() + DEADLINE_MS;

	while (!*done) {
		assert_true(clock_mono_ms() < end);
		assert_int_equal(loop_turn(loop, 100, NULL), 0);
	}
}

static int setup_loop(void **state)
{
	return loop_open((struct loop **)state, NULL);
}

static int teardown_loop(void **state)
{
	loop_close(*state);
	return 0;
}

/* ---- timers ---- */

struct timer_test {
	struct loop *loop;
	struct loop_timer *repeat, *victim;
	char log[64];
	int beats;
	bool done;
};

static void timer_note(struct timer_test *t, char what)
{
	size_t len = strlen(t->log);

	assert_true(len + 1 < sizeof(t->log));
	t->log[len] = what;
}

static void timer_late(void *data)
{
	timer_note(data, 'L');
	((struct timer_test *)data)->done = true;
}

static void timer_early(void *data)
{
	timer_note(data, 'E');
}

static void timer_victim(void *data)
{
	timer_note(data, 'V');
}

static void timer_killer(void *data)
{
	struct timer_test *t = data;

	timer_note(t, 'K');
	loop_timer_cancel(t->victim);
}

static void timer_beat(void *data)
{
	struct timer_test *t = data;

	timer_note(t, 'B');
	if (++t->beats < 3)
		return;
	loop_timer_cancel(t->repeat);
	loop_timer(t->loop, 100, 0, timer_late, t, NULL, NULL);
}

static void test_timers_fire_in_order_and_can_end_each_other(void **state)
{
	struct timer_test t = {.loop = *state};

	loop_timer(t.loop, 5, 0, timer_early, &t, NULL, NULL);
	loop_timer(t.loop, 5, 0, timer_killer, &t, NULL, NULL);
	loop_timer(t.loop, 5, 0, timer_victim, &t, &t.victim, NULL);
	loop_timer(t.loop, 10, 10, timer_beat, &t, &t.repeat, NULL);
	turn_until(t.loop, &t.done);
	assert_string_equal(t.log, "EKBBBL");
}

static void test_timers_have_a_maximum(void **state)
{
	struct error err = {0};

	for (int i = 0; i < LOOP_TIMERS_MAX; i++)
		assert_int_equal(loop_timer(*state, 60000, 0, timer_late, NULL,
					    NULL, &err), 0);
	assert_int_equal(loop_timer(*state, 60000, 0, timer_late, NULL, NULL,
				    &err), ERR_LIMIT);
}

/* ---- posts ---- */

#define POST_THREADS 4
#define POST_EACH 500

struct post_test {
	struct loop *loop;
	int last[POST_THREADS], total;
	bool done;
};

struct post {
	struct post_test *test;
	int thread, number;
};

static struct post posts[POST_THREADS][POST_EACH];

static void post_arrived(void *data)
{
	struct post *post = data;

	assert_int_equal(post->number, post->test->last[post->thread]);
	post->test->last[post->thread]++;
	post->test->done = ++post->test->total == POST_THREADS * POST_EACH;
}

static void *post_run(void *data)
{
	struct post *mine = data;

	for (int i = 0; i < POST_EACH; i++)
		if (loop_post(mine[i].test->loop, post_arrived, &mine[i]))
			abort();
	return NULL;
}

static void test_posts_of_threads_all_arrive_in_their_order(void **state)
{
	struct post_test t = {.loop = *state};
	pthread_t threads[POST_THREADS];

	for (int i = 0; i < POST_THREADS; i++) {
		for (int k = 0; k < POST_EACH; k++)
			posts[i][k] = (struct post){&t, i, k};
		assert_int_equal(pthread_create(&threads[i], NULL, post_run,
						posts[i]), 0);
	}
	turn_until(t.loop, &t.done);
	for (int i = 0; i < POST_THREADS; i++)
		pthread_join(threads[i], NULL);
}

static void post_flag(void *data)
{
	*(bool *)data = true;
}

static void *post_late(void *data)
{
	void **both = data;

	loop_post(both[0], post_flag, both[1]);
	return NULL;
}

static void test_a_post_wakes_a_waiting_loop(void **state)
{
	bool done = false;
	void *both[2] = {*state, &done};
	int64_t begin = clock_mono_ms();
	pthread_t thread;

	pthread_create(&thread, NULL, post_late, both);
	while (!done)
		assert_int_equal(loop_turn(*state, DEADLINE_MS, NULL), 0);
	assert_true(clock_mono_ms() - begin < DEADLINE_MS);
	pthread_join(thread, NULL);
}

/* ---- descriptors and signals ---- */

struct fd_test {
	struct loop_fd *first, *second;
	short seen;
	int calls;
	bool done;
};

static void fd_ends_both(void *data, short revents)
{
	struct fd_test *t = data;

	t->seen |= revents;
	t->calls++;
	loop_unwatch_fd(t->first);
	loop_unwatch_fd(t->second);
	t->done = true;
}

static void test_a_callback_may_end_any_descriptor(void **state)
{
	struct fd_test t = {0};
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_int_equal(write(ends[1], "x", 1), 1);
	loop_watch_fd(*state, ends[0], POLLIN, fd_ends_both, &t, &t.first,
		      NULL);
	loop_watch_fd(*state, ends[0], POLLIN, fd_ends_both, &t, &t.second,
		      NULL);
	turn_until(*state, &t.done);
	loop_turn(*state, 0, NULL);
	assert_int_equal(t.calls, 1);
	close(ends[0]);
	close(ends[1]);
}

static void test_a_hangup_is_told_and_not_spun_on(void **state)
{
	struct fd_test t = {0};
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	close(ends[1]);
	loop_watch_fd(*state, ends[0], POLLIN, fd_ends_both, &t, &t.first,
		      NULL);
	turn_until(*state, &t.done);
	assert_true(t.seen & POLLHUP);
	close(ends[0]);
}

static void signal_note(void *data, int number)
{
	int *seen = data;

	*seen = number;
}

static void test_a_signal_is_an_event(void **state)
{
	const int signals[] = {SIGUSR1, SIGWINCH};
	int64_t end = clock_mono_ms() + DEADLINE_MS;
	int seen = 0;

	assert_int_equal(loop_signals(*state, signals, 2, signal_note, &seen,
				      NULL), 0);
	raise(SIGUSR1);
	while (!seen && clock_mono_ms() < end)
		loop_turn(*state, 100, NULL);
	assert_int_equal(seen, SIGUSR1);
}

static void stop_loop(void *data)
{
	loop_stop(data);
}

static void test_run_ends_by_stop(void **state)
{
	loop_timer(*state, 1, 0, stop_loop, *state, NULL, NULL);
	assert_int_equal(loop_run(*state, NULL), 0);
}

#define LOOP_TEST(name) \
	cmocka_unit_test_setup_teardown(name, setup_loop, teardown_loop)

static void timer_counts(void *data)
{
	++*(int *)data;
}

static void test_a_resting_timer_is_set(void **state)
{
	struct loop *loop;
	struct loop_timer *timer;
	int calls = 0;

	(void)state;
	assert_int_equal(loop_open(&loop, NULL), 0);
	assert_int_equal(loop_timer(loop, 0, LOOP_TIMER_REST, timer_counts,
				    &calls, &timer, NULL), 0);
	for (int turn = 0; turn < 3; turn++)
		assert_int_equal(loop_turn(loop, 5, NULL), 0);
	assert_int_equal(calls, 1);
	loop_timer_set(timer, 0);
	assert_int_equal(loop_turn(loop, 5, NULL), 0);
	assert_int_equal(calls, 2);
	assert_int_equal(loop_turn(loop, 5, NULL), 0);
	assert_int_equal(calls, 2);
	loop_timer_cancel(timer);
	loop_close(loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_resting_timer_is_set),
		LOOP_TEST(test_timers_fire_in_order_and_can_end_each_other),
		LOOP_TEST(test_timers_have_a_maximum),
		LOOP_TEST(test_posts_of_threads_all_arrive_in_their_order),
		LOOP_TEST(test_a_post_wakes_a_waiting_loop),
		LOOP_TEST(test_a_callback_may_end_any_descriptor),
		LOOP_TEST(test_a_hangup_is_told_and_not_spun_on),
		LOOP_TEST(test_a_signal_is_an_event),
		LOOP_TEST(test_run_ends_by_stop),
	};

	return cmocka_run_group_tests_name("net", tests, NULL, NULL);
}
