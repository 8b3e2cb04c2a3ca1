/*
 * The practice cluster's one node: starts and ends pods when the cluster says
 * so, and tells it how they are.
 */
#ifndef CUTOVER_REHEARSAL_KUBELET_H
#define CUTOVER_REHEARSAL_KUBELET_H

#include "rehearsal/cluster/cluster.h"

struct error;
struct flagwatch;
struct kubelet;

/* Pods start with start_delay_ms, give or take a fifth by the seed. */
int kubelet_open(struct kubelet **ret, int start_delay_ms, uint64_t seed,
		 struct flagwatch *watch, struct error *err);
/* The same for pods that start from now on. Any thread. */
void kubelet_set_delay(struct kubelet *kubelet, int start_delay_ms);
/* What cluster_open is given. */
struct cluster_kubelet kubelet_callbacks(struct kubelet *kubelet);
/* The cluster that calls; before its first pod. Borrowed. */
void kubelet_serve(struct kubelet *kubelet, struct cluster *cluster);

/* Ends all pods at once and waits for them; starts no more. Before
 * cluster_close. */
void kubelet_stop(struct kubelet *kubelet);
/* After cluster_close. Takes NULL. */
void kubelet_close(struct kubelet *kubelet);

#endif
