/*
 * A run of a small runbook with everything that arming and outcomes are about:
 * a window, a gate with a word, a step of three effects, one that must stand
 * green for a while, one whose effect must happen once, one that is never
 * armed. Inputs go through decide and apply as the conductor does it.
 */
#ifndef CUTOVER_TESTS_ENGINE_FIXTURE_H
#define CUTOVER_TESTS_ENGINE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/json.h"
#include "engine/engine.h"

enum fixture_step {
	OFF,            /* opens the window */
	FENCE,          /* rds */
	PROMOTE,        /* word "promote"; stop, reset, unfence aurora */
	PATCH,          /* a Deployment; stands green for FIXTURE_HOLD_MS */
	SMOKE,          /* once; alone in its step; no undo */
	TWICE,          /* once, and another effect after it */
	ON,             /* arm: never; closes the window */
	FIXTURE_STEPS,
};

#define FIXTURE_HOLD_MS 500

struct run {
	struct engine engine;
	json_t *records;
	int64_t mono;
	enum engine_order order;        /* of the last input */
	size_t effect;
	struct verdict verdicts[RUNBOOK_ITEMS_MAX];
	struct verdict seen;
	json_t *effects;        /* in place of what the deed would send; NULL: that */
	const char *problem;
	struct error err;
};

int run_setup(void **state);
int run_teardown(void **state);

/* What that step sends, as at its gate (now) or as shown ahead; owned. */
json_t *run_effects(size_t step, bool undo, bool now);

/* Feeds an input; 0 or the error's code. */
int run_feed(struct run *run, enum engine_input_kind kind, const char *text,
	     size_t index);
/* Feeds the same verdict on every guard or check. */
int run_judge(struct run *run, enum verdict_state state);
/* Feeds verdicts that only want time. */
int run_judge_pending(struct run *run);
/* Feeds what is seen of the effect that is stuck. */
int run_see(struct run *run, enum verdict_state state);
/* Arms that gate, showing what it would send. */
int run_arm(struct run *run, size_t step, const char *word);

/* Opens the run, and arms every gate that may be. */
void run_open_armed(struct run *run);
/* From the open gate at hand to the next one, by the operator's hand. */
void run_pass(struct run *run);
/* To that step's gate, confirming each on the way. */
void run_pass_to(struct run *run, size_t step);
/* Answers every effect of the deed at hand. */
void run_finish_effects(struct run *run);

size_t run_count(const struct run *run, enum event event);
/* The last record of that event, or NULL. */
const json_t *run_last(const struct run *run, enum event event);
/* Folds the records anew; the caller releases it. */
void run_refold(const struct run *run, struct engine *ret);

#endif
