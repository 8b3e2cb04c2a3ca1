/* Services, endpoint slices, config maps. */
#include "base/json.h"
#include "kube/object_pack.h"

static const char *kept_by(const struct kube_meta *meta, const json_t *json)
{
	const json_t *annotations = json_at(json, "metadata/annotations");

	if (json_object_get(annotations, "argocd.argoproj.io/tracking-id"))
		return "Argo CD";
	return kube_labels_get(&meta->labels,
			       "kustomize.toolkit.fluxcd.io/name") ? "Flux" : NULL;
}

void service_fill(struct pack *pack, void *object, const json_t *json)
{
	struct kube_service *service = object;

	pack_meta(pack, &service->meta, json);
	pack_labels(pack, &service->selector, json_at(json, "spec/selector"),
		    KUBE_LABELS_MAX, KUBE_OBJECT_TEXT_MAX);
	service->cluster_ip = pack_at(pack, json, "spec/clusterIP");
	service->ports = pack_ports(pack, json_at(json, "spec/ports"),
				    &service->port_count);
	pack_managers(pack, &service->managers, json);
	service->kept_by = kept_by(&service->meta, json);
}

static void slice_fill_endpoint(struct pack *pack,
				struct kube_endpoint *endpoint,
				const json_t *json)
{
	const json_t *conditions = json_at(json, "conditions");

	endpoint->address = pack_at(pack, json, "addresses/0");
	endpoint->pod = pack_at(pack, json, "targetRef/name");
	endpoint->pod_uid = pack_at(pack, json, "targetRef/uid");
	endpoint->node = pack_at(pack, json, "nodeName");
	endpoint->ready = json_flag(conditions, "ready", true);
	endpoint->serving = json_flag(conditions, "serving", true);
	endpoint->terminating = json_flag(conditions, "terminating", false);
}

void slice_fill(struct pack *pack, void *object, const json_t *json)
{
	struct kube_slice *slice = object;
	const json_t *array = json_at(json, "endpoints");
	size_t count = json_array_size(array);
	struct kube_endpoint *endpoints;
	const char *service;

	pack_meta(pack, &slice->meta, json);
	service = kube_labels_get(&slice->meta.labels,
				  "kubernetes.io/service-name");
	slice->service = service ? service : "";
	slice->ports = pack_ports(pack, json_at(json, "ports"),
				  &slice->port_count);
	endpoints = pack_array(pack, count, KUBE_ENDPOINTS_MAX,
			       sizeof(*endpoints));
	if (!endpoints)
		return;
	for (size_t i = 0; i < count; i++)
		slice_fill_endpoint(pack, &endpoints[i],
				    json_array_get(array, i));
	slice->endpoints = endpoints;
	slice->endpoint_count = count;
}

void configmap_fill(struct pack *pack, void *object, const json_t *json)
{
	struct kube_configmap *map = object;

	pack_meta(pack, &map->meta, json);
	pack_labels(pack, &map->data, json_at(json, "data"), KUBE_DATA_MAX,
		    KUBE_OBJECT_TEXT_MAX);
	pack_managers(pack, &map->managers, json);
}
