/*
 * Inside the rules: what a rule gets, and the records that several rules
 * write. decide.c holds the operator's decisions, outcomes.c what becomes of
 * actions, verdicts.c what guards and checks lead to, arming.c what goes on by
 * itself. Each returns 0 or an error code.
 */
#ifndef CUTOVER_ENGINE_DECISION_H
#define CUTOVER_ENGINE_DECISION_H

#include "engine/engine.h"

struct decision_context {
	const struct engine *engine;
	const struct engine_input *input;
	struct engine_outputs *out;
	struct error *err;
};

/* Adds a record; takes fields (NULL: memory is out). */
#define DECIDE_REASON_LEAST 3   /* characters of a reason */

int decide_record(const struct decision_context *c, enum event event,
		  json_t *fields);
/* ERR_INVALID with a sentence for the operator. */
int decide_refuse(const struct decision_context *c, const char *why);
/* 0, or a refusal: guards that bind are not green. */
int decide_shut(const struct decision_context *c);
/* The id of the step at hand. */
const char *decide_step_id(const struct decision_context *c);
/* New values for records: what was not known is null, or left out. */
json_t *decide_lost(const struct decision_context *c);
json_t *decide_positions(const struct decision_context *c);

/* gate.opened of that step. */
int decide_gate(const struct decision_context *c, size_t index, bool undo);
/* action.intended for one of the effects, and the order to act. */
int decide_intent(const struct decision_context *c, const json_t *effects,
		  size_t index);
/* How a gate was passed, and what follows. */
struct decision_go {
	const char *word;       /* typed, now or when it was armed; NULL: none */
	bool retry;             /* after something had failed */
	bool armed;             /* by itself */
	bool only_wait;         /* nothing is sent; the checks are awaited */
	size_t from;            /* the first effect that is sent */
};
/* A confirmation and what follows: the window, the first act. */
int decide_go(const struct decision_context *c, const struct decision_go *go);
/* The ends: of the window, of the run, of a rollback. */
int decide_window_closed(const struct decision_context *c);
/* Where the step's first act, which begins the outage, was surely not done, there
 * was none: says so. */
int decide_window_void(const struct decision_context *c);
int decide_closed(const struct decision_context *c, enum engine_result result);
int decide_rollback_end(const struct decision_context *c);

/* What follows when a step has ended: the next gate, or the end of the run.
 * undo: rolling back, the index of the step to be undone next. */
int decide_next(const struct decision_context *c, size_t undo);

/* ---- arming.c ------------------------------------------------------------ */

int decide_arm(const struct decision_context *c);
int decide_disarm(const struct decision_context *c, const char *reason);
/* Verdicts at an armed gate: it goes on, waits, or stops for the operator. */
int decide_armed_gate(const struct decision_context *c);

/* ---- verdicts.c ---------------------------------------------------------- */

int decide_verdicts(const struct decision_context *c);
int decide_give_up(const struct decision_context *c);

/* ---- outcomes.c ---------------------------------------------------------- */

int decide_done(const struct decision_context *c);
int decide_failed(const struct decision_context *c);
int decide_seen(const struct decision_context *c);
int decide_retry(const struct decision_context *c);
int decide_skip(const struct decision_context *c);
int decide_tripped(const struct decision_context *c);

#endif
