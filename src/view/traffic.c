/*
 * The picture of the traffic: which pods users reach, and what a write of
 * theirs would meet behind them. A write passes several doors, each shut by
 * itself; it is said which one is.
 */
#include <stdio.h>

#include "base/i18n.h"
#include "base/text.h"
#include "view/cluster.h"
#include "view/panes.h"
#include "view/words.h"

#define TRAFFIC_WIDE 100        /* from here on the picture stands apart */
#define TRAFFIC_DOTS 36
#define TRAFFIC_STATE_WIDTH 25  /* "?read-only (not writable)" */

/* What may refuse users' writes. */
struct door {
	enum db_flag shut;
	bool fresh;
	const char *by;
};

#define TRAFFIC_DOORS 3

static struct door door_database(const struct view_input *input,
				 const struct runbook_version *version)
{
	const struct facts *facts = input->facts;
	const struct facts_database *database =
		facts_database(facts, version->database);
	const struct db_observation *seen = database ? database->seen : NULL;
	bool fenced = database == &facts->databases[SIDE_SOURCE] &&
		      engine_fenced_at(input->engine) >= 0;
	bool replica = seen && seen->known[DB_PART_REPLICATION] &&
		       seen->channel_count;

	return (struct door){
		.shut = words_refuses(database),
		.fresh = database && cluster_is_fresh(input, &database->stamp),
		.by = fenced ? _("fenced") :
		      replica ? _("replica") : _("database")};
}

/* Pods of which none was told to write: where any was, how many is said. */
static struct door door_pods(const struct view_input *input,
			     const struct runbook_version *version,
			     const struct facts_pods *writable)
{
	const struct stamp *stamp = &input->facts->cluster.pods_stamp;

	if (!version->writable)
		return (struct door){.shut = DB_FLAG_OFF, .fresh = true};
	return (struct door){
		.shut = !writable->known || stamp->at_ms < 0 ? DB_FLAG_UNKNOWN :
			writable->ready ? DB_FLAG_OFF : DB_FLAG_ON,
		.fresh = cluster_is_fresh(input, stamp),
		.by = _("not writable")};
}

static struct door door_flag(const struct view_input *input)
{
	const struct facts_flag *flag = &input->facts->flag;

	if (!flag->configured)
		return (struct door){.shut = DB_FLAG_OFF, .fresh = true};
	return (struct door){
		.shut = flag->stamp.at_ms < 0 ? DB_FLAG_UNKNOWN :
			flag->on ? DB_FLAG_OFF : DB_FLAG_ON,
		.fresh = cluster_is_fresh(input, &flag->stamp),
		.by = _("flag off")};
}

/* The doors as one: shut if any is, rather one of which that is certain; open
 * only if all are. */
static struct door traffic_doors(const struct door doors[TRAFFIC_DOORS])
{
	struct door all = {.shut = DB_FLAG_OFF, .fresh = true};

	for (size_t i = 0; i < TRAFFIC_DOORS; i++) {
		const struct door *door = &doors[i];

		if (door->shut == DB_FLAG_ON &&
		    (all.shut != DB_FLAG_ON || (door->fresh && !all.fresh)))
			all = *door;
		else if (door->shut == DB_FLAG_UNKNOWN &&
			 all.shut == DB_FLAG_OFF)
			all.shut = DB_FLAG_UNKNOWN;
		else if (door->shut == DB_FLAG_OFF && all.shut == DB_FLAG_OFF)
			all.fresh = all.fresh && door->fresh;
	}
	return all;
}

static void traffic_writes(struct sheet *sheet, const struct view_input *input,
			   const struct runbook_version *version)
{
	struct facts_pods writable = cluster_writable(input, version);
	struct door all = traffic_doors((struct door[TRAFFIC_DOORS]){
		door_database(input, version),
		door_pods(input, version, &writable), door_flag(input)});
	bool unknown = all.shut == DB_FLAG_UNKNOWN;

	sheet_put(sheet, unknown ? MEANING_UNKNOWN :
		  all.fresh ? MEANING_PLAIN : MEANING_DIM, "%s%s",
		  words_gap(all.fresh || unknown), words_flag(all.shut));
	if (all.shut == DB_FLAG_ON)
		sheet_put(sheet, all.fresh ? MEANING_PLAIN : MEANING_DIM,
			  " (%s)", all.by);
	else if (!unknown && version->writable)
		sheet_put(sheet, all.fresh ? MEANING_PLAIN : MEANING_DIM,
			  _(" %zu of %zu"), writable.ready,
			  facts_pods(input->facts, version->match).total);
}

/* Where the dots stand: behind the longest version and database. */
static int traffic_column(const struct sheet *sheet,
			  const struct view_input *input, int indent)
{
	const struct runbook_observe *observe = &input->engine->runbook->observe;
	int column = sheet->width < TRAFFIC_WIDE ? 0 : TRAFFIC_DOTS;
	int marks = text_width(sheet_mark(sheet, MARK_BRANCH)) +
		    text_width(sheet_mark(sheet, MARK_FLOW)) +
		    text_width(sheet_mark(sheet, MARK_ARROW));

	for (size_t i = 0; i < observe->version_count; i++) {
		const struct runbook_version *version = &observe->versions[i];
		int wanted = indent + marks + text_width(version->name) +
			     text_width(version->database) + 4;

		if (column < wanted)
			column = wanted;
	}
	return column;
}

/* What the Service does with a version's pods, in the words of the pods one by
 * one. */
static void traffic_pods(struct sheet *sheet, const struct view_input *input,
			 const struct cluster_tally *tally)
{
	const struct stamp *stamp = &input->facts->cluster.slices_stamp;
	size_t ready = tally->marks[MARK_READY];
	bool fresh = cluster_is_fresh(input, stamp);

	if (stamp->at_ms < 0 || input->facts->cluster.pods_stamp.at_ms < 0)
		sheet_put(sheet, MEANING_UNKNOWN, " %s", _("unknown"));
	else if (!tally->total)
		sheet_put(sheet, MEANING_DIM, "%s%s", words_gap(fresh),
			  _("no pods"));
	else
		sheet_put(sheet, !fresh ? MEANING_DIM :
			  ready ? MEANING_EMPHASIS :
			  tally->marks[MARK_NOT_READY] ? MEANING_WARN :
							 MEANING_DIM,
			  ready ? _("%s%zu of %zu take traffic") :
			  tally->marks[MARK_NOT_READY] ?
				  _("%s%zu of %zu: selected, not ready") :
			  tally->marks[MARK_UNSELECTED] ?
				  _("%s%zu of %zu: not selected") :
				  _("%s%zu of %zu: ending"),
			  words_gap(fresh), ready, tally->total);
}

static void traffic_version(struct sheet *sheet, const struct view_input *input,
			    const struct runbook_version *version, bool last)
{
	struct cluster_tally tally = cluster_tally(input, version);
	bool wide = sheet->width >= TRAFFIC_WIDE;
	int indent = wide ? 12 : 1;
	int column = traffic_column(sheet, input, indent);
	bool flows = tally.marks[MARK_READY] > 0;
	bool fresh = cluster_is_fresh(input,
				      &input->facts->cluster.slices_stamp);
	enum meaning meaning = flows && fresh ? MEANING_EMPHASIS : MEANING_DIM;

	sheet_row(sheet);
	sheet_at(sheet, indent);
	sheet_put(sheet, meaning, "%s%s %s",
		  sheet_mark(sheet, last ? MARK_LAST : MARK_BRANCH),
		  sheet_mark(sheet, flows ? MARK_FLOW : MARK_NO_FLOW),
		  version->name);
	sheet_put(sheet, MEANING_PLAIN, " %s %s",
		  sheet_mark(sheet, MARK_ARROW), version->database);
	sheet_at(sheet, column);
	cluster_dots(sheet, &tally, fresh);
	column += CLUSTER_DOTS_MAX + (wide ? 3 : 1);
	sheet_at(sheet, column);
	if (tally.total)
		traffic_writes(sheet, input, version);
	sheet_at(sheet, column + TRAFFIC_STATE_WIDTH + (wide ? 2 : 0));
	traffic_pods(sheet, input, &tally);
}

void pane_traffic(struct sheet *sheet, const struct view_input *input)
{
	const struct runbook *runbook = input->engine->runbook;

	cluster_title(sheet, input, _("TRAFFIC"), cluster_service_stamp(input));
	sheet_put(sheet, MEANING_PLAIN, _("  users %s "),
		  sheet_mark(sheet, MARK_FLOW));
	sheet_put(sheet, MEANING_EMPHASIS, "%s", runbook->observe.service);
	sheet_put(sheet, MEANING_PLAIN, " ");
	cluster_selector(sheet, input);
	for (size_t i = 0; i < runbook->observe.version_count; i++)
		traffic_version(sheet, input, &runbook->observe.versions[i],
				i + 1 == runbook->observe.version_count);
}
