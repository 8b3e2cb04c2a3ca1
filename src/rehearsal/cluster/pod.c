/*
 * See pod.h. What a pod is at stands in the pod itself; each round looks at
 * all of them and does what is next.
 */
#include "rehearsal/cluster/pod.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "rehearsal/cluster/controller.h"
#include "rehearsal/cluster/object.h"
#include "rehearsal/cluster/pod_private.h"
#include "rehearsal/cluster/pod_status.h"
#include "rehearsal/cluster/resource.h"
#include "rehearsal/cluster/store.h"
#include "rehearsal/cluster/write.h"

#define NODE_COUNT 3
#define BACK_OFF_MS 10000
#define BACK_OFF_MAX_MS 300000
#define NAME_TEXT_MAX 64

static const struct resource *pods_resource(void)
{
	return resource_at(RESOURCE_PODS);
}

/* Stores copy (taken) in the place of pod; bad is what happened to copy. */
static json_t *put_status(struct store *store, json_t *copy, json_t *pod,
			  int bad)
{
	struct writer writer = { .manager = WRITE_KUBELET,
				 .subresource = "status" };

	if (!bad && copy)
		return write_change(store, pods_resource(), copy, pod,
				    &writer);
	json_decref(copy);
	return NULL;
}

static json_t *living_pod(struct store *store, const char *ns,
			  const char *name)
{
	return store_get(store, pods_resource(), ns, name);
}

static int schedule(struct pods *pods, struct store *store, json_t *pod)
{
	json_t *copy = json_deep_copy(pod);
	char node[NAME_TEXT_MAX];
	int bad;

	snprintf(node, sizeof(node), "practice-%u",
		 pods->last_node++ % NODE_COUNT);
	bad = pod_set_scheduled(copy, node);
	pod = put_status(store, copy, pod, bad);
	if (!pod)
		return -1;
	event_record(store, pod, "Normal", "default-scheduler", "Scheduled",
		     "Successfully assigned %s/%s to %s", object_ns(pod),
		     object_name(pod), node);
	return 0;
}

/* The next free address of the network; false if there is none. */
static bool next_address(struct pods *pods, char dst[INET_ADDRSTRLEN])
{
	for (uint32_t tried = 0; tried < POD_HOSTS; tried++) {
		struct in_addr address;
		uint32_t host = pods->last_host % POD_HOSTS + 1;

		pods->last_host = host;
		if (pods->taken[host / 8] & 1u << host % 8)
			continue;
		pods->taken[host / 8] |= (unsigned char)(1u << host % 8);
		address.s_addr = htonl(pods->network | host);
		return inet_ntop(AF_INET, &address, dst, INET_ADDRSTRLEN);
	}
	return false;
}

/* A pod that is gone needs its address no more. */
static void free_address(struct pods *pods, const json_t *pod)
{
	struct in_addr address;
	uint32_t host;

	if (inet_pton(AF_INET, json_text(pod, "status/podIP", ""),
		      &address) != 1)
		return;
	host = ntohl(address.s_addr) ^ pods->network;
	if (host <= POD_HOSTS)
		pods->taken[host / 8] &= (unsigned char)~(1u << host % 8);
}

/* On its node: an address, and the application is asked for. */
static int create_container(struct pods *pods, struct store *store,
			    json_t *pod)
{
	char ip[INET_ADDRSTRLEN];
	json_t *copy;
	int bad;

	if (!next_address(pods, ip))
		return -1;
	copy = json_deep_copy(pod);
	bad = pod_set_creating(copy, ip);
	pod = put_status(store, copy, pod, bad);
	return pod ? pods_queue(pods, POD_START, pod) : -1;
}

static int restart(struct pods *pods, struct store *store, json_t *pod)
{
	json_t *copy = json_deep_copy(pod);
	int bad = pod_set_restarting(copy);

	pod = put_status(store, copy, pod, bad);
	if (!pod)
		return -1;
	pods_drop_timer(pods, pod);
	return pods_queue(pods, POD_START, pod);
}

/* Whatever still has to be done by somebody else keeps it. */
static int remove_pod(struct pods *pods, struct store *store,
		      const json_t *pod)
{
	pods_drop_timer(pods, pod);
	if (json_array_size(json_at(pod, "metadata/finalizers")))
		return 0;
	return store_remove(store, pods_resource(), object_ns(pod),
			    object_name(pod));
}

/* The application is there, or was asked for and will be. */
static bool has_application(const json_t *pod)
{
	const char *state = pod_state(pod);
	const char *reason = json_text(pod, "status/containerStatuses/0/state/"
				       "waiting/reason", "");

	return !strcmp(state, "running") ||
	       !strcmp(reason, "ContainerCreating");
}

/* A second deletion may have brought the end nearer. */
static void shorten_grace(struct timer *timer, const struct round *round,
			  const json_t *pod)
{
	int64_t end = object_time_ms(json_text(
		pod, "metadata/deletionTimestamp", ""));
	int64_t at = clock_mono_ms() + end - round->now;

	/* deletionTimestamp is cut to the second */
	if (at < timer->at - 1000)
		timer->at = at;
}

/* A deleted pod: told once to stop, killed when its grace is over, gone when
 * nothing runs. */
static int end_pod(struct pods *pods, struct round *round, json_t *pod)
{
	int64_t grace = json_number(pod, "metadata/deletionGracePeriodSeconds",
				    0);
	struct timer *timer = pods_timer(pods, pod);

	if (!has_application(pod))
		return remove_pod(pods, round->store, pod);
	if (timer && timer->call == POD_KILL) {
		shorten_grace(timer, round, pod);
		return 0;
	}
	event_record(round->store, pod, "Normal", "kubelet", "Killing",
		     "Stopping container %s",
		     json_text(pod, "spec/containers/0/name", ""));
	return pods_set_timer(pods, pod, POD_KILL, grace * 1000) |
	       pods_queue(pods, POD_STOP, pod);
}

static int sync_pod(struct pods *pods, struct round *round, json_t *pod)
{
	struct timer *timer;

	if (object_is_deleted(pod))
		return end_pod(pods, round, pod);
	if (!json_at(pod, "spec/nodeName"))
		return schedule(pods, round->store, pod);
	if (!*pod_state(pod))
		return create_container(pods, round->store, pod);
	timer = pods_timer(pods, pod);
	if (timer && timer->call == POD_START && !timer->done &&
	    timer->at <= clock_mono_ms())
		return pods_waits_to_be_made(pod) ?
		       pods_retry_making(pods, round->store, pod) :
		       restart(pods, round->store, pod);
	return 0;
}

static int kill_late(struct pods *pods, const json_t *all)
{
	int64_t now = clock_mono_ms();
	json_t *pod;
	int bad = 0;
	size_t i;

	json_array_foreach(all, i, pod) {
		struct timer *timer = object_is_deleted(pod) ?
			pods_timer(pods, pod) : NULL;

		if (!timer || timer->done || timer->call != POD_KILL ||
		    timer->at > now)
			continue;
		timer->done = true;
		bad |= pods_queue(pods, POD_KILL, pod);
	}
	return bad;
}

int pods_round(struct pods *pods, struct round *round)
{
	json_t *all = store_snapshot(round->store, pods_resource()), *pod;
	int64_t now = clock_mono_ms();
	int bad = !all;
	size_t i;

	json_array_foreach(all, i, pod)
		bad |= sync_pod(pods, round, pod);
	bad |= kill_late(pods, all);
	for (struct timer *timer = pods->timers; timer; timer = timer->next)
		if (!timer->done)
			round_due(round, timer->at > now ? timer->at - now
							 : 0);
	json_decref(all);
	return bad ? -1 : 0;
}

void pods_forgotten(struct pods *pods, json_t *pod)
{
	pods_drop_timer(pods, pod);
	free_address(pods, pod);
	if (has_application(pod))
		pods_queue(pods, POD_KILL, pod);
}

/* --- reports of the kubelet ------------------------------------------- */

static void started_event(struct store *store, const json_t *pod)
{
	event_record(store, pod, "Normal", "kubelet", "Started",
		     "Started container %s",
		     json_text(pod, "spec/containers/0/name", ""));
}

int pods_running(struct store *store, const char *ns, const char *name,
		 const char *uid)
{
	json_t *pod = living_pod(store, ns, name), *copy;
	int bad;

	if (!pod || strcmp(object_uid(pod), uid) ||
	    strcmp(json_text(pod, "status/containerStatuses/0/state/waiting/"
			     "reason", ""), "ContainerCreating"))
		return 0;
	copy = json_deep_copy(pod);
	bad = pod_set_running(copy);
	pod = put_status(store, copy, pod, bad);
	if (!pod)
		return -1;
	started_event(store, pod);
	return 0;
}

int pods_ready(struct store *store, const char *ns, const char *name,
	       bool ready)
{
	json_t *pod = living_pod(store, ns, name), *copy;
	int bad = 0;

	if (!pod || (ready && object_is_deleted(pod)))
		return 0;
	if (!has_application(pod) || object_is(pod, "Ready") == ready)
		return 0;
	/* It may say so before its start was seen to return. */
	if (pods_running(store, ns, name, object_uid(pod)))
		return -1;
	pod = living_pod(store, ns, name);
	copy = json_deep_copy(pod);
	bad |= pod_set_ready(copy, ready);
	return put_status(store, copy, pod, bad) ? 0 : -1;
}

static int64_t back_off(int64_t restarts)
{
	int64_t wait = BACK_OFF_MS;

	if (!restarts)
		return 0;
	while (--restarts > 0 && wait < BACK_OFF_MAX_MS)
		wait *= 2;
	return wait < BACK_OFF_MAX_MS ? wait : BACK_OFF_MAX_MS;
}

static int crash(struct pods *pods, struct store *store, json_t *pod,
		 int exit_code)
{
	int64_t wait = back_off(pod_restarts(pod));
	json_t *copy = json_deep_copy(pod);
	int bad = pod_set_crashed(copy, exit_code, wait);

	pod = put_status(store, copy, pod, bad);
	if (!pod)
		return -1;
	if (wait)
		event_record(store, pod, "Warning", "kubelet", "BackOff",
			     "Back-off restarting failed container %s in pod "
			     "%s", json_text(pod, "spec/containers/0/name",
					     ""), object_name(pod));
	store_wake(store);
	return pods_set_timer(pods, pod, POD_START, wait);
}

int pods_exited(struct pods *pods, struct store *store, const char *ns,
		const char *name, int exit_code)
{
	json_t *pod = living_pod(store, ns, name), *copy;
	int bad;

	if (!pod || !has_application(pod))
		return 0;
	if (!object_is_deleted(pod))
		return crash(pods, store, pod, exit_code);
	copy = json_deep_copy(pod);
	bad = pod_set_finished(copy, exit_code);
	pod = put_status(store, copy, pod, bad);
	return pod ? remove_pod(pods, store, pod) : -1;
}

int pods_unhealthy(struct store *store, const char *ns, const char *name)
{
	json_t *pod = living_pod(store, ns, name);

	if (pod)
		event_record(store, pod, "Warning", "kubelet", "Unhealthy",
			     "Readiness probe failed: HTTP probe failed with "
			     "statuscode: 503");
	return 0;
}
