/* The clocks of the header and of the end page: what was agreed, and what was
 * not. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "screen_words.h"

static void draw(enum view_page page)
{
	struct view_ui ui = {.page = page};

	screen_draw(ui, 80, 24);
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

static void way_back_stands_once(const char *clock)
{
	const char *found;

	draw(VIEW_END);
	there(clock);
	found = strstr(screen, "way back");
	if (strstr(found + 1, "way back"))
		fail_msg("the way back stands twice:\n%s", screen);
}

static void undo(const char *id)
{
	static const char *const events[] = {"gate.opened", "gate.confirmed",
					     "action.intended", "action.done",
					     "step.undone"};

	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		fixture_record(&fixture, events[i], json_pack(
			"{ss sb si s[{ss ss}]}", "step", id, "undo", 1,
			"action", 0, "effects", "target", "there", "request",
			"this"));
}

/* The end page tells it with the steps: of a run that was left on its way
 * back, and of one that is rolled back. */
static void test_the_way_back_stands_once(void **state)
{
	(void)state;
	fixture_walk_to(&fixture, "fence");
	fixture_record(&fixture, "rollback.begun",
		       json_pack("{ss s[s]}", "step", "fence", "undo",
				 "read-only"));
	fixture.mono += 1500;
	way_back_stands_once(" way back 00:01.5 / 00:30\n");
	undo("read-only");
	fixture_record(&fixture, "run.closed",
		       json_pack("{ss}", "result", "rolled-back"));
	draw(VIEW_END);
	there("ROLLED BACK\n");
	way_back_stands_once(" way back 00:01.5 / 00:30\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(test_no_budget),
		UNIT(test_the_way_back_stands_once),
	};

	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
