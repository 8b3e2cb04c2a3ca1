/*
 * See table.h. The columns of each resource are a table of name, priority
 * (1: only with -o wide) and the function that makes the cell.
 */
#include "rehearsal/cluster/table.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "rehearsal/cluster/object.h"
#include "rehearsal/cluster/resource.h"

#define CELL_MAX 4096
#define COLUMNS_MAX 10

struct column {
	const char *name;
	const char *type;       /* of OpenAPI */
	int priority;
	json_t *(*cell)(const json_t *object);
};

/* --- cells ----------------------------------------------------------------- */

static json_t *none(void)
{
	return json_string("<none>");
}

static json_t *cell_name(const json_t *object)
{
	return json_string(object_name(object));
}

/* "50s", "3m12s", "2h5m", "3d": as kubectl's own. */
static void age_text(int64_t seconds, char *dst, size_t size)
{
	long long s = seconds, m = s / 60, h = m / 60, d = h / 24;

	if (s < 120)
		snprintf(dst, size, "%llds", s);
	else if (m < 10 && s % 60)
		snprintf(dst, size, "%lldm%llds", m, s % 60);
	else if (m < 180)
		snprintf(dst, size, "%lldm", m);
	else if (h < 8 && m % 60)
		snprintf(dst, size, "%lldh%lldm", h, m % 60);
	else if (h < 48)
		snprintf(dst, size, "%lldh", h);
	else if (h < 192 && h % 24)
		snprintf(dst, size, "%lldd%lldh", d, h % 24);
	else
		snprintf(dst, size, "%lldd", d);
}

static json_t *age_since(const char *stamp)
{
	int64_t since = object_time_ms(stamp);
	int64_t age = (clock_wall_ms() - since) / 1000;
	char text[CLOCK_STAMP_MAX];

	if (!since)
		return json_string("<unknown>");
	age_text(age < 0 ? 0 : age, text, sizeof(text));
	return json_string(text);
}

static json_t *cell_age(const json_t *object)
{
	return age_since(json_text(object, "metadata/creationTimestamp", ""));
}

static json_t *cell_of(struct buf *buf)
{
	json_t *cell = buf_error(buf) ? NULL
		: buf->len ? json_string(buf->data) : none();

	buf_release(buf);
	return cell;
}

/* "app=myapp,version=v1" */
static json_t *cell_map(const json_t *map)
{
	const char *key;
	json_t *value;
	struct buf buf;

	buf_init(&buf, CELL_MAX);
	json_object_foreach((json_t *)map, key, value)
		buf_printf(&buf, "%s%s=%s", buf.len ? "," : "", key,
			   json_text(value, "", ""));
	return cell_of(&buf);
}

/* One member of each element of a list, joined by commas. */
static json_t *cell_members(const json_t *list, const char *member)
{
	const json_t *element;
	struct buf buf;
	size_t i;

	buf_init(&buf, CELL_MAX);
	json_array_foreach(list, i, element)
		buf_printf(&buf, "%s%s", i ? "," : "",
			   json_text(element, member, ""));
	return cell_of(&buf);
}

static json_t *cell_number(const json_t *object, const char *path)
{
	return json_integer(json_number(object, path, 0));
}

static json_t *pod_ready(const json_t *object)
{
	const json_t *status;
	size_t i, ready = 0;

	json_array_foreach(json_at(object, "status/containerStatuses"), i,
			   status)
		ready += json_flag(status, "ready", false);
	return json_sprintf("%zu/%zu", ready,
			    json_array_size(json_at(object,
						    "spec/containers")));
}

static json_t *pod_status(const json_t *object)
{
	const json_t *state = json_at(object,
				      "status/containerStatuses/0/state");
	const char *reason = json_text(object, "status/phase", "Unknown");

	reason = json_text(state, "waiting/reason", reason);
	reason = json_text(state, "terminated/reason", reason);
	if (object_is_deleted(object) && !json_at(state, "terminated"))
		reason = "Terminating";
	return json_string(reason);
}

static json_t *pod_restarts(const json_t *object)
{
	const json_t *status = json_at(object, "status/containerStatuses/0");
	long long count = json_number(status, "restartCount", 0);
	const char *last = json_text(status, "lastState/terminated/finishedAt",
				     NULL);
	json_t *age, *cell;

	if (!count || !last)
		return json_sprintf("%lld", count);
	age = age_since(last);
	cell = json_sprintf("%lld (%s ago)", count, json_text(age, "", ""));
	json_decref(age);
	return cell;
}

static json_t *pod_ip(const json_t *object)
{
	return json_string(json_text(object, "status/podIP", "<none>"));
}

static json_t *pod_node(const json_t *object)
{
	return json_string(json_text(object, "spec/nodeName", "<none>"));
}

static json_t *cell_none(const json_t *object)
{
	(void)object;
	return none();
}

static json_t *deployment_ready(const json_t *object)
{
	return json_sprintf("%lld/%lld", (long long)json_number(
				    object, "status/readyReplicas", 0),
			    (long long)json_number(object, "spec/replicas",
						   0));
}

static json_t *deployment_updated(const json_t *object)
{
	return cell_number(object, "status/updatedReplicas");
}

static json_t *deployment_available(const json_t *object)
{
	return cell_number(object, "status/availableReplicas");
}

static json_t *workload_containers(const json_t *object)
{
	return cell_members(json_at(object, "spec/template/spec/containers"),
			    "name");
}

static json_t *workload_images(const json_t *object)
{
	return cell_members(json_at(object, "spec/template/spec/containers"),
			    "image");
}

static json_t *workload_selector(const json_t *object)
{
	return cell_map(json_at(object, "spec/selector/matchLabels"));
}

static json_t *replicaset_desired(const json_t *object)
{
	return cell_number(object, "spec/replicas");
}

static json_t *replicaset_current(const json_t *object)
{
	return cell_number(object, "status/replicas");
}

static json_t *replicaset_ready(const json_t *object)
{
	return cell_number(object, "status/readyReplicas");
}

static json_t *service_type(const json_t *object)
{
	return json_string(json_text(object, "spec/type", "<none>"));
}

static json_t *service_ip(const json_t *object)
{
	return json_string(json_text(object, "spec/clusterIP", "<none>"));
}

static json_t *service_ports(const json_t *object)
{
	const json_t *port;
	struct buf buf;
	size_t i;

	buf_init(&buf, CELL_MAX);
	json_array_foreach(json_at(object, "spec/ports"), i, port)
		buf_printf(&buf, "%s%lld/%s", i ? "," : "",
			   (long long)json_number(port, "port", 0),
			   json_text(port, "protocol", "TCP"));
	return cell_of(&buf);
}

static json_t *service_selector(const json_t *object)
{
	return cell_map(json_at(object, "spec/selector"));
}

static json_t *configmap_data(const json_t *object)
{
	return json_integer((json_int_t)
			    (json_object_size(json_at(object, "data")) +
			     json_object_size(json_at(object, "binaryData"))));
}

static json_t *secret_type(const json_t *object)
{
	return json_string(json_text(object, "type", "Opaque"));
}

static json_t *namespace_status(const json_t *object)
{
	return json_string(json_text(object, "status/phase", "Active"));
}

#define ENDPOINTS_SHOWN 3

/* The first few of a list, and how many more there are. */
static void more(struct buf *buf, size_t count)
{
	if (count > ENDPOINTS_SHOWN)
		buf_printf(buf, " + %zu more...", count - ENDPOINTS_SHOWN);
}

static json_t *endpoints_addresses(const json_t *object)
{
	const json_t *subset = json_at(object, "subsets/0"), *address;
	const json_t *addresses = json_at(subset, "addresses");
	long long port = json_number(subset, "ports/0/port", 0);
	struct buf buf;
	size_t i;

	buf_init(&buf, CELL_MAX);
	json_array_foreach(addresses, i, address)
		if (i < ENDPOINTS_SHOWN)
			buf_printf(&buf, "%s%s:%lld", i ? "," : "",
				   json_text(address, "ip", ""), port);
	more(&buf, json_array_size(addresses));
	return cell_of(&buf);
}

static json_t *slice_type(const json_t *object)
{
	return json_string(json_text(object, "addressType", ""));
}

static json_t *slice_ports(const json_t *object)
{
	const json_t *port;
	struct buf buf;
	size_t i;

	buf_init(&buf, CELL_MAX);
	json_array_foreach(json_at(object, "ports"), i, port)
		buf_printf(&buf, "%s%lld", i ? "," : "",
			   (long long)json_number(port, "port", 0));
	if (!buf.len)
		buf_puts(&buf, "<unset>");
	return cell_of(&buf);
}

static json_t *slice_endpoints(const json_t *object)
{
	const json_t *endpoints = json_at(object, "endpoints"), *endpoint;
	struct buf buf;
	size_t i;

	buf_init(&buf, CELL_MAX);
	json_array_foreach(endpoints, i, endpoint)
		if (i < ENDPOINTS_SHOWN)
			buf_printf(&buf, "%s%s", i ? "," : "",
				   json_text(endpoint, "addresses/0", ""));
	more(&buf, json_array_size(endpoints));
	if (!buf.len)
		buf_puts(&buf, "<unset>");
	return cell_of(&buf);
}

static json_t *event_seen(const json_t *object)
{
	const char *stamp = json_text(object, "lastTimestamp", NULL);

	return age_since(stamp ? stamp : json_text(object, "eventTime", ""));
}

static json_t *event_type(const json_t *object)
{
	return json_string(json_text(object, "type", ""));
}

static json_t *event_reason(const json_t *object)
{
	return json_string(json_text(object, "reason", ""));
}

static json_t *event_object(const json_t *object)
{
	const struct resource *resource = resource_by_kind(
		json_text(object, "involvedObject/kind", ""));

	return json_sprintf("%s/%s", resource ? resource->singular : "",
			    json_text(object, "involvedObject/name", ""));
}

static json_t *event_message(const json_t *object)
{
	return json_string(json_text(object, "message", ""));
}

static json_t *lease_holder(const json_t *object)
{
	return json_string(json_text(object, "spec/holderIdentity", ""));
}

/* --- columns --------------------------------------------------------------- */

#define TEXT "string"
#define NUMBER "integer"

static const struct column columns[RESOURCE_COUNT][COLUMNS_MAX + 1] = {
	[RESOURCE_PODS] = {
		{ "Name", TEXT, 0, cell_name },
		{ "Ready", TEXT, 0, pod_ready },
		{ "Status", TEXT, 0, pod_status },
		{ "Restarts", TEXT, 0, pod_restarts },
		{ "Age", TEXT, 0, cell_age },
		{ "IP", TEXT, 1, pod_ip },
		{ "Node", TEXT, 1, pod_node },
		{ "Nominated Node", TEXT, 1, cell_none },
		{ "Readiness Gates", TEXT, 1, cell_none },
	},
	[RESOURCE_DEPLOYMENTS] = {
		{ "Name", TEXT, 0, cell_name },
		{ "Ready", TEXT, 0, deployment_ready },
		{ "Up-to-date", TEXT, 0, deployment_updated },
		{ "Available", TEXT, 0, deployment_available },
		{ "Age", TEXT, 0, cell_age },
		{ "Containers", TEXT, 1, workload_containers },
		{ "Images", TEXT, 1, workload_images },
		{ "Selector", TEXT, 1, workload_selector },
	},
	[RESOURCE_REPLICASETS] = {
		{ "Name", TEXT, 0, cell_name },
		{ "Desired", NUMBER, 0, replicaset_desired },
		{ "Current", NUMBER, 0, replicaset_current },
		{ "Ready", NUMBER, 0, replicaset_ready },
		{ "Age", TEXT, 0, cell_age },
		{ "Containers", TEXT, 1, workload_containers },
		{ "Images", TEXT, 1, workload_images },
		{ "Selector", TEXT, 1, workload_selector },
	},
	[RESOURCE_SERVICES] = {
		{ "Name", TEXT, 0, cell_name },
		{ "Type", TEXT, 0, service_type },
		{ "Cluster-IP", TEXT, 0, service_ip },
		{ "External-IP", TEXT, 0, cell_none },
		{ "Port(s)", TEXT, 0, service_ports },
		{ "Age", TEXT, 0, cell_age },
		{ "Selector", TEXT, 1, service_selector },
	},
	[RESOURCE_ENDPOINTS] = {
		{ "Name", TEXT, 0, cell_name },
		{ "Endpoints", TEXT, 0, endpoints_addresses },
		{ "Age", TEXT, 0, cell_age },
	},
	[RESOURCE_ENDPOINTSLICES] = {
		{ "Name", TEXT, 0, cell_name },
		{ "AddressType", TEXT, 0, slice_type },
		{ "Ports", TEXT, 0, slice_ports },
		{ "Endpoints", TEXT, 0, slice_endpoints },
		{ "Age", TEXT, 0, cell_age },
	},
	[RESOURCE_CONFIGMAPS] = {
		{ "Name", TEXT, 0, cell_name },
		{ "Data", NUMBER, 0, configmap_data },
		{ "Age", TEXT, 0, cell_age },
	},
	[RESOURCE_SECRETS] = {
		{ "Name", TEXT, 0, cell_name },
		{ "Type", TEXT, 0, secret_type },
		{ "Data", NUMBER, 0, configmap_data },
		{ "Age", TEXT, 0, cell_age },
	},
	[RESOURCE_NAMESPACES] = {
		{ "Name", TEXT, 0, cell_name },
		{ "Status", TEXT, 0, namespace_status },
		{ "Age", TEXT, 0, cell_age },
	},
	[RESOURCE_EVENTS] = {
		{ "Last Seen", TEXT, 0, event_seen },
		{ "Type", TEXT, 0, event_type },
		{ "Reason", TEXT, 0, event_reason },
		{ "Object", TEXT, 0, event_object },
		{ "Message", TEXT, 0, event_message },
		{ "Name", TEXT, 1, cell_name },
	},
	[RESOURCE_LEASES] = {
		{ "Name", TEXT, 0, cell_name },
		{ "Holder", TEXT, 0, lease_holder },
		{ "Age", TEXT, 0, cell_age },
	},
};

static json_t *definitions(const struct column *column)
{
	json_t *list = json_array();
	int bad = 0;

	for (; column->name; column++)
		bad |= json_array_append_new(list, json_pack(
			"{s:s,s:s,s:s,s:s,s:i}", "name", column->name,
			"type", column->type,
			"format", strcmp(column->name, "Name") ? "" : "name",
			"description", column->name,
			"priority", column->priority));
	if (!bad)
		return list;
	json_decref(list);
	return NULL;
}

static json_t *cells(const struct column *column, const json_t *object)
{
	json_t *list = json_array();
	int bad = 0;

	for (; column->name; column++)
		bad |= json_array_append_new(list, column->cell(object));
	if (!bad)
		return list;
	json_decref(list);
	return NULL;
}

static json_t *partial(const json_t *object)
{
	return json_pack("{s:s,s:s,s:O}", "kind", "PartialObjectMetadata",
			 "apiVersion", "meta.k8s.io/v1", "metadata",
			 json_at(object, "metadata"));
}

/* An item of a list has no kind of its own; as a row's object it has. */
static json_t *whole(const struct resource *resource, const json_t *object)
{
	return object_in_order(resource, json_deep_copy(object));
}

static json_t *row(const struct resource *resource, const json_t *object,
		   enum table_include include)
{
	const struct column *column = columns[resource_index(resource)];
	json_t *shown = include == TABLE_METADATA ? partial(object)
		: include == TABLE_OBJECT ? whole(resource, object)
		: json_null();

	return json_pack("{s:o,s:o}", "cells", cells(column, object),
			 "object", shown);
}

/* metadata of a Table: that of the list, or the object's version alone. */
static json_t *table_metadata(const json_t *object)
{
	if (json_object_get(object, "items"))
		return json_incref(json_object_get(object, "metadata"));
	return json_pack("{s:s}", "resourceVersion",
			 json_text(object, "metadata/resourceVersion", ""));
}

json_t *table_of(const struct resource *resource, const json_t *object,
		 enum table_include include, bool with_columns)
{
	const struct column *column = columns[resource_index(resource)];
	const json_t *items = json_object_get(object, "items"), *item;
	json_t *rows = json_array();
	int bad = 0;
	size_t i;

	json_array_foreach(items, i, item)
		bad |= json_array_append_new(rows,
					     row(resource, item, include));
	if (!items)
		bad |= json_array_append_new(rows,
					     row(resource, object, include));
	if (bad) {
		json_decref(rows);
		return NULL;
	}
	return json_pack("{s:s,s:s,s:o,s:o,s:o}", "kind", "Table",
			 "apiVersion", "meta.k8s.io/v1", "metadata",
			 table_metadata(object), "columnDefinitions",
			 with_columns ? definitions(column) : json_null(),
			 "rows", rows);
}

json_t *table_metadata_of(const json_t *object)
{
	const json_t *items = json_object_get(object, "items"), *item;
	json_t *list;
	int bad = 0;
	size_t i;

	if (!items)
		return partial(object);
	list = json_array();
	json_array_foreach(items, i, item)
		bad |= json_array_append_new(list, partial(item));
	if (bad) {
		json_decref(list);
		return NULL;
	}
	return json_pack("{s:s,s:s,s:O,s:o}", "kind",
			 "PartialObjectMetadataList", "apiVersion",
			 "meta.k8s.io/v1", "metadata",
			 json_object_get(object, "metadata"), "items", list);
}
