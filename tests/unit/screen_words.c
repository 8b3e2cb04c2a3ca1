/* See screen_words.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "screen_words.h"

struct fixture fixture;
char *screen;

int screen_setup(void **state)
{
	(void)state;
	fixture_open(&fixture);
	screen = NULL;
	return 0;
}

int screen_teardown(void **state)
{
	(void)state;
	free(screen);
	fixture_close(&fixture);
	return 0;
}

void screen_draw(struct view_ui ui, int width, int height)
{
	free(screen);
	screen = fixture_screen(&fixture, &ui, width, height, true);
}

void there(const char *words)
{
	if (!strstr(screen, words))
		fail_msg("\"%s\" is not there:\n%s", words, screen);
}

void not_there(const char *words)
{
	if (strstr(screen, words))
		fail_msg("\"%s\" is there:\n%s", words, screen);
}
