/*
 * The fold: how each record changes the state. A table maps events to
 * handlers; a record that cannot follow what came before is refused, so that
 * a journal of another runbook is never mistaken for this one's.
 */
#include "engine/engine.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "engine/fold.h"

void engine_init(struct engine *engine, const struct runbook *runbook)
{
	memset(engine, 0, sizeof(*engine));
	engine->runbook = runbook;
	engine->acted_mono = -1;
	engine->rollback_mono = -1;
	engine->window_opened_mono = engine->window_first_mono = -1;
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
		json_decref(engine->steps[i].armed_effects);
	}
	json_decref(engine->effects);
	memset(engine, 0, sizeof(*engine));
}

/* ---- what the handlers share ---------------------------------------------- */

int fold_refuse(const json_t *record, struct error *err)
{
	return error_set(err, ERR_INVALID, NULL,
			 "record %d (%s) cannot follow the one before it",
			 (int)json_number(record, "seq", 0),
			 json_text(record, "event", "?"));
}

struct engine_step *fold_step(struct engine *engine, const json_t *record)
{
	int index = runbook_find_step(engine->runbook,
				      json_text(record, "step", ""));

	return index < 0 ? NULL : &engine->steps[index];
}

void fold_keep(json_t **slot, json_t *value)
{
	json_incref(value);
	json_decref(*slot);
	*slot = value;
}

void fold_disarm(struct engine *engine)
{
	for (size_t i = 0; i < RUNBOOK_STEPS_MAX; i++)
		engine->steps[i].armed = false;
}

/* ---- the fold ------------------------------------------------------------ */

static fold_fn *const engine_folds[EVENT_COUNT] = {
	[EVENT_GATE_ARMED] = fold_gate_armed,
	[EVENT_GATE_DISARMED] = fold_gate_disarmed,
	[EVENT_GATE_OPENED] = fold_gate_opened,
	[EVENT_GUARD_CHANGED] = fold_guard_changed,
	[EVENT_GATE_CONFIRMED] = fold_gate_confirmed,
	[EVENT_GATE_OVERRIDDEN] = fold_gate_overridden,
	[EVENT_ACTION_INTENDED] = fold_action_intended,
	[EVENT_ACTION_DONE] = fold_action_done,
	[EVENT_ACTION_FAILED] = fold_action_failed,
	[EVENT_ACTION_OBSERVED] = fold_action_observed,
	[EVENT_CHECK_PASSED] = fold_check_passed,
	[EVENT_CHECK_TIMED_OUT] = fold_check_timed_out,
	[EVENT_STEP_DONE] = fold_step_done,
	[EVENT_STEP_SKIPPED] = fold_step_skipped,
	[EVENT_STEP_UNDONE] = fold_step_done,
	[EVENT_WINDOW_OPENED] = fold_window_opened,
	[EVENT_WINDOW_CLOSED] = fold_window_closed,
	[EVENT_ROLLBACK_BEGUN] = fold_rollback_begun,
	[EVENT_ROLLBACK_DONE] = fold_rollback_done,
	[EVENT_TRIPWIRE] = fold_tripwire,
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
