/* See scenes.h. */
#include "rehearsal/scenes.h"

#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "rehearsal/fault.h"

static const char *const scenes_kinds[] = {
	[SCENE_BEGUN] = "begun",
	[SCENE_CLEARED] = "cleared",
	[SCENE_TOLD] = "told",
	[SCENE_FAILED] = "failed",
};

static const char *const scenes_people[] = {
	[SCENE_BY_SCENARIO] = "scenario",
	[SCENE_BY_INSTRUCTOR] = "instructor",
};

int scenes_init(struct scenes *scenes, struct error *err)
{
	*scenes = (struct scenes){.list = json_array(),
				  .begun = json_object()};
	return scenes->list && scenes->begun ? 0 : error_nomem(err);
}

void scenes_release(struct scenes *scenes)
{
	json_decref(scenes->list);
	json_decref(scenes->begun);
	*scenes = (struct scenes){.list = NULL};
}

void scenes_add(struct scenes *scenes, enum scene_kind kind, enum scene_by by,
		const char *fault, const char *text)
{
	char at[CLOCK_STAMP_MAX];

	clock_stamp(clock_wall_ms(), at);
	if (fault && kind == SCENE_CLEARED)
		json_object_del(scenes->begun, fault);
	if (json_array_size(scenes->list) < SCENES_MAX)
		json_array_append_new(scenes->list, json_pack(
			"{ss ss ss* ss* ss}", "at", at, "kind",
			scenes_kinds[kind], "fault", fault, "text", text,
			"by", scenes_people[by]));
}

void scenes_begin(struct scenes *scenes, enum scene_by by,
		  const struct fault *fault, const char *text)
{
	char at[CLOCK_STAMP_MAX];

	clock_stamp(clock_wall_ms(), at);
	if (fault_lasts(fault))
		json_object_set_new(scenes->begun, fault->name,
				    json_string(at));
	scenes_add(scenes, SCENE_BEGUN, by, fault->name,
		   text ? text : fault->about);
}

bool scenes_is_on(const struct scenes *scenes, const char *fault)
{
	return json_object_get(scenes->begun, fault) != NULL;
}
