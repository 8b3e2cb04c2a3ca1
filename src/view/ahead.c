/* A later gate, shown in full before it is armed. */
#include <stdint.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "observe/condition.h"
#include "view/panes.h"
#include "view/words.h"

static const char *ahead_position(void *data, const char *since,
				  const char *connection)
{
	return engine_position(data, since, connection);
}

/* Each guard as it stands now: most turn green only by the steps before. */
static void ahead_guards(struct sheet *sheet, const struct view_input *input,
			 const struct conditions *guards)
{
	const struct condition_context context = {
		.facts = input->facts, .now_ms = input->facts->now_ms,
		.not_before_ms = INT64_MIN, .position = ahead_position,
		.data = (void *)input->engine,
	};
	struct verdict now;

	sheet_row(sheet);
	sheet_put(sheet, MEANING_TITLE,
		  ngettext("%zu guard is asked then; now it says",
			   "%zu guards are asked then; now they say",
			   guards->count), guards->count);
	for (size_t i = 0; i < guards->count; i++) {
		condition_judge(&guards->items[i], &context, &now);
		sheet_row(sheet);
		sheet_put(sheet, MEANING_DIM, " %s", sheet_mark(sheet,
			  words_verdict_mark(now.state)));
		sheet_at(sheet, 4);
		sheet_wrap(sheet, 6, 0, MEANING_PLAIN, "%s%s", now.text,
			   guards->items[i].hard ? _(" (hard)") : "");
		if (!guards->items[i].why[0])
			continue;
		sheet_row(sheet);
		sheet_at(sheet, 6);
		sheet_wrap(sheet, 6, 0, MEANING_DIM, "%s",
			   guards->items[i].why);
	}
}

void pane_ahead(struct sheet *sheet, const struct view_input *input,
		const struct view_ui *ui)
{
	const struct runbook_step *step =
		&input->engine->runbook->steps[ui->ahead_step];
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
	ahead_guards(sheet, input, &step->deed.guards);
}
