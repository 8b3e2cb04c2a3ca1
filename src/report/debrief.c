/* See debrief.h. */
#include "report/debrief.h"

#include "base/i18n.h"
#include "base/json.h"
#include "report/debrief_score.h"

const struct debrief_rule debrief_rules[DEBRIEF_CRITERIA] = {
	[DEBRIEF_WRITES] = {"writes", N_("writes"), 20,
		N_("No write that a user was told is saved is lost (half for one that is there twice). A lost one caps the whole score at 20.")},
	[DEBRIEF_WRITERS] = {"one-writer", N_("one writer"), 15,
		N_("The fenced source takes no transaction; or, if the scenario made it, the way back is begun. Going on with two writers caps the whole score at 20.")},
	[DEBRIEF_OUTAGE] = {"outage", N_("outage"), 15,
		N_("The users' outage of writes: all up to par, none at the agreed budget (or at twice par); at the realistic speed without what acts and checks took that came to their end. One that has not ended caps the whole score at 50.")},
	[DEBRIEF_DECISION] = {"decision", N_("decision"), 20,
		N_("Completed or rolled back, as the scenario calls for. A rollback that was not needed, or that came before anything called for it, keeps a quarter: it is safe.")},
	[DEBRIEF_REACTION] = {"reaction", N_("reaction"), 5,
		N_("From a failure, a late check, or what called for the way back or an override, to the decision: all up to 20 s, none at 2 minutes.")},
	[DEBRIEF_OVERRIDES] = {"overrides", N_("overrides"), 5,
		N_("As many as par allows; each one more costs 3.")},
	[DEBRIEF_GUARDS] = {"guards", N_("guards"), 10,
		N_("Guards not green when their gate was confirmed, beyond par's overrides: a red one costs 6, an unknown one 3.")},
	[DEBRIEF_GATES] = {"gates", N_("gates"), 10,
		N_("The operator's own time a gate in the window, from green to confirmed: all up to 10 s, none at 60 s. An armed gate takes none.")},
};

/* The last comparison on record: a run that was resumed may have several. */
static const json_t *debrief_recorded(const json_t *records)
{
	const json_t *found = NULL;
	size_t i;
	json_t *record;

	json_array_foreach(records, i, record)
		if (json_is_object(json_at(record, "debrief/earlier")))
			found = json_at(record, "debrief/earlier");
	return found;
}

bool debrief_fold(struct debrief *debrief, const json_t *records)
{
	report_fold_all(&debrief->run, records);
	if (!debrief_world_read(&debrief->world, records) ||
	    !debrief->run.rehearsal)
		return false;
	debrief_waits_fold(&debrief->waits, records);
	debrief_gates_fold(&debrief->gates, &debrief->waits, records);
	debrief_acts_fold(&debrief->acts, records);
	debrief->began = json_array_get(records, 0);
	debrief->earlier = debrief_recorded(records);
	debrief->lost_writes = debrief->two_writers = debrief->open = false;
	debrief_judge(debrief);
	return true;
}

int debrief_missing(const struct debrief *debrief,
		    enum debrief_criterion criterion)
{
	int points = debrief->marks[criterion].points;

	return points < 0 ? 0 : debrief_rules[criterion].weight - points;
}

const char *debrief_verdict(const struct debrief *debrief,
			    enum debrief_criterion criterion)
{
	int points = debrief->marks[criterion].points;

	if (points < 0)
		return "not judged";
	if (!debrief_missing(debrief, criterion))
		return "full";
	return points ? "part" : "none";
}
