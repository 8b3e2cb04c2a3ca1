/*
 * The deed at hand, in the place where the operator looks: a gate with what
 * would be sent and its guards, an action in flight, checks that are awaited,
 * or what went wrong. Where the rows do not suffice, what is green is
 * shortened first; what would be sent and what is red stay.
 */
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
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

/* Who has the Lease, or what is wrong with it, before all else: while it is
 * not ours nothing else matters. Returns the rows it took. */
size_t deed_lease(struct sheet *sheet, const struct view_input *input,
		  bool full)
{
	size_t before = sheet->count;
	bool held = !words_is_astray(input);

	if (!input->lease || !input->lease->text[0])
		return 0;
	sheet_row(sheet);
	sheet_put(sheet, held ? MEANING_WARN : MEANING_BAD, " %s ",
		  sheet_mark(sheet, held ? MARK_UNKNOWN : MARK_NO));
	sheet_at(sheet, 4);
	sheet_wrap(sheet, 4, full ? 0 : 3, held ? MEANING_WARN : MEANING_BAD,
		   "%s", input->lease->text);
	return sheet->count - before;
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

/* As many conditions as fit into rows; the green ones give way. */
static void deed_conditions(struct sheet *sheet, const struct view_input *input,
			    const struct conditions *conditions,
			    const struct view_ui *ui, size_t rows)
{
	size_t count = input->verdict_count, green = 0, room, spare;

	if (count > conditions->count)
		count = conditions->count;
	for (size_t i = 0; i < count; i++)
		green += input->verdicts[i].state == VERDICT_GREEN;
	room = rows == 0 || count <= rows ? count :
	       rows > count - green ? rows - 1 - (count - green) : 0;
	spare = rows > count ? rows - count : 0;
	for (size_t i = 0, shown = 0; i < count; i++) {
		bool is_green = input->verdicts[i].state == VERDICT_GREEN;
		size_t before = sheet->count;

		if (is_green && shown >= room)
			continue;
		shown += is_green;
		/* what is not green may take a second row, if there is one */
		deed_condition(sheet, input, &conditions->items[i], i, ui,
			       rows == 0 ? 0 : !is_green && spare ? 2 : 1);
		if (spare)
			spare -= sheet->count - before - 1;
	}
	if (green > room) {
		sheet_row(sheet);
		sheet_put(sheet, MEANING_GOOD, " %s ",
			  sheet_mark(sheet, MARK_OK));
		sheet_at(sheet, 4);
		sheet_put(sheet, MEANING_DIM,
			  ngettext("and %zu more is green (d shows all)",
				   "and %zu more are green (d shows all)",
				   green - room), green - room);
	}
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

static size_t gate_effects_rows(const struct sheet *sheet,
				const struct effects *effects, size_t rows)
{
	struct sheet trial = *sheet;

	trial.rows = NULL;
	trial.count = trial.cap = 0;
	pane_effects(&trial, effects, rows);
	return trial.count;
}

/* Draws the effects with as many rows each as the pane has to spare; where one
 * each is too much, it says how many are not shown. */
static void gate_effects(struct sheet *sheet, const struct view_input *input,
			 size_t room)
{
	struct effects shown = *input->effects;
	size_t rows = room;

	while (rows > 1 && gate_effects_rows(sheet, &shown, rows) > room)
		rows--;
	if (gate_effects_rows(sheet, &shown, rows) > room)
		while (shown.count > 1 &&
		       gate_effects_rows(sheet, &shown, rows) + 1 > room)
			shown.count--;
	/* to say so takes a row as well */
	if (shown.count + 1 == input->effects->count)
		shown.count++;
	pane_effects(sheet, &shown, rows);
	if (shown.count == input->effects->count)
		return;
	sheet_row(sheet);
	sheet_put(sheet, MEANING_WARN,
		  ngettext(" and %zu more is sent (d shows all)",
			   " and %zu more are sent (d shows all)",
			   input->effects->count - shown.count),
		  input->effects->count - shown.count);
}

static void deed_gate(struct sheet *sheet, const struct view_input *input,
		      const struct view_ui *ui, int height)
{
	const struct runbook_step *step = words_step(input->engine);
	const struct deed *deed = engine_deed(input->engine);
	bool undo = input->engine->rolling_back, full = height == 0;
	size_t used, room = (size_t)height, guards = input->verdict_count;
	size_t least = guards < 2 ? guards : 2;
	size_t fixed = input->forbidden[0] || (!undo && step->forfeits[0]) ?
		       2 : 1;

	gate_title(sheet, input);
	fixed += deed_lease(sheet, input, full);
	if (!undo && (full || height > DEED_CRAMPED))
		deed_words(sheet, step->why, full, MEANING_PLAIN);
	if (full)
		pane_effects(sheet, input->effects, 0);
	else
		gate_effects(sheet, input, room > least + fixed ?
			     room - least - fixed : 1);
	used = sheet->count + (!undo && step->forfeits[0]);
	deed_conditions(sheet, input, &deed->guards, ui,
			full ? 0 : room > used ? room - used : 1);
	deed_words(sheet, input->forbidden, full, MEANING_BAD);
	if (!undo && !input->forbidden[0])
		deed_words(sheet, step->forfeits, full, MEANING_WARN);
}

/* ---- in flight ----------------------------------------------------------- */

static void flight_effect(struct sheet *sheet, const struct view_input *input,
			  size_t i, bool full)
{
	const struct engine *engine = input->engine;
	const json_t *effect = json_array_get(engine->effects, i);
	bool current = i == engine->effect && !engine->stuck_on_check;
	bool done = i < engine->effect || engine->stuck_on_check ||
		    engine->phase == ENGINE_CHECKING;

	sheet_row(sheet);
	if (done)
		sheet_put(sheet, MEANING_GOOD, " %s",
			  sheet_mark(sheet, MARK_OK));
	else if (current && engine->phase == ENGINE_STUCK)
		sheet_put(sheet, engine->unknown ? MEANING_UNKNOWN :
			  MEANING_BAD, " %s",
			  sheet_mark(sheet, engine->unknown ? MARK_UNKNOWN :
					    MARK_NO));
	else if (current)
		sheet_put(sheet, MEANING_HERE, " %s",
			  sheet_mark(sheet, MARK_HERE));
	sheet_at(sheet, 4);
	sheet_wrap(sheet, 6, full ? 0 : 2,
		   current ? MEANING_EMPHASIS : MEANING_DIM, "%s: %s",
		   json_text(effect, "target", ""),
		   json_text(effect, "request", ""));
}

void deed_flight(struct sheet *sheet, const struct view_input *input,
		 bool full)
{
	size_t count = json_array_size(input->engine->effects);

	for (size_t i = 0; i < count; i++)
		flight_effect(sheet, input, i, full);
}

static void deed_acting(struct sheet *sheet, const struct view_input *input,
			const struct view_ui *ui, int height)
{
	const struct engine *engine = input->engine;
	const json_t *effect = json_array_get(engine->effects, engine->effect);
	char since[CLOCK_STAMP_MAX], limit[CLOCK_STAMP_MAX];

	(void)ui;
	clock_duration(input->mono - engine->acting_mono, since);
	clock_duration(json_number(effect, "within_ms", 0), limit);
	deed_title(sheet, input, engine->rolling_back ? _("UNDOING") :
		   _("ACTING"), MEANING_HERE);
	sheet_right(sheet, 0, MEANING_PLAIN, _("sent %s ago, limit %s"), since,
		    limit);
	deed_lease(sheet, input, height == 0);
	deed_flight(sheet, input, height == 0);
}

static void deed_checking(struct sheet *sheet, const struct view_input *input,
			  const struct view_ui *ui, int height)
{
	const struct engine *engine = input->engine;
	const struct conditions *checks = &engine_deed(engine)->checks;
	char since[CLOCK_STAMP_MAX], limit[CLOCK_STAMP_MAX];
	int64_t within = 0;
	size_t used;

	for (size_t i = 0; i < checks->count; i++)
		if (checks->items[i].within_ms > within)
			within = checks->items[i].within_ms;
	clock_duration(input->mono - engine->checking_mono, since);
	clock_duration(within, limit);
	deed_title(sheet, input, _("CHECKING"), MEANING_HERE);
	sheet_right(sheet, 0, MEANING_PLAIN, _("for %s, limit %s"), since,
		    limit);
	deed_lease(sheet, input, height == 0);
	deed_flight(sheet, input, height == 0);
	used = sheet->count;
	deed_conditions(sheet, input, checks, ui,
			height == 0 ? 0 : (size_t)height > used ?
			(size_t)height - used : 1);
}

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
		pane_reality(sheet, input);
	else
		panes[input->engine->phase](sheet, input, ui, height);
}
