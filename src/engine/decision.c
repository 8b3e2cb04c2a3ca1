/* What the rules share: records, gates, confirmations, ends; see decision.h. */
#include "engine/decision.h"

#include "base/json.h"

/* Adds a record; takes fields (NULL: memory is out). */
int decide_record(const struct decision_context *c, enum event event,
			 json_t *fields)
{
	struct engine_record *record;

	if (!fields)
		return error_nomem(c->err);
	if (c->out->count == ENGINE_RECORDS_MAX) {
		json_decref(fields);
		return error_set(c->err, ERR_LIMIT, NULL, "too many records");
	}
	record = &c->out->records[c->out->count++];
	record->event = event;
	record->fields = fields;
	return 0;
}

int decide_refuse(const struct decision_context *c, const char *why)
{
	return error_set(c->err, ERR_INVALID, NULL, "%s", why);
}

int decide_shut(const struct decision_context *c)
{
	size_t shut = engine_shut_guards(c->engine);

	if (!shut)
		return 0;
	return error_set(c->err, ERR_INVALID, NULL,
			 "the gate is shut: %zu %s not green", shut,
			 shut == 1 ? "guard is" : "guards are");
}

const char *decide_step_id(const struct decision_context *c)
{
	return c->engine->runbook->steps[c->engine->step].id;
}

/* May the target have taken writes until this step was undone? After that it
 * takes none: what was counted then still holds where nothing can be counted
 * now, for example right after a resumption. */
static bool decide_promotes(const struct decision_context *c)
{
	const struct actions *actions =
		&c->engine->runbook->steps[c->engine->step].deed.actions;

	for (size_t i = 0; i < actions->count; i++)
		if (actions->items[i].kind == ACTION_PROMOTE)
			return true;
	return false;
}

/* An absent value is written as null: a reader sees that it was not known. */
json_t *decide_lost(const struct decision_context *c)
{
	int64_t lost = c->input->lost;

	if (lost < 0 && !decide_promotes(c))
		lost = c->engine->lost;
	return lost < 0 ? json_null() : json_integer(lost);
}

json_t *decide_positions(const struct decision_context *c)
{
	return c->input->positions ? json_incref(c->input->positions) :
				     json_object();
}

/* ---- gates --------------------------------------------------------------- */

int decide_gate(const struct decision_context *c, size_t index,
		       bool undo)
{
	const struct runbook_step *step = &c->engine->runbook->steps[index];

	return decide_record(c, EVENT_GATE_OPENED,
			     json_pack("{ss ss ss ss sb}", "step", step->id,
				       "label", step->label, "title",
				       step->title, "why", step->why, "undo",
				       undo));
}

static json_t *decide_guards(const struct decision_context *c)
{
	const struct deed *deed = engine_deed(c->engine);
	json_t *guards = json_array();

	for (size_t i = 0; guards && i < deed->guards.count; i++) {
		const struct engine_guard *guard = &c->engine->guards[i];
		/* the words of this moment, not of the last change */
		const struct verdict *now = engine_judges_guards(c->engine) ?
			&c->input->verdicts[i] : &guard->verdict;

		if (json_array_append_new(guards,
			json_pack("{ss ss ss sb}", "state",
				  engine_verdict_name(guard->verdict.state),
				  "text", now->text, "why",
				  deed->guards.items[i].why, "overridden",
				  guard->overridden))) {
			json_decref(guards);
			return NULL;
		}
	}
	return guards;
}

/* The record of the intent, and the order to act on it. */
int decide_intent(const struct decision_context *c,
			 const json_t *effects, size_t index)
{
	const json_t *effect = json_array_get(effects, index);

	c->out->order = ORDER_ACT;
	c->out->effect = index;
	return decide_record(c, EVENT_ACTION_INTENDED,
			     json_pack("{ss sb sI ss ss sI}", "step",
				       decide_step_id(c), "undo",
				       c->engine->rolling_back, "action",
				       (json_int_t)index, "target",
				       json_text(effect, "target", ""),
				       "request",
				       json_text(effect, "request", ""),
				       "within_ms",
				       (json_int_t)json_number(effect,
							       "within_ms", 0)));
}

/* What follows a confirmation: the record of it, the window, the first act. */
int decide_go(const struct decision_context *c, const struct decision_go *go)
{
	const struct engine *engine = c->engine;
	const struct runbook_step *step = &engine->runbook->steps[engine->step];
	json_t *effects = go->only_wait ? engine->effects : c->input->effects;
	int status;

	status = decide_record(c, EVENT_GATE_CONFIRMED,
		json_pack("{ss sb ss? sb sb sb sO so so}", "step", step->id,
			  "undo", engine->rolling_back, "word", go->word,
			  "retry", go->retry, "armed", go->armed, "only_wait",
			  go->only_wait, "effects", effects, "positions",
			  decide_positions(c), "guards", decide_guards(c)));
	if (!status && !engine->rolling_back &&
	    step->downtime == DOWNTIME_STARTS && !engine->window_open)
		status = decide_record(c, EVENT_WINDOW_OPENED,
				       json_pack("{ss}", "step", step->id));
	if (!status && !go->only_wait && go->from < json_array_size(effects))
		status = decide_intent(c, effects, go->from);
	return status;
}

/* ---- the ends of steps --------------------------------------------------- */

int decide_window_closed(const struct decision_context *c)
{
	return decide_record(c, EVENT_WINDOW_CLOSED,
			     json_pack("{ss sI}", "step", decide_step_id(c),
				       "outage_ms",
				       (json_int_t)engine_outage(
					       c->engine, c->input->mono)));
}

int decide_window_void(const struct decision_context *c)
{
	const struct engine *engine = c->engine;

	if (!engine->window_open || engine->rolling_back || engine->effect ||
	    engine->runbook->steps[engine->step].downtime != DOWNTIME_STARTS)
		return 0;
	return decide_record(c, EVENT_WINDOW_CLOSED,
			     json_pack("{ss si sb}", "step", decide_step_id(c),
				       "outage_ms", 0, "void", 1));
}

int decide_closed(const struct decision_context *c,
			 enum engine_result result)
{
	int64_t outage = engine_outage(c->engine, c->input->mono);

	return decide_record(c, EVENT_RUN_CLOSED,
			     json_pack("{ss so}", "result",
				       engine_result_name(result), "outage_ms",
				       outage < 0 ? json_null() :
						    json_integer(outage)));
}

/* A rollback of nothing ends in the decision that begins it. */
static json_int_t decide_way_back(const struct decision_context *c)
{
	int64_t took = engine_way_back(c->engine, c->input->mono);

	return took < 0 ? 0 : took;
}

int decide_rollback_end(const struct decision_context *c)
{
	int status = 0;

	/* the program may have ended between this record and the next */
	if (!c->engine->rolled_back)
		status = decide_record(c, EVENT_ROLLBACK_DONE,
			json_pack("{so sI}", "lost", decide_lost(c), "took_ms",
				  decide_way_back(c)));
	if (!status && c->engine->window_open)
		status = decide_window_closed(c);
	return status ? status : decide_closed(c, RESULT_ROLLED_BACK);
}

/* The window that a rollback opens anew, if the program ended before the record
 * of that; then the gate. */
static int decide_next_undo(const struct decision_context *c, size_t undo)
{
	const struct engine *engine = c->engine;
	int status = 0;

	if (undo >= engine->undo_count)
		return decide_rollback_end(c);
	if (engine->window_opened_mono >= 0 && !engine->window_open)
		status = decide_record(c, EVENT_WINDOW_OPENED,
				       json_pack("{ss}", "step",
						 decide_step_id(c)));
	return status ? status :
	       decide_gate(c, engine->undo_steps[undo], true);
}

int decide_next(const struct decision_context *c, size_t undo)
{
	const struct engine *engine = c->engine;
	const struct runbook *runbook = engine->runbook;
	int status = 0;

	if (engine->rolling_back)
		return decide_next_undo(c, undo);
	if (runbook->steps[engine->step].downtime == DOWNTIME_ENDS &&
	    engine->window_open)
		status = decide_window_closed(c);
	if (status)
		return status;
	return engine->step + 1 < runbook->step_count ?
		decide_gate(c, engine->step + 1, false) :
		decide_closed(c, RESULT_COMPLETED);
}
