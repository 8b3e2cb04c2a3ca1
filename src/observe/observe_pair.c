/* See observe_pair.h. Pure. */
#include "observe/observe_pair.h"

#include <stdio.h>
#include <string.h>

/* How many of a set are proven to be heartbeats of a database. */
static int64_t observe_heartbeats(const struct gtid_set *set,
				  const struct db_observation *seen)
{
	struct gtid_set rest = {0};
	int64_t count = 0;

	if (!gtid_subtract(set, &seen->heartbeats, &rest, NULL))
		count = (int64_t)(gtid_count(set) - gtid_count(&rest));
	gtid_release(&rest);
	return count;
}

static void observe_missing(struct facts *facts)
{
	const struct facts_database *source = &facts->databases[SIDE_SOURCE];
	const struct facts_database *target = &facts->databases[SIDE_TARGET];
	struct gtid_set set;
	struct error err = {0};

	gtid_init(&set);
	if (db_observation_missing(source->seen, target->seen, &set, &err)) {
		/* what was counted before stays, as old as it is */
		snprintf(facts->missing_stamp.problem,
			 sizeof(facts->missing_stamp.problem), "%.250s",
			 err.message);
	} else {
		facts->missing = (int64_t)gtid_count(&set);
		facts->missing_heartbeats = observe_heartbeats(&set,
							       source->seen);
		/* as old as the older of the two */
		facts->missing_stamp.at_ms =
			source->stamp.at_ms < target->stamp.at_ms ?
			source->stamp.at_ms : target->stamp.at_ms;
		facts->missing_stamp.problem[0] = '\0';
	}
	gtid_release(&set);
}

/*
 * What the target has and the source has not. MariaDB tells no set, but the last
 * of each domain: there one that the target wrote itself hides behind what
 * replicated after it, and only the servers' own counts (db_observation_errant)
 * tell of it.
 */
static int observe_errant_set(const struct db_observation *source,
			      const struct db_observation *target,
			      struct gtid_set *ret, struct error *err)
{
	int rc = db_observation_compares(source, target, err);

	if (!rc)
		rc = gtid_subtract(&target->executed, &source->executed, ret,
				   err);
	if (!rc && gtid_count(ret) == 0 &&
	    target->server.family == DB_FAMILY_MARIADB)
		rc = db_observation_errant(source, target, ret, err);
	return rc;
}

static void observe_errant(struct facts *facts)
{
	const struct facts_database *source = &facts->databases[SIDE_SOURCE];
	const struct facts_database *target = &facts->databases[SIDE_TARGET];
	struct gtid_set set;
	struct error err = {0};

	/* only a source read after the target can tell */
	if (source->seen->at_ms < target->seen->at_ms + target->seen->took_ms)
		return;
	gtid_init(&set);
	if (observe_errant_set(source->seen, target->seen, &set, &err)) {
		snprintf(facts->errant_stamp.problem,
			 sizeof(facts->errant_stamp.problem), "%.250s",
			 err.message);
	} else {
		facts->errant = (int64_t)gtid_count(&set);
		facts->errant_heartbeats = observe_heartbeats(&set,
							      target->seen);
		facts->errant_stamp.at_ms = target->stamp.at_ms;
		facts->errant_stamp.problem[0] = '\0';
	}
	gtid_release(&set);
}

/* What one of the two does not tell now, the two together do not. */
static bool observe_pair_fails(struct facts *facts)
{
	for (int side = 0; side < SIDE_COUNT; side++) {
		const char *problem = facts->databases[side].stamp.problem;

		if (!problem[0])
			continue;
		memcpy(facts->missing_stamp.problem, problem,
		       FACTS_PROBLEM_MAX);
		memcpy(facts->errant_stamp.problem, problem, FACTS_PROBLEM_MAX);
		return true;
	}
	return false;
}

/* One is asked after the other: with a long way to both, what they say together
 * is old when it is known, and the next time is as far away. */
static void observe_pair_age(struct facts *facts)
{
	int64_t took_ms = 0;

	for (int side = 0; side < SIDE_COUNT; side++)
		took_ms += facts->databases[side].seen->took_ms;
	facts->missing_stamp.fresh_ms = facts->errant_stamp.fresh_ms =
		stamp_fresh_ms(took_ms);
}

void observe_pair(struct facts *facts)
{
	if (observe_pair_fails(facts) ||
	    !facts->databases[SIDE_SOURCE].seen ||
	    !facts->databases[SIDE_TARGET].seen)
		return;
	observe_pair_age(facts);
	observe_missing(facts);
	observe_errant(facts);
}
