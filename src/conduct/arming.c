/*
 * Arming: what a later gate would send is planned ahead and shown in full; what
 * was shown is what is armed. See engine/arming.c for what an armed gate does.
 */
#include <string.h>

#include "base/i18n.h"
#include "conduct/conductor.h"
#include "conduct/lease.h"

size_t conduct_armable(const struct conductor *c, size_t from)
{
	while (from < c->runbook->step_count &&
	       !engine_may_arm(&c->engine, from, NULL))
		from++;
	return from;
}

const struct effects *conduct_ahead(struct conductor *c, size_t step,
				    struct error *err)
{
	const char *why;
	struct plan plan;

	if (!engine_may_arm(&c->engine, step, &why)) {
		error_set(err, ERR_INVALID, NULL, "%s", _(why));
		return NULL;
	}
	if (conduct_lease_check(c->lease, err))
		return NULL;
	if (conduct_plan(c, &c->runbook->steps[step].deed.actions, PLAN_AHEAD,
			 &plan, err))
		return NULL;
	conduct_plan_release(&c->ahead);
	c->ahead = plan;
	c->ahead_step = step;
	return &c->ahead.effects;
}

int conduct_arm(struct conductor *c, size_t step, const char *word,
		struct error *err)
{
	struct engine_input input;
	int status;

	if (step != c->ahead_step)
		return error_set(err, ERR_INVALID, NULL,
				 _("what that gate would send has not been shown"));
	status = conduct_lease_check(c->lease, err);
	if (status)
		return status;
	status = conduct_input_of(c, INPUT_ARM, &c->ahead.effects, &input, err);
	if (status)
		return status;
	input.text = word;
	input.index = step;
	status = conduct_feed(c, &input, err);
	conduct_input_release(&input);
	if (!status)
		c->ahead_step = SIZE_MAX;
	return status;
}

int conduct_disarm(struct conductor *c, const char *reason, struct error *err)
{
	struct error later = {0};
	int status = conduct_decide(c, INPUT_DISARM, reason, 0, err);

	/* asked for while nothing can be written, or memory is out: nothing more
	 * goes by itself, and it is recorded as soon as that can be */
	c->disarm = status && status != ERR_INVALID;
	if (status != ERR_BUSY)
		return status;
	error_set(&later, ERR_BUSY, NULL,
		  _("disarmed: nothing goes on by itself any more; that is recorded once the journal can be written"));
	conduct_say(c, &later);
	return 0;
}
