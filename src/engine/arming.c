/*
 * Arming: later gates confirmed ahead, so that inside the window nobody's
 * reading time counts as outage. An armed gate goes on by itself the moment
 * its guards are green; whatever else happens there is for the operator, and
 * ends all arming.
 */
#include <string.h>

#include "base/json.h"
#include "engine/decision.h"

/* How long an armed gate waits for guards that only want time: facts not seen
 * since the last act, a source that is not quiet yet. */
#define ARMED_PATIENCE_MS 5000

bool engine_is_armed(const struct engine *engine)
{
	for (size_t i = 0; i < engine->runbook->step_count; i++)
		if (engine->steps[i].armed)
			return true;
	return false;
}

bool engine_goes_by_itself(const struct engine *engine)
{
	size_t gate = engine->phase == ENGINE_GATE ? engine->step :
						     engine->step + 1;

	return gate < engine->runbook->step_count &&
	       engine->steps[gate].armed &&
	       (engine->phase == ENGINE_GATE || engine->window_open);
}

bool engine_may_arm(const struct engine *engine, size_t step,
		    const char **ret_why)
{
	const char *why = NULL;

	if ((engine->phase != ENGINE_GATE && engine->phase != ENGINE_STUCK) ||
	    engine->rolling_back)
		why = "gates are armed at a gate, on the way forward";
	else if (engine->window_opened_mono >= 0)
		why = "the window is open: gates are armed before it";
	else if (step >= engine->runbook->step_count ||
		 engine->steps[step].state != STEP_WAITING ||
		 step <= engine->step)
		why = "only a later gate can be armed";
	else if (engine->runbook->steps[step].never_armed)
		why = "the runbook wants an operator at that gate (arm: never)";
	else if (engine_is_by_hand(&engine->runbook->steps[step].deed.actions))
		why = "what is done by hand wants its operator at the gate";
	else if (engine->steps[step].armed)
		why = "that gate is armed already";
	if (ret_why)
		*ret_why = why;
	return !why;
}

int decide_arm(const struct decision_context *c)
{
	const struct engine_input *input = c->input;
	const struct runbook_step *step;
	const char *why;

	if (!engine_may_arm(c->engine, input->index, &why))
		return decide_refuse(c, why);
	step = &c->engine->runbook->steps[input->index];
	if (input->problem)
		return decide_refuse(c, input->problem);
	if (step->confirm &&
	    (!input->text || strcmp(step->confirm, input->text) != 0))
		return error_set(c->err, ERR_INVALID, NULL,
				 "this gate opens to the word '%s'",
				 step->confirm);
	return decide_record(c, EVENT_GATE_ARMED,
			     json_pack("{ss ss ss ss? sI sO}", "step", step->id,
				       "label", step->label, "title",
				       step->title, "word", step->confirm,
				       "hold_ms", (json_int_t)step->hold_ms,
				       "effects", input->effects));
}

int decide_disarm(const struct decision_context *c, const char *reason)
{
	const struct runbook *runbook = c->engine->runbook;
	json_t *steps = json_array();

	for (size_t i = 0; steps && i < runbook->step_count; i++)
		if (c->engine->steps[i].armed &&
		    json_array_append_new(steps,
					  json_string(runbook->steps[i].id))) {
			json_decref(steps);
			steps = NULL;
		}
	if (!steps)
		return error_nomem(c->err);
	return decide_record(c, EVENT_GATE_DISARMED,
			     json_pack("{so ss}", "steps", steps, "reason",
				       reason ? reason : ""));
}

/* Is this the request that was armed, or one with its precondition filled in? */
static bool arming_same_effect(const json_t *armed, const json_t *now)
{
	return strcmp(json_text(armed, "target", ""),
		      json_text(now, "target", "")) == 0 &&
	       strcmp(json_text(armed, "gist", json_text(armed, "request", "")),
		      json_text(now, "gist", json_text(now, "request", ""))) == 0;
}

static bool arming_same_effects(const json_t *armed, const json_t *now)
{
	if (json_array_size(armed) != json_array_size(now))
		return false;
	for (size_t i = 0; i < json_array_size(armed); i++)
		if (!arming_same_effect(json_array_get(armed, i),
					json_array_get(now, i)))
			return false;
	return true;
}

/* The first guard that stops the gate: its words. *ret_waits: one wants time. */
static const char *arming_obstacle(const struct decision_context *c,
				   int64_t waited, bool *ret_waits)
{
	const struct conditions *guards = &engine_deed(c->engine)->guards;

	for (size_t i = 0; i < guards->count; i++) {
		const struct verdict *now = &c->input->verdicts[i];

		if (now->state == VERDICT_GREEN || c->engine->guards[i].overridden)
			continue;
		if (!now->pending || waited > ARMED_PATIENCE_MS)
			return now->text;
		*ret_waits = true;
	}
	if (!c->input->problem)
		return NULL;
	*ret_waits = true;
	return waited > ARMED_PATIENCE_MS ? c->input->problem : NULL;
}

/* When the last of the guards turned green. */
static int64_t arming_green_since(const struct engine *engine)
{
	int64_t since = engine->steps[engine->step].gate_mono;

	for (size_t i = 0; i < engine_deed(engine)->guards.count; i++)
		if (engine->guards[i].recorded_mono > since)
			since = engine->guards[i].recorded_mono;
	return since;
}

int decide_armed_gate(const struct decision_context *c)
{
	const struct engine *engine = c->engine;
	const struct engine_step *step = &engine->steps[engine->step];
	const struct runbook_step *model = &engine->runbook->steps[engine->step];
	bool waits = false;
	const char *obstacle = arming_obstacle(
		c, c->input->mono - step->gate_mono, &waits);

	if (obstacle)
		return decide_disarm(c, obstacle);
	/* what has just been recorded is acted on one input later */
	if (waits || c->out->count ||
	    c->input->mono - arming_green_since(engine) < model->hold_ms)
		return 0;
	if (!arming_same_effects(step->armed_effects, c->input->effects))
		return decide_disarm(c, "what would be sent is not what was armed");
	return decide_go(c, &(struct decision_go){
		.word = model->confirm, .armed = true});
}
