/* See debrief.h. */
#include "report/debrief.h"

#include "base/json.h"
#include "report/debrief_score.h"

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
	debrief_gates_fold(&debrief->gates, records);
	debrief_acts_fold(&debrief->acts, records);
	debrief->earlier = debrief_recorded(records);
	debrief->lost_writes = debrief->two_writers = false;
	debrief_judge(debrief, records);
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
