/*
 * The structures of the API that the practice world's runbooks touch, as one
 * table: it finds a misspelt field and a value of the wrong type. What the
 * table does not describe is not judged.
 */
#include "rehearsal/cluster/admit.h"

#include <stdio.h>
#include <string.h>

#include "rehearsal/cluster/resource.h"

#define PATH_MAX_LEN 512
#define DEPTH_MAX 24

enum member_type {
	IS_STRING, IS_INT, IS_BOOL, IS_ANY,
	IS_STRUCT,              /* of `of` */
	IS_LIST,                /* of structures */
	IS_WORDS,               /* a list of strings */
	IS_MAP,                 /* of strings */
};

struct member {
	const char *owner;      /* Go's name of the structure */
	const char *name;
	enum member_type type;
	const char *of;
};

#define METADATA "ObjectMeta"

static const struct member members[] = {
	{ METADATA, "name", IS_STRING, NULL },
	{ METADATA, "generateName", IS_STRING, NULL },
	{ METADATA, "namespace", IS_STRING, NULL },
	{ METADATA, "uid", IS_STRING, NULL },
	{ METADATA, "resourceVersion", IS_STRING, NULL },
	{ METADATA, "selfLink", IS_STRING, NULL },
	{ METADATA, "generation", IS_INT, NULL },
	{ METADATA, "creationTimestamp", IS_ANY, NULL },
	{ METADATA, "deletionTimestamp", IS_ANY, NULL },
	{ METADATA, "deletionGracePeriodSeconds", IS_INT, NULL },
	{ METADATA, "labels", IS_MAP, NULL },
	{ METADATA, "annotations", IS_MAP, NULL },
	{ METADATA, "ownerReferences", IS_ANY, NULL },
	{ METADATA, "finalizers", IS_WORDS, NULL },
	{ METADATA, "managedFields", IS_ANY, NULL },

	{ "Deployment", "kind", IS_STRING, NULL },
	{ "Deployment", "apiVersion", IS_STRING, NULL },
	{ "Deployment", "metadata", IS_STRUCT, METADATA },
	{ "Deployment", "spec", IS_STRUCT, "DeploymentSpec" },
	{ "Deployment", "status", IS_ANY, NULL },
	{ "DeploymentSpec", "replicas", IS_INT, NULL },
	{ "DeploymentSpec", "selector", IS_STRUCT, "LabelSelector" },
	{ "DeploymentSpec", "template", IS_STRUCT, "PodTemplateSpec" },
	{ "DeploymentSpec", "strategy", IS_STRUCT, "DeploymentStrategy" },
	{ "DeploymentSpec", "minReadySeconds", IS_INT, NULL },
	{ "DeploymentSpec", "revisionHistoryLimit", IS_INT, NULL },
	{ "DeploymentSpec", "paused", IS_BOOL, NULL },
	{ "DeploymentSpec", "progressDeadlineSeconds", IS_INT, NULL },
	{ "DeploymentStrategy", "type", IS_STRING, NULL },
	{ "DeploymentStrategy", "rollingUpdate", IS_STRUCT,
	  "RollingUpdateDeployment" },
	{ "RollingUpdateDeployment", "maxSurge", IS_ANY, NULL },
	{ "RollingUpdateDeployment", "maxUnavailable", IS_ANY, NULL },
	{ "LabelSelector", "matchLabels", IS_MAP, NULL },
	{ "LabelSelector", "matchExpressions", IS_ANY, NULL },

	{ "ReplicaSet", "kind", IS_STRING, NULL },
	{ "ReplicaSet", "apiVersion", IS_STRING, NULL },
	{ "ReplicaSet", "metadata", IS_STRUCT, METADATA },
	{ "ReplicaSet", "spec", IS_STRUCT, "ReplicaSetSpec" },
	{ "ReplicaSet", "status", IS_ANY, NULL },
	{ "ReplicaSetSpec", "replicas", IS_INT, NULL },
	{ "ReplicaSetSpec", "minReadySeconds", IS_INT, NULL },
	{ "ReplicaSetSpec", "selector", IS_STRUCT, "LabelSelector" },
	{ "ReplicaSetSpec", "template", IS_STRUCT, "PodTemplateSpec" },

	{ "Lease", "kind", IS_STRING, NULL },
	{ "Lease", "apiVersion", IS_STRING, NULL },
	{ "Lease", "metadata", IS_STRUCT, METADATA },
	{ "Lease", "spec", IS_STRUCT, "LeaseSpec" },
	{ "LeaseSpec", "holderIdentity", IS_STRING, NULL },
	{ "LeaseSpec", "leaseDurationSeconds", IS_INT, NULL },
	{ "LeaseSpec", "acquireTime", IS_STRING, NULL },
	{ "LeaseSpec", "renewTime", IS_STRING, NULL },
	{ "LeaseSpec", "leaseTransitions", IS_INT, NULL },
	{ "LeaseSpec", "strategy", IS_STRING, NULL },
	{ "LeaseSpec", "preferredHolder", IS_STRING, NULL },

	{ "PodTemplateSpec", "metadata", IS_STRUCT, METADATA },
	{ "PodTemplateSpec", "spec", IS_STRUCT, "PodSpec" },
	{ "Pod", "kind", IS_STRING, NULL },
	{ "Pod", "apiVersion", IS_STRING, NULL },
	{ "Pod", "metadata", IS_STRUCT, METADATA },
	{ "Pod", "spec", IS_STRUCT, "PodSpec" },
	{ "Pod", "status", IS_ANY, NULL },
	{ "PodSpec", "containers", IS_LIST, "Container" },
	{ "PodSpec", "initContainers", IS_LIST, "Container" },
	{ "PodSpec", "ephemeralContainers", IS_ANY, NULL },
	{ "PodSpec", "volumes", IS_ANY, NULL },
	{ "PodSpec", "restartPolicy", IS_STRING, NULL },
	{ "PodSpec", "terminationGracePeriodSeconds", IS_INT, NULL },
	{ "PodSpec", "activeDeadlineSeconds", IS_INT, NULL },
	{ "PodSpec", "dnsPolicy", IS_STRING, NULL },
	{ "PodSpec", "dnsConfig", IS_ANY, NULL },
	{ "PodSpec", "nodeSelector", IS_MAP, NULL },
	{ "PodSpec", "nodeName", IS_STRING, NULL },
	{ "PodSpec", "serviceAccountName", IS_STRING, NULL },
	{ "PodSpec", "serviceAccount", IS_STRING, NULL },
	{ "PodSpec", "automountServiceAccountToken", IS_BOOL, NULL },
	{ "PodSpec", "hostNetwork", IS_BOOL, NULL },
	{ "PodSpec", "hostname", IS_STRING, NULL },
	{ "PodSpec", "subdomain", IS_STRING, NULL },
	{ "PodSpec", "securityContext", IS_ANY, NULL },
	{ "PodSpec", "imagePullSecrets", IS_ANY, NULL },
	{ "PodSpec", "affinity", IS_ANY, NULL },
	{ "PodSpec", "schedulerName", IS_STRING, NULL },
	{ "PodSpec", "tolerations", IS_ANY, NULL },
	{ "PodSpec", "hostAliases", IS_ANY, NULL },
	{ "PodSpec", "priorityClassName", IS_STRING, NULL },
	{ "PodSpec", "priority", IS_INT, NULL },
	{ "PodSpec", "preemptionPolicy", IS_STRING, NULL },
	{ "PodSpec", "readinessGates", IS_ANY, NULL },
	{ "PodSpec", "enableServiceLinks", IS_BOOL, NULL },
	{ "PodSpec", "topologySpreadConstraints", IS_ANY, NULL },
	{ "Container", "name", IS_STRING, NULL },
	{ "Container", "image", IS_STRING, NULL },
	{ "Container", "command", IS_WORDS, NULL },
	{ "Container", "args", IS_WORDS, NULL },
	{ "Container", "workingDir", IS_STRING, NULL },
	{ "Container", "ports", IS_LIST, "ContainerPort" },
	{ "Container", "env", IS_LIST, "EnvVar" },
	{ "Container", "envFrom", IS_ANY, NULL },
	{ "Container", "resources", IS_ANY, NULL },
	{ "Container", "volumeMounts", IS_ANY, NULL },
	{ "Container", "livenessProbe", IS_ANY, NULL },
	{ "Container", "readinessProbe", IS_ANY, NULL },
	{ "Container", "startupProbe", IS_ANY, NULL },
	{ "Container", "lifecycle", IS_ANY, NULL },
	{ "Container", "terminationMessagePath", IS_STRING, NULL },
	{ "Container", "terminationMessagePolicy", IS_STRING, NULL },
	{ "Container", "imagePullPolicy", IS_STRING, NULL },
	{ "Container", "securityContext", IS_ANY, NULL },
	{ "Container", "stdin", IS_BOOL, NULL },
	{ "Container", "tty", IS_BOOL, NULL },
	{ "ContainerPort", "name", IS_STRING, NULL },
	{ "ContainerPort", "hostPort", IS_INT, NULL },
	{ "ContainerPort", "containerPort", IS_INT, NULL },
	{ "ContainerPort", "protocol", IS_STRING, NULL },
	{ "ContainerPort", "hostIP", IS_STRING, NULL },
	{ "EnvVar", "name", IS_STRING, NULL },
	{ "EnvVar", "value", IS_STRING, NULL },
	{ "EnvVar", "valueFrom", IS_ANY, NULL },

	{ "Service", "kind", IS_STRING, NULL },
	{ "Service", "apiVersion", IS_STRING, NULL },
	{ "Service", "metadata", IS_STRUCT, METADATA },
	{ "Service", "spec", IS_STRUCT, "ServiceSpec" },
	{ "Service", "status", IS_ANY, NULL },
	{ "ServiceSpec", "ports", IS_LIST, "ServicePort" },
	{ "ServiceSpec", "selector", IS_MAP, NULL },
	{ "ServiceSpec", "clusterIP", IS_STRING, NULL },
	{ "ServiceSpec", "clusterIPs", IS_WORDS, NULL },
	{ "ServiceSpec", "type", IS_STRING, NULL },
	{ "ServiceSpec", "externalIPs", IS_WORDS, NULL },
	{ "ServiceSpec", "sessionAffinity", IS_STRING, NULL },
	{ "ServiceSpec", "sessionAffinityConfig", IS_ANY, NULL },
	{ "ServiceSpec", "externalName", IS_STRING, NULL },
	{ "ServiceSpec", "externalTrafficPolicy", IS_STRING, NULL },
	{ "ServiceSpec", "internalTrafficPolicy", IS_STRING, NULL },
	{ "ServiceSpec", "publishNotReadyAddresses", IS_BOOL, NULL },
	{ "ServiceSpec", "ipFamilies", IS_WORDS, NULL },
	{ "ServiceSpec", "ipFamilyPolicy", IS_STRING, NULL },
	{ "ServicePort", "name", IS_STRING, NULL },
	{ "ServicePort", "protocol", IS_STRING, NULL },
	{ "ServicePort", "appProtocol", IS_STRING, NULL },
	{ "ServicePort", "port", IS_INT, NULL },
	{ "ServicePort", "targetPort", IS_ANY, NULL },
	{ "ServicePort", "nodePort", IS_INT, NULL },

	{ "ConfigMap", "kind", IS_STRING, NULL },
	{ "ConfigMap", "apiVersion", IS_STRING, NULL },
	{ "ConfigMap", "metadata", IS_STRUCT, METADATA },
	{ "ConfigMap", "data", IS_MAP, NULL },
	{ "ConfigMap", "binaryData", IS_MAP, NULL },
	{ "ConfigMap", "immutable", IS_BOOL, NULL },
};

/* One walk over an object. */
struct walk {
	json_t *unknown;
	char *wrong;            /* the first wrong type */
};

static const struct member *find_member(const char *owner, const char *name)
{
	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++)
		if (!strcmp(members[i].owner, owner) &&
		    !strcmp(members[i].name, name))
			return &members[i];
	return NULL;
}

static bool is_described(const char *owner)
{
	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++)
		if (!strcmp(members[i].owner, owner))
			return true;
	return false;
}

static const char *json_word(const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		return "object";
	case JSON_ARRAY:
		return "array";
	case JSON_STRING:
		return "string";
	case JSON_INTEGER:
	case JSON_REAL:
		return "number";
	case JSON_TRUE:
	case JSON_FALSE:
		return "bool";
	case JSON_NULL:
		break;
	}
	return "null";
}

/* The first wrong type stands; where is its path without indices. */
static void wrong_type(struct walk *walk, const char *owner,
		       const char *where, const json_t *value,
		       const char *wanted)
{
	if (walk->wrong)
		return;
	if (asprintf(&walk->wrong, "json: cannot unmarshal %s into Go struct "
		     "field %s.%s of type %s", json_word(value), owner, where,
		     wanted) < 0)
		walk->wrong = NULL;
}

static void check_struct(struct walk *walk, const char *owner, json_t *value,
			 const char *go_path, const char *path, int depth);

static void check_strings(struct walk *walk, const struct member *member,
			  const json_t *value, const char *go_path)
{
	const char *key;
	json_t *item;
	size_t i;

	json_object_foreach((json_t *)value, key, item)
		if (!json_is_string(item) && !json_is_null(item))
			wrong_type(walk, member->owner, go_path, item,
				   "string");
	json_array_foreach(value, i, item)
		if (!json_is_string(item))
			wrong_type(walk, member->owner, go_path, item,
				   "string");
}

static void check_list(struct walk *walk, const struct member *member,
		       json_t *value, const char *go_path, const char *path,
		       int depth)
{
	char at[PATH_MAX_LEN];
	json_t *item;
	size_t i;

	json_array_foreach(value, i, item) {
		if (snprintf(at, sizeof(at), "%s[%zu]", path, i) >=
		    (int)sizeof(at))
			return;
		check_struct(walk, member->of, item, go_path, at, depth + 1);
	}
}

static void check_member(struct walk *walk, const struct member *member,
			 json_t *value, const char *go_path, const char *path,
			 int depth)
{
	static const char *const wanted[] = {
		[IS_STRING] = "string", [IS_INT] = "int32",
		[IS_BOOL] = "bool", [IS_ANY] = "", [IS_STRUCT] = "object",
		[IS_LIST] = "array", [IS_WORDS] = "[]string",
		[IS_MAP] = "map[string]string",
	};
	bool right[] = {
		[IS_STRING] = json_is_string(value),
		[IS_INT] = json_is_integer(value),
		[IS_BOOL] = json_is_boolean(value), [IS_ANY] = true,
		[IS_STRUCT] = json_is_object(value),
		[IS_LIST] = json_is_array(value),
		[IS_WORDS] = json_is_array(value),
		[IS_MAP] = json_is_object(value),
	};

	if (json_is_null(value))
		return;
	if (!right[member->type])
		wrong_type(walk, member->owner, go_path, value,
			   wanted[member->type]);
	else if (member->type == IS_STRUCT)
		check_struct(walk, member->of, value, go_path, path,
			     depth + 1);
	else if (member->type == IS_LIST)
		check_list(walk, member, value, go_path, path, depth);
	else if (member->type == IS_WORDS || member->type == IS_MAP)
		check_strings(walk, member, value, go_path);
}

static void drop_unknown(struct walk *walk, json_t *object, const char *key,
			 const char *path)
{
	char text[PATH_MAX_LEN + 32];

	snprintf(text, sizeof(text), "unknown field \"%s\"", path);
	json_array_append_new(walk->unknown, json_string(text));
	json_object_del(object, key);
}

/* go_path is the path as Go's decoder tells it, path the one with indices. */
static void check_struct(struct walk *walk, const char *owner, json_t *value,
			 const char *go_path, const char *path, int depth)
{
	char go_at[PATH_MAX_LEN], at[PATH_MAX_LEN];
	const char *key, *dot = *path ? "." : "";
	json_t *child;
	void *next;

	if (depth > DEPTH_MAX)
		return;
	json_object_foreach_safe(value, next, key, child) {
		const struct member *member = find_member(owner, key);

		snprintf(go_at, sizeof(go_at), "%s%s%s", go_path, dot, key);
		snprintf(at, sizeof(at), "%s%s%s", path, dot, key);
		if (member)
			check_member(walk, member, child, go_at, at, depth);
		else
			drop_unknown(walk, value, key, at);
	}
}

char *admit_schema(const struct resource *resource, json_t *object,
		   json_t *unknown)
{
	struct walk walk = { .unknown = unknown };

	if (is_described(resource->kind))
		check_struct(&walk, resource->kind, object, "", "", 0);
	return walk.wrong;
}
