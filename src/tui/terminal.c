/* See terminal.h. */
#include "tui/terminal.h"

#include <curses.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <term.h>
#include <unistd.h>

#include "base/i18n.h"
#include "tui/crash.h"
#include "tui/terminal_private.h"

#define TERMINAL_ESC_MS 25
#define TERMINAL_SEQUENCE_MAX 512
#define PASTE_ON "\033[?2004h"
#define PASTE_OFF "\033[?2004l"

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

static void terminal_say(const struct terminal *terminal, const char *sequence)
{
	fputs(sequence, terminal->canvas.out);
	fflush(terminal->canvas.out);
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

static void terminal_modes(struct terminal *terminal)
{
	cbreak();
	noecho();
	nonl();
	intrflush(stdscr, FALSE);
	curs_set(1);
	terminal_listen(terminal);
	terminal_plain_keys();
	terminal_say(terminal, PASTE_ON);
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

/* Keys are read from a pad: reading from a window would draw it. */
static int terminal_take(struct terminal *terminal, struct error *err)
{
	terminal->screen = newterm(NULL, terminal->canvas.out, stdin);
	if (!terminal->screen)
		return error_set(err, ERR_INVALID, NULL,
				 _("the terminal cannot be taken; use --plain"));
	terminal->keys = newpad(1, 1);
	return terminal->keys ? 0 : error_nomem(err);
}

int terminal_open(struct terminal *terminal, struct loop *loop,
		  void (*drained)(void *data), void *data, struct error *err)
{
	int status;

	memset(terminal, 0, sizeof(*terminal));
	terminal->canvas.memory = -1;
	status = terminal_check(err);
	if (status)
		return status;
	tcgetattr(STDIN_FILENO, &terminal->before);
	/* looked at first: newterm does not say why it refuses */
	status = terminal_know(err);
	if (!status)
		status = canvas_open(&terminal->canvas, loop, drained, data,
				     err);
	if (!status)
		status = terminal_take(terminal, err);
	if (status)
		return status;
	set_escdelay(TERMINAL_ESC_MS);
	typeahead(-1);          /* a key that waits must not cut a drawing short */
	terminal_arm(terminal);
	terminal_colours(terminal);
	terminal_modes(terminal);
	terminal_resize(terminal);
	return 0;
}

void terminal_close(struct terminal *terminal)
{
	frame_release(&terminal->shown);
	if (terminal->screen) {
		canvas_settle(&terminal->canvas);
		terminal_say(terminal, PASTE_OFF);
		endwin();
		if (terminal->keys)
			delwin(terminal->keys);
		delscreen(terminal->screen);
		terminal->screen = NULL;
		tcsetattr(STDIN_FILENO, TCSANOW, &terminal->before);
		crash_disarm();
	}
	canvas_close(&terminal->canvas);
}

void terminal_suspend(struct terminal *terminal)
{
	canvas_settle(&terminal->canvas);
	terminal_say(terminal, PASTE_OFF);
	endwin();
	raise(SIGSTOP);
	/* whatever the shell left behind: our modes and a whole new screen */
	erase();
	refresh();
	terminal_modes(terminal);
	terminal_resize(terminal);
}
