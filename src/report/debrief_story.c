/*
 * See debrief_story.h. Each line begins with whose it is: the scenario's, the
 * instructor's, what could be seen, what was done. A guard that turned for an
 * instant only, as they do when a gate opens, is left out.
 */
#include "report/debrief_story.h"

#include <inttypes.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "journal/event.h"
#include "report/times.h"

#define STORY_INSTANT_MS 1000
#define STORY_SCENES_MAX 500

struct story {
	struct page *page;
	const struct debrief *debrief;
	const json_t *records;
	size_t at;                      /* of the record at hand */
	const json_t *record;
	const char *step, *label;       /* of the gate at hand */
	bool undo;
	/* which of its guards were last told to be other than green */
	bool shut[RUNBOOK_ITEMS_MAX];
	char clock[TIMES_MAX], since[TIMES_MAX];
};

/* Every line of the story is an event of the record at hand. */
#define STORY(story, ...) \
	page_event((story)->page, (story)->clock, (story)->since, __VA_ARGS__)

static void story_time(struct story *story, const char *stamp, int64_t mono)
{
	times_clock(stamp, story->clock);
	times_since(mono, story->debrief->run.window_opened_mono,
		    story->since);
}

/* ---- behind -------------------------------------------------------------- */

static void story_scene(struct story *story, const json_t *scene)
{
	const char *kind = json_text(scene, "kind", "");
	const char *fault = json_text(scene, "fault", "?");
	const char *text = json_text(scene, "text", "");
	const char *gap = *text ? " " : "";
	const char *who = strcmp(json_text(scene, "by", ""), "instructor") ?
		_("SCENARIO") : _("INSTRUCTOR");

	if (!strcmp(kind, "begun"))
		STORY(story, _("%s: %s begins.%s%s"), who, fault, gap, text);
	else if (!strcmp(kind, "cleared"))
		STORY(story, _("%s: %s is over.%s%s"), who, fault, gap, text);
	else if (!strcmp(kind, "failed"))
		STORY(story, _("%s: %s could not be had.%s%s"), who, fault,
		      gap, text);
	else
		STORY(story, "%s: %s", who, *text ? text : fault);
}

/* ---- seen ---------------------------------------------------------------- */

/* Why the guard at hand shuts its gate, by the last that it said within an
 * instant; NULL: it was green again by then. */
static const char *story_shut(const struct story *story, int64_t guard)
{
	const char *text = json_text(story->record, "text", "");
	int64_t now = debrief_mono(story->record);

	for (size_t i = story->at + 1; i < json_array_size(story->records);
	     i++) {
		const json_t *next = json_array_get(story->records, i);

		if (debrief_mono(next) - now >= STORY_INSTANT_MS)
			break;
		if (json_number(next, "guard", -1) != guard)
			continue;
		if (strcmp(json_text(next, "event", ""), "guard.changed") != 0)
			break;
		if (!strcmp(json_text(next, "state", ""), "green"))
			return NULL;
		text = json_text(next, "text", text);
	}
	return text;
}

static void story_guard(struct story *story)
{
	int64_t guard = json_number(story->record, "guard", -1);
	bool green = !strcmp(json_text(story->record, "state", ""), "green");
	const char *text;

	if (guard < 0 || guard >= RUNBOOK_ITEMS_MAX ||
	    green == !story->shut[guard])
		return;
	text = green ? json_text(story->record, "text", "") :
		       story_shut(story, guard);
	if (!text)
		return;
	story->shut[guard] = !green;
	if (green)
		STORY(story, _("seen at %s: green again: %s"), story->label,
		      text);
	else
		STORY(story, _("seen at %s: the gate is shut: %s"),
		      story->label, text);
}

static void story_opened(struct story *story)
{
	const char *step = json_text(story->record, "step", "");

	story->step = step;
	story->label = json_text(story->record, "label", step);
	story->undo = json_flag(story->record, "undo", false);
	memset(story->shut, 0, sizeof(story->shut));
}

static void story_failed(struct story *story)
{
	bool lost = !strcmp(json_text(story->record, "outcome", ""), "unknown");

	STORY(story, lost ? _("seen at %s: nobody knows whether it happened: %s") :
	      _("seen at %s: it failed: %s"), story->label,
	      json_text(story->record, "error", ""));
}

static void story_late(struct story *story)
{
	STORY(story, _("seen at %s: a check is late: %s"), story->label,
	      json_text(story->record, "text", ""));
}

/* A check that held at once was nothing to be seen. */
static void story_passed(struct story *story)
{
	int64_t ms = json_number(story->record, "took_ms", 0);
	char took[TIMES_MAX];

	if (ms < STORY_INSTANT_MS)
		return;
	times_span(ms, took);
	STORY(story, _("seen at %s: after %s: %s"), story->label, took,
	      json_text(story->record, "text", ""));
}

static void story_tripwire(struct story *story)
{
	int64_t count = json_number(story->record, "transactions", 0);

	STORY(story, ngettext("seen: TWO WRITERS: %s took %" PRId64 " transaction past its fence",
			      "seen: TWO WRITERS: %s took %" PRId64 " transactions past its fence",
			      (unsigned long)count),
	      json_text(story->record, "connection", "?"), count);
}

static void story_rolled_back(struct story *story)
{
	STORY(story, "%s", _("seen: the way back is done"));
}

static void story_closed(struct story *story)
{
	char outage[TIMES_MAX];

	if (json_flag(story->record, "void", false))
		return;
	times_span(json_number(story->record, "outage_ms", -1), outage);
	STORY(story, _("seen: the window closes after %s"), outage);
}

/* ---- done ---------------------------------------------------------------- */

static void story_confirmed(struct story *story)
{
	if (story->undo)
		return;
	if (json_flag(story->record, "retry", false))
		STORY(story, _("done: tried again at %s"), story->label);
	else if (json_flag(story->record, "armed", false))
		STORY(story, _("done: gate %s, armed before, went on by itself"),
		      story->label);
	else
		STORY(story, _("done: gate %s confirmed"), story->label);
}

static void story_overridden(struct story *story)
{
	STORY(story, _("done: a guard of %s overridden: %s; because: %s"),
	      story->label, json_text(story->record, "text", "?"),
	      json_text(story->record, "reason", "?"));
}

static void story_back(struct story *story)
{
	STORY(story, _("done: the way back begun at %s"), story->label);
}

static void story_parked(struct story *story)
{
	STORY(story, _("done: parked: %s"),
	      json_text(story->record, "reason", "?"));
}

static void story_resumed(struct story *story)
{
	STORY(story, _("done: resumed by %s"),
	      json_text(story->record, "operator", "?"));
}

static void (*const story_events[EVENT_COUNT])(struct story *) = {
	[EVENT_GATE_OPENED] = story_opened,
	[EVENT_GUARD_CHANGED] = story_guard,
	[EVENT_GATE_CONFIRMED] = story_confirmed,
	[EVENT_GATE_OVERRIDDEN] = story_overridden,
	[EVENT_ACTION_FAILED] = story_failed,
	[EVENT_CHECK_PASSED] = story_passed,
	[EVENT_CHECK_TIMED_OUT] = story_late,
	[EVENT_TRIPWIRE] = story_tripwire,
	[EVENT_ROLLBACK_BEGUN] = story_back,
	[EVENT_ROLLBACK_DONE] = story_rolled_back,
	[EVENT_WINDOW_CLOSED] = story_closed,
	[EVENT_RUN_PARKED] = story_parked,
	[EVENT_RUN_RESUMED] = story_resumed,
};

/* ---- both, in order ------------------------------------------------------ */

/* The scenes up to that moment; next: the first that was not told. */
static size_t story_scenes(struct story *story, size_t next, int64_t until)
{
	const json_t *scenes = story->debrief->world.scenes;
	const json_t *opened = json_array_get(story->records, 0);

	for (; next < json_array_size(scenes) && next < STORY_SCENES_MAX;
	     next++) {
		const json_t *scene = json_array_get(scenes, next);
		int64_t mono = debrief_scene_mono(scene, opened);

		if (mono > until)
			break;
		story_time(story, json_text(scene, "at", ""), mono);
		story_scene(story, scene);
	}
	return next;
}

void debrief_story(struct page *page, const struct debrief *debrief,
		   const json_t *records)
{
	struct story story = {
		.page = page, .debrief = debrief, .records = records,
		.step = "", .label = "?",
	};
	size_t scene = 0;

	if (!json_array_size(debrief->world.scenes))
		return;
	page->style->heading(page, _("BEHIND THE SCENES"));
	for (; story.at < json_array_size(records); story.at++) {
		enum event event;

		story.record = json_array_get(records, story.at);
		event = event_parse(json_text(story.record, "event", ""));
		if (event >= EVENT_COUNT || !story_events[event])
			continue;
		scene = story_scenes(&story, scene, debrief_mono(story.record));
		story_time(&story, json_text(story.record, "at", ""),
			   debrief_mono(story.record));
		story_events[event](&story);
	}
	story_scenes(&story, scene, INT64_MAX);
}
