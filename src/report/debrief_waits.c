/* See debrief_waits.h. One stretch is at hand at a time; the record that ends
 * it says whose it was. What shut a gate before the guard that was decided upon
 * has cleared by itself. */
#include "report/debrief_waits.h"

#include <string.h>

#include "base/json.h"
#include "journal/event.h"
#include "report/debrief_guards.h"
#include "report/debrief_phase.h"
#include "report/debrief_world.h"

struct waits_fold {
	struct debrief_waits *waits;
	const json_t *record;
	enum event event;
	int64_t now, last;      /* last: of the record before */
	bool window;
	struct debrief_waits before;    /* as they were when it opened */
	struct debrief_phase phase;     /* before the record */
	struct debrief_phase next;      /* and with it */
	int64_t since;          /* the stretch at hand began */
	int64_t acted_ms;       /* the step at hand, like ended_ms */
	int64_t gave_up_ms;     /* of that, the wait that was given up last */
	struct debrief_waits_step *step;        /* NULL: none was come to */
	bool fresh;             /* no guard of the gate was seen yet */
	struct debrief_guards guards;           /* of the gate at hand */
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
		.unknown = guard >= 0 && fold->guards.unknown[guard],
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

/* What it stood in was nobody's doing until then. */
static void waits_by_itself(struct waits_fold *fold, int64_t then)
{
	bool read = fold->phase.at == DEBRIEF_AT_GATE &&
		    debrief_guards_shut(&fold->guards) < 0;

	if (fold->phase.parked)
		waits_until(fold, then, DEBRIEF_WAIT_PARKED, -1);
	else
		waits_until(fold, then, read ? DEBRIEF_WAIT_READING :
			    DEBRIEF_WAIT_WORLD, -1);
}

/* The operator decided upon that guard. */
static void waits_decided_guard(struct waits_fold *fold, int guard)
{
	waits_until(fold, fold->guards.shut[guard], DEBRIEF_WAIT_WORLD, -1);
	waits_until(fold, fold->now, DEBRIEF_WAIT_DECIDING, guard);
}

/* The operator did something about it. */
static void waits_decided(struct waits_fold *fold)
{
	int guard = debrief_guards_shut(&fold->guards);

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
	debrief_guards_fresh(&fold->guards);
}

/* Its place among the steps; their number if it is not among them. */
static size_t waits_index(const struct debrief_waits *waits, const char *step,
			  bool undo)
{
	size_t i = 0;

	while (i < waits->count && (waits->steps[i].undo != undo ||
				    strcmp(waits->steps[i].step, step) != 0))
		i++;
	return i;
}

static struct debrief_waits_step *waits_step(struct waits_fold *fold)
{
	struct debrief_waits *waits = fold->waits;
	const char *step = json_text(fold->record, "step", "");
	bool undo = json_flag(fold->record, "undo", false);
	size_t i = waits_index(waits, step, undo);

	if (i == sizeof(waits->steps) / sizeof(waits->steps[0]))
		return NULL;
	if (i == waits->count)
		waits->steps[waits->count++] = (struct debrief_waits_step){
			.step = step, .undo = undo,
			.label = json_text(fold->record, "label", step),
		};
	return &waits->steps[i];
}

static void waits_opened(struct waits_fold *fold)
{
	waits_by_itself(fold, fold->now);
	fold->step = waits_step(fold);
	fold->acted_ms = fold->gave_up_ms = 0;
	waits_fresh(fold);
}

/* The guard of the gate at hand that the record is about, or -1. */
static int waits_guard(const struct waits_fold *fold)
{
	return fold->phase.at == DEBRIEF_AT_GATE ?
		debrief_guards_about(fold->record) : -1;
}

static void waits_guard_changed(struct waits_fold *fold)
{
	bool shut = debrief_guards_shut(&fold->guards) >= 0, now;
	int guard = waits_guard(fold);

	if (guard < 0 || fold->guards.overridden[guard])
		return;
	debrief_guards_turn(&fold->guards, guard, fold->record,
			    fold->fresh ? fold->since : fold->now);
	now = debrief_guards_shut(&fold->guards) >= 0;
	if (!fold->fresh && shut != now)
		waits_until(fold, fold->now, shut ? DEBRIEF_WAIT_WORLD :
			    DEBRIEF_WAIT_READING, -1);
	fold->fresh = false;
}

static void waits_overridden(struct waits_fold *fold)
{
	int guard = waits_guard(fold);

	if (guard < 0)
		return;
	if (fold->guards.shut[guard] >= 0)
		waits_decided_guard(fold, guard);
	debrief_guards_override(&fold->guards, guard);
}

/* ---- steps --------------------------------------------------------------- */

static void waits_confirmed(struct waits_fold *fold)
{
	if (fold->phase.at == DEBRIEF_STUCK)
		waits_decided(fold);
	else
		waits_by_itself(fold, fold->now);
	fold->gave_up_ms = 0;
}

static void waits_trouble(struct waits_fold *fold)
{
	int64_t acted = fold->acted_ms;

	if (!waits_is_acting(fold))
		return;
	waits_by_itself(fold, fold->now);
	if (json_flag(fold->record, "given_up", false))
		fold->gave_up_ms = fold->acted_ms - acted;
}

/* The operator had given up waiting, and it was not tried again. */
static void waits_in_vain(struct waits_fold *fold)
{
	struct debrief_waits *waits = fold->waits;
	int64_t ms = fold->gave_up_ms;

	fold->gave_up_ms = 0;
	waits->ms[DEBRIEF_WAIT_WORLD] -= ms;
	waits->ms[DEBRIEF_WAIT_IN_VAIN] += ms;
	if (fold->step)
		fold->step->world_ms -= ms;
	waits_longest(fold, DEBRIEF_WAIT_IN_VAIN, ms, -1);
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
	fold->acted_ms = fold->gave_up_ms = 0;
}

/* It comes to no end any more. */
static void waits_given_up(struct waits_fold *fold)
{
	if (waits_is_acting(fold) && !fold->phase.parked)
		waits_until(fold, fold->now, DEBRIEF_WAIT_IN_VAIN, -1);
	else
		waits_decided(fold);
	waits_in_vain(fold);
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
	fold->acted_ms = fold->gave_up_ms = 0;
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
	[EVENT_STEP_SKIPPED] = waits_given_up,
	[EVENT_ROLLBACK_BEGUN] = waits_given_up,
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
	size_t i = waits_index(waits, step, false);

	return i < waits->count ? &waits->steps[i] : NULL;
}
