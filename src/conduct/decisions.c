/* The operator's decisions, on their way to the engine; see conduct.h. */
#include <string.h>

#include "base/i18n.h"
#include "conduct/conductor.h"
#include "net/loop.h"
#include "perform/perform.h"

static int decision_feed(struct conductor *c, enum engine_input_kind kind,
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
	status = conduct_survey(c, err);
	if (!status && c->engine.phase == ENGINE_GATE)
		status = decision_feed(c, INPUT_VERDICTS, NULL, 0, err);
	if (!status)
		status = decision_plan_stands(c, err);
	return status ? status : decision_feed(c, INPUT_CONFIRM, word, 0, err);
}

int conduct_override(struct conductor *c, size_t guard, const char *reason,
		     struct error *err)
{
	return decision_feed(c, INPUT_OVERRIDE, reason, guard, err);
}

/* Keeps the way back as it was shown: what is confirmed is what is sent. */
static void decision_freeze_rollback(struct conductor *c)
{
	memcpy(c->rollback, c->way_back.effects, sizeof(c->rollback));
	arena_release(&c->rollback_arena);
	c->rollback_arena = c->way_back_arena;
	arena_init(&c->way_back_arena);
	memset(&c->way_back, 0, sizeof(c->way_back));
}

int conduct_rollback(struct conductor *c, const char *word, struct error *err)
{
	int status;

	if (!word || strcmp(word, CONDUCT_ROLLBACK_WORD) != 0)
		return error_set(err, ERR_INVALID, NULL,
				 _("rolling back takes the word '%s'"),
				 CONDUCT_ROLLBACK_WORD);
	status = decision_feed(c, INPUT_ROLLBACK, NULL, 0, err);
	if (!status)
		decision_freeze_rollback(c);
	return status;
}

int conduct_retry(struct conductor *c, struct error *err)
{
	int status = conduct_survey(c, err);

	if (!status && !c->engine.stuck_on_check)
		status = decision_plan_stands(c, err);
	return status ? status : decision_feed(c, INPUT_RETRY, NULL, 0, err);
}

int conduct_note(struct conductor *c, const char *text, struct error *err)
{
	return decision_feed(c, INPUT_NOTE, text, 0, err);
}

int conduct_park(struct conductor *c, const char *reason, struct error *err)
{
	return decision_feed(c, INPUT_PARK, reason, 0, err);
}

int conduct_cancel(struct conductor *c, struct error *err)
{
	if (c->engine.phase == ENGINE_CHECKING)
		return decision_feed(c, INPUT_GIVE_UP,
				     _("the operator gave up waiting"), 0, err);
	if (c->engine.phase != ENGINE_ACTING || !c->performance)
		return error_set(err, ERR_INVALID, NULL,
				 _("nothing is being waited for"));
	perform_abandon(c->performance);
	c->performance = NULL;
	return decision_feed(c, INPUT_LOST,
			     _("the operator gave up waiting; it may still happen"),
			     0, err);
}

bool conduct_may(const struct conductor *c, enum decision decision)
{
	const struct engine *engine = &c->engine;
	bool waiting = engine->phase == ENGINE_GATE ||
		       engine->phase == ENGINE_CHECKING ||
		       engine->phase == ENGINE_STUCK;

	switch (decision) {
	case DECIDE_CONFIRM:
		return engine_gate_is_open(engine) && !engine->rolling_back &&
		       !c->plan.effects.problem && decision_plan_settled(c);
	case DECIDE_OVERRIDE:
		return engine->phase == ENGINE_GATE &&
		       engine_shut_guards(engine) > 0;
	case DECIDE_ROLLBACK:
		return waiting && !engine->rolling_back;
	case DECIDE_RETRY:
		return engine->phase == ENGINE_STUCK;
	case DECIDE_NOTE:
		return waiting || engine->phase == ENGINE_ACTING;
	case DECIDE_PARK:
		return waiting;
	case DECIDE_CANCEL:
		return engine->phase == ENGINE_CHECKING ||
		       (engine->phase == ENGINE_ACTING && c->performance);
	}
	return false;
}
