/* See object.h: the parts that objects share, and the questions about them. */
#include "kube/object.h"

#include <string.h>

#include "base/json.h"
#include "kube/object_pack.h"

#define OBJECT_OWNERS_MAX 64

void pack_meta(struct pack *pack, struct kube_meta *meta, const json_t *json)
{
	meta->name = pack_at(pack, json, "metadata/name");
	meta->namespace_ = pack_at(pack, json, "metadata/namespace");
	meta->uid = pack_at(pack, json, "metadata/uid");
	meta->resource_version = pack_at(pack, json,
					 "metadata/resourceVersion");
	meta->generation = json_number(json, "metadata/generation", 0);
	meta->created = pack_at(pack, json, "metadata/creationTimestamp");
	meta->terminating = json_text(json, "metadata/deletionTimestamp", NULL);
	pack_labels(pack, &meta->labels, json_at(json, "metadata/labels"),
		    KUBE_LABELS_MAX, KUBE_OBJECT_TEXT_MAX);
}

static void pack_env(struct pack *pack, struct kube_container *container,
		     const json_t *array)
{
	size_t count = json_array_size(array);
	struct kube_env *env;

	env = pack_array(pack, count, KUBE_ENV_MAX, sizeof(*env));
	if (!env)
		return;
	for (size_t i = 0; i < count; i++) {
		const json_t *one = json_array_get(array, i);

		env[i].name = pack_at(pack, one, "name");
		env[i].value = json_at(one, "valueFrom") ? NULL :
			pack_at(pack, one, "value");
	}
	container->env = env;
	container->env_count = count;
}

void pack_containers(struct pack *pack, struct kube_containers *containers,
		     const json_t *array)
{
	size_t count = json_array_size(array);
	struct kube_container *list;

	list = pack_array(pack, count, KUBE_CONTAINERS_MAX, sizeof(*list));
	if (!list)
		return;
	for (size_t i = 0; i < count; i++) {
		const json_t *one = json_array_get(array, i);

		list[i].name = pack_at(pack, one, "name");
		list[i].image = pack_at(pack, one, "image");
		pack_env(pack, &list[i], json_at(one, "env"));
	}
	containers->list = list;
	containers->count = count;
}

static unsigned manager_owns(const json_t *fields)
{
	static const struct {
		const char *path;
		unsigned flag;
	} rows[] = {
		{"f:spec/f:selector", KUBE_OWNS_SELECTOR},
		{"f:spec/f:replicas", KUBE_OWNS_REPLICAS},
		{"f:spec/f:template", KUBE_OWNS_TEMPLATE},
		{"f:data", KUBE_OWNS_DATA},
		{"f:status", KUBE_OWNS_STATUS},
	};
	unsigned owns = 0;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (json_at(fields, rows[i].path))
			owns |= rows[i].flag;
	return owns;
}

void pack_managers(struct pack *pack, struct kube_managers *managers,
		   const json_t *json)
{
	const json_t *array = json_at(json, "metadata/managedFields");
	size_t count = json_array_size(array);
	struct kube_manager *list;

	list = pack_array(pack, count, KUBE_MANAGERS_MAX, sizeof(*list));
	if (!list)
		return;
	for (size_t i = 0; i < count; i++) {
		const json_t *one = json_array_get(array, i);

		list[i].name = pack_at(pack, one, "manager");
		list[i].operation = pack_at(pack, one, "operation");
		list[i].time = pack_at(pack, one, "time");
		list[i].owns = manager_owns(json_at(one, "fieldsV1"));
	}
	managers->list = list;
	managers->count = count;
}

const char *pack_owner(struct pack *pack, const json_t *json, const char *kind)
{
	const json_t *owners = json_at(json, "metadata/ownerReferences");
	size_t count = json_array_size(owners);

	for (size_t i = 0; i < count && i < OBJECT_OWNERS_MAX; i++) {
		const json_t *one = json_array_get(owners, i);

		if (!strcmp(json_text(one, "kind", ""), kind))
			return pack_at(pack, one, "name");
	}
	return "";
}

const struct kube_port *pack_ports(struct pack *pack, const json_t *array,
				   size_t *ret_count)
{
	size_t count = json_array_size(array);
	struct kube_port *ports;

	ports = pack_array(pack, count, KUBE_PORTS_MAX, sizeof(*ports));
	*ret_count = ports ? count : 0;
	for (size_t i = 0; i < *ret_count; i++) {
		const json_t *one = json_array_get(array, i);

		ports[i].name = pack_at(pack, one, "name");
		ports[i].protocol = pack_at(pack, one, "protocol");
		ports[i].port = json_number(one, "port", 0);
		ports[i].target = pack_at(pack, one, "targetPort");
	}
	return ports;
}

const json_t *object_condition(const json_t *json, const char *type)
{
	const json_t *array = json_at(json, "status/conditions");

	for (size_t i = 0; i < json_array_size(array); i++) {
		const json_t *one = json_array_get(array, i);

		if (!strcmp(json_text(one, "type", ""), type))
			return one;
	}
	return NULL;
}

const struct kube_container *kube_container_find(
	const struct kube_containers *containers, const char *name)
{
	for (size_t i = 0; i < containers->count; i++)
		if (!strcmp(containers->list[i].name, name))
			return &containers->list[i];
	return NULL;
}

const struct kube_env *kube_env_find(const struct kube_containers *containers,
				     const char *container, const char *name)
{
	const struct kube_container *in;

	if (container)
		in = kube_container_find(containers, container);
	else
		in = containers->count ? &containers->list[0] : NULL;
	for (size_t i = 0; in && i < in->env_count; i++)
		if (!strcmp(in->env[i].name, name))
			return &in->env[i];
	return NULL;
}

const struct kube_manager *kube_manager_last(
	const struct kube_managers *managers, unsigned owns)
{
	const struct kube_manager *last = NULL;

	/* RFC 3339 in UTC: the order of texts is the order of times. */
	for (size_t i = 0; i < managers->count; i++) {
		const struct kube_manager *one = &managers->list[i];

		if ((one->owns & owns) &&
		    (!last || strcmp(one->time, last->time) >= 0))
			last = one;
	}
	return last;
}
