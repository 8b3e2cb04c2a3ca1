/* Folding what happens at gates; see fold.h. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "engine/fold.h"

int fold_gate_opened(struct engine *engine, const json_t *record,
		     struct error *err)
{
	struct engine_step *step = fold_step(engine, record);

	if (!step)
		return fold_refuse(record, err);
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

int fold_guard_changed(struct engine *engine, const json_t *record,
		       struct error *err)
{
	int64_t index = json_number(record, "guard", -1);
	struct engine_guard *guard;

	if (!engine_judges_guards(engine) || index < 0 ||
	    index >= RUNBOOK_ITEMS_MAX)
		return fold_refuse(record, err);
	guard = &engine->guards[index];
	guard->verdict.state = engine_verdict_state(record);
	snprintf(guard->verdict.text, sizeof(guard->verdict.text), "%s",
		 json_text(record, "text", ""));
	guard->recorded_mono = engine->last_mono;
	/* what was overridden was that red, and a later one is another; or it was
	 * not knowing, and what is known now is another thing */
	if (guard->verdict.state == VERDICT_GREEN ||
	    (guard->verdict.state == VERDICT_RED && guard->unseen))
		guard->overridden = guard->unseen = false;
	return 0;
}

int fold_gate_overridden(struct engine *engine, const json_t *record,
			 struct error *err)
{
	int64_t index = json_number(record, "guard", -1);
	struct engine_guard *guard;

	if (!engine_judges_guards(engine) || index < 0 ||
	    index >= RUNBOOK_ITEMS_MAX)
		return fold_refuse(record, err);
	guard = &engine->guards[index];
	guard->overridden = true;
	guard->unseen = guard->verdict.state == VERDICT_UNKNOWN;
	return 0;
}

int fold_gate_armed(struct engine *engine, const json_t *record,
		    struct error *err)
{
	struct engine_step *step = fold_step(engine, record);

	if (!step || step->state != STEP_WAITING || engine->rolling_back)
		return fold_refuse(record, err);
	step->armed = true;
	fold_keep(&step->armed_effects, json_object_get(record, "effects"));
	return 0;
}

int fold_gate_disarmed(struct engine *engine, const json_t *record,
		       struct error *err)
{
	(void)record;
	(void)err;
	fold_disarm(engine);
	return 0;
}

int fold_gate_confirmed(struct engine *engine, const json_t *record,
			struct error *err)
{
	struct engine_step *step = fold_step(engine, record);
	bool retry = json_flag(record, "retry", false);
	bool only_wait = json_flag(record, "only_wait", false);

	if (!step || engine->phase != (retry ? ENGINE_STUCK : ENGINE_GATE))
		return fold_refuse(record, err);
	if (!engine->rolling_back)
		step->state = STEP_RUNNING;
	if (!retry) {
		engine->effect = 0;
		engine->unknown = engine->tried = false;
		step->confirmed_mono = engine->last_mono;
		if (!engine->rolling_back)
			fold_keep(&step->before,
				    json_object_get(record, "positions"));
	}
	fold_keep(&engine->effects, json_object_get(record, "effects"));
	step->armed = false;
	engine->problem[0] = engine->seen[0] = engine->found[0] = '\0';
	engine->phase = ENGINE_ACTING;
	if (only_wait || json_array_size(engine->effects) == 0) {
		engine->phase = ENGINE_CHECKING;
		engine->checking_mono = engine->last_mono;
	}
	return 0;
}

