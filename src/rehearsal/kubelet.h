/*
 * The practice cluster's one node: starts and ends pods when the cluster says
 * so, and tells it how they are.
 */
#ifndef CUTOVER_REHEARSAL_KUBELET_H
#define CUTOVER_REHEARSAL_KUBELET_H

#include <stdbool.h>
#include <stdint.h>

#include "rehearsal/cluster/cluster.h"

struct error;
struct flagwatch;
struct kubelet;

/* Pods start with start_delay_ms, give or take a fifth by the seed. */
int kubelet_open(struct kubelet **ret, int start_delay_ms, uint64_t seed,
		 struct flagwatch *watch, struct error *err);
/* The same for pods that start from now on. Any thread. */
void kubelet_set_delay(struct kubelet *kubelet, int start_delay_ms);

/* What can be wrong with v2's pods that may write, as they start. Each can be
 * on beside the others. */
enum kubelet_ill {
	KUBELET_CRASHES,        /* they exit while they start */
	KUBELET_NO_IMAGE,       /* their image can't be pulled */
	KUBELET_UNREADY,        /* they run and do not become ready */
	KUBELET_ILLS,
};

/* It is so for pods that start from now on, but for the first `spared` of
 * them. Any thread. */
void kubelet_ail(struct kubelet *kubelet, enum kubelet_ill ill, int spared);
/* It is over: for pods that are held unready at once, for others when they
 * are started again. */
void kubelet_heal(struct kubelet *kubelet, enum kubelet_ill ill);
/* Whether v1's pods keep the flag as they knew it when a user's connection
 * began, as long as that lasts. Any thread. */
void kubelet_set_sticky(struct kubelet *kubelet, bool sticky);

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
