/* What is sent, and what a way back would send: the very effects; what it
 * costs, and how long it takes. */
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "view/aftermath.h"
#include "view/panes.h"
#include "view/words.h"

void pane_effects(struct sheet *sheet, const struct effects *effects,
		  size_t rows)
{
	const char *target = NULL;

	if (effects->problem) {
		sheet_row(sheet);
		sheet_put(sheet, MEANING_BAD, " %s ", _("cannot be planned:"));
		sheet_wrap(sheet, 3, rows, MEANING_BAD, "%s", effects->problem);
	}
	for (size_t i = 0; i < effects->count; i++) {
		const struct effect *effect = &effects->items[i];

		if (!target || strcmp(effect->target, target) != 0) {
			sheet_row(sheet);
			sheet_put(sheet, MEANING_PLAIN, _(" on %s:"),
				  effect->target);
		}
		target = effect->target;
		sheet_row(sheet);
		sheet_at(sheet, 3);
		sheet_wrap(sheet, 5, rows, MEANING_EMPHASIS, "%s",
			   effect->request);
	}
}

struct effects effects_left(const struct view_input *input)
{
	struct effects left = *input->effects;
	size_t sent = input->engine->phase == ENGINE_STUCK ?
		input->engine->effect : 0;

	if (sent > left.count)
		sent = left.count;
	left.items += sent;
	left.count -= sent;
	return left;
}

void pane_left(struct sheet *sheet, const struct view_input *input)
{
	struct effects left = effects_left(input);

	pane_effects(sheet, &left, 0);
}

static void way_back_cost(struct sheet *sheet, const struct view_input *input)
{
	const struct way_back *back = input->way_back;
	const struct runbook_observe *observe = &input->engine->runbook->observe;

	sheet_row(sheet);
	if (!back->rebuild && back->lost == 0)
		sheet_put(sheet, MEANING_GOOD, "%s",
			  _(" It loses nothing."));
	else if (back->lost < 0)
		sheet_wrap(sheet, 1, 0, MEANING_UNKNOWN,
			   _(" UNKNOWN how many transactions it loses: %s cannot be read."),
			   observe->target);
	else
		sheet_wrap(sheet, 1, 0, back->lost ? MEANING_BAD : MEANING_GOOD,
			   ngettext(" It loses %lld transaction that users wrote to %s, as counted now.",
				    " It loses %lld transactions that users wrote to %s, as counted now.",
				    (unsigned long)back->lost),
			   (long long)back->lost, observe->target);
	if (back->rebuild) {
		sheet_row(sheet);
		sheet_wrap(sheet, 1, 0, MEANING_WARN,
			   _(" Afterwards %s must be rebuilt as a replica of %s."),
			   observe->target, observe->source);
	}
}

/* How long it takes, and whether that is more than was agreed. */
static void way_back_takes(struct sheet *sheet, const struct view_input *input)
{
	const struct way_back *back = input->way_back;
	int64_t budget = input->engine->runbook->way_back_budget_ms;
	bool over = budget && back->takes.takes_ms > budget;
	char takes[WORDS_MAX], limit[CLOCK_STAMP_MAX];

	words_takes(&back->takes, back->step_count, false, takes);
	words_clock(budget, false, limit);
	sheet_row(sheet);
	sheet_wrap(sheet, 1, 0, back->takes.unmeasured ? MEANING_UNKNOWN :
		   over ? MEANING_WARN : MEANING_PLAIN, _(" Time: %s."), takes);
	if (!budget)
		return;
	sheet_row(sheet);
	sheet_put(sheet, over ? MEANING_WARN : MEANING_PLAIN, over ?
		  _(" That is more than its budget of %s.") :
		  _(" Its budget is %s."), limit);
}

static void way_back_away(struct sheet *sheet, const struct view_input *input)
{
	const struct facts_database *away = words_way_back_away(input);

	if (!away)
		return;
	sheet_row(sheet);
	sheet_wrap(sheet, 1, 0, MEANING_BAD,
		   _(" %s does not answer now, and it stops there: %s"),
		   away->name, away->stamp.problem);
}

/* What somebody else has changed is for somebody else to undo. */
static void way_back_untouched(struct sheet *sheet,
			       const struct view_input *input)
{
	struct aftermath others;

	aftermath_untouched(input, &others);
	for (size_t i = 0; i < others.count; i++) {
		sheet_row(sheet);
		sheet_wrap(sheet, 1, 0, MEANING_BAD,
			   _(" NOT touched by it: %s"),
			   others.items[i].text);
	}
}

static void way_back_step(struct sheet *sheet, const struct view_input *input,
			  size_t i)
{
	const struct way_back *back = input->way_back;
	const struct runbook_step *step =
		&input->engine->runbook->steps[back->steps[i]];
	char time[WORDS_MAX];

	words_undone(input->options->pace, back->steps[i], time);
	sheet_row(sheet);
	sheet_put(sheet, MEANING_TITLE, _("%zu. undo %s  %s"), i + 1,
		  step->label, step->title);
	sheet_right(sheet, 0, MEANING_DIM, "  %s", time);
	if (!back->effects[i].count && !back->effects[i].problem) {
		sheet_row(sheet);
		sheet_put(sheet, MEANING_DIM, "%s", _(" nothing is to be sent"));
	}
	pane_effects(sheet, &back->effects[i], 0);
}

/* ---- while it is walked -------------------------------------------------- */

/* One that is left shows what it sends where a way back that was left asks
 * whether to go on: from then on nothing asks again. */
static void walk_step(struct sheet *sheet, const struct view_input *input,
		      size_t i)
{
	const struct engine *engine = input->engine;
	const struct way_back *rest = input->way_back;
	size_t index = engine->undo_steps[i];
	const struct runbook_step *step = &engine->runbook->steps[index];
	bool undone = engine->steps[index].state == STEP_UNDONE;
	bool here = i == engine->undo && !undone;
	char time[WORDS_MAX];

	words_undone(input->options->pace, index, time);
	sheet_row(sheet);
	sheet_put(sheet, MEANING_HERE, "%s",
		  here ? sheet_mark(sheet, MARK_HERE) : " ");
	sheet_put(sheet, undone ? MEANING_DIM : here ? MEANING_HERE :
		  MEANING_PLAIN, _("%zu. undo %s  %s"), i + 1, step->label,
		  step->title);
	if (undone)
		sheet_right(sheet, 0, MEANING_DIM, "  %s", _("undone"));
	else
		sheet_right(sheet, 0, MEANING_DIM, "  %s", time);
	if (i >= engine->undo && i - engine->undo < rest->step_count)
		pane_effects(sheet, &rest->effects[i - engine->undo], 0);
}

static void way_back_walked(struct sheet *sheet, const struct view_input *input)
{
	const struct engine *engine = input->engine;
	size_t left = engine->undo_count - engine->undo;
	struct pace_sum takes;
	char clock[WORDS_MAX], time[WORDS_MAX];

	words_way_back_clock(input, clock);
	sheet_put(sheet, MEANING_PLAIN, _(" is being walked: %s"), clock);
	for (size_t i = 0; i < engine->undo_count; i++)
		walk_step(sheet, input, i);
	if (!left)
		return;
	pace_undo(input->options->pace, engine->undo_steps + engine->undo, left,
		  &takes);
	words_takes(&takes, left, false, time);
	sheet_row(sheet);
	sheet_wrap(sheet, 1, 0, MEANING_PLAIN, _(" Time for what is left: %s."),
		   time);
}

void pane_elsewhere(struct sheet *sheet, const struct view_input *input)
{
	if (!input->lease || !input->lease->other || !input->lease->other[0])
		return;
	sheet_row(sheet);
	sheet_wrap(sheet, 1, 0, MEANING_WARN,
		   _(" The Lease is held by %s: that run is not touched by this, and goes on."),
		   input->lease->other);
}

void pane_way_back(struct sheet *sheet, const struct view_input *input)
{
	const struct way_back *back = input->way_back;

	sheet_row(sheet);
	sheet_put(sheet, MEANING_TITLE, "%s", _("THE WAY BACK"));
	if (input->engine->rolling_back) {
		way_back_walked(sheet, input);
		return;
	}
	if (!back->step_count) {
		sheet_row(sheet);
		sheet_put(sheet, MEANING_PLAIN, "%s",
			  _(" Nothing was changed yet: the run is closed, and nothing is sent."));
		pane_elsewhere(sheet, input);
		return;
	}
	way_back_cost(sheet, input);
	way_back_takes(sheet, input);
	way_back_away(sheet, input);
	way_back_untouched(sheet, input);
	for (size_t i = 0; i < back->step_count; i++)
		way_back_step(sheet, input, i);
}
