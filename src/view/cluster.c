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
#include "view/panes.h"
#include "view/words.h"

#define CLUSTER_DOTS_MAX 8

/* A title, and behind it why its values cannot be relied on. */
static void cluster_title(struct sheet *sheet, const struct view_input *input,
			  const char *title, const struct stamp *stamp)
{
	char stale[WORDS_MAX];

	words_stale(stamp, input->facts->now_ms, stale);
	sheet_row(sheet);
	sheet_put(sheet, MEANING_TITLE, "%s", title);
	if (stale[0])
		sheet_put(sheet, MEANING_UNKNOWN, " %s", stale);
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

static void pods_version(struct sheet *sheet, const struct view_input *input,
			 const struct runbook_version *version)
{
	struct facts_pods pods = facts_pods(input->facts, version->match);
	bool fresh = stamp_is_fresh(&input->facts->cluster.pods_stamp,
				    input->facts->now_ms) && pods.known;
	enum meaning meaning = !fresh ? MEANING_DIM :
			       pods.ready == pods.total ? MEANING_GOOD :
							  MEANING_WARN;

	sheet_row(sheet);
	sheet_put(sheet, MEANING_PLAIN, " %s %s", version->name,
		  version->deployment);
	sheet_at(sheet, sheet->width - 23);
	sheet_right(sheet, sheet->width - 19, meaning, "%zu/%zu", pods.ready,
		    pods.total);
	if (version->writable) {
		char match[SELECTOR_TEXT_MAX];
		struct facts_pods writable;

		snprintf(match, sizeof(match), "%s,%s", version->match,
			 version->writable);
		writable = facts_pods(input->facts, match);
		sheet_right(sheet, sheet->width - 9,
			    fresh ? MEANING_EMPHASIS : MEANING_DIM, "%zu/%zu",
			    writable.ready, pods.total);
	} else {
		sheet_right(sheet, sheet->width - 9, MEANING_DIM, "%s",
			    _("by flag"));
	}
	sheet_right(sheet, 0, fresh && pods.restarts ? MEANING_WARN :
		    MEANING_DIM, "%zu", pods.restarts);
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
	if (stamp_is_fresh(stamp, input->facts->now_ms)) {
		if (reason && *reason)
			sheet_put(sheet, MEANING_WARN, " %s", reason);
		sheet_right(sheet, sheet->width - 19, MEANING_DIM, "%s",
			    _("ready"));
		sheet_right(sheet, sheet->width - 9, MEANING_DIM, "%s",
			    _("writable"));
		sheet_right(sheet, 0, MEANING_DIM, "%s", _("restarts"));
	}
	for (size_t i = 0; i < runbook->observe.version_count; i++)
		pods_version(sheet, input, &runbook->observe.versions[i]);
}

/* ---- the Service --------------------------------------------------------- */

/* What the Service does with one pod. */
static enum mark service_pod(const struct view_input *input,
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

struct tally {
	size_t marks[MARK_COUNT];
	size_t total;
};

static struct tally service_tally(const struct view_input *input,
				  const struct runbook_version *version)
{
	const struct facts_cluster *cluster = &input->facts->cluster;
	struct tally tally = {0};

	for (size_t i = 0; i < cluster->pod_count; i++)
		if (cluster_matches(version->match, cluster->pods[i])) {
			tally.marks[service_pod(input, cluster->pods[i])]++;
			tally.total++;
		}
	return tally;
}

static void service_dots(struct sheet *sheet, const struct tally *tally,
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

/* Cut at its beginning where it is too long: versions differ at its end. */
static void service_selected(struct sheet *sheet, const char *selector)
{
	int room;

	if (!sheet->count)      /* no memory for a row */
		return;
	room = sheet->width - sheet->rows[sheet->count - 1].column - 1;
	if (text_width(selector) <= room) {
		sheet_put(sheet, MEANING_PLAIN, " %s", selector);
		return;
	}
	while (*selector && text_width(selector) > room - 1)
		selector += text_fit(selector, 1) ? text_fit(selector, 1) : 1;
	sheet_put(sheet, MEANING_PLAIN, " %s%s",
		  sheet_mark(sheet, MARK_MORE), selector);
}

void pane_service(struct sheet *sheet, const struct view_input *input)
{
	const struct runbook *runbook = input->engine->runbook;
	const struct facts_cluster *cluster = &input->facts->cluster;
	bool fresh = stamp_is_fresh(&cluster->slices_stamp,
				    input->facts->now_ms);
	char selector[WORDS_MAX];

	cluster_title(sheet, input, _("SERVICE"),
		      fresh ? &cluster->service_stamp : &cluster->slices_stamp);
	service_selector(input, selector);
	service_selected(sheet, selector);
	sheet_row(sheet);
	for (size_t i = 0; i < runbook->observe.version_count; i++) {
		const struct runbook_version *version =
			&runbook->observe.versions[i];
		struct tally tally = service_tally(input, version);

		sheet_at(sheet, 1 + (int)i * sheet->width / 2);
		sheet_put(sheet, MEANING_PLAIN, "%s ", version->name);
		sheet_put(sheet, fresh ? MEANING_EMPHASIS : MEANING_DIM,
			  "%zu/%zu ", tally.marks[MARK_READY], tally.total);
		service_dots(sheet, &tally, fresh);
	}
}

/* ---- the flag ------------------------------------------------------------ */

/* Whether writes move where the flag's pods write: on the database that is
 * not fenced. */
static void flag_observed(struct sheet *sheet, const struct view_input *input)
{
	const struct facts_database *database =
		&input->facts->databases[SIDE_SOURCE];
	int64_t still;

	if (database->seen && database->seen->read_only == DB_FLAG_ON &&
	    input->facts->databases[SIDE_TARGET].seen)
		database = &input->facts->databases[SIDE_TARGET];
	sheet_put(sheet, MEANING_PLAIN, "  %s ", database->name);
	if (!stamp_is_fresh(&database->stamp, input->facts->now_ms) ||
	    database->still_since_ms < 0) {
		sheet_put(sheet, MEANING_UNKNOWN, "%s", _("unknown"));
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
		sheet_put(sheet, stamp_is_fresh(&flag->stamp,
						input->facts->now_ms) ?
			  MEANING_EMPHASIS : MEANING_DIM, " %s",
			  flag->on ? _("asserted on") : _("asserted off"));
	flag_observed(sheet, input);
}

/* ---- the picture --------------------------------------------------------- */

static void traffic_version(struct sheet *sheet, const struct view_input *input,
			    const struct runbook_version *version, bool last)
{
	const struct facts_database *database =
		facts_database(input->facts, version->database);
	struct tally tally = service_tally(input, version);
	bool flows = tally.marks[MARK_READY] > 0;

	sheet_row(sheet);
	sheet_at(sheet, 12);
	sheet_put(sheet, flows ? MEANING_EMPHASIS : MEANING_DIM, "%s%s %s",
		  sheet_mark(sheet, last ? MARK_LAST : MARK_BRANCH),
		  sheet_mark(sheet, flows ? MARK_FLOW : MARK_NO_FLOW),
		  version->name);
	sheet_put(sheet, MEANING_PLAIN, " %s %s",
		  sheet_mark(sheet, MARK_ARROW), version->database);
	sheet_at(sheet, 36);
	service_dots(sheet, &tally,
		     stamp_is_fresh(&input->facts->cluster.slices_stamp,
				    input->facts->now_ms));
	sheet_at(sheet, 48);
	sheet_put(sheet, MEANING_PLAIN, "%s",
		  !database || !database->seen ? _("unknown") :
		  database->seen->read_only == DB_FLAG_ON ? _("read-only") :
		  database->seen->read_only == DB_FLAG_OFF ? _("read-write") :
		  _("unknown"));
	sheet_at(sheet, 62);
	sheet_put(sheet, flows ? MEANING_EMPHASIS : MEANING_DIM,
		  flows ? _("%zu of %zu take traffic") :
			  _("%zu of %zu: the Service ignores it"),
		  tally.marks[MARK_READY], tally.total);
}

void pane_traffic(struct sheet *sheet, const struct view_input *input)
{
	const struct runbook *runbook = input->engine->runbook;
	char selector[WORDS_MAX];

	service_selector(input, selector);
	sheet_row(sheet);
	sheet_put(sheet, MEANING_TITLE, "%s", _("TRAFFIC"));
	sheet_put(sheet, MEANING_PLAIN, _("  users %s "),
		  sheet_mark(sheet, MARK_FLOW));
	sheet_put(sheet, MEANING_EMPHASIS, "%s", runbook->observe.service);
	sheet_put(sheet, MEANING_PLAIN, "  %s", selector);
	for (size_t i = 0; i < runbook->observe.version_count; i++)
		traffic_version(sheet, input, &runbook->observe.versions[i],
				i + 1 == runbook->observe.version_count);
}

/* ---- one by one ---------------------------------------------------------- */

static void cluster_pod(struct sheet *sheet, const struct view_input *input,
			const struct kube_pod *pod)
{
	static const struct {
		const char *word;
		enum meaning meaning;
	} words[MARK_COUNT] = {
		[MARK_READY] = {N_("takes traffic"), MEANING_GOOD},
		[MARK_NOT_READY] = {N_("selected, not ready"), MEANING_WARN},
		[MARK_UNSELECTED] = {N_("not selected"), MEANING_DIM},
		[MARK_ENDING] = {N_("ending"), MEANING_DIM},
	};
	enum mark mark = service_pod(input, pod);

	sheet_row(sheet);
	sheet_put(sheet, words[mark].meaning, " %s ", sheet_mark(sheet, mark));
	sheet_put(sheet, MEANING_PLAIN, "%s", pod->meta.name);
	sheet_at(sheet, 34);
	sheet_put(sheet, MEANING_PLAIN, "%s", pod->template_hash);
	sheet_at(sheet, 46);
	sheet_put(sheet, words[mark].meaning, "%s", _(words[mark].word));
	sheet_at(sheet, 66);
	sheet_put(sheet, pod->ready ? MEANING_PLAIN : MEANING_WARN, "%s %s",
		  pod->meta.terminating ? _("ending") :
		  pod->ready ? _("ready") : pod->phase, pod->reason);
	if (pod->restarts)
		sheet_right(sheet, 0, MEANING_WARN, _("%lld restarts"),
			    (long long)pod->restarts);
}

static void cluster_deployment(struct sheet *sheet,
			       const struct kube_deployment *deployment)
{
	sheet_row(sheet);
	sheet_put(sheet, MEANING_PLAIN, "   %s", deployment->meta.name);
	sheet_at(sheet, 34);
	sheet_put(sheet, MEANING_PLAIN,
		  _("wanted %lld, updated %lld, ready %lld, available %lld"),
		  (long long)deployment->replicas,
		  (long long)deployment->updated,
		  (long long)deployment->ready,
		  (long long)deployment->available);
}

void pane_cluster(struct sheet *sheet, const struct view_input *input)
{
	const struct facts_cluster *cluster = &input->facts->cluster;

	cluster_title(sheet, input, _("PODS one by one"), &cluster->pods_stamp);
	for (size_t i = 0; i < cluster->pod_count; i++)
		cluster_pod(sheet, input, cluster->pods[i]);
	sheet_row(sheet);
	cluster_title(sheet, input, _("DEPLOYMENTS"),
		      &cluster->deployments_stamp);
	for (size_t i = 0; i < cluster->deployment_count; i++)
		cluster_deployment(sheet, cluster->deployments[i]);
}
