/* A run that was left: what the journal says beside what the world says. */
#include "base/i18n.h"
#include "conduct/reality.h"
#include "view/panes.h"
#include "view/words.h"

#define REALITY_WORLD 44        /* the column of the world */
#define REALITY_ROWS 2          /* of one cell, where it is not shown in full */

static const char *reality_journal(const struct reality_row *row)
{
	switch (row->journal) {
	case REALITY_DONE:
		return row->undo ? _("undone") : _("done");
	case REALITY_UNKNOWN:
		return _("UNKNOWN");
	case REALITY_CHECKING:
		return _("checking");
	default:
		return _("not done");
	}
}

/* An answer that was lost is no contradiction; what was done and is not there
 * is one. */
static enum meaning reality_meaning(const struct reality_row *row)
{
	if (row->world.state == VERDICT_RED && row->journal != REALITY_DONE)
		return MEANING_WARN;
	return words_verdict_meaning(row->world.state);
}

static void reality_row(struct sheet *sheet, const struct view_input *input,
			const struct reality_row *row, bool full)
{
	const struct runbook_step *step =
		&input->engine->runbook->steps[row->step];

	sheet_row(sheet);
	sheet_at(sheet, 1);
	sheet_put(sheet, MEANING_PLAIN, "%s", step->label);
	sheet_at(sheet, 4);
	sheet_put(sheet, MEANING_PLAIN, row->undo ? _("undo: %s") : "%s",
		  step->title);
	sheet_at(sheet, 33);
	sheet_put(sheet, row->journal == REALITY_UNKNOWN ? MEANING_UNKNOWN :
		  MEANING_PLAIN, "%s", reality_journal(row));
	sheet_at(sheet, REALITY_WORLD);
	sheet_put(sheet, reality_meaning(row), "%s",
		  sheet_mark(sheet, words_verdict_mark(row->world.state)));
	sheet_at(sheet, REALITY_WORLD + 3);
	sheet_wrap(sheet, REALITY_WORLD + 3, full ? 0 : REALITY_ROWS,
		   reality_meaning(row), "%s", row->world.text);
}

/* Where it goes on, so that `y` is no leap. */
static void reality_onwards(struct sheet *sheet, const struct view_input *input)
{
	const struct engine *engine = input->engine;
	const struct runbook_step *step = words_step(engine);
	enum engine_phase phase = engine->phase == ENGINE_PARKED ?
				  engine->parked : engine->phase;

	sheet_row(sheet);
	if (engine->rolling_back)
		sheet_wrap(sheet, 1, 0, MEANING_WARN, "%s",
			   _(" It goes on with the way back, which sends by itself what is listed below."));
	else if (step && phase != ENGINE_BETWEEN && phase != ENGINE_NEW)
		sheet_wrap(sheet, 1, 0, MEANING_PLAIN,
			   _(" It goes on at %s  %s. Nothing is sent before you confirm it there."),
			   step->label, step->title);
	else
		sheet_wrap(sheet, 1, 0, MEANING_PLAIN, "%s",
			   _(" It goes on at the next gate. Nothing is sent before you confirm it there."));
}

void pane_reality(struct sheet *sheet, const struct view_input *input,
		  bool full)
{
	const struct reality *reality = input->reality;

	sheet_row(sheet);
	sheet_put(sheet, MEANING_TITLE, "%s", _("RESUME"));
	sheet_at(sheet, 33);
	sheet_put(sheet, MEANING_TITLE, "%s", _("journal"));
	sheet_at(sheet, REALITY_WORLD);
	sheet_put(sheet, MEANING_TITLE, "%s", reality->looked ? _("the world now") :
		  _("the world now: looking"));
	if (!reality->count) {
		sheet_row(sheet);
		sheet_put(sheet, MEANING_PLAIN, "%s",
			  _(" Nothing was sent before the run was left."));
	}
	for (size_t i = 0; i < reality->count; i++)
		reality_row(sheet, input, &reality->rows[i], full);
	reality_onwards(sheet, input);
	if (input->engine->rolling_back)
		pane_way_back(sheet, input);
}
