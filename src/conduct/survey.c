/*
 * What is true now: facts, the verdicts on the deed at hand, what the open
 * gate would send, what a way back would do. Worked out anew at every beat.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/json.h"
#include "conduct/conductor.h"
#include "conduct/planworld.h"
#include "journal/journal.h"
#include "kube/object.h"
#include "net/loop.h"
#include "observe/condition.h"
#include "observe/observer.h"
#include "perform/plan.h"

/* ---- plans --------------------------------------------------------------- */

static int survey_plan(const struct conductor *c, const struct actions *actions,
		       enum plan_mood mood, struct arena *arena,
		       struct effects *ret, struct error *err)
{
	const struct plan_world world = planworld_of(c->facts);

	return plan_actions(c->reach, &world, actions, mood, arena, ret, err);
}

int conduct_plan(const struct conductor *c, const struct actions *actions,
		 enum plan_mood mood, struct plan *ret, struct error *err)
{
	int status;

	memset(ret, 0, sizeof(*ret));
	status = survey_plan(c, actions, mood, &ret->arena, &ret->effects, err);
	if (status)
		conduct_plan_release(ret);
	return status;
}

void conduct_plan_release(struct plan *plan)
{
	arena_release(&plan->arena);
	memset(plan, 0, sizeof(*plan));
}

static bool survey_same_effects(const struct effects *a,
				const struct effects *b)
{
	if (a->count != b->count || !a->problem != !b->problem)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (strcmp(a->items[i].request, b->items[i].request) != 0 ||
		    strcmp(a->items[i].target, b->items[i].target) != 0)
			return false;
	return true;
}

/* Plans what the gate at hand would send; notes when that changes under the
 * operator's eyes. */
static int survey_gate(struct conductor *c, struct error *err)
{
	const struct deed *deed = engine_deed(&c->engine);
	struct plan plan;
	int status;

	/* what was decided and waits for the journal stays as it was shown */
	if (c->pending.count)
		return 0;
	if (c->engine.phase != ENGINE_GATE && c->engine.phase != ENGINE_STUCK) {
		conduct_plan_release(&c->plan);
		c->plan_changed_ms = -1;
		return 0;
	}
	status = conduct_plan(c, &deed->actions, c->engine.rolling_back ?
			      PLAN_UNDO : PLAN_NOW, &plan, err);
	if (status)
		return status;
	if (!survey_same_effects(&plan.effects, &c->plan.effects)) {
		if (c->plan.effects.count && !c->plan.effects.problem)
			c->plan_changed_ms = loop_now(c->loop);
		c->plan_version++;
	}
	conduct_plan_release(&c->plan);
	c->plan = plan;
	return 0;
}

/* Did it make the target no replica any more: by its own action, unless that is
 * seen not to have come to it; or, as is seen, by hand? */
static bool survey_promotes(const struct conductor *c, const struct deed *deed)
{
	const struct facts_database *target = &c->facts->databases[SIDE_TARGET];
	bool seen = stamp_is_usable(&target->stamp, c->facts->now_ms) &&
		    target->seen->known[DB_PART_REPLICATION];
	bool none = seen && target->seen->channel_count == 0;
	const struct db_channel *channel =
		seen ? db_observation_channel(target->seen) : NULL;
	/* seen after the last act; and what may have been sent may still come */
	bool stays = channel && channel->io == DB_THREAD_YES &&
		     channel->sql == DB_THREAD_YES && !c->engine.unknown &&
		     c->engine.phase != ENGINE_ACTING &&
		     target->stamp.at_ms >= c->base_ms + c->engine.acted_mono;

	for (size_t i = 0; i < deed->actions.count; i++) {
		enum action_kind kind = deed->actions.items[i].kind;

		if ((kind == ACTION_PROMOTE && !stays) ||
		    (kind == ACTION_MANUAL && none))
			return true;
	}
	return false;
}

/* Could that have let the target take writes? Nobody knows what hands do. */
static bool survey_opens(const struct conductor *c, const struct action *action)
{
	return action->kind == ACTION_MANUAL ||
	       ((action->kind == ACTION_PROMOTE ||
		 action->kind == ACTION_UNFENCE) &&
		conduct_side(c, action->on) == SIDE_TARGET);
}

/* Was the target let take writes, or told to? */
static bool survey_was_opened(const struct conductor *c)
{
	for (size_t i = 0; i < c->runbook->step_count; i++) {
		const struct actions *actions =
			&c->runbook->steps[i].deed.actions;

		for (size_t a = 0; c->engine.steps[i].began &&
				   a < actions->count; a++)
			if (survey_opens(c, &actions->items[a]))
				return true;
	}
	return false;
}

/* Users' transactions on the target that the source lacks; -1: unknown. Before
 * this run has opened the target there are none to lose, whatever else is not
 * known: what it has of its own then is an administrator's. */
int64_t conduct_lost(const struct conductor *c)
{
	const struct facts *facts = c->facts;
	int64_t lost;

	if (!survey_was_opened(c))
		return 0;
	if (!stamp_is_usable(&facts->errant_stamp, facts->now_ms))
		return -1;
	lost = facts_errant(facts) - c->engine.own_transactions;
	return lost < 0 ? 0 : lost;
}

/* What is still to be undone of a way back that is gone on with. */
static void survey_rest_of_way_back(const struct engine *engine,
				    struct way_back *back)
{
	for (size_t i = engine->undo; i < engine->undo_count; i++)
		back->steps[back->step_count++] = engine->undo_steps[i];
}

static bool survey_same_way_back(const struct way_back *a,
				 const struct way_back *b)
{
	if (a->step_count != b->step_count || a->rebuild != b->rebuild)
		return false;
	for (size_t i = 0; i < a->step_count; i++)
		if (a->steps[i] != b->steps[i] ||
		    !survey_same_effects(&a->effects[i], &b->effects[i]))
			return false;
	return true;
}

static int survey_plan_way_back(struct conductor *c, struct error *err)
{
	struct way_back *back = &c->way_back;
	int status = 0;

	back->lost = conduct_lost(c);
	if (!engine_deed(&c->engine))
		return 0;
	if (!c->engine.rolling_back)
		back->step_count = engine_rollback_steps(&c->engine,
							 back->steps);
	else if (!c->begun)
		survey_rest_of_way_back(&c->engine, back);
	pace_undo(c->options.pace, back->steps, back->step_count, &back->takes);
	for (size_t i = 0; i < back->step_count; i++) {
		const struct runbook_step *step =
			&c->runbook->steps[back->steps[i]];

		back->rebuild = back->rebuild || survey_promotes(c, &step->deed);
		if (!status)
			status = survey_plan(c, &step->undo.actions, PLAN_UNDO,
					     &c->way_back_arena,
					     &back->effects[i], err);
		/* what is not planned must not look like nothing to do */
		if (status)
			back->effects[i].problem = _("out of memory");
	}
	return status;
}

static int survey_way_back(struct conductor *c, struct error *err)
{
	struct way_back before = c->way_back;
	struct arena before_arena = c->way_back_arena;
	int status;

	arena_init(&c->way_back_arena);
	memset(&c->way_back, 0, sizeof(c->way_back));
	status = survey_plan_way_back(c, err);
	c->way_back.version = before.version +
			      !survey_same_way_back(&before, &c->way_back);
	arena_release(&before_arena);
	return status;
}

/* ---- verdicts ------------------------------------------------------------ */

const char *conduct_position(void *data, const char *since,
			     const char *connection)
{
	return engine_position(data, since, connection);
}

void conduct_context(const struct conductor *c, struct condition_context *ret)
{
	*ret = (struct condition_context){
		.facts = c->facts, .now_ms = c->facts->now_ms,
		.not_before_ms = c->engine.acted_mono < 0 ? INT64_MIN :
				 c->base_ms + c->engine.acted_mono,
		.position = conduct_position, .data = (void *)&c->engine,
	};
}

static void survey_verdicts(struct conductor *c)
{
	const struct deed *deed = engine_deed(&c->engine);
	const struct conditions *conditions = NULL;
	struct condition_context context;

	conduct_context(c, &context);
	if (engine_judges_guards(&c->engine))
		conditions = &deed->guards;
	else if (c->engine.phase == ENGINE_CHECKING)
		conditions = &deed->checks;
	c->verdict_count = conditions ? conditions->count : 0;
	for (size_t i = 0; i < c->verdict_count; i++)
		condition_judge(&conditions->items[i], &context,
				&c->verdicts[i]);
}

/* Must what the gate would send first not be sent? Beyond all overrides. */
static void survey_forbidden(struct conductor *c)
{
	const struct effects *effects = conduct_effects(c);
	size_t next = c->engine.phase == ENGINE_STUCK ? c->engine.effect : 0;
	const struct deed *deed = engine_deed(&c->engine);
	struct error err = {0};

	c->forbidden[0] = '\0';
	if (!conduct_was_shown(c)) {
		snprintf(c->forbidden, sizeof(c->forbidden), "%s",
			 _("what is sent here was not known when the way back was confirmed, and so was not shown: park, and 'cutover resume' shows it"));
		return;
	}
	/* between gates there is a deed, and nothing that it would send */
	if ((c->engine.phase != ENGINE_GATE &&
	     c->engine.phase != ENGINE_STUCK) || next >= effects->count ||
	    !conduct_two_writers(c, &deed->actions.items[
				 effects->items[next].action], &err))
		return;
	snprintf(c->forbidden, sizeof(c->forbidden), "%s", err.message);
}

int conduct_survey(struct conductor *c, struct error *err)
{
	int status;

	c->behind = false;
	c->facts = observer_facts(c->observer, loop_now(c->loop));
	survey_verdicts(c);
	c->seen_effect = reality_stuck(c, &c->seen);
	if (c->resumes && !c->begun)
		reality_survey(c);
	status = survey_gate(c, err);
	if (!status)
		survey_forbidden(c);
	return status ? status : survey_way_back(c, err);
}
