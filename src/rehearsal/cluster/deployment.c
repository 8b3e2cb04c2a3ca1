/*
 * Deployments: a replica set for each template, and the walk from the old ones
 * to the new one. rollout.c has the arithmetic, deployment_set.c the new set,
 * deployment_scale.c the sizes, deployment_status.c what is reported.
 */
#include "rehearsal/cluster/deployment.h"

#include <string.h>

#include "base/json.h"
#include "rehearsal/cluster/claim.h"
#include "rehearsal/cluster/controller.h"
#include "rehearsal/cluster/object.h"
#include "rehearsal/cluster/resource.h"
#include "rehearsal/cluster/rollout.h"
#include "rehearsal/cluster/store.h"
#include "rehearsal/cluster/write.h"

static const struct resource *sets_resource(void)
{
	return resource_at(RESOURCE_REPLICASETS);
}

/* The same objects as they are in the store now. */
static int family_refresh(struct family *family, struct store *store)
{
	const struct resource *deployments = resource_at(RESOURCE_DEPLOYMENTS);
	const json_t *deployment = store_get(store, deployments,
					     object_ns(family->deployment),
					     object_name(family->deployment));

	return deployment ? family_find(family, store, deployment) : -1;
}

static int64_t smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Takes pods from the old sets, the oldest first: those that are not available
 * at first, then as many available ones as may be missing. */
static int shrink_old(struct store *store, const struct family *family,
		      const struct rollout *rollout)
{
	int64_t any = rollout_removable(rollout), healthy;
	int64_t left[FAMILY_OLD_MAX];
	int bad = 0;

	for (size_t i = 0; i < family->old_count; i++) {
		int64_t wanted = family_wanted(family->old[i]);
		int64_t broken = wanted - family_available(family->old[i]);
		int64_t gone = smaller(any, broken > 0 ? broken : 0);

		left[i] = wanted - gone;
		any -= gone;
	}
	healthy = smaller(rollout_removable_available(rollout), any);
	for (size_t i = 0; i < family->old_count; i++) {
		int64_t gone = smaller(left[i], healthy);

		healthy -= gone;
		bad |= deployment_scale(store, family, rollout, family->old[i],
					left[i] - gone);
	}
	return bad;
}

/* All at once: the old must be gone, pods too, before the new begin. */
static int recreate(struct store *store, const struct family *family,
		    const struct rollout *rollout)
{
	int64_t living = 0;
	int bad = 0;

	for (size_t i = 0; i < family->old_count; i++) {
		const json_t *status = json_at(family->old[i], "status");

		living += json_number(status, "replicas", 0) +
			  json_number(status, "terminatingReplicas", 0);
		bad |= deployment_scale(store, family, rollout, family->old[i],
					0);
	}
	if (living || rollout->old || bad)
		return bad;
	return deployment_scale(store, family, rollout, family->fresh,
				rollout->desired);
}

static int roll(struct store *store, const struct family *family,
		const struct rollout *rollout)
{
	int64_t fresh = rollout_fresh(rollout);

	if (fresh != rollout->fresh)
		return deployment_scale(store, family, rollout, family->fresh,
					fresh);
	return shrink_old(store, family, rollout);
}

/* Old sets without pods beyond the history's length go, the oldest first. */
static int forget_old(struct store *store, const struct family *family)
{
	int64_t limit = json_number(family->deployment,
				    "spec/revisionHistoryLimit", 10);
	int64_t surplus = (int64_t)family->old_count - limit;
	int bad = 0;

	for (size_t i = 0; i < family->old_count && surplus > 0; i++) {
		json_t *set = family->old[i];

		if (family_wanted(set) || json_number(set, "status/replicas", 0))
			continue;
		bad |= write_delete(store, sets_resource(), set, 0);
		surplus--;
	}
	return bad;
}

static int copy_revision(struct store *store, const struct family *family)
{
	const struct resource *resource = resource_at(RESOURCE_DEPLOYMENTS);
	struct writer writer = { .manager = WRITE_CONTROLLER,
				 .subresource = "" };
	json_t *revision = json_at(family->fresh, DEPLOYMENT_REVISION);
	json_t *copy;

	if (family_revision(family->deployment) ==
	    family_revision(family->fresh))
		return 0;
	copy = json_deep_copy(family->deployment);
	if (object_set(copy, DEPLOYMENT_REVISION, json_incref(revision))) {
		json_decref(copy);
		return -1;
	}
	return write_change(store, resource, copy,
			    (json_t *)family->deployment, &writer) ? 0 : -1;
}

/* One step towards what is wanted; family is as it is now. */
static int move_on(struct store *store, struct family *family, bool resize)
{
	const char *strategy = json_text(family->deployment,
					 "spec/strategy/type", "");
	struct rollout rollout;
	int bad;

	family_count(family, &rollout);
	if (resize)
		bad = deployment_resize(store, family, &rollout);
	else if (!family->fresh)
		return 0;       /* its name is another's: the next round */
	else if (!strcmp(strategy, "Recreate"))
		bad = recreate(store, family, &rollout);
	else
		bad = roll(store, family, &rollout);
	return bad || family_refresh(family, store) ||
	       forget_old(store, family) ? -1 : 0;
}

static int sync_deployment(struct round *round, const json_t *deployment)
{
	struct store *store = round->store;
	struct rollout rollout;
	struct family family;
	bool created, resize;

	if (claim_all(store, resource_at(RESOURCE_REPLICASETS),
		      resource_at(RESOURCE_DEPLOYMENTS), deployment) ||
	    family_find(&family, store, deployment))
		return -1;
	family_count(&family, &rollout);
	resize = json_flag(deployment, "spec/paused", false) ||
		 deployment_is_resized(&family, &rollout);
	if (deployment_sync_set(store, &family, &rollout, !resize, &created) ||
	    family_refresh(&family, store) ||
	    (family.fresh && copy_revision(store, &family)) ||
	    family_refresh(&family, store) ||
	    deployment_report(round, &family, created) ||
	    family_refresh(&family, store))
		return -1;
	return move_on(store, &family, resize);
}

int deployment_round(struct round *round)
{
	json_t *all = store_snapshot(round->store,
				     resource_at(RESOURCE_DEPLOYMENTS));
	json_t *deployment;
	int bad = !all;
	size_t i;

	json_array_foreach(all, i, deployment)
		if (!object_is_deleted(deployment))
			bad |= sync_deployment(round, deployment);
	json_decref(all);
	return bad ? -1 : 0;
}
