/*
 * See prospect.h. Gate by gate in the order of the runbook, as the operator
 * will meet them: what must be true, what would be sent, what its server says
 * of it, and the same for the way back. What stands against beginning is said
 * once more at the end.
 */
#include "view/prospect.h"

#include <string.h>

#include "base/i18n.h"
#include "view/words.h"

/* A sign in that column, and the text three behind it. */
static void prospect_sign(struct sheet *sheet, int column, enum mark mark,
			  enum meaning meaning)
{
	sheet_at(sheet, column);
	sheet_put(sheet, meaning, "%s", sheet_mark(sheet, mark));
	sheet_at(sheet, column + 3);
}

static void prospect_mark(struct sheet *sheet, int column,
			  enum verdict_state state)
{
	prospect_sign(sheet, column, words_verdict_mark(state),
		      words_verdict_meaning(state));
}

static void prospect_title(struct sheet *sheet, const char *title)
{
	sheet_row(sheet);
	sheet_row(sheet);
	sheet_put(sheet, MEANING_TITLE, "%s", title);
}

/* ---- what was seen ------------------------------------------------------- */

static void seen_database(struct sheet *sheet, const struct facts *facts,
			  enum facts_side side)
{
	static const char *const parts[DB_PART_COUNT] = {
		[DB_PART_STATE] = N_("its state"),
		[DB_PART_REPLICATION] = N_("replication"),
		[DB_PART_TRANSACTIONS] = N_("open transactions"),
		[DB_PART_COUNTERS] = N_("counters"),
		[DB_PART_POSITION] = N_("its binlog position"),
		[DB_PART_HEARTBEATS] = N_("heartbeats of the provider"),
	};
	const struct facts_database *database = &facts->databases[side];
	const struct db_observation *seen = database->seen;
	char server[DB_VERSION_MAX + 64] = "";

	if (seen)
		db_dialect_describe(&seen->server, server, sizeof(server));
	sheet_row(sheet);
	prospect_mark(sheet, 1, database->stamp.problem[0] || !seen ?
		      VERDICT_UNKNOWN : VERDICT_GREEN);
	sheet_wrap(sheet, 6, 0, MEANING_PLAIN, "%s: %s%s%s%s%s",
		   database->name, database->host, *server ? ", " : "", server,
		   database->stamp.problem[0] ? ": " : "",
		   database->stamp.problem);
	for (int part = 0; seen && part < DB_PART_COUNT; part++) {
		if (seen->known[part] || !seen->why[part])
			continue;
		sheet_row(sheet);
		prospect_mark(sheet, 1, VERDICT_UNKNOWN);
		sheet_wrap(sheet, 6, 0, MEANING_UNKNOWN,
			   _("%s: not known: %s: %s"), database->name,
			   _(parts[part]), seen->why[part]);
	}
}

static void seen_cluster(struct sheet *sheet, const struct facts *facts)
{
	const struct facts_cluster *cluster = &facts->cluster;
	const struct stamp *stamps[] = {
		&cluster->pods_stamp, &cluster->service_stamp,
		&cluster->slices_stamp, &cluster->deployments_stamp,
	};
	const char *problem = "";

	if (!cluster->where[0])
		return;
	for (size_t i = 0; i < sizeof(stamps) / sizeof(stamps[0]); i++)
		if (!*problem && stamps[i]->problem[0])
			problem = stamps[i]->problem;
		else if (!*problem && stamps[i]->at_ms < 0)
			problem = _("not seen yet");
	sheet_row(sheet);
	prospect_mark(sheet, 1, *problem ? VERDICT_UNKNOWN : VERDICT_GREEN);
	if (*problem)
		sheet_wrap(sheet, 6, 0, MEANING_UNKNOWN, "%s: %s",
			   cluster->where, problem);
	else
		sheet_wrap(sheet, 6, 0, MEANING_PLAIN,
			   ngettext("%s: %zu pod", "%s: %zu pods",
				    cluster->pod_count), cluster->where,
			   cluster->pod_count);
}

static void seen_flag(struct sheet *sheet, const struct facts *facts)
{
	const struct facts_flag *flag = &facts->flag;
	bool known = stamp_is_usable(&flag->stamp, facts->now_ms);

	if (!flag->configured)
		return;
	sheet_row(sheet);
	prospect_mark(sheet, 1, known ? VERDICT_GREEN : VERDICT_UNKNOWN);
	sheet_wrap(sheet, 6, 0, known ? MEANING_PLAIN : MEANING_UNKNOWN,
		   _("the flag at %s: %s"), flag->where, known ?
		   flag->on ? _("on") : _("off") : flag->stamp.problem[0] ?
		   flag->stamp.problem : _("not seen yet"));
}

/* ---- gate by gate -------------------------------------------------------- */

static void gate_guards(struct sheet *sheet, const struct conditions *guards,
			const struct verdict *verdicts, bool first)
{
	sheet_row(sheet);
	sheet_put(sheet, MEANING_DIM, "%s", first ?
		  _(" must be true, and is looked at now:") :
		  _(" must be true then; before the steps it hangs on it says:"));
	for (size_t i = 0; i < guards->count; i++) {
		enum verdict_state state = verdicts[i].state;

		sheet_row(sheet);
		if (first)
			prospect_mark(sheet, 1, state);
		else
			prospect_sign(sheet, 1, state == VERDICT_GREEN ?
				      MARK_OK : MARK_NOT_READY, MEANING_DIM);
		sheet_wrap(sheet, 6, 0, first && state != VERDICT_GREEN ?
			   words_verdict_meaning(state) : MEANING_PLAIN,
			   "%s%s", verdicts[i].text,
			   guards->items[i].hard ? _(" (hard)") : "");
	}
}

static void gate_effect(struct sheet *sheet, const struct effect *effect,
			const struct prospect_effect *answer)
{
	enum verdict_state state = answer->verdict.state;

	sheet_row(sheet);
	sheet_at(sheet, 3);
	sheet_wrap(sheet, 5, 0, MEANING_EMPHASIS, "%s", effect->request);
	sheet_row(sheet);
	if (answer->asked)
		prospect_mark(sheet, 4, state);
	else
		prospect_sign(sheet, 4, MARK_LINE, MEANING_DIM);
	sheet_wrap(sheet, 9, 0, answer->asked && state != VERDICT_GREEN ?
		   words_verdict_meaning(state) : MEANING_DIM, "%s",
		   answer->verdict.text);
}

static void gate_deed(struct sheet *sheet, const char *title,
		      const struct prospect_deed *deed)
{
	const char *target = NULL;

	if (!deed->effects.count && !deed->effects.problem)
		return;
	sheet_row(sheet);
	sheet_put(sheet, MEANING_DIM, "%s", title);
	for (size_t i = 0; i < deed->effects.count; i++) {
		const struct effect *effect = &deed->effects.items[i];

		if (!target || strcmp(target, effect->target) != 0) {
			sheet_row(sheet);
			sheet_put(sheet, MEANING_PLAIN, _("  on %s:"),
				  effect->target);
		}
		target = effect->target;
		gate_effect(sheet, effect, &deed->answers[i]);
	}
	if (!deed->effects.problem)
		return;
	sheet_row(sheet);
	sheet_at(sheet, 3);
	sheet_wrap(sheet, 5, 0, MEANING_UNKNOWN, _("not planned now: %s"),
		   deed->effects.problem);
}

static void prospect_gate(struct sheet *sheet,
			  const struct prospect_found *found, size_t i)
{
	const struct runbook_step *step = &found->runbook->steps[i];
	const struct prospect_step *seen = &found->steps[i];

	sheet_row(sheet);
	sheet_row(sheet);
	sheet_put(sheet, MEANING_TITLE, _("GATE %s  %s"), step->label,
		  step->title);
	if (step->downtime == DOWNTIME_STARTS)
		sheet_right(sheet, 0, MEANING_WARN, "%s",
			    _("  the outage begins"));
	if (step->deed.guards.count)
		gate_guards(sheet, &step->deed.guards, seen->guards, i == 0);
	gate_deed(sheet, _(" would send:"), &seen->deed);
	gate_deed(sheet, _(" its way back would send, as planned now:"), &seen->undo);
}

/* ---- the end ------------------------------------------------------------- */

static void prospect_rights(struct sheet *sheet,
			    const struct prospect_found *found)
{
	if (!found->right_count)
		return;
	prospect_title(sheet, _("THE RUN ITSELF"));
	for (size_t i = 0; i < found->right_count; i++) {
		const struct verdict *verdict = &found->rights[i].verdict;

		sheet_row(sheet);
		prospect_mark(sheet, 1, verdict->state);
		sheet_wrap(sheet, 6, 0, verdict->state == VERDICT_GREEN ?
			   MEANING_PLAIN : words_verdict_meaning(verdict->state),
			   "%s", verdict->text);
	}
}

static void prospect_one_against(void *data, const struct runbook_step *step,
				 bool undo, const struct verdict *verdict)
{
	struct sheet *sheet = data;

	sheet_row(sheet);
	prospect_mark(sheet, 1, verdict->state);
	sheet_wrap(sheet, 6, 0, words_verdict_meaning(verdict->state),
		   !step ? _("the run: %s%s%s") : undo ?
		   _("the way back of step %s%s%s") : _("gate %s%s%s"),
		   step ? step->label : "", step ? ": " : "", verdict->text);
}

static void prospect_end(struct sheet *sheet, const struct prospect_found *found)
{
	size_t against = prospect_against(found, NULL, NULL);

	sheet_row(sheet);
	sheet_row(sheet);
	if (!against) {
		sheet_wrap(sheet, 0, 0, MEANING_GOOD, "%s",
			   _("GO: gate 1 would open, and nothing that could be asked was refused. Nothing was changed."));
		return;
	}
	sheet_put(sheet, MEANING_BAD,
		  ngettext("NO-GO: %zu thing stands against it. Nothing was changed.",
			   "NO-GO: %zu things stand against it. Nothing was changed.",
			   against), against);
	prospect_against(found, prospect_one_against, sheet);
}

/* Before anything else: what was known before it looked. */
static void prospect_known(struct sheet *sheet,
			   const struct prospect_found *found)
{
	for (size_t i = 0; i < found->known_count; i++) {
		const struct verdict *verdict = &found->known[i];

		sheet_row(sheet);
		prospect_mark(sheet, 1, verdict->state);
		sheet_wrap(sheet, 6, 0, words_verdict_meaning(verdict->state),
			   "%s", verdict->text);
	}
}

void prospect_sheet(struct sheet *sheet, const struct prospect_found *found)
{
	sheet_row(sheet);
	sheet_put(sheet, MEANING_TITLE, _("PLAN %s  %s"), found->runbook->name,
		  found->runbook->title);
	sheet_row(sheet);
	sheet_wrap(sheet, 1, 0, MEANING_PLAIN, "%s",
		   _(" Nothing is changed. A request is tried by its server, which keeps nothing of it; a statement is not: there, what was granted is looked at."));
	prospect_known(sheet, found);
	prospect_title(sheet, _("SEEN"));
	for (int side = 0; side < SIDE_COUNT; side++)
		seen_database(sheet, found->facts, (enum facts_side)side);
	seen_cluster(sheet, found->facts);
	seen_flag(sheet, found->facts);
	for (size_t i = 0; i < found->runbook->step_count; i++)
		prospect_gate(sheet, found, i);
	prospect_rights(sheet, found);
	prospect_end(sheet, found);
}
