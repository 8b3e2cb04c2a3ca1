/* See debrief_gates.h. A gate that is opened anew, after a failure or by
 * whoever resumed the run, is ready anew as well; it began when it first
 * opened. */
#include "report/debrief_gates.h"

#include <string.h>

#include "base/json.h"
#include "journal/event.h"
#include "report/debrief_world.h"

enum gates_guard {
	GATES_NONE,             /* none of that number is known */
	GATES_SHUT,
	GATES_GREEN,
	GATES_OVERRIDDEN,       /* shuts its gate no more, whatever it says */
};

/* Where the fold has come to. */
struct gates_fold {
	struct debrief_gates *gates;
	const struct debrief_waits *split;
	const json_t *record;
	const char *step, *label, *title;       /* of the gate at hand; NULL */
	int64_t opened, ready;                  /* -1: it is shut */
	bool waits;                             /* nothing was confirmed yet */
	int64_t window;                         /* began; -1 */
	enum gates_guard guards[RUNBOOK_ITEMS_MAX];
};

const struct debrief_gate *debrief_gates_find(const struct debrief_gates *gates,
					      const char *step)
{
	for (size_t i = 0; i < gates->count; i++)
		if (strcmp(gates->gates[i].step, step) == 0)
			return &gates->gates[i];
	return NULL;
}

static bool gates_forward(const struct gates_fold *fold)
{
	return !json_flag(fold->record, "undo", false);
}

static void gates_opened(struct gates_fold *fold)
{
	const char *step = json_text(fold->record, "step", "");
	int64_t now = debrief_mono(fold->record);

	if (!gates_forward(fold))
		return;
	if (!fold->step || strcmp(fold->step, step) != 0)
		fold->opened = now;
	fold->step = step;
	fold->label = json_text(fold->record, "label", step);
	fold->title = json_text(fold->record, "title", "");
	fold->ready = now;
	fold->waits = true;
	memset(fold->guards, GATES_NONE, sizeof(fold->guards));
}

/* Guards are looked at anew. */
static void gates_resumed(struct gates_fold *fold)
{
	fold->ready = debrief_mono(fold->record);
	memset(fold->guards, GATES_NONE, sizeof(fold->guards));
}

/* One guard of the gate at hand stands so; the gate with it. */
static void gates_guard(struct gates_fold *fold, enum gates_guard state)
{
	int64_t guard = json_number(fold->record, "guard", -1);
	bool shut = false;

	if (!fold->step || !gates_forward(fold) || guard < 0 ||
	    guard >= RUNBOOK_ITEMS_MAX)
		return;
	if (fold->guards[guard] != GATES_OVERRIDDEN)
		fold->guards[guard] = state;
	for (size_t i = 0; i < RUNBOOK_ITEMS_MAX; i++)
		shut |= fold->guards[i] == GATES_SHUT;
	if (shut)
		fold->ready = -1;
	else if (fold->ready < 0)
		fold->ready = debrief_mono(fold->record);
}

static void gates_guard_changed(struct gates_fold *fold)
{
	bool green = !strcmp(json_text(fold->record, "state", ""), "green");

	gates_guard(fold, green ? GATES_GREEN : GATES_SHUT);
}

static void gates_overridden(struct gates_fold *fold)
{
	gates_guard(fold, GATES_OVERRIDDEN);
}

/* The gate at hand is left: its step acts, or the way back was begun. */
static struct debrief_gate *gates_leave(struct gates_fold *fold)
{
	struct debrief_gates *gates = fold->gates;
	int64_t now = debrief_mono(fold->record);
	const struct debrief_waits_step *split;
	struct debrief_gate *gate;

	if (!fold->step || !fold->waits || gates->count == RUNBOOK_STEPS_MAX ||
	    debrief_gates_find(gates, fold->step))
		return NULL;
	fold->waits = false;
	split = debrief_waits_find(fold->split, fold->step);
	gate = &gates->gates[gates->count++];
	*gate = (struct debrief_gate){
		.step = fold->step, .label = fold->label, .title = fold->title,
		.stood_ms = split ? split->stood_ms : 0,
		.own_ms = split ? split->own_ms : 0,
		.green_ms = fold->ready < 0 ? 0 : now - fold->ready,
		.whole_ms = -1,
		.given_up_ms = -1,
		.in_window = fold->window >= 0,
	};
	return gate;
}

static void gates_confirmed(struct gates_fold *fold)
{
	struct debrief_gate *gate = gates_forward(fold) ? gates_leave(fold) :
							  NULL;

	if (gate)
		gate->armed = json_flag(fold->record, "armed", false);
}

/* The gate at hand, if it was left; or NULL. */
static struct debrief_gate *gates_at_hand(const struct gates_fold *fold)
{
	const struct debrief_gate *known = fold->step ?
		debrief_gates_find(fold->gates, fold->step) : NULL;

	return known ? &fold->gates->gates[known - fold->gates->gates] : NULL;
}

static void gates_done(struct gates_fold *fold)
{
	struct debrief_gate *gate = gates_at_hand(fold);

	if (gate && !strcmp(gate->step, json_text(fold->record, "step", "")))
		gate->whole_ms = debrief_mono(fold->record) - fold->opened;
}

/* The step at hand comes to no end any more. */
static void gates_given_up(struct gates_fold *fold)
{
	struct debrief_gate *gate = gates_at_hand(fold);

	if (gate && gate->whole_ms < 0 && gate->given_up_ms < 0)
		gate->given_up_ms = debrief_mono(fold->record) - fold->opened;
}

static void gates_window_opened(struct gates_fold *fold)
{
	fold->window = debrief_mono(fold->record);
}

static void gates_window_closed(struct gates_fold *fold)
{
	struct debrief_gates *gates = fold->gates;
	int64_t now = debrief_mono(fold->record);

	if (fold->window >= 0 && json_flag(fold->record, "void", false))
		fold->window = -1;
	if (fold->window < 0)
		return;
	gates->window_ms = json_number(fold->record, "outage_ms", -1);
	if (gates->window_ms < 0 || gates->window_ms > DEBRIEF_NUMBER_MAX)
		gates->window_ms = now - fold->window;
	fold->window = -1;
}

/* At the gate where the rollback was decided users waited too. */
static void gates_rollback(struct gates_fold *fold)
{
	struct debrief_gate *gate = gates_leave(fold);

	if (gate)
		gate->left = true;
	gates_given_up(fold);
}

static void (*const gates_events[EVENT_COUNT])(struct gates_fold *) = {
	[EVENT_GATE_OPENED] = gates_opened,
	[EVENT_GUARD_CHANGED] = gates_guard_changed,
	[EVENT_GATE_OVERRIDDEN] = gates_overridden,
	[EVENT_GATE_CONFIRMED] = gates_confirmed,
	[EVENT_STEP_DONE] = gates_done,
	[EVENT_WINDOW_OPENED] = gates_window_opened,
	[EVENT_WINDOW_CLOSED] = gates_window_closed,
	[EVENT_ROLLBACK_BEGUN] = gates_rollback,
	[EVENT_RUN_RESUMED] = gates_resumed,
	[EVENT_RUN_CLOSED] = gates_given_up,
};

void debrief_gates_fold(struct debrief_gates *gates,
			const struct debrief_waits *waits,
			const json_t *records)
{
	struct gates_fold fold = {
		.gates = gates, .split = waits, .opened = -1, .ready = -1, .window = -1,
	};
	size_t i;

	memset(gates, 0, sizeof(*gates));
	gates->window_ms = -1;
	json_array_foreach(records, i, fold.record) {
		enum event event = event_parse(json_text(fold.record, "event",
							 ""));

		if (event < EVENT_COUNT && gates_events[event])
			gates_events[event](&fold);
	}
}
