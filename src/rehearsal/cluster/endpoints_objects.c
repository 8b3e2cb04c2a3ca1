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
#define SERVICE_LABEL "kubernetes.io/service-name"
#define MANAGER_LABEL "endpointslice.kubernetes.io/managed-by"
#define MANAGER "endpointslice-controller.k8s.io"
#define OLD_MANAGER_LABEL "endpoints.kubernetes.io/managed-by"
#define OLD_MANAGER "endpoint-controller"
#define HEADLESS_LABEL "service.kubernetes.io/headless"
#define CHANGE_TIME \
	"metadata/annotations/endpoints.kubernetes.io~1last-change-trigger-time"
#define NAME_TEXT_MAX 320

/* The Service's own labels, and that of a controller; owned. */
static json_t *labels_of(const json_t *service, const char *key,
			 const char *manager)
{
	json_t *own = json_at(service, "metadata/labels");
	json_t *labels = own ? json_deep_copy(own) : json_object();
	int bad = json_object_set_new(labels, key, json_string(manager));

	json_object_del(labels, HEADLESS_LABEL);
	if (!strcmp(json_text(service, "spec/clusterIP", ""), "None"))
		bad |= json_object_set_new(labels, HEADLESS_LABEL,
					   json_string(""));
	if (!bad)
		return labels;
	json_decref(labels);
	return NULL;
}

/* --- slices ----------------------------------------------------------- */

static json_t *slice_labels(const json_t *service)
{
	json_t *labels = labels_of(service, MANAGER_LABEL, MANAGER);

	if (!json_object_set_new(labels, SERVICE_LABEL,
				 json_string(object_name(service))))
		return labels;
	json_decref(labels);
	return NULL;
}

static bool is_slice_of(const json_t *slice, const json_t *service)
{
	const json_t *manager = json_object_get(
		json_at(slice, "metadata/labels"), MANAGER_LABEL);

	return object_owned_by(slice, object_uid(service)) &&
	       !strcmp(json_text(manager, "", ""), MANAGER);
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

/* Takes endpoints and labels and stores the slice if it changes. */
static int update_slice(struct store *store, json_t *slice,
			json_t *endpoints, json_t *ports, json_t *labels)
{
	struct writer writer = { .manager = WRITE_CONTROLLER,
				 .subresource = "" };
	bool some = json_array_size(endpoints);
	json_t *copy;
	int bad;

	if (json_equal(endpoints, json_at(slice, "endpoints")) &&
	    json_equal(labels, json_at(slice, "metadata/labels")) &&
	    (!some || json_equal(ports, json_at(slice, "ports")))) {
		json_decref(endpoints);
		json_decref(labels);
		return 0;
	}
	copy = json_deep_copy(slice);
	bad = object_set(copy, "endpoints", endpoints);
	bad |= object_set(copy, "metadata/labels", labels);
	bad |= object_set(copy, "ports", some ? json_incref(ports)
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
			json_t *endpoints, json_t *ports)
{
	struct writer writer = { .manager = WRITE_CONTROLLER,
				 .subresource = "" };
	char prefix[NAME_TEXT_MAX];
	json_t *slice;
	int bad;

	snprintf(prefix, sizeof(prefix), "%s-", object_name(service));
	slice = json_pack("{s:{s:s,s:s,s:o,s:o},s:s,s:o,s:O}", "metadata",
			  "generateName", prefix,
			  "namespace", object_ns(service),
			  "labels", slice_labels(service), "ownerReferences",
			  object_owners(resource_at(RESOURCE_SERVICES),
					service),
			  "addressType", "IPv4", "endpoints", endpoints,
			  "ports", ports);
	bad = object_set(slice, CHANGE_TIME, object_now());
	if (bad) {
		json_decref(slice);
		return -1;
	}
	return write_new(store, resource_at(RESOURCE_ENDPOINTSLICES), slice,
			 &writer) ? 0 : -1;
}

/* What is done to the slices of one Service. */
struct slicing {
	struct store *store;
	const json_t *service;
	json_t *spare;          /* slices of ports that nothing has now */
	size_t count;           /* slices that there will be */
};

/* Puts endpoints (taken, NULL when memory was out) into a slice, and what is left
 * of their group as far as there is room. */
static int put_into(struct slicing *slicing, json_t *slice, json_t *group,
		    json_t *endpoints)
{
	if (!endpoints ||
	    fill_up(endpoints, json_object_get(group, "endpoints"))) {
		json_decref(endpoints);
		return -1;
	}
	if (!json_array_size(endpoints) && slicing->count) {
		json_decref(endpoints);
		return store_remove(slicing->store,
				    resource_at(RESOURCE_ENDPOINTSLICES),
				    object_ns(slice), object_name(slice));
	}
	slicing->count++;
	return update_slice(slicing->store, slice, endpoints,
			    json_object_get(group, "ports"),
			    slice_labels(slicing->service));
}

/* Plans what stays in one of the Service's slices, with its group; those whose
 * ports nothing has are spare. */
static int plan_slice(struct slicing *slicing, json_t *plans,
		      const json_t *groups, json_t *slice)
{
	json_t *group = NULL;
	size_t i;

	json_array_foreach(groups, i, group)
		if (json_equal(json_object_get(group, "ports"),
			       json_object_get(slice, "ports")))
			break;
	if (i == json_array_size(groups))
		return json_array_append(slicing->spare, slice);
	return json_array_append_new(plans, json_pack(
		"{s:O,s:O,s:o}", "slice", slice, "group", group, "endpoints",
		keep_endpoints(slice, json_object_get(group, "endpoints"))));
}

/* Only when each slice has kept its own is it filled up: else one pod that goes
 * would move others through all slices. */
static int put_kept(struct slicing *slicing, const json_t *groups)
{
	json_t *all = store_snapshot(slicing->store,
				     resource_at(RESOURCE_ENDPOINTSLICES));
	json_t *plans = json_array(), *slice, *plan;
	int bad = !all || !plans;
	size_t i;

	json_array_foreach(all, i, slice)
		if (is_slice_of(slice, slicing->service))
			bad |= plan_slice(slicing, plans, groups, slice);
	json_array_foreach(plans, i, plan)
		bad |= bad || put_into(slicing, json_object_get(plan, "slice"),
				       json_object_get(plan, "group"),
				       json_incref(json_object_get(
					       plan, "endpoints")));
	json_decref(plans);
	json_decref(all);
	return bad;
}

/* What is left of a group goes into spare slices, then into new ones. */
static int put_rest(struct slicing *slicing, json_t *group)
{
	json_t *wanted = json_object_get(group, "endpoints");
	int bad = 0;

	while (!bad && json_array_size(wanted)) {
		json_t *slice = json_incref(json_array_get(slicing->spare,
							   0));
		json_t *endpoints = slice ? NULL : json_array();

		if (slice) {
			json_array_remove(slicing->spare, 0);
			bad |= put_into(slicing, slice, group,
					keep_endpoints(slice, wanted));
			json_decref(slice);
			continue;
		}
		bad |= fill_up(endpoints, wanted);
		bad |= create_slice(slicing->store, slicing->service,
				    endpoints, json_object_get(group,
							       "ports"));
		slicing->count++;
	}
	return bad;
}

/* An empty slice goes unless it is the only one. */
int endpoints_put_slices(struct store *store, const json_t *service,
			 json_t *groups)
{
	struct slicing slicing = { .store = store, .service = service,
				   .spare = json_array() };
	json_t *nothing = json_pack("{s:[],s:[]}", "ports", "endpoints");
	json_t *group, *slice;
	int bad = !slicing.spare || !nothing || put_kept(&slicing, groups);
	size_t i;

	json_array_foreach(groups, i, group)
		bad |= bad || put_rest(&slicing, group);
	json_array_foreach(slicing.spare, i, slice)
		bad |= bad || put_into(&slicing, slice, nothing,
				       json_array());
	if (!bad && !slicing.count)
		bad |= create_slice(store, service, json_array(),
				    json_object_get(nothing, "ports"));
	json_decref(slicing.spare);
	json_decref(nothing);
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

/* A subset: the ready and the not ready; terminating ones are left out. NULL if
 * there are none. */
static json_t *subset_of(const json_t *group)
{
	json_t *ready = json_array(), *waiting = json_array(), *subset;
	const json_t *endpoint;
	size_t i;

	json_array_foreach(json_object_get(group, "endpoints"), i, endpoint)
		if (!json_flag(endpoint, "conditions/terminating", false))
			json_array_append_new(
				json_flag(endpoint, "conditions/ready", false)
					? ready : waiting,
				address_of(endpoint));
	subset = json_pack("{s:o,s:o,s:o}", "addresses", ready,
			   "notReadyAddresses", waiting, "ports",
			   subset_ports(json_object_get(group, "ports")));
	if (!json_array_size(json_object_get(subset, "addresses")))
		json_object_del(subset, "addresses");
	if (!json_array_size(json_object_get(subset, "notReadyAddresses")))
		json_object_del(subset, "notReadyAddresses");
	if (json_object_size(subset) > 1)
		return subset;
	json_decref(subset);
	return NULL;
}

/* A pod on which none of the Service's ports is known has no place there. */
static json_t *subsets_of(const json_t *service, const json_t *groups)
{
	bool any = !json_array_size(json_at(service, "spec/ports"));
	json_t *list = json_array(), *group, *subset;
	size_t i;

	json_array_foreach(groups, i, group) {
		subset = any || json_array_size(json_object_get(group, "ports"))
			? subset_of(group) : NULL;
		if (subset)
			json_array_append_new(list, subset);
	}
	return list;
}

int endpoints_put_object(struct store *store, const json_t *service,
			 const json_t *groups)
{
	const struct resource *resource = resource_at(RESOURCE_ENDPOINTS);
	struct writer writer = { .manager = WRITE_CONTROLLER,
				 .subresource = "" };
	json_t *before = store_get(store, resource, object_ns(service),
				   object_name(service));
	json_t *labels = labels_of(service, OLD_MANAGER_LABEL, OLD_MANAGER);
	json_t *subsets = subsets_of(service, groups), *copy;
	int bad;

	if (before && json_equal(subsets, json_at(before, "subsets")) &&
	    json_equal(labels, json_at(before, "metadata/labels"))) {
		json_decref(subsets);
		json_decref(labels);
		return 0;
	}
	copy = before ? json_deep_copy(before) : json_pack(
		"{s:{s:s,s:s}}", "metadata", "name", object_name(service),
		"namespace", object_ns(service));
	bad = object_set(copy, "metadata/labels", labels);
	bad |= object_set(copy, CHANGE_TIME, object_now());
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
