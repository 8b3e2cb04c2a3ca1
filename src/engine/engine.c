/*
 * The fold: how each record changes the state. A table maps events to
 * handlers; a record that cannot follow what came before is refused, so that
 * a journal of another runbook is never mistaken for this one's.
 */
#include "engine/engine.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"

void engine_init(struct engine *engine, const struct runbook *runbook)
{
	memset(engine, 0, sizeof(*engine));
	engine->runbook = runbook;
	engine->acted_mono = -1;
	engine->window_opened_mono = -1;
	engine->lost = -1;
	for (size_t i = 0; i < RUNBOOK_STEPS_MAX; i++) {
		engine->steps[i].gate_mono = -1;
		engine->steps[i].confirmed_mono = -1;
		engine->steps[i].done_mono = -1;
	}
}

void engine_release(struct engine *engine)
{
	for (size_t i = 0; i < RUNBOOK_STEPS_MAX; i++) {
		json_decref(engine->steps[i].before);
		json_decref(engine->steps[i].after);
	}
	json_decref(engine->effects);
	memset(engine, 0, sizeof(*engine));
}

/* ---- the fold ------------------------------------------------------------ */

typedef int engine_fold_fn(struct engine *engine, const json_t *record,
			   struct error *err);

static int engine_refuse(const json_t *record, struct error *err)
{
	return error_set(err, ERR_INVALID, NULL,
			 "record %d (%s) cannot follow the one before it",
			 (int)json_number(record, "seq", 0),
			 json_text(record, "event", "?"));
}

/* The step that the record names; NULL if the runbook has none. */
static struct engine_step *engine_step_of(struct engine *engine,
					  const json_t *record)
{
	int index = runbook_find_step(engine->runbook,
				      json_text(record, "step", ""));

	return index < 0 ? NULL : &engine->steps[index];
}

static void engine_keep(json_t **slot, json_t *value)
{
	json_incref(value);
	json_decref(*slot);
	*slot = value;
}

static int fold_gate_opened(struct engine *engine, const json_t *record,
			    struct error *err)
{
	struct engine_step *step = engine_step_of(engine, record);

	if (!step)
		return engine_refuse(record, err);
	engine->step = (size_t)(step - engine->steps);
	engine->phase = ENGINE_GATE;
	step->state = engine->rolling_back ? STEP_UNDOING : STEP_AT_GATE;
	if (!engine->rolling_back)
		step->gate_mono = engine->last_mono;
	memset(engine->guards, 0, sizeof(engine->guards));
	return 0;
}

static enum verdict_state engine_verdict_state(const json_t *record)
{
	const char *state = json_text(record, "state", "");

	return strcmp(state, "green") == 0 ? VERDICT_GREEN :
	       strcmp(state, "red") == 0 ? VERDICT_RED : VERDICT_UNKNOWN;
}

static int fold_guard_changed(struct engine *engine, const json_t *record,
			      struct error *err)
{
	int64_t index = json_number(record, "guard", -1);
	struct engine_guard *guard;

	if (engine->phase != ENGINE_GATE || index < 0 ||
	    index >= RUNBOOK_ITEMS_MAX)
		return engine_refuse(record, err);
	guard = &engine->guards[index];
	guard->verdict.state = engine_verdict_state(record);
	snprintf(guard->verdict.text, sizeof(guard->verdict.text), "%s",
		 json_text(record, "text", ""));
	guard->recorded_mono = engine->last_mono;
	/* what was overridden was that red; a later one is another */
	if (guard->verdict.state == VERDICT_GREEN)
		guard->overridden = false;
	return 0;
}

static int fold_gate_overridden(struct engine *engine, const json_t *record,
				struct error *err)
{
	int64_t index = json_number(record, "guard", -1);

	if (engine->phase != ENGINE_GATE || index < 0 ||
	    index >= RUNBOOK_ITEMS_MAX)
		return engine_refuse(record, err);
	engine->guards[index].overridden = true;
	return 0;
}

static int fold_gate_confirmed(struct engine *engine, const json_t *record,
			       struct error *err)
{
	struct engine_step *step = engine_step_of(engine, record);
	bool retry = json_flag(record, "retry", false);

	if (!step || engine->phase != (retry ? ENGINE_STUCK : ENGINE_GATE))
		return engine_refuse(record, err);
	if (!engine->rolling_back)
		step->state = STEP_RUNNING;
	if (!retry) {
		engine->effect = 0;
		step->confirmed_mono = engine->last_mono;
		if (!engine->rolling_back)
			engine_keep(&step->before,
				    json_object_get(record, "positions"));
	}
	engine_keep(&engine->effects, json_object_get(record, "effects"));
	engine->problem[0] = '\0';
	engine->phase = ENGINE_ACTING;
	if ((retry && engine->stuck_on_check) ||
	    json_array_size(engine->effects) == 0) {
		engine->phase = ENGINE_CHECKING;
		engine->checking_mono = engine->last_mono;
	}
	return 0;
}

static int fold_action_intended(struct engine *engine, const json_t *record,
				struct error *err)
{
	struct engine_step *step = engine_step_of(engine, record);

	if (!step || engine->phase != ENGINE_ACTING)
		return engine_refuse(record, err);
	engine->effect = (size_t)json_number(record, "action", 0);
	engine->in_flight = true;
	engine->acting_mono = engine->last_mono;
	if (!engine->rolling_back)
		step->began = true;
	return 0;
}

static int fold_action_done(struct engine *engine, const json_t *record,
			    struct error *err)
{
	if (engine->phase != ENGINE_ACTING)
		return engine_refuse(record, err);
	engine->in_flight = false;
	engine->acted_mono = engine->last_mono;
	engine->own_transactions += json_number(record, "transactions", 0);
	engine->effect++;
	if (engine->effect >= json_array_size(engine->effects)) {
		engine->phase = ENGINE_CHECKING;
		engine->checking_mono = engine->last_mono;
	}
	return 0;
}

static void engine_get_stuck(struct engine *engine, const char *problem)
{
	engine->phase = ENGINE_STUCK;
	snprintf(engine->problem, sizeof(engine->problem), "%s", problem);
	if (!engine->rolling_back)
		engine->steps[engine->step].state = STEP_STUCK;
}

static int fold_action_failed(struct engine *engine, const json_t *record,
			      struct error *err)
{
	if (engine->phase != ENGINE_ACTING)
		return engine_refuse(record, err);
	engine->in_flight = false;
	engine->acted_mono = engine->last_mono;
	engine->stuck_on_check = false;
	engine->unknown = strcmp(json_text(record, "outcome", "unknown"),
				 "unknown") == 0;
	engine_get_stuck(engine, json_text(record, "error", ""));
	return 0;
}

static int fold_check_timed_out(struct engine *engine, const json_t *record,
				struct error *err)
{
	if (engine->phase != ENGINE_CHECKING)
		return engine_refuse(record, err);
	engine->stuck_on_check = true;
	engine->unknown = false;
	engine_get_stuck(engine, json_text(record, "text", ""));
	return 0;
}

static int fold_check_passed(struct engine *engine, const json_t *record,
			     struct error *err)
{
	return engine->phase == ENGINE_CHECKING ? 0 : engine_refuse(record, err);
}

static int fold_step_done(struct engine *engine, const json_t *record,
			  struct error *err)
{
	struct engine_step *step = engine_step_of(engine, record);

	if (!step || engine->phase != ENGINE_CHECKING)
		return engine_refuse(record, err);
	step->state = engine->rolling_back ? STEP_UNDONE : STEP_DONE;
	step->done_mono = engine->last_mono;
	engine->phase = ENGINE_BETWEEN;
	if (engine->rolling_back)
		engine->undo++;
	else
		engine_keep(&step->after, json_object_get(record, "positions"));
	return 0;
}

static int fold_step_skipped(struct engine *engine, const json_t *record,
			     struct error *err)
{
	struct engine_step *step = engine_step_of(engine, record);

	if (!step)
		return engine_refuse(record, err);
	step->state = STEP_SKIPPED;
	return 0;
}

static int fold_window_opened(struct engine *engine, const json_t *record,
			      struct error *err)
{
	if (engine->window_open)
		return engine_refuse(record, err);
	engine->window_open = true;
	engine->window_opened_mono = engine->last_mono;
	return 0;
}

static int fold_window_closed(struct engine *engine, const json_t *record,
			      struct error *err)
{
	if (!engine->window_open)
		return engine_refuse(record, err);
	engine->window_open = false;
	engine->window_past_ms += engine->last_mono - engine->window_opened_mono;
	return 0;
}

static int fold_rollback_begun(struct engine *engine, const json_t *record,
			       struct error *err)
{
	const json_t *undo = json_object_get(record, "undo");

	if (!engine->steps[engine->step].began)
		engine->steps[engine->step].state = STEP_WAITING;
	engine->rolling_back = true;
	engine->phase = ENGINE_BETWEEN;
	engine->undo = 0;
	engine->undo_count = 0;
	engine->problem[0] = '\0';
	for (size_t i = 0; i < json_array_size(undo); i++) {
		int step = runbook_find_step(engine->runbook,
			json_string_value(json_array_get(undo, i)));

		if (step < 0 || engine->undo_count == RUNBOOK_STEPS_MAX)
			return engine_refuse(record, err);
		engine->undo_steps[engine->undo_count++] = (size_t)step;
	}
	return 0;
}

static int fold_rollback_done(struct engine *engine, const json_t *record,
			      struct error *err)
{
	if (!engine->rolling_back)
		return engine_refuse(record, err);
	engine->lost = json_number(record, "lost", -1);
	return 0;
}

static int fold_run_parked(struct engine *engine, const json_t *record,
			   struct error *err)
{
	(void)record;
	(void)err;
	engine->parked = engine->phase;
	engine->phase = ENGINE_PARKED;
	return 0;
}

/* The gate at hand, with every guard to be judged anew. */
static void engine_back_to_gate(struct engine *engine)
{
	engine->phase = ENGINE_GATE;
	memset(engine->guards, 0, sizeof(engine->guards));
	if (!engine->rolling_back)
		engine->steps[engine->step].state = STEP_AT_GATE;
}

/* The run was left while it acted. What was intended may have happened: that
 * is unknown, and for the operator to look at. What was only confirmed is to
 * be confirmed again. */
static void engine_interrupted(struct engine *engine)
{
	if (!engine->in_flight && engine->effect == 0) {
		engine_back_to_gate(engine);
		return;
	}
	engine->unknown = engine->in_flight;
	engine->in_flight = false;
	engine->stuck_on_check = false;
	engine_get_stuck(engine, engine->unknown ?
			 "the run was left before the answer came" :
			 "the run was left between two requests");
}

static int fold_run_resumed(struct engine *engine, const json_t *record,
			    struct error *err)
{
	if (engine->phase == ENGINE_CLOSED)
		return engine_refuse(record, err);
	if (engine->phase == ENGINE_PARKED)
		engine->phase = engine->parked;
	/* what is seen from here on counts, not what was seen before */
	engine->acted_mono = engine->checking_mono = engine->last_mono;
	if (engine->phase == ENGINE_GATE)
		engine_back_to_gate(engine);
	else if (engine->phase == ENGINE_ACTING)
		engine_interrupted(engine);
	return 0;
}

static int fold_run_closed(struct engine *engine, const json_t *record,
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

static engine_fold_fn *const engine_folds[EVENT_COUNT] = {
	[EVENT_GATE_OPENED] = fold_gate_opened,
	[EVENT_GUARD_CHANGED] = fold_guard_changed,
	[EVENT_GATE_CONFIRMED] = fold_gate_confirmed,
	[EVENT_GATE_OVERRIDDEN] = fold_gate_overridden,
	[EVENT_ACTION_INTENDED] = fold_action_intended,
	[EVENT_ACTION_DONE] = fold_action_done,
	[EVENT_ACTION_FAILED] = fold_action_failed,
	[EVENT_CHECK_PASSED] = fold_check_passed,
	[EVENT_CHECK_TIMED_OUT] = fold_check_timed_out,
	[EVENT_STEP_DONE] = fold_step_done,
	[EVENT_STEP_SKIPPED] = fold_step_skipped,
	[EVENT_STEP_UNDONE] = fold_step_done,
	[EVENT_WINDOW_OPENED] = fold_window_opened,
	[EVENT_WINDOW_CLOSED] = fold_window_closed,
	[EVENT_ROLLBACK_BEGUN] = fold_rollback_begun,
	[EVENT_ROLLBACK_DONE] = fold_rollback_done,
	[EVENT_RUN_PARKED] = fold_run_parked,
	[EVENT_RUN_RESUMED] = fold_run_resumed,
	[EVENT_RUN_CLOSED] = fold_run_closed,
};

int engine_apply(struct engine *engine, const json_t *record,
		 struct error *err)
{
	enum event event = event_parse(json_text(record, "event", ""));

	if (event == EVENT_COUNT)
		return error_set(err, ERR_INVALID, NULL, "unknown event '%s'",
				 json_text(record, "event", ""));
	engine->last_mono = json_number(record, "mono", engine->last_mono);
	if (!engine_folds[event])
		return 0;
	return engine_folds[event](engine, record, err);
}
