/* Conditions on the databases; see judge.h. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "observe/judge.h"

/* The database a condition is about, if its facts can be used. what: which of
 * them, lest all conditions on one that is away say the same. */
static const struct facts_database *
fact_database(const struct condition *condition, const char *what,
	      const struct condition_context *c, struct verdict *ret)
{
	const struct facts_database *database =
		facts_database(c->facts, condition->on);
	char name[FACTS_PROBLEM_MAX];

	if (!database) {
		verdict_set(ret, VERDICT_UNKNOWN, _("%s: is not observed"),
			    condition->on);
		return NULL;
	}
	snprintf(name, sizeof(name), "%s, %s", condition->on, what);
	return fact_usable(&database->stamp, name, c, ret) ? database : NULL;
}

/* A part of an observation that the server would not tell. */
static bool fact_part(const struct facts_database *database, enum db_part part,
		      const char *what, struct verdict *ret)
{
	if (database->seen->known[part])
		return true;
	verdict_set(ret, VERDICT_UNKNOWN, _("%s: %s unknown: %s"),
		    database->name, what, database->seen->why[part]);
	return false;
}

static const char *const thread_words[] = {
	[DB_THREAD_UNKNOWN] = "unknown",
	[DB_THREAD_NO] = "stopped",
	[DB_THREAD_CONNECTING] = "connecting",
	[DB_THREAD_YES] = "runs",
};

void judge_replicating(const struct condition *condition,
			      const struct condition_context *c,
			      struct verdict *ret)
{
	const struct facts_database *database =
		fact_database(condition, _("replication"), c, ret);
	const struct db_channel *channel;

	if (!database || !fact_part(database, DB_PART_REPLICATION,
				    _("replication"), ret))
		return;
	if (database->seen->channel_count == 0) {
		verdict_set(ret, VERDICT_RED, _("%s does not replicate"),
			    database->name);
		return;
	}
	for (size_t i = 0; i < database->seen->channel_count; i++) {
		channel = &database->seen->channels[i];
		if (!channel->filters[0])
			continue;
		verdict_set(ret, VERDICT_RED,
			    _("%s replicates with a filter, and what that leaves out is not there: %s"),
			    database->name, channel->filters);
		return;
	}
	channel = db_observation_channel(database->seen);
	verdict_set(ret,
		    channel->io == DB_THREAD_UNKNOWN ||
		    channel->sql == DB_THREAD_UNKNOWN ? VERDICT_UNKNOWN :
		    verdict_of(channel->io == DB_THREAD_YES &&
			       channel->sql == DB_THREAD_YES),
		    _("%s replicates%s%s: io %s, sql %s%s%s%s"), database->name,
		    channel->name[0] ? _(", channel ") : "", channel->name,
		    thread_words[channel->io], thread_words[channel->sql],
		    channel->io_error[0] || channel->sql_error[0] ? ": " : "",
		    channel->io_error, channel->sql_error);
}

void judge_not_replicating(const struct condition *condition,
				  const struct condition_context *c,
				  struct verdict *ret)
{
	const struct facts_database *database =
		fact_database(condition, _("replication"), c, ret);

	if (database && fact_part(database, DB_PART_REPLICATION,
				  _("replication"), ret))
		verdict_set(ret, verdict_of(database->seen->channel_count == 0),
			    database->seen->channel_count ?
			    _("%s is still a replica") :
			    _("%s is no replica any more"), database->name);
}

void judge_missing(const struct condition *condition,
			  const struct condition_context *c,
			  struct verdict *ret)
{
	const struct facts *facts = c->facts;
	const struct facts_database *source = &facts->databases[SIDE_SOURCE];
	int64_t missing = facts_missing(facts);
	bool fenced;

	/* what must be on the target is what the source had after the act */
	if (!fact_usable(&source->stamp, _("missing transactions"), c, ret) ||
	    !fact_usable(&facts->missing_stamp, _("missing transactions"), c,
			 ret))
		return;
	if (facts->missing < 0) {
		verdict_set(ret, VERDICT_UNKNOWN, _("%s: unknown: %s"),
			    _("missing transactions"),
			    facts->missing_stamp.problem);
		return;
	}
	fenced = source->seen->read_only == DB_FLAG_ON;
	if (missing == 0)
		verdict_set(ret, verdict_of(compare_holds(&condition->count, 0)),
			    fenced ?
			    _("%s holds every transaction that %s had after the fence") :
			    _("%s holds every transaction that %s has"),
			    condition->on, source->name);
	else
		verdict_set(ret,
			    verdict_of(compare_holds(&condition->count,
						     missing)),
			    ngettext("%s lacks %" PRId64 " transaction of %s (wanted %s %" PRId64 ")",
				     "%s lacks %" PRId64 " transactions of %s (wanted %s %" PRId64 ")",
				     (unsigned long)missing),
			    condition->on, missing, source->name,
			    compare_sign(condition->count.op),
			    condition->count.value);
}

void judge_errant(const struct condition *condition,
			 const struct condition_context *c, struct verdict *ret)
{
	const struct facts *facts = c->facts;
	int64_t errant = facts_errant(facts);

	if (!fact_usable(&facts->errant_stamp, _("errant transactions"), c, ret))
		return;
	if (errant < 0) {
		verdict_set(ret, VERDICT_UNKNOWN, _("%s: unknown: %s"),
			    _("errant transactions"),
			    facts->errant_stamp.problem);
		return;
	}
	verdict_set(ret,
		    verdict_of(compare_holds(&condition->count, errant)),
		    _("transactions on %s that %s lacks: %" PRId64),
		    condition->on, facts->databases[SIDE_SOURCE].name, errant);
}

/* Does that server speak for more than itself? Of an Aurora cluster only the
 * writer says whether it takes writes, and a failover makes readers of writers;
 * what the source of a replica takes, the replica does not know. What replicates
 * from the other of the two is known by that one. */
static bool judge_is_another_s(const struct facts *facts,
			       const struct facts_database *database,
			       struct verdict *ret)
{
	const struct db_observation *seen = database->seen;
	const struct db_observation *target = facts->databases[SIDE_TARGET].seen;
	bool source = database == &facts->databases[SIDE_SOURCE];

	if (seen->server.is_aurora && seen->innodb_read_only == DB_FLAG_ON) {
		verdict_set(ret, VERDICT_UNKNOWN,
			    _("%s: a reader of its cluster (innodb_read_only=1); what the writer takes is not seen here"),
			    database->name);
		return true;
	}
	for (size_t i = 0; source && seen->known[DB_PART_REPLICATION] &&
			   i < seen->channel_count; i++) {
		if (target && db_channel_is_from(&seen->channels[i], target))
			continue;
		verdict_set(ret, VERDICT_UNKNOWN,
			    _("%s: a replica of %s; what that takes is not seen here"),
			    database->name, seen->channels[i].source_host);
		return true;
	}
	return false;
}

void judge_read_only(const struct condition *condition,
			    const struct condition_context *c,
			    struct verdict *ret)
{
	const struct facts_database *database =
		fact_database(condition, "read_only", c, ret);
	bool refuses;

	if (!database || !fact_part(database, DB_PART_STATE, "read_only", ret))
		return;
	if (database->seen->read_only == DB_FLAG_UNKNOWN) {
		verdict_set(ret, VERDICT_UNKNOWN, _("%s: read_only unknown"),
			    database->name);
		return;
	}
	refuses = database->seen->read_only == DB_FLAG_ON ||
		  database->seen->innodb_read_only == DB_FLAG_ON;
	if (refuses && judge_is_another_s(c->facts, database, ret))
		return;
	verdict_set(ret, verdict_of(refuses == condition->is),
		    refuses ? _("%s refuses writes (read_only=1)") :
			      _("%s takes writes (read_only=0)"),
		    database->name);
}

/* Who holds a source up, and by which number it is ended. */
static void judge_open(const struct facts_database *database,
		       struct verdict *ret)
{
	const struct db_observation *seen = database->seen;
	char oldest[FACTS_PROBLEM_MAX] = "", age[CLOCK_STAMP_MAX];

	if (seen->oldest_thread >= 0 && seen->oldest_ms >= 0) {
		clock_duration(seen->oldest_ms, age);
		snprintf(oldest, sizeof(oldest),
			 _(" (%.128s, thread %" PRId64 ", for %s)"),
			 seen->oldest_user, seen->oldest_thread, age);
	}
	verdict_set(ret, VERDICT_RED,
		    ngettext("%s: %" PRId64 " open write transaction%s",
			     "%s: %" PRId64 " open write transactions, the oldest%s",
			     (unsigned long)seen->write_transactions),
		    database->name, seen->write_transactions, oldest);
}

static void judge_still(const struct condition *condition, const char *name,
			int64_t still_ms, struct verdict *ret)
{
	char still[CLOCK_STAMP_MAX], wanted[CLOCK_STAMP_MAX];

	clock_duration(still_ms, still);
	clock_duration(condition->for_ms, wanted);
	if (still_ms >= condition->for_ms)
		verdict_set(ret, VERDICT_GREEN,
			    _("%s is quiet for %s, no open write transaction"),
			    name, still);
	else
		verdict_set(ret, VERDICT_RED,
			    _("%s is quiet for %s only (wanted %s), no open write transaction"),
			    name, still, wanted);
}

void judge_quiet(const struct condition *condition,
			const struct condition_context *c, struct verdict *ret)
{
	const struct facts_database *database =
		fact_database(condition, _("writes"), c, ret);
	int64_t still;

	if (!database || !fact_part(database, DB_PART_TRANSACTIONS,
				    _("open transactions"), ret))
		return;
	if (!database->seen->gtid_known) {
		verdict_set(ret, VERDICT_UNKNOWN, _("%s: position unknown: %s"),
			    database->name, database->seen->gtid_why);
		return;
	}
	if (database->still_since_ms < 0) {
		verdict_set(ret, VERDICT_UNKNOWN, _("%s: position unknown"),
			    database->name);
		return;
	}
	still = database->stamp.at_ms - database->still_since_ms;
	if (database->seen->write_transactions > 0)
		judge_open(database, ret);
	else
		judge_still(condition, database->name, still, ret);
	/* waiting is what this condition is for */
	ret->pending = ret->state == VERDICT_RED;
}

/* What is to be said beside the count of what a database took: how many
 * heartbeats came too, or why nobody can tell. */
static void judge_apart(const struct facts_intruders *added,
			char dst[FACTS_PROBLEM_MAX])
{
	dst[0] = '\0';
	if (added->why[0])
		snprintf(dst, FACTS_PROBLEM_MAX,
			 _(" (heartbeats can't be told apart: %.150s)"),
			 added->why);
	else if (added->heartbeats > 0)
		snprintf(dst, FACTS_PROBLEM_MAX,
			 ngettext(" (%" PRId64 " of its own heartbeats apart)",
				  " (%" PRId64 " of its own heartbeats apart)",
				  (unsigned long)added->heartbeats),
			 added->heartbeats);
}

void judge_transactions(const struct condition *condition,
			       const struct condition_context *c,
			       struct verdict *ret)
{
	const struct facts_database *database;
	struct facts_intruders added;
	char apart[FACTS_PROBLEM_MAX], what[FACTS_PROBLEM_MAX];

	snprintf(what, sizeof(what), _("transactions since '%.64s'"),
		 condition->since);
	database = fact_database(condition, what, c, ret);
	if (!database)
		return;
	added = facts_intruders(database,
				c->position(c->data, condition->since,
					    condition->on), c->now_ms);
	judge_apart(&added, apart);
	if (added.count < 0)
		verdict_set(ret, VERDICT_UNKNOWN,
			    _("%s: what it took since '%s' is unknown: %s"),
			    database->name, condition->since, added.why);
	else
		verdict_set(ret,
			    verdict_of(compare_holds(&condition->count,
						     added.count)),
			    ngettext("%s took %" PRId64 " transaction since '%s'%s",
				     "%s took %" PRId64 " transactions since '%s'%s",
				     (unsigned long)added.count),
			    database->name, added.count, condition->since,
			    apart);
}

void judge_rows(const struct condition *condition,
		       const struct condition_context *c, struct verdict *ret)
{
	for (size_t i = 0; i < c->facts->row_count; i++) {
		const struct facts_rows *rows = &c->facts->rows[i];

		if (strcmp(rows->on, condition->on) != 0 ||
		    strcmp(rows->query, condition->query) != 0)
			continue;
		if (fact_usable(&rows->stamp, condition->on, c, ret))
			verdict_set(ret,
				    verdict_of(compare_holds(&condition->count,
							     rows->value)),
				    _("%s answers %" PRId64 " (wanted %s %" PRId64 ") to: %s"),
				    condition->on, rows->value,
				    compare_sign(condition->count.op),
				    condition->count.value, condition->query);
		return;
	}
	verdict_set(ret, VERDICT_UNKNOWN, _("%s: not asked yet: %s"),
		    condition->on, condition->query);
}
