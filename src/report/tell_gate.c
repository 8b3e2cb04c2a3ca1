/*
 * What happens at a gate: it opens, its guards change, it is overridden,
 * armed, confirmed. Effects are printed in full where they were agreed to.
 */
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "report/tell.h"

void tell_effects(struct tell *tell, const json_t *effects)
{
	size_t i;
	json_t *effect;

	json_array_foreach(effects, i, effect) {
		const char *step = json_text(effect, "step", NULL);
		const char *target = json_text(effect, "target", "?");

		if (step)
			tell_remark(tell, _("%zu. for step %s, on %s:"), i + 1,
				    report_fold_label(tell->run, step), target);
		else
			tell_remark(tell, _("%zu. on %s:"), i + 1, target);
		tell_exact(tell, json_text(effect, "request", ""));
	}
}

bool tell_is_among(const json_t *effects, const json_t *sent)
{
	size_t i;
	json_t *effect;

	json_array_foreach(effects, i, effect)
		if (strcmp(json_text(effect, "target", ""),
			   json_text(sent, "target", "?")) == 0 &&
		    strcmp(json_text(effect, "request", ""),
			   json_text(sent, "request", "?")) == 0)
			return true;
	return false;
}

/* The section of a gate: its step's, or the undoing of it. */
static void tell_section(struct tell *tell, const json_t *record)
{
	const char *step = json_text(record, "step", "");
	bool undo = json_flag(record, "undo", false);

	if (tell->step && strcmp(tell->step, step) == 0 && tell->undo == undo)
		return;
	tell->step = step;
	tell->undo = undo;
	tell->gate_mono = json_number(record, "mono", 0);
	memset(tell->states, 0, sizeof(tell->states));
	memset(tell->reasons, 0, sizeof(tell->reasons));
	if (undo)
		tell_heading(tell, _("UNDO OF STEP %s  %s"),
			     json_text(record, "label", step),
			     json_text(record, "title", ""));
	else
		tell_heading(tell, _("STEP %s  %s"),
			     json_text(record, "label", step),
			     json_text(record, "title", ""));
	if (*json_text(record, "why", ""))
		tell->page->style->paragraph(tell->page,
					     json_text(record, "why", ""));
}

void tell_gate_opened(struct tell *tell, const json_t *record)
{
	char since[TIMES_MAX];

	tell_section(tell, record);
	times_span(json_number(record, "mono", 0), since);
	tell_event(tell, record, _("GATE OPENED, %s after the run began"),
		   since);
}

static size_t tell_index(const json_t *record, const char *name)
{
	int64_t index = json_number(record, name, -1);

	return index < 0 || index >= RUNBOOK_ITEMS_MAX ? RUNBOOK_ITEMS_MAX :
		(size_t)index;
}

/* Told are changes of what was known, and whatever is red: it may be why the
 * gate never opened. What is green as soon as it is known is told with the
 * confirmation. */
void tell_guard_changed(struct tell *tell, const json_t *record)
{
	size_t guard = tell_index(record, "guard");
	const char *state = json_text(record, "state", "unknown");
	enum page_mark mark = tell_mark_of(state);
	const char *before;

	if (guard == RUNBOOK_ITEMS_MAX)
		return;
	before = tell->states[guard];
	if (mark != PAGE_UNKNOWN || before)
		tell->states[guard] = state;
	if (before ? strcmp(before, state) != 0 : mark == PAGE_RED)
		tell_event(tell, record, before ? _("guard turned %s: %s") :
			   _("guard is %s: %s"), page_mark_word(mark),
			   json_text(record, "text", ""));
}

static void tell_guards(struct tell *tell, const json_t *guards)
{
	size_t i;
	json_t *guard;

	if (json_array_size(guards))
		tell_remark(tell, "%s", _("The guards as they stood:"));
	json_array_foreach(guards, i, guard) {
		const char *reason = i < RUNBOOK_ITEMS_MAX ?
			tell->reasons[i] : NULL;

		tell->page->style->mark(tell->page,
			tell_mark_of(json_text(guard, "state", "")),
			json_text(guard, "text", ""));
		if (json_flag(guard, "overridden", false))
			tell_remark(tell, _("OVERRIDDEN, because: %s"),
				    reason ? reason : "?");
	}
}

/* "CONFIRMED by whom, with which word, how long after the gate opened". */
static void tell_who_confirmed(struct tell *tell, const json_t *record)
{
	const char *word = json_text(record, "word", NULL);
	bool retry = json_flag(record, "retry", false);
	const char *what = json_flag(record, "only_wait", false) ?
		_("ANOTHER WAIT CONFIRMED") : retry ? _("RETRY CONFIRMED") :
		_("CONFIRMED");
	char stood[TIMES_MAX];

	times_span(json_number(record, "mono", 0) - tell->gate_mono, stood);
	if (tell->undo && !retry)
		tell_event(tell, record, _("%s with the rollback as a whole, %s after the gate opened"),
			   what, stood);
	else if (json_flag(record, "armed", false))
		tell_event(tell, record, _("WENT ON BY ITSELF, armed and green, %s after the gate opened"),
			   stood);
	else if (tell->run->autopilot)
		tell_event(tell, record, _("%s by the autopilot, %s after the gate opened"),
			   what, stood);
	else if (word)
		tell_event(tell, record,
			   _("%s by %s, who typed \"%s\", %s after the gate opened"),
			   what, tell->operator_name, word, stood);
	else
		tell_event(tell, record, _("%s by %s, %s after the gate opened"),
			   what, tell->operator_name, stood);
}

/* Were all these effects shown when the rollback began? */
static bool tell_went_before(const struct tell *tell, const json_t *effects)
{
	size_t i;
	json_t *effect;

	json_array_foreach(effects, i, effect)
		if (!tell_is_among(tell->way_back, effect))
			return false;
	return tell->undo;
}

void tell_gate_confirmed(struct tell *tell, const json_t *record)
{
	tell_section(tell, record);
	tell_who_confirmed(tell, record);
	tell_guards(tell, json_at(record, "guards"));
	tell->shown = json_at(record, "effects");
	if (json_flag(record, "only_wait", false)) {
		tell_remark(tell, "%s", _("Nothing is sent again; its checks are awaited anew."));
	} else if (!json_array_size(tell->shown)) {
		tell_remark(tell, "%s", _("There is nothing to send."));
	} else if (tell_went_before(tell, tell->shown)) {
		tell_remark(tell, "%s", _("What is sent was shown when the rollback began."));
	} else {
		tell_remark(tell, "%s", json_flag(record, "armed", false) ?
			    _("What was armed, as it is to be sent now:") :
			    _("What was shown and agreed to:"));
		tell_effects(tell, tell->shown);
	}
	tell_positions(tell, record);
}

void tell_gate_overridden(struct tell *tell, const json_t *record)
{
	size_t guard = tell_index(record, "guard");

	if (guard < RUNBOOK_ITEMS_MAX)
		tell->reasons[guard] = json_text(record, "reason", "?");
	tell_event(tell, record, _("GUARD OVERRIDDEN by %s: %s"),
		   tell->operator_name, json_text(record, "text", ""));
	tell_remark(tell, _("because: %s"), json_text(record, "reason", "?"));
}

void tell_gate_armed(struct tell *tell, const json_t *record)
{
	const char *word = json_text(record, "word", NULL);
	const char *label = json_text(record, "label", "?");
	int64_t hold = json_number(record, "hold_ms", 0);
	char held[TIMES_MAX];

	if (word)
		tell_event(tell, record, _("GATE %s ARMED by %s, who typed \"%s\""),
			   label, tell->operator_name, word);
	else
		tell_event(tell, record, _("GATE %s ARMED by %s"), label,
			   tell->operator_name);
	times_span(hold, held);
	if (hold > 0)
		tell_remark(tell, _("It goes on by itself once it has stood green for %s."),
			    held);
	tell_remark(tell, "%s", json_array_size(json_at(record, "effects")) ?
		    _("What was shown and agreed to ahead:") :
		    _("There is nothing to send."));
	tell_effects(tell, json_at(record, "effects"));
}

void tell_gate_disarmed(struct tell *tell, const json_t *record)
{
	size_t i;
	json_t *step;

	tell_event(tell, record, _("DISARMED: %s"),
		   json_text(record, "reason", ""));
	json_array_foreach(json_at(record, "steps"), i, step)
		if (json_is_string(step))
			tell_remark(tell, _("step %s"),
				    report_fold_label(tell->run,
						      json_string_value(step)));
}
