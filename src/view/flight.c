/*
 * What is on its way: the effects that are being sent, and the checks that are
 * awaited then. Where there is no row for all of them, the one at hand stays.
 */
#include "base/i18n.h"
#include "base/json.h"
#include "view/deed.h"
#include "view/words.h"

/* How that effect stands; false: that is not said of it. */
static bool flight_stands(const struct engine *engine, size_t i,
			  enum mark *ret_mark, enum meaning *ret_meaning)
{
	bool stuck = engine->phase == ENGINE_STUCK;
	bool all = engine->stuck_on_check || engine->phase == ENGINE_CHECKING;
	bool current = i == engine->effect && !engine->stuck_on_check;

	*ret_mark = MARK_OK;
	*ret_meaning = MEANING_GOOD;
	if (current && engine->unknown && (stuck || all)) {
		*ret_mark = MARK_UNKNOWN;
		*ret_meaning = MEANING_UNKNOWN;
	} else if (i < engine->effect || all) {
		return true;
	} else if (stuck && !engine->tried) {
		*ret_mark = MARK_NOT_YET;
		*ret_meaning = MEANING_PLAIN;
	} else if (current) {
		*ret_mark = stuck ? MARK_NO : MARK_HERE;
		*ret_meaning = stuck ? MEANING_BAD : MEANING_HERE;
	} else {
		return false;
	}
	return true;
}

static void flight_effect(struct sheet *sheet, const struct view_input *input,
			  size_t i, size_t rows)
{
	const struct engine *engine = input->engine;
	const json_t *effect = json_array_get(engine->effects, i);
	bool current = i == engine->effect && !engine->stuck_on_check;
	enum meaning meaning;
	enum mark mark;

	sheet_row(sheet);
	if (flight_stands(engine, i, &mark, &meaning))
		sheet_put(sheet, meaning, " %s", sheet_mark(sheet, mark));
	sheet_at(sheet, 4);
	sheet_wrap(sheet, 6, rows,
		   current ? MEANING_EMPHASIS : MEANING_DIM, "%s: %s",
		   json_text(effect, "target", ""),
		   json_text(effect, "request", ""));
}

/* Do they fit, with two rows for each that needs them? */
static bool flight_fits(const struct sheet *sheet,
			const struct view_input *input, size_t rows)
{
	struct sheet trial = *sheet;
	size_t count = json_array_size(input->engine->effects);

	trial.rows = NULL;
	trial.count = trial.cap = 0;
	for (size_t i = 0; i < count; i++)
		flight_effect(&trial, input, i, 2);
	return trial.count <= rows;
}

/* What stands beside the first and the last that are shown. */
static void flight_hidden(struct sheet *sheet, size_t before, size_t after)
{
	if (before && after)
		sheet_right(sheet, 0, MEANING_WARN,
			    _("  %zu before, %zu after (d shows all)"), before, after);
	else if (before)
		sheet_right(sheet, 0, MEANING_DIM, _("  %zu before (d shows all)"),
			    before);
	else if (after)
		sheet_right(sheet, 0, MEANING_WARN, _("  %zu after (d shows all)"),
			    after);
}

void deed_flight(struct sheet *sheet, const struct view_input *input,
		 size_t rows)
{
	size_t count = json_array_size(input->engine->effects);
	size_t at = input->engine->effect, first = 0, last = count;
	bool fits = rows == 0 || flight_fits(sheet, input, rows);

	/* a row each, and of many those around the one at hand */
	if (!fits && count > rows) {
		first = at > rows / 2 ? at - rows / 2 : 0;
		if (first > count - rows)
			first = count - rows;
		last = first + rows;
	}
	for (size_t i = first; i < last; i++) {
		flight_effect(sheet, input, i, rows == 0 ? 0 : fits ? 2 : 1);
		flight_hidden(sheet, i == first ? first : 0,
			      i + 1 == last ? count - last : 0);
	}
}

void deed_acting(struct sheet *sheet, const struct view_input *input,
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
	deed_halts(sheet, input, height == 0);
	deed_flight(sheet, input, deed_rest(sheet, height, 0));
}

void deed_checking(struct sheet *sheet, const struct view_input *input,
		   const struct view_ui *ui, int height)
{
	const struct engine *engine = input->engine;
	const struct conditions *checks = &engine_deed(engine)->checks;
	char since[CLOCK_STAMP_MAX], limit[CLOCK_STAMP_MAX];
	int64_t within = 0;

	for (size_t i = 0; i < checks->count; i++)
		if (checks->items[i].within_ms > within)
			within = checks->items[i].within_ms;
	clock_duration(input->mono - engine->checking_mono, since);
	clock_duration(within, limit);
	deed_title(sheet, input, engine->rolling_back ? _("CHECKING, undo") :
		   _("CHECKING"), MEANING_HERE);
	sheet_right(sheet, 0, MEANING_PLAIN, _("for %s, limit %s"), since,
		    limit);
	deed_halts(sheet, input, height == 0);
	if (engine->unknown)
		deed_unknown(sheet, input);
	deed_flight(sheet, input,
		    deed_rest(sheet, height, deed_least(input, checks, height)));
	deed_conditions(sheet, input, checks, ui, deed_rest(sheet, height, 0));
}
