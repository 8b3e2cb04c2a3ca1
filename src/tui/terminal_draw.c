/* Drawing on the terminal; see terminal.h. */
#include "tui/terminal.h"

#include <curses.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "tui/terminal_private.h"

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

void terminal_colours(struct terminal *terminal)
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
	struct canvas *canvas = &terminal->canvas;
	bool sent;

	/* one drawing after the other: a slow line shows the newest, not all */
	if (!canvas_is_clear(canvas) || terminal_shows(terminal, frame)) {
		frame_release(frame);
		return canvas_is_clear(canvas);
	}
	for (int y = 0; y < frame->height; y++)
		terminal_row(terminal, frame, y);
	move(frame->cursor_y, frame->cursor_x);
	wnoutrefresh(stdscr);
	canvas_begin(canvas);
	doupdate();
	frame_release(&terminal->shown);
	sent = canvas_end(canvas);
	if (sent) {
		terminal->shown = *frame;
		*frame = (struct frame){0};
	} else {
		terminal_redraw(terminal);
		frame_release(frame);
	}
	return sent && canvas_is_clear(canvas);
}

void terminal_bell(struct terminal *terminal)
{
	if (!canvas_is_clear(&terminal->canvas))
		return;
	canvas_begin(&terminal->canvas);
	beep();
	canvas_end(&terminal->canvas);
}
