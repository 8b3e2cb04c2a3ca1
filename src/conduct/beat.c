/* The conductor's beat: it surveys the world, feeds the verdicts to the engine,
 * and tells the listener. One comes when facts changed, after each decision, and
 * ten times a second; fewer while there is only to watch. */
#include "conduct/conductor.h"
#include "conduct/lease.h"
#include "net/loop.h"
#include "observe/observer.h"

static bool conduct_has_ended(const struct conductor *c)
{
	return c->left ? true : c->begun && !c->pending.count &&
	       (c->engine.phase == ENGINE_PARKED ||
		c->engine.phase == ENGINE_CLOSED);
}

/* Verdicts are of the phase that was surveyed: what has come since is surveyed
 * first, at the beat that is due already. */
static int conduct_judge(struct conductor *c, struct error *err)
{
	int status = 0;

	if (c->left || c->pending.count || c->behind)
		return 0;
	/* what was looked for first: if it is in place nothing is tried again */
	if (c->engine.phase == ENGINE_STUCK && c->seen.state != VERDICT_UNKNOWN)
		status = conduct_decide(c, INPUT_SEEN, NULL, c->seen_effect,
					err);
	if (!status && !c->pending.count && !c->behind &&
	    (engine_judges_guards(&c->engine) ||
	     c->engine.phase == ENGINE_CHECKING))
		status = conduct_decide(c, INPUT_VERDICTS, NULL, 0, err);
	return status;
}

/* Did the fenced source take transactions? */
static int conduct_watch_fence(struct conductor *c, struct error *err)
{
	struct facts_intruders intruders;

	if (c->left || c->pending.count)
		return 0;
	intruders = conduct_intruders(c);
	if (intruders.count <= c->engine.tripped)
		return 0;
	return conduct_decide(c, INPUT_TRIPPED, intruders.gtids,
			      (size_t)intruders.count, err);
}

static void conduct_tell(struct conductor *c)
{
	json_t *told = c->told;
	json_t *fresh = json_array();

	if (fresh)
		c->told = fresh;
	for (size_t i = 0; i < json_array_size(told); i++)
		if (c->listener.recorded)
			c->listener.recorded(c->listener.data,
					     json_array_get(told, i));
	if (fresh)
		json_decref(told);
	else
		json_array_clear(told);
	if (c->listener.changed)
		c->listener.changed(c->listener.data);
	if (conduct_has_ended(c) && !c->ended &&
	    conduct_lease_give_up(c->lease)) {
		c->ended = true;
		if (c->listener.ended)
			c->listener.ended(c->listener.data);
	}
}

/* Do users wait for what the observers will see next? */
static bool conduct_is_in_a_hurry(const struct conductor *c)
{
	if (c->engine.phase == ENGINE_ACTING ||
	    c->engine.phase == ENGINE_CHECKING ||
	    c->engine.phase == ENGINE_STUCK)
		return true;
	if (c->engine.phase != ENGINE_GATE || !c->engine.window_open)
		return false;
	for (size_t i = 0; i < c->verdict_count; i++)
		if (c->verdicts[i].state == VERDICT_UNKNOWN ||
		    c->verdicts[i].pending)
			return true;
	return false;
}

static void conduct_beat(struct conductor *c)
{
	struct error err = {0};
	int status = 0;

	conduct_lease_beat(c->lease);
	conduct_settle(c);
	if (!c->begun && !c->resumes)
		status = conduct_begin(c, &err);
	if (!status)
		status = conduct_survey(c, &err);
	if (!status)
		status = conduct_carry_on(c, &err);
	if (!status)
		conduct_lease_news(c);
	if (!status && c->begun)
		status = conduct_watch_fence(c, &err);
	if (!status && c->begun)
		status = conduct_judge(c, &err);
	if (status)
		conduct_say(c, &err);
	observer_hurry(c->observer, conduct_is_in_a_hurry(c));
	conduct_tell(c);
}

/* Does it only watch, before the window, until somebody decides? News of the
 * world and answers of the Lease wake it then as ever; what ages can wait. */
static bool conduct_rests(const struct conductor *c)
{
	return c->begun && c->engine.phase == ENGINE_GATE &&
	       !c->engine.window_open && !c->engine.rolling_back &&
	       !engine_is_armed(&c->engine) && !c->pending.count &&
	       !c->behind && !c->settles;
}

static void conduct_on_beat(void *data)
{
	struct conductor *c = data;

	if (conduct_rests(c) && ++c->rested < CONDUCT_REST_BEATS)
		return;
	c->rested = 0;
	conduct_beat(c);
}

static void conduct_on_wake(void *data)
{
	struct conductor *c = data;

	c->wake = NULL;
	conduct_beat(c);
}

void conduct_wake(struct conductor *c)
{
	if (!c->wake)
		loop_timer(c->loop, 0, 0, conduct_on_wake, c, &c->wake, NULL);
}

int conduct_beats(struct conductor *c, struct error *err)
{
	return loop_timer(c->loop, 0, CONDUCT_BEAT_MS, conduct_on_beat, c,
			  &c->beat, err);
}
