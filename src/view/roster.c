/* The cluster's pods and deployments, one by one. */
#include "base/i18n.h"
#include "view/cluster.h"
#include "view/panes.h"

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
	enum mark mark = cluster_service_pod(input, pod);

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
