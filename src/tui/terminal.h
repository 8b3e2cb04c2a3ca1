/*
 * The terminal, through curses: taken and given back (terminal.c), drawn on
 * (terminal_draw.c), read from (terminal_keys.c). Nothing else knows curses. One
 * at a time. Nothing here waits for a terminal that takes nothing.
 */
#ifndef CUTOVER_TUI_TERMINAL_H
#define CUTOVER_TUI_TERMINAL_H

#include <stdbool.h>
#include <stdint.h>
#include <termios.h>

#include "base/error.h"
#include "tui/canvas.h"
#include "view/frame.h"

struct loop;

struct terminal {
	void *screen;                   /* of curses; NULL: not taken */
	void *keys;                     /* a pad of curses that reads them */
	struct canvas canvas;
	struct termios before;
	bool colours;
	bool pasting;                   /* inside a bracketed paste: swallow */
	bool pasting_cut;               /* its end may have been thrown away */
	int64_t pasted_ms;              /* when anything came last */
	struct frame shown;             /* what the terminal shows */
	int width, height;
};

/* Takes the screen. drained(data) is called when a terminal that had not taken
 * all that was drawn has done so. ERR_INVALID: no terminal, or one that cannot
 * show a screen; ERR_NOMEM, ERR_IO. Signals must have been blocked before. */
int terminal_open(struct terminal *terminal, struct loop *loop,
		  void (*drained)(void *data), void *data, struct error *err);
/* Gives it back; safe to call twice. */
void terminal_close(struct terminal *terminal);

/* Adopts the terminal's size, after SIGWINCH or a stop. */
void terminal_resize(struct terminal *terminal);
/* Shows the frame, which is taken over. false: the terminal has not taken all
 * of it yet, or not even what was drawn before; nothing waits for it. */
bool terminal_draw(struct terminal *terminal, struct frame *frame);
/* Draws everything anew the next time. */
void terminal_redraw(struct terminal *terminal);
/* The next key (enum key_code or a character), or KEY_CODE_NONE. */
int terminal_key(struct terminal *terminal);
/* Throws away what was typed and not yet read. */
void terminal_flush(struct terminal *terminal);
void terminal_bell(struct terminal *terminal);
/* Gives the terminal back, stops this process, takes it again when continued. */
void terminal_suspend(struct terminal *terminal);

#endif
