/*
 * Deployments: a replica set for each template, and the walk from the old ones
 * to the new one. rollout.c has the arithmetic, deployment_status.c what is
 * reported.
 */
#include "rehearsal/cluster/deployment.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "rehearsal/cluster/controller.h"
#include "rehearsal/cluster/object.h"
#include "rehearsal/cluster/resource.h"
#include "rehearsal/cluster/rollout.h"
#include "rehearsal/cluster/store.h"
#include "rehearsal/cluster/write.h"

#define DESIRED \
	"metadata/annotations/deployment.kubernetes.io~1desired-replicas"
#define MAXIMUM "metadata/annotations/deployment.kubernetes.io~1max-replicas"
#define NAME_TEXT_MAX 320

static const struct resource *sets_resource(void)
{
	return resource_at(RESOURCE_REPLICASETS);
}

static json_t *number_text(int64_t number)
{
	return json_sprintf("%lld", (long long)number);
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

static int64_t max_old_revision(const struct family *family)
{
	int64_t max = 0;

	for (size_t i = 0; i < family->old_count; i++)
		if (family_revision(family->old[i]) > max)
			max = family_revision(family->old[i]);
	return max;
}

/* Stores copy (taken) in the place of set. */
static int put_set(struct store *store, json_t *copy, json_t *set)
{
	struct writer writer = { .manager = WRITE_CONTROLLER,
				 .subresource = "" };

	return write_change(store, sets_resource(), copy, set, &writer) ? 0
									: -1;
}

static int annotate(json_t *set, const struct rollout *rollout)
{
	int64_t max = rollout->desired + rollout->surge;

	return object_set(set, DESIRED, number_text(rollout->desired)) |
	       object_set(set, MAXIMUM, number_text(max));
}

static json_t *new_set(const struct family *family,
		       const struct rollout *rollout, const char *hash)
{
	const json_t *deployment = family->deployment;
	const json_t *template = json_at(deployment, "spec/template");
	const json_t *seconds = json_at(deployment, "spec/minReadySeconds");
	char name[NAME_TEXT_MAX];
	json_t *set;
	int bad;

	snprintf(name, sizeof(name), "%s-%s", object_name(deployment), hash);
	set = json_pack("{s:{s:s,s:s,s:o*,s:o},s:{s:i,s:o,s:o}}",
			"metadata", "name", name,
			"namespace", object_ns(deployment), "labels",
			json_deep_copy(json_at(template, "metadata/labels")),
			"ownerReferences",
			object_owners(resource_at(RESOURCE_DEPLOYMENTS),
				      deployment),
			"spec", "replicas", 0, "selector",
			json_deep_copy(json_at(deployment, "spec/selector")),
			"template", json_deep_copy(template));
	bad = object_set(set, DEPLOYMENT_HASH, json_string(hash));
	bad |= object_set(set, "spec/selector/matchLabels/pod-template-hash",
			  json_string(hash));
	bad |= object_set(set, "spec/template/" DEPLOYMENT_HASH, json_string(hash));
	bad |= object_set(set, "status/replicas", json_integer(0));
	if (seconds)
		bad |= object_set(set, "spec/minReadySeconds",
				  json_incref((json_t *)seconds));
	bad |= annotate(set, rollout);
	bad |= object_set(set, DEPLOYMENT_REVISION,
			  number_text(max_old_revision(family) + 1));
	if (!bad)
		return set;
	json_decref(set);
	return NULL;
}

/* The new replica set exists and has the highest revision; *created says
 * whether it was made just now. */
static int ensure_fresh(struct family *family, struct store *store,
			const struct rollout *rollout, bool *created)
{
	struct writer writer = { .manager = WRITE_CONTROLLER,
				 .subresource = "" };
	const json_t *template = json_at(family->deployment, "spec/template");
	int64_t revision = max_old_revision(family) + 1;
	char hash[OBJECT_HASH_MAX];
	json_t *copy;

	*created = !family->fresh;
	if (family->fresh) {
		if (family_revision(family->fresh) >= revision)
			return 0;
		copy = json_deep_copy(family->fresh);
		if (object_set(copy, DEPLOYMENT_REVISION, number_text(revision))) {
			json_decref(copy);
			return -1;
		}
		return put_set(store, copy, family->fresh);
	}
	object_template_hash(template, hash);
	copy = *hash ? new_set(family, rollout, hash) : NULL;
	return copy && write_new(store, sets_resource(), copy, &writer) ? 0
									: -1;
}

static int scale(struct store *store, const struct family *family,
		 const struct rollout *rollout, json_t *set, int64_t wanted)
{
	int64_t now = json_number(set, "spec/replicas", 0);
	json_t *copy;

	if (now == wanted)
		return 0;
	copy = json_deep_copy(set);
	if (object_set(copy, "spec/replicas", json_integer(wanted)) ||
	    annotate(copy, rollout)) {
		json_decref(copy);
		return -1;
	}
	event_record(store, family->deployment, "Normal",
		     "deployment-controller", "ScalingReplicaSet",
		     "Scaled %s replica set %s from %lld to %lld",
		     wanted > now ? "up" : "down", object_name(set),
		     (long long)now, (long long)wanted);
	return put_set(store, copy, set);
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
		bad |= scale(store, family, rollout, family->old[i],
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
		bad |= scale(store, family, rollout, family->old[i], 0);
	}
	if (living || rollout->old || bad)
		return bad;
	return scale(store, family, rollout, family->fresh, rollout->desired);
}

static int roll(struct store *store, const struct family *family,
		const struct rollout *rollout)
{
	int64_t fresh = rollout_fresh(rollout);

	if (fresh != rollout->fresh)
		return scale(store, family, rollout, family->fresh, fresh);
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

/* While it is paused only its size is followed. */
static int follow_size(struct store *store, const struct family *family,
		       const struct rollout *rollout)
{
	json_t *set = family->fresh;

	if (!set && family->old_count)
		set = family->old[family->old_count - 1];
	if (!set || rollout->fresh + rollout->old == rollout->desired)
		return 0;
	return scale(store, family, rollout, set,
		     family_wanted(set) + rollout->desired - rollout->fresh -
			     rollout->old);
}

static int copy_revision(struct store *store, const struct family *family)
{
	const struct resource *resource = resource_at(RESOURCE_DEPLOYMENTS);
	struct writer writer = { .manager = WRITE_CONTROLLER,
				 .subresource = "" };
	int64_t revision = family_revision(family->fresh);
	json_t *copy;

	if (family_revision(family->deployment) == revision)
		return 0;
	copy = json_deep_copy(family->deployment);
	if (object_set(copy, DEPLOYMENT_REVISION, number_text(revision))) {
		json_decref(copy);
		return -1;
	}
	return write_change(store, resource, copy,
			    (json_t *)family->deployment, &writer) ? 0 : -1;
}

static int sync_deployment(struct round *round, const json_t *deployment)
{
	bool paused = json_flag(deployment, "spec/paused", false);
	struct store *store = round->store;
	struct rollout rollout;
	struct family family;
	bool created = false;

	if (family_find(&family, store, deployment))
		return -1;
	family_count(&family, &rollout);
	if (!paused && ensure_fresh(&family, store, &rollout, &created))
		return -1;
	if (family_refresh(&family, store) ||
	    (family.fresh && copy_revision(store, &family)) ||
	    family_refresh(&family, store) ||
	    deployment_report(round, &family, created))
		return -1;
	if (family_refresh(&family, store))
		return -1;
	family_count(&family, &rollout);
	if (paused)
		return follow_size(store, &family, &rollout);
	if (!strcmp(json_text(deployment, "spec/strategy/type", ""),
		    "Recreate"))
		return recreate(store, &family, &rollout);
	return roll(store, &family, &rollout) ||
	       family_refresh(&family, store) ||
	       forget_old(store, &family) ? -1 : 0;
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
