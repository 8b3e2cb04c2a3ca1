/* Defaults, as tables of path and value a structure. */
#include "rehearsal/cluster/admit.h"

#include <openssl/evp.h>
#include <stdlib.h>
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
	{ "spec/enableServiceLinks", "true" },
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

static const struct fill probe_fills[] = {
	{ "timeoutSeconds", "1" },
	{ "periodSeconds", "10" },
	{ "successThreshold", "1" },
	{ "failureThreshold", "3" },
	{ NULL, NULL },
};

static const struct fill http_fills[] = {
	{ "path", "\"/\"" },
	{ "scheme", "\"HTTP\"" },
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

static int fill_probes(json_t *container)
{
	static const char *const names[] = { "livenessProbe",
					     "readinessProbe",
					     "startupProbe" };
	int bad = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		json_t *probe = json_object_get(container, names[i]);
		json_t *get = json_object_get(probe, "httpGet");

		bad |= probe ? fill(probe, probe_fills) : 0;
		bad |= get ? fill(get, http_fills) : 0;
	}
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
		bad |= fill_probes(container);
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

static int fill_service(json_t *object)
{
	json_t *port, *number;
	int bad = fill(object, service_fills);
	size_t i;

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

/* Base64 of a text; NULL when memory is out. */
static json_t *encoded(const char *text)
{
	size_t len = strlen(text);
	unsigned char *dst = malloc((len + 2) / 3 * 4 + 1);
	json_t *value;

	if (!dst)
		return NULL;
	EVP_EncodeBlock(dst, (const unsigned char *)text, (int)len);
	value = json_string((char *)dst);
	free(dst);
	return value;
}

/* stringData may only be written: it becomes data. */
static int fill_secret(json_t *object)
{
	json_t *texts = json_object_get(object, "stringData"), *value;
	json_t *data = json_object_get(object, "data");
	int bad = fill(object, secret_fills);
	const char *key;

	if (texts && !data) {
		bad |= json_object_set_new(object, "data", json_object());
		data = json_object_get(object, "data");
	}
	json_object_foreach(texts, key, value)
		bad |= json_object_set_new(data, key, encoded(
			json_text(value, "", "")));
	json_object_del(object, "stringData");
	return bad;
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
