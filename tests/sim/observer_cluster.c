/* See observer_cluster.h. */
#include "observer_cluster.h"

#include <stdio.h>
#include <string.h>

static size_t see_label(struct kube_label *labels, size_t count,
			const char *key, const char *value)
{
	if (!value[0])
		return count;
	labels[count].key = key;
	labels[count].value = value;
	return count + 1;
}

static void see_pod(struct seen_cluster *seen, size_t n,
		    const struct world_pod *pod)
{
	struct kube_pod *object = &seen->pods[n];
	struct kube_label *labels = seen->pod_labels[n];
	size_t count;

	memset(object, 0, sizeof(*object));
	snprintf(seen->pod_uids[n], sizeof(seen->pod_uids[n]), "uid-%d",
		 pod->uid);
	snprintf(seen->pod_writes[n], WORLD_VALUE_MAX, "%s", pod->writes);
	count = see_label(labels, 0, "app", "myapp");
	count = see_label(labels, count, "version",
			  pod->version == 1 ? "v1" : "v2");
	count = see_label(labels, count, "writes", seen->pod_writes[n]);
	object->meta.name = object->meta.uid = seen->pod_uids[n];
	object->meta.labels.list = labels;
	object->meta.labels.count = count;
	object->phase = pod->ready ? "Running" : "Pending";
	object->reason = "";
	object->ready = pod->ready;
	seen->pod_list[n] = object;
}

static void see_endpoint(struct seen_cluster *seen, size_t n,
			 const struct world_pod *pod)
{
	struct kube_endpoint *endpoint =
		&seen->endpoints[seen->slice.endpoint_count++];

	memset(endpoint, 0, sizeof(*endpoint));
	endpoint->address = endpoint->node = "";
	endpoint->pod = endpoint->pod_uid = seen->pod_uids[n];
	endpoint->ready = endpoint->serving = pod->ready;
}

static size_t see_pods(struct seen_cluster *seen, const struct world *world)
{
	size_t count = 0;

	memset(&seen->slice, 0, sizeof(seen->slice));
	seen->slice.meta.name = WORLD_SERVICE "-abcde";
	seen->slice.service = WORLD_SERVICE;
	seen->slice.endpoints = seen->endpoints;
	seen->slice_list[0] = &seen->slice;
	for (size_t i = 0; i < WORLD_PODS; i++) {
		const struct world_pod *pod = &world->pods[i];

		if (!pod->uid)
			continue;
		see_pod(seen, count, pod);
		if (world_selects(world, pod))
			see_endpoint(seen, count, pod);
		count++;
	}
	return count;
}

static void see_service(struct seen_cluster *seen, const struct world *world)
{
	struct world_selector *values = &seen->selector_values;
	size_t count;

	*values = world->selector;
	memset(&seen->service, 0, sizeof(seen->service));
	count = see_label(seen->selector, 0, "app", values->app);
	count = see_label(seen->selector, count, "version", values->version);
	count = see_label(seen->selector, count, "writes", values->writes);
	seen->service.meta.name = WORLD_SERVICE;
	seen->service.selector.list = seen->selector;
	seen->service.selector.count = count;
	seen->service_list[0] = &seen->service;
}

static void see_deployments(struct seen_cluster *seen,
			    const struct world *world)
{
	static const char *const names[] = {WORLD_V1, WORLD_V2};
	size_t count;

	snprintf(seen->template_writes, WORLD_VALUE_MAX, "%s",
		 world->template_writes);
	count = see_label(seen->template_labels, 0, "app", "myapp");
	count = see_label(seen->template_labels, count, "writes",
			  seen->template_writes);
	seen->container.name = "app";
	seen->container.image = "app";
	seen->env.name = "ENABLE_WRITES";
	seen->env.value = world->template_enabled ? "true" : "false";
	seen->container.env = &seen->env;
	seen->container.env_count = 1;
	for (size_t i = 0; i < 2; i++) {
		struct kube_deployment *object = &seen->deployments[i];

		memset(object, 0, sizeof(*object));
		snprintf(seen->revisions[i], SEEN_REVISION_MAX, "%lld",
			 i ? (long long)world->deployment_revision : 77LL);
		object->meta.name = names[i];
		object->meta.resource_version = seen->revisions[i];
		object->containers.list = &seen->container;
		object->containers.count = 1;
		object->template_labels.list = seen->template_labels;
		object->template_labels.count = count;
		seen->deployment_list[i] = object;
	}
}

void observer_see_cluster(struct seen_cluster *seen, const struct world *world,
			  struct facts_cluster *facts)
{
	facts->pod_count = see_pods(seen, world);
	see_service(seen, world);
	see_deployments(seen, world);
	facts->pods = seen->pod_list;
	facts->slices = seen->slice_list;
	facts->slice_count = 1;
	facts->services = seen->service_list;
	facts->service_count = 1;
	facts->deployments = seen->deployment_list;
	facts->deployment_count = 2;
}
