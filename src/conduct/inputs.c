/*
 * Inputs for the engine: what the operator or the world said, with the facts
 * that a decision needs put in.
 */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "conduct/conductor.h"
#include "conduct/lease.h"
#include "db/dialect.h"
#include "journal/journal.h"
#include "net/loop.h"
#include "observe/observer.h"

static json_t *input_effects_json(const struct effects *effects)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < effects->count; i++) {
		const struct effect *effect = &effects->items[i];

		if (json_array_append_new(list,
			json_pack("{ss ss ss? sI sI sI ss? sb}", "target",
				  effect->target, "request", effect->request,
				  "gist", effect->gist, "within_ms",
				  (json_int_t)effect->within_ms,
				  "transactions",
				  (json_int_t)effect->transactions, "action",
				  (json_int_t)effect->action, "verb",
				  effect->verb < 0 ? NULL :
				  db_verb_name((enum db_verb)effect->verb),
				  "once", effect->once))) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static json_t *input_way_back_json(const struct conductor *c)
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

void conduct_binlog_name(const struct facts_database *database,
			 char dst[CONDUCT_NAME_MAX])
{
	snprintf(dst, CONDUCT_NAME_MAX, "%s binlog", database->name);
}

void conduct_trace(struct conductor *c)
{
	const struct facts *facts = observer_facts(c->observer,
						   loop_now(c->loop));
	int fenced = engine_fenced_at(&c->engine);

	for (int side = 0; fenced >= 0 && side < SIDE_COUNT; side++) {
		char name[CONDUCT_NAME_MAX];
		const char *place;

		conduct_binlog_name(&facts->databases[side], name);
		place = engine_position(&c->engine,
					c->runbook->steps[fenced].id, name);
		if (place && (side == SIDE_SOURCE || c->engine.window_open))
			observer_trace(c->observer, (enum facts_side)side,
				       place, NULL);
	}
}

static json_t *input_positions(const struct conductor *c)
{
	char name[CONDUCT_NAME_MAX];
	json_t *positions = json_object();

	for (int side = 0; positions && side < SIDE_COUNT; side++) {
		const struct facts_database *database =
			&c->facts->databases[side];

		if (!database->seen || !database->seen->gtid_known ||
		    !stamp_is_fresh(&database->stamp, c->facts->now_ms))
			continue;
		/* where a run that goes on reads its binlog on from */
		conduct_binlog_name(database, name);
		if ((*database->seen->binlog_place &&
		     json_object_set_new(positions, name, json_string(
				database->seen->binlog_place))) ||
		    json_object_set_new(positions, database->name, json_string(
				database->seen->executed_text))) {
			json_decref(positions);
			return NULL;
		}
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

bool conduct_was_shown(const struct conductor *c)
{
	return !c->begun || !c->engine.rolling_back ||
	       c->engine.phase != ENGINE_GATE || !conduct_effects(c)->count ||
	       conduct_rollback_effects(c);
}

int conduct_input_of(struct conductor *c, enum engine_input_kind kind,
		     const struct effects *effects, struct engine_input *ret,
		     struct error *err)
{
	memset(ret, 0, sizeof(*ret));
	ret->kind = kind;
	ret->mono = journal_mono(c->journal);
	ret->verdicts = c->verdicts;
	ret->lost = conduct_lost(c);
	ret->takes = c->way_back.takes;
	ret->problem = effects->problem;
	ret->seen = &c->seen;
	ret->positions = input_positions(c);
	ret->effects = kind == INPUT_ROLLBACK || kind == INPUT_RESUME ?
		       input_way_back_json(c) : input_effects_json(effects);
	if (ret->positions && ret->effects)
		return 0;
	conduct_input_release(ret);
	return error_nomem(err);
}

int conduct_input(struct conductor *c, enum engine_input_kind kind,
		  struct engine_input *ret, struct error *err)
{
	const char *lease = conduct_lease_problem(c->lease);
	int status = conduct_input_of(c, kind, conduct_effects(c), ret, err);

	if (!status && c->forbidden[0])
		ret->problem = c->forbidden;
	/* what is not to be sent now opens no gate, the way back's neither */
	if (!status && lease)
		ret->problem = lease;
	return status;
}

void conduct_input_release(struct engine_input *input)
{
	json_decref(input->positions);
	json_decref(input->effects);
}

int conduct_decide(struct conductor *c, enum engine_input_kind kind,
		   const char *text, size_t index, struct error *err)
{
	struct engine_input input;
	int status = conduct_input(c, kind, &input, err);

	if (status)
		return status;
	input.text = text;
	input.index = index;
	status = conduct_feed(c, &input, err);
	conduct_input_release(&input);
	return status;
}
