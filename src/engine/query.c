/* Questions about a run's state; see engine.h. Nothing here changes it. */
#include <string.h>

#include "base/json.h"
#include "engine/engine.h"

const struct deed *engine_deed(const struct engine *engine)
{
	const struct runbook_step *step;

	if (engine->phase == ENGINE_NEW || engine->phase == ENGINE_CLOSED)
		return NULL;
	step = &engine->runbook->steps[engine->step];
	return engine->rolling_back ? &step->undo : &step->deed;
}

bool engine_judges_guards(const struct engine *engine)
{
	return engine->phase == ENGINE_GATE ||
	       (engine->phase == ENGINE_STUCK && !engine->stuck_on_check &&
		!engine_must_not_repeat(engine));
}

bool engine_guard_binds(const struct engine *engine, size_t guard)
{
	return !engine->guards[guard].overridden &&
	       (engine->phase != ENGINE_STUCK || engine->effect == 0 ||
		engine_deed(engine)->guards.items[guard].hard);
}

size_t engine_shut_guards(const struct engine *engine)
{
	const struct deed *deed = engine_judges_guards(engine) ?
				  engine_deed(engine) : NULL;
	size_t shut = 0;

	for (size_t i = 0; deed && i < deed->guards.count; i++)
		if (engine->guards[i].verdict.state != VERDICT_GREEN &&
		    engine_guard_binds(engine, i))
			shut++;
	return shut;
}

bool engine_is_by_hand(const struct actions *actions)
{
	for (size_t i = 0; i < actions->count; i++)
		if (actions->items[i].kind == ACTION_MANUAL ||
		    actions->items[i].by_hand[0])
			return true;
	return false;
}

bool engine_asks(const struct engine *engine)
{
	return engine->phase == ENGINE_GATE &&
	       (!engine->rolling_back ||
		engine_is_by_hand(&engine_deed(engine)->actions));
}

const char *engine_word(const struct engine *engine)
{
	return engine->phase == ENGINE_GATE && !engine->rolling_back ?
	       engine->runbook->steps[engine->step].confirm : NULL;
}

bool engine_has_acted(const struct engine *engine)
{
	for (size_t i = 0; i < engine->runbook->step_count; i++)
		if (engine->steps[i].began)
			return true;
	return false;
}

bool engine_undo_stands(const struct engine *engine)
{
	return engine->rolling_back &&
	       (engine->phase == ENGINE_STUCK || engine_asks(engine) ||
		(engine->phase == ENGINE_GATE && engine_shut_guards(engine)));
}

bool engine_gate_is_open(const struct engine *engine)
{
	return engine->phase == ENGINE_GATE && engine_shut_guards(engine) == 0;
}

size_t engine_rollback_steps(const struct engine *engine,
			     size_t steps[RUNBOOK_STEPS_MAX])
{
	const struct runbook *runbook = engine->runbook;
	size_t count = 0;

	for (size_t i = 0; i < runbook->rollback_count; i++) {
		const struct engine_step *step =
			&engine->steps[runbook->rollback[i]];

		if (step->began && step->state != STEP_UNDONE)
			steps[count++] = runbook->rollback[i];
	}
	return count;
}

/* Does the step's deed fence that connection? Then its position is final only
 * when the step is done. */
static bool engine_step_fences(const struct runbook_step *step,
			       const char *connection)
{
	for (size_t i = 0; i < step->deed.actions.count; i++) {
		const struct action *action = &step->deed.actions.items[i];

		if (action->kind == ACTION_FENCE &&
		    strcmp(action->on, connection) == 0)
			return true;
	}
	return false;
}

const char *engine_position(const struct engine *engine, const char *since,
			    const char *connection)
{
	int index = runbook_find_step(engine->runbook, since);
	const struct engine_step *step;

	if (index < 0)
		return NULL;
	step = &engine->steps[index];
	return json_string_value(json_object_get(
		engine_step_fences(&engine->runbook->steps[index], connection) ?
		step->after : step->before, connection));
}

int engine_fenced_at(const struct engine *engine)
{
	const struct runbook *runbook = engine->runbook;

	for (size_t i = 0; i < runbook->step_count; i++) {
		const struct engine_step *step = &engine->steps[i];
		bool by_hand = engine_is_by_hand(&runbook->steps[i].undo.actions);

		if (step->after && !step->undo_began &&
		    step->state != STEP_UNDONE &&
		    (step->state != STEP_UNDOING || !by_hand) &&
		    engine_step_fences(&runbook->steps[i],
				       runbook->observe.source))
			return (int)i;
	}
	return -1;
}

int64_t engine_tripped(const struct engine *engine)
{
	return engine_fenced_at(engine) < 0 ? 0 : engine->tripped;
}

int64_t engine_outage(const struct engine *engine, int64_t mono)
{
	if (engine->window_opened_mono < 0)
		return -1;
	return engine->window_past_ms +
	       (engine->window_open ? mono - engine->window_opened_mono : 0);
}

int64_t engine_way_back(const struct engine *engine, int64_t mono)
{
	if (engine->rollback_mono < 0)
		return -1;
	/* the run is closed as it ends */
	return (engine->phase == ENGINE_CLOSED ? engine->last_mono : mono) -
	       engine->rollback_mono;
}

const char *engine_verdict_name(enum verdict_state state)
{
	static const char *const names[] = {
		[VERDICT_UNKNOWN] = "unknown",
		[VERDICT_RED] = "red",
		[VERDICT_GREEN] = "green",
	};

	return names[state];
}

const char *engine_result_name(enum engine_result result)
{
	static const char *const names[] = {
		[RESULT_NONE] = NULL,
		[RESULT_COMPLETED] = "completed",
		[RESULT_ROLLED_BACK] = "rolled-back",
		[RESULT_FAILED] = "failed",
	};

	return names[result];
}
