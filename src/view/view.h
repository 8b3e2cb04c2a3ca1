/*
 * What a front end shows: everything it may draw on in one plain struct, so
 * that a screen can be made, and tested, without a run. Pure: no clock, no
 * terminal.
 */
#ifndef CUTOVER_VIEW_VIEW_H
#define CUTOVER_VIEW_VIEW_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conduct/conduct.h"
#include "view/frame.h"
#include "view/keys.h"

#define VIEW_DECISIONS DECIDE_COUNT

/* All borrowed, valid as long as the conductor's answers are. A spectator, who
 * has but the records, leaves out what they do not hold: NULL. */
struct view_input {
	const struct engine *engine;
	const struct facts *facts;
	const struct conduct_options *options;
	const struct verdict *verdicts;
	size_t verdict_count;
	const struct effects *effects;
	const struct way_back *way_back;
	const struct reality *reality;  /* a run that was left asks; else NULL */
	const struct verdict *seen;     /* STUCK: is the effect in place? */
	const char *forbidden;          /* why what is planned must not be sent; "" */
	const struct conduct_lease_view *lease; /* NULL: none is needed */
	enum conduct_unwritten unwritten;
	bool may[VIEW_DECISIONS];
	int64_t mono;                   /* the run's clock */
	int64_t wall_ms;
	bool utf8;
};

/* Fills *input from the conductor, as it is now. */
void view_input_of(const struct conductor *conductor, int64_t wall_ms,
		   bool utf8, struct view_input *input);

/* Is that guard shut, and not hard? */
bool view_may_override(const struct view_input *input, size_t guard);

/* A full screen of its own, by one key; VIEW_RUN is the run itself. */
enum view_page {
	VIEW_RUN,
	VIEW_DETAILS,
	VIEW_CLUSTER,
	VIEW_GTIDS,
	VIEW_WAY_BACK,
	VIEW_AHEAD,
	VIEW_JOURNAL,
	VIEW_MESSAGES,
	VIEW_HELP,
	VIEW_END,
	VIEW_PAGES,
};

/* What is asked for: the key bar names what answers it. */
enum view_asks {
	VIEW_ASKS_NOTHING,
	VIEW_ASKS_WORD,                 /* the gate's word */
	VIEW_ASKS_LINE,                 /* a note, a number, a reason */
	VIEW_ASKS_ROLLBACK,             /* the word of the way back, or of a take-over */
	VIEW_ASKS_ARM,                  /* the word of a later gate */
	VIEW_ASKS_YES,                  /* y; every other key means no */
};

/* What the operator is being asked to type, if anything. */
struct view_prompt {
	enum view_asks asks;
	const char *label;              /* "Type promote to go on: "; NULL: nothing */
	const char *text;               /* typed so far */
	enum meaning meaning;
};

/* What the operator has done to the screen. */
struct view_ui {
	int width, height;
	enum view_page page;
	size_t scroll;                  /* rows from the top of the page */
	struct view_prompt prompt;
	const char *message;            /* an error not yet dismissed; NULL */
	const struct effects *ahead;    /* AHEAD: what the gate would send */
	size_t ahead_step;
	bool choosing;                  /* the gate's guards are numbered */
	const json_t *records;          /* an array: the journal's last records */
	const json_t *messages;         /* an array of texts */
};

/* The least size at which the screen can be read. */
#define VIEW_WIDTH_MIN 80
#define VIEW_HEIGHT_MIN 24

/* Draws the whole screen; the frame is initialised and released by the caller,
 * and the screen has its size. Returns 0, and through *ret_rows (may be
 * NULL) how many rows the page has, so that scrolling knows its end. */
int view_draw(const struct view_input *input, const struct view_ui *ui,
	      struct frame *frame, size_t *ret_rows);

/* One record in words, the important one first: "SENT to rds (…): SET …".
 * False when it says nothing that a person needs to read. */
bool view_record(const struct runbook *runbook, const json_t *record,
		 char *dst, size_t size);

#endif
