/*
 * See prospect.h. First it looks until all that is observed was seen or has
 * failed, and the first gate's guards say something; then it plans, then it
 * asks (prospect_ask.c), then it judges all guards by the newest facts.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/text.h"
#include "conduct/planworld.h"
#include "conduct/prospect_private.h"
#include "net/loop.h"
#include "observe/condition.h"
#include "observe/observer.h"
#include "perform/reach.h"

#define PROSPECT_BEAT_MS 50

void prospect_say(struct verdict *verdict, enum verdict_state state,
		  const char *format, ...)
{
	char text[2 * VERDICT_TEXT_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	verdict->state = state;
	verdict->pending = false;
	text_sanitise(verdict->text, sizeof(verdict->text), text);
}

/* ---- looking ------------------------------------------------------------- */

static bool stamp_has_news(const struct stamp *stamp)
{
	return stamp->at_ms >= 0 || stamp->problem[0];
}

static bool prospect_has_seen(const struct prospect *prospect)
{
	const struct facts *facts = prospect->found.facts;
	const struct facts_cluster *cluster = &facts->cluster;
	bool seen = stamp_has_news(&facts->databases[SIDE_SOURCE].stamp) &&
		    stamp_has_news(&facts->databases[SIDE_TARGET].stamp);

	if (reach_cluster(prospect->reach))
		seen = seen && stamp_has_news(&cluster->pods_stamp) &&
		       stamp_has_news(&cluster->service_stamp) &&
		       stamp_has_news(&cluster->slices_stamp) &&
		       stamp_has_news(&cluster->deployments_stamp);
	if (facts->flag.configured)
		seen = seen && stamp_has_news(&facts->flag.stamp);
	for (size_t i = 0; i < facts->row_count; i++)
		seen = seen && stamp_has_news(&facts->rows[i].stamp);
	return seen;
}

/* No step has been done: there is no position since one. */
static const char *prospect_position(void *data, const char *since,
				     const char *connection)
{
	(void)data;
	(void)since;
	(void)connection;
	return NULL;
}

static void prospect_judge(struct prospect *prospect, size_t step)
{
	const struct conditions *guards =
		&prospect->found.runbook->steps[step].deed.guards;
	const struct condition_context context = {
		.facts = prospect->found.facts,
		.now_ms = prospect->found.facts->now_ms,
		.position = prospect_position,
	};

	for (size_t i = 0; i < guards->count; i++)
		condition_judge(&guards->items[i], &context,
				&prospect->steps[step].guards[i]);
}

/* Does the first gate say something, or would it only say more with time? */
static bool prospect_gate_speaks(struct prospect *prospect)
{
	const struct conditions *guards =
		&prospect->found.runbook->steps[0].deed.guards;

	prospect_judge(prospect, 0);
	for (size_t i = 0; i < guards->count; i++) {
		const struct verdict *verdict = &prospect->steps[0].guards[i];

		if (verdict->state == VERDICT_UNKNOWN ||
		    (verdict->state != VERDICT_GREEN && verdict->pending))
			return false;
	}
	return true;
}

/* ---- planning ------------------------------------------------------------ */

static int prospect_plan_deed(struct prospect *prospect,
			      const struct actions *actions,
			      enum plan_mood mood, struct prospect_deed *ret,
			      struct error *err)
{
	const struct plan_world world = planworld_of(prospect->found.facts);
	int status = plan_actions(prospect->reach, &world, actions, mood,
				  &prospect->arena, &ret->effects, err);

	if (status) {
		ret->effects.count = 0;
		return status;
	}
	ret->answers = arena_array(&prospect->arena, ret->effects.count + 1,
				   sizeof(*ret->answers));
	if (ret->answers)
		return 0;
	ret->effects.count = 0;
	return error_nomem(err);
}

static int prospect_plan(struct prospect *prospect, struct error *err)
{
	const struct runbook *runbook = prospect->found.runbook;
	int status = 0;

	for (size_t i = 0; i < runbook->step_count && !status; i++) {
		const struct runbook_step *step = &runbook->steps[i];
		struct prospect_step *found = &prospect->steps[i];

		/* without the resourceVersion of this moment: the object may
		 * change before it is tried */
		status = prospect_plan_deed(prospect, &step->deed.actions,
					    PLAN_AHEAD, &found->deed, err);
		if (!status)
			status = prospect_plan_deed(prospect,
						    &step->undo.actions,
						    PLAN_UNDO, &found->undo,
						    err);
	}
	return status;
}

/* ---- in turn ------------------------------------------------------------- */

static void prospect_over(struct prospect *prospect)
{
	observer_facts(prospect->observer, clock_mono_ms());
	for (size_t i = 0; i < prospect->found.runbook->step_count; i++)
		prospect_judge(prospect, i);
	prospect->done(prospect->data);
}

/* Out of memory: nothing was asked, and everything is unknown. */
static void prospect_forgo(struct prospect *prospect, const struct error *err)
{
	struct prospect_right *right = &prospect->rights[0];

	snprintf(right->text, sizeof(right->text), "%s", _("the plan"));
	prospect_say(&right->verdict, VERDICT_UNKNOWN, "%s", err->message);
	prospect->found.right_count = 1;
	prospect_over(prospect);
}

static void prospect_on_beat(void *data)
{
	struct prospect *prospect = data;
	int64_t now = clock_mono_ms();
	struct error err = {0};

	observer_facts(prospect->observer, now);
	if (now - prospect->begun_ms < PROSPECT_LOOK_MS &&
	    !(prospect_has_seen(prospect) && prospect_gate_speaks(prospect)))
		return;
	loop_timer_cancel(prospect->beat);
	prospect->beat = NULL;
	if (prospect_plan(prospect, &err) ||
	    prospect_ask(prospect, prospect_over, &err))
		prospect_forgo(prospect, &err);
}

static void prospect_on_facts(void *data)
{
	(void)data;             /* they are looked at with every beat */
}

static int prospect_make_steps(struct prospect *prospect, struct error *err)
{
	const struct runbook *runbook = prospect->found.runbook;

	prospect->steps = arena_array(&prospect->arena, runbook->step_count,
				      sizeof(*prospect->steps));
	for (size_t i = 0; prospect->steps && i < runbook->step_count; i++) {
		struct prospect_step *step = &prospect->steps[i];

		step->guards = arena_array(&prospect->arena,
					   runbook->steps[i].deed.guards.count +
					   1, sizeof(*step->guards));
		if (!step->guards)
			return error_nomem(err);
	}
	prospect->found.steps = prospect->steps;
	prospect->found.rights = prospect->rights;
	return prospect->steps ? 0 : error_nomem(err);
}

int prospect_open(struct loop *loop, const struct runbook *runbook,
		  void (*done)(void *data), void *data, struct prospect **ret,
		  struct error *err)
{
	struct prospect *prospect = calloc(1, sizeof(*prospect));
	int status;

	if (!prospect)
		return error_nomem(err);
	arena_init(&prospect->arena);
	prospect->loop = loop;
	prospect->done = done;
	prospect->data = data;
	prospect->begun_ms = clock_mono_ms();
	prospect->found.runbook = runbook;
	status = prospect_make_steps(prospect, err);
	if (!status)
		status = reach_open(loop, runbook, &prospect->reach, err);
	if (!status)
		status = observer_open(prospect->reach, runbook,
				       prospect_on_facts, prospect,
				       &prospect->observer, err);
	if (!status)
		status = loop_timer(loop, PROSPECT_BEAT_MS, PROSPECT_BEAT_MS,
				    prospect_on_beat, prospect,
				    &prospect->beat, err);
	if (status) {
		prospect_close(prospect);
		return status;
	}
	prospect->found.facts = observer_facts(prospect->observer,
					       prospect->begun_ms);
	observer_hurry(prospect->observer, true);
	*ret = prospect;
	return 0;
}

void prospect_know(struct prospect *prospect, const struct verdict *known,
		   size_t count)
{
	prospect->found.known = known;
	prospect->found.known_count = count;
}

void prospect_close(struct prospect *prospect)
{
	if (!prospect)
		return;
	loop_timer_cancel(prospect->beat);
	prospect_hush(prospect);
	observer_close(prospect->observer);
	reach_close(prospect->reach);
	arena_release(&prospect->arena);
	free(prospect);
}

/* ---- what was found ------------------------------------------------------ */

const struct prospect_found *prospect_found(const struct prospect *prospect)
{
	return &prospect->found;
}

struct against {
	prospect_against_fn *each;
	void *data;
	size_t count;
};

static void against_add(struct against *against,
			const struct runbook_step *step, bool undo,
			const struct verdict *verdict)
{
	if (verdict->state == VERDICT_GREEN)
		return;
	against->count++;
	if (against->each)
		against->each(against->data, step, undo, verdict);
}

/* What an undo needs may not be there before its step is done. */
static void against_add_deed(struct against *against,
			     const struct runbook_step *step, bool undo,
			     const struct prospect_deed *deed)
{
	struct verdict problem;

	for (size_t i = 0; i < deed->effects.count; i++)
		if (deed->answers[i].asked)
			against_add(against, step, undo,
				    &deed->answers[i].verdict);
	if (!deed->effects.problem || undo)
		return;
	prospect_say(&problem, VERDICT_RED, "%s", deed->effects.problem);
	against_add(against, step, undo, &problem);
}

size_t prospect_against(const struct prospect_found *found,
			prospect_against_fn *each, void *data)
{
	const struct runbook_step *steps = found->runbook->steps;
	struct against against = {each, data, 0};

	for (size_t i = 0; i < found->known_count; i++)
		against_add(&against, NULL, false, &found->known[i]);
	for (size_t i = 0; i < found->right_count; i++)
		against_add(&against, NULL, false, &found->rights[i].verdict);
	for (size_t i = 0; i < steps[0].deed.guards.count; i++)
		against_add(&against, &steps[0], false,
			    &found->steps[0].guards[i]);
	for (size_t i = 0; i < found->runbook->step_count; i++) {
		against_add_deed(&against, &steps[i], false,
				 &found->steps[i].deed);
		against_add_deed(&against, &steps[i], true,
				 &found->steps[i].undo);
	}
	return against.count;
}
