/* See reality.h. What an action left is judged by observe/presence; where an
 * action leaves nothing to be seen, the checks of its deed speak for it. */
#include "conduct/reality.h"

#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "conduct/conductor.h"
#include "db/dialect.h"
#include "observe/presence.h"

#define REALITY_PATIENCE_MS 5000        /* what is not seen by then is unknown */
#define REALITY_PLAN_PATIENCE_MS 10000  /* nor can be sent, on the way back */

/* ---- one action ---------------------------------------------------------- */

static void reality_checks(const struct conditions *checks,
			   const struct condition_context *context,
			   struct verdict *ret)
{
	for (size_t i = 0; i < checks->count; i++) {
		condition_judge(&checks->items[i], context, ret);
		if (ret->state != VERDICT_GREEN) {
			ret->state = VERDICT_UNKNOWN;
			return;
		}
	}
}

static void reality_action(const struct deed *deed, size_t index, int verb,
			   const struct condition_context *context,
			   struct verdict *ret)
{
	const struct action *action = &deed->actions.items[index];

	presence_judge(action, verb, context, ret);
	if (!presence_is_visible(action->kind))
		reality_checks(&deed->checks, context, ret);
}

static void reality_effect(const struct conductor *c, size_t index,
			   struct verdict *ret)
{
	const json_t *effect = json_array_get(c->engine.effects, index);
	size_t action = (size_t)json_number(effect, "action", -1);
	const struct deed *deed = engine_deed(&c->engine);
	struct condition_context context;

	*ret = (struct verdict){.state = VERDICT_UNKNOWN};
	if (action >= deed->actions.count)
		return;
	conduct_context(c, &context);
	reality_action(deed, action,
		       db_verb_parse(json_text(effect, "verb", "")), &context,
		       ret);
}

/* Every effect is done and a check is late: has one of them come undone? None
 * that could be sent again only with one after it that must happen once. An effect
 * that was answered a moment ago may not be seen yet: what a watch tells lags. */
static size_t reality_undone(const struct conductor *c, struct verdict *ret)
{
	size_t count = json_array_size(c->engine.effects), first = 0;
	bool pending = false;

	if (conduct_mono(c) - c->engine.acted_mono < CONDUCT_LOOK_MS) {
		*ret = (struct verdict){.state = VERDICT_UNKNOWN};
		return count;
	}
	for (size_t i = 0; i < count; i++)
		if (json_flag(json_array_get(c->engine.effects, i), "once",
			      false))
			first = i + 1;
	for (size_t i = first; i < count; i++) {
		reality_effect(c, i, ret);
		if (ret->state == VERDICT_RED)
			return i;
		pending |= ret->state == VERDICT_UNKNOWN && ret->pending;
	}
	*ret = (struct verdict){.state = VERDICT_UNKNOWN, .pending = pending};
	return count;
}

size_t reality_stuck(const struct conductor *c, struct verdict *ret)
{
	const struct engine *engine = &c->engine;

	*ret = (struct verdict){.state = VERDICT_UNKNOWN};
	if (engine->phase != ENGINE_STUCK)
		return 0;
	if (engine->stuck_on_check)
		return reality_undone(c, ret);
	if (engine->tried)
		reality_effect(c, engine->effect, ret);
	return engine->effect;
}

/* ---- the whole run ------------------------------------------------------- */

static const struct deed *reality_deed(const struct conductor *c,
				       const struct reality_row *row)
{
	const struct runbook_step *step = &c->runbook->steps[row->step];

	return row->undo ? &step->undo : &step->deed;
}

static void reality_add(struct reality *reality, size_t step, bool undo,
			enum reality_journal journal)
{
	reality->rows[reality->count++] = (struct reality_row){
		.step = step, .undo = undo, .journal = journal,
	};
}

/* What the journal says of the deed at hand. */
static enum reality_journal reality_at_hand(const struct engine *engine)
{
	enum engine_phase phase = engine->phase == ENGINE_PARKED ?
				  engine->parked : engine->phase;

	if (engine->in_flight || (phase == ENGINE_STUCK && engine->unknown))
		return REALITY_UNKNOWN;
	return phase == ENGINE_CHECKING ? REALITY_CHECKING : REALITY_FAILED;
}

/* Has the undo at hand been sent, at least in part? */
static bool reality_undo_began(const struct engine *engine)
{
	enum engine_phase phase = engine->phase == ENGINE_PARKED ?
				  engine->parked : engine->phase;

	return engine->undo < engine->undo_count &&
	       (phase == ENGINE_STUCK || phase == ENGINE_CHECKING ||
		(phase == ENGINE_ACTING &&
		 (engine->in_flight || engine->effect > 0)));
}

static void reality_list(const struct engine *engine, struct reality *reality)
{
	reality->count = 0;
	for (size_t i = 0; i < engine->runbook->step_count; i++) {
		const struct engine_step *step = &engine->steps[i];

		if (step->began)
			reality_add(reality, i, false, step->after ?
				    REALITY_DONE : engine->rolling_back ?
				    REALITY_FAILED : reality_at_hand(engine));
	}
	if (!engine->rolling_back)
		return;
	for (size_t i = 0; i < engine->undo && i < engine->undo_count; i++)
		reality_add(reality, engine->undo_steps[i], true, REALITY_DONE);
	if (reality_undo_began(engine))
		reality_add(reality, engine->undo_steps[engine->undo], true,
			    reality_at_hand(engine));
}

/* The later row that changed the same thing again; NULL: none. */
static const struct reality_row *
reality_later(const struct conductor *c, size_t row,
	      const struct action *action)
{
	for (size_t i = c->reality.count; i > row + 1; i--) {
		const struct reality_row *later = &c->reality.rows[i - 1];
		const struct actions *actions = &reality_deed(c, later)->actions;

		for (size_t a = 0; a < actions->count; a++)
			if (presence_same_subject(action, &actions->items[a]))
				return later;
	}
	return NULL;
}

/* The worst of what is seen of the row's actions. */
static void reality_judge(struct conductor *c, size_t index,
			  const struct condition_context *context)
{
	struct reality_row *row = &c->reality.rows[index];
	const struct deed *deed = reality_deed(c, row);
	const struct reality_row *later;

	row->world = (struct verdict){.state = VERDICT_GREEN};
	for (size_t i = 0; i < deed->actions.count; i++) {
		struct verdict one;

		later = reality_later(c, index, &deed->actions.items[i]);
		if (later)
			snprintf(one.text, sizeof(one.text),
				 later->undo ? _("changed again by the undo of step %s") :
					       _("changed again by step %s"),
				 c->runbook->steps[later->step].label);
		else
			reality_action(deed, i, -1, context, &one);
		if (!later && one.state == VERDICT_RED) {
			row->world = one;
			return;
		}
		if (!later && one.state == VERDICT_UNKNOWN)
			row->world = one;
		else if (row->world.state == VERDICT_GREEN)
			memcpy(row->world.text, one.text, sizeof(one.text));
	}
}

/* Is it known what the rest of a way back sends? What is not, when it is gone on
 * with, was not shown, and would stop it. */
static bool reality_is_planned(const struct conductor *c)
{
	for (size_t i = 0; c->engine.rolling_back && i < c->way_back.step_count;
	     i++)
		if (c->way_back.effects[i].problem)
			return false;
	return true;
}

void reality_survey(struct conductor *c)
{
	struct reality *reality = &c->reality;
	const struct condition_context context = {
		.facts = c->facts, .now_ms = c->facts->now_ms,
		.not_before_ms = c->opened_at_ms,
		.position = conduct_position, .data = &c->engine,
	};
	int64_t since_ms;

	reality_list(&c->engine, reality);
	reality->looked = true;
	for (size_t i = 0; i < reality->count; i++) {
		reality_judge(c, i, &context);
		reality->looked &= !reality->rows[i].world.pending;
	}
	since_ms = c->facts->now_ms - c->opened_at_ms;
	reality->looked |= since_ms >= REALITY_PATIENCE_MS;
	reality->looked &= reality_is_planned(c) ||
			   since_ms >= REALITY_PLAN_PATIENCE_MS;
}

json_t *reality_json(const struct conductor *c)
{
	static const char *const words[] = {
		[REALITY_DONE] = "done", [REALITY_UNKNOWN] = "unknown",
		[REALITY_FAILED] = "failed", [REALITY_CHECKING] = "checking",
	};
	json_t *list = json_array();

	for (size_t i = 0; list && i < c->reality.count; i++) {
		const struct reality_row *row = &c->reality.rows[i];
		const struct runbook_step *step = &c->runbook->steps[row->step];

		if (json_array_append_new(list,
			json_pack("{ss ss sb ss ss ss}", "step", step->id,
				  "label", step->label, "undo", row->undo,
				  "journal", words[row->journal], "state",
				  engine_verdict_name(row->world.state),
				  "world", row->world.text))) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}
