/* See debrief_acts.h. A trouble is over when a person decides (again, back, or
 * park), and also when it mends by itself: then nobody was slow. */
#include "report/debrief_acts.h"

#include <string.h>

#include "base/json.h"
#include "journal/event.h"
#include "report/debrief_phase.h"
#include "report/debrief_world.h"
#include "runbook/model.h"

struct acts_fold {
	struct debrief_acts *acts;
	const json_t *record;
	struct debrief_phase phase;     /* with the record */
	enum debrief_at was;            /* before it */
	int64_t now;
	const char *step, *label;       /* of the gate at hand */
	int64_t acting;                 /* its step acts since then; -1 */
	int64_t trouble;                /* it stands since then; -1 */
	int64_t shut[RUNBOOK_ITEMS_MAX];        /* a guard of it likewise */
	const char *reasons[RUNBOOK_ITEMS_MAX];         /* of that gate */
};

static void acts_gate(struct acts_fold *fold)
{
	for (size_t i = 0; i < RUNBOOK_ITEMS_MAX; i++)
		fold->shut[i] = -1;
}

static void acts_opened(struct acts_fold *fold)
{
	const char *step = json_text(fold->record, "step", "");

	acts_gate(fold);
	if (strcmp(step, fold->step) != 0)
		memset(fold->reasons, 0, sizeof(fold->reasons));
	fold->step = step;
	fold->label = json_text(fold->record, "label", step);
}

static void acts_overridden(struct acts_fold *fold)
{
	int64_t guard = json_number(fold->record, "guard", -1);

	fold->acts->overrides++;
	if (guard >= 0 && guard < RUNBOOK_ITEMS_MAX)
		fold->reasons[guard] = json_text(fold->record, "reason", "?");
}

static void acts_guard(struct acts_fold *fold)
{
	int64_t guard = json_number(fold->record, "guard", -1);

	if (guard < 0 || guard >= RUNBOOK_ITEMS_MAX)
		return;
	if (!strcmp(json_text(fold->record, "state", ""), "green"))
		fold->shut[guard] = -1;
	else if (fold->shut[guard] < 0)
		fold->shut[guard] = fold->now;
}

static void acts_trouble(struct acts_fold *fold)
{
	if (fold->trouble >= 0 || fold->acts->rollback_mono >= 0)
		return;
	fold->trouble = fold->now;
	fold->acts->troubles++;
}

static void acts_tripwire(struct acts_fold *fold)
{
	if (!fold->acts->tripped++)
		fold->acts->tripped_mono = fold->now;
	acts_trouble(fold);
}

static void acts_decided(struct acts_fold *fold)
{
	struct debrief_acts *acts = fold->acts;
	int64_t stood = fold->now - fold->trouble;

	if (fold->trouble < 0)
		return;
	fold->trouble = -1;
	if (stood <= acts->slowest_ms)
		return;
	acts->slowest_ms = stood;
	acts->slowest_label = fold->label;
}

static void acts_mended(struct acts_fold *fold)
{
	fold->trouble = -1;
}

static void acts_done(struct acts_fold *fold)
{
	fold->acting = -1;
	acts_mended(fold);
}

static void acts_skipped(struct acts_fold *fold)
{
	fold->acting = -1;
	acts_decided(fold);
}

/* Found in place; but what else is to be sent waits for the operator. */
static void acts_observed(struct acts_fold *fold)
{
	if (fold->was == DEBRIEF_STUCK && fold->phase.at != DEBRIEF_STUCK)
		acts_mended(fold);
}

/* What was overridden for a first try is not ignored anew by a second. */
static void acts_ignored(struct acts_fold *fold)
{
	struct debrief_acts *acts = fold->acts;
	const json_t *guards = json_at(fold->record, "guards");
	bool again = json_flag(fold->record, "retry", false);
	size_t i;
	json_t *guard;

	json_array_foreach(guards, i, guard) {
		const char *state = json_text(guard, "state", "unknown");
		const char *reason = i < RUNBOOK_ITEMS_MAX ?
			fold->reasons[i] : NULL;

		if (!json_flag(guard, "overridden", false) ||
		    !strcmp(state, "green") || (again && !reason))
			continue;
		if (reason)
			fold->reasons[i] = NULL;
		if (acts->ignored_count++ >= DEBRIEF_IGNORED_MAX)
			continue;
		acts->ignored[acts->ignored_count - 1] =
			(struct debrief_ignored){
				.label = fold->label,
				.state = strcmp(state, "red") ? "unknown" :
								"red",
				.text = json_text(guard, "text", ""),
				.reason = reason ? reason : "?",
				.mono = fold->now,
			};
	}
}

static void acts_confirmed(struct acts_fold *fold)
{
	fold->acting = fold->now;
	fold->acts->confirmed++;
	fold->acts->confirmed_mono = fold->now;
	acts_decided(fold);
	acts_ignored(fold);
	acts_gate(fold);
}

static void acts_rollback(struct acts_fold *fold)
{
	int64_t cause = fold->trouble;

	if (fold->acts->rollback_mono >= 0)
		return;
	for (size_t i = 0; i < RUNBOOK_ITEMS_MAX; i++)
		if (fold->shut[i] >= 0 && (cause < 0 || fold->shut[i] < cause))
			cause = fold->shut[i];
	acts_decided(fold);
	fold->acts->rollback_mono = fold->now;
	fold->acts->cause_mono = cause;
	fold->acts->acting_mono = fold->acting;
}

static void (*const acts_events[EVENT_COUNT])(struct acts_fold *) = {
	[EVENT_GATE_OPENED] = acts_opened,
	[EVENT_GATE_OVERRIDDEN] = acts_overridden,
	[EVENT_GUARD_CHANGED] = acts_guard,
	[EVENT_GATE_CONFIRMED] = acts_confirmed,
	[EVENT_ACTION_FAILED] = acts_trouble,
	[EVENT_ACTION_OBSERVED] = acts_observed,
	[EVENT_CHECK_TIMED_OUT] = acts_trouble,
	[EVENT_STEP_DONE] = acts_done,
	[EVENT_STEP_SKIPPED] = acts_skipped,
	[EVENT_TRIPWIRE] = acts_tripwire,
	[EVENT_ROLLBACK_BEGUN] = acts_rollback,
	[EVENT_RUN_PARKED] = acts_decided,
};

void debrief_acts_fold(struct debrief_acts *acts, const json_t *records)
{
	struct acts_fold fold = {
		.acts = acts, .step = "", .label = "?", .acting = -1,
		.trouble = -1,
	};
	size_t i;

	memset(acts, 0, sizeof(*acts));
	acts->confirmed_mono = acts->acting_mono = -1;
	acts->tripped_mono = acts->rollback_mono = acts->cause_mono = -1;
	acts->slowest_label = "?";
	acts_gate(&fold);
	json_array_foreach(records, i, fold.record) {
		enum event event = event_parse(json_text(fold.record, "event",
							 ""));

		fold.now = debrief_mono(fold.record);
		fold.was = fold.phase.at;
		debrief_phase_fold(&fold.phase, fold.record);
		if (event < EVENT_COUNT && acts_events[event])
			acts_events[event](&fold);
	}
	acts->undecided = fold.trouble >= 0;
}
