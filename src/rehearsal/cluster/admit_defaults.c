/* Defaults, as tables of path and value a structure. */
#include "rehearsal/cluster/admit.h"

#include <arpa/inet.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "rehearsal/cluster/object.h"
#include "rehearsal/cluster/resource.h"

struct fill {
	const char *path;
	const char *json;       /* the value's text */
};

static const struct fill deployment_fills[] = {
	{ "spec/replicas", "1" },
	{ "spec/strategy/type", "\"RollingUpdate\"" },
	{ "spec/revisionHistoryLimit", "10" },
	{ "spec/progressDeadlineSeconds", "600" },
	{ "status", "{}" },
	{ NULL, NULL },
};

static const struct fill rolling_fills[] = {
	{ "spec/strategy/rollingUpdate/maxUnavailable", "\"25%\"" },
	{ "spec/strategy/rollingUpdate/maxSurge", "\"25%\"" },
	{ NULL, NULL },
};

static const struct fill replicaset_fills[] = {
	{ "spec/replicas", "1" },
	{ "status/replicas", "0" },
	{ NULL, NULL },
};

static const struct fill pod_fills[] = {
	{ "spec/priority", "0" },
	{ "spec/enableServiceLinks", "true" },
	{ "spec/preemptionPolicy", "\"PreemptLowerPriority\"" },
	{ "spec/serviceAccountName", "\"default\"" },
	{ "spec/serviceAccount", "\"default\"" },
	{ "status/phase", "\"Pending\"" },
	{ "status/qosClass", "\"BestEffort\"" },
	{ NULL, NULL },
};

/* Of the spec of a pod, itself or in a template. */
static const struct fill podspec_fills[] = {
	{ "restartPolicy", "\"Always\"" },
	{ "terminationGracePeriodSeconds", "30" },
	{ "dnsPolicy", "\"ClusterFirst\"" },
	{ "securityContext", "{}" },
	{ "schedulerName", "\"default-scheduler\"" },
	{ NULL, NULL },
};

static const struct fill container_fills[] = {
	{ "resources", "{}" },
	{ "terminationMessagePath", "\"/dev/termination-log\"" },
	{ "terminationMessagePolicy", "\"File\"" },
	{ "imagePullPolicy", "\"IfNotPresent\"" },
	{ NULL, NULL },
};

static const struct fill port_fills[] = {
	{ "protocol", "\"TCP\"" },
	{ NULL, NULL },
};

static const struct fill service_fills[] = {
	{ "spec/type", "\"ClusterIP\"" },
	{ "spec/sessionAffinity", "\"None\"" },
	{ "spec/ipFamilies", "[\"IPv4\"]" },
	{ "spec/ipFamilyPolicy", "\"SingleStack\"" },
	{ "spec/internalTrafficPolicy", "\"Cluster\"" },
	{ "status/loadBalancer", "{}" },
	{ NULL, NULL },
};

static const struct fill namespace_fills[] = {
	{ "spec/finalizers", "[\"kubernetes\"]" },
	{ "status/phase", "\"Active\"" },
	{ NULL, NULL },
};

static const struct fill secret_fills[] = {
	{ "type", "\"Opaque\"" },
	{ NULL, NULL },
};

static int fill(json_t *object, const struct fill *fills)
{
	int bad = 0;

	for (; fills->path; fills++)
		if (!json_at(object, fills->path))
			bad |= object_set(object, fills->path,
					  json_loads(fills->json,
						     JSON_DECODE_ANY, NULL));
	return bad;
}

static int fill_podspec(json_t *spec)
{
	json_t *container, *port;
	size_t i, k;
	int bad;

	if (!json_is_object(spec))
		return 0;
	bad = fill(spec, podspec_fills);
	json_array_foreach(json_at(spec, "containers"), i, container) {
		bad |= fill(container, container_fills);
		json_array_foreach(json_at(container, "ports"), k, port)
			bad |= fill(port, port_fills);
	}
	return bad;
}

static int fill_deployment(json_t *object)
{
	int bad = fill(object, deployment_fills);

	if (!strcmp(json_text(object, "spec/strategy/type", ""),
		    "RollingUpdate"))
		bad |= fill(object, rolling_fills);
	return bad | fill_podspec(json_at(object, "spec/template/spec"));
}

static int fill_replicaset(json_t *object)
{
	return fill(object, replicaset_fills) |
	       fill_podspec(json_at(object, "spec/template/spec"));
}

static int fill_pod(json_t *object)
{
	return fill(object, pod_fills) | fill_podspec(json_at(object, "spec"));
}

/* A Service that asks for none gets a random address of 10.96/16. */
static int fill_cluster_ip(json_t *object)
{
	const char *given = json_text(object, "spec/clusterIP", "");
	char text[INET_ADDRSTRLEN];
	unsigned char b[2] = { 0, 0 };

	if (!*given) {
		if (RAND_bytes(b, sizeof(b)) != 1)
			return -1;
		snprintf(text, sizeof(text), "10.96.%u.%u", b[0],
			 b[1] % 254 + 1);
		if (object_set(object, "spec/clusterIP", json_string(text)))
			return -1;
		given = json_text(object, "spec/clusterIP", "");
	}
	return object_set(object, "spec/clusterIPs",
			  json_pack("[s]", given));
}

static int fill_service(json_t *object)
{
	json_t *port, *number;
	int bad = fill(object, service_fills);
	size_t i;

	if (!json_at(object, "spec/clusterIPs"))
		bad |= fill_cluster_ip(object);
	json_array_foreach(json_at(object, "spec/ports"), i, port) {
		bad |= fill(port, port_fills);
		number = json_object_get(port, "port");
		if (number && !json_object_get(port, "targetPort"))
			bad |= json_object_set(port, "targetPort", number);
	}
	return bad;
}

static int fill_namespace(json_t *object)
{
	return fill(object, namespace_fills) |
	       object_set(object, "metadata/labels/kubernetes.io~1metadata.name",
			  json_string(object_name(object)));
}

static int fill_secret(json_t *object)
{
	return fill(object, secret_fills);
}

int admit_defaults(const struct resource *resource, json_t *object)
{
	static int (*const fillers[RESOURCE_COUNT])(json_t *) = {
		[RESOURCE_DEPLOYMENTS] = fill_deployment,
		[RESOURCE_REPLICASETS] = fill_replicaset,
		[RESOURCE_PODS] = fill_pod,
		[RESOURCE_SERVICES] = fill_service,
		[RESOURCE_NAMESPACES] = fill_namespace,
		[RESOURCE_SECRETS] = fill_secret,
	};
	int (*filler)(json_t *) = fillers[resource_index(resource)];

	return filler && filler(object) ? -1 : 0;
}
