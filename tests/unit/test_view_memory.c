/*
 * Screens while memory fails: every page is drawn with each allocation failing
 * in turn. What a page cannot hold it leaves out; nothing breaks, nothing leaks.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <locale.h>
#include <stdlib.h>
#include <time.h>

#include "conduct/reality.h"
#include "failing_memory.h"
#include "screen_fixture.h"

struct drawing {
	struct fixture fixture;
	struct view_ui ui;
	size_t rows;            /* of the page, as it is with memory */
	size_t drawn;
};

static int act(void *data, struct error *err)
{
	struct drawing *d = data;
	struct view_input input;
	struct frame frame;
	int status;

	fixture_input(&d->fixture, true, &input);
	if (frame_init(&frame, d->ui.width, d->ui.height))
		return error_nomem(err);
	status = view_draw(&input, &d->ui, &frame, &d->drawn);
	frame_release(&frame);
	return status;
}

static void check(void *data, int code)
{
	const struct drawing *d = data;

	(void)code;
	/* less may be shown, never more */
	assert_true(d->drawn <= d->rows);
}

static void draw_all(struct drawing *d, const char *name)
{
	for (int page = 0; page < VIEW_PAGES; page++) {
		d->ui.page = (enum view_page)page;
		d->rows = SIZE_MAX;
		assert_int_equal(act(d, NULL), 0);
		d->rows = d->drawn;
		failing_memory_try(&(struct failing_case){
			.name = name, .act = act, .check = check, .data = d});
	}
}

static void test_every_page(void **state)
{
	struct drawing d = {.ui = {.width = 120, .height = 40}};

	(void)state;
	fixture_open(&d.fixture);
	d.ui.ahead = &d.fixture.effects;
	d.ui.records = json_array();
	d.ui.messages = json_pack("[s]", "a message");
	fixture_walk_to(&d.fixture, "promote");
	fixture_verdicts(&d.fixture, VERDICT_GREEN);
	draw_all(&d, "gate");
	json_decref((json_t *)d.ui.records);
	json_decref((json_t *)d.ui.messages);
	fixture_close(&d.fixture);
}

static void test_a_run_that_asks(void **state)
{
	struct drawing d = {.ui = {.width = 80, .height = 24}};
	struct reality reality = {.count = 2, .looked = true};

	(void)state;
	fixture_open(&d.fixture);
	d.ui.ahead = &d.fixture.effects;
	fixture_walk_to(&d.fixture, "promote");
	reality.rows[1].step = 1;
	d.fixture.reality = &reality;
	draw_all(&d, "resume");
	fixture_close(&d.fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_page),
		cmocka_unit_test(test_a_run_that_asks),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
