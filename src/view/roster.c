/* The cluster's pods and deployments, one by one. */
#include <stdio.h>

#include "base/i18n.h"
#include "base/text.h"
#include "view/cluster.h"
#include "view/panes.h"
#include "view/words.h"

#define ROSTER_NAME 3           /* the column of the names */
#define ROSTER_NAME_LEAST 12

static const struct {
	const char *word;
	enum meaning meaning;
} roster_words[MARK_COUNT] = {
	[MARK_READY] = {N_("takes traffic"), MEANING_GOOD},
	[MARK_NOT_READY] = {N_("selected, not ready"), MEANING_WARN},
	[MARK_UNSELECTED] = {N_("not selected"), MEANING_DIM},
	[MARK_ENDING] = {N_("ending"), MEANING_DIM},
};

/* How wide the columns are, with what stands between them. */
struct roster {
	int name;
	int hash;               /* 0: no room */
	int word, state;
};

/* How a pod is; of one that is not well, kubectl's word. */
static const char *roster_state(const struct kube_pod *pod)
{
	return pod->meta.terminating ? _("ending") :
	       pod->ready ? _("ready") :
	       pod->reason[0] ? pod->reason : pod->phase;
}

static void roster_restarts(const struct kube_pod *pod, char dst[WORDS_MAX])
{
	dst[0] = '\0';
	if (pod->restarts)
		snprintf(dst, WORDS_MAX,
			 ngettext(", %lld restart", ", %lld restarts",
				  (unsigned long)pod->restarts),
			 (long long)pod->restarts);
}

static void roster_widen(int *column, int wanted)
{
	if (*column < wanted)
		*column = wanted;
}

/* The columns are as wide as what stands in them, or may come to stand there.
 * Where that is more than the sheet has, the hash goes, since names tell it;
 * then the names give way; why a pod is not well does not. */
static struct roster roster_fit(const struct sheet *sheet,
				const struct facts_cluster *cluster)
{
	struct roster fit = {.name = ROSTER_NAME_LEAST};
	int rest;

	for (size_t i = 0; i < MARK_COUNT; i++)
		if (roster_words[i].word)
			roster_widen(&fit.word,
				     text_width(_(roster_words[i].word)) + 2);
	for (size_t i = 0; i < cluster->pod_count; i++) {
		const struct kube_pod *pod = cluster->pods[i];
		char restarts[WORDS_MAX];

		roster_restarts(pod, restarts);
		roster_widen(&fit.name, text_width(pod->meta.name) + 2);
		roster_widen(&fit.hash, text_width(pod->template_hash) + 2);
		roster_widen(&fit.state, text_width(roster_state(pod)) +
					 text_width(restarts));
	}
	rest = sheet->width - ROSTER_NAME - fit.word - fit.state;
	if (rest < fit.name + fit.hash)
		fit.hash = 0;
	if (rest < fit.name)
		fit.name = rest < ROSTER_NAME_LEAST ? ROSTER_NAME_LEAST : rest;
	return fit;
}

static void cluster_pod(struct sheet *sheet, const struct view_input *input,
			const struct roster *fit, const struct kube_pod *pod)
{
	enum mark mark = cluster_service_pod(input, pod);
	int column = ROSTER_NAME + fit->name;
	char restarts[WORDS_MAX];

	roster_restarts(pod, restarts);
	sheet_row(sheet);
	sheet_put(sheet, roster_words[mark].meaning, " %s",
		  sheet_mark(sheet, mark));
	sheet_at(sheet, ROSTER_NAME);
	sheet_put(sheet, MEANING_PLAIN, "%s",
		  sheet_end(sheet, pod->meta.name, fit->name - 2));
	sheet_at(sheet, column);
	if (fit->hash)
		sheet_put(sheet, MEANING_PLAIN, "%s", pod->template_hash);
	column += fit->hash;
	sheet_at(sheet, column);
	sheet_put(sheet, roster_words[mark].meaning, "%s",
		  _(roster_words[mark].word));
	sheet_at(sheet, column + fit->word);
	sheet_put(sheet, pod->ready ? MEANING_PLAIN : MEANING_WARN, "%s",
		  roster_state(pod));
	sheet_put(sheet, MEANING_WARN, "%s", restarts);
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
	struct roster fit = roster_fit(sheet, cluster);

	cluster_title(sheet, input, _("PODS one by one"), &cluster->pods_stamp);
	for (size_t i = 0; i < cluster->pod_count; i++)
		cluster_pod(sheet, input, &fit, cluster->pods[i]);
	sheet_row(sheet);
	cluster_title(sheet, input, _("DEPLOYMENTS"),
		      &cluster->deployments_stamp);
	for (size_t i = 0; i < cluster->deployment_count; i++)
		cluster_deployment(sheet, cluster->deployments[i]);
}
