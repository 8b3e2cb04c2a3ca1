/* The objects of the other groups. See schema.h. */
#include "rehearsal/cluster/schema.h"

static const struct schema_member apps_deployment[] = {
	{ "kind", "string", false }, { "apiVersion", "string", false },
	{ "metadata", "meta.ObjectMeta", false },
	{ "spec", "apps.DeploymentSpec", false },
	{ "status", "apps.DeploymentStatus", false },
	{ 0 },
};

static const struct schema_member apps_deployment_spec[] = {
	{ "replicas", "int32", false },
	{ "selector", "meta.LabelSelector", true },
	{ "template", "core.PodTemplateSpec", true },
	{ "strategy", "apps.DeploymentStrategy", false },
	{ "minReadySeconds", "int32", false },
	{ "revisionHistoryLimit", "int32", false },
	{ "paused", "bool", false },
	{ "progressDeadlineSeconds", "int32", false },
	{ 0 },
};

static const struct schema_member apps_deployment_strategy[] = {
	{ "type", "string", false },
	{ "rollingUpdate", "apps.RollingUpdateDeployment", false },
	{ 0 },
};

static const struct schema_member apps_rolling_update_deployment[] = {
	{ "maxUnavailable", "IntOrString", false },
	{ "maxSurge", "IntOrString", false },
	{ 0 },
};

static const struct schema_member apps_deployment_status[] = {
	{ "observedGeneration", "int64", false },
	{ "replicas", "int32", false }, { "updatedReplicas", "int32", false },
	{ "readyReplicas", "int32", false },
	{ "availableReplicas", "int32", false },
	{ "unavailableReplicas", "int32", false },
	{ "terminatingReplicas", "int32", false },
	{ "conditions", "[]apps.DeploymentCondition", false },
	{ "collisionCount", "int32", false },
	{ 0 },
};

static const struct schema_member apps_deployment_condition[] = {
	{ "type", "string", true }, { "status", "string", true },
	{ "lastUpdateTime", "Time", false },
	{ "lastTransitionTime", "Time", false }, { "reason", "string", false },
	{ "message", "string", false },
	{ 0 },
};

static const struct schema_member apps_replica_set[] = {
	{ "kind", "string", false }, { "apiVersion", "string", false },
	{ "metadata", "meta.ObjectMeta", false },
	{ "spec", "apps.ReplicaSetSpec", false },
	{ "status", "apps.ReplicaSetStatus", false },
	{ 0 },
};

static const struct schema_member apps_replica_set_spec[] = {
	{ "replicas", "int32", false }, { "minReadySeconds", "int32", false },
	{ "selector", "meta.LabelSelector", true },
	{ "template", "core.PodTemplateSpec", false },
	{ 0 },
};

static const struct schema_member apps_replica_set_status[] = {
	{ "replicas", "int32", true },
	{ "fullyLabeledReplicas", "int32", false },
	{ "readyReplicas", "int32", false },
	{ "availableReplicas", "int32", false },
	{ "terminatingReplicas", "int32", false },
	{ "observedGeneration", "int64", false },
	{ "conditions", "[]apps.ReplicaSetCondition", false },
	{ 0 },
};

static const struct schema_member apps_replica_set_condition[] = {
	{ "type", "string", true }, { "status", "string", true },
	{ "lastTransitionTime", "Time", false }, { "reason", "string", false },
	{ "message", "string", false },
	{ 0 },
};

static const struct schema_member coordination_lease[] = {
	{ "kind", "string", false }, { "apiVersion", "string", false },
	{ "metadata", "meta.ObjectMeta", false },
	{ "spec", "coordination.LeaseSpec", false },
	{ 0 },
};

static const struct schema_member coordination_lease_spec[] = {
	{ "holderIdentity", "string", false },
	{ "leaseDurationSeconds", "int32", false },
	{ "acquireTime", "MicroTime", false },
	{ "renewTime", "MicroTime", false },
	{ "leaseTransitions", "int32", false },
	{ "strategy", "string", false },
	{ "preferredHolder", "string", false },
	{ 0 },
};

static const struct schema_member discovery_endpoint_slice[] = {
	{ "kind", "string", false }, { "apiVersion", "string", false },
	{ "metadata", "meta.ObjectMeta", false },
	{ "addressType", "string", true },
	{ "endpoints", "[]discovery.Endpoint", true },
	{ "ports", "[]discovery.EndpointPort", false },
	{ 0 },
};

static const struct schema_member discovery_endpoint[] = {
	{ "addresses", "[]string", true },
	{ "conditions", "discovery.EndpointConditions", false },
	{ "hostname", "string", false },
	{ "targetRef", "core.ObjectReference", false },
	{ "deprecatedTopology", "map[string]string", false },
	{ "nodeName", "string", false }, { "zone", "string", false },
	{ "hints", "any", false },
	{ 0 },
};

static const struct schema_member discovery_endpoint_conditions[] = {
	{ "ready", "bool", false }, { "serving", "bool", false },
	{ "terminating", "bool", false },
	{ 0 },
};

static const struct schema_member discovery_endpoint_port[] = {
	{ "name", "string", false }, { "protocol", "string", false },
	{ "port", "int32", false }, { "appProtocol", "string", false },
	{ 0 },
};

const struct schema schema_others[] = {
	{ "apps.Deployment", apps_deployment },
	{ "apps.DeploymentSpec", apps_deployment_spec },
	{ "apps.DeploymentStrategy", apps_deployment_strategy },
	{ "apps.RollingUpdateDeployment", apps_rolling_update_deployment },
	{ "apps.DeploymentStatus", apps_deployment_status },
	{ "apps.DeploymentCondition", apps_deployment_condition },
	{ "apps.ReplicaSet", apps_replica_set },
	{ "apps.ReplicaSetSpec", apps_replica_set_spec },
	{ "apps.ReplicaSetStatus", apps_replica_set_status },
	{ "apps.ReplicaSetCondition", apps_replica_set_condition },
	{ "coordination.Lease", coordination_lease },
	{ "coordination.LeaseSpec", coordination_lease_spec },
	{ "discovery.EndpointSlice", discovery_endpoint_slice },
	{ "discovery.Endpoint", discovery_endpoint },
	{ "discovery.EndpointConditions", discovery_endpoint_conditions },
	{ "discovery.EndpointPort", discovery_endpoint_port },
	{ 0 },
};
