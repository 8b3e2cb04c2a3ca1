/* The arithmetic of a rolling update, as Kubernetes' deployment controller
 * does it. Pure. */
#ifndef CUTOVER_REHEARSAL_ROLLOUT_H
#define CUTOVER_REHEARSAL_ROLLOUT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* How many pods a rollout is made of, now. */
struct rollout {
	int64_t desired;        /* the deployment's replicas */
	int64_t surge;          /* may be above desired */
	int64_t unavailable;    /* may be missing below desired */
	int64_t fresh;          /* wanted of the new replica set */
	int64_t fresh_available;
	int64_t old;            /* wanted of all old ones together */
	int64_t old_available;
};

/* "25%" or 2, of total; a share is rounded up or down. 0 for anything else. */
int64_t rollout_share(const json_t *value, int64_t total, bool up);
/* Sets surge and unavailable from a Deployment's strategy; never both 0. */
void rollout_limits(struct rollout *rollout, const json_t *deployment);

/* How many the new replica set should want now. */
int64_t rollout_fresh(const struct rollout *rollout);
/* How many pods the old ones may lose now, ready or not: of these, those that
 * are not available go first. */
int64_t rollout_removable(const struct rollout *rollout);
/* How many available ones they may lose now. */
int64_t rollout_removable_available(const struct rollout *rollout);

#endif
