/* What admission puts into every new pod: its service account and the token of
 * it, its priority, and that it may stay on a node that is lost for five
 * minutes. */
#include "rehearsal/cluster/admit.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "rehearsal/cluster/object.h"

#define MOUNT "/var/run/secrets/kubernetes.io/serviceaccount"
#define VOLUME_PREFIX "kube-api-access-"
#define VOLUME_NAME_MAX (sizeof(VOLUME_PREFIX) + OBJECT_SUFFIX_LEN)

/* Where a token, the authority's certificate and the namespace come from. */
static json_t *token_volume(const char *name)
{
	json_t *sources = json_loads(
		"[{\"serviceAccountToken\":{\"expirationSeconds\":3607,"
		"\"path\":\"token\"}},{\"configMap\":{\"name\":"
		"\"kube-root-ca.crt\",\"items\":[{\"key\":\"ca.crt\","
		"\"path\":\"ca.crt\"}]}},{\"downwardAPI\":{\"items\":[{"
		"\"path\":\"namespace\",\"fieldRef\":{\"apiVersion\":\"v1\","
		"\"fieldPath\":\"metadata.namespace\"}}]}}]", 0, NULL);

	return json_pack("{s:s,s:{s:o,s:i}}", "name", name, "projected",
			 "sources", sources, "defaultMode", 0644);
}

/* The list member of an object, made if absent; NULL when memory is out. */
static json_t *list_in(json_t *object, const char *member)
{
	if (!json_object_get(object, member) &&
	    json_object_set_new(object, member, json_array()))
		return NULL;
	return json_object_get(object, member);
}

static bool is_mounted(const json_t *container)
{
	const json_t *mount;
	size_t i;

	json_array_foreach(json_at(container, "volumeMounts"), i, mount)
		if (!strcmp(json_text(mount, "mountPath", ""), MOUNT))
			return true;
	return false;
}

static int mount_token(json_t *spec)
{
	char name[VOLUME_NAME_MAX], suffix[OBJECT_SUFFIX_LEN + 1];
	json_t *container;
	size_t i, mounted = 0;
	int bad = 0;

	object_make_suffix(suffix);
	snprintf(name, sizeof(name), "%s%s", VOLUME_PREFIX, suffix);
	json_array_foreach(json_at(spec, "containers"), i, container) {
		if (!json_is_object(container) || is_mounted(container))
			continue;
		mounted++;
		bad |= json_array_append_new(
			list_in(container, "volumeMounts"),
			json_pack("{s:s,s:b,s:s}", "name", name, "readOnly", 1,
				  "mountPath", MOUNT));
	}
	if (mounted)
		bad |= json_array_append_new(list_in(spec, "volumes"),
					     token_volume(name));
	return bad;
}

static bool tolerates(const json_t *spec, const char *key)
{
	const json_t *toleration;
	size_t i;

	json_array_foreach(json_at(spec, "tolerations"), i, toleration)
		if (!strcmp(json_text(toleration, "key", key), key))
			return true;
	return false;
}

static int tolerate_loss(json_t *spec)
{
	static const char *const keys[] = {
		"node.kubernetes.io/not-ready",
		"node.kubernetes.io/unreachable",
	};
	int bad = 0;

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (!tolerates(spec, keys[i]))
			bad |= json_array_append_new(
				list_in(spec, "tolerations"),
				json_pack("{s:s,s:s,s:s,s:i}", "key", keys[i],
					  "operator", "Exists", "effect",
					  "NoExecute", "tolerationSeconds",
					  300));
	return bad;
}

/* The service account "default", and no priority over others. */
static int set_standing(json_t *spec)
{
	static const struct {
		const char *name, *json;
	} fills[] = {
		{ "serviceAccountName", "\"default\"" },
		{ "serviceAccount", "\"default\"" },
		{ "priority", "0" },
		{ "preemptionPolicy", "\"PreemptLowerPriority\"" },
	};
	int bad = 0;

	for (size_t i = 0; i < sizeof(fills) / sizeof(*fills); i++)
		if (!json_object_get(spec, fills[i].name))
			bad |= json_object_set_new(
				spec, fills[i].name,
				json_loads(fills[i].json, JSON_DECODE_ANY,
					   NULL));
	return bad;
}

int admit_pod(json_t *pod)
{
	json_t *spec = json_object_get(pod, "spec");
	int bad;

	if (!json_is_object(spec))
		return 0;
	bad = set_standing(spec);
	if (json_flag(spec, "automountServiceAccountToken", true))
		bad |= mount_token(spec);
	return bad | tolerate_loss(spec) ? -1 : 0;
}
