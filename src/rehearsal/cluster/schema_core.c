/* The other objects of the core group. See schema.h. */
#include "rehearsal/cluster/schema.h"

static const struct schema_member core_config_map[] = {
	{ "kind", "string", false }, { "apiVersion", "string", false },
	{ "metadata", "meta.ObjectMeta", false },
	{ "immutable", "bool", false }, { "data", "map[string]string", false },
	{ "binaryData", "map[string][]byte", false },
	{ 0 },
};

static const struct schema_member core_secret[] = {
	{ "kind", "string", false }, { "apiVersion", "string", false },
	{ "metadata", "meta.ObjectMeta", false },
	{ "immutable", "bool", false }, { "data", "map[string][]byte", false },
	{ "stringData", "map[string]string", false },
	{ "type", "string", false },
	{ 0 },
};

static const struct schema_member core_namespace[] = {
	{ "kind", "string", false }, { "apiVersion", "string", false },
	{ "metadata", "meta.ObjectMeta", false },
	{ "spec", "core.NamespaceSpec", false },
	{ "status", "core.NamespaceStatus", false },
	{ 0 },
};

static const struct schema_member core_namespace_spec[] = {
	{ "finalizers", "[]string", false },
	{ 0 },
};

static const struct schema_member core_namespace_status[] = {
	{ "phase", "string", false },
	{ "conditions", "[]core.NamespaceCondition", false },
	{ 0 },
};

static const struct schema_member core_namespace_condition[] = {
	{ "type", "string", true }, { "status", "string", true },
	{ "lastTransitionTime", "Time", false }, { "reason", "string", false },
	{ "message", "string", false },
	{ 0 },
};

static const struct schema_member core_service[] = {
	{ "kind", "string", false }, { "apiVersion", "string", false },
	{ "metadata", "meta.ObjectMeta", false },
	{ "spec", "core.ServiceSpec", false },
	{ "status", "core.ServiceStatus", false },
	{ 0 },
};

static const struct schema_member core_service_spec[] = {
	{ "ports", "[]core.ServicePort", false },
	{ "selector", "map[string]string", false },
	{ "clusterIP", "string", false }, { "clusterIPs", "[]string", false },
	{ "type", "string", false }, { "externalIPs", "[]string", false },
	{ "sessionAffinity", "string", false },
	{ "loadBalancerIP", "string", false },
	{ "loadBalancerSourceRanges", "[]string", false },
	{ "externalName", "string", false },
	{ "externalTrafficPolicy", "string", false },
	{ "healthCheckNodePort", "int32", false },
	{ "publishNotReadyAddresses", "bool", false },
	{ "sessionAffinityConfig", "any", false },
	{ "ipFamilies", "[]string", false },
	{ "ipFamilyPolicy", "string", false },
	{ "allocateLoadBalancerNodePorts", "bool", false },
	{ "loadBalancerClass", "string", false },
	{ "internalTrafficPolicy", "string", false },
	{ "trafficDistribution", "string", false },
	{ 0 },
};

static const struct schema_member core_service_port[] = {
	{ "name", "string", false }, { "protocol", "string", false },
	{ "appProtocol", "string", false }, { "port", "int32", true },
	{ "targetPort", "IntOrString", false }, { "nodePort", "int32", false },
	{ 0 },
};

static const struct schema_member core_service_status[] = {
	{ "loadBalancer", "any", false },
	{ "conditions", "[]meta.Condition", false },
	{ 0 },
};

static const struct schema_member core_endpoints[] = {
	{ "kind", "string", false }, { "apiVersion", "string", false },
	{ "metadata", "meta.ObjectMeta", false },
	{ "subsets", "[]core.EndpointSubset", false },
	{ 0 },
};

static const struct schema_member core_endpoint_subset[] = {
	{ "addresses", "[]core.EndpointAddress", false },
	{ "notReadyAddresses", "[]core.EndpointAddress", false },
	{ "ports", "[]core.EndpointPort", false },
	{ 0 },
};

static const struct schema_member core_endpoint_address[] = {
	{ "ip", "string", true }, { "hostname", "string", false },
	{ "nodeName", "string", false },
	{ "targetRef", "core.ObjectReference", false },
	{ 0 },
};

static const struct schema_member core_endpoint_port[] = {
	{ "name", "string", false }, { "port", "int32", true },
	{ "protocol", "string", false }, { "appProtocol", "string", false },
	{ 0 },
};

static const struct schema_member core_object_reference[] = {
	{ "kind", "string", false }, { "namespace", "string", false },
	{ "name", "string", false }, { "uid", "string", false },
	{ "apiVersion", "string", false },
	{ "resourceVersion", "string", false },
	{ "fieldPath", "string", false },
	{ 0 },
};

static const struct schema_member core_event[] = {
	{ "kind", "string", false }, { "apiVersion", "string", false },
	{ "metadata", "meta.ObjectMeta", true },
	{ "involvedObject", "core.ObjectReference", true },
	{ "reason", "string", false }, { "message", "string", false },
	{ "source", "core.EventSource", false },
	{ "firstTimestamp", "Time", false },
	{ "lastTimestamp", "Time", false }, { "count", "int32", false },
	{ "type", "string", false }, { "eventTime", "MicroTime", false },
	{ "series", "core.EventSeries", false }, { "action", "string", false },
	{ "related", "core.ObjectReference", false },
	{ "reportingComponent", "string", false },
	{ "reportingInstance", "string", false },
	{ 0 },
};

static const struct schema_member core_event_source[] = {
	{ "component", "string", false }, { "host", "string", false },
	{ 0 },
};

static const struct schema_member core_event_series[] = {
	{ "count", "int32", false },
	{ "lastObservedTime", "MicroTime", false },
	{ 0 },
};

const struct schema schema_core[] = {
	{ "core.ConfigMap", core_config_map },
	{ "core.Secret", core_secret },
	{ "core.Namespace", core_namespace },
	{ "core.NamespaceSpec", core_namespace_spec },
	{ "core.NamespaceStatus", core_namespace_status },
	{ "core.NamespaceCondition", core_namespace_condition },
	{ "core.Service", core_service },
	{ "core.ServiceSpec", core_service_spec },
	{ "core.ServicePort", core_service_port },
	{ "core.ServiceStatus", core_service_status },
	{ "core.Endpoints", core_endpoints },
	{ "core.EndpointSubset", core_endpoint_subset },
	{ "core.EndpointAddress", core_endpoint_address },
	{ "core.EndpointPort", core_endpoint_port },
	{ "core.ObjectReference", core_object_reference },
	{ "core.Event", core_event },
	{ "core.EventSource", core_event_source },
	{ "core.EventSeries", core_event_series },
	{ 0 },
};
