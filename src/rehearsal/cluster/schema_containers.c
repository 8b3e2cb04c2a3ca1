/* Containers and all that is in them. See schema.h. */
#include "rehearsal/cluster/schema.h"

static const struct schema_member core_container[] = {
	{ "name", "string", true }, { "image", "string", false },
	{ "command", "[]string", false }, { "args", "[]string", false },
	{ "workingDir", "string", false },
	{ "ports", "[]core.ContainerPort", false },
	{ "envFrom", "[]core.EnvFromSource", false },
	{ "env", "[]core.EnvVar", false },
	{ "resources", "core.ResourceRequirements", false },
	{ "resizePolicy", "[]any", false },
	{ "restartPolicy", "string", false },
	{ "restartPolicyRules", "[]any", false },
	{ "volumeMounts", "[]core.VolumeMount", false },
	{ "volumeDevices", "[]any", false },
	{ "livenessProbe", "core.Probe", false },
	{ "readinessProbe", "core.Probe", false },
	{ "startupProbe", "core.Probe", false },
	{ "lifecycle", "core.Lifecycle", false },
	{ "terminationMessagePath", "string", false },
	{ "terminationMessagePolicy", "string", false },
	{ "imagePullPolicy", "string", false },
	{ "securityContext", "core.SecurityContext", false },
	{ "stdin", "bool", false }, { "stdinOnce", "bool", false },
	{ "tty", "bool", false },
	{ 0 },
};

static const struct schema_member core_container_port[] = {
	{ "name", "string", false }, { "hostPort", "int32", false },
	{ "containerPort", "int32", true }, { "protocol", "string", false },
	{ "hostIP", "string", false },
	{ 0 },
};

static const struct schema_member core_env_var[] = {
	{ "name", "string", true }, { "value", "string", false },
	{ "valueFrom", "core.EnvVarSource", false },
	{ 0 },
};

static const struct schema_member core_env_var_source[] = {
	{ "fieldRef", "core.ObjectFieldSelector", false },
	{ "resourceFieldRef", "any", false },
	{ "configMapKeyRef", "core.ConfigMapKeySelector", false },
	{ "secretKeyRef", "core.SecretKeySelector", false },
	{ "fileKeyRef", "any", false },
	{ 0 },
};

static const struct schema_member core_object_field_selector[] = {
	{ "apiVersion", "string", false }, { "fieldPath", "string", true },
	{ 0 },
};

static const struct schema_member core_config_map_key_selector[] = {
	{ "name", "string", false }, { "key", "string", true },
	{ "optional", "bool", false },
	{ 0 },
};

static const struct schema_member core_secret_key_selector[] = {
	{ "name", "string", false }, { "key", "string", true },
	{ "optional", "bool", false },
	{ 0 },
};

static const struct schema_member core_env_from_source[] = {
	{ "prefix", "string", false },
	{ "configMapRef", "core.ConfigMapEnvSource", false },
	{ "secretRef", "core.SecretEnvSource", false },
	{ 0 },
};

static const struct schema_member core_config_map_env_source[] = {
	{ "name", "string", false }, { "optional", "bool", false },
	{ 0 },
};

static const struct schema_member core_secret_env_source[] = {
	{ "name", "string", false }, { "optional", "bool", false },
	{ 0 },
};

static const struct schema_member core_resource_requirements[] = {
	{ "limits", "map[string]Quantity", false },
	{ "requests", "map[string]Quantity", false },
	{ "claims", "[]any", false },
	{ 0 },
};

static const struct schema_member core_volume_mount[] = {
	{ "name", "string", true }, { "readOnly", "bool", false },
	{ "recursiveReadOnly", "string", false },
	{ "mountPath", "string", true }, { "subPath", "string", false },
	{ "mountPropagation", "string", false },
	{ "subPathExpr", "string", false },
	{ 0 },
};

static const struct schema_member core_probe[] = {
	{ "exec", "core.ExecAction", false },
	{ "httpGet", "core.HTTPGetAction", false },
	{ "tcpSocket", "core.TCPSocketAction", false },
	{ "grpc", "core.GRPCAction", false },
	{ "initialDelaySeconds", "int32", false },
	{ "timeoutSeconds", "int32", false },
	{ "periodSeconds", "int32", false },
	{ "successThreshold", "int32", false },
	{ "failureThreshold", "int32", false },
	{ "terminationGracePeriodSeconds", "int64", false },
	{ 0 },
};

static const struct schema_member core_exec_action[] = {
	{ "command", "[]string", false },
	{ 0 },
};

static const struct schema_member core_http_get_action[] = {
	{ "path", "string", false }, { "port", "IntOrString", true },
	{ "host", "string", false }, { "scheme", "string", false },
	{ "httpHeaders", "[]core.HTTPHeader", false },
	{ 0 },
};

static const struct schema_member core_http_header[] = {
	{ "name", "string", true }, { "value", "string", true },
	{ 0 },
};

static const struct schema_member core_tcp_socket_action[] = {
	{ "port", "IntOrString", true }, { "host", "string", false },
	{ 0 },
};

static const struct schema_member core_grpc_action[] = {
	{ "port", "int32", true }, { "service", "string", false },
	{ 0 },
};

static const struct schema_member core_lifecycle[] = {
	{ "postStart", "core.LifecycleHandler", false },
	{ "preStop", "core.LifecycleHandler", false },
	{ "stopSignal", "string", false },
	{ 0 },
};

static const struct schema_member core_lifecycle_handler[] = {
	{ "exec", "core.ExecAction", false },
	{ "httpGet", "core.HTTPGetAction", false },
	{ "tcpSocket", "core.TCPSocketAction", false },
	{ "sleep", "core.SleepAction", false },
	{ 0 },
};

static const struct schema_member core_sleep_action[] = {
	{ "seconds", "int64", true },
	{ 0 },
};

static const struct schema_member core_security_context[] = {
	{ "capabilities", "any", false }, { "privileged", "bool", false },
	{ "seLinuxOptions", "any", false }, { "windowsOptions", "any", false },
	{ "runAsUser", "int64", false }, { "runAsGroup", "int64", false },
	{ "runAsNonRoot", "bool", false },
	{ "readOnlyRootFilesystem", "bool", false },
	{ "allowPrivilegeEscalation", "bool", false },
	{ "procMount", "string", false }, { "seccompProfile", "any", false },
	{ "appArmorProfile", "any", false },
	{ 0 },
};

const struct schema schema_containers[] = {
	{ "core.Container", core_container },
	{ "core.ContainerPort", core_container_port },
	{ "core.EnvVar", core_env_var },
	{ "core.EnvVarSource", core_env_var_source },
	{ "core.ObjectFieldSelector", core_object_field_selector },
	{ "core.ConfigMapKeySelector", core_config_map_key_selector },
	{ "core.SecretKeySelector", core_secret_key_selector },
	{ "core.EnvFromSource", core_env_from_source },
	{ "core.ConfigMapEnvSource", core_config_map_env_source },
	{ "core.SecretEnvSource", core_secret_env_source },
	{ "core.ResourceRequirements", core_resource_requirements },
	{ "core.VolumeMount", core_volume_mount },
	{ "core.Probe", core_probe },
	{ "core.ExecAction", core_exec_action },
	{ "core.HTTPGetAction", core_http_get_action },
	{ "core.HTTPHeader", core_http_header },
	{ "core.TCPSocketAction", core_tcp_socket_action },
	{ "core.GRPCAction", core_grpc_action },
	{ "core.Lifecycle", core_lifecycle },
	{ "core.LifecycleHandler", core_lifecycle_handler },
	{ "core.SleepAction", core_sleep_action },
	{ "core.SecurityContext", core_security_context },
	{ 0 },
};
