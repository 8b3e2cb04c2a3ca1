/*
 * What a database took beyond a position, the provider's heartbeats apart; see
 * facts.h. Pure. Only a transaction that is proven to be a heartbeat is apart:
 * whatever could not be told counts as a user's.
 */
#include "observe/facts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/i18n.h"

#define INTERVALS_SHOWN 4       /* each at most 112 bytes of text */

/* The first few intervals of a set. */
static int facts_first(const struct gtid_set *set, struct gtid_set *ret)
{
	size_t left = INTERVALS_SHOWN;
	int rc = 0;

	gtid_init(ret);
	ret->form = set->form;
	for (size_t i = 0; i < set->count && left && !rc; i++)
		for (size_t k = 0; k < set->sources[i].count && left && !rc;
		     k++, left--)
			rc = gtid_add(ret, &set->sources[i],
				      set->sources[i].intervals[k].from,
				      set->sources[i].intervals[k].to, NULL);
	return rc ? rc : gtid_normalise(ret, NULL);
}

void facts_gtids(const struct gtid_set *set, char dst[FACTS_GTIDS_MAX])
{
	struct gtid_set first;
	char *text = NULL;
	uint64_t more;

	dst[0] = '\0';
	if (!facts_first(set, &first))
		text = gtid_format(&first);
	more = gtid_count(set) - gtid_count(&first);
	if (text && more)
		snprintf(dst, FACTS_GTIDS_MAX,
			 ngettext("%s ... and %" PRIu64 " more",
				  "%s ... and %" PRIu64 " more",
				  (unsigned long)more), text, more);
	else if (text || gtid_count(set))
		snprintf(dst, FACTS_GTIDS_MAX, "%s",
			 text ? text : _("(out of memory)"));
	free(text);
	gtid_release(&first);
}

/* Does the observation tell what came after a position? If not, says why. */
static bool facts_tells(const struct facts_database *database,
			const char *since, int64_t now_ms,
			char why[FACTS_PROBLEM_MAX])
{
	const struct db_observation *seen = database->seen;

	why[0] = '\0';
	if (!since)
		snprintf(why, FACTS_PROBLEM_MAX, "%s",
			 _("its position then was not recorded"));
	else if (!seen || !stamp_is_fresh(&database->stamp, now_ms))
		snprintf(why, FACTS_PROBLEM_MAX, "%s",
			 _("it was not seen lately"));
	else if (!seen->gtid_known)
		snprintf(why, FACTS_PROBLEM_MAX, "%.250s", seen->gtid_why);
	else if (seen->heartbeats_pending)
		snprintf(why, FACTS_PROBLEM_MAX, "%.250s",
			 seen->why[DB_PART_HEARTBEATS]);
	return !why[0];
}

/* Users' transactions among those that came. */
static int facts_sift(const struct db_observation *seen, const char *since,
		      struct facts_intruders *found, struct error *err)
{
	struct gtid_set then = {0}, added = {0}, users = {0};
	int rc = gtid_parse(since, &then, err);

	if (!rc)
		rc = gtid_subtract(&seen->executed, &then, &added, err);
	if (!rc)
		rc = gtid_subtract(&added, &seen->heartbeats, &users, err);
	if (!rc) {
		found->count = (int64_t)gtid_count(&users);
		found->heartbeats = (int64_t)gtid_count(&added) - found->count;
		facts_gtids(&users, found->gtids);
	}
	gtid_release(&then);
	gtid_release(&added);
	gtid_release(&users);
	return rc;
}

struct facts_intruders
facts_intruders(const struct facts_database *database, const char *since,
		int64_t now_ms)
{
	const struct db_observation *seen = database->seen;
	struct facts_intruders found = {.count = -1};
	struct error err = {0};

	if (!facts_tells(database, since, now_ms, found.why))
		return found;
	if (facts_sift(seen, since, &found, &err))
		snprintf(found.why, sizeof(found.why), "%.250s", err.message);
	else if (found.count && !seen->known[DB_PART_HEARTBEATS])
		snprintf(found.why, sizeof(found.why), "%.250s",
			 seen->why[DB_PART_HEARTBEATS]);
	return found;
}
