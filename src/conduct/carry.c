/*
 * Carries out what was decided and is on disk: the effect itself, if it may
 * still be sent, and what became of it.
 */
#include <stdio.h>

#include "base/clock.h"
#include "conduct/conductor.h"
#include "conduct/lease.h"
#include "observe/observer.h"
#include "perform/perform.h"

/* ---- acting -------------------------------------------------------------- */

/* From here on older facts do not show what that side lets through. */
static void carry_opened(struct conductor *c, const struct action *action)
{
	if (action->kind == ACTION_UNFENCE || action->kind == ACTION_PROMOTE)
		c->opened_ms[conduct_side(c, action->on)] = clock_mono_ms();
	if (action->kind == ACTION_SCALE || action->kind == ACTION_CREATE ||
	    action->kind == ACTION_PATCH_DEPLOYMENT)
		c->brought_ms = clock_mono_ms();
}

static void carry_performed(void *data, enum perform_outcome outcome,
			    const char *text)
{
	static const enum engine_input_kind kinds[] = {
		[PERFORM_DONE] = INPUT_DONE,
		[PERFORM_FAILED] = INPUT_FAILED,
		[PERFORM_UNKNOWN] = INPUT_LOST,
	};
	struct conductor *c = data;
	struct error err = {0};

	c->performance = NULL;
	observer_look_now(c->observer);
	if (conduct_outcome(c, kinds[outcome], text, &err))
		conduct_say(c, &err);
}

int conduct_carry_outcome(struct conductor *c, struct error *err)
{
	int status;

	if (!c->outcome.waits || c->pending.count)
		return 0;
	status = conduct_decide(c, c->outcome.kind, c->outcome.text, 0, err);
	c->outcome.waits = status == ERR_NOMEM;
	return status;
}

int conduct_outcome(struct conductor *c, enum engine_input_kind kind,
		    const char *text, struct error *err)
{
	carry_opened(c, c->sending_action);
	c->outcome.waits = true;
	c->outcome.kind = kind;
	snprintf(c->outcome.text, sizeof(c->outcome.text), "%s", text);
	return conduct_carry_outcome(c, err);
}

/* The action of the runbook that an effect stands for. */
static const struct action *carry_action(const struct conductor *c,
					 const struct effect *effect)
{
	return &engine_deed(&c->engine)->actions.items[effect->action];
}

/* By the clock of this very moment: the disk may have held us up. */
static int carry_is_allowed(struct conductor *c, struct error *err)
{
	int status;

	observer_facts(c->observer, clock_mono_ms());
	status = conduct_lease_check(c->lease, err);
	return status ? status : conduct_two_writers(c, c->sending_action, err);
}

/* Its turn may have come long after it was decided. */
static int carry_may_send(void *data, struct error *err)
{
	struct conductor *c = data;
	int status = carry_is_allowed(c, err);

	if (!status)
		carry_opened(c, c->sending_action);
	return status;
}

void conduct_act(struct conductor *c, size_t index)
{
	const struct effect *effect = &c->sending->items[index];
	const struct perform_caller caller = {
		.done = carry_performed, .may_send = carry_may_send, .data = c,
	};
	struct error err = {0};
	char text[ERROR_WHERE_MAX + ERROR_MESSAGE_MAX];

	c->sending_action = carry_action(c, effect);
	if (!carry_is_allowed(c, &err) &&
	    !perform_start(c->reach, effect, &caller, &c->performance, &err))
		return;
	error_text(&err, text, sizeof(text));
	carry_performed(c, PERFORM_FAILED, text);
}
