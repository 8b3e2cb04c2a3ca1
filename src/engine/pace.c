/* See pace.h. Times are kept run by run until they are asked for: a median
 * cannot be folded in one number. */
#include "engine/pace.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"

struct pace_samples {
	int64_t ms[PACE_RUNS_MAX];
	size_t count, live;
};

enum pace_version {
	PACE_SAME,
	PACE_OTHER,
	PACE_VERSIONS,
};

enum pace_way {
	PACE_DONE,
	PACE_UNDONE,
	PACE_WAYS,
};

struct pace_fold {
	const struct runbook *runbook;
	size_t runs;
	struct pace_samples samples[RUNBOOK_STEPS_MAX][PACE_WAYS][PACE_VERSIONS];
};

/* Where the folding of one run has come to. */
struct pace_run {
	struct pace_fold *fold;
	enum pace_version version;
	bool live;
	int64_t gate_mono;      /* the gate at hand opened */
	bool whole;             /* nothing has come between since */
};

int pace_fold_open(const struct runbook *runbook, struct pace_fold **ret,
		   struct error *err)
{
	*ret = calloc(1, sizeof(**ret));
	if (!*ret)
		return error_nomem(err);
	(*ret)->runbook = runbook;
	return 0;
}

void pace_fold_close(struct pace_fold *fold)
{
	free(fold);
}

/* ---- one run ------------------------------------------------------------- */

static void pace_gate(struct pace_run *run, const json_t *record)
{
	run->gate_mono = json_number(record, "mono", 0);
	run->whole = true;
}

static void pace_break(struct pace_run *run, const json_t *record)
{
	(void)record;
	run->whole = false;
}

/* The operator stands before a forward gate anyhow; a way back waits for
 * nobody, unless it must. */
static void pace_override(struct pace_run *run, const json_t *record)
{
	if (json_flag(record, "undo", false))
		run->whole = false;
}

static void pace_sample(struct pace_run *run, const json_t *record,
			enum pace_way way, int64_t ms)
{
	int step = runbook_find_step(run->fold->runbook,
				     json_text(record, "step", ""));
	struct pace_samples *samples;
	bool whole = run->whole;

	run->whole = false;
	if (step < 0 || ms < 0 || !whole)
		return;
	samples = &run->fold->samples[step][way][run->version];
	if (samples->count == PACE_RUNS_MAX)
		return;
	samples->ms[samples->count++] = ms;
	samples->live += run->live;
}

static void pace_done(struct pace_run *run, const json_t *record)
{
	pace_sample(run, record, PACE_DONE, json_number(record, "took_ms", -1));
}

static void pace_undone(struct pace_run *run, const json_t *record)
{
	pace_sample(run, record, PACE_UNDONE,
		    json_number(record, "mono", 0) - run->gate_mono);
}

static void (*const pace_events[EVENT_COUNT])(struct pace_run *,
					      const json_t *) = {
	[EVENT_GATE_OPENED] = pace_gate,
	[EVENT_GATE_OVERRIDDEN] = pace_override,
	[EVENT_ACTION_FAILED] = pace_break,
	[EVENT_CHECK_TIMED_OUT] = pace_break,
	[EVENT_RUN_PARKED] = pace_break,
	[EVENT_RUN_RESUMED] = pace_break,
	[EVENT_STEP_DONE] = pace_done,
	[EVENT_STEP_UNDONE] = pace_undone,
};

bool pace_wants(enum event event)
{
	return event == EVENT_RUN_OPENED ||
	       (event < EVENT_COUNT && pace_events[event]);
}

bool pace_fold_run(struct pace_fold *fold, const json_t *records)
{
	const json_t *opened = json_array_get(records, 0);
	struct pace_run run = {.fold = fold};
	size_t i;
	json_t *record;

	if (fold->runs == PACE_RUNS_MAX ||
	    strcmp(json_text(opened, "runbook/name", ""),
		   fold->runbook->name) != 0)
		return false;
	fold->runs++;
	run.live = !json_flag(opened, "rehearsal", false);
	run.version = strcmp(json_text(opened, "runbook/sha256", ""),
			     fold->runbook->sha256) == 0 ? PACE_SAME :
							   PACE_OTHER;
	json_array_foreach(records, i, record) {
		enum event event = event_parse(json_text(record, "event", ""));

		if (event < EVENT_COUNT && pace_events[event])
			pace_events[event](&run, record);
	}
	return true;
}

/* ---- what they measured -------------------------------------------------- */

static int pace_compare(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

/* Of an even number, the upper of the two in the middle. */
static void pace_times(const struct pace_samples versions[PACE_VERSIONS],
		       struct pace_times *ret)
{
	bool other = versions[PACE_SAME].count == 0;
	struct pace_samples samples = versions[other ? PACE_OTHER : PACE_SAME];

	memset(ret, 0, sizeof(*ret));
	if (!samples.count)
		return;
	qsort(samples.ms, samples.count, sizeof(samples.ms[0]), pace_compare);
	ret->median_ms = samples.ms[samples.count / 2];
	ret->max_ms = samples.ms[samples.count - 1];
	ret->live = samples.live;
	ret->rehearsals = samples.count - samples.live;
	ret->other = other;
}

void pace_measure(const struct pace_fold *fold, struct pace *ret)
{
	for (size_t i = 0; i < RUNBOOK_STEPS_MAX; i++) {
		pace_times(fold->samples[i][PACE_DONE], &ret->steps[i].done);
		pace_times(fold->samples[i][PACE_UNDONE],
			   &ret->steps[i].undone);
	}
}

void pace_undo(const struct pace *pace, const size_t *steps, size_t count,
	       struct pace_sum *ret)
{
	*ret = (struct pace_sum){0};
	for (size_t i = 0; i < count; i++) {
		const struct pace_times *times =
			pace ? &pace->steps[steps[i]].undone : NULL;
		size_t runs = times ? times->live + times->rehearsals : 0;

		if (!runs) {
			ret->unmeasured++;
			continue;
		}
		ret->takes_ms += times->median_ms;
		if (!ret->runs || runs < ret->runs)
			ret->runs = runs;
		ret->live = ret->live || times->live;
		ret->rehearsed = ret->rehearsed || times->rehearsals;
		ret->other = ret->other || times->other;
	}
}
