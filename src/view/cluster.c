/*
 * The cluster as the migration sees it: pods by version, the Service with who
 * is behind it, the flag. Dots are pods: taking traffic, selected but not
 * ready, ignored by the Service, ending.
 */
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/text.h"
#include "kube/selector.h"
#include "view/cluster.h"
#include "view/panes.h"
#include "view/words.h"

void cluster_title(struct sheet *sheet, const struct view_input *input,
		   const char *title, const struct stamp *stamp)
{
	char age[WORDS_MAX];

	words_age(stamp, input->facts->now_ms, age);
	sheet_row(sheet);
	sheet_put(sheet, MEANING_TITLE, "%s", title);
	if (age[0])
		sheet_put(sheet, MEANING_UNKNOWN, " %s", age);
}

bool cluster_is_fresh(const struct view_input *input, const struct stamp *stamp)
{
	return stamp_is_fresh(stamp, input->facts->now_ms);
}

/* Why, behind the last known values: in few columns they are worth more. */
static void cluster_problem(struct sheet *sheet, const struct view_input *input,
			    const struct stamp *stamp)
{
	if (stamp->problem[0] && !cluster_is_fresh(input, stamp))
		sheet_put(sheet, MEANING_UNKNOWN, " %s", stamp->problem);
}

static bool cluster_matches(const char *selector, const struct kube_pod *pod)
{
	struct selector parsed;
	bool matches = selector_parse(&parsed, selector, NULL) == 0 &&
		       selector_matches(&parsed, &pod->meta.labels);

	selector_release(&parsed);
	return matches;
}

/* ---- pods ---------------------------------------------------------------- */

struct facts_pods cluster_writable(const struct view_input *input,
				   const struct runbook_version *version)
{
	char match[SELECTOR_TEXT_MAX];

	snprintf(match, sizeof(match), "%s%s%s", version->match,
		 version->writable ? "," : "",
		 version->writable ? version->writable : "");
	return facts_pods(input->facts, match);
}

static void pods_version(struct sheet *sheet, const struct view_input *input,
			 const struct runbook_version *version)
{
	struct facts_pods pods = facts_pods(input->facts, version->match);
	bool fresh = pods.known &&
		     cluster_is_fresh(input, &input->facts->cluster.pods_stamp);
	enum meaning meaning = !fresh ? MEANING_DIM :
			       pods.ready == pods.total ? MEANING_GOOD :
							  MEANING_WARN;

	sheet_row(sheet);
	sheet_put(sheet, MEANING_PLAIN, " %s %s", version->name,
		  version->deployment);
	sheet_at(sheet, sheet->width - 23);
	sheet_right(sheet, sheet->width - 19, meaning, "%zu/%zu", pods.ready,
		    pods.total);
	if (version->writable)
		sheet_right(sheet, sheet->width - 9,
			    fresh ? MEANING_EMPHASIS : MEANING_DIM, "%zu/%zu",
			    cluster_writable(input, version).ready, pods.total);
	else
		sheet_right(sheet, sheet->width - 9, MEANING_DIM, "%s",
			    _("by flag"));
	sheet_right(sheet, 0, fresh && pods.restarts ? MEANING_WARN :
		    MEANING_DIM, "%zu", pods.restarts);
}

/* Above the counts; where the row says why pods are not well, only those that
 * leave it whole. */
static void pods_headings(struct sheet *sheet)
{
	static const struct {
		const char *name;
		int right;      /* columns to the sheet's end */
	} headings[] = {
		{N_("ready"), 19}, {N_("writable"), 9}, {N_("restarts"), 0},
	};
	int taken = sheet->count ? sheet->rows[sheet->count - 1].column : 0;

	for (size_t i = 0; i < sizeof(headings) / sizeof(headings[0]); i++) {
		const char *name = _(headings[i].name);
		int end = sheet->width - headings[i].right;

		if (taken < end - text_width(name))
			sheet_right(sheet, end, MEANING_DIM, "%s", name);
	}
}

void pane_pods(struct sheet *sheet, const struct view_input *input)
{
	const struct runbook *runbook = input->engine->runbook;
	const struct stamp *stamp = &input->facts->cluster.pods_stamp;
	const char *reason = NULL;

	for (size_t i = 0; i < runbook->observe.version_count && !reason; i++)
		reason = facts_pods(input->facts,
				    runbook->observe.versions[i].match).reason;
	cluster_title(sheet, input, _("PODS"), stamp);
	cluster_problem(sheet, input, stamp);
	if (cluster_is_fresh(input, stamp)) {
		if (reason && *reason)
			sheet_put(sheet, MEANING_WARN, " %s", reason);
		pods_headings(sheet);
	}
	for (size_t i = 0; i < runbook->observe.version_count; i++)
		pods_version(sheet, input, &runbook->observe.versions[i]);
}

/* ---- the Service --------------------------------------------------------- */

enum mark cluster_service_pod(const struct view_input *input,
			      const struct kube_pod *pod)
{
	const struct facts_cluster *cluster = &input->facts->cluster;
	const char *service = input->engine->runbook->observe.service;
	enum mark mark = pod->meta.terminating ? MARK_ENDING : MARK_UNSELECTED;

	for (size_t i = 0; i < cluster->slice_count; i++) {
		const struct kube_slice *slice = cluster->slices[i];

		if (strcmp(slice->service, service) != 0)
			continue;
		for (size_t k = 0; k < slice->endpoint_count; k++) {
			const struct kube_endpoint *end = &slice->endpoints[k];

			if (strcmp(end->pod, pod->meta.name) == 0)
				mark = end->ready ? MARK_READY :
				       end->terminating ? MARK_ENDING :
							  MARK_NOT_READY;
		}
	}
	return mark;
}

struct cluster_tally cluster_tally(const struct view_input *input,
				   const struct runbook_version *version)
{
	const struct facts_cluster *cluster = &input->facts->cluster;
	struct cluster_tally tally = {0};

	for (size_t i = 0; i < cluster->pod_count; i++)
		if (cluster_matches(version->match, cluster->pods[i])) {
			enum mark mark = cluster_service_pod(input,
							     cluster->pods[i]);

			tally.marks[mark]++;
			tally.total++;
		}
	return tally;
}

void cluster_dots(struct sheet *sheet, const struct cluster_tally *tally,
		  bool fresh)
{
	static const struct {
		enum mark mark;
		enum meaning meaning;
	} order[] = {
		{MARK_READY, MEANING_GOOD},
		{MARK_NOT_READY, MEANING_WARN},
		{MARK_UNSELECTED, MEANING_DIM},
		{MARK_ENDING, MEANING_DIM},
	};
	size_t left = CLUSTER_DOTS_MAX;

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		size_t count = tally->marks[order[i].mark];
		char dots[CLUSTER_DOTS_MAX * 4 + 1] = "";

		if (count > left)
			count = left;
		left -= count;
		for (size_t k = 0; k < count; k++)
			snprintf(dots + strlen(dots),
				 sizeof(dots) - strlen(dots), "%s",
				 sheet_mark(sheet, order[i].mark));
		sheet_put(sheet, fresh ? order[i].meaning : MEANING_DIM, "%s",
			  dots);
	}
	if (left == 0 && tally->total > CLUSTER_DOTS_MAX)
		sheet_put(sheet, MEANING_DIM, "%s",
			  sheet_mark(sheet, MARK_MORE));
}

static void service_selector(const struct view_input *input,
			     char dst[WORDS_MAX])
{
	const struct kube_service *service =
		facts_service(input->facts,
			      input->engine->runbook->observe.service);

	snprintf(dst, WORDS_MAX, "%s", service ? "" : _("unknown"));
	for (size_t i = 0; service && i < service->selector.count; i++)
		snprintf(dst + strlen(dst), WORDS_MAX - strlen(dst), "%s%s=%s",
			 i ? "," : "", service->selector.list[i].key,
			 service->selector.list[i].value);
}

/* Versions differ at its end. */
void cluster_selector(struct sheet *sheet, const struct view_input *input)
{
	char selector[WORDS_MAX];
	int room;

	if (!sheet->count)      /* no memory for a row */
		return;
	service_selector(input, selector);
	room = sheet->width - sheet->rows[sheet->count - 1].column - 1;
	sheet_put(sheet, cluster_is_fresh(input,
			&input->facts->cluster.service_stamp) ?
		  MEANING_PLAIN : MEANING_DIM, " %s",
		  sheet_end(sheet, selector, room));
}

const struct stamp *cluster_service_stamp(const struct view_input *input)
{
	const struct facts_cluster *cluster = &input->facts->cluster;

	return cluster->slices_stamp.at_ms < cluster->service_stamp.at_ms ?
	       &cluster->slices_stamp : &cluster->service_stamp;
}

void pane_service(struct sheet *sheet, const struct view_input *input)
{
	const struct runbook *runbook = input->engine->runbook;
	bool fresh = cluster_is_fresh(input,
				      &input->facts->cluster.slices_stamp);

	cluster_title(sheet, input, _("SERVICE"), cluster_service_stamp(input));
	cluster_selector(sheet, input);
	cluster_problem(sheet, input, cluster_service_stamp(input));
	sheet_row(sheet);
	for (size_t i = 0; i < runbook->observe.version_count; i++) {
		const struct runbook_version *version =
			&runbook->observe.versions[i];
		struct cluster_tally tally = cluster_tally(input, version);

		sheet_at(sheet, 1 + (int)i * sheet->width / 2);
		sheet_put(sheet, MEANING_PLAIN, "%s ", version->name);
		sheet_put(sheet, fresh ? MEANING_EMPHASIS : MEANING_DIM,
			  "%zu/%zu ", tally.marks[MARK_READY], tally.total);
		cluster_dots(sheet, &tally, fresh);
	}
}

/* ---- the flag ------------------------------------------------------------ */

/* Why what moves there are no writes of users, in a word; NULL: they are. */
static const char *flag_no_users(const struct facts_database *database,
				 bool source)
{
	const struct db_observation *seen = database->seen;
	const struct db_channel *channel =
		seen ? db_observation_channel(seen) : NULL;
	enum db_flag refuses = words_refuses(database);

	if (source && refuses == DB_FLAG_OFF)
		return NULL;
	if (!source && channel && channel->io == DB_THREAD_YES &&
	    channel->sql == DB_THREAD_YES)
		return _("follows");
	if (refuses == DB_FLAG_ON)
		return words_flag(refuses);
	return refuses == DB_FLAG_OFF && seen->known[DB_PART_REPLICATION] &&
	       (!channel || channel->sql == DB_THREAD_NO) ? NULL :
							    _("unknown");
}

/* Whether writes move where the flag's pods write: on the database that does
 * not refuse them. */
static void flag_observed(struct sheet *sheet, const struct view_input *input)
{
	const struct facts_database *database =
		&input->facts->databases[SIDE_SOURCE];
	bool source = words_refuses(database) != DB_FLAG_ON;
	const char *word;
	int64_t still;

	if (!source)
		database = &input->facts->databases[SIDE_TARGET];
	word = flag_no_users(database, source);
	sheet_put(sheet, MEANING_PLAIN, "  %s ", database->name);
	if (!stamp_is_fresh(&database->stamp, input->facts->now_ms) ||
	    (!word && database->still_since_ms < 0)) {
		sheet_put(sheet, MEANING_UNKNOWN, "%s", _("unknown"));
		return;
	}
	if (word) {
		sheet_put(sheet, MEANING_PLAIN, "%s", word);
		return;
	}
	still = (input->facts->now_ms - database->still_since_ms) / 1000;
	if (still < 1)
		sheet_put(sheet, MEANING_EMPHASIS, "%s", _("is written to"));
	else
		sheet_put(sheet, MEANING_PLAIN, _("quiet %lld s"),
			  (long long)still);
}

void pane_flag(struct sheet *sheet, const struct view_input *input)
{
	const struct facts_flag *flag = &input->facts->flag;

	if (!flag->configured)
		return;
	cluster_title(sheet, input, _("FLAG"), &flag->stamp);
	if (flag->stamp.at_ms >= 0)
		sheet_put(sheet, cluster_is_fresh(input, &flag->stamp) ?
			  MEANING_EMPHASIS : MEANING_DIM, " %s",
			  flag->on ? _("asserted on") : _("asserted off"));
	flag_observed(sheet, input);
	cluster_problem(sheet, input, &flag->stamp);
}
