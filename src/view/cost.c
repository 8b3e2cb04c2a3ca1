/*
 * What a way back costs and how long it takes, the moment up to which it can
 * still end within the agreed outage, and the two clocks: of the outage, and
 * of the way back. What was not measured is said to be so.
 */
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "view/words.h"

#define COST_MEASURED_MAX 128   /* by how many runs */

/* ---- how long ------------------------------------------------------------ */

/* Whole seconds, rounded up: a promise is better kept early. */
static void cost_seconds(int64_t ms, char dst[CLOCK_STAMP_MAX])
{
	int64_t seconds = (ms + 999) / 1000;

	if (seconds < 60)
		snprintf(dst, CLOCK_STAMP_MAX, _("%d s"), (int)seconds);
	else
		words_clock(seconds * 1000, false, dst);
}

static void cost_measured(const struct pace_sum *takes,
			  char dst[COST_MEASURED_MAX])
{
	size_t runs = takes->runs;

	if (takes->live && takes->rehearsed)
		snprintf(dst, COST_MEASURED_MAX,
			 ngettext("measured in %zu run, live or rehearsed",
				  "measured in %zu runs, live and rehearsed",
				  runs), runs);
	else if (takes->live)
		snprintf(dst, COST_MEASURED_MAX,
			 ngettext("measured in %zu live run",
				  "measured in %zu live runs", runs), runs);
	else
		snprintf(dst, COST_MEASURED_MAX,
			 ngettext("measured in %zu rehearsal",
				  "measured in %zu rehearsals", runs), runs);
}

void words_takes(const struct pace_sum *takes, size_t steps, bool brief,
		 char dst[WORDS_MAX])
{
	char time[CLOCK_STAMP_MAX], measured[COST_MEASURED_MAX];

	if (takes->unmeasured)
		clock_duration(takes->takes_ms, time);
	else
		cost_seconds(takes->takes_ms, time);
	cost_measured(takes, measured);
	if (!takes->runs)
		snprintf(dst, WORDS_MAX, "%s",
			 brief ? _("not measured") : _("how long was not measured"));
	else if (brief)
		snprintf(dst, WORDS_MAX, takes->unmeasured ?
			 _("at least %s") : _("about %s"), time);
	else if (takes->unmeasured)
		snprintf(dst, WORDS_MAX,
			 ngettext("at least %s; %zu of %zu steps not measured",
				  "at least %s; %zu of %zu steps not measured",
				  takes->unmeasured),
			 time, takes->unmeasured, steps);
	else if (takes->other)
		snprintf(dst, WORDS_MAX,
			 _("about %s (%s, by another version of this runbook)"),
			 time, measured);
	else
		snprintf(dst, WORDS_MAX, _("about %s (%s)"), time, measured);
}

void words_undone(const struct pace *pace, size_t step, char dst[WORDS_MAX])
{
	const struct pace_times *times =
		pace ? &pace->steps[step].undone : NULL;
	char median[CLOCK_STAMP_MAX], most[CLOCK_STAMP_MAX];

	if (!times || !(times->live + times->rehearsals)) {
		snprintf(dst, WORDS_MAX, "%s", _("not measured"));
		return;
	}
	clock_duration(times->median_ms, median);
	clock_duration(times->max_ms, most);
	if (times->live + times->rehearsals == 1)
		snprintf(dst, WORDS_MAX, "%s", median);
	else
		snprintf(dst, WORDS_MAX, _("%s, at most %s"), median, most);
}

/* ---- what it costs ------------------------------------------------------- */

static void cost_brief(const struct way_back *back, char dst[WORDS_MAX])
{
	if (back->lost == 0)
		snprintf(dst, WORDS_MAX, "%s", back->rebuild ?
			 _("a rebuild") : _("nothing"));
	else if (back->lost < 0)
		snprintf(dst, WORDS_MAX, "%s", back->rebuild ?
			 _("UNKNOWN losses, a rebuild") : _("UNKNOWN losses"));
	else
		snprintf(dst, WORDS_MAX, back->rebuild ?
			 _("%lld lost, a rebuild") : _("%lld lost"),
			 (long long)back->lost);
}

static void cost_full(const struct way_back *back, const char *target,
		      char dst[WORDS_MAX])
{
	if (!back->rebuild && back->lost == 0)
		snprintf(dst, WORDS_MAX, ngettext("%zu step, nothing is lost",
						  "%zu steps, nothing is lost",
						  back->step_count),
			 back->step_count);
	else if (!back->rebuild && back->lost < 0)
		snprintf(dst, WORDS_MAX, "%s", _("UNKNOWN losses"));
	else if (!back->rebuild)
		snprintf(dst, WORDS_MAX,
			 ngettext("%lld transaction lost",
				  "%lld transactions lost",
				  (unsigned long)back->lost),
			 (long long)back->lost);
	else if (back->lost < 0)
		snprintf(dst, WORDS_MAX, _("UNKNOWN losses, %s to be rebuilt"),
			 target);
	else
		snprintf(dst, WORDS_MAX,
			 ngettext("%lld transaction lost, %s to be rebuilt",
				  "%lld transactions lost, %s to be rebuilt",
				  (unsigned long)back->lost),
			 (long long)back->lost, target);
}

static bool cost_needs(const struct way_back *back, const char *connection)
{
	for (size_t i = 0; i < back->step_count; i++)
		for (size_t k = 0; k < back->effects[i].count; k++) {
			const struct effect *effect =
				&back->effects[i].items[k];

			if (effect->connection &&
			    !strcmp(effect->connection, connection))
				return true;
		}
	return false;
}

const struct facts_database *words_way_back_away(const struct view_input *input)
{
	for (int side = 0; side < SIDE_COUNT; side++) {
		const struct facts_database *database =
			&input->facts->databases[side];

		if (database->stamp.problem[0] && database->name &&
		    cost_needs(input->way_back, database->name))
			return database;
	}
	return NULL;
}

void words_way_back(const struct view_input *input, bool brief,
		    char dst[WORDS_MAX])
{
	const struct way_back *back = input->way_back;
	const struct facts_database *away = words_way_back_away(input);
	char cost[WORDS_MAX], takes[WORDS_MAX];


	if (!back->step_count) {
		snprintf(dst, WORDS_MAX, "%s", brief ? _("nothing, at once") :
			 _("nothing was changed yet"));
		return;
	}
	if (brief)
		cost_brief(back, cost);
	else
		cost_full(back, input->engine->runbook->observe.target, cost);
	words_takes(&back->takes, back->step_count, brief, takes);
	/* however long it takes: it stops there */
	if (away)
		snprintf(takes, sizeof(takes), brief ?
			 _("%s does not answer") :
			 _("%s does not answer now, and it stops there"),
			 away->name);
	snprintf(dst, WORDS_MAX, !brief ? "%s; %s" : away || back->takes.runs ?
		 "%s, %s" : _("%s, time %s"), cost, takes);
}

/* ---- clocks -------------------------------------------------------------- */

bool words_decide_by(const struct view_input *input, int64_t *ret)
{
	const struct way_back *back = input->way_back;
	int64_t budget = input->engine->runbook->budget_ms;
	int64_t outage = engine_outage(input->engine, input->mono);

	if (!back || !budget || outage < 0 || !input->engine->window_open ||
	    input->engine->rolling_back)
		return false;
	*ret = back->takes.unmeasured ? -1 :
	       input->wall_ms + budget - outage - back->takes.takes_ms;
	return true;
}

bool words_way_back_clock(const struct view_input *input, char dst[WORDS_MAX])
{
	int64_t budget = input->engine->runbook->way_back_budget_ms;
	int64_t walked = engine_way_back(input->engine, input->mono);
	char clock[CLOCK_STAMP_MAX], limit[CLOCK_STAMP_MAX];

	/* where nothing was done there is no way back */
	if (walked < 0 || !engine_has_acted(input->engine))
		return false;
	words_clock(walked, true, clock);
	words_clock(budget, false, limit);
	snprintf(dst, WORDS_MAX, "%s%s%s", clock, budget ? " / " : "",
		 budget ? limit : "");
	return true;
}

static int cost_percent(int64_t used, int64_t budget)
{
	static const int asks[] = {100, 90, 75, 50, 25};

	for (size_t i = 0; budget && i < sizeof(asks) / sizeof(asks[0]); i++)
		if (used * 100 / budget >= asks[i])
			return asks[i];
	return 0;
}

int words_budget_percent(const struct view_input *input)
{
	return input->engine->window_open ?
		cost_percent(engine_outage(input->engine, input->mono),
			     input->engine->runbook->budget_ms) : 0;
}

int words_way_back_percent(const struct view_input *input)
{
	return cost_percent(engine_way_back(input->engine, input->mono),
			    input->engine->runbook->way_back_budget_ms);
}
