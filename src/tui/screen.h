/*
 * Inside the full-screen front end: its struct, and what its files ask of each
 * other. tui.c opens, listens and draws; decide.c turns keys into decisions;
 * prompt.c says what is asked for.
 */
#ifndef CUTOVER_TUI_SCREEN_H
#define CUTOVER_TUI_SCREEN_H

#include <jansson.h>

#include "tui/editor.h"
#include "tui/terminal.h"
#include "tui/tui.h"
#include "view/view.h"

/* What the next key means. */
enum tui_mode {
	MODE_KEYS,
	MODE_WORD,              /* types the gate's word */
	MODE_ROLLBACK,          /* types the word of the way back */
	MODE_NOTE,
	MODE_GUARD,             /* types the number of a guard to override */
	MODE_REASON,            /* and why */
	MODE_PARK,              /* y parks */
	MODE_CANCEL,            /* y stops waiting */
};

/* A gate, and whether it was open when last looked at. */
struct tui_gate {
	enum engine_phase phase;
	size_t step;
	bool rolling_back;
	int64_t since;
	bool open;
};

struct tui {
	struct loop *loop;
	struct conductor *conductor;    /* borrowed; NULL before it is attached */
	struct conduct_listener listener;
	struct terminal terminal;
	struct loop_fd *watch;
	struct loop_timer *tick;
	int64_t drawn_ms;               /* when the screen was last drawn */
	enum tui_mode mode;
	struct editor editor;
	struct tui_gate gate;
	size_t guard;                   /* MODE_REASON */
	enum view_page page;
	size_t scroll, rows;            /* rows: of the page */
	char message[ERROR_WHERE_MAX + ERROR_MESSAGE_MAX];
	bool message_passes;            /* a refusal: gone with what it was about */
	char label[128];                /* of the prompt */
	json_t *records, *messages;
	int percent;                    /* of the budget, when the bell last rang */
	bool two_writers;
	bool utf8;
	const char *park;               /* park as soon as it can be: the reason */
	bool leave;                     /* no end page: the terminal is gone */
	bool ended;
};

/* ---- decide.c ------------------------------------------------------------ */

/* Takes one key. */
void tui_key(struct tui *tui, const struct view_input *input, int key);
/* Looks whether a gate has opened or shut since; what was typed before counts
 * for nothing (promise 7). */
void tui_watch_gate(struct tui *tui, const struct view_input *input);
/* Is a line being typed? */
bool tui_is_typing(const struct tui *tui);
/* Can it be seen what would be confirmed? */
bool tui_shows_deed(const struct tui *tui);

/* ---- prompt.c ------------------------------------------------------------ */

/* The prompt of the mode it is in. */
struct view_prompt tui_prompt(struct tui *tui, const struct view_input *input);

/* ---- tui.c --------------------------------------------------------------- */

/* Shows a message, and keeps it. */
void tui_say(struct tui *tui, const char *text);

#endif
