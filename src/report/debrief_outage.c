/*
 * The judge of the outage; see debrief_score.h. Par is a scenario's at the fast
 * speed. At the realistic one a rollout takes a quarter of an hour, whoever
 * drives: what acts and checks took there is no operator's doing, if they came to
 * their end; whoever waits for what cannot, waits himself.
 */
#include "report/debrief_score.h"

#include <string.h>

#include "base/i18n.h"
#include "report/times.h"

#define OUTAGE_READING_MS 10000

/* The users' own outage, as they met it; else the window. */
static int64_t outage_ms(const struct debrief *d)
{
	return d->world.writes_ms >= 0 ? d->world.writes_ms : d->run.outage_ms;
}

/* What of it was the world's own, and par does not know of. */
static int64_t outage_of_the_world(const struct debrief *d)
{
	return strcmp(d->world.speed, "realistic") ? 0 : d->waits.ended_ms;
}

static void outage_why(const struct debrief *d, struct debrief_mark *mark,
		       int points, int64_t ms)
{
	char outage[TIMES_MAX], par[TIMES_MAX], budget[TIMES_MAX];
	char world[TIMES_MAX];

	times_span(ms, outage);
	times_span(outage_of_the_world(d), world);
	times_span(d->world.par_outage_ms, par);
	times_span(d->run.budget_ms, budget);
	if (d->world.par_outage_ms >= 0 && outage_of_the_world(d))
		debrief_why(mark, points, _("Users' writes failed for %s, of which acts and checks took %s at the realistic speed; par without them is %s."),
			    outage, world, par);
	else if (d->world.par_outage_ms >= 0 && d->run.budget_ms > 0)
		debrief_why(mark, points, _("Users' writes failed for %s; par is %s, the budget %s."),
			    outage, par, budget);
	else if (d->world.par_outage_ms >= 0)
		debrief_why(mark, points, _("Users' writes failed for %s; par is %s."),
			    outage, par);
	else
		debrief_why(mark, points, _("Users' writes failed for %s; the budget is %s."),
			    outage, budget);
}

static void outage_better_deciding(struct debrief_mark *mark,
				   const struct debrief_stretch *most,
				   const char *span)
{
	if (most->unknown)
		debrief_better(mark, _("Decide sooner: you stood %s before guard %d of gate %s, which was unknown and stayed so."),
			       span, most->guard, most->label);
	else
		debrief_better(mark, _("Decide sooner: you stood %s before guard %d of gate %s, which was red and stayed so."),
			       span, most->guard, most->label);
}

/* What that took beyond par, which has room for some reading, at most half of
 * it, and for what steps take and a scenario holds up. */
static int64_t outage_beyond(const struct debrief *d, enum debrief_wait wait,
			     int64_t par)
{
	int64_t read = par / 2 < OUTAGE_READING_MS ? par / 2 :
						     OUTAGE_READING_MS;
	int64_t ms = d->waits.ms[wait];

	if (wait == DEBRIEF_WAIT_READING)
		ms -= read;
	else if (wait == DEBRIEF_WAIT_WORLD)
		ms -= par - read + outage_of_the_world(d);
	return ms < 0 ? 0 : ms;
}

/* The largest share of what was beyond par. */
static enum debrief_wait outage_share(const struct debrief *d, int64_t more,
				      int64_t par)
{
	enum debrief_wait share = DEBRIEF_WAIT_READING;

	if (debrief_waits_yours(&d->waits) * 2 <= more)
		return DEBRIEF_WAIT_WORLD;
	for (enum debrief_wait i = 0; i < DEBRIEF_WAITS; i++)
		if (outage_beyond(d, i, par) > outage_beyond(d, share, par))
			share = i;
	return share;
}

static void outage_better_yours(const struct debrief *d,
				struct debrief_mark *mark,
				enum debrief_wait share)
{
	const struct debrief_stretch *most = &d->waits.most[share];
	char span[TIMES_MAX];

	times_span(most->ms, span);
	if (share == DEBRIEF_WAIT_DECIDING)
		outage_better_deciding(mark, most, span);
	else if (share == DEBRIEF_WAIT_IN_VAIN)
		debrief_better(mark, _("Decide sooner: you waited %s at step %s for what did not come. See what it waits for, and wait no longer once that cannot come."),
			       span, most->label);
	else if (share == DEBRIEF_WAIT_PARKED)
		debrief_better(mark, _("The run was parked for %s inside the window, at %s: users wait meanwhile."),
			       span, most->label);
	else if (share == DEBRIEF_WAIT_GONE)
		debrief_better(mark, _("Nobody drove the run for %s inside the window, at %s: resume it sooner, users wait meanwhile."),
			       span, most->label);
	else if (share == DEBRIEF_WAIT_STUCK)
		debrief_better(mark, _("It was STUCK at %s for %s before you pressed a key: try again as soon as that can work, or go back."),
			       most->label, span);
	else
		debrief_better(mark, "%s", _("Arm the later gates at the first one: read them while users can still write."));
}

/* more: what it took beyond par. */
static void outage_better(const struct debrief *d, struct debrief_mark *mark,
			  int64_t more, int64_t par)
{
	enum debrief_wait share = outage_share(d, more, par);
	const struct debrief_waits_step *most = debrief_waits_world(&d->waits);
	char span[TIMES_MAX];

	if (share != DEBRIEF_WAIT_WORLD) {
		outage_better_yours(d, mark, share);
	} else if (most) {
		times_span(most->world_ms, span);
		debrief_better(mark, _("It was not your reading: step %s alone took %s. Settle before the window what can be settled there."),
			       most->label, span);
	} else {
		debrief_better(mark, "%s", _("It was not your reading. Settle before the window what can be settled there."));
	}
}

void debrief_judge_outage(struct debrief *d, struct debrief_mark *mark)
{
	int weight = debrief_rules[DEBRIEF_OUTAGE].weight;
	int64_t ms = outage_ms(d), full = d->world.par_outage_ms, counted;
	int64_t none = d->run.budget_ms;

	d->open = d->run.window_opened_mono >= 0 &&
		  d->run.window_closed_mono < 0;
	if (d->open) {
		debrief_why(mark, 0, "%s", _("The outage had not ended."));
		debrief_better(mark, "%s", _("End the window: go on, or go back."));
		return;
	}
	if (d->world.writes_open) {
		d->open = true;
		debrief_why(mark, 0, "%s", _("Users' writes failed still when the run had ended."));
		debrief_better(mark, "%s", _("See that users can write before the run is closed: who refuses them, and why?"));
		return;
	}
	if (full < 0)
		full = none;
	if (ms < 0 || full < 0 || debrief_is_early(d))
		return;
	if (none <= full)
		none = 2 * full;
	counted = ms - outage_of_the_world(d);
	outage_why(d, mark, debrief_line(weight, counted, full, none), ms);
	if (mark->points < weight)
		outage_better(d, mark, counted - full, full);
}
