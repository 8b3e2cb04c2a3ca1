/* Units of tui/tempo: when the screen is drawn again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tui/tempo.h"

/* Long after the last drawing: all credit there is. */
static struct tempo rested(void)
{
	struct tempo tempo = {0};

	tempo_drawn(&tempo, 10000);
	return tempo;
}

static void test_a_key_never_waits(void **state)
{
	struct tempo tempo = rested();

	(void)state;
	for (int i = 0; i < 20; i++) {
		assert_int_equal(tempo_wait(&tempo, TEMPO_ASKED, 10500), 0);
		tempo_drawn(&tempo, 10500);
	}
}

static void test_news_wait_only_in_a_storm(void **state)
{
	struct tempo tempo = rested();

	(void)state;
	/* what was drawn a moment ago is no reason to wait */
	for (int i = 0; i < TEMPO_BURST; i++) {
		assert_int_equal(tempo_wait(&tempo, TEMPO_NEWS, 10500 + i), 0);
		tempo_drawn(&tempo, 10500 + i);
	}
	assert_true(tempo_wait(&tempo, TEMPO_NEWS, 10503) > 90);
	assert_int_equal(tempo_wait(&tempo, TEMPO_NEWS, 10603), 0);
}

static void test_a_storm_is_drawn_ten_times_a_second(void **state)
{
	struct tempo tempo = rested();
	int drawn = 0;

	(void)state;
	for (int64_t now = 20000; now < 30000; now++) {
		if (tempo_wait(&tempo, TEMPO_NEWS, now) > 0)
			continue;
		tempo_drawn(&tempo, now);
		drawn++;
	}
	assert_in_range(drawn, 95, 100 + TEMPO_BURST);
}

static void test_time_alone_is_drawn_as_it_shows(void **state)
{
	struct tempo tempo = rested();

	(void)state;
	assert_int_equal(tempo_wait(&tempo, TEMPO_CLOCK, 10040), 60);
	assert_int_equal(tempo_wait(&tempo, TEMPO_REST, 10040), 460);
	assert_int_equal(tempo_wait(&tempo, TEMPO_CLOCK, 10100), 0);
	assert_int_equal(tempo_wait(&tempo, TEMPO_REST, 10500), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_key_never_waits),
		cmocka_unit_test(test_news_wait_only_in_a_storm),
		cmocka_unit_test(test_a_storm_is_drawn_ten_times_a_second),
		cmocka_unit_test(test_time_alone_is_drawn_as_it_shows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
