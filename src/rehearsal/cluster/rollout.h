/* The arithmetic of a rolling update, as Kubernetes' deployment controller
 * does it. Pure. */
#ifndef CUTOVER_REHEARSAL_ROLLOUT_H
#define CUTOVER_REHEARSAL_ROLLOUT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
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
/* Sets surge and unavailable from a Deployment's strategy; a rolling update's
 * are never both 0, Recreate has neither. */
void rollout_limits(struct rollout *rollout, const json_t *deployment);

/* How many the new replica set should want now. */
int64_t rollout_fresh(const struct rollout *rollout);
/* How many pods the old ones may lose now, ready or not: of these, those that
 * are not available go first. */
int64_t rollout_removable(const struct rollout *rollout);
/* How many available ones they may lose now. */
int64_t rollout_removable_available(const struct rollout *rollout);

/* One of several replica sets that share a change of the size. */
struct rollout_part {
	int64_t wanted;
	int64_t most;           /* desired and surge when it was last sized */
	size_t age;             /* 0 is the oldest */
	size_t index;           /* the caller's own */
};

/*
 * Sizes the parts anew for the present desired and surge, each by its share,
 * so that a change of size in the midst of a rollout keeps its proportions.
 * Brings them into an order of its own; the first one gets what is left over.
 */
void rollout_spread(const struct rollout *rollout, struct rollout_part *parts,
		    size_t count);

#endif
