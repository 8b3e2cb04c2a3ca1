/*
 * The columns of each resource: a table of name, type, priority and the
 * function that makes the cell.
 */
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "rehearsal/cluster/cell.h"
#include "rehearsal/cluster/object.h"
#include "rehearsal/cluster/resource.h"

#define COLUMNS_MAX 10

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
	age = cell_since(last);
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
	return cell_absent();
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
		if (buf_printf(&buf, "%s%lld/%s", i ? "," : "",
			       (long long)json_number(port, "port", 0),
			       json_text(port, "protocol", "TCP")))
			break;
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
		if (buf_printf(&buf, "%s%lld", i ? "," : "",
			       (long long)json_number(port, "port", 0)))
			break;
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

	return cell_since(stamp ? stamp : json_text(object, "eventTime", ""));
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

/* --- columns ---------------------------------------------------------- */

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

const struct column *column_table(const struct resource *resource)
{
	return columns[resource_index(resource)];
}
