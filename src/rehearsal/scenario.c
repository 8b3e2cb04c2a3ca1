/* See scenario.h. What the keys may hold is in scenario_read.c. */
#include "rehearsal/scenario.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/file.h"
#include "rehearsal/fault.h"
#include "rehearsal/scenario_read.h"
#include "runbook/runbook.h"

static const struct node_limits scenario_limits = {
	.items = RUNBOOK_ITEMS_MAX,
	.text = RUNBOOK_TEXT_MAX,
	.depth = RUNBOOK_DEPTH_MAX,
};

static int scenario_outcome(struct runbook_problems *problems,
			    const char *path, struct error *err)
{
	size_t count = problems->count + problems->more;

	if (!count)
		return 0;
	runbook_problems_sort(problems);
	return error_set(err, ERR_INVALID, path, "%zu problem%s", count,
			 count == 1 ? "" : "s");
}

/* An empty runbook owns what the reader makes, and has no variables. */
static int scenario_fill(struct scenario *scenario, const char *path,
			 const struct buf *bytes,
			 struct runbook_problems *problems, struct error *err)
{
	static const struct runbook_settings settings = {.vars_file = NULL};
	struct reader reader = {.runbook = scenario->owner, .file = path,
				.settings = &settings, .problems = problems};
	struct node *root = NULL;

	reader.error = node_read(&scenario->owner->arena, path, bytes->data,
				 bytes->len, &scenario_limits, problems,
				 &root);
	if (root && !reader.error)
		scenario_read(&reader, root, scenario);
	return reader.error ? error_nomem(err) :
	       scenario_outcome(problems, path, err);
}

int scenario_load(const char *path, struct scenario **ret,
		  struct runbook_problems *problems, struct error *err)
{
	struct scenario *scenario = calloc(1, sizeof(*scenario));
	struct buf bytes;
	int rc;

	if (!scenario || !(scenario->owner = calloc(1, sizeof(struct runbook)))) {
		free(scenario);
		return error_nomem(err);
	}
	arena_init(&scenario->owner->arena);
	buf_init(&bytes, RUNBOOK_FILE_MAX);
	rc = file_read(path, &bytes, err);
	if (!rc)
		rc = scenario_fill(scenario, path, &bytes, problems, err);
	buf_release(&bytes);
	if (rc)
		scenario_free(scenario);
	else
		*ret = scenario;
	return rc;
}

void scenario_free(struct scenario *scenario)
{
	if (!scenario)
		return;
	for (size_t i = 0; i < scenario->timeline_count; i++)
		json_decref(scenario->timeline[i].with);
	runbook_free(scenario->owner);
	free(scenario);
}

static json_t *scenario_steps(const struct scenario *scenario)
{
	json_t *steps = json_array();

	for (size_t i = 0; steps && i < scenario->timeline_count; i++)
		if (scenario->timeline[i].step)
			json_array_append_new(steps, json_string(
				scenario->timeline[i].step));
	return steps;
}

static const char *scenario_flag_fault(const struct scenario *scenario)
{
	for (size_t i = 0; i < scenario->timeline_count; i++) {
		const char *name = scenario->timeline[i].fault;

		if (name && fault_wants_flag_service(fault_find(name)))
			return name;
	}
	return NULL;
}

json_t *scenario_describe(const struct scenario *scenario)
{
	json_t *good = json_array();

	for (size_t i = 0; good && i < scenario->good_count; i++)
		json_array_append_new(good, json_string(scenario->good[i]));
	return json_pack("{ss ss ss ss so so ss? s{ss sI sI}}", "scenario",
			 scenario->name, "title", scenario->title, "briefing",
			 scenario->briefing, "runbook", scenario->runbook,
			 "good", good, "steps", scenario_steps(scenario),
			 "flag_fault", scenario_flag_fault(scenario), "par", "result", scenario->par.result,
			 "outage_ms", (json_int_t)scenario->par.outage_ms,
			 "overrides", (json_int_t)scenario->par.overrides);
}
