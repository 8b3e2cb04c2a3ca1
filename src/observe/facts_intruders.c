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
	else if (text)
		snprintf(dst, FACTS_GTIDS_MAX, "%s", text);
	free(text);
	gtid_release(&first);
}

struct facts_intruders
facts_intruders(const struct facts_database *database, const char *since,
		int64_t now_ms)
{
	struct facts_intruders found = {.count = -1};
	struct gtid_set then, added, users;

	if (!since || !database->seen || !database->seen->gtid_known ||
	    !stamp_is_fresh(&database->stamp, now_ms))
		return found;
	gtid_init(&then);
	gtid_init(&added);
	gtid_init(&users);
	if (!gtid_parse(since, &then, NULL) &&
	    !gtid_subtract(&database->seen->executed, &then, &added, NULL) &&
	    !gtid_subtract(&added, &database->heartbeats, &users, NULL)) {
		found.count = (int64_t)gtid_count(&users);
		found.heartbeats = (int64_t)gtid_count(&added) - found.count;
		facts_gtids(&users, found.gtids);
	}
	gtid_release(&then);
	gtid_release(&added);
	gtid_release(&users);
	return found;
}
