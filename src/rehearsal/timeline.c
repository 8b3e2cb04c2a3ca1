/* See timeline.h. */
#include "rehearsal/timeline.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "rehearsal/fault.h"
#include "rehearsal/scenario.h"
#include "rehearsal/scenes.h"

#define NEVER INT64_MAX
#define CLEAR_AGAIN_MS 500      /* after it could not be cleared */

/* How far an entry is: both NEVER again once they were done. */
struct timeline_moment {
	int64_t begin_ms;       /* it happens then */
	int64_t clear_ms;       /* its fault is cleared then */
	bool triggered;
};

struct timeline {
	const struct scenario *scenario;
	struct stage *stage;
	struct scenes *scenes;
	json_t *labels;                 /* {a step's id: its label} */
	struct timeline_moment *moments;
};

int timeline_open(struct timeline **ret, const struct scenario *scenario,
		  struct stage *stage, struct scenes *scenes, int64_t now_ms,
		  struct error *err)
{
	struct timeline *timeline = calloc(1, sizeof(*timeline));

	if (!timeline)
		return error_nomem(err);
	timeline->scenario = scenario;
	timeline->stage = stage;
	timeline->scenes = scenes;
	timeline->labels = json_object();
	timeline->moments = calloc(scenario->timeline_count + 1,
				   sizeof(*timeline->moments));
	if (!timeline->labels || !timeline->moments) {
		timeline_close(timeline);
		return error_nomem(err);
	}
	for (size_t i = 0; i < scenario->timeline_count; i++) {
		const struct scenario_entry *entry = &scenario->timeline[i];

		timeline->moments[i].begin_ms = NEVER;
		timeline->moments[i].clear_ms = NEVER;
		if (entry->on != TRIGGER_TIME)
			continue;
		timeline->moments[i].triggered = true;
		timeline->moments[i].begin_ms = now_ms + entry->time_ms +
						entry->after_ms;
	}
	*ret = timeline;
	return 0;
}

void timeline_close(struct timeline *timeline)
{
	if (!timeline)
		return;
	json_decref(timeline->labels);
	free(timeline->moments);
	free(timeline);
}

static void timeline_trigger(struct timeline *timeline, size_t i,
			     int64_t now_ms)
{
	struct timeline_moment *moment = &timeline->moments[i];

	if (moment->triggered)
		return;
	moment->triggered = true;
	moment->begin_ms = now_ms + timeline->scenario->timeline[i].after_ms;
}

/* Which trigger a record is; TRIGGER_NONE: none, or a step's on the way back. */
static enum scenario_trigger timeline_kind(const json_t *record)
{
	static const struct {
		const char *event;
		enum scenario_trigger on;
	} kinds[] = {
		{"gate.opened", TRIGGER_GATE},
		{"gate.confirmed", TRIGGER_CONFIRMED},
		{"action.intended", TRIGGER_ACTION},
		{"step.done", TRIGGER_DONE},
		{"rollback.begun", TRIGGER_ROLLBACK},
	};
	const char *event = json_text(record, "event", "");

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(event, kinds[i].event) &&
		    !json_flag(record, "undo", false))
			return kinds[i].on;
	return TRIGGER_NONE;
}

void timeline_record(struct timeline *timeline, const json_t *record,
		     int64_t now_ms)
{
	const char *id = json_text(record, "step", ""), *label;
	enum scenario_trigger on = timeline_kind(record);

	if (on == TRIGGER_NONE)
		return;
	/* Only a gate's opening says the label: the gate comes first. */
	if (on == TRIGGER_GATE)
		json_object_set_new(timeline->labels, id, json_string(
			json_text(record, "label", "")));
	label = json_text(timeline->labels, id, "");
	for (size_t i = 0; i < timeline->scenario->timeline_count; i++) {
		const struct scenario_entry *entry =
			&timeline->scenario->timeline[i];

		if (entry->on == on && (!entry->step ||
					!strcmp(entry->step, id) ||
					!strcmp(entry->step, label)))
			timeline_trigger(timeline, i, now_ms);
	}
}

void timeline_deed(struct timeline *timeline, enum deeds_kind deed,
		   int64_t now_ms)
{
	for (size_t i = 0; i < timeline->scenario->timeline_count; i++) {
		const struct scenario_entry *entry =
			&timeline->scenario->timeline[i];

		if (entry->on == TRIGGER_DEED && entry->deed == deed)
			timeline_trigger(timeline, i, now_ms);
	}
}

/* Where it cannot be cleared yet, that moment tries again a little later. */
static void timeline_clear(struct timeline *timeline,
			   struct timeline_moment *moment, const char *name,
			   const char *tell, int64_t now_ms)
{
	if (fault_clear(timeline->stage, fault_find(name), NULL)) {
		moment->clear_ms = now_ms + CLEAR_AGAIN_MS;
		return;
	}
	moment->clear_ms = NEVER;
	if (scenes_is_on(timeline->scenes, name))
		scenes_add(timeline->scenes, SCENE_CLEARED, SCENE_BY_SCENARIO,
			   name, tell);
}

static void timeline_begin(struct timeline *timeline, size_t i, int64_t now_ms)
{
	const struct scenario_entry *entry = &timeline->scenario->timeline[i];
	const struct fault *fault;
	struct error err = {0};

	if (entry->clear) {
		timeline->moments[i].clear_ms = now_ms;
		return;
	}
	if (!entry->fault) {
		scenes_add(timeline->scenes, SCENE_TOLD, SCENE_BY_SCENARIO,
			   NULL, entry->tell);
		return;
	}
	fault = fault_find(entry->fault);
	if (fault_begin(timeline->stage, fault, entry->with, &err)) {
		scenes_add(timeline->scenes, SCENE_FAILED, SCENE_BY_SCENARIO,
			   entry->fault, err.message);
		return;
	}
	scenes_begin(timeline->scenes, SCENE_BY_SCENARIO, fault, entry->with,
		     entry->tell);
	if (entry->for_ms)
		timeline->moments[i].clear_ms = now_ms + entry->for_ms;
}

void timeline_tick(struct timeline *timeline, int64_t now_ms)
{
	for (size_t i = 0; i < timeline->scenario->timeline_count; i++) {
		const struct scenario_entry *entry =
			&timeline->scenario->timeline[i];
		struct timeline_moment *moment = &timeline->moments[i];

		if (moment->begin_ms <= now_ms) {
			moment->begin_ms = NEVER;
			timeline_begin(timeline, i, now_ms);
		}
		if (moment->clear_ms <= now_ms)
			timeline_clear(timeline, moment,
				       entry->clear ? entry->clear :
						      entry->fault,
				       entry->clear ? entry->tell : NULL,
				       now_ms);
	}
}

bool timeline_asks_databases(const struct timeline *timeline)
{
	bool asks = false;

	for (size_t i = 0; i < timeline->scenario->timeline_count; i++) {
		const struct scenario_entry *entry =
			&timeline->scenario->timeline[i];

		asks |= entry->on == TRIGGER_DEED &&
			(entry->deed == DEED_FENCED ||
			 entry->deed == DEED_PROMOTED) &&
			!timeline->moments[i].triggered;
	}
	return asks;
}
