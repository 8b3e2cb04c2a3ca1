/* The clocks of the header and of the end page: what was agreed, and what was
 * not. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "screen_fixture.h"

static struct fixture fixture;
static char *screen;

static int setup(void **state)
{
	(void)state;
	fixture_open(&fixture);
	screen = NULL;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	free(screen);
	fixture_close(&fixture);
	return 0;
}

static void draw(enum view_page page)
{
	struct view_ui ui = {.page = page};

	free(screen);
	screen = fixture_screen(&fixture, &ui, 80, 24, true);
}

static void there(const char *words)
{
	if (!strstr(screen, words))
		fail_msg("\"%s\" is not there:\n%s", words, screen);
}

/* No outage was agreed: none is named, before, during and after it. */
static void test_no_budget(void **state)
{
	(void)state;
	draw(VIEW_RUN);
	there("              budget 01:00\n");
	fixture.runbook->budget_ms = 0;
	draw(VIEW_RUN);
	there("my-app-service REHEARSAL\n");
	fixture_walk_to(&fixture, "fence");
	draw(VIEW_RUN);
	there("            OUTAGE 00:01.0\n");
	fixture.engine.window_past_ms = 1000;
	fixture.engine.window_open = false;
	draw(VIEW_RUN);
	there("            outage 00:01.0\n");
	fixture.runbook->budget_ms = 60000;
	draw(VIEW_RUN);
	there("    outage 00:01.0 / 01:00\n");
}

#define UNIT(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(test_no_budget),
	};

	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
