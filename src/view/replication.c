/*
 * Replication and the databases: is it running, what is missing, who takes
 * writes. A value that is too old keeps its place and loses its colour.
 */
#include <string.h>

#include "base/i18n.h"
#include "base/text.h"
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
		  words_gap(dim != MEANING_DIM));
	sheet_put(sheet, dim == MEANING_DIM ? dim : looks[thread].meaning, "%s",
		  sheet_mark(sheet, looks[thread].mark));
}

/* In which column the databases' values stand, behind the longer name; what is
 * counted stands that much further on. */
#define REPLICATION_COUNT 12

static int replication_column(const struct sheet *sheet,
			      const struct view_input *input)
{
	const struct facts_database *databases = input->facts->databases;
	int most = sheet->width - REPLICATION_COUNT - 14, column = 9;

	for (int side = 0; side < SIDE_COUNT; side++) {
		int wanted = text_width(databases[side].name) + 3;

		if (column < wanted)
			column = wanted < most ? wanted : most;
	}
	return column;
}

static void replication_number(struct sheet *sheet, int64_t count, bool fresh,
			       enum meaning meaning)
{
	if (count < 0)
		sheet_right(sheet, 0, MEANING_UNKNOWN, "%s", _("unknown"));
	else
		sheet_right(sheet, 0, fresh ? meaning : MEANING_DIM, "%s%lld",
			    words_gap(fresh), (long long)count);
}

static void replication_count(struct sheet *sheet, int column, const char *name,
			      int64_t count, bool fresh, enum meaning meaning)
{
	sheet_at(sheet, column + REPLICATION_COUNT);
	sheet_put(sheet, MEANING_PLAIN, "%s", name);
	replication_number(sheet, count, fresh, meaning);
}

/* What the target has of its own. Nothing of that is errant once it has been
 * promoted: users write there. */
static void replication_own(struct sheet *sheet, const struct view_input *input)
{
	const struct facts *facts = input->facts;
	const struct facts_database *target = &facts->databases[SIDE_TARGET];
	bool promoted = words_refuses(target) == DB_FLAG_OFF &&
			target->seen->known[DB_PART_REPLICATION] &&
			!target->seen->channel_count;
	bool fresh = stamp_is_fresh(&facts->errant_stamp, facts->now_ms);

	if (!promoted) {
		replication_count(sheet, replication_column(sheet, input),
				  _("errant"), facts_errant(facts), fresh,
				  MEANING_PLAIN);
		return;
	}
	sheet_put(sheet, MEANING_PLAIN, _(" writes that only %s has"),
		  sheet_end(sheet, target->name, sheet->width - 32));
	replication_number(sheet, facts_errant(facts), fresh, MEANING_PLAIN);
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
	int column = replication_column(sheet, input);

	sheet_row(sheet);
	if (channel) {
		replication_thread(sheet, "io", channel->io, dim);
		replication_thread(sheet, "sql", channel->sql, dim);
	} else {
		sheet_put(sheet, known ? dim : MEANING_UNKNOWN, " %s",
			  known ? _("not replicating") : _("threads unknown"));
	}
	replication_count(sheet, column, _("missing"), facts_missing(facts),
			  stamp_is_fresh(&facts->missing_stamp, facts->now_ms),
			  facts_missing(facts) ? MEANING_WARN : MEANING_GOOD);
	sheet_row(sheet);
	if (channel && channel->seconds_behind >= 0)
		sheet_put(sheet, dim, _(" lag%s%lld s"),
			  words_gap(dim != MEANING_DIM),
			  (long long)channel->seconds_behind);
	else if (channel)
		sheet_put(sheet, MEANING_UNKNOWN, "%s", _(" lag unknown"));
	replication_own(sheet, input);
}

/* Does it take writes, and how many are under way? */
static void replication_database(struct sheet *sheet,
				 const struct view_input *input,
				 enum facts_side side)
{
	const struct facts_database *database = &input->facts->databases[side];
	const struct db_observation *seen = database->seen;
	enum db_flag flag = words_refuses(database);
	bool fresh = database_is_fresh(input, side);
	int64_t since = side == SIDE_SOURCE ? words_since_fence(input) : -1;
	int column = replication_column(sheet, input);

	sheet_row(sheet);
	sheet_put(sheet, MEANING_PLAIN, " %s",
		  sheet_end(sheet, database->name, column - 3));
	sheet_at(sheet, column - 1);
	if (seen)
		sheet_put(sheet, MEANING_DIM, "%s", words_gap(fresh));
	sheet_at(sheet, column);
	sheet_put(sheet, flag == DB_FLAG_UNKNOWN ? MEANING_UNKNOWN :
		  database_meaning(input, side, MEANING_EMPHASIS), "%s",
		  words_flag(flag));
	if (since >= 0)
		replication_count(sheet, column, _("since fence"), since, fresh,
				  since ? MEANING_ALARM : MEANING_GOOD);
	else
		replication_count(sheet, column, _("open writes"),
				  seen ? seen->write_transactions : -1, fresh,
				  MEANING_PLAIN);
}

/* The GTID set, or why it is not known. */
static void replication_has(struct sheet *sheet,
			    const struct facts_database *database)
{
	const struct db_observation *seen = database->seen;

	sheet_row(sheet);
	sheet_put(sheet, MEANING_PLAIN, "%s", _(" has     "));
	if (seen && seen->gtid_known)
		sheet_wrap(sheet, 9, 0, MEANING_PLAIN, "%s",
			   seen->executed_text);
	else if (seen && seen->gtid_why[0])
		sheet_wrap(sheet, 9, 0, MEANING_UNKNOWN, _("unknown: %s"),
			   seen->gtid_why);
	else
		sheet_put(sheet, MEANING_UNKNOWN, "%s", _("unknown"));
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
	replication_has(sheet, database);
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
