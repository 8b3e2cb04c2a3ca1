/* See probe_hint.h. */
#include "db/probe_hint.h"

#include <stdio.h>

#include "base/clock.h"

void db_probe_hint_keep(struct db_probe_hint *hint,
			const struct db_observation *seen,
			unsigned int generation)
{
	hint->known = seen->known[DB_PART_TRANSACTIONS];
	hint->read_ms = clock_mono_ms();
	hint->generation = generation;
	hint->write_transactions = seen->write_transactions;
	hint->oldest_ms = seen->oldest_ms;
	hint->oldest_thread = seen->oldest_thread;
	snprintf(hint->query, sizeof(hint->query), "%s", seen->oldest_query);
	snprintf(hint->user, sizeof(hint->user), "%s", seen->oldest_user);
}

bool db_probe_hint_give(const struct db_probe_hint *hint,
			struct db_observation *seen, unsigned int generation)
{
	const char *query, *user;

	if (!hint->known || hint->generation != generation ||
	    clock_mono_ms() - hint->read_ms >= DB_HINT_EVERY_MS)
		return false;
	query = arena_strdup(&seen->arena, hint->query);
	user = arena_strdup(&seen->arena, hint->user);
	if (!query || !user)
		return false;
	seen->write_transactions = hint->write_transactions;
	seen->oldest_ms = hint->oldest_ms;
	seen->oldest_thread = hint->oldest_thread;
	seen->oldest_query = query;
	seen->oldest_user = user;
	seen->known[DB_PART_TRANSACTIONS] = true;
	return true;
}
