/*
 * What curses draws on. It writes to a stream of its own, which is the terminal
 * while its modes are set, and memory while something is drawn: curses would
 * wait, or spin, until a slow terminal has taken the last byte. What was drawn
 * is sent from there by an outlet, which never waits.
 */
#ifndef CUTOVER_TUI_CANVAS_H
#define CUTOVER_TUI_CANVAS_H

#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"

struct loop;
struct outlet;

/* All zeroes but memory == -1: closed. */
struct canvas {
	FILE *out;              /* for curses */
	int memory;
	struct outlet *outlet;
};

/* On standard output. drained(data): see outlet.h. ERR_NOMEM, ERR_IO. */
int canvas_open(struct canvas *canvas, struct loop *loop,
		void (*drained)(void *data), void *data, struct error *err);
/* What curses writes from here on is kept ... */
void canvas_begin(struct canvas *canvas);
/* ... and here sent. Modes of the terminal must not be set in between. False:
 * it was lost. */
bool canvas_end(struct canvas *canvas);
/* Has the terminal taken all that was sent? */
bool canvas_is_clear(struct canvas *canvas);
/* Waits a moment until it has, else forgets the rest; then there is room for a
 * few more bytes, even so. */
void canvas_settle(struct canvas *canvas);
/* Safe to call twice; curses must have been closed before. */
void canvas_close(struct canvas *canvas);

#endif
