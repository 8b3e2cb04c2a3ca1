/* See fold.h. One small function an event, in a table. */
#include "report/fold.h"

#include <string.h>

#include "base/json.h"
#include "journal/event.h"

void report_fold_init(struct report_run *run)
{
	memset(run, 0, sizeof(*run));
	run->name = run->version = run->operator_name = "";
	run->runbook = run->title = run->path = run->sha256 = "";
	run->started = run->ended = run->reason = "";
	run->budget_ms = run->outage_ms = run->lost = -1;
	run->rollback_mono = run->way_back_ms = -1;
	run->window_opened_mono = run->window_closed_mono = -1;
}

const struct report_step *report_fold_step(const struct report_run *run,
					   const char *id, bool undo)
{
	for (size_t i = run->count; i-- > 0;)
		if (run->steps[i].undo == undo &&
		    strcmp(run->steps[i].id, id) == 0)
			return &run->steps[i];
	return NULL;
}

const char *report_fold_label(const struct report_run *run, const char *id)
{
	const struct report_step *step = report_fold_step(run, id, false);

	if (!step)
		step = report_fold_step(run, id, true);
	return step ? step->label : id;
}

/* The step that the record speaks of; made if it was not come to before. NULL
 * if it names none, or there are too many. */
static struct report_step *fold_step(struct report_run *run,
				     const json_t *record)
{
	const char *id = json_text(record, "step", NULL);
	bool undo = json_flag(record, "undo", false);
	const struct report_step *known;
	struct report_step *step;

	if (!id)
		return NULL;
	known = report_fold_step(run, id, undo);
	if (known) {
		run->current = (size_t)(known - run->steps);
		return &run->steps[run->current];
	}
	if (run->count == REPORT_STEPS_MAX)
		return NULL;
	run->current = run->count++;
	step = &run->steps[run->current];
	memset(step, 0, sizeof(*step));
	step->id = id;
	step->label = json_text(record, "label", id);
	step->title = json_text(record, "title", "");
	step->undo = undo;
	step->gate_mono = step->confirmed_mono = step->ended_mono = -1;
	return step;
}

static int64_t fold_mono(const json_t *record)
{
	return json_number(record, "mono", 0);
}

static void fold_run_opened(struct report_run *run, const json_t *record)
{
	run->name = json_text(record, "run", "");
	run->version = json_text(record, "version", "");
	run->operator_name = json_text(record, "operator", "");
	run->runbook = json_text(record, "runbook/name", "");
	run->title = json_text(record, "runbook/title", "");
	run->path = json_text(record, "runbook/path", "");
	run->sha256 = json_text(record, "runbook/sha256", "");
	run->rehearsal = json_flag(record, "rehearsal", false);
	run->autopilot = json_flag(record, "autopilot", false);
	run->budget_ms = json_number(record, "budget_ms", -1);
	if (run->budget_ms == 0)        /* none was agreed */
		run->budget_ms = -1;
	run->way_back_budget_ms = json_number(record, "way_back_budget_ms", 0);
	run->started = json_text(record, "at", "");
}

static void fold_gate_opened(struct report_run *run, const json_t *record)
{
	struct report_step *step = fold_step(run, record);

	if (!step)
		return;
	step->state = REPORT_STEP_AT_GATE;
	if (step->gate_mono < 0)
		step->gate_mono = fold_mono(record);
}

static void fold_gate_confirmed(struct report_run *run, const json_t *record)
{
	struct report_step *step = fold_step(run, record);

	if (!step)
		return;
	step->state = REPORT_STEP_RUNNING;
	if (step->confirmed_mono < 0)
		step->confirmed_mono = fold_mono(record);
	step->retries += json_flag(record, "retry", false);
}

static void fold_gate_overridden(struct report_run *run, const json_t *record)
{
	struct report_step *step = fold_step(run, record);

	run->overrides++;
	if (step)
		step->overrides++;
}

static void fold_action_intended(struct report_run *run, const json_t *record)
{
	struct report_step *step = fold_step(run, record);

	if (step)
		step->state = REPORT_STEP_RUNNING;
}

static void fold_action_done(struct report_run *run, const json_t *record)
{
	struct report_step *step = fold_step(run, record);

	if (step)
		step->action_ms += json_number(record, "took_ms", 0);
}

static void fold_action_failed(struct report_run *run, const json_t *record)
{
	struct report_step *step = fold_step(run, record);

	if (!step)
		return;
	step->action_ms += json_number(record, "took_ms", 0);
	step->state = strcmp(json_text(record, "outcome", ""), "unknown") ?
		REPORT_STEP_FAILED : REPORT_STEP_UNKNOWN;
}

static void fold_check_timed_out(struct report_run *run, const json_t *record)
{
	struct report_step *step = fold_step(run, record);

	if (step)
		step->state = REPORT_STEP_FAILED;
}

static void fold_end_step(struct report_run *run, const char *id, bool undo,
			  enum report_step_state state, int64_t mono)
{
	const struct report_step *known = report_fold_step(run, id, undo);

	if (!known)
		return;
	run->steps[known - run->steps].state = state;
	run->steps[known - run->steps].ended_mono = mono;
}

static void fold_step_done(struct report_run *run, const json_t *record)
{
	fold_end_step(run, json_text(record, "step", ""), false,
		      REPORT_STEP_DONE, fold_mono(record));
}

static void fold_step_skipped(struct report_run *run, const json_t *record)
{
	struct report_step *step = fold_step(run, record);

	if (!step)
		return;
	step->state = REPORT_STEP_SKIPPED;
	step->ended_mono = fold_mono(record);
}

static void fold_step_undone(struct report_run *run, const json_t *record)
{
	fold_end_step(run, json_text(record, "step", ""), true,
		      REPORT_STEP_UNDONE, fold_mono(record));
}

/* The record names no author: what beside its text the tool puts into a note of
 * its own, an operator's never has. */
enum report_note report_fold_note(const json_t *record)
{
	if (json_at(record, "ledger") || json_at(record, "debrief"))
		return REPORT_NOTE_CHAPTER;
	if (json_flag(record, "lease/taken", false))
		return REPORT_NOTE_TAKEOVER;
	if (json_at(record, "lease") || json_at(record, "world"))
		return REPORT_NOTE_TOOL;
	return REPORT_NOTE_OPERATOR;
}

static void fold_note(struct report_run *run, const json_t *record)
{
	run->notes += report_fold_note(record) == REPORT_NOTE_OPERATOR;
}

static void fold_window_opened(struct report_run *run, const json_t *record)
{
	if (run->window_opened_mono < 0)
		run->window_opened_mono = fold_mono(record);
	run->window_closed_mono = -1;
	run->outage_ms = -1;            /* the clock runs on from the first opening */
}

static void fold_window_closed(struct report_run *run, const json_t *record)
{
	if (json_flag(record, "void", false)) {
		run->window_opened_mono = -1;
		return;
	}
	run->window_closed_mono = fold_mono(record);
	run->outage_ms = json_number(record, "outage_ms", -1);
}

static void fold_rollback_begun(struct report_run *run, const json_t *record)
{
	run->rolled_back = true;
	run->rollback_mono = fold_mono(record);
	run->lost = json_number(record, "lost", -1);
	run->undo_count = json_array_size(json_at(record, "undo"));
	run->foreseen_ms = json_number(record, "takes_ms", 0);
	/* of a record that says nothing about it, nothing was measured */
	run->unmeasured = (size_t)json_number(record, "unmeasured",
					      (int64_t)run->undo_count);
}

static void fold_rollback_done(struct report_run *run, const json_t *record)
{
	run->way_back_ms = fold_mono(record) - run->rollback_mono;
	run->lost = json_number(record, "lost", -1);
}

static void fold_run_parked(struct report_run *run, const json_t *record)
{
	run->state = REPORT_PARKED;
	run->reason = json_text(record, "reason", "");
}

static void fold_run_resumed(struct report_run *run, const json_t *record)
{
	run->state = REPORT_OPEN;
	run->operator_name = json_text(record, "operator", run->operator_name);
}

static void fold_run_closed(struct report_run *run, const json_t *record)
{
	run->state = REPORT_CLOSED;
	run->result = json_text(record, "result", NULL);
	run->outage_ms = json_number(record, "outage_ms", run->outage_ms);
}

static void (*const fold_events[EVENT_COUNT])(struct report_run *,
					      const json_t *) = {
	[EVENT_RUN_OPENED] = fold_run_opened,
	[EVENT_GATE_OPENED] = fold_gate_opened,
	[EVENT_GATE_CONFIRMED] = fold_gate_confirmed,
	[EVENT_GATE_OVERRIDDEN] = fold_gate_overridden,
	[EVENT_ACTION_INTENDED] = fold_action_intended,
	[EVENT_ACTION_DONE] = fold_action_done,
	[EVENT_ACTION_FAILED] = fold_action_failed,
	[EVENT_CHECK_TIMED_OUT] = fold_check_timed_out,
	[EVENT_STEP_DONE] = fold_step_done,
	[EVENT_STEP_SKIPPED] = fold_step_skipped,
	[EVENT_STEP_UNDONE] = fold_step_undone,
	[EVENT_NOTE] = fold_note,
	[EVENT_WINDOW_OPENED] = fold_window_opened,
	[EVENT_WINDOW_CLOSED] = fold_window_closed,
	[EVENT_ROLLBACK_BEGUN] = fold_rollback_begun,
	[EVENT_ROLLBACK_DONE] = fold_rollback_done,
	[EVENT_RUN_PARKED] = fold_run_parked,
	[EVENT_RUN_RESUMED] = fold_run_resumed,
	[EVENT_RUN_CLOSED] = fold_run_closed,
};

void report_fold(struct report_run *run, const json_t *record)
{
	enum event event = event_parse(json_text(record, "event", ""));

	run->ended = json_text(record, "at", run->ended);
	run->last_mono = json_number(record, "mono", run->last_mono);
	if (event < EVENT_COUNT && fold_events[event])
		fold_events[event](run, record);
}

void report_fold_all(struct report_run *run, const json_t *records)
{
	size_t i;
	json_t *record;

	report_fold_init(run);
	json_array_foreach(records, i, record)
		report_fold(run, record);
}
