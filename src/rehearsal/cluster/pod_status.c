/* See pod_status.h. All containers of a pod share one fate here: the world
 * runs one process for each pod. */
#include "rehearsal/cluster/pod_status.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "rehearsal/cluster/object.h"

#define HOST_IP "127.0.0.1"
#define TEXT_MAX 512

const char *pod_state(const json_t *pod)
{
	const json_t *state = json_at(pod, "status/containerStatuses/0/state");
	const char *key = json_object_iter_key(
		json_object_iter((json_t *)state));

	return state && key ? key : "";
}

int64_t pod_restarts(const json_t *pod)
{
	return json_number(pod, "status/containerStatuses/0/restartCount", 0);
}

/* What a node tells of a pod is of the generation that it has seen; a
 * scheduler says nothing of it. */
static int set_condition(json_t *pod, const char *type, bool is,
			 const char *reason, const char *message)
{
	json_t *seen = strcmp(type, "PodScheduled")
		? json_at(pod, "metadata/generation") : NULL;

	return object_set_condition(
		pod, type, is ? "True" : "False",
		json_pack("{s:n,s:O*,s:s*,s:s*}", "lastProbeTime",
			  "observedGeneration", seen, "reason", reason,
			  "message", message));
}

/* Ready and ContainersReady go together. */
static int set_ready_conditions(json_t *pod, bool ready, const char *reason)
{
	char message[TEXT_MAX];
	const char *text = NULL;

	snprintf(message, sizeof(message), "containers with unready status: "
		 "[%s]", json_text(pod, "spec/containers/0/name", ""));
	if (reason && !strcmp(reason, "ContainersNotReady"))
		text = message;
	return object_set(pod, "status/observedGeneration",
			  json_integer(json_number(pod, "metadata/generation",
						   0))) |
	       set_condition(pod, "Ready", ready, reason, text) |
	       set_condition(pod, "ContainersReady", ready, reason, text);
}

int pod_set_scheduled(json_t *pod, const char *node)
{
	return object_set(pod, "spec/nodeName", json_string(node)) |
	       set_condition(pod, "PodScheduled", true, NULL, NULL);
}

/* One status of each container; state is taken. */
static int make_containers(json_t *pod, json_t *state)
{
	json_t *list = json_array();
	const json_t *container;
	int bad = 0;
	size_t i;

	json_array_foreach(json_at(pod, "spec/containers"), i, container)
		bad |= json_array_append_new(list, json_pack(
			"{s:s,s:o,s:{},s:b,s:i,s:s,s:s,s:b}",
			"name", json_text(container, "name", ""),
			"state", json_deep_copy(state), "lastState",
			"ready", 0, "restartCount", 0,
			"image", json_text(container, "image", ""),
			"imageID", "", "started", 0));
	json_decref(state);
	return bad | object_set(pod, "status/containerStatuses", list);
}

static json_t *waiting(const char *reason, const char *message)
{
	return json_pack("{s:{s:s,s:s*}}", "waiting", "reason", reason,
			 "message", message);
}

int pod_set_creating(json_t *pod, const char *ip)
{
	int bad;

	bad = set_condition(pod, "PodReadyToStartContainers", false, NULL,
			    NULL);
	bad |= set_condition(pod, "Initialized", true, NULL, NULL);
	bad |= set_ready_conditions(pod, false, "ContainersNotReady");
	bad |= object_set(pod, "status/hostIP", json_string(HOST_IP));
	bad |= object_set(pod, "status/hostIPs",
			  json_pack("[{s:s}]", "ip", HOST_IP));
	bad |= object_set(pod, "status/podIP", json_string(ip));
	bad |= object_set(pod, "status/podIPs",
			  json_pack("[{s:s}]", "ip", ip));
	bad |= object_set(pod, "status/startTime", object_now());
	return bad | make_containers(pod, waiting("ContainerCreating", NULL));
}

/* Gives every container this state (taken). */
static int set_states(json_t *pod, json_t *state, bool running)
{
	json_t *status;
	int bad = !state;
	size_t i;

	json_array_foreach(json_at(pod, "status/containerStatuses"), i,
			   status) {
		bad |= object_set(status, "state", json_deep_copy(state));
		bad |= object_set(status, "started", json_boolean(running));
		bad |= object_set(status, "ready", json_false());
	}
	json_decref(state);
	return bad;
}

static int set_identity(json_t *pod)
{
	char text[TEXT_MAX];
	json_t *status;
	int bad = 0;
	size_t i;

	json_array_foreach(json_at(pod, "status/containerStatuses"), i,
			   status) {
		snprintf(text, sizeof(text), "practice://sha256/%s",
			 json_text(status, "image", ""));
		bad |= object_set(status, "imageID", json_string(text));
		snprintf(text, sizeof(text), "practice://%s/%s",
			 object_uid(pod), json_text(status, "name", ""));
		bad |= object_set(status, "containerID", json_string(text));
	}
	return bad;
}

int pod_set_waiting(json_t *pod, const char *reason, const char *message)
{
	return set_states(pod, waiting(reason, message), false);
}

int pod_set_running(json_t *pod)
{
	int bad = set_states(pod, json_pack("{s:{s:o}}", "running",
					    "startedAt", object_now()), true);

	bad |= set_identity(pod);
	bad |= set_condition(pod, "PodReadyToStartContainers", true, NULL,
			     NULL);
	return bad | object_set(pod, "status/phase", json_string("Running"));
}

int pod_set_ready(json_t *pod, bool ready)
{
	json_t *status;
	int bad = 0;
	size_t i;

	json_array_foreach(json_at(pod, "status/containerStatuses"), i, status)
		bad |= object_set(status, "ready", json_boolean(ready));
	return bad | set_ready_conditions(pod, ready,
					  ready ? NULL : "ContainersNotReady");
}

static json_t *terminated(const json_t *pod, int exit_code)
{
	const char *since = json_text(pod, "status/containerStatuses/0/state/"
				      "running/startedAt", NULL);

	return json_pack("{s:{s:i,s:s,s:o*,s:o}}", "terminated",
			 "exitCode", exit_code,
			 "reason", exit_code ? "Error" : "Completed",
			 "startedAt", since ? json_string(since) : NULL,
			 "finishedAt", object_now());
}

int pod_set_finished(json_t *pod, int exit_code)
{
	const char *phase = exit_code ? "Failed" : "Succeeded";
	int bad = set_states(pod, terminated(pod, exit_code), false);

	bad |= set_condition(pod, "PodReadyToStartContainers", false, NULL,
			     NULL);
	bad |= set_ready_conditions(pod, false, exit_code ? "PodFailed"
							  : "PodCompleted");
	return bad | object_set(pod, "status/phase", json_string(phase));
}

/* The state that ends becomes the last state of each container. */
static int keep_last_state(json_t *pod, json_t *ended)
{
	json_t *status;
	int bad = !ended;
	size_t i;

	json_array_foreach(json_at(pod, "status/containerStatuses"), i, status)
		bad |= object_set(status, "lastState", json_deep_copy(ended));
	return bad;
}

int pod_set_crashed(json_t *pod, int exit_code, int64_t wait_ms)
{
	json_t *ended = terminated(pod, exit_code);
	char message[TEXT_MAX];
	int bad = keep_last_state(pod, ended);

	if (!wait_ms) {
		bad |= set_states(pod, ended, false);
	} else {
		snprintf(message, sizeof(message), "back-off %llds restarting "
			 "failed container=%s pod=%s_%s(%s)",
			 (long long)(wait_ms / 1000),
			 json_text(pod, "spec/containers/0/name", ""),
			 object_name(pod), object_ns(pod), object_uid(pod));
		json_decref(ended);
		bad |= set_states(pod, waiting("CrashLoopBackOff", message),
				  false);
	}
	return bad | set_ready_conditions(pod, false, "ContainersNotReady");
}

int pod_set_restarting(json_t *pod)
{
	int64_t count = pod_restarts(pod) + 1;
	json_t *status;
	int bad = 0;
	size_t i;

	json_array_foreach(json_at(pod, "status/containerStatuses"), i, status)
		bad |= object_set(status, "restartCount",
				  json_integer(count));
	return bad | set_states(pod, waiting("ContainerCreating", NULL),
				false);
}
