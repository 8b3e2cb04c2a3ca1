/*
 * The criteria, one small judge each. What a scenario does to the run is held
 * against its par, not against an ideal: its author says what a good operator
 * gets there. Points in between are given on a straight line from all to none.
 */
#include "report/debrief_score.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "report/times.h"

#define SCORE_REACTION_FULL_MS 20000
#define SCORE_REACTION_NONE_MS 120000
#define SCORE_GATE_FULL_MS 10000
#define SCORE_GATE_NONE_MS 60000
#define SCORE_OVERRIDE 3        /* each one more than par */
#define SCORE_IGNORED_RED 6
#define SCORE_IGNORED_UNKNOWN 3

/* ---- saying it ----------------------------------------------------------- */

void debrief_why(struct debrief_mark *mark, int points, const char *format,
		 ...)
{
	va_list args;

	mark->points = points < 0 ? 0 : points;
	va_start(args, format);
	vsnprintf(mark->why, sizeof(mark->why), format, args);
	va_end(args);
}

void debrief_better(struct debrief_mark *mark, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(mark->better, sizeof(mark->better), format, args);
	va_end(args);
}

int debrief_line(int weight, int64_t value, int64_t full, int64_t none)
{
	if (value <= full)
		return weight;
	if (value >= none)
		return 0;
	return (int)(weight * (none - value) / (none - full));
}

bool debrief_is_early(const struct debrief *d)
{
	int64_t back = d->acts.rollback_mono;
	int64_t begun = debrief_first_begun(&d->world, d->began);

	return back >= 0 && d->acts.cause_mono < 0 && d->world.faults > 0 &&
	       (d->run.window_opened_mono < 0 || begun < 0 || begun > back);
}

/* The result that the scenario called for; "": it called for none. What began
 * behind the last gate was there for nobody to meet. */
static const char *score_par(const struct debrief *d)
{
	int64_t begun = debrief_first_begun(&d->world, d->began);
	bool met = d->acts.rollback_mono >= 0 || d->world.faults <= 0 ||
		   (begun >= 0 && begun <= d->acts.confirmed_mono);

	return met ? d->world.par_result : "";
}

/* ---- the judges ---------------------------------------------------------- */

static void judge_writes(struct debrief *d, struct debrief_mark *mark)
{
	const struct debrief_world *world = &d->world;
	int weight = debrief_rules[DEBRIEF_WRITES].weight;

	if (world->lost < 0)
		return;
	d->lost_writes = world->lost > 0;
	if (world->lost > 0)
		debrief_why(mark, 0, _("%" PRId64 " of %" PRId64 " acknowledged writes are LOST."),
			    world->lost, world->acknowledged);
	else if (world->duplicated > 0)
		debrief_why(mark, weight / 2, _("No write is lost, but %" PRId64 " of %" PRId64 " are there twice."),
			    world->duplicated, world->acknowledged);
	else
		debrief_why(mark, weight, _("All %" PRId64 " acknowledged writes are there, once each."),
			    world->acknowledged);
	if (world->lost > 0)
		debrief_better(mark, "%s", _("Find out which database took them: go back only while the gate says that it loses nothing, and raise the flag only over a fenced source."));
	else if (world->duplicated > 0)
		debrief_better(mark, "%s", _("Look whether an act whose answer was lost is in place before it is sent again."));
}

/* Did the scenario itself make the source take writes? Then what counts is
 * what was done about it. */
static void judge_writers(struct debrief *d, struct debrief_mark *mark)
{
	const struct debrief_acts *acts = &d->acts;
	int weight = debrief_rules[DEBRIEF_WRITERS].weight;
	bool made = debrief_writer_begun(&d->world, d->began,
					 acts->tripped_mono);
	bool back = acts->rollback_mono >= 0;

	/* nothing was fenced yet that could have taken any */
	if (d->run.window_opened_mono < 0)
		return;
	if (!acts->tripped) {
		debrief_why(mark, weight, "%s",
			    _("The fenced source took no transaction."));
		return;
	}
	d->two_writers = !back;
	if (back)
		debrief_why(mark, made ? weight : weight / 2, "%s",
			    _("The fenced source took transactions; the way back was begun."));
	else
		debrief_why(mark, 0, "%s",
			    _("The fenced source took transactions, and the way back was not begun: TWO WRITERS."));
	if (!back)
		debrief_better(mark, "%s", _("Two databases that both took writes can never be joined again: go back at once, before the flag goes up."));
	else if (!made)
		debrief_better(mark, "%s", _("Find out who writes past the fence before the window opens."));
}

/* What would have been, had one waited, or done what the scenario allows for. */
static void judge_needless(const struct debrief *d, struct debrief_mark *mark)
{
	int64_t over = debrief_over_after(&d->world, d->began,
					  d->acts.rollback_mono);
	char span[TIMES_MAX];

	bool could_override = d->world.par_overrides > 0 &&
		d->world.par_overrides > (int64_t)d->acts.overrides;

	times_span(over, span);
	if (over < 0 && could_override)
		debrief_better(mark, "%s", _("Waiting does not help here: find out what the guard tells of, and override it with that as the reason."));
	else if (over >= 0)
		debrief_better(mark, _("Wait for the guards: the trouble was over %s after the way back was begun."),
			       span);
	else
		debrief_better(mark, "%s", _("Wait for the guards, try again what failed; go back only when waiting cannot help."));
}

static void judge_decision(struct debrief *d, struct debrief_mark *mark)
{
	const char *par = score_par(d);
	const char *result = d->run.result ? d->run.result : "";
	int weight = debrief_rules[DEBRIEF_DECISION].weight;
	bool either = !strcmp(par, "either");
	bool done = !strcmp(result, "completed");
	bool back = !strcmp(result, "rolled-back");

	if (!*par)
		return;
	if (!done && !back) {
		debrief_why(mark, 0, "%s", _("It neither completed nor was it rolled back."));
		debrief_better(mark, "%s", _("Bring it to an end: what is half done serves nobody."));
	} else if (back && debrief_is_early(d)) {
		debrief_why(mark, weight / 4, "%s",
			    _("Rolled back before anything called for it: safe, but nothing was rehearsed."));
		debrief_better(mark, "%s", _("Go on until something stands in the way: in a rehearsal that costs nobody anything."));
	} else if (either) {
		debrief_why(mark, weight, done ?
			    _("Completed; either end was right here.") :
			    _("Rolled back; either end was right here."));
	} else if (!strcmp(par, result)) {
		debrief_why(mark, weight, done ?
			    _("Completed, as it should be.") :
			    _("Rolled back, as it should be."));
	} else if (back) {
		debrief_why(mark, weight / 4, "%s",
			    _("Rolled back, where it could be completed: safe, but not needed."));
		judge_needless(d, mark);
	} else {
		debrief_why(mark, 0, "%s",
			    _("Completed, where it should have been rolled back."));
		debrief_better(mark, "%s", _("Go back while it costs nothing: what was wrong here does not mend by going on."));
	}
}

/* Since when the way back was called for; -1: nobody can tell. Waiting for a
 * step that cannot come to its end counts from its confirmation, or from what
 * has struck it since; but where a rollout takes a quarter of an hour, nobody
 * knows so soon that it cannot. */
static int64_t score_cause(const struct debrief *d)
{
	int64_t cause = d->acts.cause_mono, begun;

	if (d->acts.acting_mono < 0 || !strcmp(d->world.speed, "realistic"))
		return cause;
	begun = debrief_first_begun(&d->world, d->began);
	if (begun < d->acts.acting_mono)
		begun = d->acts.acting_mono;
	return cause < 0 || begun < cause ? begun : cause;
}

static void judge_reaction(struct debrief *d, struct debrief_mark *mark)
{
	const struct debrief_acts *acts = &d->acts;
	int weight = debrief_rules[DEBRIEF_REACTION].weight;
	bool back = !strcmp(score_par(d), "rolled-back");
	int64_t stood = acts->slowest_ms, cause = score_cause(d);
	int64_t decided = d->waits.decided_ms;
	char text[TIMES_MAX];

	if (acts->undecided || (back && acts->rollback_mono < 0)) {
		debrief_why(mark, 0, acts->undecided ?
			    _("The last trouble was not decided upon.") :
			    _("The way back, which was called for, was never begun."));
		debrief_better(mark, "%s", _("Decide within seconds: try again, go back, or park; users wait meanwhile."));
		return;
	}
	if (back && cause >= 0 && acts->rollback_mono - cause > stood)
		stood = acts->rollback_mono - cause;
	if (decided > stood)
		stood = decided;
	if (!acts->troubles && !decided && !(back && cause >= 0))
		return;
	times_span(stood, text);
	debrief_why(mark, debrief_line(weight, stood, SCORE_REACTION_FULL_MS,
				       SCORE_REACTION_NONE_MS),
		    _("What went wrong stood for %s at most before it was decided upon."),
		    text);
	if (mark->points == weight)
		return;
	if (decided >= stood)
		debrief_better(mark, "%s", _("Decide within seconds whether the guard can turn green; if it cannot, go back, or override it with that as the reason: users wait meanwhile."));
	else
		debrief_better(mark, "%s", _("Decide within seconds: try again, go back, or park; users wait meanwhile."));
}

static void judge_overrides(struct debrief *d, struct debrief_mark *mark)
{
	int weight = debrief_rules[DEBRIEF_OVERRIDES].weight;
	int64_t more = (int64_t)d->acts.overrides - d->world.par_overrides;

	if (d->world.instructed)
		return;
	if (more <= 0) {
		debrief_why(mark, weight, ngettext("%zu override.",
						   "%zu overrides.",
						   d->acts.overrides),
			    d->acts.overrides);
		return;
	}
	debrief_why(mark, more > weight ? 0 :
		    weight - SCORE_OVERRIDE * (int)more,
		    ngettext("%zu override; par is %" PRId64 ".",
			     "%zu overrides; par is %" PRId64 ".",
			     d->acts.overrides), d->acts.overrides,
		    d->world.par_overrides);
	debrief_better(mark, "%s", _("Ask why a guard says no before you silence it."));
}

static void judge_guards(struct debrief *d, struct debrief_mark *mark)
{
	const struct debrief_acts *acts = &d->acts;
	int weight = debrief_rules[DEBRIEF_GUARDS].weight, points = weight;
	size_t told = acts->ignored_count < DEBRIEF_IGNORED_MAX ?
		acts->ignored_count : DEBRIEF_IGNORED_MAX;

	if (!acts->confirmed || d->world.instructed)
		return;
	for (size_t i = (size_t)d->world.par_overrides; i < told; i++)
		points -= strcmp(acts->ignored[i].state, "red") ?
			SCORE_IGNORED_UNKNOWN : SCORE_IGNORED_RED;
	if (!acts->ignored_count)
		debrief_why(mark, points, "%s",
			    _("Every gate was confirmed with all its guards green."));
	else
		debrief_why(mark, points,
			    ngettext("%zu guard was not green when its gate was confirmed.",
				     "%zu guards were not green when their gates were confirmed.",
				     acts->ignored_count), acts->ignored_count);
	if (mark->points < weight)
		debrief_better(mark, "%s", _("Wait until it is green; if it never will be, that is a reason to go back."));
}

static void judge_gates(struct debrief *d, struct debrief_mark *mark)
{
	int weight = debrief_rules[DEBRIEF_GATES].weight;
	const struct debrief_gate *most = NULL;
	char each[TIMES_MAX], longest[TIMES_MAX];
	int64_t green = 0;
	size_t count = 0;

	for (size_t i = 0; i < d->gates.count; i++) {
		const struct debrief_gate *gate = &d->gates.gates[i];

		if (!gate->in_window || gate->left)
			continue;
		green += gate->green_ms;
		count++;
		if (!most || gate->green_ms > most->green_ms)
			most = gate;
	}
	if (!count)
		return;
	green /= (int64_t)count;
	times_span(green, each);
	times_span(most->green_ms, longest);
	debrief_why(mark, debrief_line(weight, green, SCORE_GATE_FULL_MS,
				       SCORE_GATE_NONE_MS),
		    _("From green to confirmed it was %s a gate in the window; the most was %s, at %s."),
		    each, longest, most->label);
	if (mark->points < weight)
		debrief_better(mark, "%s", _("Read the gates ahead and arm them: an armed gate goes on the moment it is green."));
}

/* ---- the score ----------------------------------------------------------- */

/* What was not judged counts neither way. */
static void judge_score(struct debrief *d)
{
	int points = 0, weights = 0;

	for (size_t i = 0; i < DEBRIEF_CRITERIA; i++) {
		if (d->marks[i].points < 0)
			continue;
		points += d->marks[i].points;
		weights += debrief_rules[i].weight;
	}
	d->score = weights ? DEBRIEF_SCORE_MAX * points / weights : 0;
	if (d->open && d->score > DEBRIEF_CAP_OPEN)
		d->score = DEBRIEF_CAP_OPEN;
	if ((d->lost_writes || d->two_writers) && d->score > DEBRIEF_CAP)
		d->score = DEBRIEF_CAP;
}

void debrief_judge(struct debrief *d)
{
	for (size_t i = 0; i < DEBRIEF_CRITERIA; i++)
		d->marks[i] = (struct debrief_mark){.points = -1};
	judge_writes(d, &d->marks[DEBRIEF_WRITES]);
	judge_writers(d, &d->marks[DEBRIEF_WRITERS]);
	debrief_judge_outage(d, &d->marks[DEBRIEF_OUTAGE]);
	judge_decision(d, &d->marks[DEBRIEF_DECISION]);
	judge_reaction(d, &d->marks[DEBRIEF_REACTION]);
	judge_overrides(d, &d->marks[DEBRIEF_OVERRIDES]);
	judge_guards(d, &d->marks[DEBRIEF_GUARDS]);
	judge_gates(d, &d->marks[DEBRIEF_GATES]);
	judge_score(d);
}
