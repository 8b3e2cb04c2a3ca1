/* See terminal.h. */
#include "tui/terminal.h"

#include <curses.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "tui/crash.h"
#include "view/keys.h"

#define TERMINAL_ESC_MS 25
#define TERMINAL_PASTE_GAP_MS 1000
#define TERMINAL_SEQUENCE_MAX 512
#define PASTE_ON "\033[?2004h"
#define PASTE_OFF "\033[?2004l"

/* Codes for what curses does not know. */
enum {
	TERMINAL_PASTE_BEGINS = KEY_MAX + 1,
	TERMINAL_PASTE_ENDS,
};

/* What a meaning looks like: on colours, and without any. */
static const struct {
	short colour;                   /* -1: the terminal's own */
	attr_t attributes, mono;
} theme[MEANING_COUNT] = {
	[MEANING_PLAIN] = {-1, A_NORMAL, A_NORMAL},
	[MEANING_TITLE] = {-1, A_BOLD, A_BOLD},
	[MEANING_GOOD] = {COLOR_GREEN, A_NORMAL, A_NORMAL},
	[MEANING_BAD] = {COLOR_RED, A_BOLD, A_BOLD},
	[MEANING_UNKNOWN] = {COLOR_MAGENTA, A_BOLD, A_UNDERLINE},
	[MEANING_WARN] = {COLOR_YELLOW, A_BOLD, A_BOLD},
	[MEANING_DIM] = {-1, A_DIM, A_DIM},
	[MEANING_KEY] = {COLOR_CYAN, A_BOLD, A_BOLD},
	[MEANING_EMPHASIS] = {-1, A_BOLD, A_BOLD},
	[MEANING_HERE] = {COLOR_CYAN, A_BOLD, A_BOLD},
	[MEANING_ALARM] = {COLOR_RED, A_BOLD | A_REVERSE, A_BOLD | A_REVERSE},
	[MEANING_BAR] = {-1, A_REVERSE, A_REVERSE},
};

/* ---- taking and giving back ---------------------------------------------- */

/* Appends a capability without its padding ("$<5>"). */
static void terminal_append(char *dst, const char *name)
{
	const char *text = tigetstr(name);
	size_t used = strlen(dst);

	if (!text || text == (const char *)-1)
		return;
	while (*text && used + 1 < TERMINAL_SEQUENCE_MAX) {
		if (text[0] == '$' && text[1] == '<') {
			text += strcspn(text, ">");
			text += *text ? 1 : 0;
			continue;
		}
		dst[used++] = *text++;
	}
	dst[used] = '\0';
}

static void terminal_arm(const struct terminal *terminal)
{
	char restore[TERMINAL_SEQUENCE_MAX] = PASTE_OFF;

	terminal_append(restore, "sgr0");
	terminal_append(restore, "rmkx");
	terminal_append(restore, "cnorm");
	terminal_append(restore, "rmcup");
	crash_arm(STDOUT_FILENO, &terminal->before, restore);
}

static void terminal_colours(struct terminal *terminal)
{
	const char *no_color = getenv("NO_COLOR");

	terminal->colours = has_colors() && !(no_color && *no_color);
	if (!terminal->colours)
		return;
	start_color();
	use_default_colors();
	for (short i = 0; i < MEANING_COUNT; i++)
		init_pair((short)(i + 1), theme[i].colour, -1);
}

static void terminal_say(const char *sequence)
{
	fputs(sequence, stdout);
	fflush(stdout);
}

/* Ctrl-S and Ctrl-\ are keys like others: the one would halt the whole run at
 * its next drawing, the other kill it with an action in flight. */
static void terminal_plain_keys(void)
{
	struct termios now;

	if (tcgetattr(STDIN_FILENO, &now))
		return;
	now.c_iflag &= ~(tcflag_t)(IXON | IXOFF);
	now.c_cc[VQUIT] = _POSIX_VDISABLE;
	tcsetattr(STDIN_FILENO, TCSANOW, &now);
	def_prog_mode();
}

static void terminal_modes(void)
{
	cbreak();
	noecho();
	nonl();
	intrflush(stdscr, FALSE);
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	curs_set(1);
	terminal_plain_keys();
	define_key("\033[200~", TERMINAL_PASTE_BEGINS);
	define_key("\033[201~", TERMINAL_PASTE_ENDS);
	terminal_say(PASTE_ON);
}

static int terminal_check(struct error *err)
{
	const char *term = getenv("TERM");

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return error_set(err, ERR_INVALID, NULL,
				 _("standard input and output are not a terminal; use --plain"));
	if (!term || !*term || strcmp(term, "dumb") == 0)
		return error_set(err, ERR_INVALID, NULL,
				 _("this terminal (TERM=%s) cannot show a screen; use --plain"),
				 term ? term : "");
	return 0;
}

static int terminal_know(struct error *err)
{
	const char *term = getenv("TERM");
	bool places;
	int why;

	if (setupterm(NULL, STDOUT_FILENO, &why) == ERR)
		return error_set(err, ERR_INVALID, NULL,
				 _("the terminal '%s' is not known here; use --plain"),
				 term);
	places = cursor_address != NULL;
	del_curterm(cur_term);
	if (!places)
		return error_set(err, ERR_INVALID, NULL,
				 _("the terminal '%s' cannot place its cursor; use --plain"),
				 term);
	return 0;
}

int terminal_open(struct terminal *terminal, struct error *err)
{
	int status = terminal_check(err);

	memset(terminal, 0, sizeof(*terminal));
	if (status)
		return status;
	tcgetattr(STDIN_FILENO, &terminal->before);
	/* looked at first: newterm does not say why it refuses */
	status = terminal_know(err);
	if (status)
		return status;
	terminal->screen = newterm(NULL, stdout, stdin);
	if (!terminal->screen)
		return error_set(err, ERR_INVALID, NULL,
				 _("the terminal cannot be taken; use --plain"));
	set_escdelay(TERMINAL_ESC_MS);
	terminal_arm(terminal);
	terminal_colours(terminal);
	terminal_modes();
	terminal_resize(terminal);
	return 0;
}

/* Is there room to write? A terminal that takes nothing (a line that hangs, a
 * multiplexer that was stopped) would block whoever writes on, and with him the
 * run. A pseudo-terminal does not tell how much room there is: what is more than
 * its rest (8 KB when empty) still blocks. */
static bool terminal_takes(void)
{
	struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};
	int waiting = 0;

	if (ioctl(STDOUT_FILENO, TIOCOUTQ, &waiting) == 0 && waiting > 0)
		return false;
	return poll(&out, 1, 0) == 1 && (out.revents & POLLOUT);
}

void terminal_close(struct terminal *terminal)
{
	frame_release(&terminal->shown);
	if (!terminal->screen)
		return;
	/* what nobody takes any more must not keep us here */
	if (!terminal_takes())
		tcflush(STDOUT_FILENO, TCOFLUSH);
	terminal_say(PASTE_OFF);
	endwin();
	delscreen(terminal->screen);
	terminal->screen = NULL;
	tcsetattr(STDIN_FILENO, TCSANOW, &terminal->before);
	crash_disarm();
}

void terminal_suspend(struct terminal *terminal)
{
	terminal_say(PASTE_OFF);
	endwin();
	raise(SIGSTOP);
	/* whatever the shell left behind: our modes and a whole new screen */
	refresh();
	terminal_modes();
	terminal_resize(terminal);
}

/* ---- drawing ------------------------------------------------------------- */

void terminal_redraw(struct terminal *terminal)
{
	frame_release(&terminal->shown);
	clearok(curscr, TRUE);
}

void terminal_resize(struct terminal *terminal)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row &&
	    size.ws_col)
		resizeterm(size.ws_row, size.ws_col);
	getmaxyx(stdscr, terminal->height, terminal->width);
	terminal_redraw(terminal);
}

static void terminal_look(const struct terminal *terminal, enum meaning meaning)
{
	if (terminal->colours)
		attr_set(theme[meaning].attributes, (short)(meaning + 1), NULL);
	else
		attr_set(theme[meaning].mono, 0, NULL);
}

/* A row, in runs of one meaning. */
static void terminal_row(const struct terminal *terminal, struct frame *frame,
			 int y)
{
	char run[FRAME_WIDTH_MAX * FRAME_CELL_MAX];
	int x = 0;

	while (x < frame->width) {
		enum meaning meaning = frame_cell(frame, y, x)->meaning;
		int from = x;
		size_t used = 0;

		for (; x < frame->width; x++) {
			const struct cell *cell = frame_cell(frame, y, x);
			size_t len = strlen(cell->text);

			if (cell->meaning != meaning)
				break;
			memcpy(run + used, cell->text, len);
			used += len;
		}
		run[used] = '\0';
		terminal_look(terminal, meaning);
		mvaddstr(y, from, run);
	}
}

static bool terminal_shows(const struct terminal *terminal,
			   const struct frame *frame)
{
	const struct frame *shown = &terminal->shown;

	return shown->cells && shown->width == frame->width &&
	       shown->height == frame->height &&
	       shown->cursor_y == frame->cursor_y &&
	       shown->cursor_x == frame->cursor_x &&
	       memcmp(shown->cells, frame->cells,
		      (size_t)frame->width * (size_t)frame->height *
			      sizeof(*frame->cells)) == 0;
}

bool terminal_draw(struct terminal *terminal, struct frame *frame)
{
	bool shown = terminal_shows(terminal, frame);

	if (shown || !terminal_takes()) {
		frame_release(frame);
		return shown;
	}
	for (int y = 0; y < frame->height; y++)
		terminal_row(terminal, frame, y);
	move(frame->cursor_y, frame->cursor_x);
	wnoutrefresh(stdscr);
	doupdate();
	frame_release(&terminal->shown);
	terminal->shown = *frame;
	*frame = (struct frame){0};
	return true;
}

void terminal_bell(void)
{
	if (terminal_takes())
		beep();
}

/* ---- keys ---------------------------------------------------------------- */

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
	default:
		return KEY_CODE_NONE;
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
		int kind = get_wch(&code);
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
