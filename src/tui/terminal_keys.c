/* The terminal's keys; see terminal.h. */
#include "tui/terminal.h"

#include <curses.h>

#include "base/clock.h"
#include "tui/terminal_private.h"
#include "view/keys.h"

#define TERMINAL_PASTE_GAP_MS 1000

/* Codes for what curses does not know. */
enum {
	TERMINAL_PASTE_BEGINS = KEY_MAX + 1,
	TERMINAL_PASTE_ENDS,
};

void terminal_listen(struct terminal *terminal)
{
	keypad(terminal->keys, TRUE);
	nodelay(terminal->keys, TRUE);
	define_key("\033[200~", TERMINAL_PASTE_BEGINS);
	define_key("\033[201~", TERMINAL_PASTE_ENDS);
}

static int terminal_translate(wint_t code)
{
	switch (code) {
	case KEY_UP:
		return KEY_CODE_UP;
	case KEY_DOWN:
		return KEY_CODE_DOWN;
	case KEY_PPAGE:
		return KEY_CODE_PAGE_UP;
	case KEY_NPAGE:
		return KEY_CODE_PAGE_DOWN;
	case KEY_BACKSPACE:
		return KEY_CODE_BACKSPACE;
	case KEY_ENTER:
		return KEY_CODE_ENTER;
	case KEY_RESIZE:
		return KEY_CODE_NONE;
	default:
		return KEY_CODE_OTHER;
	}
}

/* A paste ends with its mark; or, where that was thrown away with what was typed
 * before a gate opened, with a second of silence: no key is dead for ever. */
static bool terminal_is_pasted(struct terminal *terminal, int code)
{
	int64_t now = clock_mono_ms();

	if (code == TERMINAL_PASTE_BEGINS)
		terminal->pasting = true;
	else if (code == TERMINAL_PASTE_ENDS ||
		 (terminal->pasting_cut &&
		  now - terminal->pasted_ms > TERMINAL_PASTE_GAP_MS))
		terminal->pasting = terminal->pasting_cut = false;
	terminal->pasted_ms = now;
	return terminal->pasting || code == TERMINAL_PASTE_ENDS;
}

int terminal_key(struct terminal *terminal)
{
	for (;;) {
		wint_t code;
		int kind = wget_wch(terminal->keys, &code);
		int key;

		if (kind == ERR)
			return KEY_CODE_NONE;
		if (terminal_is_pasted(terminal, kind == KEY_CODE_YES ?
				       (int)code : 0))
			continue;
		key = kind == KEY_CODE_YES ? terminal_translate(code) :
		      code == '\r' ? KEY_CODE_ENTER :
		      code == 127 ? KEY_CODE_BACKSPACE : (int)code;
		if (key != KEY_CODE_NONE)
			return key;
	}
}

void terminal_flush(struct terminal *terminal)
{
	terminal->pasting_cut = terminal->pasting;
	flushinp();
}
