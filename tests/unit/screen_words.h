/*
 * Tests of what a screen says: one run at hand for each test, the screen that
 * was drawn of it last, and whether words stand on it.
 */
#ifndef CUTOVER_TESTS_SCREEN_WORDS_H
#define CUTOVER_TESTS_SCREEN_WORDS_H

#include "screen_fixture.h"

extern struct fixture fixture;
extern char *screen;            /* as text; NULL: nothing was drawn yet */

/* For cmocka: opens and closes the fixture of a test. */
int screen_setup(void **state);
int screen_teardown(void **state);
#define UNIT(name) \
	cmocka_unit_test_setup_teardown(name, screen_setup, screen_teardown)

void screen_draw(struct view_ui ui, int width, int height);
/* Fail with the whole screen. */
void there(const char *words);
void not_there(const char *words);

#endif
