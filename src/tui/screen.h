/*
 * Inside the full-screen front end: its struct, and what its files ask of each
 * other. tui.c opens, listens and draws; decide.c turns keys into decisions,
 * arm.c those about later gates; prompt.c says what is asked for.
 */
#ifndef CUTOVER_TUI_SCREEN_H
#define CUTOVER_TUI_SCREEN_H

#include <jansson.h>

#include "tui/editor.h"
#include "tui/tempo.h"
#include "tui/terminal.h"
#include "tui/tui.h"
#include "view/view.h"

/* What the next key means. */
enum tui_mode {
	MODE_KEYS,
	MODE_WORD,              /* types the gate's word */
	MODE_ROLLBACK,          /* types the word of the way back */
	MODE_TAKE_OVER,         /* types the word that takes the Lease */
	MODE_NOTE,
	MODE_GUARD,             /* types the number of a guard to override */
	MODE_REASON,            /* and why */
	MODE_SKIP,              /* types why an undo is left out */
	MODE_PARK,              /* y parks */
	MODE_CANCEL,            /* y stops waiting */
	MODE_ARM,               /* types the word of a later gate; empty: skips it */
};

/* A gate, and how it stood when last looked at. */
struct tui_gate {
	enum engine_phase phase;
	size_t step, effect;
	bool rolling_back;
	int64_t since;
	bool resumes;                   /* a run that was left asks first whether to
					   go on, wherever it stands */
	bool open;
	bool goes;                      /* by itself, as it was armed */
};

/* How long what has opened must stand there before one key decides it; and how
 * long after a question went away because what it asked about was over: its y
 * may be on its way. */
#define TUI_GLANCE_MS 1000
#define TUI_SWEPT_MS 2000

#define TUI_UNSEEN UINT64_MAX

struct tui {
	struct loop *loop;
	struct conductor *conductor;    /* borrowed; NULL before it is attached */
	struct conduct_listener listener;
	struct terminal terminal;
	struct loop_fd *watch;
	struct loop_timer *tick;
	int64_t tick_ms;                /* when it will; INT64_MAX: it rests */
	struct tempo tempo;
	uint64_t news;                  /* of the cluster, as last drawn */
	bool recorded;                  /* something, since it was drawn */
	enum tui_mode mode;
	bool left;                      /* Esc left the word of this gate: keys work */
	struct editor editor;
	struct tui_gate gate, drawn;    /* as it is, and as it was last shown */
	struct tui_gate called;         /* open: as it last called the operator */
	int64_t drawn_ms;               /* since when it is shown so */
	int64_t swept_ms;               /* when a question that y answers went away */
	uint64_t way_back_shown;        /* its version; TUI_UNSEEN: not since asked */
	size_t guard;                   /* MODE_REASON */
	const struct effects *ahead;    /* AHEAD: what that gate would send; else NULL */
	size_t ahead_step;
	enum view_page page;
	size_t scroll, rows;            /* rows: of the page */
	char message[ERROR_WHERE_MAX + ERROR_MESSAGE_MAX];
	bool message_passes;            /* a refusal: gone with what it was about */
	bool message_waits;             /* of a journal that cannot be written: gone
					   once it can */
	char label[128];                /* of the prompt */
	json_t *records, *messages;
	int percent, way_back_percent;  /* of the budgets, when the bell last rang */
	bool two_writers, astray;       /* as when it last rang */
	bool utf8;
	const char *park;               /* park as soon as it can be: the reason */
	bool leave;                     /* no end page: the terminal is gone */
	bool ended, end_shown;
	bool was_typing;                /* when it ended */
};

/* ---- decide.c ------------------------------------------------------------ */

/* Takes one key. */
void tui_key(struct tui *tui, const struct view_input *input, int key);
/* Looks whether a gate has opened or shut since; what was typed before counts
 * for nothing (promise 7). */
void tui_watch_gate(struct tui *tui, const struct view_input *input);
/* Does a gate or a failure wait for the operator that did not when this was last
 * asked? What would be sent may change at an open gate: that calls nobody. */
bool tui_gate_calls(struct tui *tui, const struct view_input *input);
/* A frame was shown: if the gate stands on it, it can be decided from now on. */
void tui_gate_drawn(struct tui *tui);
/* Is the gate shown as it is? */
bool tui_gate_is_seen(const struct tui *tui);
/* For so short a time that a key was for what stood there before? */
bool tui_gate_is_new(const struct tui *tui);
/* Is a line being typed? */
bool tui_is_typing(const struct tui *tui);
/* Can it be seen what would be confirmed? */
bool tui_shows_deed(const struct tui *tui);
/* Too small a terminal for any of it? */
bool tui_is_small(const struct tui *tui);

/* Shows a page, from its beginning or its end. */
void tui_go(struct tui *tui, enum view_page page);
/* A line is typed next, or keys work again. */
void tui_type(struct tui *tui, enum tui_mode mode);
/* Back to what the gate asks for. */
void tui_rest(struct tui *tui, const struct view_input *input);
/* A refusal: gone when one goes on. */
void tui_say_error(struct tui *tui, const struct error *err);

/* ---- arm.c --------------------------------------------------------------- */

#define TUI_ARM_WORD "arm"      /* where the gate has no word of its own */

/* Shows the next gate from `from` on that can be armed; none: ends. */
void tui_arm(struct tui *tui, const struct view_input *input, size_t from);
/* Takes the line typed there: the word, or nothing to skip the gate. */
void tui_arm_line(struct tui *tui, const struct view_input *input,
		  const char *text);
/* The word that arms the gate shown. */
const char *tui_arm_word(const struct tui *tui);
/* Inside the window a key ends all arming; true: that was all it did. */
bool tui_stop_armed(struct tui *tui, const struct view_input *input, int key);

/* ---- prompt.c ------------------------------------------------------------ */

/* The prompt of the mode it is in. */
struct view_prompt tui_prompt(struct tui *tui, const struct view_input *input);

/* ---- tui.c --------------------------------------------------------------- */

/* Shows a message, and keeps it. */
void tui_say(struct tui *tui, const char *text);

#endif
