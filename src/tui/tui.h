/*
 * The full-screen front end, on curses. It draws what view/ lays out and turns
 * keys into the operator's decisions; it decides nothing itself.
 *
 * Use: tui_open, conduct_open with tui_listener, tui_attach, loop_run,
 * tui_close, conduct_close. When the run has ended it shows the end page until
 * a key is pressed, then stops the loop. One at a time: curses is global.
 */
#ifndef CUTOVER_TUI_TUI_H
#define CUTOVER_TUI_TUI_H

#include "base/error.h"
#include "conduct/conduct.h"

struct loop;
struct tui;

/*
 * Checks the terminal, takes the screen, and takes SIGWINCH, INT, TERM, HUP,
 * TSTP and CONT on the loop. To be called before threads are started.
 * ERR_INVALID when standard input or output is no terminal or one that cannot
 * show a screen (the message advises --plain); ERR_NOMEM, ERR_LIMIT, ERR_IO.
 */
int tui_open(struct loop *loop, struct tui **ret, struct error *err);
/* What conduct_open wants; valid until tui_close. */
const struct conduct_listener *tui_listener(struct tui *tui);
/* Names the run to be shown; before the loop turns. Borrowed until tui_close.
 * records: of a run that is gone on with, for its page; shared. NULL: none yet. */
void tui_attach(struct tui *tui, struct conductor *conductor,
		const json_t *records);
/* Gives the terminal back as it was found. Takes NULL. */
void tui_close(struct tui *tui);

#endif
