/*
 * Replica sets: as many pods as wanted, by adopting, creating and deleting, and
 * the count of how they are.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "rehearsal/cluster/admit.h"
#include "rehearsal/cluster/claim.h"
#include "rehearsal/cluster/controller.h"
#include "rehearsal/cluster/object.h"
#include "rehearsal/cluster/resource.h"
#include "rehearsal/cluster/selector.h"
#include "rehearsal/cluster/store.h"
#include "rehearsal/cluster/write.h"

#define COMPONENT "replicaset-controller"
#define NAME_TEXT_MAX 320

/* The pods of one replica set. */
struct census {
	const json_t *labels;   /* of its template */
	int64_t min_ready;      /* seconds */
	int64_t active, labeled, ready, available, terminating;
};

static bool is_finished(const json_t *pod)
{
	const char *phase = json_text(pod, "status/phase", "");

	return !strcmp(phase, "Succeeded") || !strcmp(phase, "Failed");
}

/* Ready for at least minReadySeconds. */
static bool is_available(struct round *round, const json_t *pod,
			 int64_t min_ready)
{
	const json_t *ready = object_find_condition(pod, "Ready");
	int64_t since = object_time_ms(json_text(ready, "lastTransitionTime",
						 ""));
	int64_t left = since + min_ready * 1000 - round->now;

	if (!object_is(pod, "Ready"))
		return false;
	if (min_ready && left > 0)
		round_due(round, left);
	return !min_ready || left <= 0;
}

static void count_pod(struct round *round, const json_t *pod,
		      struct census *census)
{
	if (object_is_deleted(pod)) {
		census->terminating++;
	} else if (!is_finished(pod)) {
		census->active++;
		census->labeled += selector_map_matches(
			census->labels, json_at(pod, "metadata/labels"));
		census->ready += object_is(pod, "Ready");
		census->available += is_available(round, pod,
						  census->min_ready);
	}
}

static json_t *pod_from_template(const json_t *set)
{
	json_t *pod = json_deep_copy(json_at(set, "spec/template"));
	char prefix[NAME_TEXT_MAX];
	int bad;

	snprintf(prefix, sizeof(prefix), "%s-", object_name(set));
	bad = object_set(pod, "metadata/generateName", json_string(prefix));
	bad |= object_set(pod, "metadata/namespace",
			  json_string(object_ns(set)));
	bad |= object_set(pod, "metadata/ownerReferences",
			  object_owners(resource_at(RESOURCE_REPLICASETS),
					set));
	bad |= bad ? 0 : admit_defaults(resource_at(RESOURCE_PODS), pod);
	if (!bad)
		return pod;
	json_decref(pod);
	return NULL;
}

static int create_pods(struct store *store, const json_t *set, int64_t count)
{
	struct writer writer = { .manager = WRITE_CONTROLLER,
				 .subresource = "" };

	while (count-- > 0) {
		json_t *pod = pod_from_template(set);

		pod = pod ? write_new(store, resource_at(RESOURCE_PODS), pod,
				      &writer) : NULL;
		if (!pod)
			return -1;
		event_record(store, set, "Normal", COMPONENT,
			     "SuccessfulCreate", "Created pod: %s",
			     object_name(pod));
	}
	return 0;
}

/* Which pod goes first: unscheduled, not ready, then the youngest. */
static int doom_order(const void *a, const void *b)
{
	const json_t *pod_a = *(json_t *const *)a;
	const json_t *pod_b = *(json_t *const *)b;
	bool at_a = json_at(pod_a, "spec/nodeName");
	bool at_b = json_at(pod_b, "spec/nodeName");
	bool ready_a = object_is(pod_a, "Ready");
	bool ready_b = object_is(pod_b, "Ready");

	if (at_a != at_b)
		return at_a - at_b;
	if (ready_a != ready_b)
		return ready_a - ready_b;
	return strcmp(json_text(pod_b, "metadata/creationTimestamp", ""),
		      json_text(pod_a, "metadata/creationTimestamp", ""));
}

static int delete_pods(struct store *store, const json_t *set,
		       const json_t *pods, int64_t count)
{
	size_t all = json_array_size(pods), n = 0;
	json_t **chosen = calloc(all + 1, sizeof(*chosen));
	int bad = chosen ? 0 : -1;
	json_t *pod;
	size_t i;

	json_array_foreach(pods, i, pod)
		if (!bad && !object_is_deleted(pod) && !is_finished(pod))
			chosen[n++] = pod;
	if (!bad)
		qsort(chosen, n, sizeof(*chosen), doom_order);
	for (i = 0; !bad && i < n && (int64_t)i < count; i++) {
		event_record(store, set, "Normal", COMPONENT,
			     "SuccessfulDelete", "Deleted pod: %s",
			     object_name(chosen[i]));
		bad |= write_delete(store, resource_at(RESOURCE_PODS),
				    chosen[i], -1);
	}
	free(chosen);
	return bad;
}

/* An optional count is left out when it is 0. */
static int set_count(json_t *status, const char *name, int64_t count)
{
	return count ? object_set(status, name, json_integer(count)) : 0;
}

static int write_status(struct store *store, json_t *set,
			const struct census *census)
{
	struct writer writer = { .manager = WRITE_CONTROLLER,
				 .subresource = "status" };
	json_t *copy, *status = json_pack("{s:I}", "replicas",
					  (json_int_t)census->active);
	int bad;

	bad = set_count(status, "fullyLabeledReplicas", census->labeled);
	bad |= set_count(status, "readyReplicas", census->ready);
	bad |= set_count(status, "availableReplicas", census->available);
	bad |= object_set(status, "terminatingReplicas",
			  json_integer(census->terminating));
	bad |= object_set(status, "observedGeneration", json_integer(
		json_number(set, "metadata/generation", 1)));
	if (!bad && json_equal(status, json_object_get(set, "status"))) {
		json_decref(status);
		return 0;
	}
	copy = json_deep_copy(set);
	bad |= json_object_set_new(copy, "status", status);
	if (bad) {
		json_decref(copy);
		return -1;
	}
	return write_change(store, resource_at(RESOURCE_REPLICASETS), copy,
			    set, &writer) ? 0 : -1;
}

/* pods: its own, as they are in the store. */
static int sync_set(struct round *round, json_t *set, const json_t *pods)
{
	int64_t wanted = json_number(set, "spec/replicas", 1);
	struct census census = {
		.labels = json_at(set, "spec/template/metadata/labels"),
		.min_ready = json_number(set, "spec/minReadySeconds", 0),
	};
	const json_t *pod;
	int bad = 0;
	size_t i;

	json_array_foreach(pods, i, pod)
		count_pod(round, pod, &census);
	if (!object_is_deleted(set) && census.active < wanted)
		bad |= create_pods(round->store, set, wanted - census.active);
	else if (census.active > wanted)
		bad |= delete_pods(round->store, set, pods,
				   census.active - wanted);
	return bad | write_status(round->store, set, &census);
}

/* Arrays of pods by the uid of what controls them, "" for what nobody does;
 * owned, NULL when memory is out. One walk for all sets: there may be many of
 * both. */
static json_t *pods_by_owner(struct store *store)
{
	json_t *pods = store_snapshot(store, resource_at(RESOURCE_PODS));
	json_t *groups = json_object(), *pod;
	int bad = !pods || !groups;
	size_t i;

	json_array_foreach(pods, i, pod) {
		const char *uid = json_text(object_controller(pod), "uid", "");
		json_t *group = json_object_get(groups, uid);

		if (!group) {
			group = json_array();
			bad |= json_object_set_new(groups, uid, group);
		}
		bad |= bad || json_array_append(group, pod);
	}
	json_decref(pods);
	if (!bad)
		return groups;
	json_decref(groups);
	return NULL;
}

/* Adds those of a group that are the set's, or become so, to mine, and takes
 * them out of the group: no other set looks at them in this round. A pod that
 * has ended stays whose it is. */
static int claim_group(struct store *store, const json_t *set, json_t *group,
		       json_t *mine)
{
	const struct resource *pods = resource_at(RESOURCE_PODS);
	int bad = 0;

	for (size_t i = json_array_size(group); i-- > 0;) {
		json_t *pod = json_array_get(group, i);
		bool orphan = !object_controller(pod), taken = false;

		if (is_finished(pod))
			continue;
		bad |= claim_object(store, pods, pod,
				    resource_at(RESOURCE_REPLICASETS), set,
				    &taken);
		if (!taken)
			continue;
		if (orphan)     /* another one by now */
			pod = store_get(store, pods, object_ns(pod),
					object_name(pod));
		bad |= json_array_append(mine, pod);
		json_array_remove(group, i);
	}
	return bad;
}

static int claim_and_sync(struct round *round, json_t *set, json_t *groups)
{
	json_t *mine = json_array();
	int bad = !mine;

	bad |= claim_group(round->store, set,
			   json_object_get(groups, object_uid(set)), mine);
	bad |= claim_group(round->store, set, json_object_get(groups, ""),
			   mine);
	bad |= bad || sync_set(round, set, mine);
	json_decref(mine);
	return bad;
}

int replicaset_round(struct round *round)
{
	json_t *sets = store_snapshot(round->store,
				      resource_at(RESOURCE_REPLICASETS));
	json_t *groups = pods_by_owner(round->store);
	int bad = !sets || !groups;
	json_t *set;
	size_t i;

	if (groups)
		json_array_foreach(sets, i, set)
			bad |= claim_and_sync(round, set, groups);
	json_decref(sets);
	json_decref(groups);
	return bad ? -1 : 0;
}
