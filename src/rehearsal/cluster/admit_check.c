/*
 * What the API refuses. Each check appends causes to one list; all are made
 * before the answer is, as Kubernetes does.
 */
#include "rehearsal/cluster/admit_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "rehearsal/cluster/admit.h"
#include "rehearsal/cluster/admit_names.h"
#include "rehearsal/cluster/cause.h"
#include "rehearsal/cluster/object.h"
#include "rehearsal/cluster/resource.h"
#include "rehearsal/cluster/status.h"

#define BAD_CONFIG_KEY \
	"a valid config key must consist of alphanumeric characters, '-', " \
	"'_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex " \
	"used for validation is '[-._a-zA-Z0-9]+')"
#define BAD_NAME \
	"a lowercase RFC 1123 subdomain must consist of lower case " \
	"alphanumeric characters, '-' or '.', and must start and end with an " \
	"alphanumeric character (e.g. 'example.com', regex used for " \
	"validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]" \
	"([-a-z0-9]*[a-z0-9])?)*')"

static void check_metadata(json_t *causes, const json_t *object,
			   const json_t *before)
{
	const json_t *name = json_at(object, "metadata/name");
	const json_t *uid = json_at(object, "metadata/uid");

	if (!*object_name(object))
		cause_required(causes, "metadata.name",
			       "name or generateName is required");
	else if (!name_is_subdomain(object_name(object)))
		cause_invalid(causes, "metadata.name", name, BAD_NAME);
	cause_labels(causes, "metadata.labels",
		     json_at(object, "metadata/labels"));
	if (before && *object_uid(object) &&
	    strcmp(object_uid(object), object_uid(before)))
		cause_invalid(causes, "metadata.uid", uid,
			      "field is immutable");
}

static void check_port(json_t *causes, const json_t *port, size_t index,
		       const char *member)
{
	const json_t *value = json_object_get(port, member);
	json_int_t number = json_integer_value(value);
	char field[CAUSE_FIELD_MAX];

	snprintf(field, sizeof(field), "spec.ports[%zu].%s", index, member);
	if (!value)
		cause_required(causes, field, "");
	else if (json_is_integer(value) && (number < 1 || number > 65535))
		cause_invalid(causes, field, value,
			      "must be between 1 and 65535, inclusive");
}

static void check_service(json_t *causes, const json_t *object,
			  const json_t *before)
{
	const json_t *ports = json_at(object, "spec/ports"), *port;
	const json_t *ip = json_at(object, "spec/clusterIP");
	const char *type = json_text(object, "spec/type", "");
	char field[CAUSE_FIELD_MAX];
	size_t i;

	if (!json_array_size(ports) &&
	    strcmp(json_text(object, "spec/clusterIP", ""), "None"))
		cause_required(causes, "spec.ports", "");
	json_array_foreach(ports, i, port) {
		check_port(causes, port, i, "port");
		check_port(causes, port, i, "targetPort");
		snprintf(field, sizeof(field), "spec.ports[%zu].name", i);
		if (json_array_size(ports) > 1 &&
		    !*json_text(port, "name", ""))
			cause_required(causes, field, "");
	}
	cause_duplicates(causes, ports, "spec.ports");
	if (strcmp(type, "ClusterIP") && strcmp(type, "NodePort") &&
	    strcmp(type, "LoadBalancer") && strcmp(type, "ExternalName"))
		cause_unsupported(causes, "spec.type",
				  json_at(object, "spec/type"),
				  "\"ClusterIP\", \"ExternalName\", "
				  "\"LoadBalancer\", \"NodePort\"");
	cause_labels(causes, "spec.selector",
		     json_at(object, "spec/selector"));
	if (before && !json_equal(ip, json_at(before, "spec/clusterIP")))
		cause_invalid(causes, "spec.clusterIPs[0]",
			      json_at(object, "spec/clusterIPs"),
			      "may not change once set");
}

/* Go's time.RFC3339 with or without a fraction, which a MicroTime takes. */
static void check_time(json_t *causes, const json_t *spec, const char *member,
		       const char *field)
{
	const json_t *value = json_object_get(spec, member);
	const char *text = json_string_value(value);
	int date[6], used = 0;

	if (!text || (sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d%n", &date[0],
			     &date[1], &date[2], &date[3], &date[4], &date[5],
			     &used) == 6 && strpbrk(text + used, "Z+-")))
		return;
	cause_invalid(causes, field, value, "must be a time in RFC 3339");
}

static void check_lease(json_t *causes, const json_t *object,
			const json_t *before)
{
	const json_t *spec = json_object_get(object, "spec");
	const json_t *lasts = json_object_get(spec, "leaseDurationSeconds");
	const json_t *hands = json_object_get(spec, "leaseTransitions");

	(void)before;
	if (json_is_integer(lasts) && json_integer_value(lasts) <= 0)
		cause_invalid(causes, "spec.leaseDurationSeconds", lasts,
			      "must be greater than 0");
	if (json_is_integer(hands) && json_integer_value(hands) < 0)
		cause_invalid(causes, "spec.leaseTransitions", hands,
			      "must be greater than or equal to 0");
	check_time(causes, spec, "acquireTime", "spec.acquireTime");
	check_time(causes, spec, "renewTime", "spec.renewTime");
}

/* ConfigMaps and Secrets. */
static void check_data(json_t *causes, const json_t *object,
		       const json_t *before)
{
	const char *key;
	json_t *value;
	char field[CAUSE_FIELD_MAX];

	(void)before;
	json_object_foreach(json_object_get(object, "data"), key, value) {
		json_t *shown = json_string(key);

		snprintf(field, sizeof(field), "data[%.200s]", key);
		if (!name_is_config_key(key))
			cause_invalid(causes, field, shown, BAD_CONFIG_KEY);
		json_decref(shown);
	}
}

int admit_check(const struct resource *resource, const json_t *object,
		const json_t *before, struct answer *answer)
{
	static void (*const checks[RESOURCE_COUNT])(json_t *, const json_t *,
						    const json_t *) = {
		[RESOURCE_DEPLOYMENTS] = admit_check_deployment,
		[RESOURCE_REPLICASETS] = admit_check_replicaset,
		[RESOURCE_PODS] = admit_check_pod,
		[RESOURCE_SERVICES] = check_service,
		[RESOURCE_LEASES] = check_lease,
		[RESOURCE_CONFIGMAPS] = check_data,
		[RESOURCE_SECRETS] = check_data,
	};
	json_t *causes = json_array();

	if (!causes) {
		answer_set(answer, 500, NULL);
		return -1;
	}
	check_metadata(causes, object, before);
	if (checks[resource_index(resource)])
		checks[resource_index(resource)](causes, object, before);
	if (!json_array_size(causes)) {
		json_decref(causes);
		return 0;
	}
	status_invalid(answer, resource, object_name(object), causes);
	return -1;
}
