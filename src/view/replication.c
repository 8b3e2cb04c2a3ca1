/*
 * Replication and the databases: is it running, what is missing, who takes
 * writes. A value that is too old keeps its place and loses its colour.
 */
#include <string.h>

#include "base/i18n.h"
#include "view/panes.h"
#include "view/words.h"

static bool database_is_fresh(const struct view_input *input,
			      enum facts_side side)
{
	return stamp_is_fresh(&input->facts->databases[side].stamp,
			      input->facts->now_ms);
}

static enum meaning database_meaning(const struct view_input *input,
				     enum facts_side side, enum meaning fresh)
{
	return database_is_fresh(input, side) ? fresh : MEANING_DIM;
}

static void replication_title(struct sheet *sheet,
			      const struct view_input *input)
{
	const struct runbook *runbook = input->engine->runbook;
	char stale[WORDS_MAX], other[WORDS_MAX];

	words_stale(&input->facts->databases[SIDE_TARGET].stamp,
		    input->facts->now_ms, stale);
	words_stale(&input->facts->databases[SIDE_SOURCE].stamp,
		    input->facts->now_ms, other);
	sheet_row(sheet);
	sheet_put(sheet, MEANING_TITLE, _("REPLICATION"));
	if (stale[0] && other[0])
		sheet_put(sheet, MEANING_UNKNOWN, " %s, %s %s",
			  runbook->observe.source, runbook->observe.target,
			  stale);
	else if (stale[0] || other[0])
		sheet_put(sheet, MEANING_UNKNOWN, " %s %s", stale[0] ?
			  runbook->observe.target : runbook->observe.source,
			  stale[0] ? stale : other);
	else
		sheet_put(sheet, MEANING_PLAIN, " %s %s %s",
			  runbook->observe.source,
			  sheet_mark(sheet, MARK_ARROW),
			  runbook->observe.target);
}

/* What stands before a value: where it is too old, a question mark. */
static const char *replication_gap(bool fresh)
{
	return fresh ? " " : "?";
}

static void replication_thread(struct sheet *sheet, const char *name,
			       enum db_thread thread, enum meaning dim)
{
	static const struct {
		enum mark mark;
		enum meaning meaning;
	} looks[] = {
		[DB_THREAD_UNKNOWN] = {MARK_UNKNOWN, MEANING_UNKNOWN},
		[DB_THREAD_NO] = {MARK_NO, MEANING_BAD},
		[DB_THREAD_CONNECTING] = {MARK_NO, MEANING_WARN},
		[DB_THREAD_YES] = {MARK_OK, MEANING_GOOD},
	};

	sheet_put(sheet, MEANING_PLAIN, " %s%s", name,
		  replication_gap(dim != MEANING_DIM));
	sheet_put(sheet, dim == MEANING_DIM ? dim : looks[thread].meaning, "%s",
		  sheet_mark(sheet, looks[thread].mark));
}

static void replication_count(struct sheet *sheet, const char *name,
			      int64_t count, bool fresh, enum meaning meaning)
{
	sheet_at(sheet, 21);
	sheet_put(sheet, MEANING_PLAIN, "%s", name);
	if (count < 0)
		sheet_right(sheet, 0, MEANING_UNKNOWN, "%s", _("unknown"));
	else
		sheet_right(sheet, 0, fresh ? meaning : MEANING_DIM, "%s%lld",
			    replication_gap(fresh), (long long)count);
}

/* Threads and lag, or that there is none. */
static void replication_channel(struct sheet *sheet,
				const struct view_input *input)
{
	const struct facts *facts = input->facts;
	const struct db_observation *seen = facts->databases[SIDE_TARGET].seen;
	enum meaning dim = database_meaning(input, SIDE_TARGET, MEANING_PLAIN);
	bool known = seen && seen->known[DB_PART_REPLICATION];
	const struct db_channel *channel =
		seen ? db_observation_channel(seen) : NULL;

	sheet_row(sheet);
	if (channel) {
		replication_thread(sheet, "io", channel->io, dim);
		replication_thread(sheet, "sql", channel->sql, dim);
	} else {
		sheet_put(sheet, known ? dim : MEANING_UNKNOWN, " %s",
			  known ? _("not replicating") : _("threads unknown"));
	}
	replication_count(sheet, _("missing"), facts_missing(facts),
			  stamp_is_fresh(&facts->missing_stamp, facts->now_ms),
			  facts_missing(facts) ? MEANING_WARN : MEANING_GOOD);
	sheet_row(sheet);
	if (channel && channel->seconds_behind >= 0)
		sheet_put(sheet, dim, _(" lag%s%lld s"),
			  replication_gap(dim != MEANING_DIM),
			  (long long)channel->seconds_behind);
	else if (channel)
		sheet_put(sheet, MEANING_UNKNOWN, "%s", _(" lag unknown"));
	replication_count(sheet, _("errant"), facts_errant(facts),
			  stamp_is_fresh(&facts->errant_stamp, facts->now_ms),
			  MEANING_PLAIN);
}

/* Does it take writes, and how many are under way? */
static void replication_database(struct sheet *sheet,
				 const struct view_input *input,
				 enum facts_side side)
{
	static const char *const words[] = {
		[DB_FLAG_UNKNOWN] = N_("unknown"),
		[DB_FLAG_OFF] = N_("read-write"),
		[DB_FLAG_ON] = N_("read-only"),
	};
	const struct facts_database *database = &input->facts->databases[side];
	const struct db_observation *seen = database->seen;
	enum db_flag flag = !seen ? DB_FLAG_UNKNOWN :
			    seen->innodb_read_only == DB_FLAG_ON ? DB_FLAG_ON :
			    seen->read_only;
	int64_t since = side == SIDE_SOURCE ? words_since_fence(input) : -1;

	sheet_row(sheet);
	sheet_put(sheet, MEANING_PLAIN, " %s", database->name);
	sheet_at(sheet, 8);
	if (seen)
		sheet_put(sheet, MEANING_DIM, "%s",
			  replication_gap(database_is_fresh(input, side)));
	sheet_at(sheet, 9);
	sheet_put(sheet, flag == DB_FLAG_UNKNOWN ? MEANING_UNKNOWN :
		  database_meaning(input, side, MEANING_EMPHASIS), "%s",
		  _(words[flag]));
	if (since >= 0)
		replication_count(sheet, _("since fence"), since,
				  database_is_fresh(input, side),
				  since ? MEANING_ALARM : MEANING_GOOD);
	else
		replication_count(sheet, _("open writes"),
				  seen ? seen->write_transactions : -1,
				  database_is_fresh(input, side),
				  MEANING_PLAIN);
}

static void replication_gtids(struct sheet *sheet,
			      const struct view_input *input,
			      enum facts_side side)
{
	const struct facts_database *database = &input->facts->databases[side];
	char server[DB_VERSION_MAX] = "", stale[WORDS_MAX];

	if (database->seen)
		db_dialect_describe(&database->seen->server, server,
				    sizeof(server));
	words_stale(&database->stamp, input->facts->now_ms, stale);
	sheet_row(sheet);
	sheet_row(sheet);
	sheet_put(sheet, MEANING_TITLE, "%s ", database->name);
	sheet_put(sheet, MEANING_PLAIN, "%s  %s  ", database->host, server);
	sheet_put(sheet, MEANING_UNKNOWN, "%s", stale);
	sheet_row(sheet);
	sheet_put(sheet, MEANING_PLAIN, "%s", _(" has     "));
	if (!database->seen || !database->seen->gtid_known)
		sheet_put(sheet, MEANING_UNKNOWN, "%s", _("unknown"));
	else
		sheet_wrap(sheet, 9, 0, MEANING_PLAIN, "%s",
			   database->seen->executed_text);
	if (!database->seen || !database->seen->known[DB_PART_REPLICATION])
		return;
	for (size_t i = 0; i < database->seen->channel_count; i++) {
		const struct db_channel *channel = &database->seen->channels[i];

		sheet_row(sheet);
		sheet_put(sheet, MEANING_PLAIN, "%s", _(" reads   "));
		sheet_wrap(sheet, 9, 0, MEANING_PLAIN, "%s:%lld  %s",
			   channel->source_host,
			   (long long)channel->source_port, channel->received);
		if (!channel->io_error[0] && !channel->sql_error[0])
			continue;
		sheet_row(sheet);
		sheet_put(sheet, MEANING_PLAIN, "%s", _(" error   "));
		sheet_wrap(sheet, 9, 0, MEANING_BAD, "%s %s",
			   channel->io_error, channel->sql_error);
	}
}

void pane_replication(struct sheet *sheet, const struct view_input *input,
		      bool gtids)
{
	replication_title(sheet, input);
	replication_channel(sheet, input);
	replication_database(sheet, input, SIDE_SOURCE);
	replication_database(sheet, input, SIDE_TARGET);
	if (!gtids)
		return;
	replication_gtids(sheet, input, SIDE_SOURCE);
	replication_gtids(sheet, input, SIDE_TARGET);
}
