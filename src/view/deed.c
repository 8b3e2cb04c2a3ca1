/*
 * The deed at hand, in the place where the operator looks: a gate with what
 * would be sent and its guards, an action in flight, checks that are awaited,
 * or what went wrong. Where the rows do not suffice, what is green is
 * shortened first; and of what would be sent and what is red, nothing is left
 * out without saying how much.
 */
#include "base/i18n.h"
#include "view/deed.h"
#include "view/panes.h"
#include "view/words.h"

#define DEED_CRAMPED 9           /* rows at 80 x 24: no room for the why */

void deed_title(struct sheet *sheet, const struct view_input *input,
		const char *word, enum meaning meaning)
{
	const struct runbook_step *step = words_step(input->engine);

	sheet_row(sheet);
	sheet_put(sheet, meaning, "%s %s  %s", word, step->label, step->title);
}

/* What a way back costs, beside the title; on the way back, nothing. */
void deed_cost(struct sheet *sheet, const struct view_input *input)
{
	char cost[WORDS_MAX];

	if (input->engine->rolling_back)
		return;
	words_way_back(input, true, cost);
	sheet_right(sheet, 0, MEANING_DIM, _("  a way back costs: %s"), cost);
}

static void deed_halt(struct sheet *sheet, bool warns, size_t rows,
		      const char *text)
{
	sheet_row(sheet);
	sheet_put(sheet, warns ? MEANING_WARN : MEANING_BAD, " %s ",
		  sheet_mark(sheet, warns ? MARK_UNKNOWN : MARK_NO));
	sheet_at(sheet, 4);
	sheet_wrap(sheet, 4, rows, warns ? MEANING_WARN : MEANING_BAD, "%s",
		   text);
}

void deed_halts(struct sheet *sheet, const struct view_input *input, bool full)
{
	const char *unwritten = words_unwritten(input);

	if (unwritten)
		deed_halt(sheet, false, full ? 0 : 1, unwritten);
	if (input->lease && input->lease->text[0])
		deed_halt(sheet, !words_is_astray(input), full ? 0 : 3,
			  input->lease->text);
}

size_t deed_rest(const struct sheet *sheet, int height, int below)
{
	int rest = height - below - (int)sheet->count;

	return height == 0 ? 0 : rest > 1 ? (size_t)rest : 1;
}

/* ---- conditions ---------------------------------------------------------- */

void deed_condition(struct sheet *sheet, const struct view_input *input,
			   const struct condition *condition, size_t i,
			   const struct view_ui *ui, size_t max_rows)
{
	const struct verdict *verdict = &input->verdicts[i];
	bool guard = engine_judges_guards(input->engine);
	bool overridden = guard && input->engine->guards[i].overridden;
	enum meaning meaning = words_verdict_meaning(verdict->state);

	sheet_row(sheet);
	if (guard && ui->choosing)
		sheet_put(sheet, MEANING_KEY, "%2zu", i + 1);
	sheet_at(sheet, guard && ui->choosing ? 3 : 1);
	sheet_put(sheet, meaning, "%s ",
		  sheet_mark(sheet, words_verdict_mark(verdict->state)));
	sheet_at(sheet, guard && ui->choosing ? 6 : 4);
	sheet_wrap(sheet, 6, max_rows, verdict->state == VERDICT_GREEN ?
		   MEANING_PLAIN : meaning, "%s", verdict->text);
	if (overridden)
		sheet_right(sheet, 0, MEANING_WARN, " %s", _("overridden"));
	else if (guard && condition->hard && verdict->state != VERDICT_GREEN)
		sheet_right(sheet, 0, MEANING_DIM, " %s", _("hard"));
	if (max_rows == 0 && condition->why[0]) {
		sheet_row(sheet);
		sheet_at(sheet, 6);
		sheet_wrap(sheet, 6, 0, MEANING_DIM, "%s", condition->why);
	}
}

void deed_more_red(struct sheet *sheet, size_t count)
{
	if (!count)
		return;
	sheet_row(sheet);
	sheet_put(sheet, MEANING_BAD, " %s ", sheet_mark(sheet, MARK_NO));
	sheet_at(sheet, 4);
	sheet_put(sheet, MEANING_BAD,
		  ngettext("and %zu more is not green (d shows all)",
			   "and %zu more are not green (d shows all)", count),
		  count);
}

static void deed_more_green(struct sheet *sheet, size_t count)
{
	if (!count)
		return;
	sheet_row(sheet);
	sheet_put(sheet, MEANING_GOOD, " %s ", sheet_mark(sheet, MARK_OK));
	sheet_at(sheet, 4);
	sheet_put(sheet, MEANING_DIM,
		  ngettext("and %zu more is green (d shows all)",
			   "and %zu more are green (d shows all)", count),
		  count);
}

/* Verdicts of these very conditions: for a moment they may be of others. */
static size_t deed_judged(const struct view_input *input,
			  const struct conditions *conditions)
{
	return input->verdict_count < conditions->count ?
	       input->verdict_count : conditions->count;
}

static size_t deed_red(const struct view_input *input,
		       const struct conditions *conditions)
{
	size_t red = 0;

	for (size_t i = 0; i < deed_judged(input, conditions); i++)
		red += input->verdicts[i].state != VERDICT_GREEN;
	return red;
}

void deed_conditions(struct sheet *sheet, const struct view_input *input,
		     const struct conditions *conditions,
		     const struct view_ui *ui, size_t rows)
{
	size_t count = deed_judged(input, conditions);
	size_t red = deed_red(input, conditions);
	bool all = rows == 0 || count <= rows;
	size_t most[2] = {      /* that are not green, and that are */
		all || red <= rows ? red : rows - 1,
		all ? count - red : red < rows ? rows - 1 - red : 0};
	size_t shown[2] = {0}, spare = rows > count ? rows - count : 0;

	for (size_t i = 0; i < count; i++) {
		bool green = input->verdicts[i].state == VERDICT_GREEN;
		size_t before = sheet->count;

		if (shown[green] >= most[green])
			continue;
		shown[green]++;
		/* what is not green may take a second row, if there is one */
		deed_condition(sheet, input, &conditions->items[i], i, ui,
			       rows == 0 ? 0 : !green && spare ? 2 : 1);
		if (spare)
			spare -= sheet->count - before - 1;
	}
	deed_more_red(sheet, red - shown[0]);
	if (rows == 0 || red < rows)
		deed_more_green(sheet, count - red - shown[1]);
}

/* ---- a gate -------------------------------------------------------------- */

static void gate_title(struct sheet *sheet, const struct view_input *input)
{
	deed_title(sheet, input, input->engine->rolling_back ? _("UNDO") :
		   _("GATE"), MEANING_TITLE);
	deed_cost(sheet, input);
}

void deed_words(struct sheet *sheet, const char *text, bool full,
		enum meaning meaning)
{
	if (!text[0])
		return;
	sheet_row(sheet);
	sheet_at(sheet, 1);
	sheet_wrap(sheet, 1, full ? 0 : 1, meaning, "%s", text);
}

static size_t deed_effects_rows(const struct sheet *sheet,
				const struct effects *effects, size_t rows)
{
	struct sheet trial = *sheet;

	trial.rows = NULL;
	trial.count = trial.cap = 0;
	pane_effects(&trial, effects, rows);
	return trial.count;
}

void deed_effects(struct sheet *sheet, const struct effects *effects,
		  size_t room)
{
	struct effects shown = *effects;
	size_t rows = room;

	while (rows > 1 && deed_effects_rows(sheet, &shown, rows) > room)
		rows--;
	if (room && deed_effects_rows(sheet, &shown, rows) > room)
		while (shown.count > 1 &&
		       deed_effects_rows(sheet, &shown, rows) + 1 > room)
			shown.count--;
	/* to say so takes a row as well */
	if (shown.count + 1 == effects->count)
		shown.count++;
	pane_effects(sheet, &shown, rows);
	if (shown.count == effects->count)
		return;
	sheet_row(sheet);
	sheet_put(sheet, MEANING_WARN,
		  ngettext(" and %zu more is sent (d shows all)",
			   " and %zu more are sent (d shows all)",
			   effects->count - shown.count),
		  effects->count - shown.count);
}

int deed_least(const struct view_input *input,
	       const struct conditions *conditions, int height)
{
	int count = (int)deed_judged(input, conditions);
	int red = (int)deed_red(input, conditions);
	int least = red < count ? red + 1 : red;

	if (least > height / 2)
		least = height / 2;
	if (least < 2)
		least = 2;
	return least < count ? least : count;
}

static void deed_gate(struct sheet *sheet, const struct view_input *input,
		      const struct view_ui *ui, int height)
{
	const struct runbook_step *step = words_step(input->engine);
	const struct deed *deed = engine_deed(input->engine);
	bool undo = input->engine->rolling_back, full = height == 0;
	bool forfeits = !undo && step->forfeits[0] && !input->forbidden[0];
	int below = forfeits || input->forbidden[0];

	gate_title(sheet, input);
	deed_halts(sheet, input, full);
	if (!undo && (full || height > DEED_CRAMPED))
		deed_words(sheet, step->why, full, MEANING_PLAIN);
	deed_effects(sheet, input->effects,
		     deed_rest(sheet, height, below +
			       deed_least(input, &deed->guards, height)));
	deed_conditions(sheet, input, &deed->guards, ui,
			deed_rest(sheet, height, below));
	deed_words(sheet, input->forbidden, full, MEANING_BAD);
	if (forfeits)
		deed_words(sheet, step->forfeits, full, MEANING_WARN);
}

/* ---- whichever it is ------------------------------------------------------ */

static void deed_none(struct sheet *sheet, const struct view_input *input,
		      const struct view_ui *ui, int height)
{
	(void)ui;
	(void)height;
	sheet_row(sheet);
	sheet_put(sheet, MEANING_TITLE, "%s",
		  input->engine->phase == ENGINE_PARKED ||
		  input->engine->phase == ENGINE_CLOSED ?
		  _("The run has ended.") : _("Looking around"));
}

void pane_deed(struct sheet *sheet, const struct view_input *input,
	       const struct view_ui *ui, int height)
{
	static void (*const panes[])(struct sheet *, const struct view_input *,
				     const struct view_ui *, int) = {
		[ENGINE_NEW] = deed_none,
		[ENGINE_GATE] = deed_gate,
		[ENGINE_ACTING] = deed_acting,
		[ENGINE_CHECKING] = deed_checking,
		[ENGINE_STUCK] = deed_stuck,
		[ENGINE_BETWEEN] = deed_none,
		[ENGINE_PARKED] = deed_none,
		[ENGINE_CLOSED] = deed_none,
	};

	if (input->reality)
		pane_reality(sheet, input, height == 0);
	else
		panes[input->engine->phase](sheet, input, ui, height);
}
