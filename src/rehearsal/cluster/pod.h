/*
 * The life of pods: scheduling, and what the node reports of them. What must
 * be told to the kubelet is queued here and carried out by control.c, outside
 * the lock.
 */
#ifndef CUTOVER_REHEARSAL_POD_H
#define CUTOVER_REHEARSAL_POD_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct pods;
struct round;
struct store;

enum pod_call { POD_START, POD_STOP, POD_KILL };

/* network is a /16 in host byte order. NULL when memory is out. */
struct pods *pods_new(uint32_t network);
/* Takes NULL. */
void pods_free(struct pods *pods);

/* All below with the store locked. */

/* Schedules, stops, restarts, removes. 0 or -1. */
int pods_round(struct pods *pods, struct round *round);
/* The next call for the kubelet, in order: true with the pod (owned by the
 * caller) and what to do with it. */
bool pods_next_call(struct pods *pods, enum pod_call *call, json_t **pod);
/* A pod is gone: if it was removed by force, what runs of it must be killed. */
void pods_forgotten(struct pods *pods, json_t *pod);

/* The kubelet's reports; an unknown pod is ignored. 0 or -1. */
int pods_running(struct store *store, const char *ns, const char *name,
		 const char *uid);
int pods_ready(struct store *store, const char *ns, const char *name,
	       bool ready);
int pods_exited(struct pods *pods, struct store *store, const char *ns,
		const char *name, int exit_code);
int pods_unpullable(struct pods *pods, struct store *store, const char *ns,
		    const char *name);
int pods_unconfigurable(struct pods *pods, struct store *store,
			const char *ns, const char *name,
			const char *message);
int pods_unhealthy(struct store *store, const char *ns, const char *name);

#endif
