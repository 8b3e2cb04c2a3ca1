/*
 * Records of the journal in words: one function an event, the important word
 * first. The plain front end prints them as they come; the screen lists them.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/json.h"
#include "journal/event.h"
#include "view/view.h"
#include "view/words.h"

struct line {
	const struct runbook *runbook;
	const json_t *record;
	const char *step;               /* its label and title, or "" */
	char took[CLOCK_STAMP_MAX];
	char *dst;
	size_t size;
};

static const char *line_text(const struct line *line, const char *path)
{
	return json_text(line->record, path, "");
}

static void line_opened(const struct line *line)
{
	snprintf(line->dst, line->size, _("RUN %s of %s opened by %s"),
		 line_text(line, "run"), line_text(line, "runbook/name"),
		 line_text(line, "operator"));
}

static void line_gate(const struct line *line)
{
	bool undo = json_flag(line->record, "undo", false);

	snprintf(line->dst, line->size, undo ? _("UNDO %s") : _("GATE %s"),
		 line->step);
}

static void line_guard(const struct line *line)
{
	const char *state = line_text(line, "state");

	snprintf(line->dst, line->size, _("GUARD %s: %s"),
		 strcmp(state, "green") == 0 ? _("ok") :
		 strcmp(state, "red") == 0 ? _("NO") : _("unknown"),
		 line_text(line, "text"));
}

static void line_armed(const struct line *line)
{
	snprintf(line->dst, line->size,
		 _("ARMED %s: goes on by itself when it is green"), line->step);
}

static void line_disarmed(const struct line *line)
{
	snprintf(line->dst, line->size, _("DISARMED: %s"),
		 line_text(line, "reason"));
}

static void line_observed(const struct line *line)
{
	bool done = strcmp(line_text(line, "state"), "done") == 0;

	snprintf(line->dst, line->size, done ? _("LOOKED, it has happened: %s") :
		 _("LOOKED, it has not happened so far: %s"),
		 line_text(line, "text"));
}

static void line_tripwire(const struct line *line)
{
	int64_t count = json_number(line->record, "transactions", 0);

	snprintf(line->dst, line->size,
		 ngettext("TWO WRITERS: %s took %lld transaction after its fence%s: %s",
			  "TWO WRITERS: %s took %lld transactions after its fence%s: %s",
			  (unsigned long)count),
		 line_text(line, "connection"), (long long)count,
		 json_flag(line->record, "undo", false) ? "" :
		 _("; the flag is locked"), line_text(line, "gtids"));
}

static void line_confirmed(const struct line *line)
{
	if (json_flag(line->record, "undo", false))
		snprintf(line->dst, line->size, _("UNDOING %s"), line->step);
	else if (json_flag(line->record, "armed", false))
		snprintf(line->dst, line->size, _("ARMED AND GREEN %s"),
			 line->step);
	else if (json_flag(line->record, "only_wait", false))
		snprintf(line->dst, line->size, _("WAITING AGAIN %s"),
			 line->step);
	else if (json_flag(line->record, "retry", false))
		snprintf(line->dst, line->size, _("TRYING AGAIN %s"),
			 line->step);
	else
		snprintf(line->dst, line->size, _("CONFIRMED %s"), line->step);
}

static void line_overridden(const struct line *line)
{
	snprintf(line->dst, line->size, _("OVERRIDDEN: %s; the reason: %s"),
		 line_text(line, "text"), line_text(line, "reason"));
}

static void line_intended(const struct line *line)
{
	snprintf(line->dst, line->size, _("SENT to %s: %s"),
		 line_text(line, "target"), line_text(line, "request"));
}

static void line_done(const struct line *line)
{
	snprintf(line->dst, line->size, _("ANSWERED: %s, after %s"),
		 line_text(line, "answer"), line->took);
}

static void line_failed(const struct line *line)
{
	bool unknown = strcmp(line_text(line, "outcome"), "unknown") == 0;

	snprintf(line->dst, line->size,
		 unknown ? _("UNKNOWN, it may have happened: %s, after %s") :
			   _("FAILED: %s, after %s"),
		 line_text(line, "error"), line->took);
}

static void line_passed(const struct line *line)
{
	snprintf(line->dst, line->size, _("CHECK ok: %s, after %s"),
		 line_text(line, "text"), line->took);
}

static void line_late(const struct line *line)
{
	snprintf(line->dst, line->size, _("CHECK LATE: %s, after %s"),
		 line_text(line, "text"), line->took);
}

static void line_step_done(const struct line *line)
{
	snprintf(line->dst, line->size, _("DONE %s, in %s"), line->step,
		 line->took);
}

static void line_skipped(const struct line *line)
{
	snprintf(line->dst, line->size, _("LEFT OUT, the undo of %s: %s"), line->step,
		 line_text(line, "reason"));
}

static void line_undone(const struct line *line)
{
	snprintf(line->dst, line->size, _("UNDONE %s, in %s"), line->step,
		 line->took);
}

static void line_note(const struct line *line)
{
	snprintf(line->dst, line->size, _("NOTE: %s"), line_text(line, "text"));
}

static void line_window(const struct line *line)
{
	snprintf(line->dst, line->size, "%s",
		 _("OUTAGE begins: users' writes are refused from here on"));
}

static void line_window_closed(const struct line *line)
{
	char outage[CLOCK_STAMP_MAX];

	if (json_flag(line->record, "void", false)) {
		snprintf(line->dst, line->size, "%s",
			 _("NO OUTAGE: what refuses users' writes was not done"));
		return;
	}
	clock_duration(json_number(line->record, "outage_ms", 0), outage);
	snprintf(line->dst, line->size, _("OUTAGE ends, by the clock after %s"),
		 outage);
}

static void line_rollback(const struct line *line)
{
	size_t count = json_array_size(json_at(line->record, "undo"));
	int64_t unmeasured = json_number(line->record, "unmeasured", 0);
	const struct pace_sum takes = {
		.takes_ms = json_number(line->record, "takes_ms", 0),
		.unmeasured = (size_t)unmeasured,
		.runs = (size_t)unmeasured < count,
	};
	char time[WORDS_MAX];

	if (!count) {
		snprintf(line->dst, line->size, "%s",
			 _("ROLLING BACK: nothing is to be undone"));
		return;
	}
	words_takes(&takes, count, true, time);
	snprintf(line->dst, line->size,
		 ngettext("ROLLING BACK: %zu step, its time: %s",
			  "ROLLING BACK: %zu steps, their time: %s", count),
		 count, time);
}

static void line_rolled_back(const struct line *line)
{
	int64_t lost = json_number(line->record, "lost", -1);

	if (lost < 0)
		snprintf(line->dst, line->size,
			 _("ROLLED BACK in %s; how many transactions are lost is unknown"),
			 line->took);
	else
		snprintf(line->dst, line->size,
			 ngettext("ROLLED BACK in %s; %lld transaction lost",
				  "ROLLED BACK in %s; %lld transactions lost",
				  (unsigned long)lost), line->took,
			 (long long)lost);
}

static void line_parked(const struct line *line)
{
	snprintf(line->dst, line->size, _("PARKED: %s"),
		 line_text(line, "reason"));
}

static void line_resumed(const struct line *line)
{
	snprintf(line->dst, line->size, _("RESUMED by %s"),
		 line_text(line, "operator"));
}

static void line_closed(const struct line *line)
{
	snprintf(line->dst, line->size, _("CLOSED, %s"),
		 line_text(line, "result"));
}

static void (*const line_writers[EVENT_COUNT])(const struct line *) = {
	[EVENT_RUN_OPENED] = line_opened,
	[EVENT_GATE_ARMED] = line_armed,
	[EVENT_GATE_DISARMED] = line_disarmed,
	[EVENT_GATE_OPENED] = line_gate,
	[EVENT_GUARD_CHANGED] = line_guard,
	[EVENT_GATE_CONFIRMED] = line_confirmed,
	[EVENT_GATE_OVERRIDDEN] = line_overridden,
	[EVENT_ACTION_INTENDED] = line_intended,
	[EVENT_ACTION_DONE] = line_done,
	[EVENT_ACTION_FAILED] = line_failed,
	[EVENT_ACTION_OBSERVED] = line_observed,
	[EVENT_TRIPWIRE] = line_tripwire,
	[EVENT_CHECK_PASSED] = line_passed,
	[EVENT_CHECK_TIMED_OUT] = line_late,
	[EVENT_STEP_DONE] = line_step_done,
	[EVENT_STEP_SKIPPED] = line_skipped,
	[EVENT_STEP_UNDONE] = line_undone,
	[EVENT_NOTE] = line_note,
	[EVENT_WINDOW_OPENED] = line_window,
	[EVENT_WINDOW_CLOSED] = line_window_closed,
	[EVENT_ROLLBACK_BEGUN] = line_rollback,
	[EVENT_ROLLBACK_DONE] = line_rolled_back,
	[EVENT_RUN_PARKED] = line_parked,
	[EVENT_RUN_RESUMED] = line_resumed,
	[EVENT_RUN_CLOSED] = line_closed,
};

bool view_record(const struct runbook *runbook, const json_t *record, char *dst,
		 size_t size)
{
	enum event event = event_parse(json_text(record, "event", ""));
	struct line line = {.runbook = runbook, .record = record, .dst = dst,
			    .size = size, .step = ""};
	int at = runbook_find_step(runbook, json_text(record, "step", ""));
	char step[256];

	dst[0] = '\0';
	if (event == EVENT_COUNT || !line_writers[event])
		return false;
	if (at >= 0) {
		snprintf(step, sizeof(step), "%s  %s", runbook->steps[at].label,
			 runbook->steps[at].title);
		line.step = step;
	}
	clock_duration(json_number(record, "took_ms", 0), line.took);
	line_writers[event](&line);
	return true;
}
