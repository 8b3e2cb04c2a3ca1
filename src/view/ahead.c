/* A later gate, shown in full before it is armed. */
#include "base/clock.h"
#include "base/i18n.h"
#include "view/panes.h"
#include "view/words.h"

void pane_ahead(struct sheet *sheet, const struct view_input *input,
		const struct view_ui *ui)
{
	const struct runbook_step *step =
		&input->engine->runbook->steps[ui->ahead_step];
	const struct conditions *guards = &step->deed.guards;
	char hold[CLOCK_STAMP_MAX];

	sheet_row(sheet);
	sheet_put(sheet, MEANING_TITLE, _("ARM %s  %s"), step->label,
		  step->title);
	sheet_row(sheet);
	sheet_wrap(sheet, 1, 0, MEANING_PLAIN, "%s",
		   _(" Armed, this gate goes on by itself the moment its guards are green. It stops for you at the first that is not, at a failure, a late check, or any key."));
	if (step->hold_ms) {
		clock_duration(step->hold_ms, hold);
		sheet_row(sheet);
		sheet_put(sheet, MEANING_PLAIN,
			  _(" It stands green for %s before it goes on."), hold);
	}
	if (step->forfeits[0]) {
		sheet_row(sheet);
		sheet_wrap(sheet, 1, 0, MEANING_WARN, " %s", step->forfeits);
	}
	pane_effects(sheet, ui->ahead, 0);
	sheet_row(sheet);
	sheet_wrap(sheet, 1, 0, MEANING_DIM, "%s",
		   _(" Sent then is this, and nothing else; a patch of a Deployment also names the resourceVersion read at that moment, so that nobody's change is overwritten."));
	sheet_row(sheet);
	sheet_put(sheet, MEANING_TITLE,
		  ngettext("%zu guard is asked then", "%zu guards are asked then",
			   guards->count), guards->count);
	for (size_t i = 0; i < guards->count; i++) {
		if (!guards->items[i].why[0])
			continue;
		sheet_row(sheet);
		sheet_at(sheet, 3);
		sheet_wrap(sheet, 5, 0, MEANING_DIM, "%s",
			   guards->items[i].why);
	}
}
