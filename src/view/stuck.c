/*
 * What went wrong, and what another try would send. The world may have changed
 * since the failing: what was sent and what would be sent now are not the same
 * thing, and neither hides the other.
 */
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "view/deed.h"
#include "view/panes.h"
#include "view/words.h"

#define STUCK_SENDS_ROWS 3      /* to show what another try would send */
#define STUCK_ROOMY 8           /* rows in which a long problem has its place */

/* What the world says of the effect whose answer was lost. */
static void stuck_seen(struct sheet *sheet, const struct view_input *input)
{
	const struct verdict *seen = input->seen;

	sheet_row(sheet);
	sheet_put(sheet, words_verdict_meaning(seen->state), " %s ",
		  sheet_mark(sheet, words_verdict_mark(seen->state)));
	sheet_at(sheet, 4);
	sheet_wrap(sheet, 4, 2, words_verdict_meaning(seen->state),
		   seen->state == VERDICT_RED ? _("looked: %s") :
		   seen->pending ? _("looking: %s") : "%s", seen->text);
}

/* Is what another try would send what was sent? */
static bool stuck_sends_the_same(const struct view_input *input)
{
	const struct engine *engine = input->engine;
	const struct effects *now = input->effects;

	if (now->problem ||
	    now->count != json_array_size(engine->effects))
		return false;
	for (size_t i = engine->effect; i < now->count; i++) {
		const json_t *before = json_array_get(engine->effects, i);

		if (strcmp(json_text(before, "target", ""),
			   now->items[i].target) != 0 ||
		    strcmp(json_text(before, "request", ""),
			   now->items[i].request) != 0)
			return false;
	}
	return true;
}

/* What another try would send, where that is no longer what was sent: the world
 * has changed since, and a key that sends must not hide it. */
static void stuck_would_send(struct sheet *sheet,
			     const struct view_input *input, int height)
{
	struct effects left = effects_left(input);
	bool sends = !input->engine->stuck_on_check &&
		     !engine_must_not_repeat(input->engine);

	if (!sends || stuck_sends_the_same(input))
		return;
	sheet_row(sheet);
	/* a title, where it goes, a statement, how many more: or just that */
	if (height && deed_rest(sheet, height, 0) < STUCK_SENDS_ROWS) {
		sheet_put(sheet, MEANING_WARN, "%s",
			  _(" Another try would send something else (d shows it)"));
		return;
	}
	sheet_put(sheet, MEANING_WARN, "%s",
		  _(" Another try would send, otherwise than before:"));
	deed_effects(sheet, &left, deed_rest(sheet, height, 1));
}

static bool stuck_is_shut_by(const struct view_input *input, size_t guard)
{
	return engine_judges_guards(input->engine) &&
	       guard < engine_deed(input->engine)->guards.count &&
	       input->verdicts[guard].state != VERDICT_GREEN &&
	       engine_guard_binds(input->engine, guard);
}

/* What has turned since the gate was open, and shuts it for another try: in half
 * of what rows are left. */
static void stuck_guards(struct sheet *sheet, const struct view_input *input,
			 const struct view_ui *ui, int height)
{
	const struct conditions *guards = &engine_deed(input->engine)->guards;
	size_t rows = (deed_rest(sheet, height, 0) + 1) / 2;
	size_t shut = 0, most;

	for (size_t i = 0; i < input->verdict_count; i++)
		shut += stuck_is_shut_by(input, i);
	most = height == 0 || shut <= rows ? shut : rows - 1;
	for (size_t i = 0, shown = 0; shown < most; i++) {
		if (!stuck_is_shut_by(input, i))
			continue;
		deed_condition(sheet, input, &guards->items[i], i, ui,
			       height == 0 ? 0 : 1);
		shown++;
	}
	deed_more_red(sheet, shut - most);
}

/* Nothing failed that is not in place by now: how that was seen, and that the
 * rest waits. */
static void stuck_rest(struct sheet *sheet, const struct view_input *input,
		       bool full)
{
	const struct engine *engine = input->engine;
	size_t count = json_array_size(engine->effects);

	if (engine->found[0]) {
		sheet_row(sheet);
		sheet_put(sheet, MEANING_GOOD, " %s ",
			  sheet_mark(sheet, MARK_OK));
		sheet_at(sheet, 4);
		sheet_wrap(sheet, 4, full ? 0 : 2, MEANING_GOOD,
			   _("looked, it has happened: %s"), engine->found);
	}
	sheet_row(sheet);
	sheet_at(sheet, 1);
	sheet_wrap(sheet, 1, 2, MEANING_PLAIN, input->may[DECIDE_RETRY] ?
		   _("Not sent yet: %zu of %zu. t sends only the rest.") :
		   _("Not sent yet: %zu of %zu."), count - engine->effect, count);
}

/* The way out of what must happen once and may not have happened. */
static const char *stuck_way_out(const struct engine *engine)
{
	if (engine->phase != ENGINE_STUCK)
		return engine->rolling_back ?
		       _("If it did not happen, send it by hand.") :
		       _("If it did not happen, send it by hand, or go back with r.");
	return engine->rolling_back ?
	       _("t waits for its checks again; if it did not happen, send it by hand, or leave it out with S.") :
	       _("t waits for its checks again; if it did not happen, send it by hand, or go back with r.");
}

void deed_unknown(struct sheet *sheet, const struct view_input *input)
{
	const struct engine *engine = input->engine;
	bool again = engine->phase == ENGINE_STUCK &&
		     !engine_must_not_repeat(engine);

	sheet_row(sheet);
	sheet_at(sheet, 1);
	if (again)
		sheet_wrap(sheet, 1, 2, MEANING_UNKNOWN, "%s",
			   _("UNKNOWN: it may have happened, or may still happen."));
	else
		sheet_wrap(sheet, 1, 3, MEANING_UNKNOWN, "%s %s",
			   _("UNKNOWN: it may have happened, and is never sent twice."),
			   stuck_way_out(engine));
}

/* How long ago: another try that fails at once is seen to have been made. */
static void stuck_since(const struct view_input *input, char dst[WORDS_MAX])
{
	const struct engine *engine = input->engine;
	int64_t seconds = (input->mono - engine->acted_mono) / 1000;
	char age[CLOCK_STAMP_MAX];

	dst[0] = '\0';
	if (!engine->tried || engine->stuck_on_check)
		return;
	words_clock(seconds * 1000, false, age);
	if (seconds)
		snprintf(dst, WORDS_MAX, _(" (%s ago)"), age);
	else
		snprintf(dst, WORDS_MAX, "%s", _(" (just now)"));
}

void deed_stuck(struct sheet *sheet, const struct view_input *input,
		const struct view_ui *ui, int height)
{
	const struct engine *engine = input->engine;
	bool full = height == 0, rest = !engine->tried && !engine->stuck_on_check;
	char problem[WORDS_MAX], since[WORDS_MAX];

	words_stuck(engine, problem);
	stuck_since(input, since);
	deed_title(sheet, input, engine->rolling_back ? _("STUCK, undo") :
		   _("STUCK"), MEANING_BAD);
	deed_cost(sheet, input);
	deed_halts(sheet, input, full);
	sheet_row(sheet);
	sheet_at(sheet, 1);
	sheet_wrap(sheet, 1, full ? 0 : height > STUCK_ROOMY ? 4 : 2,
		   rest ? MEANING_WARN : MEANING_BAD, "%s%s", problem, since);
	if (engine->unknown) {
		deed_unknown(sheet, input);
		stuck_seen(sheet, input);
	} else if (rest) {
		stuck_rest(sheet, input, full);
	} else if (engine->stuck_on_check) {
		sheet_row(sheet);
		sheet_at(sheet, 1);
		/* not while it is looked whether something has to be sent */
		sheet_wrap(sheet, 1, 2, MEANING_PLAIN, "%s",
			   input->may[DECIDE_RETRY] ?
			   _("Everything was sent and answered; a check is late. t sends nothing, and waits for it once more.") :
			   _("Everything was sent and answered; a check is late."));
	}
	deed_words(sheet, input->forbidden, full, MEANING_BAD);
	stuck_guards(sheet, input, ui, height);
	stuck_would_send(sheet, input, height);
	/* what is past comes last */
	if (full || (int)sheet->count < height)
		deed_flight(sheet, input, deed_rest(sheet, height, 0));
}
