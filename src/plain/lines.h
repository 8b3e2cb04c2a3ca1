/*
 * Inside the front end of lines: its struct, and what its files ask of each
 * other. plain.c opens, listens and reads; show.c prints what has come up;
 * answer.c takes the operator's lines.
 */
#ifndef CUTOVER_PLAIN_LINES_H
#define CUTOVER_PLAIN_LINES_H

#include "conduct/conduct.h"
#include "plain/alarms.h"
#include "plain/autopilot.h"
#include "plain/command.h"
#include "plain/plain.h"
#include "plain/print.h"
#include "plain/sight.h"
#include "plain/waits.h"
#include "view/words.h"

struct loop;
struct loop_fd;
struct loop_timer;
struct outlet;

/* The gate as it was last printed. */
struct plain_shown {
	enum engine_phase phase;
	size_t step, effect;
	bool rolling_back;
	int64_t since;          /* that gate, not an earlier one of the step */
	bool open, armed;
	uint64_t effects;       /* the version of what it would send */
};

struct plain {
	struct loop *loop;
	struct plain_options options;
	struct outlet *outlet;
	struct printer printer;         /* to the outlet */
	struct conduct_listener listener;
	struct conductor *conductor;    /* borrowed; NULL before it is attached */
	struct loop_fd *watch;
	struct loop_timer *tick;
	struct autopilot autopilot;
	struct plain_shown shown;
	char reason[WORDS_MAX];         /* why it is shut, as told last; or "" */
	int64_t reason_mono;            /* when */
	char line[COMMAND_LINE_MAX];
	size_t line_len;
	bool line_too_long;
	bool reality_shown;             /* what the world says was printed */
	bool rollback_shown;            /* the next "rollback" begins it, if it is
					   still that way back: */
	uint64_t way_back_shown;        /* its version, as last printed */
	int64_t rollback_lost, rollback_mono;
	bool is_terminal;               /* what is typed comes from one */
	const char *park;               /* park as soon as it can be: the reason */
	struct alarms alarms;
	struct sight sight;
	struct waits waits;
	bool ended;
	int64_t ended_ms;
};

/* What is true now, as the view takes it. */
void plain_input(struct plain *plain, struct view_input *input);
/* Ticks in a turn of its own. */
void plain_wake(struct plain *plain);
void plain_say_error(struct plain *plain, const char *word,
		     const struct error *err);

/* Prints what has come up or changed. A gate counts as open from the moment it
 * was printed as open: what was typed before is thrown away (promise 7). */
void plain_show(struct plain *plain, const struct view_input *input);
/* Takes one line of the operator's. */
void plain_answer(struct plain *plain, const char *line);

#endif
