/* What the panes of the cluster share: cluster.c, roster.c, traffic.c. */
#ifndef CUTOVER_VIEW_CLUSTER_H
#define CUTOVER_VIEW_CLUSTER_H

#include "view/view.h"

#define CLUSTER_DOTS_MAX 8

/* A title, and behind it that its values cannot be relied on. */
void cluster_title(struct sheet *sheet, const struct view_input *input,
		   const char *title, const struct stamp *stamp);
bool cluster_is_fresh(const struct view_input *input,
		      const struct stamp *stamp);
/* Of what is seen of the Service and who is behind it, the oldest. */
const struct stamp *cluster_service_stamp(const struct view_input *input);
/* The Service's selector, in what room the row has. */
void cluster_selector(struct sheet *sheet, const struct view_input *input);

/* A version's pods that write: all, where it does not tell them by a label. */
struct facts_pods cluster_writable(const struct view_input *input,
				   const struct runbook_version *version);
/* What the Service does with one pod. */
enum mark cluster_service_pod(const struct view_input *input,
			      const struct kube_pod *pod);

/* The same of a version's pods: how many of each. */
struct cluster_tally {
	size_t marks[MARK_COUNT];
	size_t total;
};

struct cluster_tally cluster_tally(const struct view_input *input,
				   const struct runbook_version *version);
/* A dot a pod; at most CLUSTER_DOTS_MAX, and that there are more. */
void cluster_dots(struct sheet *sheet, const struct cluster_tally *tally,
		  bool fresh);

#endif
