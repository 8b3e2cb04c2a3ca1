/* See endpoints_private.h. */
#include "rehearsal/cluster/endpoints_private.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "rehearsal/cluster/object.h"
#include "rehearsal/cluster/resource.h"
#include "rehearsal/cluster/store.h"
#include "rehearsal/cluster/write.h"

#define SLICE_MAX 100           /* endpoints in one slice */
#define SERVICE_LABEL "metadata/labels/kubernetes.io~1service-name"
#define MANAGER_LABEL \
	"metadata/labels/endpointslice.kubernetes.io~1managed-by"
#define MANAGER "endpointslice-controller.k8s.io"
#define CHANGE_TIME \
	"metadata/annotations/endpoints.kubernetes.io~1last-change-trigger-time"
#define NAME_TEXT_MAX 320

/* --- slices ----------------------------------------------------------- */

static bool is_slice_of(const json_t *slice, const json_t *service)
{
	return object_owned_by(slice, object_uid(service)) &&
	       !strcmp(json_text(slice, MANAGER_LABEL, ""), MANAGER);
}

/* The endpoint in wanted of the same pod as old; its index or the size. */
static size_t find_endpoint(const json_t *wanted, const json_t *old)
{
	const char *uid = json_text(old, "targetRef/uid", "");
	const json_t *endpoint;
	size_t i;

	json_array_foreach(wanted, i, endpoint)
		if (!strcmp(json_text(endpoint, "targetRef/uid", "?"), uid))
			break;
	return i;
}

/*
 * The endpoints for one existing slice: those that it has and that are still
 * wanted, where they were. They are taken out of wanted.
 */
static json_t *keep_endpoints(const json_t *slice, json_t *wanted)
{
	json_t *kept = json_array();
	const json_t *old;
	int bad = 0;
	size_t i;

	json_array_foreach(json_at(slice, "endpoints"), i, old) {
		size_t at = find_endpoint(wanted, old);

		if (at == json_array_size(wanted))
			continue;
		bad |= json_array_append(kept, json_array_get(wanted, at));
		json_array_remove(wanted, at);
	}
	if (!bad)
		return kept;
	json_decref(kept);
	return NULL;
}

/* Moves endpoints from wanted into list as far as there is room. */
static int fill_up(json_t *list, json_t *wanted)
{
	int bad = 0;

	while (!bad && json_array_size(list) < SLICE_MAX &&
	       json_array_size(wanted)) {
		bad |= json_array_append(list, json_array_get(wanted, 0));
		json_array_remove(wanted, 0);
	}
	return bad;
}

/* Takes endpoints and stores the slice if it changes. */
static int update_slice(struct store *store, json_t *slice,
			json_t *endpoints, const json_t *ports)
{
	struct writer writer = { .manager = WRITE_CONTROLLER,
				 .subresource = "" };
	bool some = json_array_size(endpoints);
	json_t *copy;
	int bad;

	if (json_equal(endpoints, json_at(slice, "endpoints")) &&
	    (!some || json_equal(ports, json_at(slice, "ports")))) {
		json_decref(endpoints);
		return 0;
	}
	copy = json_deep_copy(slice);
	bad = object_set(copy, "endpoints", endpoints);
	bad |= object_set(copy, "ports", some ? json_incref((json_t *)ports)
					      : json_array());
	bad |= object_set(copy, CHANGE_TIME, object_now());
	if (bad) {
		json_decref(copy);
		return -1;
	}
	return write_change(store, resource_at(RESOURCE_ENDPOINTSLICES), copy,
			    slice, &writer) ? 0 : -1;
}

/* Takes endpoints. */
static int create_slice(struct store *store, const json_t *service,
			json_t *endpoints, const json_t *ports)
{
	struct writer writer = { .manager = WRITE_CONTROLLER,
				 .subresource = "" };
	char prefix[NAME_TEXT_MAX];
	json_t *slice;
	int bad;

	snprintf(prefix, sizeof(prefix), "%s-", object_name(service));
	slice = json_pack("{s:{s:s,s:s,s:o},s:s,s:o,s:O}", "metadata",
			  "generateName", prefix,
			  "namespace", object_ns(service), "ownerReferences",
			  object_owners(resource_at(RESOURCE_SERVICES),
					service),
			  "addressType", "IPv4", "endpoints", endpoints,
			  "ports", ports);
	bad = object_set(slice, MANAGER_LABEL, json_string(MANAGER));
	bad |= object_set(slice, SERVICE_LABEL,
			  json_string(object_name(service)));
	bad |= object_set(slice, CHANGE_TIME, object_now());
	if (bad) {
		json_decref(slice);
		return -1;
	}
	return write_new(store, resource_at(RESOURCE_ENDPOINTSLICES), slice,
			 &writer) ? 0 : -1;
}

/* An empty slice goes unless it is the only one. */
int endpoints_put_slices(struct store *store, const json_t *service,
			 json_t *wanted, const json_t *ports)
{
	const struct resource *resource = resource_at(RESOURCE_ENDPOINTSLICES);
	json_t *all = store_snapshot(store, resource), *slice;
	size_t i, count = 0;
	int bad = !all;

	json_array_foreach(all, i, slice) {
		json_t *endpoints;

		if (!is_slice_of(slice, service))
			continue;
		endpoints = keep_endpoints(slice, wanted);
		bad |= !endpoints || fill_up(endpoints, wanted);
		if (endpoints && !json_array_size(endpoints) && count) {
			bad |= store_remove(store, resource, object_ns(slice),
					    object_name(slice));
			json_decref(endpoints);
			continue;
		}
		if (endpoints)
			bad |= update_slice(store, slice, endpoints, ports);
		count++;
	}
	while (!bad && (json_array_size(wanted) || !count)) {
		json_t *endpoints = json_array();

		bad |= fill_up(endpoints, wanted);
		bad |= create_slice(store, service, endpoints, ports);
		count++;
	}
	json_decref(all);
	json_decref(wanted);
	return bad;
}

/* --- Endpoints -------------------------------------------------------- */

static json_t *address_of(const json_t *endpoint)
{
	return json_pack("{s:s,s:s,s:O}",
			 "ip", json_text(endpoint, "addresses/0", ""),
			 "nodeName", json_text(endpoint, "nodeName", ""),
			 "targetRef", json_at(endpoint, "targetRef"));
}

static json_t *subset_ports(const json_t *ports)
{
	json_t *list = json_array();
	const json_t *port;
	size_t i;

	json_array_foreach(ports, i, port)
		json_array_append_new(list, json_pack(
			"{s:s,s:O,s:O}", "name", json_text(port, "name", ""),
			"port", json_at(port, "port"), "protocol",
			json_at(port, "protocol")));
	return list;
}

/* One subset: the ready and the not ready; terminating ones are left out. */
static json_t *subsets_of(const json_t *endpoints, const json_t *ports)
{
	json_t *ready = json_array(), *waiting = json_array();
	const json_t *endpoint;
	json_t *subset;
	int bad = 0;
	size_t i;

	json_array_foreach(endpoints, i, endpoint)
		if (!json_flag(endpoint, "conditions/terminating", false))
			bad |= json_array_append_new(
				json_flag(endpoint, "conditions/ready", false)
					? ready : waiting,
				address_of(endpoint));
	if (bad || (!json_array_size(ready) && !json_array_size(waiting))) {
		json_decref(ready);
		json_decref(waiting);
		return bad ? NULL : json_array();
	}
	subset = json_pack("{s:o,s:o,s:o}", "addresses", ready,
			   "notReadyAddresses", waiting,
			   "ports", subset_ports(ports));
	if (!json_array_size(ready))
		json_object_del(subset, "addresses");
	if (!json_array_size(waiting))
		json_object_del(subset, "notReadyAddresses");
	return json_pack("[o]", subset);
}

int endpoints_put_object(struct store *store, const json_t *service,
			 const json_t *wanted, const json_t *ports)
{
	const struct resource *resource = resource_at(RESOURCE_ENDPOINTS);
	struct writer writer = { .manager = WRITE_CONTROLLER,
				 .subresource = "" };
	json_t *before = store_get(store, resource, object_ns(service),
				   object_name(service));
	json_t *subsets = subsets_of(wanted, ports), *copy;
	int bad;

	if (before && json_equal(subsets, json_at(before, "subsets"))) {
		json_decref(subsets);
		return 0;
	}
	copy = before ? json_deep_copy(before) : json_pack(
		"{s:{s:s,s:s,s:{s:s}}}", "metadata",
		"name", object_name(service), "namespace", object_ns(service),
		"labels", "endpoints.kubernetes.io/managed-by",
		"endpoint-controller");
	bad = object_set(copy, CHANGE_TIME, object_now());
	bad |= object_set(copy, "subsets", subsets);
	if (bad) {
		json_decref(copy);
		return -1;
	}
	if (before)
		return write_change(store, resource, copy, before, &writer)
			? 0 : -1;
	return write_new(store, resource, copy, &writer) ? 0 : -1;
}
