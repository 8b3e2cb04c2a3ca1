/* See shape.h. Which members they are is told by their own name, and their
 * parent's where the name alone is not enough. */
#include "rehearsal/cluster/shape.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"

static const struct {
	const char *parent;     /* or NULL: any */
	const char *list;
	const char *key;
} merge_keys[] = {
	{ NULL, "containers", "name" },
	{ NULL, "initContainers", "name" },
	{ NULL, "ephemeralContainers", "name" },
	{ NULL, "volumes", "name" },
	{ NULL, "imagePullSecrets", "name" },
	{ NULL, "hostAliases", "ip" },
	{ NULL, "env", "name" },
	{ NULL, "volumeMounts", "mountPath" },
	{ NULL, "volumeDevices", "devicePath" },
	{ NULL, "topologySpreadConstraints", "topologyKey" },
	{ "containers", "ports", "containerPort" },
	{ "initContainers", "ports", "containerPort" },
	{ "spec", "ports", "port" },
	{ "status", "conditions", "type" },
	{ "status", "podIPs", "ip" },
	{ "metadata", "ownerReferences", "uid" },
};

/* Keyed lists whose elements are told apart by a second member too. */
static const struct {
	const char *list, *key, *default_value;
} second_keys[] = {
	{ "ports", "protocol", "TCP" },
	{ "topologySpreadConstraints", "whenUnsatisfiable", "DoNotSchedule" },
};

static const char *const atomic_names[] = { "selector", "nodeSelector",
	"configMapKeyRef", "secretKeyRef", "fieldRef", "resourceFieldRef",
	"state", "lastState" };

const char *shape_merge_key(const char *parent, const char *list)
{
	for (size_t i = 0; i < sizeof(merge_keys) / sizeof(*merge_keys); i++)
		if (!strcmp(merge_keys[i].list, list) &&
		    (!merge_keys[i].parent ||
		     !strcmp(merge_keys[i].parent, parent)))
			return merge_keys[i].key;
	return NULL;
}

bool shape_is_set(const char *parent, const char *list)
{
	return !strcmp(parent, "metadata") && !strcmp(list, "finalizers");
}

bool shape_is_atomic(const char *member)
{
	for (size_t i = 0; i < sizeof(atomic_names) / sizeof(*atomic_names);
	     i++)
		if (!strcmp(atomic_names[i], member))
			return true;
	return false;
}

/* Takes value. "MARK:" and the value's text. */
static int name_of(char mark, json_t *value, char dst[SHAPE_NAME_MAX])
{
	char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
	int len = text ? snprintf(dst, SHAPE_NAME_MAX, "%c:%s", mark, text)
		       : -1;

	json_decref(value);
	free(text);
	return len < 0 || len >= SHAPE_NAME_MAX ? -1 : 0;
}

int shape_element_name(const json_t *element, const char *list,
		       const char *key, char dst[SHAPE_NAME_MAX])
{
	json_t *keys = json_object();
	int bad;

	bad = json_object_set(keys, key, json_object_get(element, key));
	for (size_t i = 0; i < sizeof(second_keys) / sizeof(*second_keys); i++)
		if (!strcmp(second_keys[i].list, list))
			bad |= json_object_set_new(
				keys, second_keys[i].key,
				json_string(json_text(
					element, second_keys[i].key,
					second_keys[i].default_value)));
	return name_of('k', keys, dst) || bad ? -1 : 0;
}

int shape_word_name(const json_t *word, char dst[SHAPE_NAME_MAX])
{
	return name_of('v', json_incref((json_t *)word), dst);
}

/* The second key of an element; "" where the list has none. */
static const char *second_key(const json_t *element, const char *list)
{
	for (size_t i = 0; i < sizeof(second_keys) / sizeof(*second_keys); i++)
		if (!strcmp(second_keys[i].list, list))
			return json_text(element, second_keys[i].key,
					 second_keys[i].default_value);
	return "";
}

size_t shape_find(const json_t *array, const json_t *element,
		  const char *list, const char *key)
{
	const json_t *wanted = json_object_get(element, key), *other;
	size_t i;

	json_array_foreach(array, i, other)
		if (json_equal(json_object_get(other, key), wanted) &&
		    !strcmp(second_key(other, list),
			    second_key(element, list)))
			break;
	return i;
}
