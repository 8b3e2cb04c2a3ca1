/* See scenes.h. */
#include "rehearsal/scenes.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "rehearsal/fault.h"

#define SCENES_ABOUT_MAX 8192

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
		  const struct fault *fault, const json_t *parameters,
		  const char *text)
{
	char at[CLOCK_STAMP_MAX];
	struct buf about;

	clock_stamp(clock_wall_ms(), at);
	if (fault_lasts(fault))
		json_object_set_new(scenes->begun, fault->name,
				    json_string(at));
	buf_init(&about, SCENES_ABOUT_MAX);
	fault_describe(fault, parameters, &about);
	if (!text)
		text = buf_error(&about) ? fault->about : about.data;
	scenes_add(scenes, SCENE_BEGUN, by, fault->name, text);
	buf_release(&about);
}

/* Whose it is that it began. */
static enum scene_by scenes_whose(const struct scenes *scenes,
				  const char *fault)
{
	for (size_t i = json_array_size(scenes->list); i-- > 0;) {
		const json_t *scene = json_array_get(scenes->list, i);

		if (!strcmp(json_text(scene, "kind", ""),
			    scenes_kinds[SCENE_BEGUN]) &&
		    !strcmp(json_text(scene, "fault", ""), fault))
			return strcmp(json_text(scene, "by", ""),
				      scenes_people[SCENE_BY_INSTRUCTOR]) ?
			       SCENE_BY_SCENARIO : SCENE_BY_INSTRUCTOR;
	}
	return SCENE_BY_SCENARIO;
}

void scenes_look(struct scenes *scenes, const struct stage *stage)
{
	const char *name;
	json_t *at;
	void *next;

	json_object_foreach_safe(scenes->begun, next, name, at) {
		const struct fault *fault = fault_find(name);

		if (fault && fault->ended && fault->ended(stage))
			scenes_add(scenes, SCENE_CLEARED,
				   scenes_whose(scenes, fault->name),
				   fault->name, NULL);
	}
}

bool scenes_is_on(const struct scenes *scenes, const char *fault)
{
	return json_object_get(scenes->begun, fault) != NULL;
}
