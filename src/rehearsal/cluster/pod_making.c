/*
 * A pod whose container can't be made, as a node reports it. Its image can't be
 * pulled: ErrImagePull, a moment later ImagePullBackOff, then it is tried
 * again, each time later. Or a secret is not there: CreateContainerConfigError,
 * tried again all the time. No container has run, so none is restarted. See
 * pod.h.
 */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "rehearsal/cluster/controller.h"
#include "rehearsal/cluster/object.h"
#include "rehearsal/cluster/pod_private.h"
#include "rehearsal/cluster/pod_status.h"
#include "rehearsal/cluster/resource.h"
#include "rehearsal/cluster/store.h"
#include "rehearsal/cluster/write.h"

#define FAILED_MS 1000          /* ErrImagePull, before the back-off shows */
#define BACK_OFF_MS 10000
#define BACK_OFF_MAX_MS 300000
#define MESSAGE_MAX 512
#define NO_CONFIG "CreateContainerConfigError"

static const char *image_of(const json_t *pod)
{
	return json_text(pod, "spec/containers/0/image", "");
}

static json_t *put_waiting(struct store *store, json_t *pod,
			   const char *reason, const char *message)
{
	struct writer writer = {.manager = WRITE_KUBELET, .subresource = "status"};
	json_t *copy = json_deep_copy(pod);

	if (!pod_set_waiting(copy, reason, message))
		return write_change(store, resource_at(RESOURCE_PODS), copy,
				    pod, &writer);
	json_decref(copy);
	return NULL;
}

static const char *waits_for(const json_t *pod)
{
	return json_text(pod, "status/containerStatuses/0/state/waiting/reason",
			 "");
}

int pods_unpullable(struct pods *pods, struct store *store, const char *ns,
		    const char *name)
{
	json_t *pod = store_get(store, resource_at(RESOURCE_PODS), ns, name);
	char message[MESSAGE_MAX];

	if (!pod || strcmp(waits_for(pod), "ContainerCreating") != 0)
		return 0;
	snprintf(message, sizeof(message),
		 "failed to pull and unpack image \"%s\": failed to resolve "
		 "reference \"%s\": unexpected status from HEAD request: 401 "
		 "Unauthorized", image_of(pod), image_of(pod));
	event_record(store, pod, "Normal", "kubelet", "Pulling",
		     "Pulling image \"%s\"", image_of(pod));
	event_record(store, pod, "Warning", "kubelet", "Failed",
		     "Failed to pull image \"%s\": %s", image_of(pod), message);
	event_record(store, pod, "Warning", "kubelet", "Failed",
		     "Error: ErrImagePull");
	pod = put_waiting(store, pod, "ErrImagePull", message);
	if (!pod)
		return -1;
	store_wake(store);
	return pods_set_timer(pods, pod, POD_START, FAILED_MS);
}

int pods_unconfigurable(struct pods *pods, struct store *store,
			const char *ns, const char *name,
			const char *message)
{
	json_t *pod = store_get(store, resource_at(RESOURCE_PODS), ns, name);

	if (!pod || strcmp(waits_for(pod), "ContainerCreating") != 0)
		return 0;
	event_record(store, pod, "Warning", "kubelet", "Failed", "Error: %s",
		     message);
	pod = put_waiting(store, pod, NO_CONFIG, message);
	if (!pod)
		return -1;
	store_wake(store);
	return pods_set_timer(pods, pod, POD_START, BACK_OFF_MS);
}

/* How long until the next try: doubled each time. */
static int64_t next_wait(struct pods *pods, const json_t *pod)
{
	struct timer *timer = pods_timer(pods, pod);

	timer->wait_ms = timer->wait_ms ? 2 * timer->wait_ms : BACK_OFF_MS;
	if (timer->wait_ms > BACK_OFF_MAX_MS)
		timer->wait_ms = BACK_OFF_MAX_MS;
	return timer->wait_ms;
}

int pods_retry_making(struct pods *pods, struct store *store, json_t *pod)
{
	char message[MESSAGE_MAX];

	if (!strcmp(waits_for(pod), "ErrImagePull")) {
		snprintf(message, sizeof(message),
			 "Back-off pulling image \"%s\"", image_of(pod));
		event_record(store, pod, "Normal", "kubelet", "BackOff", "%s",
			     message);
		event_record(store, pod, "Warning", "kubelet", "Failed",
			     "Error: ImagePullBackOff");
		pod = put_waiting(store, pod, "ImagePullBackOff", message);
		return pod ? pods_set_timer(pods, pod, POD_START,
					    next_wait(pods, pod)) : -1;
	}
	pod = put_waiting(store, pod, "ContainerCreating", NULL);
	if (!pod)
		return -1;
	/* The timer stays: it knows how long it waited. */
	pods_timer(pods, pod)->done = true;
	return pods_queue(pods, POD_START, pod);
}

bool pods_waits_to_be_made(const json_t *pod)
{
	return !strcmp(waits_for(pod), "ErrImagePull") ||
	       !strcmp(waits_for(pod), "ImagePullBackOff") ||
	       !strcmp(waits_for(pod), NO_CONFIG);
}
