/* See conduct.h. How a conductor begins and ends, and what it answers. */
#include "conduct/conduct.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "conduct/conductor.h"
#include "conduct/lease.h"
#include "journal/journal.h"
#include "net/loop.h"
#include "observe/observer.h"
#include "perform/perform.h"
#include "perform/reach.h"

/* ---- opening the run ----------------------------------------------------- */

static json_t *conduct_variables(const struct runbook *runbook)
{
	json_t *variables = json_object();

	for (size_t i = 0; variables && i < runbook->variable_count; i++)
		if (json_object_set_new(variables, runbook->variables[i].name,
				json_string(runbook->variables[i].value))) {
			json_decref(variables);
			return NULL;
		}
	return variables;
}

static json_t *conduct_connections(const struct conductor *c)
{
	json_t *list = json_array();
	char target[REACH_TARGET_MAX];

	for (size_t i = 0; list && i < c->runbook->connection_count; i++) {
		const char *name = c->runbook->connections[i].name;

		reach_target(c->reach, name, target);
		if (json_array_append_new(list, json_pack("{ss ss}", "name",
						name, "host", target))) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static json_t *conduct_opening(const struct conductor *c)
{
	const struct runbook *runbook = c->runbook;

	return json_pack("{ss ss ss sb sb s{ss ss ss ss} so so sI sI ss*}", "run",
			 c->options.run, "version", c->options.version,
			 "operator", c->options.operator_name, "rehearsal",
			 c->options.rehearsal, "autopilot",
			 c->options.autopilot, "runbook", "name",
			 runbook->name, "title", runbook->title, "path",
			 runbook->whole_path, "sha256", runbook->sha256,
			 "variables", conduct_variables(runbook), "connections",
			 conduct_connections(c), "budget_ms",
			 (json_int_t)runbook->budget_ms, "way_back_budget_ms",
			 (json_int_t)runbook->way_back_budget_ms, "beside",
			 c->options.beside);
}

int conduct_begin(struct conductor *c, struct error *err)
{
	struct engine_input input;
	int status = conduct_input(c, INPUT_OPEN, &input, err);

	if (status)
		return status;
	input.opening = conduct_opening(c);
	status = input.opening ? conduct_feed(c, &input, err) :
				 error_nomem(err);
	c->begun = !status;
	json_decref(input.opening);
	conduct_input_release(&input);
	return status;
}

/* ---- the Lease ----------------------------------------------------------- */

static void conduct_facts_changed(void *data)
{
	conduct_wake(data);
}

/* A run that acts on a cluster holds a Lease there. */
static int conduct_open_lease(struct conductor *c, struct error *err)
{
	const struct conduct_lease_options options = {
		.client = reach_cluster(c->reach), .runbook = c->runbook,
		.operator_name = c->options.operator_name,
		.run = c->options.run, .journal = journal_path(c->journal),
		.resumes = c->resumes, .changed = conduct_facts_changed,
		.data = c,
	};

	return options.client ? conduct_lease_open(&options, &c->lease, err) :
				0;
}

/* ---- open and close ------------------------------------------------------ */

/* Folds the records of a run that was left. */
static int conduct_recall(struct conductor *c, const json_t *records,
			  struct error *err)
{
	int status = 0;

	for (size_t i = 0; i < json_array_size(records) && !status; i++)
		status = engine_apply(&c->engine, json_array_get(records, i),
				      err);
	return status;
}

int conduct_open(struct loop *loop, const struct runbook *runbook,
		 struct journal *journal, const struct conduct_options *options,
		 const struct conduct_listener *listener,
		 struct conductor **ret, struct error *err)
{
	struct conductor *c = calloc(1, sizeof(*c));
	int status;

	if (!c)
		return error_nomem(err);
	c->loop = loop;
	c->runbook = runbook;
	c->journal = journal;
	c->options = *options;
	c->listener = *listener;
	c->base_ms = clock_mono_ms() - journal_mono(journal);
	c->opened_at_ms = c->brought_ms = c->opened_ms[SIDE_SOURCE] =
			  c->opened_ms[SIDE_TARGET] = clock_mono_ms();
	c->plan_changed_ms = c->unwritten_ms = -1;
	c->ahead_step = SIZE_MAX;
	engine_init(&c->engine, runbook);
	c->told = json_array();
	status = c->told ? conduct_recall(c, options->records, err) :
			   error_nomem(err);
	c->resumes = options->records != NULL;
	c->options.records = NULL;
	if (!status)
		status = reach_open(loop, runbook, &c->reach, err);
	if (!status)
		status = conduct_open_lease(c, err);
	if (!status)
		status = observer_open(c->reach, runbook, conduct_facts_changed,
				       c, &c->observer, err);
	if (!status) {
		conduct_trace(c);
		status = conduct_survey(c, err);
	}
	if (!status)
		status = conduct_beats(c, err);
	if (status)
		conduct_close(c);
	else
		*ret = c;
	return status;
}

void conduct_close(struct conductor *c)
{
	if (!c)
		return;
	loop_timer_cancel(c->beat);
	loop_timer_cancel(c->wake);
	loop_timer_cancel(c->journal_retry);
	perform_abandon(c->performance);
	conduct_lease_close(c->lease);
	observer_close(c->observer);
	reach_close(c->reach);
	engine_outputs_release(&c->pending);
	engine_release(&c->engine);
	conduct_plan_release(&c->plan);
	conduct_plan_release(&c->sent);
	conduct_plan_release(&c->ahead);
	arena_release(&c->rollback_arena);
	arena_release(&c->way_back_arena);
	json_decref(c->told);
	free(c);
}

/* ---- what is true -------------------------------------------------------- */

const struct engine *conduct_engine(const struct conductor *c)
{
	return &c->engine;
}

const struct facts *conduct_facts(const struct conductor *c)
{
	return c->facts;
}

const struct conduct_options *conduct_options(const struct conductor *c)
{
	return &c->options;
}

const struct conduct_lease_view *conduct_lease(const struct conductor *c)
{
	return conduct_lease_look(c->lease);
}

int64_t conduct_mono(const struct conductor *c)
{
	return journal_mono(c->journal);
}

const struct verdict *conduct_verdicts(const struct conductor *c,
				       size_t *ret_count)
{
	*ret_count = c->verdict_count;
	return c->verdict_count ? c->verdicts : NULL;
}

/* Does a confirmation wait for the journal? */
static bool conduct_confirms(const struct conductor *c)
{
	for (size_t i = c->pending_done; i < c->pending.count; i++)
		if (c->pending.records[i].event == EVENT_GATE_CONFIRMED)
			return true;
	return false;
}

const struct effects *conduct_effects(const struct conductor *c)
{
	const struct effects *rollback = conduct_rollback_effects(c);
	bool waits = conduct_confirms(c) && c->sending == &c->sent.effects &&
		     !c->plan.effects.count;

	return rollback ? rollback : waits ? &c->sent.effects :
					     &c->plan.effects;
}

bool conduct_is_behind(const struct conductor *c)
{
	return c->behind;
}

const char *conduct_forbidden(const struct conductor *c)
{
	return c->forbidden;
}

const struct verdict *conduct_seen(const struct conductor *c)
{
	return &c->seen;
}

const struct reality *conduct_reality(const struct conductor *c)
{
	return c->resumes && !c->begun ? &c->reality : NULL;
}

uint64_t conduct_effects_version(const struct conductor *c)
{
	return c->plan_version;
}

const struct way_back *conduct_way_back(const struct conductor *c)
{
	return &c->way_back;
}
