/* See debrief_waits.h. One stretch is at hand at a time; the record that ends
 * it says whose it was. What shut a gate before the guard that was decided upon
 * has cleared by itself. */
#include "report/debrief_waits.h"

#include <string.h>

#include "base/json.h"
#include "journal/event.h"
#include "report/debrief_phase.h"
#include "report/debrief_world.h"

struct waits_fold {
	struct debrief_waits *waits;
	const json_t *record;
	enum event event;
	int64_t now, last;      /* last: of the record before */
	bool window;
	struct debrief_waits before;  /* as they were when it opened */
	struct debrief_phase phase;     /* before the record */
	struct debrief_phase next;      /* and with it */
	int64_t since;          /* the stretch at hand began */
	int64_t acted_ms;       /* the step at hand, like ended_ms */
	struct debrief_waits_step *step;        /* NULL: none was come to */
	bool fresh;             /* no guard of the gate was seen yet */
	int64_t shut[RUNBOOK_ITEMS_MAX];        /* since then; -1: it is not */
	bool unknown[RUNBOOK_ITEMS_MAX];
	bool overridden[RUNBOOK_ITEMS_MAX];
};

/* ---- stretches ----------------------------------------------------------- */

static void waits_longest(struct waits_fold *fold, enum debrief_wait kind,
			  int64_t ms, int guard)
{
	struct debrief_stretch *most = &fold->waits->most[kind];

	if (ms <= most->ms)
		return;
	*most = (struct debrief_stretch){
		.ms = ms, .label = fold->step ? fold->step->label : "?",
		.guard = guard + 1,
		.unknown = guard >= 0 && fold->unknown[guard],
	};
}

static enum debrief_share waits_share(const struct waits_fold *fold,
				      enum debrief_wait kind)
{
	if (kind == DEBRIEF_WAIT_PARKED)
		return DEBRIEF_SHARE_PARKED;
	if (kind == DEBRIEF_WAIT_GONE)
		return DEBRIEF_SHARE_GONE;
	if (fold->phase.back)
		return DEBRIEF_SHARE_BACK;
	if (kind == DEBRIEF_WAIT_STUCK)
		return DEBRIEF_SHARE_STUCK;
	return fold->phase.at == DEBRIEF_AT_GATE ? DEBRIEF_SHARE_GATES :
						   DEBRIEF_SHARE_ACTS;
}

static bool waits_is_acting(const struct waits_fold *fold)
{
	return fold->phase.at == DEBRIEF_ACTING ||
	       fold->phase.at == DEBRIEF_CHECKING;
}

static void waits_in_window(struct waits_fold *fold, int64_t ms,
			    enum debrief_wait kind, int guard)
{
	struct debrief_waits *waits = fold->waits;
	enum debrief_share share = waits_share(fold, kind);

	waits->ms[kind] += ms;
	waits->shares[share] += ms;
	if (share == DEBRIEF_SHARE_GATES && kind != DEBRIEF_WAIT_WORLD)
		waits->own_ms += ms;
	if (kind == DEBRIEF_WAIT_DECIDING && ms > waits->decided_ms &&
	    fold->event != EVENT_RUN_PARKED)
		waits->decided_ms = ms;
	if (kind == DEBRIEF_WAIT_WORLD && waits_is_acting(fold))
		fold->acted_ms += ms;
	if (kind == DEBRIEF_WAIT_WORLD && fold->step)
		fold->step->world_ms += ms;
	waits_longest(fold, kind, ms, guard);
}

/* From since until then it was that; guard: -1: it was about none. */
static void waits_until(struct waits_fold *fold, int64_t then,
			enum debrief_wait kind, int guard)
{
	struct debrief_waits_step *step = fold->step;
	int64_t ms = then - fold->since;

	if (ms <= 0)
		return;
	fold->since = then;
	if (step && fold->phase.at == DEBRIEF_AT_GATE) {
		step->stood_ms += ms;
		step->own_ms += kind == DEBRIEF_WAIT_WORLD ? 0 : ms;
	}
	if (fold->window)
		waits_in_window(fold, ms, kind, guard);
}

/* The guard that has been shut for the longest, or -1. */
static int waits_shut(const struct waits_fold *fold)
{
	int first = -1;

	for (int i = 0; i < RUNBOOK_ITEMS_MAX; i++)
		if (fold->shut[i] >= 0 &&
		    (first < 0 || fold->shut[i] < fold->shut[first]))
			first = i;
	return first;
}

/* What it stood in was nobody's doing until then. */
static void waits_by_itself(struct waits_fold *fold, int64_t then)
{
	bool read = fold->phase.at == DEBRIEF_AT_GATE && waits_shut(fold) < 0;

	if (fold->phase.parked)
		waits_until(fold, then, DEBRIEF_WAIT_PARKED, -1);
	else
		waits_until(fold, then, read ? DEBRIEF_WAIT_READING :
			    DEBRIEF_WAIT_WORLD, -1);
}

/* The operator decided upon that guard. */
static void waits_decided_guard(struct waits_fold *fold, int guard)
{
	waits_until(fold, fold->shut[guard], DEBRIEF_WAIT_WORLD, -1);
	waits_until(fold, fold->now, DEBRIEF_WAIT_DECIDING, guard);
}

/* The operator did something about it. */
static void waits_decided(struct waits_fold *fold)
{
	int guard = waits_shut(fold);

	if (fold->phase.parked)
		waits_by_itself(fold, fold->now);
	else if (fold->phase.at == DEBRIEF_AT_GATE && guard >= 0)
		waits_decided_guard(fold, guard);
	else if (fold->phase.at == DEBRIEF_STUCK)
		waits_until(fold, fold->now, DEBRIEF_WAIT_STUCK, -1);
	else
		waits_by_itself(fold, fold->now);
}

/* ---- gates --------------------------------------------------------------- */

static void waits_fresh(struct waits_fold *fold)
{
	fold->fresh = true;
	memset(fold->overridden, 0, sizeof(fold->overridden));
	for (size_t i = 0; i < RUNBOOK_ITEMS_MAX; i++)
		fold->shut[i] = -1;
}

static struct debrief_waits_step *waits_step(struct waits_fold *fold)
{
	struct debrief_waits *waits = fold->waits;
	const char *step = json_text(fold->record, "step", "");
	bool undo = json_flag(fold->record, "undo", false);

	for (size_t i = 0; i < waits->count; i++)
		if (waits->steps[i].undo == undo &&
		    strcmp(waits->steps[i].step, step) == 0)
			return &waits->steps[i];
	if (waits->count == sizeof(waits->steps) / sizeof(waits->steps[0]))
		return NULL;
	waits->steps[waits->count] = (struct debrief_waits_step){
		.step = step, .undo = undo,
		.label = json_text(fold->record, "label", step),
	};
	return &waits->steps[waits->count++];
}

static void waits_opened(struct waits_fold *fold)
{
	waits_by_itself(fold, fold->now);
	fold->step = waits_step(fold);
	fold->acted_ms = 0;
	waits_fresh(fold);
}

/* The guard that the record is about, or -1. */
static int waits_guard(const struct waits_fold *fold)
{
	int64_t guard = json_number(fold->record, "guard", -1);

	return fold->phase.at != DEBRIEF_AT_GATE || guard < 0 ||
	       guard >= RUNBOOK_ITEMS_MAX ? -1 : (int)guard;
}

static void waits_guard_changed(struct waits_fold *fold)
{
	const char *state = json_text(fold->record, "state", "");
	bool shut = waits_shut(fold) >= 0;
	int guard = waits_guard(fold);

	if (guard < 0 || fold->overridden[guard])
		return;
	fold->unknown[guard] = strcmp(state, "red") != 0;
	if (!strcmp(state, "green"))
		fold->shut[guard] = -1;
	else if (fold->shut[guard] < 0)
		fold->shut[guard] = fold->fresh ? fold->since : fold->now;
	if (!fold->fresh && shut != (waits_shut(fold) >= 0))
		waits_until(fold, fold->now, shut ? DEBRIEF_WAIT_WORLD :
			    DEBRIEF_WAIT_READING, -1);
	fold->fresh = false;
}

static void waits_overridden(struct waits_fold *fold)
{
	int guard = waits_guard(fold);

	if (guard < 0)
		return;
	if (fold->shut[guard] >= 0)
		waits_decided_guard(fold, guard);
	fold->shut[guard] = -1;
	fold->overridden[guard] = true;
}

/* ---- steps --------------------------------------------------------------- */

static void waits_confirmed(struct waits_fold *fold)
{
	if (fold->phase.at == DEBRIEF_STUCK)
		waits_decided(fold);
	else
		waits_by_itself(fold, fold->now);
}

static void waits_trouble(struct waits_fold *fold)
{
	if (waits_is_acting(fold))
		waits_by_itself(fold, fold->now);
}

/* It mended by itself: nobody was slow. */
static void waits_observed(struct waits_fold *fold)
{
	if (fold->phase.at == DEBRIEF_STUCK && fold->next.at != DEBRIEF_STUCK)
		waits_by_itself(fold, fold->now);
}

static void waits_done(struct waits_fold *fold)
{
	waits_by_itself(fold, fold->now);
	fold->waits->ended_ms += fold->acted_ms;
	fold->acted_ms = 0;
}

static void waits_rollback(struct waits_fold *fold)
{
	waits_decided(fold);
	fold->acted_ms = 0;
}

/* ---- the run ------------------------------------------------------------- */

/* It was parked; or it had died with the record before, and what it was doing
 * then is for the operator to look at. */
static void waits_resumed(struct waits_fold *fold)
{
	if (fold->phase.parked) {
		waits_by_itself(fold, fold->now);
	} else {
		if (fold->phase.at == DEBRIEF_STUCK)
			waits_until(fold, fold->last, DEBRIEF_WAIT_STUCK, -1);
		else
			waits_by_itself(fold, fold->last);
		waits_until(fold, fold->now, DEBRIEF_WAIT_GONE, -1);
	}
	waits_fresh(fold);
}

static void waits_window_opened(struct waits_fold *fold)
{
	waits_by_itself(fold, fold->now);
	fold->before = *fold->waits;
	fold->window = true;
}

/* There was none, then: what refuses users' writes was not done. */
static void waits_window_void(struct waits_fold *fold)
{
	struct debrief_waits *waits = fold->waits;

	memcpy(fold->before.steps, waits->steps, sizeof(waits->steps));
	fold->before.count = waits->count;
	*waits = fold->before;
	fold->acted_ms = 0;
	if (fold->step)
		fold->step->world_ms = 0;
}

static void waits_window_closed(struct waits_fold *fold)
{
	waits_by_itself(fold, fold->now);
	if (fold->window && json_flag(fold->record, "void", false))
		waits_window_void(fold);
	fold->window = false;
}

static void (*const waits_events[EVENT_COUNT])(struct waits_fold *) = {
	[EVENT_GATE_OPENED] = waits_opened,
	[EVENT_GUARD_CHANGED] = waits_guard_changed,
	[EVENT_GATE_OVERRIDDEN] = waits_overridden,
	[EVENT_GATE_CONFIRMED] = waits_confirmed,
	[EVENT_ACTION_FAILED] = waits_trouble,
	[EVENT_ACTION_OBSERVED] = waits_observed,
	[EVENT_CHECK_TIMED_OUT] = waits_trouble,
	[EVENT_STEP_DONE] = waits_done,
	[EVENT_STEP_UNDONE] = waits_done,
	[EVENT_STEP_SKIPPED] = waits_decided,
	[EVENT_ROLLBACK_BEGUN] = waits_rollback,
	[EVENT_RUN_PARKED] = waits_decided,
	[EVENT_RUN_RESUMED] = waits_resumed,
	[EVENT_WINDOW_OPENED] = waits_window_opened,
	[EVENT_WINDOW_CLOSED] = waits_window_closed,
};

void debrief_waits_fold(struct debrief_waits *waits, const json_t *records)
{
	struct waits_fold fold = {.waits = waits};
	size_t i;

	memset(waits, 0, sizeof(*waits));
	waits_fresh(&fold);
	json_array_foreach(records, i, fold.record) {
		fold.event = event_parse(json_text(fold.record, "event", ""));
		fold.last = fold.now;
		fold.now = debrief_mono(fold.record);
		debrief_phase_fold(&fold.next, fold.record);
		if (fold.event < EVENT_COUNT && waits_events[fold.event])
			waits_events[fold.event](&fold);
		fold.phase = fold.next;
	}
}

/* ---- what comes of it ---------------------------------------------------- */

int64_t debrief_waits_yours(const struct debrief_waits *waits)
{
	int64_t ms = 0;

	for (enum debrief_wait i = 0; i < DEBRIEF_WAITS; i++)
		if (i != DEBRIEF_WAIT_WORLD)
			ms += waits->ms[i];
	return ms;
}

const struct debrief_waits_step *
debrief_waits_world(const struct debrief_waits *waits)
{
	const struct debrief_waits_step *most = NULL;

	for (size_t i = 0; i < waits->count; i++)
		if (waits->steps[i].world_ms > (most ? most->world_ms : 0))
			most = &waits->steps[i];
	return most;
}

const struct debrief_waits_step *
debrief_waits_find(const struct debrief_waits *waits, const char *step)
{
	for (size_t i = 0; i < waits->count; i++)
		if (!waits->steps[i].undo &&
		    strcmp(waits->steps[i].step, step) == 0)
			return &waits->steps[i];
	return NULL;
}
