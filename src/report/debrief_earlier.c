/* See debrief_earlier.h. */
#include "report/debrief_earlier.h"

#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"

#define EARLIER_EVEN_MS 100
#define EARLIER_EVEN_PART 20

/* One figure of all of them, the newest rehearsal's first. */
struct earlier_samples {
	size_t count;
	int64_t values[DEBRIEF_EARLIER_MAX];
};

struct debrief_earlier {
	const struct debrief *debrief;
	size_t count;
	struct earlier_samples scores, outages;
	struct earlier_samples gates[RUNBOOK_STEPS_MAX];
};

int debrief_earlier_open(const struct debrief *debrief,
			 struct debrief_earlier **ret, struct error *err)
{
	struct debrief_earlier *earlier = calloc(1, sizeof(*earlier));

	if (!earlier)
		return error_nomem(err);
	earlier->debrief = debrief;
	*ret = earlier;
	return 0;
}

void debrief_earlier_close(struct debrief_earlier *earlier)
{
	free(earlier);
}

static void earlier_sample(struct earlier_samples *samples, int64_t value)
{
	if (value >= 0 && samples->count < DEBRIEF_EARLIER_MAX)
		samples->values[samples->count++] = value;
}

/* One that was broken off early had no outage, and would be the best. */
static bool earlier_ended_alike(const struct debrief *a,
				const struct debrief *b)
{
	return a->run.result && b->run.result &&
	       !strcmp(a->run.result, b->run.result) &&
	       (a->run.window_opened_mono < 0) ==
	       (b->run.window_opened_mono < 0);
}

/* Only like is compared with like. No two instructors do the same. */
static bool earlier_is_alike(const struct debrief *a, const struct debrief *b)
{
	return !a->world.instructed && !b->world.instructed &&
	       a->run.autopilot == b->run.autopilot &&
	       a->world.pods == b->world.pods &&
	       a->world.heartbeat_ms == b->world.heartbeat_ms &&
	       earlier_ended_alike(a, b) &&
	       !strcmp(a->world.flag, b->world.flag) &&
	       !strcmp(a->run.runbook, b->run.runbook) &&
	       !strcmp(a->world.scenario, b->world.scenario) &&
	       !strcmp(a->world.speed, b->world.speed) &&
	       !strcmp(a->world.database, b->world.database);
}

bool debrief_earlier_add(struct debrief_earlier *earlier, const json_t *records)
{
	const struct debrief_gates *gates = &earlier->debrief->gates;
	struct debrief other;

	if (earlier->count == DEBRIEF_EARLIER_MAX ||
	    !debrief_fold(&other, records) ||
	    !earlier_is_alike(&other, earlier->debrief))
		return false;
	earlier->count++;
	earlier_sample(&earlier->scores, other.score);
	earlier_sample(&earlier->outages, other.world.writes_ms);
	for (size_t i = 0; i < gates->count; i++) {
		const struct debrief_gate *gate =
			debrief_gates_find(&other.gates, gates->gates[i].step);

		if (gate)
			earlier_sample(&earlier->gates[i], gate->whole_ms);
	}
	return true;
}

/* ---- what comes of it ---------------------------------------------------- */

static int earlier_compare(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

static void earlier_sort(struct earlier_samples *samples)
{
	qsort(samples->values, samples->count, sizeof(samples->values[0]),
	      earlier_compare);
}

/* Of an even number, the upper of the two in the middle; as pace.c does. */
static json_int_t earlier_median(const struct earlier_samples *samples)
{
	return samples->values[samples->count / 2];
}

/* {last, best, median}, or null. highest: the best is the highest. */
static json_t *earlier_figure(struct earlier_samples *samples, bool highest)
{
	json_int_t last = samples->values[0];

	if (!samples->count)
		return json_null();
	earlier_sort(samples);
	return json_pack("{sI sI sI}", "last", last, "best", (json_int_t)
			 samples->values[highest ? samples->count - 1 : 0],
			 "median", earlier_median(samples));
}

static json_t *earlier_gates(struct debrief_earlier *earlier)
{
	const struct debrief_gates *gates = &earlier->debrief->gates;
	json_t *list = json_array();

	for (size_t i = 0; list && i < gates->count; i++) {
		struct earlier_samples *samples = &earlier->gates[i];

		if (!samples->count)
			continue;
		earlier_sort(samples);
		if (json_array_append_new(list,
			json_pack("{ss sI sI}", "step", gates->gates[i].step,
				  "best_ms", (json_int_t)samples->values[0],
				  "median_ms", earlier_median(samples)))) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

json_t *debrief_earlier_note(struct debrief_earlier *earlier)
{
	/* a part that could not be made is NULL, and so is the whole then */
	return json_pack("{sI so so so}", "rehearsals",
			 (json_int_t)earlier->count,
			 "score", earlier_figure(&earlier->scores, true),
			 "outage_ms", earlier_figure(&earlier->outages, false),
			 "gates", earlier_gates(earlier));
}

/* ---- reading it ---------------------------------------------------------- */

bool debrief_earlier_gate(const json_t *earlier, const char *step,
			  int64_t *ret_best_ms, int64_t *ret_median_ms)
{
	size_t i;
	json_t *gate;

	json_array_foreach(json_at(earlier, "gates"), i, gate) {
		if (strcmp(json_text(gate, "step", ""), step) != 0)
			continue;
		*ret_best_ms = json_number(gate, "best_ms", -1);
		*ret_median_ms = json_number(gate, "median_ms", -1);
		return *ret_best_ms >= 0 && *ret_median_ms >= 0 &&
		       *ret_best_ms <= DEBRIEF_NUMBER_MAX &&
		       *ret_median_ms <= DEBRIEF_NUMBER_MAX;
	}
	return false;
}

enum debrief_pace debrief_pace(int64_t ms, int64_t best_ms, int64_t median_ms)
{
	int64_t even = median_ms / EARLIER_EVEN_PART;

	if (even < EARLIER_EVEN_MS)
		even = EARLIER_EVEN_MS;
	if (ms > median_ms + even)
		return DEBRIEF_BEHIND;
	if (ms >= median_ms - even)
		return DEBRIEF_EVEN;
	return ms < best_ms ? DEBRIEF_BEST : DEBRIEF_AHEAD;
}

const char *debrief_pace_name(enum debrief_pace pace)
{
	static const char *const names[] = {
		[DEBRIEF_BEST] = N_("best"),
		[DEBRIEF_AHEAD] = N_("ahead"),
		[DEBRIEF_EVEN] = N_("even"),
		[DEBRIEF_BEHIND] = N_("behind"),
	};

	return names[pace];
}
