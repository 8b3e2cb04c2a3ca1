/*
 * What becomes of actions: done, failed, or unknown, and then seen to be in
 * place or not. An answer that was lost is neither; the world is looked at
 * before anything is sent again, and what must happen once is never sent twice.
 */
#include <string.h>

#include "base/json.h"
#include "engine/decision.h"

int decide_done(const struct decision_context *c)
{
	const struct engine *engine = c->engine;
	const json_t *effect = json_array_get(engine->effects, engine->effect);
	int status;

	if (engine->phase != ENGINE_ACTING)
		return decide_refuse(c, "no action is in flight");
	status = decide_record(c, EVENT_ACTION_DONE,
		json_pack("{ss sb sI ss sI sI}", "step", decide_step_id(c),
			  "undo", engine->rolling_back, "action",
			  (json_int_t)engine->effect, "answer", c->input->text,
			  "took_ms",
			  (json_int_t)(c->input->mono - engine->acting_mono),
			  "transactions",
			  (json_int_t)json_number(effect, "transactions", 0)));
	if (!status && engine->effect + 1 < json_array_size(engine->effects))
		status = decide_intent(c, engine->effects, engine->effect + 1);
	return status;
}

int decide_failed(const struct decision_context *c)
{
	const struct engine *engine = c->engine;
	bool lost = c->input->kind == INPUT_LOST;
	int status;

	if (engine->phase != ENGINE_ACTING)
		return decide_refuse(c, "no action is in flight");
	status = decide_record(c, EVENT_ACTION_FAILED,
		json_pack("{ss sb sI ss ss sI}", "step", decide_step_id(c),
			  "undo", engine->rolling_back, "action",
			  (json_int_t)engine->effect, "outcome",
			  lost ? "unknown" : "failed",
			  "error", c->input->text, "took_ms",
			  (json_int_t)(c->input->mono - engine->acting_mono)));
	return status || lost ? status : decide_window_void(c);
}

bool engine_must_not_repeat(const struct engine *engine)
{
	return engine->phase == ENGINE_STUCK && !engine->stuck_on_check &&
	       engine->unknown &&
	       json_flag(json_array_get(engine->effects, engine->effect),
			 "once", false);
}

/* It is recorded once that an effect is in place, or how it is not; and, while a
 * check is late, that one which was done has come undone. What was never sent is
 * not looked for: it is sent, when the operator says so. */
int decide_seen(const struct decision_context *c)
{
	const struct engine *engine = c->engine;
	const struct verdict *seen = c->input->seen;
	bool done = seen->state == VERDICT_GREEN;
	size_t index = engine->stuck_on_check ? c->input->index :
						engine->effect;
	const json_t *effect = json_array_get(engine->effects, index);

	if (engine->phase != ENGINE_STUCK || seen->state == VERDICT_UNKNOWN ||
	    (engine->stuck_on_check ? done :
	     !engine->tried || (!done && engine->seen[0])))
		return 0;
	return decide_record(c, EVENT_ACTION_OBSERVED,
		json_pack("{ss sb sI ss ss sI}", "step", decide_step_id(c),
			  "undo", engine->rolling_back, "action",
			  (json_int_t)index, "state",
			  done ? "done" : "absent", "text", seen->text,
			  "transactions", (json_int_t)(done ?
			  json_number(effect, "transactions", 0) : 0)));
}

int decide_retry(const struct decision_context *c)
{
	const struct engine *engine = c->engine;
	bool once = engine_must_not_repeat(engine);
	struct decision_go go = {
		.retry = true, .only_wait = engine->stuck_on_check || once,
		.from = engine->effect,
	};

	if (engine->phase != ENGINE_STUCK)
		return decide_refuse(c, "nothing has failed");
	if (once && engine->effect + 1 < json_array_size(engine->effects))
		return decide_refuse(c, "it may have been done, must not be done twice, "
				     "and more follows it; roll back, or park");
	/* the world may have turned since its gate was open */
	if (!go.only_wait && decide_shut(c))
		return c->err->code;
	if (!go.only_wait && c->input->problem)
		return decide_refuse(c, c->input->problem);
	if (!go.only_wait &&
	    engine->effect >= json_array_size(c->input->effects))
		return decide_refuse(c, "what would be sent is not what failed; "
				     "roll back, or park");
	return decide_go(c, &go);
}

/* What cannot be undone must not keep the rest from being undone: each undo after
 * it has its own guards, and two writers are refused whatever was left out. */
int decide_skip(const struct decision_context *c)
{
	int status;

	if (!engine_undo_stands(c->engine) &&
	    !(c->engine->rolling_back && c->engine->phase == ENGINE_GATE &&
	      c->input->problem))
		return decide_refuse(c, "only an undo that does not go on can be left out");
	if (!c->input->text || strlen(c->input->text) < DECIDE_REASON_LEAST)
		return decide_refuse(c, "leaving an undo out needs a reason, in words");
	status = decide_record(c, EVENT_STEP_SKIPPED,
			       json_pack("{ss sb ss so}", "step",
					 decide_step_id(c), "undo", 1,
					 "reason", c->input->text, "lost",
					 decide_lost(c)));
	return status ? status : decide_next(c, c->engine->undo + 1);
}

int decide_tripped(const struct decision_context *c)
{
	int fenced = engine_fenced_at(c->engine);
	int64_t count = (int64_t)c->input->index;

	if (fenced < 0 || count <= c->engine->tripped)
		return 0;
	return decide_record(c, EVENT_TRIPWIRE,
		json_pack("{ss sb ss sI ss}", "connection",
			  c->engine->runbook->observe.source, "undo",
			  c->engine->rolling_back, "since",
			  c->engine->runbook->steps[fenced].id, "transactions",
			  (json_int_t)count, "gtids",
			  c->input->text ? c->input->text : ""));
}
