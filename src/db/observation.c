/*
 * See observation.h. Two observations are never of the same instant; what is
 * derived of two here is made so that the time between them can make a thing
 * look unready and never ready.
 */
#include "db/observation.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

void db_observation_free(struct db_observation *observation)
{
	if (!observation)
		return;
	gtid_release(&observation->executed);
	gtid_release(&observation->applied);
	gtid_release(&observation->own);
	gtid_release(&observation->heartbeats);
	arena_release(&observation->arena);
	free(observation);
}

static int channel_trouble(const struct db_channel *channel)
{
	if (channel->io == DB_THREAD_YES && channel->sql == DB_THREAD_YES)
		return 0;
	return channel->io == DB_THREAD_UNKNOWN ||
	       channel->sql == DB_THREAD_UNKNOWN ? 1 : 2;
}

const struct db_channel *
db_observation_channel(const struct db_observation *observation)
{
	const struct db_channel *worst = NULL;

	if (!observation->known[DB_PART_REPLICATION])
		return NULL;
	for (size_t i = 0; i < observation->channel_count; i++) {
		const struct db_channel *channel = &observation->channels[i];

		if (!worst || channel_trouble(channel) > channel_trouble(worst))
			worst = channel;
	}
	return worst;
}

static int check_known(const struct db_observation *observation,
		       const char *which, struct error *err)
{
	if (!observation->reached)
		return error_set(err, ERR_INVALID, NULL,
				 "the %s was not reached: %.600s", which,
				 observation->err.message);
	if (!observation->known[DB_PART_STATE] || !observation->gtid_known)
		return error_set(err, ERR_INVALID, NULL,
				 "the %s's gtid set is not known: %.600s",
				 which, !observation->known[DB_PART_STATE] ?
				 observation->why[DB_PART_STATE] :
				 observation->gtid_why);
	return 0;
}

int db_observation_compares(const struct db_observation *source,
			    const struct db_observation *target,
			    struct error *err)
{
	int rc = check_known(source, "source", err);

	return rc ? rc : check_known(target, "target", err);
}

int db_observation_missing(const struct db_observation *source,
			   const struct db_observation *target,
			   struct gtid_set *ret_set, struct error *err)
{
	int rc = db_observation_compares(source, target, err);

	if (!rc)
		rc = gtid_subtract(&source->executed, &target->applied,
				   ret_set, err);
	return rc;
}

static int errant_mysql(const struct db_observation *source,
			const struct db_observation *target,
			struct gtid_set *ret_set, struct error *err)
{
	struct gtid_set theirs = {0}, foreign = {0};
	int rc;

	rc = gtid_of_server(&target->executed, source->server_uuid, &theirs,
			    err);
	if (!rc)
		rc = gtid_subtract(&target->executed, &theirs, &foreign, err);
	if (!rc)
		rc = gtid_subtract(&foreign, &source->executed, ret_set, err);
	gtid_release(&theirs);
	gtid_release(&foreign);
	return rc;
}

/* The last write of a server in a domain that this one's binlog has. */
static uint64_t last_of(const char *state, uint32_t domain, uint32_t server)
{
	uint64_t last = 0;

	while (*state) {
		size_t len = strcspn(state, ",");
		char one[64];
		struct gtid_set set = {0};

		if (len < sizeof(one)) {
			memcpy(one, state, len);
			one[len] = '\0';
			if (!gtid_parse(one, &set, NULL) && set.count == 1 &&
			    set.sources[0].domain == domain &&
			    set.sources[0].server == server)
				last = set.sources[0].intervals[0].to;
			gtid_release(&set);
		}
		state += len + (state[len] == ',');
	}
	return last;
}

static int errant_mariadb(const struct db_observation *source,
			  const struct db_observation *target,
			  struct gtid_set *ret_set, struct error *err)
{
	struct gtid_set out = {.form = GTID_MARIADB};
	int rc = 0;

	for (size_t i = 0; i < target->own.count && !rc; i++) {
		const struct gtid_source *own = &target->own.sources[i];
		uint64_t last = own->intervals[own->count - 1].to;

		if (last_of(source->state_text, own->domain, own->server) <
		    last)
			rc = gtid_add(&out, own, last, last, err);
	}
	if (rc) {
		gtid_release(&out);
		return rc;
	}
	gtid_release(ret_set);
	*ret_set = out;
	return 0;
}

int db_observation_errant(const struct db_observation *source,
			  const struct db_observation *target,
			  struct gtid_set *ret_set, struct error *err)
{
	int rc = db_observation_compares(source, target, err);

	if (rc)
		return rc;
	if (source->server.family != target->server.family)
		return error_set(err, ERR_INVALID, NULL, "a MySQL and a "
				 "MariaDB server can't be compared by gtid");
	if (source->server.family == DB_FAMILY_MARIADB)
		return errant_mariadb(source, target, ret_set, err);
	return errant_mysql(source, target, ret_set, err);
}

bool db_channel_is_from(const struct db_channel *channel,
			const struct db_observation *source)
{
	if (!source->known[DB_PART_STATE])
		return false;
	if (*channel->source_uuid && *source->server_uuid)
		return !strcasecmp(channel->source_uuid, source->server_uuid);
	return source->server_id > 0 &&
	       channel->source_server_id == source->server_id;
}
