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

/* The users' own outage, as they met it; else the window. */
static int64_t outage_ms(const struct debrief *d)
{
	return d->world.writes_ms >= 0 ? d->world.writes_ms : d->run.outage_ms;
}

/* What of it was the world's own, and par does not know of. */
static int64_t outage_of_the_world(const struct debrief *d)
{
	return strcmp(d->world.speed, "realistic") ? 0 : d->gates.acts_ms;
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

/* more: what it took beyond par. */
static void outage_better(const struct debrief *d, struct debrief_mark *mark,
			  int64_t more)
{
	const struct debrief_gate *most = NULL;
	int64_t took = -1;
	char span[TIMES_MAX];

	for (size_t i = 0; i < d->gates.count; i++) {
		const struct debrief_gate *gate = &d->gates.gates[i];
		int64_t ms = gate->left ? gate->stood_ms : gate->whole_ms;

		if (gate->in_window && ms > took) {
			most = gate;
			took = ms;
		}
	}
	if (d->gates.own_ms * 2 > more) {
		debrief_better(mark, "%s", _("Arm the later gates at the first one: read them while users can still write."));
	} else if (most) {
		times_span(took, span);
		debrief_better(mark, _("It was not your reading: step %s alone took %s. Settle before the window what can be settled there."),
			       most->label, span);
	} else {
		debrief_better(mark, "%s", _("It was not your reading. Decide sooner: users wait meanwhile."));
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
		outage_better(d, mark, counted - full);
}
