/* The cluster part of the facts, built from a copy of the world. */
#ifndef CUTOVER_SIM_OBSERVER_CLUSTER_H
#define CUTOVER_SIM_OBSERVER_CLUSTER_H

#include "observe/facts.h"
#include "world.h"

#define SEEN_LABELS 4
#define SEEN_REVISION_MAX 24

/* The objects that the facts borrow. */
struct seen_cluster {
	struct kube_pod pods[WORLD_PODS];
	const struct kube_pod *pod_list[WORLD_PODS];
	struct kube_label pod_labels[WORLD_PODS][SEEN_LABELS];
	char pod_uids[WORLD_PODS][16], pod_writes[WORLD_PODS][WORLD_VALUE_MAX];
	struct kube_endpoint endpoints[WORLD_PODS];
	struct kube_slice slice;
	const struct kube_slice *slice_list[1];
	struct kube_service service;
	const struct kube_service *service_list[1];
	struct kube_label selector[SEEN_LABELS];
	struct world_selector selector_values;
	struct kube_deployment deployments[2];
	const struct kube_deployment *deployment_list[2];
	struct kube_container container;
	struct kube_env env;
	struct kube_label template_labels[SEEN_LABELS];
	char template_writes[WORLD_VALUE_MAX];
	char revisions[2][SEEN_REVISION_MAX];
};

/* Fills seen from the world, and lets the facts borrow it. */
void observer_see_cluster(struct seen_cluster *seen, const struct world *world,
			  struct facts_cluster *facts);

#endif
