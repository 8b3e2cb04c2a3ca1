/* Pods and all that is in them. See schema.h. */
#include "rehearsal/cluster/schema.h"

static const struct schema_member core_pod[] = {
	{ "kind", "string", false }, { "apiVersion", "string", false },
	{ "metadata", "meta.ObjectMeta", false },
	{ "spec", "core.PodSpec", false },
	{ "status", "core.PodStatus", false },
	{ 0 },
};

static const struct schema_member core_pod_template_spec[] = {
	{ "metadata", "meta.ObjectMeta", false },
	{ "spec", "core.PodSpec", false },
	{ 0 },
};

static const struct schema_member core_pod_spec[] = {
	{ "volumes", "[]core.Volume", false },
	{ "initContainers", "[]core.Container", false },
	{ "containers", "[]core.Container", true },
	{ "ephemeralContainers", "[]any", false },
	{ "restartPolicy", "string", false },
	{ "terminationGracePeriodSeconds", "int64", false },
	{ "activeDeadlineSeconds", "int64", false },
	{ "dnsPolicy", "string", false },
	{ "nodeSelector", "map[string]string", false },
	{ "serviceAccountName", "string", false },
	{ "serviceAccount", "string", false },
	{ "automountServiceAccountToken", "bool", false },
	{ "nodeName", "string", false }, { "hostNetwork", "bool", false },
	{ "hostPID", "bool", false }, { "hostIPC", "bool", false },
	{ "shareProcessNamespace", "bool", false },
	{ "securityContext", "core.PodSecurityContext", false },
	{ "imagePullSecrets", "[]core.LocalObjectReference", false },
	{ "hostname", "string", false }, { "subdomain", "string", false },
	{ "affinity", "any", false }, { "schedulerName", "string", false },
	{ "tolerations", "[]core.Toleration", false },
	{ "hostAliases", "[]core.HostAlias", false },
	{ "priorityClassName", "string", false },
	{ "priority", "int32", false }, { "dnsConfig", "any", false },
	{ "readinessGates", "[]any", false },
	{ "runtimeClassName", "string", false },
	{ "enableServiceLinks", "bool", false },
	{ "preemptionPolicy", "string", false },
	{ "overhead", "map[string]Quantity", false },
	{ "topologySpreadConstraints", "[]any", false },
	{ "setHostnameAsFQDN", "bool", false }, { "os", "any", false },
	{ "hostUsers", "bool", false }, { "schedulingGates", "[]any", false },
	{ "resourceClaims", "[]any", false },
	{ "resources", "core.ResourceRequirements", false },
	{ "hostnameOverride", "string", false },
	{ "workloadRef", "any", false }, { "schedulingGroup", "any", false },
	{ 0 },
};

static const struct schema_member core_local_object_reference[] = {
	{ "name", "string", false },
	{ 0 },
};

static const struct schema_member core_volume[] = {
	{ "name", "string", true }, { "hostPath", "any", false },
	{ "emptyDir", "core.EmptyDirVolumeSource", false },
	{ "gcePersistentDisk", "any", false },
	{ "awsElasticBlockStore", "any", false }, { "gitRepo", "any", false },
	{ "secret", "core.SecretVolumeSource", false },
	{ "nfs", "any", false }, { "iscsi", "any", false },
	{ "persistentVolumeClaim", "core.PersistentVolumeClaimVolumeSource", false },
	{ "downwardAPI", "any", false }, { "fc", "any", false },
	{ "azureFile", "any", false },
	{ "configMap", "core.ConfigMapVolumeSource", false },
	{ "azureDisk", "any", false }, { "projected", "any", false },
	{ "csi", "any", false }, { "ephemeral", "any", false },
	{ "image", "any", false },
	{ 0 },
};

static const struct schema_member core_empty_dir_volume_source[] = {
	{ "medium", "string", false }, { "sizeLimit", "Quantity", false },
	{ 0 },
};

static const struct schema_member core_key_to_path[] = {
	{ "key", "string", true }, { "path", "string", true },
	{ "mode", "int32", false },
	{ 0 },
};

static const struct schema_member core_secret_volume_source[] = {
	{ "secretName", "string", false },
	{ "items", "[]core.KeyToPath", false },
	{ "defaultMode", "int32", false }, { "optional", "bool", false },
	{ 0 },
};

static const struct schema_member core_config_map_volume_source[] = {
	{ "name", "string", false }, { "items", "[]core.KeyToPath", false },
	{ "defaultMode", "int32", false }, { "optional", "bool", false },
	{ 0 },
};

static const struct schema_member core_persistent_volume_claim_volume_source[] = {
	{ "claimName", "string", true }, { "readOnly", "bool", false },
	{ 0 },
};

static const struct schema_member core_pod_security_context[] = {
	{ "seLinuxOptions", "any", false }, { "windowsOptions", "any", false },
	{ "runAsUser", "int64", false }, { "runAsGroup", "int64", false },
	{ "runAsNonRoot", "bool", false },
	{ "supplementalGroups", "[]int64", false },
	{ "supplementalGroupsPolicy", "string", false },
	{ "fsGroup", "int64", false }, { "sysctls", "[]any", false },
	{ "fsGroupChangePolicy", "string", false },
	{ "seccompProfile", "any", false },
	{ "appArmorProfile", "any", false },
	{ "seLinuxChangePolicy", "string", false },
	{ 0 },
};

static const struct schema_member core_toleration[] = {
	{ "key", "string", false }, { "operator", "string", false },
	{ "value", "string", false }, { "effect", "string", false },
	{ "tolerationSeconds", "int64", false },
	{ 0 },
};

static const struct schema_member core_host_alias[] = {
	{ "ip", "string", true }, { "hostnames", "[]string", false },
	{ 0 },
};

static const struct schema_member core_pod_status[] = {
	{ "observedGeneration", "int64", false }, { "phase", "string", false },
	{ "conditions", "[]core.PodCondition", false },
	{ "message", "string", false }, { "reason", "string", false },
	{ "nominatedNodeName", "string", false },
	{ "hostIP", "string", false }, { "hostIPs", "[]core.HostIP", false },
	{ "podIP", "string", false }, { "podIPs", "[]core.PodIP", false },
	{ "startTime", "Time", false },
	{ "initContainerStatuses", "[]core.ContainerStatus", false },
	{ "containerStatuses", "[]core.ContainerStatus", false },
	{ "qosClass", "string", false },
	{ "ephemeralContainerStatuses", "[]any", false },
	{ "resize", "string", false },
	{ "resourceClaimStatuses", "[]any", false },
	{ "extendedResourceClaimStatus", "any", false },
	{ "allocatedResources", "map[string]Quantity", false },
	{ "resources", "core.ResourceRequirements", false },
	{ 0 },
};

static const struct schema_member core_pod_condition[] = {
	{ "type", "string", true }, { "observedGeneration", "int64", false },
	{ "status", "string", true }, { "lastProbeTime", "Time", false },
	{ "lastTransitionTime", "Time", false }, { "reason", "string", false },
	{ "message", "string", false },
	{ 0 },
};

static const struct schema_member core_host_ip[] = {
	{ "ip", "string", true },
	{ 0 },
};

static const struct schema_member core_pod_ip[] = {
	{ "ip", "string", true },
	{ 0 },
};

static const struct schema_member core_container_status[] = {
	{ "name", "string", true }, { "state", "core.ContainerState", false },
	{ "lastState", "core.ContainerState", false },
	{ "ready", "bool", true }, { "restartCount", "int32", true },
	{ "image", "string", true }, { "imageID", "string", true },
	{ "containerID", "string", false }, { "started", "bool", false },
	{ "allocatedResources", "map[string]Quantity", false },
	{ "resources", "core.ResourceRequirements", false },
	{ "volumeMounts", "[]any", false }, { "user", "any", false },
	{ "allocatedResourcesStatus", "[]any", false },
	{ "stopSignal", "string", false },
	{ 0 },
};

static const struct schema_member core_container_state[] = {
	{ "waiting", "core.ContainerStateWaiting", false },
	{ "running", "core.ContainerStateRunning", false },
	{ "terminated", "core.ContainerStateTerminated", false },
	{ 0 },
};

static const struct schema_member core_container_state_waiting[] = {
	{ "reason", "string", false }, { "message", "string", false },
	{ 0 },
};

static const struct schema_member core_container_state_running[] = {
	{ "startedAt", "Time", false },
	{ 0 },
};

static const struct schema_member core_container_state_terminated[] = {
	{ "exitCode", "int32", true }, { "signal", "int32", false },
	{ "reason", "string", false }, { "message", "string", false },
	{ "startedAt", "Time", false }, { "finishedAt", "Time", false },
	{ "containerID", "string", false },
	{ 0 },
};

const struct schema schema_pods[] = {
	{ "core.Pod", core_pod },
	{ "core.PodTemplateSpec", core_pod_template_spec },
	{ "core.PodSpec", core_pod_spec },
	{ "core.LocalObjectReference", core_local_object_reference },
	{ "core.Volume", core_volume },
	{ "core.EmptyDirVolumeSource", core_empty_dir_volume_source },
	{ "core.KeyToPath", core_key_to_path },
	{ "core.SecretVolumeSource", core_secret_volume_source },
	{ "core.ConfigMapVolumeSource", core_config_map_volume_source },
	{ "core.PersistentVolumeClaimVolumeSource", core_persistent_volume_claim_volume_source },
	{ "core.PodSecurityContext", core_pod_security_context },
	{ "core.Toleration", core_toleration },
	{ "core.HostAlias", core_host_alias },
	{ "core.PodStatus", core_pod_status },
	{ "core.PodCondition", core_pod_condition },
	{ "core.HostIP", core_host_ip },
	{ "core.PodIP", core_pod_ip },
	{ "core.ContainerStatus", core_container_status },
	{ "core.ContainerState", core_container_state },
	{ "core.ContainerStateWaiting", core_container_state_waiting },
	{ "core.ContainerStateRunning", core_container_state_running },
	{ "core.ContainerStateTerminated", core_container_state_terminated },
	{ 0 },
};
