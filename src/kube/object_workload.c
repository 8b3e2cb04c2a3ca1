/* Pods, replica sets, deployments. */
#include <string.h>

#include "base/json.h"
#include "kube/object_pack.h"

#define OBJECT_ANNOTATION_MAX 256       /* bytes kept of one */

/* States every container goes through; no reason to worry. */
static bool pod_reason_is_normal(const char *reason)
{
	return !strcmp(reason, "ContainerCreating") ||
	       !strcmp(reason, "PodInitializing") ||
	       !strcmp(reason, "Completed");
}

static const char *pod_container_reason(const json_t *statuses)
{
	for (size_t i = 0; i < json_array_size(statuses); i++) {
		const json_t *one = json_array_get(statuses, i);
		const char *reason = json_text(one, "state/waiting/reason",
			json_text(one, "state/terminated/reason", ""));

		if (*reason && !pod_reason_is_normal(reason))
			return reason;
	}
	return NULL;
}

static const char *pod_reason(const json_t *json)
{
	const json_t *scheduled = object_condition(json, "PodScheduled");
	const char *reason;

	reason = pod_container_reason(json_at(json,
					      "status/initContainerStatuses"));
	if (!reason)
		reason = pod_container_reason(json_at(json,
						"status/containerStatuses"));
	if (!reason && !strcmp(json_text(scheduled, "status", ""), "False"))
		reason = json_text(scheduled, "reason", NULL);
	return reason ? reason : json_text(json, "status/reason", "");
}

static int64_t pod_restarts(const json_t *json)
{
	const json_t *statuses = json_at(json, "status/containerStatuses");
	int64_t sum = 0;

	for (size_t i = 0; i < json_array_size(statuses); i++)
		sum += json_number(json_array_get(statuses, i), "restartCount",
				   0);
	return sum;
}

void pod_fill(struct pack *pack, void *object, const json_t *json)
{
	struct kube_pod *pod = object;
	const char *hash;

	pack_meta(pack, &pod->meta, json);
	pod->ip = pack_at(pack, json, "status/podIP");
	pod->node = pack_at(pack, json, "spec/nodeName");
	pod->phase = pack_at(pack, json, "status/phase");
	pod->owner = pack_owner(pack, json, "ReplicaSet");
	hash = kube_labels_get(&pod->meta.labels, "pod-template-hash");
	pod->template_hash = hash ? hash : "";
	pod->reason = pack_text(pack, pod_reason(json));
	pod->ready = !pod->meta.terminating &&
		!strcmp(json_text(object_condition(json, "Ready"), "status",
				  ""), "True");
	pod->restarts = pod_restarts(json);
	pack_containers(pack, &pod->containers,
			json_at(json, "spec/containers"));
}

void replicaset_fill(struct pack *pack, void *object, const json_t *json)
{
	struct kube_replicaset *set = object;
	const char *hash;

	pack_meta(pack, &set->meta, json);
	set->owner = pack_owner(pack, json, "Deployment");
	hash = kube_labels_get(&set->meta.labels, "pod-template-hash");
	set->template_hash = hash ? hash : "";
	set->revision = pack_at(pack, json, "metadata/annotations/"
				"deployment.kubernetes.io~1revision");
	set->replicas = json_number(json, "spec/replicas", 1);
	set->status_replicas = json_number(json, "status/replicas", 0);
	set->ready = json_number(json, "status/readyReplicas", 0);
	set->available = json_number(json, "status/availableReplicas", 0);
}

static void deployment_fill_spec(struct pack *pack,
				 struct kube_deployment *deployment,
				 const json_t *spec)
{
	pack_labels(pack, &deployment->selector,
		    json_at(spec, "selector/matchLabels"), KUBE_LABELS_MAX,
		    KUBE_OBJECT_TEXT_MAX);
	pack_labels(pack, &deployment->template_labels,
		    json_at(spec, "template/metadata/labels"),
		    KUBE_LABELS_MAX, KUBE_OBJECT_TEXT_MAX);
	pack_containers(pack, &deployment->containers,
			json_at(spec, "template/spec/containers"));
	deployment->replicas = json_number(spec, "replicas", 1);
	deployment->paused = json_flag(spec, "paused", false);
	deployment->strategy = pack_at(pack, spec, "strategy/type");
	deployment->max_surge = pack_at(pack, spec,
					"strategy/rollingUpdate/maxSurge");
	deployment->max_unavailable = pack_at(pack, spec,
		"strategy/rollingUpdate/maxUnavailable");
}

static void deployment_fill_status(struct pack *pack,
				   struct kube_deployment *deployment,
				   const json_t *json)
{
	const json_t *status = json_at(json, "status");
	const json_t *progressing = object_condition(json, "Progressing");

	deployment->observed_generation = json_number(status,
						      "observedGeneration", 0);
	deployment->status_replicas = json_number(status, "replicas", 0);
	deployment->updated = json_number(status, "updatedReplicas", 0);
	deployment->ready = json_number(status, "readyReplicas", 0);
	deployment->available = json_number(status, "availableReplicas", 0);
	deployment->unavailable = json_number(status, "unavailableReplicas", 0);
	deployment->progressing = pack_at(pack, progressing, "reason");
	deployment->progress_message = pack_at(pack, progressing, "message");
}

void deployment_fill(struct pack *pack, void *object, const json_t *json)
{
	struct kube_deployment *deployment = object;
	const char *revision;

	pack_meta(pack, &deployment->meta, json);
	pack_labels(pack, &deployment->annotations,
		    json_at(json, "metadata/annotations"), KUBE_LABELS_MAX,
		    OBJECT_ANNOTATION_MAX);
	pack_managers(pack, &deployment->managers, json);
	deployment_fill_spec(pack, deployment, json_at(json, "spec"));
	deployment_fill_status(pack, deployment, json);
	revision = kube_labels_get(&deployment->annotations,
				   "deployment.kubernetes.io/revision");
	deployment->revision = revision ? revision : "";
}

bool kube_deployment_rolled_out(const struct kube_deployment *deployment)
{
	return deployment->meta.generation <= deployment->observed_generation &&
	       strcmp(deployment->progressing, "ProgressDeadlineExceeded") &&
	       deployment->updated == deployment->replicas &&
	       deployment->status_replicas == deployment->updated &&
	       deployment->available == deployment->updated;
}
