/*
 * What verdicts lead to: guards are recorded as they change, checks end a step
 * when all of them hold together, or leave it stuck when one is late.
 */
#include "base/json.h"
#include "base/text.h"
#include "engine/decision.h"

#define DECIDE_REASON_MS 1000   /* between records of a guard's new reasons */

/* Of an effect whose answer was lost, and which only its checks have shown to be
 * in place: what it added to the target is not users'. */
static json_int_t decide_late_transactions(const struct engine *engine)
{
	/* one that was answered is counted, and gone on from */
	return (json_int_t)json_number(json_array_get(engine->effects,
						      engine->effect),
				       "transactions", 0);
}

static int decide_step_done(const struct decision_context *c)
{
	const struct engine *engine = c->engine;
	const struct engine_step *step = &engine->steps[engine->step];
	json_int_t took = c->input->mono - step->confirmed_mono;
	int status;

	if (engine->rolling_back)
		status = decide_record(c, EVENT_STEP_UNDONE,
			json_pack("{ss so sI so}", "step", decide_step_id(c),
				  "positions", decide_positions(c), "took_ms",
				  took, "lost", decide_lost(c)));
	else
		status = decide_record(c, EVENT_STEP_DONE,
			json_pack("{ss so sI sI}", "step", decide_step_id(c),
				  "positions", decide_positions(c), "took_ms",
				  took, "transactions",
				  decide_late_transactions(engine)));
	return status ? status : decide_next(c, engine->undo + 1);
}

/* ---- verdicts ------------------------------------------------------------ */

/* Is the verdict worth a record? A new state is; so is a new reason for an old
 * one that shuts the gate, but not each time that two reasons take turns. */
static bool decide_is_news(const struct decision_context *c, size_t index)
{
	const struct engine_guard *guard = &c->engine->guards[index];
	const struct verdict *now = &c->input->verdicts[index];

	if (!guard->verdict.text[0] || now->state != guard->verdict.state)
		return true;
	return now->state != VERDICT_GREEN &&
	       c->input->mono - guard->recorded_mono >= DECIDE_REASON_MS &&
	       !text_same_words(now->text, guard->verdict.text);
}

static int decide_guard_verdicts(const struct decision_context *c)
{
	const struct deed *deed = engine_deed(c->engine);
	size_t shut = 0;

	for (size_t i = 0; i < deed->guards.count; i++) {
		const struct verdict *now = &c->input->verdicts[i];

		if (now->state != VERDICT_GREEN &&
		    engine_guard_binds(c->engine, i))
			shut++;
		if (!decide_is_news(c, i))
			continue;
		if (decide_record(c, EVENT_GUARD_CHANGED,
			json_pack("{ss sb sI ss ss sb}", "step",
				  decide_step_id(c), "undo",
				  c->engine->rolling_back, "guard",
				  (json_int_t)i, "state",
				  engine_verdict_name(now->state), "text", now->text,
				  "hard", deed->guards.items[i].hard)))
			return c->err->code;
	}
	/* what failed is tried again on the operator's word alone */
	if (c->engine->phase == ENGINE_STUCK)
		return 0;
	/* the rollback as a whole was confirmed; its gates open by themselves,
	 * one input after their guards were recorded as green, if it is known
	 * what to send, and nobody has to do it by hand first */
	if (c->engine->rolling_back && !engine_asks(c->engine) && !shut &&
	    !c->out->count && !c->input->problem)
		return decide_go(c, &(struct decision_go){.retry = false});
	if (c->engine->steps[c->engine->step].armed)
		return decide_armed_gate(c);
	return 0;
}

static int decide_check_record(const struct decision_context *c,
			       enum event event, size_t index,
			       const char *text, bool given_up)
{
	return decide_record(c, event,
		json_pack("{ss sb sI ss sI so*}", "step", decide_step_id(c),
			  "undo", c->engine->rolling_back, "check",
			  (json_int_t)index, "text", text, "took_ms",
			  (json_int_t)(c->input->mono -
				       c->engine->checking_mono),
			  "given_up", given_up ? json_true() : NULL));
}

static int decide_check_verdicts(const struct decision_context *c)
{
	const struct conditions *checks = &engine_deed(c->engine)->checks;
	int64_t waited = c->input->mono - c->engine->checking_mono;
	size_t green = 0;

	for (size_t i = 0; i < checks->count; i++) {
		const struct verdict *now = &c->input->verdicts[i];

		if (now->state == VERDICT_GREEN)
			green++;
		else if (waited > checks->items[i].within_ms)
			return decide_check_record(c, EVENT_CHECK_TIMED_OUT, i,
						   now->text, false);
	}
	/* all at once, not one after the other: they must hold together */
	if (green < checks->count)
		return 0;
	for (size_t i = 0; i < checks->count; i++)
		if (decide_check_record(c, EVENT_CHECK_PASSED, i,
					c->input->verdicts[i].text, false))
			return c->err->code;
	return decide_step_done(c);
}

int decide_verdicts(const struct decision_context *c)
{
	if (engine_judges_guards(c->engine))
		return decide_guard_verdicts(c);
	if (c->engine->phase == ENGINE_CHECKING)
		return decide_check_verdicts(c);
	return 0;
}

int decide_give_up(const struct decision_context *c)
{
	const struct conditions *checks;

	if (c->engine->phase != ENGINE_CHECKING)
		return decide_refuse(c, "nothing is being waited for");
	checks = &engine_deed(c->engine)->checks;
	for (size_t i = 0; i < checks->count; i++)
		if (c->input->verdicts[i].state != VERDICT_GREEN)
			return decide_check_record(c, EVENT_CHECK_TIMED_OUT, i,
						   c->input->text, true);
	return decide_refuse(c, "every check has passed");
}
