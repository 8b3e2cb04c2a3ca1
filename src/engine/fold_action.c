/* Folding actions, checks and the ends of steps; see fold.h. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "engine/fold.h"

int fold_action_intended(struct engine *engine, const json_t *record,
			 struct error *err)
{
	struct engine_step *step = fold_step(engine, record);

	if (!step || engine->phase != ENGINE_ACTING)
		return fold_refuse(record, err);
	engine->effect = (size_t)json_number(record, "action", 0);
	engine->in_flight = true;
	engine->acting_mono = engine->last_mono;
	if (engine->rolling_back)
		step->undo_began = true;
	else
		step->began = true;
	return 0;
}

int fold_action_done(struct engine *engine, const json_t *record,
		     struct error *err)
{
	if (engine->phase != ENGINE_ACTING)
		return fold_refuse(record, err);
	engine->in_flight = engine->unknown = engine->tried = false;
	engine->acted_mono = engine->last_mono;
	engine->own_transactions += json_number(record, "transactions", 0);
	engine->effect++;
	if (engine->effect >= json_array_size(engine->effects)) {
		engine->phase = ENGINE_CHECKING;
		engine->checking_mono = engine->last_mono;
	}
	return 0;
}

void fold_get_stuck(struct engine *engine, const char *problem)
{
	fold_disarm(engine);
	engine->phase = ENGINE_STUCK;
	engine->seen[0] = engine->found[0] = '\0';
	snprintf(engine->problem, sizeof(engine->problem), "%s", problem);
	if (!engine->rolling_back)
		engine->steps[engine->step].state = STEP_STUCK;
}

int fold_action_failed(struct engine *engine, const json_t *record,
		       struct error *err)
{
	if (engine->phase != ENGINE_ACTING)
		return fold_refuse(record, err);
	engine->in_flight = false;
	engine->acted_mono = engine->last_mono;
	engine->stuck_on_check = false;
	engine->unknown = strcmp(json_text(record, "outcome", "unknown"),
				 "unknown") == 0;
	engine->tried = true;
	fold_get_stuck(engine, json_text(record, "error", ""));
	return 0;
}

/* Found in place, it counts as done; what else the step sends is for the
 * operator to go on with, and what went wrong with this one stays told. */
static void fold_found_done(struct engine *engine, const json_t *record)
{
	engine->found_lost = engine->unknown;
	engine->unknown = engine->tried = false;
	engine->seen[0] = '\0';
	engine->own_transactions += json_number(record, "transactions", 0);
	engine->effect++;
	if (engine->effect < json_array_size(engine->effects)) {
		snprintf(engine->found, sizeof(engine->found), "%s",
			 json_text(record, "text", ""));
		return;
	}
	engine->phase = ENGINE_CHECKING;
	engine->checking_mono = engine->last_mono;
	if (!engine->rolling_back)
		engine->steps[engine->step].state = STEP_RUNNING;
}

/* A check is late since an effect that was done has come undone: it is as if
 * that one had failed. */
static void fold_found_undone(struct engine *engine, const json_t *record)
{
	size_t index = (size_t)json_number(record, "action", 0);

	if (!engine->stuck_on_check)
		return;
	engine->stuck_on_check = false;
	engine->tried = true;
	engine->effect = index;
}

int fold_action_observed(struct engine *engine, const json_t *record,
			 struct error *err)
{
	bool done = strcmp(json_text(record, "state", ""), "done") == 0;

	if (engine->phase != ENGINE_STUCK ||
	    (engine->stuck_on_check ? done : !engine->tried))
		return fold_refuse(record, err);
	if (done) {
		fold_found_done(engine, record);
		return 0;
	}
	fold_found_undone(engine, record);
	snprintf(engine->seen, sizeof(engine->seen), "%s",
		 json_text(record, "text", ""));
	return 0;
}

int fold_check_timed_out(struct engine *engine, const json_t *record,
			 struct error *err)
{
	if (engine->phase != ENGINE_CHECKING)
		return fold_refuse(record, err);
	/* what they alone could have shown is as unknown as it was */
	engine->stuck_on_check = !engine->unknown;
	fold_get_stuck(engine, json_text(record, "text", ""));
	return 0;
}

int fold_check_passed(struct engine *engine, const json_t *record,
		      struct error *err)
{
	return engine->phase == ENGINE_CHECKING ? 0 : fold_refuse(record, err);
}

int fold_step_done(struct engine *engine, const json_t *record,
		   struct error *err)
{
	struct engine_step *step = fold_step(engine, record);

	if (!step || engine->phase != ENGINE_CHECKING)
		return fold_refuse(record, err);
	step->state = engine->rolling_back ? STEP_UNDONE : STEP_DONE;
	step->done_mono = engine->last_mono;
	engine->phase = ENGINE_BETWEEN;
	if (engine->rolling_back) {
		engine->undo++;
		engine->lost = json_number(record, "lost", -1);
	} else {
		engine->own_transactions += json_number(record, "transactions",
							0);
		fold_keep(&step->after, json_object_get(record, "positions"));
	}
	return 0;
}

int fold_step_skipped(struct engine *engine, const json_t *record,
		      struct error *err)
{
	struct engine_step *step = fold_step(engine, record);

	if (!step || !engine->rolling_back ||
	    (engine->phase != ENGINE_GATE && engine->phase != ENGINE_STUCK))
		return fold_refuse(record, err);
	step->state = STEP_SKIPPED;
	step->done_mono = engine->last_mono;
	engine->phase = ENGINE_BETWEEN;
	engine->undo++;
	engine->lost = json_number(record, "lost", -1);
	return 0;
}

