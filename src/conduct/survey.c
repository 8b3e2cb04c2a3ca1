/*
 * What is true now: facts, the verdicts on the deed at hand, what the open
 * gate would send, what a way back would do. Worked out anew at every beat.
 */
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "conduct/conductor.h"
#include "journal/journal.h"
#include "kube/object.h"
#include "net/loop.h"
#include "observe/condition.h"
#include "observe/observer.h"
#include "perform/plan.h"

/* ---- the world as plans see it ------------------------------------------- */

static const struct db_server *survey_server(void *data, const char *name)
{
	const struct facts_database *database = facts_database(data, name);

	return database && database->seen ? &database->seen->server : NULL;
}

static const struct kube_service *survey_service(void *data, const char *name)
{
	return facts_service(data, name);
}

static const struct kube_deployment *survey_deployment(void *data,
						       const char *name)
{
	return facts_deployment(data, name);
}

static int survey_plan(const struct conductor *c, const struct actions *actions,
		       bool undo, struct arena *arena, struct effects *ret,
		       struct error *err)
{
	const struct plan_world world = {
		.data = (void *)c->facts, .server = survey_server,
		.service = survey_service, .deployment = survey_deployment,
	};

	return plan_actions(c->reach, &world, actions, undo, arena, ret, err);
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
	struct plan plan = {0};
	int status;

	if (c->engine.phase != ENGINE_GATE && c->engine.phase != ENGINE_STUCK) {
		conduct_plan_release(&c->plan);
		c->plan_changed_ms = -1;
		return 0;
	}
	status = survey_plan(c, &deed->actions, c->engine.rolling_back,
			     &plan.arena, &plan.effects, err);
	if (status) {
		conduct_plan_release(&plan);
		return status;
	}
	if (!survey_same_effects(&plan.effects, &c->plan.effects)) {
		if (c->plan.effects.count && !c->plan.effects.problem)
			c->plan_changed_ms = loop_now(c->loop);
		c->plan_version++;
	}
	conduct_plan_release(&c->plan);
	c->plan = plan;
	return 0;
}

static bool survey_promotes(const struct deed *deed)
{
	for (size_t i = 0; i < deed->actions.count; i++)
		if (deed->actions.items[i].kind == ACTION_PROMOTE)
			return true;
	return false;
}

/* Users' transactions on the target that the source lacks; -1: unknown. A run
 * that has sent nothing has nothing to lose, whatever else is not known. */
static int64_t survey_lost(const struct conductor *c)
{
	const struct facts *facts = c->facts;
	size_t steps[RUNBOOK_STEPS_MAX];
	int64_t lost;

	if (!c->engine.rolling_back && !engine_rollback_steps(&c->engine, steps))
		return 0;
	if (!stamp_is_fresh(&facts->errant_stamp, facts->now_ms))
		return -1;
	lost = facts->errant - c->engine.own_transactions;
	return lost < 0 ? 0 : lost;
}

static int survey_way_back(struct conductor *c, struct error *err)
{
	struct way_back *back = &c->way_back;
	int status = 0;

	arena_release(&c->way_back_arena);
	memset(back, 0, sizeof(*back));
	back->lost = survey_lost(c);
	if (c->engine.rolling_back || !engine_deed(&c->engine))
		return 0;
	back->step_count = engine_rollback_steps(&c->engine, back->steps);
	for (size_t i = 0; i < back->step_count && !status; i++) {
		const struct runbook_step *step =
			&c->runbook->steps[back->steps[i]];

		back->rebuild = back->rebuild || survey_promotes(&step->deed);
		status = survey_plan(c, &step->undo.actions, true,
				     &c->way_back_arena, &back->effects[i], err);
	}
	return status;
}

/* ---- verdicts ------------------------------------------------------------ */

static const char *survey_position(void *data, const char *since,
				   const char *connection)
{
	return engine_position(data, since, connection);
}

static void survey_verdicts(struct conductor *c)
{
	const struct deed *deed = engine_deed(&c->engine);
	const struct conditions *conditions = NULL;
	const struct condition_context context = {
		.facts = c->facts, .now_ms = c->facts->now_ms,
		.not_before_ms = c->engine.acted_mono < 0 ? INT64_MIN :
				 c->base_ms + c->engine.acted_mono,
		.position = survey_position, .data = &c->engine,
	};

	if (c->engine.phase == ENGINE_GATE)
		conditions = &deed->guards;
	else if (c->engine.phase == ENGINE_CHECKING)
		conditions = &deed->checks;
	c->verdict_count = conditions ? conditions->count : 0;
	for (size_t i = 0; i < c->verdict_count; i++)
		condition_judge(&conditions->items[i], &context,
				&c->verdicts[i]);
}

int conduct_survey(struct conductor *c, struct error *err)
{
	int status;

	c->facts = observer_facts(c->observer, loop_now(c->loop));
	survey_verdicts(c);
	status = survey_gate(c, err);
	return status ? status : survey_way_back(c, err);
}

/* ---- inputs -------------------------------------------------------------- */

static json_t *survey_effects_json(const struct effects *effects)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < effects->count; i++) {
		const struct effect *effect = &effects->items[i];

		if (json_array_append_new(list,
			json_pack("{ss ss sI sI}", "target", effect->target,
				  "request", effect->request, "within_ms",
				  (json_int_t)effect->within_ms,
				  "transactions",
				  (json_int_t)effect->transactions))) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static json_t *survey_way_back_json(const struct conductor *c)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < c->way_back.step_count; i++) {
		const struct effects *effects = &c->way_back.effects[i];
		const char *id = c->runbook->steps[c->way_back.steps[i]].id;

		for (size_t k = 0; k < effects->count; k++)
			if (json_array_append_new(list,
				json_pack("{ss ss ss}", "step", id, "target",
					  effects->items[k].target, "request",
					  effects->items[k].request))) {
				json_decref(list);
				return NULL;
			}
	}
	return list;
}

static json_t *survey_positions(const struct conductor *c)
{
	json_t *positions = json_object();

	for (int side = 0; positions && side < SIDE_COUNT; side++) {
		const struct facts_database *database =
			&c->facts->databases[side];

		if (!database->seen || !database->seen->gtid_known ||
		    !stamp_is_fresh(&database->stamp, c->facts->now_ms))
			continue;
		json_object_set_new(positions, database->name,
				    json_string(database->seen->executed_text));
	}
	return positions;
}

const struct effects *conduct_rollback_effects(const struct conductor *c)
{
	const struct engine *engine = &c->engine;
	const struct effects *effects = &c->rollback[engine->undo];

	if (!engine->rolling_back || engine->phase != ENGINE_GATE ||
	    !effects->items || effects->problem)
		return NULL;
	return effects;
}

int conduct_input(struct conductor *c, enum engine_input_kind kind,
		  struct engine_input *ret, struct error *err)
{
	const struct effects *effects = conduct_rollback_effects(c);

	memset(ret, 0, sizeof(*ret));
	ret->kind = kind;
	ret->mono = journal_mono(c->journal);
	ret->verdicts = c->verdicts;
	ret->lost = survey_lost(c);
	ret->problem = effects ? NULL : c->plan.effects.problem;
	ret->positions = survey_positions(c);
	ret->effects = kind == INPUT_ROLLBACK ? survey_way_back_json(c) :
		       survey_effects_json(effects ? effects : &c->plan.effects);
	if (ret->positions && ret->effects)
		return 0;
	conduct_input_release(ret);
	return error_nomem(err);
}

void conduct_input_release(struct engine_input *input)
{
	json_decref(input->positions);
	json_decref(input->effects);
}
