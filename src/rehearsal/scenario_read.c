/*
 * See scenario_read.h. Names of faults are checked against their tables, names
 * of gates against the runbook: a scenario that waits for a gate which never
 * opens would look like one that is over.
 */
#include "rehearsal/scenario_read.h"

#include <stdio.h>
#include <string.h>

#include "rehearsal/fault.h"
#include "rehearsal/options.h"
#include "runbook/runbook.h"
#include "runbook/value.h"

#define ENTRY(member) offsetof(struct scenario_entry, member)
#define SCENARIO(member) offsetof(struct scenario, member)

/* ---- at: what an entry waits for ----------------------------------------- */

static void read_step(struct reader *r, const struct node *node,
		      struct scenario_entry *entry, enum scenario_trigger on)
{
	entry->on = on;
	value_read_id(r, node, &entry->step);
}

static void read_gate(struct reader *r, const struct node *node, void *dst)
{
	read_step(r, node, dst, TRIGGER_GATE);
}

static void read_confirmed(struct reader *r, const struct node *node, void *dst)
{
	read_step(r, node, dst, TRIGGER_CONFIRMED);
}

static void read_action(struct reader *r, const struct node *node, void *dst)
{
	read_step(r, node, dst, TRIGGER_ACTION);
}

static void read_done(struct reader *r, const struct node *node, void *dst)
{
	read_step(r, node, dst, TRIGGER_DONE);
}

static void read_rollback(struct reader *r, const struct node *node, void *dst)
{
	static const char *const moments[] = {"begun", NULL};
	struct scenario_entry *entry = dst;

	entry->on = TRIGGER_ROLLBACK;
	value_choice(r, node, "begun", moments);
}

/* A time that may be none at all. */
static void read_moment(struct reader *r, const struct node *node, void *dst)
{
	int64_t *moment = dst;

	if (node->kind == NODE_SCALAR && (strcmp(node->text, "0s") == 0 ||
					  strcmp(node->text, "0") == 0))
		*moment = 0;
	else
		value_read_duration(r, node, moment);
}

static void read_time(struct reader *r, const struct node *node, void *dst)
{
	struct scenario_entry *entry = dst;

	entry->on = TRIGGER_TIME;
	read_moment(r, node, &entry->time_ms);
}

static void read_deed(struct reader *r, const struct node *node, void *dst)
{
	struct scenario_entry *entry = dst;
	int deed = value_choice(r, node,
				"flag-off, flag-on, fenced, promoted, v2-patched, flipped or flipped-back",
				deeds_names);

	entry->on = TRIGGER_DEED;
	if (deed >= 0)
		entry->deed = (enum deeds_kind)deed;
}

static const struct field at_fields[] = {
	{"gate", read_gate, 0, false, NULL},
	{"confirmed", read_confirmed, 0, false, NULL},
	{"action", read_action, 0, false, NULL},
	{"done", read_done, 0, false, NULL},
	{"rollback", read_rollback, 0, false, NULL},
	{"time", read_time, 0, false, NULL},
	{"deed", read_deed, 0, false, NULL},
};

static void read_at(struct reader *r, const struct node *node, void *dst)
{
	reader_map(r, node, at_fields, COUNT_OF(at_fields), "'at'", dst);
	if (node->kind == NODE_MAP && node->count != 1)
		reader_report(r, node,
			      "'at' wants one of gate, confirmed, action, done, rollback, time and deed");
}

/* ---- an entry of the timeline -------------------------------------------- */

static bool offer_name(const struct fault *fault, void *data)
{
	nearest_offer(data, fault->name);
	return true;
}

static const struct fault *known_fault(struct reader *r,
				       const struct node *node,
				       const char *name)
{
	const struct fault *fault = name ? fault_find(name) : NULL;
	struct nearest nearest;

	if (!name || fault)
		return fault;
	nearest_init(&nearest, name);
	fault_each(offer_name, &nearest);
	if (nearest.best)
		reader_report(r, node,
			      "no fault is named '%.80s'; did you mean '%s'?",
			      name, nearest.best);
	else
		reader_report(r, node,
			      "no fault is named '%.80s'; 'cutover rehearse --inject list' names all in a running world",
			      name);
	return NULL;
}

/* A mapping of names to texts: what fault_number and fault_text read. */
static void read_with(struct reader *r, const struct node *node, void *dst)
{
	json_t **with = dst;

	if (!reader_is_map(r, node, "a mapping such as {seconds: 8}"))
		return;
	*with = json_object();
	for (const struct node *at = node->first; at; at = at->next) {
		bool assumed;
		const char *text = at->kind == NODE_BROKEN ? NULL :
				   value_text(r, at, "a text or a number",
					      &assumed);

		if (text && json_object_set_new(*with, at->key,
						json_string(text)))
			r->error = ERR_NOMEM;
	}
}

static const struct field entry_fields[] = {
	{"at", read_at, 0, true, "what it waits for, such as {gate: 2a}"},
	{"after", read_moment, ENTRY(after_ms), false, NULL},
	{"fault", value_read_id, ENTRY(fault), false, NULL},
	{"with", read_with, ENTRY(with), false, NULL},
	{"for", value_read_duration, ENTRY(for_ms), false, NULL},
	{"clear", value_read_id, ENTRY(clear), false, NULL},
	{"tell", value_read_filled, ENTRY(tell), false, NULL},
};

/* What one entry says about its fault must go together. */
static void check_fault(struct reader *r, const struct node *node,
			const struct scenario_entry *entry)
{
	const struct node *with = node_get(node, "with");
	const struct node *until = node_get(node, "for");
	const struct fault *fault = known_fault(r, node_get(node, "fault"),
						entry->fault);
	struct error err = {0};

	if (!entry->fault && with)
		reader_report_key(r, with, "'with' is a fault's; there is none");
	if (!entry->fault && until)
		reader_report_key(r, until, "'for' is a fault's; there is none");
	if (fault && until && !fault_lasts(fault))
		reader_report_key(r, until,
				  "%s is over at once: 'for' means nothing",
				  fault->name);
	if (fault && fault_check(fault, entry->with, &err))
		reader_report_key(r, with, "%s", err.message);
}

static void read_entry(struct reader *r, const struct node *node, void *dst)
{
	struct scenario_entry *entry = dst;

	reader_map(r, node, entry_fields, COUNT_OF(entry_fields),
		   "an entry of the timeline", entry);
	if (node->kind != NODE_MAP)
		return;
	if (entry->fault && entry->clear)
		reader_report(r, node, "one entry begins a fault or clears one, not both");
	if (!node_get(node, "fault") && !node_get(node, "clear") &&
	    !node_get(node, "tell"))
		reader_report(r, node, "an entry wants 'fault', 'clear' or 'tell'");
	known_fault(r, node_get(node, "clear"), entry->clear);
	check_fault(r, node, entry);
}

static void read_timeline(struct reader *r, const struct node *node, void *dst)
{
	struct scenario *scenario = dst;

	scenario->timeline = reader_items(r, node, "a list of entries",
					  sizeof(*scenario->timeline),
					  read_entry,
					  &scenario->timeline_count);
}

/* ---- the rest ------------------------------------------------------------ */

static void read_flag(struct reader *r, const struct node *node, void *dst)
{
	static const char *const kinds[] = {"http", "configmap", NULL};

	*(int *)dst = value_choice(r, node, "http or configmap", kinds);
}

static void read_pods(struct reader *r, const struct node *node, void *dst)
{
	int64_t *pods = dst;

	value_read_count(r, node, pods);
	if (*pods == 0 || *pods > OPTIONS_PODS_MAX)
		reader_report(r, node, "'pods' is a number from 1 to %d",
			      OPTIONS_PODS_MAX);
}

static void read_delay(struct reader *r, const struct node *node, void *dst)
{
	int64_t *delay = dst;

	read_moment(r, node, delay);
	if (*delay > OPTIONS_DELAY_MAX_MS)
		reader_report(r, node, "'%s' is at most an hour", node->key);
}

static const struct field world_fields[] = {
	{"pods", read_pods, SCENARIO(pods), false, NULL},
	{"heartbeat", read_delay, SCENARIO(heartbeat_ms), false, NULL},
	{"flag", read_flag, SCENARIO(flag), false, NULL},
	{"start_delay", read_delay, SCENARIO(start_delay_ms), false, NULL},
};

static void read_world(struct reader *r, const struct node *node, void *dst)
{
	reader_map(r, node, world_fields, COUNT_OF(world_fields), "'world'",
		   dst);
}

static void read_good(struct reader *r, const struct node *node, void *dst)
{
	struct scenario *scenario = dst;

	scenario->good = reader_items(r, node, "a list of sentences",
				      sizeof(*scenario->good),
				      value_read_filled,
				      &scenario->good_count);
}

static void read_result(struct reader *r, const struct node *node, void *dst)
{
	static const char *const results[] = {"completed", "rolled-back",
					      "either", NULL};
	int result = value_choice(r, node, "completed, rolled-back or either",
				  results);

	if (result >= 0)
		*(const char **)dst = results[result];
}

static const struct field par_fields[] = {
	{"result", read_result, SCENARIO(par.result), true,
	 "completed, rolled-back or either"},
	{"outage", value_read_duration, SCENARIO(par.outage_ms), false, NULL},
	{"overrides", value_read_count, SCENARIO(par.overrides), false, NULL},
};

static void read_par(struct reader *r, const struct node *node, void *dst)
{
	reader_map(r, node, par_fields, COUNT_OF(par_fields), "'par'", dst);
}

static const struct field scenario_fields[] = {
	{"scenario", value_read_id, SCENARIO(name), true,
	 "the scenario's name"},
	{"title", value_read_filled, SCENARIO(title), true, NULL},
	{"briefing", value_read_filled, SCENARIO(briefing), true,
	 "what the operator is told beforehand"},
	{"runbook", value_read_id, SCENARIO(runbook), false, NULL},
	{"world", read_world, 0, false, NULL},
	{"timeline", read_timeline, 0, false, NULL},
	{"good", read_good, 0, true, "what a good operator does"},
	{"par", read_par, 0, true, "the result to be reached"},
};

/* ---- faults against the world -------------------------------------------- */

static void check_flag(struct reader *r, const struct node *root,
		       const struct scenario *scenario)
{
	const struct node *list = node_get(root, "timeline");
	const struct node *at = list ? list->first : NULL;

	for (size_t i = 0; at && i < scenario->timeline_count;
	     i++, at = at->next) {
		const char *name = scenario->timeline[i].fault;
		const struct fault *fault = name ? fault_find(name) : NULL;

		if (fault && fault_wants_flag_service(fault))
			reader_report(r, node_get(at, "fault"),
				      "%s wants a flag service; the world's flag is a ConfigMap",
				      name);
	}
}

/* ---- gates against the runbook ------------------------------------------- */

static bool is_a_step(const struct runbook *runbook, const char *step)
{
	for (size_t i = 0; i < runbook->step_count; i++)
		if (!strcmp(runbook->steps[i].label, step) ||
		    !strcmp(runbook->steps[i].id, step))
			return true;
	return false;
}

static void check_gates(struct reader *r, const struct node *root,
			const struct scenario *scenario,
			const struct runbook *runbook)
{
	const struct node *list = node_get(root, "timeline");
	const struct node *at = list ? list->first : NULL;

	for (size_t i = 0; at && i < scenario->timeline_count;
	     i++, at = at->next) {
		const char *step = scenario->timeline[i].step;
		const struct node *where = node_get(at, "at");

		if (step && where && !is_a_step(runbook, step))
			reader_report(r, where->first,
				      "%s has no step '%.80s'", runbook->name,
				      step);
	}
}

static void check_runbook(struct reader *r, const struct node *root,
			  const struct scenario *scenario)
{
	static const struct runbook_settings settings = {.vars_file = NULL};
	const struct node *node = node_get(root, "runbook");
	struct runbook_problems problems;
	struct runbook *runbook = NULL;
	struct error err = {0};

	runbook_problems_init(&problems);
	if (!runbook_load(scenario->runbook, &settings, &runbook, &problems,
			  &err))
		check_gates(r, root, scenario, runbook);
	else if (err.code == ERR_NOMEM)
		r->error = ERR_NOMEM;
	else
		reader_report(r, node ? node : root, "the runbook '%s': %s",
			      scenario->runbook, err.message);
	runbook_free(runbook);
	runbook_problems_release(&problems);
}

void scenario_read(struct reader *r, const struct node *root,
		   struct scenario *scenario)
{
	scenario->name = scenario->title = scenario->briefing = "";
	scenario->runbook = SCENARIO_RUNBOOK;
	scenario->pods = scenario->heartbeat_ms = scenario->start_delay_ms = -1;
	scenario->flag = -1;
	scenario->par.result = "either";
	scenario->par.outage_ms = -1;
	reader_map(r, root, scenario_fields, COUNT_OF(scenario_fields),
		   "a scenario", scenario);
	if (root->kind == NODE_MAP && scenario->flag == 1)
		check_flag(r, root, scenario);
	if (root->kind == NODE_MAP && !r->error)
		check_runbook(r, root, scenario);
}
