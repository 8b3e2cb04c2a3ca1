/* Words and figures that several panes and both front ends use. Pure. */
#ifndef CUTOVER_VIEW_WORDS_H
#define CUTOVER_VIEW_WORDS_H

#include "base/clock.h"
#include "view/view.h"

#define WORDS_MAX 512

/* "00:12.4", "75:00.0": a running clock, in tenths if they matter. */
void words_clock(int64_t ms, bool tenths, char dst[CLOCK_STAMP_MAX]);
/* The step at hand (being done, or being undone); NULL: none. */
const struct runbook_step *words_step(const struct engine *engine);
/* "GATE", "ACTING", "waits"…: the state of a step. */
const char *words_step_state(const struct engine *engine, size_t step);
/* "shop/my-app-service": namespace and Service. */
void words_place(const struct runbook *runbook, char dst[WORDS_MAX]);
/* Two databases take users' writes, or one did after its fence: what and how
 * much. False when all is well, or nothing is known to be wrong. */
bool words_two_writers(const struct view_input *input, char dst[WORDS_MAX]);
/* Transactions that the fenced source took since; -1: unknown or not fenced. */
int64_t words_since_fence(const struct view_input *input);
/* Whether the database refuses users' writes, as last seen, however long ago; in a
 * word. */
enum db_flag words_refuses(const struct facts_database *database);
const char *words_flag(enum db_flag flag);
/* What stands before a value: where it is too old, a question mark. */
const char *words_gap(bool fresh);
/* What a fact's age says: "" while it is fresh, else "STALE 4.2 s" or
 * "unknown". */
void words_age(const struct stamp *stamp, int64_t now_ms, char dst[WORDS_MAX]);
/* The same, and why. */
void words_stale(const struct stamp *stamp, int64_t now_ms,
		 char dst[WORDS_MAX]);
/* Why the gate's effects cannot or must not be sent, beside its guards; NULL. */
const char *words_problem(const struct view_input *input);
/* Is this gate about to go on by itself? */
bool words_is_armed_now(const struct view_input *input);
/* That something decided waits for the journal, and what can be done; NULL. */
const char *words_unwritten(const struct view_input *input);
/* Whether nothing may be sent because the run's Lease is not ours. */
bool words_is_astray(const struct view_input *input);
/* Of what is stuck: what went wrong, in a clause. */
void words_stuck(const struct engine *engine, char dst[WORDS_MAX]);
/* How the open gate is passed, or why it is shut. */
void words_gate(const struct view_input *input, char dst[WORDS_MAX]);

/* ---- time and cost: cost.c ------------------------------------------------ */

/* The database that a way back has to send something to, and that does not
 * answer now; NULL: none. */
const struct facts_database *words_way_back_away(const struct view_input *input);
/* What a way back from here costs, and how long it takes, as one clause;
 * brief: in few columns. */
void words_way_back(const struct view_input *input, bool brief,
		    char dst[WORDS_MAX]);
/* How long so many steps take on the way back: "about 4 s (measured in 3
 * rehearsals)", "at least 3 s; 2 of 5 steps not measured", "not measured". */
void words_takes(const struct pace_sum *takes, size_t steps, bool brief,
		 char dst[WORDS_MAX]);
/* What undoing that step took earlier: "1.2 s, at most 1.9 s". */
void words_undone(const struct pace *pace, size_t step, char dst[WORDS_MAX]);
/* The moment after which a way back ends later than the agreed outage, by the
 * wall clock in ms. False: there is none, as no outage goes on, none was
 * agreed, or it is being gone back; *ret is -1 where it is not known how long
 * a way back takes. */
bool words_decide_by(const struct view_input *input, int64_t *ret);
/* "00:03.2 / 00:30": how long the way back has been walked, and its budget.
 * False: it is not being walked. */
bool words_way_back_clock(const struct view_input *input,
			  char dst[WORDS_MAX]);
/* How much of the agreed outage, and of the way back's budget, is used: 0, 25,
 * 50, 75, 90 or 100. */
int words_budget_percent(const struct view_input *input);
int words_way_back_percent(const struct view_input *input);

/* ---- verdicts ------------------------------------------------------------- */

enum mark words_verdict_mark(enum verdict_state state);
enum meaning words_verdict_meaning(enum verdict_state state);
/* "ok", "red" or "unknown", for lines that are read aloud. */
const char *words_verdict(enum verdict_state state);

#endif
