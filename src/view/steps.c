/* The header: what, where, live or rehearsed, the clock. The steps below it. */
#include <stdio.h>

#include "base/i18n.h"
#include "view/panes.h"
#include "view/words.h"

#define STEPS_CLOCKS 2          /* rows below the steps */

static void header_clock(struct sheet *sheet, const struct view_input *input)
{
	const struct engine *engine = input->engine;
	int64_t outage = engine_outage(engine, input->mono);
	int64_t agreed = engine->runbook->budget_ms;
	int percent = words_budget_percent(input);
	char clock[CLOCK_STAMP_MAX], budget[CLOCK_STAMP_MAX];

	words_clock(agreed, false, budget);
	words_clock(outage < 0 ? 0 : outage, true, clock);
	if (outage < 0 && agreed)
		sheet_right(sheet, 0, MEANING_BAR, _("budget %s"), budget);
	else if (outage >= 0 && agreed)
		sheet_right(sheet, 0, percent >= 90 ? MEANING_ALARM :
			    percent >= 75 ? MEANING_WARN : MEANING_BAR,
			    engine->window_open ? _("OUTAGE %s / %s") :
						  _("outage %s / %s"),
			    clock, budget);
	else if (outage >= 0)
		sheet_right(sheet, 0, MEANING_BAR, engine->window_open ?
			    _("OUTAGE %s") : _("outage %s"), clock);
}

void pane_header(struct sheet *sheet, const struct view_input *input)
{
	char place[WORDS_MAX], alarm[WORDS_MAX];
	bool rehearsal = input->options->rehearsal;

	words_place(input->engine->runbook, place);
	sheet_row(sheet);
	if (words_two_writers(input, alarm)) {
		sheet_put(sheet, MEANING_ALARM, "%s  ", alarm);
	} else {
		sheet_put(sheet, MEANING_BAR, "cutover  %s  %s",
			  input->engine->runbook->name, place);
		sheet_at(sheet, sheet->width - 35);
		sheet_put(sheet, rehearsal ? MEANING_BAR : MEANING_WARN, "%s",
			  rehearsal ? _("REHEARSAL") : _("LIVE"));
	}
	header_clock(sheet, input);
}

static enum meaning step_meaning(enum step_state state)
{
	static const enum meaning meanings[] = {
		[STEP_WAITING] = MEANING_PLAIN,
		[STEP_AT_GATE] = MEANING_HERE,
		[STEP_RUNNING] = MEANING_HERE,
		[STEP_STUCK] = MEANING_BAD,
		[STEP_DONE] = MEANING_GOOD,
		[STEP_SKIPPED] = MEANING_DIM,
		[STEP_UNDOING] = MEANING_HERE,
		[STEP_UNDONE] = MEANING_DIM,
	};

	return meanings[state];
}

/* How long it took, or has taken; of one to come, what it took earlier; "" if
 * there is nothing to tell. */
static void step_took(const struct view_input *input, size_t i,
		      char dst[WORDS_MAX])
{
	const struct engine_step *step = &input->engine->steps[i];
	const struct pace *pace = input->options ? input->options->pace : NULL;
	const struct pace_times *times = pace ? &pace->steps[i].done : NULL;
	bool runs = step->state == STEP_RUNNING;
	char took[CLOCK_STAMP_MAX];

	dst[0] = '\0';
	if (step->confirmed_mono >= 0 &&
	    (runs || (step->state == STEP_DONE && step->done_mono >= 0))) {
		clock_duration((runs ? input->mono : step->done_mono) -
			       step->confirmed_mono, dst);
	} else if (step->state == STEP_WAITING && times &&
		   !input->engine->rolling_back &&
		   times->live + times->rehearsals) {
		clock_duration(times->median_ms, took);
		snprintf(dst, WORDS_MAX, "~%s", took);
	}
}

static void step_row(struct sheet *sheet, const struct view_input *input,
		     size_t i)
{
	const struct runbook_step *step = &input->engine->runbook->steps[i];
	const struct engine_step *state = &input->engine->steps[i];
	bool stuck = state->state == STEP_UNDOING &&
		     input->engine->phase == ENGINE_STUCK;
	enum meaning meaning = stuck ? MEANING_BAD :
				       step_meaning(state->state);
	bool here = meaning == MEANING_HERE || meaning == MEANING_BAD;
	char took[WORDS_MAX];

	sheet_row(sheet);
	sheet_put(sheet, MEANING_HERE, "%s",
		  here ? sheet_mark(sheet, MARK_HERE) : " ");
	sheet_at(sheet, 1);
	sheet_put(sheet, here ? MEANING_HERE : MEANING_PLAIN, "%s",
		  step->label);
	sheet_at(sheet, 4);
	sheet_put(sheet, here ? MEANING_HERE :
		  meaning == MEANING_DIM ? MEANING_DIM : MEANING_PLAIN, "%s",
		  step->title);
	sheet_at(sheet, sheet->width - 10);
	if (state->state == STEP_DONE)
		sheet_put(sheet, meaning, " %s", sheet_mark(sheet, MARK_OK));
	step_took(input, i, took);
	/* what goes on by itself must not be hidden by what it may take */
	if (state->armed)
		sheet_right(sheet, 0, MEANING_WARN, "%s",
			    words_step_state(input->engine, i));
	else
		sheet_right(sheet, 0, meaning == MEANING_GOOD ? MEANING_PLAIN :
			    state->state == STEP_WAITING ? MEANING_DIM : meaning,
			    "%s", took[0] ? took :
			    words_step_state(input->engine, i));
}

/* The clock that matters beside the outage's: up to when one can still go back
 * in time, or how long it has been gone back. */
static void steps_way_back(struct sheet *sheet, const struct view_input *input)
{
	int percent = words_way_back_percent(input);
	char clock[WORDS_MAX], until[CLOCK_STAMP_MAX];
	int64_t by;

	if (words_way_back_clock(input, clock)) {
		sheet_row(sheet);
		sheet_put(sheet, percent >= 90 ? MEANING_ALARM : percent >= 75 ?
			  MEANING_WARN : MEANING_PLAIN, _(" way back %s"),
			  clock);
	} else if (words_decide_by(input, &by) && by < 0) {
		sheet_row(sheet);
		sheet_put(sheet, MEANING_UNKNOWN, "%s",
			  _(" decide by: way back not measured"));
	} else if (words_decide_by(input, &by)) {
		clock_hms(by, until);
		sheet_row(sheet);
		sheet_put(sheet, by < input->wall_ms ? MEANING_ALARM :
			  MEANING_PLAIN, by < input->wall_ms ?
			  _(" decide by %s: too late") :
			  _(" decide by %s"), until);
	}
}

/* Until when the agreed outage lasts, by the wall clock. */
static void steps_deadline(struct sheet *sheet, const struct view_input *input)
{
	int64_t budget = input->engine->runbook->budget_ms;
	int64_t outage = engine_outage(input->engine, input->mono);
	char until[CLOCK_STAMP_MAX];

	if (!budget || outage < 0 || !input->engine->window_open)
		return;
	clock_hms(input->wall_ms + budget - outage, until);
	sheet_row(sheet);
	sheet_put(sheet, outage > budget ? MEANING_ALARM :
		  words_budget_percent(input) >= 75 ? MEANING_WARN :
						      MEANING_PLAIN,
		  outage > budget ? _(" the agreed outage ended at %s") :
				    _(" the agreed outage ends at %s"), until);
}

void pane_steps(struct sheet *sheet, const struct view_input *input, int height)
{
	size_t count = input->engine->runbook->step_count;
	size_t room = !height ? count : height > STEPS_CLOCKS + 1 ?
		      (size_t)height - STEPS_CLOCKS : 1, first = 0;

	if (count > room && input->engine->step >= room / 2)
		first = input->engine->step - room / 2;
	if (count > room && first > count - room)
		first = count - room;
	for (size_t i = first; i < count && i < first + room; i++)
		step_row(sheet, input, i);
	steps_way_back(sheet, input);
	steps_deadline(sheet, input);
}
