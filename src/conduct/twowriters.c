/*
 * Never two writers (promise 4). Whatever the runbook and its guards say,
 * three kinds of action pass here last: letting a database take writes, and
 * raising the flag. Each needs a fresh fact that says the other side is shut.
 */
#include <string.h>

#include "base/i18n.h"
#include "conduct/conductor.h"

/* Does this database surely refuse users' writes? */
static bool conduct_is_shut(const struct facts *facts,
			    const struct facts_database *database)
{
	return database->seen &&
	       stamp_is_fresh(&database->stamp, facts->now_ms) &&
	       database->seen->known[DB_PART_STATE] &&
	       (database->seen->read_only == DB_FLAG_ON ||
		database->seen->innodb_read_only == DB_FLAG_ON);
}

static int conduct_refuse_writers(const struct facts_database *open,
				  struct error *err)
{
	return error_set(err, ERR_INVALID, open->host,
			 _("refused: %s is not proven to refuse writes, and two databases must never take them at once"),
			 open->name);
}

int conduct_two_writers(const struct conductor *conductor,
			const struct action *action, struct error *err)
{
	const struct facts *facts = conductor->facts;
	const struct facts_database *source = &facts->databases[SIDE_SOURCE];
	const struct facts_database *target = &facts->databases[SIDE_TARGET];

	if (action->kind == ACTION_UNFENCE) {
		const struct facts_database *other =
			strcmp(action->on, source->name) == 0 ? target : source;

		return conduct_is_shut(facts, other) ? 0 :
			conduct_refuse_writers(other, err);
	}
	if (action->kind == ACTION_FLAG && action->is &&
	    !conduct_is_shut(facts, source) && !conduct_is_shut(facts, target))
		return conduct_refuse_writers(source, err);
	return 0;
}
