/* What is sent, and what a way back would send: the very effects. */
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
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

static void way_back_cost(struct sheet *sheet, const struct view_input *input)
{
	const struct way_back *back = input->way_back;
	const struct runbook_observe *observe = &input->engine->runbook->observe;

	sheet_row(sheet);
	if (!back->rebuild)
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

void pane_way_back(struct sheet *sheet, const struct view_input *input)
{
	const struct way_back *back = input->way_back;
	const struct runbook *runbook = input->engine->runbook;

	sheet_row(sheet);
	sheet_put(sheet, MEANING_TITLE, "%s", _("THE WAY BACK"));
	if (input->engine->rolling_back) {
		sheet_put(sheet, MEANING_PLAIN, " %s", _("is being walked"));
		return;
	}
	way_back_cost(sheet, input);
	if (!back->step_count) {
		sheet_row(sheet);
		sheet_put(sheet, MEANING_PLAIN, "%s",
			  _(" Nothing was changed yet: the run is closed, and nothing is sent."));
	}
	for (size_t i = 0; i < back->step_count; i++) {
		const struct runbook_step *step = &runbook->steps[back->steps[i]];

		sheet_row(sheet);
		sheet_put(sheet, MEANING_TITLE, _("%zu. undo %s  %s"), i + 1,
			  step->label, step->title);
		if (!back->effects[i].count && !back->effects[i].problem) {
			sheet_row(sheet);
			sheet_put(sheet, MEANING_DIM, "%s",
				  _(" nothing is to be sent"));
		}
		pane_effects(sheet, &back->effects[i], 0);
	}
}
