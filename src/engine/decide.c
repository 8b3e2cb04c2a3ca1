/*
 * The rules: what an input leads to. Each rule reads the state and adds
 * records to the outputs; nothing here changes the state (the fold does).
 */
#include <string.h>

#include "base/json.h"
#include "engine/decision.h"

static int decide_confirm(const struct decision_context *c)
{
	const struct engine *engine = c->engine;
	const char *word = engine_word(engine);

	if (!engine_asks(engine))
		return decide_refuse(c, "no gate waits for a confirmation");
	if (decide_shut(c))
		return c->err->code;
	if (c->input->problem)
		return decide_refuse(c, c->input->problem);
	if (word && (!c->input->text || strcmp(word, c->input->text) != 0))
		return error_set(c->err, ERR_INVALID, NULL,
				 "this gate opens to the word '%s'", word);
	return decide_go(c, &(struct decision_go){.word = word});
}

static int decide_override(const struct decision_context *c)
{
	const struct deed *deed = engine_deed(c->engine);
	size_t index = c->input->index;

	if (!engine_judges_guards(c->engine) || index >= deed->guards.count)
		return decide_refuse(c, "there is no such guard here");
	if (deed->guards.items[index].hard)
		return decide_refuse(c, "this guard is hard: nothing overrides it");
	if (c->engine->guards[index].verdict.state == VERDICT_GREEN)
		return decide_refuse(c, "this guard is green: nothing to override");
	if (!c->input->text || strlen(c->input->text) < DECIDE_REASON_LEAST)
		return decide_refuse(c, "an override needs a reason, in words");
	return decide_record(c, EVENT_GATE_OVERRIDDEN,
			     json_pack("{ss sb sI ss ss}", "step",
				       decide_step_id(c), "undo",
				       c->engine->rolling_back, "guard",
				       (json_int_t)index, "text",
				       c->input->verdicts[index].text,
				       "reason", c->input->text));
}

/* ---- the operator's other decisions --------------------------------------- */

static int decide_open(const struct decision_context *c)
{
	int status;

	if (c->engine->phase != ENGINE_NEW)
		return decide_refuse(c, "the run is open already");
	status = decide_record(c, EVENT_RUN_OPENED,
			       json_incref(c->input->opening));
	return status ? status : decide_gate(c, 0, false);
}

/* After the record of the resumption comes what the end of the program may have
 * kept from being recorded. */
static int decide_resume(const struct decision_context *c)
{
	const struct engine *engine = c->engine;
	int status = decide_record(c, EVENT_RUN_RESUMED,
				   json_pack("{ss sO* sO*}", "operator",
					     c->input->text, "found",
					     c->input->found, "effects",
					     engine->rolling_back ?
					     c->input->effects : NULL));

	if (!status && engine->phase == ENGINE_ACTING &&
	    !engine->steps[engine->step].began)
		status = decide_window_void(c);
	if (!status && engine->phase == ENGINE_NEW)
		status = decide_gate(c, 0, false);
	if (!status && engine->phase == ENGINE_BETWEEN)
		status = decide_next(c, engine->undo);
	return status;
}

static bool decide_is_waiting(const struct engine *engine)
{
	return engine->phase == ENGINE_GATE ||
	       engine->phase == ENGINE_CHECKING ||
	       engine->phase == ENGINE_STUCK;
}

/* The ids of the steps to be undone: all of them, or NULL. */
static json_t *decide_undo(const struct engine *engine, const size_t *steps,
			   size_t count)
{
	json_t *undo = json_array();

	for (size_t i = 0; undo && i < count; i++)
		if (json_array_append_new(undo, json_string(
				engine->runbook->steps[steps[i]].id))) {
			json_decref(undo);
			return NULL;
		}
	return undo;
}

static int decide_rollback(const struct decision_context *c)
{
	const struct engine *engine = c->engine;
	size_t steps[RUNBOOK_STEPS_MAX];
	size_t count = engine_rollback_steps(engine, steps);
	int status;

	if (!decide_is_waiting(engine) || engine->rolling_back)
		return decide_refuse(c, engine->rolling_back ?
			"the run is being rolled back already" :
			"an action is in flight; cancel the wait first");
	status = decide_record(c, EVENT_ROLLBACK_BEGUN,
			       json_pack("{ss so sO so sI sI}", "step",
					 decide_step_id(c), "undo",
					 decide_undo(engine, steps, count),
					 "effects", c->input->effects, "lost",
					 decide_lost(c), "takes_ms",
					 (json_int_t)c->input->takes.takes_ms,
					 "unmeasured",
					 (json_int_t)c->input->takes.unmeasured));
	/* after the window has closed, going back opens another outage */
	if (!status && engine->window_opened_mono >= 0 && !engine->window_open)
		status = decide_record(c, EVENT_WINDOW_OPENED,
				       json_pack("{ss}", "step",
						 decide_step_id(c)));
	if (status)
		return status;
	return count ? decide_gate(c, steps[0], true) : decide_rollback_end(c);
}

static int decide_note(const struct decision_context *c)
{
	if (!c->input->text || !c->input->text[0])
		return decide_refuse(c, "the note is empty");
	return decide_record(c, EVENT_NOTE,
			     json_pack("{ss ss sO*}", "text", c->input->text,
				       "step", decide_step_id(c), "lease",
				       c->input->lease));
}

static int decide_park(const struct decision_context *c)
{
	if (!decide_is_waiting(c->engine))
		return decide_refuse(c, "an action is in flight; "
				     "wait for its outcome or cancel the wait");
	return decide_record(c, EVENT_RUN_PARKED,
			     json_pack("{ss ss}", "step", decide_step_id(c),
				       "reason", c->input->text ?
				       c->input->text : ""));
}

static int decide_disarm_asked(const struct decision_context *c)
{
	if (!engine_is_armed(c->engine))
		return decide_refuse(c, "no gate is armed");
	return decide_disarm(c, c->input->text);
}

int engine_decide(const struct engine *engine, const struct engine_input *input,
		  struct engine_outputs *outputs, struct error *err)
{
	static int (*const rules[])(const struct decision_context *) = {
		[INPUT_OPEN] = decide_open,
		[INPUT_RESUME] = decide_resume,
		[INPUT_VERDICTS] = decide_verdicts,
		[INPUT_CONFIRM] = decide_confirm,
		[INPUT_OVERRIDE] = decide_override,
		[INPUT_ROLLBACK] = decide_rollback,
		[INPUT_RETRY] = decide_retry,
		[INPUT_SKIP] = decide_skip,
		[INPUT_NOTE] = decide_note,
		[INPUT_PARK] = decide_park,
		[INPUT_DONE] = decide_done,
		[INPUT_FAILED] = decide_failed,
		[INPUT_LOST] = decide_failed,
		[INPUT_GIVE_UP] = decide_give_up,
		[INPUT_SEEN] = decide_seen,
		[INPUT_ARM] = decide_arm,
		[INPUT_DISARM] = decide_disarm_asked,
		[INPUT_TRIPPED] = decide_tripped,
	};
	const struct decision_context c = {engine, input, outputs, err};
	int status;

	memset(outputs, 0, sizeof(*outputs));
	if (engine->phase == ENGINE_CLOSED ||
	    (engine->phase == ENGINE_PARKED && input->kind != INPUT_RESUME))
		return error_set(err, ERR_INVALID, NULL, "the run has ended");
	status = rules[input->kind](&c);
	if (status)
		engine_outputs_release(outputs);
	return status;
}

void engine_outputs_release(struct engine_outputs *outputs)
{
	for (size_t i = 0; i < outputs->count; i++)
		json_decref(outputs->records[i].fields);
	memset(outputs, 0, sizeof(*outputs));
}
