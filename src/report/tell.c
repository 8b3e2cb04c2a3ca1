/*
 * What happened, told record by record: a section for each gate that opened
 * (tell_gate.c), and in it, by the clock, what was sent and answered. Where an
 * effect is sent, it is compared with those that were agreed to: the reader is
 * told that it was the same, or sees it in full with the warning that it was
 * not.
 */
#include "report/tell.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/i18n.h"
#include "base/json.h"
#include "journal/event.h"

static void tell_run_opened(struct tell *tell, const json_t *record)
{
	tell->operator_name = json_text(record, "operator", "");
	tell_heading(tell, "%s", _("WHAT HAPPENED"));
	tell_event(tell, record, _("RUN OPENED by %s"), tell->operator_name);
	if (json_at(record, "beside"))
		tell_remark(tell, _("beside %s, an earlier run of this cutover that was left: the operator was told of it"),
			    json_text(record, "beside", "?"));
}

static void tell_action_intended(struct tell *tell, const json_t *record)
{
	bool shown = tell_is_among(tell->shown, record);
	int64_t number = json_number(record, "action", 0) + 1;
	const char *target = json_text(record, "target", "?");
	char limit[TIMES_MAX];

	times_span(json_number(record, "within_ms", -1), limit);
	if (shown) {
		tell_event(tell, record, _("SENT %" PRId64 " to %s, exactly as agreed to; limit %s"),
			   number, target, limit);
		return;
	}
	tell_event(tell, record, _("SENT %" PRId64 " to %s, limit %s; NOT AS AGREED TO:"),
		   number, target, limit);
	tell_exact(tell, json_text(record, "request", ""));
}

static void tell_own(struct tell *tell, const json_t *record)
{
	int64_t own = json_number(record, "transactions", 0);

	if (own > 0)
		tell_remark(tell, ngettext("%lld transaction of the run's own",
					   "%lld transactions of the run's own",
					   (unsigned long)own), (long long)own);
}

static void tell_action_done(struct tell *tell, const json_t *record)
{
	const char *answer = json_text(record, "answer", "");
	char took[TIMES_MAX];

	tell_event(tell, record, *answer ? _("ANSWERED after %s:") :
		   _("DONE after %s"), tell_took(record, took));
	tell_exact(tell, answer);
	tell_own(tell, record);
}

static void tell_action_failed(struct tell *tell, const json_t *record)
{
	bool unknown = !strcmp(json_text(record, "outcome", ""), "unknown");
	char took[TIMES_MAX];

	tell_event(tell, record, unknown ?
		   _("OUTCOME UNKNOWN after %s: it may have happened, or may yet") :
		   _("FAILED after %s"), tell_took(record, took));
	tell_exact(tell, json_text(record, "error", ""));
}

static void tell_action_observed(struct tell *tell, const json_t *record)
{
	bool done = strcmp(json_text(record, "state", ""), "done") == 0;

	tell_event(tell, record, "%s", done ?
		   _("LOOKED, it has happened:") :
		   _("LOOKED, it has not happened so far:"));
	tell->page->style->mark(tell->page, done ? PAGE_GREEN : PAGE_RED,
				json_text(record, "text", ""));
	tell_own(tell, record);
}

static void tell_tripwire(struct tell *tell, const json_t *record)
{
	int64_t count = json_number(record, "transactions", 0);

	tell_event(tell, record,
		   ngettext("TWO WRITERS: %s took %lld transaction after its fence%s",
			    "TWO WRITERS: %s took %lld transactions after its fence%s",
			    (unsigned long)count),
		   json_text(record, "connection", "?"), (long long)count,
		   json_flag(record, "undo", false) ? "" :
		   _("; the flag is locked"));
	tell_exact(tell, json_text(record, "gtids", ""));
}

static void tell_check_passed(struct tell *tell, const json_t *record)
{
	char took[TIMES_MAX];

	tell_event(tell, record, _("CHECK PASSED after %s:"),
		   tell_took(record, took));
	tell->page->style->mark(tell->page, PAGE_GREEN,
				json_text(record, "text", ""));
}

static void tell_check_timed_out(struct tell *tell, const json_t *record)
{
	char took[TIMES_MAX];

	tell_event(tell, record, _("CHECK NOT MET within %s:"),
		   tell_took(record, took));
	tell->page->style->mark(tell->page, PAGE_RED,
				json_text(record, "text", ""));
}

static void tell_step_done(struct tell *tell, const json_t *record)
{
	char took[TIMES_MAX];

	tell_event(tell, record, _("STEP DONE, took %s"),
		   tell_took(record, took));
	tell_positions(tell, record);
}

static void tell_step_skipped(struct tell *tell, const json_t *record)
{
	const char *step = json_text(record, "step", "?");

	tell_event(tell, record, _("UNDO OF %s LEFT OUT: %s"),
		   report_fold_label(tell->run, step),
		   json_text(record, "reason", "?"));
}

static void tell_step_undone(struct tell *tell, const json_t *record)
{
	char took[TIMES_MAX];

	tell_event(tell, record, _("STEP UNDONE, took %s"),
		   tell_took(record, took));
	tell_positions(tell, record);
}

static void tell_note(struct tell *tell, const json_t *record)
{
	enum report_note whose = report_fold_note(record);
	const char *text = json_text(record, "text", "");

	if (whose == REPORT_NOTE_TOOL)
		tell_event(tell, record, _("NOTE: %s"), text);
	else if (whose != REPORT_NOTE_CHAPTER)
		tell_event(tell, record, _("NOTE by %s: %s"),
			   tell->operator_name, text);
}

static void tell_window_opened(struct tell *tell, const json_t *record)
{
	tell_event(tell, record, "%s",
		   _("THE WINDOW OPENS: from here on users' writes are refused"));
}

static void tell_window_closed(struct tell *tell, const json_t *record)
{
	char outage[TIMES_MAX];

	times_span(json_number(record, "outage_ms", -1), outage);
	if (json_flag(record, "void", false))
		tell_event(tell, record, "%s",
			   _("THE WINDOW HAS NOT OPENED: what refuses users' writes was not done"));
	else
		tell_event(tell, record, _("THE WINDOW CLOSES after %s"), outage);
}

/* How many of the users' transactions, behind that label. */
static void tell_lost(struct tell *tell, const json_t *record,
		      const char *label)
{
	int64_t lost = json_number(record, "lost", -1);

	if (lost < 0)
		tell_remark(tell, "%s: %s", label, _("UNKNOWN"));
	else
		tell_remark(tell, "%s: %" PRId64, label, lost);
}

static void tell_rollback_begun(struct tell *tell, const json_t *record)
{
	const char *step = json_text(record, "step", "?");
	char foreseen[TIMES_FORESEEN_MAX];
	size_t i;
	json_t *undo;

	tell->step = NULL;
	tell_heading(tell, "%s", _("ROLLBACK"));
	tell_event(tell, record, _("ROLLBACK BEGUN by %s at step %s"),
		   tell->operator_name, report_fold_label(tell->run, step));
	tell_lost(tell, record, _("users' transactions that it would lose, as was foreseen"));
	times_foreseen(tell->run->foreseen_ms, tell->run->unmeasured,
		       tell->run->undo_count, foreseen);
	tell_remark(tell, _("its time, as was foreseen: %s"), foreseen);
	tell_remark(tell, "%s", _("Steps to be undone, in this order:"));
	json_array_foreach(json_at(record, "undo"), i, undo) {
		const char *id = json_is_string(undo) ?
			json_string_value(undo) : "?";
		const struct report_step *known =
			report_fold_step(tell->run, id, false);

		tell_remark(tell, "%zu. %s  %s", i + 1,
			    report_fold_label(tell->run, id),
			    known ? known->title : "");
	}
	tell->way_back = json_at(record, "effects");
	if (json_array_size(tell->way_back))
		tell_remark(tell, "%s", _("What was shown before:"));
	tell_effects(tell, tell->way_back);
}

static void tell_rollback_done(struct tell *tell, const json_t *record)
{
	char took[TIMES_MAX], foreseen[TIMES_FORESEEN_MAX];

	times_span(tell->run->way_back_ms, took);
	times_foreseen(tell->run->foreseen_ms, tell->run->unmeasured,
		       tell->run->undo_count, foreseen);
	tell_event(tell, record, _("ROLLBACK DONE, took %s; foreseen: %s"),
		   took, foreseen);
	tell_lost(tell, record, _("users' transactions lost"));
}

static void tell_run_parked(struct tell *tell, const json_t *record)
{
	tell_event(tell, record, _("RUN PARKED: %s"),
		   json_text(record, "reason", "?"));
}

static void tell_run_resumed(struct tell *tell, const json_t *record)
{
	tell->operator_name = json_text(record, "operator", "?");
	tell_event(tell, record, _("RUN RESUMED by %s"), tell->operator_name);
}

static void tell_run_closed(struct tell *tell, const json_t *record)
{
	tell_event(tell, record, _("RUN CLOSED: %s"),
		   json_text(record, "result", "?"));
}

/* An event that no row is for is shown as it is. */
static void tell_unknown(struct tell *tell, const json_t *record)
{
	char *text = json_print(record, JSON_COMPACT | JSON_PRESERVE_ORDER);

	tell_event(tell, record, _("%s (not known to this version)"),
		   json_text(record, "event", "?"));
	if (text)
		tell_exact(tell, text);
	else
		tell->line.error = ERR_NOMEM;
	free(text);
}

static void (*const tell_events[EVENT_COUNT])(struct tell *, const json_t *) = {
	[EVENT_RUN_OPENED] = tell_run_opened,
	[EVENT_GATE_ARMED] = tell_gate_armed,
	[EVENT_GATE_DISARMED] = tell_gate_disarmed,
	[EVENT_GATE_OPENED] = tell_gate_opened,
	[EVENT_GUARD_CHANGED] = tell_guard_changed,
	[EVENT_GATE_CONFIRMED] = tell_gate_confirmed,
	[EVENT_GATE_OVERRIDDEN] = tell_gate_overridden,
	[EVENT_ACTION_INTENDED] = tell_action_intended,
	[EVENT_ACTION_DONE] = tell_action_done,
	[EVENT_ACTION_FAILED] = tell_action_failed,
	[EVENT_ACTION_OBSERVED] = tell_action_observed,
	[EVENT_CHECK_PASSED] = tell_check_passed,
	[EVENT_CHECK_TIMED_OUT] = tell_check_timed_out,
	[EVENT_STEP_DONE] = tell_step_done,
	[EVENT_STEP_SKIPPED] = tell_step_skipped,
	[EVENT_STEP_UNDONE] = tell_step_undone,
	[EVENT_NOTE] = tell_note,
	[EVENT_WINDOW_OPENED] = tell_window_opened,
	[EVENT_WINDOW_CLOSED] = tell_window_closed,
	[EVENT_ROLLBACK_BEGUN] = tell_rollback_begun,
	[EVENT_ROLLBACK_DONE] = tell_rollback_done,
	[EVENT_TRIPWIRE] = tell_tripwire,
	[EVENT_RUN_PARKED] = tell_run_parked,
	[EVENT_RUN_RESUMED] = tell_run_resumed,
	[EVENT_RUN_CLOSED] = tell_run_closed,
};

void tell_record(struct tell *tell, const json_t *record)
{
	enum event event = event_parse(json_text(record, "event", ""));

	if (event < EVENT_COUNT && tell_events[event])
		tell_events[event](tell, record);
	else
		tell_unknown(tell, record);
}
