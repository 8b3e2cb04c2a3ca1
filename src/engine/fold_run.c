/* Folding the window, the way back, and the beginnings and ends of a run; see
 * fold.h. */
#include <string.h>

#include "base/json.h"
#include "engine/fold.h"

int fold_window_opened(struct engine *engine, const json_t *record,
		       struct error *err)
{
	if (engine->window_open)
		return fold_refuse(record, err);
	engine->window_open = true;
	engine->window_opened_mono = engine->last_mono;
	if (engine->window_first_mono < 0)
		engine->window_first_mono = engine->last_mono;
	return 0;
}

int fold_window_closed(struct engine *engine, const json_t *record,
		       struct error *err)
{
	if (!engine->window_open)
		return fold_refuse(record, err);
	engine->window_open = false;
	if (json_flag(record, "void", false)) {
		if (!engine->window_past_ms)
			engine->window_opened_mono =
				engine->window_first_mono = -1;
		return 0;
	}
	engine->window_past_ms += engine->last_mono - engine->window_opened_mono;
	return 0;
}

int fold_rollback_begun(struct engine *engine, const json_t *record,
			struct error *err)
{
	const json_t *undo = json_object_get(record, "undo");

	if (!engine->steps[engine->step].began)
		engine->steps[engine->step].state = STEP_WAITING;
	fold_disarm(engine);
	engine->rolling_back = true;
	engine->rollback_mono = engine->last_mono;
	engine->phase = ENGINE_BETWEEN;
	engine->undo = 0;
	engine->undo_count = 0;
	engine->problem[0] = engine->found[0] = '\0';
	for (size_t i = 0; i < json_array_size(undo); i++) {
		int step = runbook_find_step(engine->runbook,
			json_string_value(json_array_get(undo, i)));

		if (step < 0 || engine->undo_count == RUNBOOK_STEPS_MAX)
			return fold_refuse(record, err);
		engine->undo_steps[engine->undo_count++] = (size_t)step;
	}
	return 0;
}

int fold_rollback_done(struct engine *engine, const json_t *record,
		       struct error *err)
{
	if (!engine->rolling_back)
		return fold_refuse(record, err);
	engine->lost = json_number(record, "lost", -1);
	engine->rolled_back = true;
	return 0;
}

int fold_tripwire(struct engine *engine, const json_t *record,
		  struct error *err)
{
	(void)err;
	fold_disarm(engine);
	engine->tripped = json_number(record, "transactions", 0);
	return 0;
}

int fold_run_parked(struct engine *engine, const json_t *record,
		    struct error *err)
{
	(void)record;
	(void)err;
	fold_disarm(engine);
	engine->parked = engine->phase;
	engine->phase = ENGINE_PARKED;
	return 0;
}

static void fold_back_to_gate(struct engine *engine)
{
	engine->phase = ENGINE_GATE;
	if (!engine->rolling_back)
		engine->steps[engine->step].state = STEP_AT_GATE;
}

/* The run was left while it acted. What was intended may have happened: that
 * is unknown, and for the operator to look at. What was only confirmed is to
 * be confirmed again; if it was another try, of what may have happened, that is
 * as unknown as it was. */
static void fold_interrupted(struct engine *engine)
{
	if (!engine->in_flight && !engine->tried && engine->effect == 0) {
		fold_back_to_gate(engine);
		return;
	}
	if (engine->in_flight)
		engine->unknown = engine->tried = true;
	engine->in_flight = false;
	engine->stuck_on_check = false;
	fold_get_stuck(engine, engine->unknown ?
		       "the run was left before the answer came" :
		       "the run was left between two requests");
}

int fold_run_resumed(struct engine *engine, const json_t *record,
		     struct error *err)
{
	if (engine->phase == ENGINE_CLOSED)
		return fold_refuse(record, err);
	fold_disarm(engine);
	if (engine->phase == ENGINE_PARKED)
		engine->phase = engine->parked;
	/* what is seen from here on counts, not what was seen before */
	engine->acted_mono = engine->checking_mono = engine->last_mono;
	memset(engine->guards, 0, sizeof(engine->guards));
	if (engine->phase == ENGINE_GATE)
		fold_back_to_gate(engine);
	else if (engine->phase == ENGINE_ACTING)
		fold_interrupted(engine);
	return 0;
}

int fold_run_closed(struct engine *engine, const json_t *record,
		    struct error *err)
{
	const char *name = json_text(record, "result", "");

	(void)err;
	engine->phase = ENGINE_CLOSED;
	for (int i = RESULT_COMPLETED; i <= RESULT_FAILED; i++)
		if (strcmp(name, engine_result_name(i)) == 0)
			engine->result = i;
	return 0;
}

