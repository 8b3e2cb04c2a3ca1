/* The operator's decisions, on their way to the engine; see conduct.h. */
#include <string.h>

#include "base/i18n.h"
#include "conduct/conductor.h"
#include "conduct/lease.h"
#include "net/loop.h"
#include "perform/perform.h"
#include "perform/reach.h"

/* Has what is planned stood long enough to be read? */
static bool decision_plan_settled(const struct conductor *c)
{
	return c->plan_changed_ms < 0 ||
	       loop_now(c->loop) - c->plan_changed_ms >= CONDUCT_SETTLE_MS;
}

static int decision_plan_stands(const struct conductor *c, struct error *err)
{
	if (!decision_plan_settled(c))
		return error_set(err, ERR_INVALID, NULL,
				 _("what would be sent has just changed; look again"));
	return 0;
}

int conduct_confirm(struct conductor *c, const char *word, struct error *err)
{
	int status;

	/* guards as they are now, not as they were at the last beat */
	status = conduct_lease_check(c->lease, err);
	if (!status)
		status = conduct_survey(c, err);
	if (!status && c->engine.phase == ENGINE_GATE)
		status = conduct_decide(c, INPUT_VERDICTS, NULL, 0, err);
	if (!status)
		status = decision_plan_stands(c, err);
	return status ? status : conduct_decide(c, INPUT_CONFIRM, word, 0, err);
}

int conduct_override(struct conductor *c, size_t guard, const char *reason,
		     struct error *err)
{
	/* what another drives is not for us to pass */
	int status = conduct_lease_check(c->lease, err);

	return status ? status :
	       conduct_decide(c, INPUT_OVERRIDE, reason, guard, err);
}

/* Keeps the way back as it was shown: what is confirmed is what is sent. */
static void decision_freeze_rollback(struct conductor *c, size_t from)
{
	memset(c->rollback, 0, sizeof(c->rollback));
	memcpy(&c->rollback[from], c->way_back.effects,
	       c->way_back.step_count * sizeof(c->rollback[0]));
	arena_release(&c->rollback_arena);
	c->rollback_arena = c->way_back_arena;
	arena_init(&c->way_back_arena);
	c->way_back = (struct way_back){.version = c->way_back.version + 1};
}

/* Is it still being looked whether an effect whose answer was lost is in place?
 * Then nothing is offered yet. */
static bool decision_looks(const struct conductor *c)
{
	const struct engine *engine = &c->engine;

	return engine->phase == ENGINE_STUCK && engine->unknown &&
	       (c->behind || (c->seen.state == VERDICT_UNKNOWN &&
			      c->seen.pending)) &&
	       conduct_mono(c) - engine->acted_mono < CONDUCT_LOOK_MS;
}

static int decision_wait_for_look(bool looks, struct error *err)
{
	if (looks)
		return error_set(err, ERR_INVALID, NULL,
				 _("it is still being looked whether it has happened; a moment"));
	return 0;
}

/* A check is late: is it still being looked whether what was answered with yes
 * is in place? Another try sends what is not, and else only waits; which of the
 * two it would be is shown first. */
static bool decision_looks_for_undone(const struct conductor *c)
{
	const struct engine *engine = &c->engine;
	int64_t since_ms = conduct_mono(c) - engine->acted_mono;

	return engine->phase == ENGINE_STUCK && engine->stuck_on_check &&
	       (c->seen.state == VERDICT_RED || since_ms < CONDUCT_LOOK_MS ||
		(c->seen.pending && since_ms < 2 * CONDUCT_LOOK_MS));
}

/* What is frozen is what was read, or it is read again first. */
static int decision_was_read(const struct conductor *c, uint64_t shown,
			     struct error *err)
{
	if (shown != c->way_back.version)
		return error_set(err, ERR_INVALID, NULL,
				 _("the way back is not what was shown; look again"));
	return 0;
}

int conduct_rollback(struct conductor *c, const char *word, uint64_t shown,
		     struct error *err)
{
	int status;

	if (!word || strcmp(word, CONDUCT_ROLLBACK_WORD) != 0)
		return error_set(err, ERR_INVALID, NULL,
				 _("rolling back takes the word '%s'"),
				 CONDUCT_ROLLBACK_WORD);
	/* what is frozen is what the engine goes by: the steps begun so far */
	status = conduct_survey(c, err);
	if (!status)
		status = decision_was_read(c, shown, err);
	if (!status)
		status = decision_wait_for_look(decision_looks(c), err);
	/* it would go on by itself once the Lease is back, however long after */
	if (!status && c->way_back.step_count &&
	    conduct_lease_check(c->lease, err))
		status = error_wrap(err, _("the way back sends effects too"));
	if (!status)
		status = conduct_decide(c, INPUT_ROLLBACK, NULL, 0, err);
	if (!status)
		decision_freeze_rollback(c, 0);
	return status;
}

int conduct_retry(struct conductor *c, struct error *err)
{
	int status = conduct_survey(c, err);

	if (!status)
		status = decision_wait_for_look(decision_looks(c) ||
						decision_looks_for_undone(c), err);
	if (!status && engine_judges_guards(&c->engine))
		status = conduct_decide(c, INPUT_VERDICTS, NULL, 0, err);
	if (!status && !c->engine.stuck_on_check)
		status = decision_plan_stands(c, err);
	return status ? status : conduct_decide(c, INPUT_RETRY, NULL, 0, err);
}

int conduct_skip(struct conductor *c, const char *reason, struct error *err)
{
	/* what follows goes on by itself, by facts of this moment */
	int status = conduct_lease_check(c->lease, err);

	if (!status)
		status = conduct_survey(c, err);
	if (!status)
		status = decision_wait_for_look(decision_looks(c), err);
	return status ? status : conduct_decide(c, INPUT_SKIP, reason, 0, err);
}

int conduct_note(struct conductor *c, const char *text, struct error *err)
{
	return conduct_decide(c, INPUT_NOTE, text, 0, err);
}

/* What the program that died had sent is not to land later. That may end its
 * session: only once the resumption is on disk and the Lease is ours, or it
 * might be another driver's. */
void conduct_settle(struct conductor *c)
{
	if (!c->settles || c->pending.count || conduct_lease_check(c->lease, NULL))
		return;
	c->settles = false;
	reach_settle_all(c->reach);
}

/* The records so far, and what the world says to them, were shown. */
int conduct_resume(struct conductor *c, uint64_t shown, struct error *err)
{
	struct engine_input input;
	bool goes_back = c->engine.rolling_back;
	size_t undo = c->engine.undo;
	int status = conduct_survey(c, err);

	if (!conduct_may(c, DECIDE_RESUME))
		return error_set(err, ERR_INVALID, NULL, c->begun ?
				 _("the run is being driven already") :
				 _("the world is still being looked at; a moment"));
	if (!status && goes_back)
		status = decision_was_read(c, shown, err);
	if (!status)
		status = conduct_input(c, INPUT_RESUME, &input, err);
	if (status)
		return status;
	input.text = c->options.operator_name;
	input.found = reality_json(c);
	status = input.found ? conduct_feed(c, &input, err) : error_nomem(err);
	c->begun = !status;
	c->settles = !status;
	if (!status && goes_back)
		decision_freeze_rollback(c, undo);
	json_decref(input.found);
	conduct_input_release(&input);
	conduct_wake(c);
	return status;
}

int conduct_park(struct conductor *c, const char *reason, struct error *err)
{
	/* nothing has been done yet: the run is as it was */
	if (c->resumes && !c->begun) {
		c->left = true;
		conduct_wake(c);
		return 0;
	}
	if (c->parks[0])
		return 0;
	if (c->pending.count && !c->performance) {
		conduct_withdraw(c);
		snprintf(c->parks, sizeof(c->parks), "%s", reason);
		conduct_wake(c);
		return 0;
	}
	return conduct_decide(c, INPUT_PARK, reason, 0, err);
}

int conduct_cancel(struct conductor *c, struct error *err)
{
	if (c->engine.phase == ENGINE_CHECKING)
		return conduct_decide(c, INPUT_GIVE_UP,
				     _("the operator gave up waiting"), 0, err);
	if (c->engine.phase != ENGINE_ACTING || !c->performance)
		return error_set(err, ERR_INVALID, NULL,
				 _("nothing is being waited for"));
	perform_abandon(c->performance);
	c->performance = NULL;
	return conduct_outcome(c, INPUT_LOST,
			       _("the operator gave up waiting; it may still happen"),
			       err);
}

int conduct_take_over(struct conductor *c, const char *word, struct error *err)
{
	int status;

	if (!word || strcmp(word, CONDUCT_TAKE_OVER_WORD) != 0)
		return error_set(err, ERR_INVALID, NULL,
				 _("taking over takes the word '%s'"),
				 CONDUCT_TAKE_OVER_WORD);
	status = conduct_lease_can_take(c->lease, err);
	return status ? status : conduct_lease_take_over(c, err);
}

/* May effects be begun? */
static bool decision_drives(const struct conductor *c)
{
	return !conduct_lease_check(c->lease, NULL);
}

/* What a guard waits for is mostly a fact that comes in a moment. */
static bool decision_undo_stands(const struct conductor *c)
{
	const struct engine *engine = &c->engine;

	if (engine->rolling_back && engine->phase == ENGINE_GATE &&
	    (c->plan.effects.problem || c->forbidden[0]))
		return true;
	return engine_undo_stands(engine) &&
	       (engine->phase == ENGINE_STUCK ||
		conduct_mono(c) - engine->acted_mono >= CONDUCT_LOOK_MS);
}

/* While the journal cannot be written: the run can be left, an answer not waited
 * for any longer, and what is armed stopped. */
static bool decision_needs_no_record(const struct conductor *c,
				     enum decision decision)
{
	return decision == DECIDE_PARK || decision == DECIDE_DISARM ||
	       (decision == DECIDE_CANCEL && c->performance);
}

bool conduct_may(const struct conductor *c, enum decision decision)
{
	const struct engine *engine = &c->engine;
	bool waiting = engine->phase == ENGINE_GATE ||
		       engine->phase == ENGINE_CHECKING ||
		       engine->phase == ENGINE_STUCK;

	if (c->pending.count && !decision_needs_no_record(c, decision))
		return false;
	if (!c->begun)
		return c->resumes && (decision == DECIDE_PARK ||
				      (decision == DECIDE_RESUME &&
				       c->reality.looked));
	switch (decision) {
	case DECIDE_CONFIRM:
		return engine_gate_is_open(engine) && engine_asks(engine) &&
		       !conduct_effects(c)->problem && !c->forbidden[0] &&
		       decision_plan_settled(c) && decision_drives(c);
	case DECIDE_OVERRIDE:
		return engine_shut_guards(engine) > 0 && decision_drives(c);
	case DECIDE_ROLLBACK:
		return waiting && !engine->rolling_back && !decision_looks(c) &&
		       (!c->way_back.step_count || decision_drives(c));
	case DECIDE_RETRY:
		return engine->phase == ENGINE_STUCK && !decision_looks(c) &&
		       !decision_looks_for_undone(c) &&
		       !engine_shut_guards(engine) &&
		       (engine->stuck_on_check || decision_drives(c));
	case DECIDE_SKIP:
		return decision_undo_stands(c) && !decision_looks(c) &&
		       decision_drives(c);
	case DECIDE_NOTE:
		return waiting || engine->phase == ENGINE_ACTING;
	case DECIDE_PARK:
		return waiting || (c->pending.count && !c->performance);
	case DECIDE_CANCEL:
		return engine->phase == ENGINE_CHECKING ||
		       (engine->phase == ENGINE_ACTING && c->performance);
	case DECIDE_ARM:
		return conduct_armable(c, 0) < c->runbook->step_count &&
		       decision_drives(c);
	case DECIDE_DISARM:
		return engine_is_armed(engine);
	case DECIDE_RESUME:
		return false;
	case DECIDE_TAKE_OVER:
		return (waiting || engine->phase == ENGINE_ACTING) &&
		       !conduct_lease_can_take(c->lease, NULL);
	}
	return false;
}
