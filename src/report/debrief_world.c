/* See debrief_world.h. A note of an older version has the ledger as the lines
 * that were printed, and nothing else: they are a contract, and are read. */
#include "report/debrief_world.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"

static int64_t world_count(const json_t *note, const char *path)
{
	int64_t count = json_number(note, path, -1);

	return count < 0 || count > DEBRIEF_NUMBER_MAX ? -1 : count;
}

/* "ledger: acknowledged 9, present 9, lost 0, duplicated 0" and "outage:
 * writes 2.140 s, reads 0.000 s". */
static void world_read_line(struct debrief_world *world, const char *line)
{
	int64_t counts[4];
	int64_t writes, writes_ms, reads, reads_ms;

	if (sscanf(line, "ledger: acknowledged %9" SCNd64 ", present %9" SCNd64
		   ", lost %9" SCNd64 ", duplicated %9" SCNd64,
		   &counts[0], &counts[1], &counts[2], &counts[3]) == 4) {
		world->acknowledged = counts[0];
		world->present = counts[1];
		world->lost = counts[2];
		world->duplicated = counts[3];
	}
	if (sscanf(line, "outage: writes %9" SCNd64 ".%3" SCNd64
		   " s, reads %9" SCNd64 ".%3" SCNd64 " s",
		   &writes, &writes_ms, &reads, &reads_ms) == 4) {
		world->writes_ms = writes * 1000 + writes_ms;
		world->reads_ms = reads * 1000 + reads_ms;
	}
}

static void world_read_lines(struct debrief_world *world, const json_t *lines)
{
	size_t i;
	json_t *line;

	json_array_foreach(lines, i, line)
		if (json_is_string(line))
			world_read_line(world, json_string_value(line));
}

/* What the note says in so many words goes before its lines. */
static void world_read_figures(struct debrief_world *world, const json_t *note)
{
	static const struct {
		const char *path;
		size_t offset;
	} figures[] = {
		{"ledger/acknowledged",
		 offsetof(struct debrief_world, acknowledged)},
		{"ledger/present", offsetof(struct debrief_world, present)},
		{"ledger/lost", offsetof(struct debrief_world, lost)},
		{"ledger/duplicated",
		 offsetof(struct debrief_world, duplicated)},
		{"outage/writes_ms", offsetof(struct debrief_world, writes_ms)},
		{"outage/reads_ms", offsetof(struct debrief_world, reads_ms)},
		{"errors/writes", offsetof(struct debrief_world, write_errors)},
		{"errors/reads", offsetof(struct debrief_world, read_errors)},
		{"seed", offsetof(struct debrief_world, seed)},
		{"pods", offsetof(struct debrief_world, pods)},
		{"heartbeat_ms", offsetof(struct debrief_world, heartbeat_ms)},
		{"faults", offsetof(struct debrief_world, faults)},
		{"par/outage_ms",
		 offsetof(struct debrief_world, par_outage_ms)},
	};

	for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++) {
		int64_t count = world_count(note, figures[i].path);

		if (count >= 0)
			memcpy((char *)world + figures[i].offset, &count,
			       sizeof(count));
	}
}

static void world_init(struct debrief_world *world)
{
	memset(world, 0, sizeof(*world));
	world->scenario = world->title = world->speed = world->database = "";
	world->flag = world->par_result = "";
	world->heartbeat_ms = -1;
	world->seed = world->pods = world->faults = world->par_outage_ms = -1;
	world->acknowledged = world->present = world->lost = -1;
	world->duplicated = world->writes_ms = world->reads_ms = -1;
	world->write_errors = world->read_errors = -1;
}

/* What an instructor does is not what the scenario's par was made for: either
 * end may be right, and the outage is held against the budget. */
static void world_read_instructor(struct debrief_world *world)
{
	size_t i;
	json_t *scene;

	json_array_foreach(world->scenes, i, scene)
		world->instructed |=
			!strcmp(json_text(scene, "by", ""), "instructor") &&
			strcmp(json_text(scene, "kind", ""), "failed") != 0;
	if (!world->instructed)
		return;
	world->par_result = "either";
	world->par_outage_ms = -1;
}

bool debrief_world_read(struct debrief_world *world, const json_t *records)
{
	const json_t *note = NULL, *told;
	size_t i;
	json_t *record;

	world_init(world);
	json_array_foreach(records, i, record)
		if (json_is_array(json_at(record, "ledger")) ||
		    json_is_object(json_at(record, "rehearsal")))
			if (!strcmp(json_text(record, "event", ""), "note"))
				note = record;
	if (!note)
		return false;
	told = json_at(note, "rehearsal");
	world->scenario = json_text(told, "scenario", "");
	world->title = json_text(told, "title", "");
	world->speed = json_text(told, "speed", "");
	world->database = json_text(told, "database", "");
	world->writes_open = json_flag(told, "outage/open", false);
	world->flag = json_text(told, "flag", "");
	world->par_result = json_text(told, "par/result", "");
	world->good = json_at(told, "good");
	world->scenes = json_at(told, "scenes");
	world_read_lines(world, json_at(note, "ledger"));
	world_read_figures(world, told);
	world->par_overrides = world_count(told, "par/overrides");
	if (world->par_overrides < 0)
		world->par_overrides = 0;
	world_read_instructor(world);
	return true;
}

int64_t debrief_mono(const json_t *record)
{
	int64_t mono = json_number(record, "mono", 0);

	return mono < 0 || mono > DEBRIEF_NUMBER_MAX ? 0 : mono;
}

int64_t debrief_scene_mono(const json_t *scene, const json_t *opened)
{
	int64_t at, began;

	if (clock_parse_stamp(json_text(scene, "at", ""), &at) ||
	    clock_parse_stamp(json_text(opened, "at", ""), &began))
		return -1;
	at += debrief_mono(opened) - began;
	return at < 0 ? 0 : at;
}

/* Did a fault of that name begin by then? */
static bool world_begun_by(const struct debrief_world *world,
			   const json_t *opened, const char *fault,
			   int64_t mono)
{
	size_t i;
	json_t *scene;

	json_array_foreach(world->scenes, i, scene) {
		int64_t began = debrief_scene_mono(scene, opened);

		if (!strcmp(json_text(scene, "kind", ""), "begun") &&
		    !strcmp(json_text(scene, "fault", ""), fault) &&
		    began >= 0 && began <= mono)
			return true;
	}
	return false;
}

int64_t debrief_first_begun(const struct debrief_world *world,
			    const json_t *opened)
{
	int64_t first = -1;
	size_t i;
	json_t *scene;

	json_array_foreach(world->scenes, i, scene) {
		int64_t began = debrief_scene_mono(scene, opened);

		if (!strcmp(json_text(scene, "kind", ""), "begun") &&
		    began >= 0 && (first < 0 || began < first))
			first = began;
	}
	return first;
}

bool debrief_writer_begun(const struct debrief_world *world,
			  const json_t *opened, int64_t mono)
{
	static const char *const writers[] = {
		"cron-writer", "long-transaction", "old-connections",
	};

	for (size_t i = 0; i < sizeof(writers) / sizeof(writers[0]); i++)
		if (world_begun_by(world, opened, writers[i], mono))
			return true;
	return false;
}

int64_t debrief_over_after(const struct debrief_world *world,
			   const json_t *opened, int64_t mono)
{
	int64_t first = -1;
	size_t i;
	json_t *scene;

	json_array_foreach(world->scenes, i, scene) {
		int64_t over = debrief_scene_mono(scene, opened);

		if (over >= mono && (first < 0 || over < first) &&
		    !strcmp(json_text(scene, "kind", ""), "cleared") &&
		    world_begun_by(world, opened,
				   json_text(scene, "fault", ""), mono))
			first = over;
	}
	return first < 0 ? -1 : first - mono;
}
