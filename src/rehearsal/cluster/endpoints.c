/*
 * For each Service with a selector: which endpoints it should have. See
 * endpoints_private.h for the objects that say so.
 */
#include <string.h>

#include "base/json.h"
#include "rehearsal/cluster/controller.h"
#include "rehearsal/cluster/endpoints_private.h"
#include "rehearsal/cluster/object.h"
#include "rehearsal/cluster/resource.h"
#include "rehearsal/cluster/selector.h"
#include "rehearsal/cluster/store.h"

/* --- what should be --------------------------------------------------- */

static bool takes_part(const json_t *pod, const json_t *service)
{
	const char *phase = json_text(pod, "status/phase", "");

	return !strcmp(object_ns(pod), object_ns(service)) &&
	       strcmp(phase, "Succeeded") && strcmp(phase, "Failed") &&
	       json_at(pod, "status/podIP") &&
	       selector_map_matches(json_at(service, "spec/selector"),
				    json_at(pod, "metadata/labels"));
}

static json_t *target_ref(const json_t *pod)
{
	return json_pack("{s:s,s:s,s:s,s:s}", "kind", "Pod",
			 "namespace", object_ns(pod),
			 "name", object_name(pod), "uid", object_uid(pod));
}

static json_t *endpoint_of(const json_t *pod)
{
	bool serving = object_is(pod, "Ready");
	bool leaving = object_is_deleted(pod);

	return json_pack("{s:[s],s:{s:b,s:b,s:b},s:o,s:s}", "addresses",
			 json_text(pod, "status/podIP", ""), "conditions",
			 "ready", serving && !leaving, "serving", serving,
			 "terminating", leaving, "targetRef", target_ref(pod),
			 "nodeName", json_text(pod, "spec/nodeName", ""));
}

/* The number of a Service's targetPort on a pod; 0 if a name is unknown. */
static json_int_t port_on(const json_t *pod, const json_t *target)
{
	const json_t *container, *port;
	size_t i, k;

	if (json_is_integer(target))
		return json_integer_value(target);
	json_array_foreach(json_at(pod, "spec/containers"), i, container)
		json_array_foreach(json_at(container, "ports"), k, port)
			if (!strcmp(json_text(port, "name", ""),
				    json_text(target, "", "?")))
				return json_number(port, "containerPort", 0);
	return 0;
}

/* A Service's ports as they are on a pod; what has no number there is left
 * out. */
static json_t *ports_of(const json_t *service, const json_t *pod)
{
	json_t *list = json_array();
	const json_t *port;
	int bad = 0;
	size_t i;

	json_array_foreach(json_at(service, "spec/ports"), i, port) {
		json_int_t number = port_on(pod, json_at(port, "targetPort"));

		if (number)
			bad |= json_array_append_new(list, json_pack(
				"{s:s,s:s,s:I}",
				"name", json_text(port, "name", ""),
				"protocol", json_text(port, "protocol", "TCP"),
				"port", number));
	}
	if (!bad)
		return list;
	json_decref(list);
	return NULL;
}

/* --- the round -------------------------------------------------------- */

/* Adds a pod to those that have the same ports. */
static int add_pod(json_t *groups, const json_t *service, const json_t *pod)
{
	json_t *ports = ports_of(service, pod), *group = NULL;
	int bad = !ports;
	size_t i;

	json_array_foreach(groups, i, group)
		if (json_equal(json_object_get(group, "ports"), ports))
			break;
	if (i == json_array_size(groups)) {
		group = json_pack("{s:O,s:[]}", "ports", ports, "endpoints");
		bad |= json_array_append_new(groups, group);
	}
	json_decref(ports);
	return bad || json_array_append_new(json_object_get(group, "endpoints"),
					    endpoint_of(pod));
}

static int sync_service(struct store *store, const json_t *service,
			const json_t *pods)
{
	json_t *groups = json_array();
	const json_t *pod;
	int bad = !groups;
	size_t i;

	json_array_foreach(pods, i, pod)
		if (!bad && takes_part(pod, service))
			bad |= add_pod(groups, service, pod);
	bad = bad || endpoints_put_object(store, service, groups) ||
	      endpoints_put_slices(store, service, groups);
	json_decref(groups);
	return bad;
}

static bool selects(const json_t *service, const json_t *pod)
{
	return selector_map_matches(json_at(service, "spec/selector"),
				    json_at(pod, "metadata/labels"));
}

/* Is it of the Service, or of what its endpoints come from, or one of them? */
static bool touches(const struct store_change *change, const json_t *service)
{
	const json_t *object = change->object;

	if (strcmp(object_ns(object), object_ns(service)))
		return false;
	if (change->resource == resource_at(RESOURCE_PODS))
		return selects(service, object) ||
		       selects(service, change->before);
	if (change->resource == resource_at(RESOURCE_ENDPOINTSLICES))
		return object_owned_by(object, object_uid(service)) ||
		       object_owned_by(change->before, object_uid(service));
	return (change->resource == resource_at(RESOURCE_SERVICES) ||
		change->resource == resource_at(RESOURCE_ENDPOINTS)) &&
	       !strcmp(object_name(object), object_name(service));
}

static bool is_touched(const struct store *store, int64_t since,
		       const json_t *service)
{
	const struct store_change *change;

	if (since < store_floor(store))
		return true;
	for (; (change = store_after(store, since)); since = change->version)
		if (touches(change, service))
			return true;
	return false;
}

int endpoints_round(struct endpoints *endpoints, struct round *round)
{
	struct store *store = round->store;
	int64_t now = store_version(store);
	json_t *services = store_snapshot(store, resource_at(RESOURCE_SERVICES));
	json_t *pods = store_snapshot(store, resource_at(RESOURCE_PODS));
	int bad = !services || !pods;
	json_t *service;
	size_t i;

	json_array_foreach(services, i, service)
		if (!bad && json_object_size(json_at(service,
						     "spec/selector")) &&
		    is_touched(store, endpoints->seen, service))
			bad |= sync_service(store, service, pods);
	json_decref(services);
	json_decref(pods);
	if (bad)
		return -1;
	endpoints->seen = now;
	return 0;
}
