/* What the panes of the cluster share: cluster.c and roster.c. */
#ifndef CUTOVER_VIEW_CLUSTER_H
#define CUTOVER_VIEW_CLUSTER_H

#include "view/view.h"

/* A title, and behind it that its values cannot be relied on. */
void cluster_title(struct sheet *sheet, const struct view_input *input,
		   const char *title, const struct stamp *stamp);
/* What the Service does with one pod. */
enum mark cluster_service_pod(const struct view_input *input,
			      const struct kube_pod *pod);

#endif
