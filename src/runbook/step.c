/* The sections 'steps' and 'rollback'. */
#include <string.h>

#include "base/i18n.h"
#include "runbook/kind.h"
#include "runbook/sections.h"
#include "runbook/value.h"

#define AT(member) offsetof(struct runbook_step, member)
#define IN_DEED(member) offsetof(struct deed, member)

_Static_assert(RUNBOOK_STEPS_MAX >= RUNBOOK_ITEMS_MAX,
	       "the limit on items is the limit on steps too");

static const struct field undo_fields[] = {
	{"guards", condition_read_guards, IN_DEED(guards), false, NULL},
	{"do", action_read_all, IN_DEED(actions), true,
	 N_("write 'undo: none' if there is nothing to undo")},
	{"check", condition_read_checks, IN_DEED(checks), false, NULL},
};

/* A mapping, or the word none. */
static void read_undo(struct reader *r, const struct node *node, void *dst)
{
	struct runbook_step *step = dst;

	if (node->kind == NODE_SCALAR && strcmp(node->text, "none") == 0)
		return;
	if (!reader_is_map(r, node, N_("a mapping with 'do', or the word none")))
		return;
	step->has_undo = true;
	r->in_guards = false;
	reader_map(r, node, undo_fields, COUNT_OF(undo_fields), N_("an undo"),
		   &step->undo);
}

static void read_downtime(struct reader *r, const struct node *node, void *dst)
{
	static const char *const words[] = {"starts", "ends", NULL};
	static const enum downtime values[] = {DOWNTIME_STARTS, DOWNTIME_ENDS};
	int word = value_choice(r, node, N_("starts or ends"), words);

	if (word >= 0)
		*(enum downtime *)dst = values[word];
}

static void read_arm(struct reader *r, const struct node *node, void *dst)
{
	static const char *const words[] = {"allowed", "never", NULL};

	*(bool *)dst = value_choice(r, node, N_("allowed or never"), words) == 1;
}

static const struct field step_fields[] = {
	{"id", value_read_id, AT(id), true, N_("a short name of a-z, 0-9 and '-'")},
	{"step", value_read_filled, AT(label), true,
	 N_("its number, such as \"1\" or 2a")},
	{"title", value_read_filled, AT(title), true, NULL},
	{"why", value_read_text, AT(why), false, NULL},
	{"forfeits", value_read_text, AT(forfeits), false, NULL},
	{"confirm", value_read_word, AT(confirm), false, NULL},
	{"downtime", read_downtime, AT(downtime), false, NULL},
	{"arm", read_arm, AT(never_armed), false, NULL},
	{"hold", value_read_duration, AT(hold_ms), false, NULL},
	{"guards", condition_read_guards, AT(deed.guards), true,
	 N_("write 'guards: []' if it needs none")},
	{"do", action_read_all, AT(deed.actions), true,
	 N_("what does it do?")},
	{"check", condition_read_checks, AT(deed.checks), false, NULL},
	{"undo", read_undo, AT(id), true,
	 N_("write 'undo: none' if there is no way back")},
};

_Static_assert(AT(id) == 0, "'undo' is read into the step itself");

static void step_read(struct reader *r, const struct node *node,
		      struct runbook_step *step)
{
	int before;

	*step = (struct runbook_step){
		.id = "", .label = "", .title = "", .why = "", .forfeits = "",
		.line = node->line, .column = node->column,
	};
	if (node->kind == NODE_BROKEN)
		return;
	r->in_guards = true;
	reader_map(r, node, step_fields, COUNT_OF(step_fields), N_("a step"),
		   step);
	if (step->never_armed && node_get(node, "hold"))
		reader_report_key(r, node_get(node, "hold"),
				  _("'hold' is how long an armed gate stands green; with 'arm: never' it means nothing"));
	before = *step->id ? runbook_find_step(r->runbook, step->id) : -1;
	if (before >= 0)
		reader_report(r, node_get(node, "id"),
			      _("the id '%s' a second time; the first is in line %d"),
			      step->id, r->runbook->steps[before].line);
}

/* The window opens once and closes once, later; the same, or not at all. */
static void steps_check_window(struct reader *r, const struct node *list)
{
	const struct node *at = list->first;
	bool started = false, ended = false;

	for (size_t i = 0; i < r->runbook->step_count; i++, at = at->next) {
		const struct node *node = node_get(at, "downtime");
		enum downtime downtime = r->runbook->steps[i].downtime;

		if (downtime == DOWNTIME_STARTS && started)
			reader_report(r, node, _("the downtime starts a second time"));
		else if (downtime == DOWNTIME_ENDS && ended)
			reader_report(r, node, _("the downtime ends a second time"));
		else if (downtime == DOWNTIME_ENDS && !started)
			reader_report(r, node,
				      _("the downtime ends before it starts; 'downtime: starts' is in no step above"));
		started |= downtime == DOWNTIME_STARTS;
		ended |= started && downtime == DOWNTIME_ENDS;
	}
	if (started && !ended)
		reader_report_key(r, list,
			_("the downtime starts but never ends; add 'downtime: ends' to the step that ends it"));
}

void steps_read(struct reader *r, const struct node *node, void *dst)
{
	struct runbook *runbook = r->runbook;

	(void)dst;
	if (!reader_is_list(r, node, N_("a list of steps")))
		return;
	if (!node->count)
		reader_report(r, node, _("'steps' is empty; a runbook has one step at least"));
	runbook->steps = reader_array(r, node->count, sizeof(*runbook->steps));
	for (const struct node *at = node->first; at && runbook->steps;
	     at = at->next) {
		r->step = runbook->step_count;
		step_read(r, at, &runbook->steps[runbook->step_count]);
		runbook->step_count++;
	}
	steps_check_window(r, node);
}

/* ---- rollback ------------------------------------------------------------ */

static bool rollback_has(const struct runbook *runbook, size_t step)
{
	for (size_t i = 0; i < runbook->rollback_count; i++)
		if (runbook->rollback[i] == step)
			return true;
	return false;
}

static void rollback_unknown(struct reader *r, const struct node *node,
			     const char *text)
{
	struct nearest nearest;

	nearest_init(&nearest, text);
	for (size_t i = 0; i < r->runbook->step_count; i++)
		nearest_offer(&nearest, r->runbook->steps[i].id);
	if (nearest.best)
		reader_report(r, node,
			      _("no step has the id '%.80s'; did you mean '%s'?"),
			      text, nearest.best);
	else
		reader_report(r, node, _("no step has the id '%.80s'"), text);
}

static void rollback_add(struct reader *r, const struct node *node)
{
	struct runbook *runbook = r->runbook;
	bool assumed;
	const char *text = value_text(r, node, N_("a step's id"), &assumed);
	int step;

	if (!text || assumed)
		return;
	step = runbook_find_step(runbook, text);
	if (step < 0)
		rollback_unknown(r, node, text);
	else if (!runbook->steps[step].has_undo)
		reader_report(r, node, _("step '%s' has no undo"), text);
	else if (rollback_has(runbook, (size_t)step))
		reader_report(r, node, _("step '%s' a second time"), text);
	else
		runbook->rollback[runbook->rollback_count++] = (size_t)step;
}

void rollback_read(struct reader *r, const struct node *node, void *dst)
{
	struct runbook *runbook = r->runbook;

	(void)dst;
	if (!reader_is_list(r, node, N_("a list of the ids of steps")))
		return;
	runbook->rollback = reader_array(r, node->count,
					 sizeof(*runbook->rollback));
	for (const struct node *at = node->first; at && runbook->rollback;
	     at = at->next)
		if (at->kind != NODE_BROKEN)
			rollback_add(r, at);
	for (size_t i = 0; i < runbook->step_count; i++)
		if (runbook->steps[i].has_undo && !rollback_has(runbook, i))
			reader_report(r, node,
				      _("step '%s' has an undo but is not in 'rollback'"),
				      runbook->steps[i].id);
}
