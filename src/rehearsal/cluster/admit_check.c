/*
 * What the API refuses. Each check appends causes to one list; all are made
 * before the answer is, as Kubernetes does.
 */
#include "rehearsal/cluster/admit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "rehearsal/cluster/admit_names.h"
#include "rehearsal/cluster/object.h"
#include "rehearsal/cluster/resource.h"
#include "rehearsal/cluster/selector.h"
#include "rehearsal/cluster/status.h"

#define FIELD_MAX 256

#define BAD_LABEL_VALUE \
	"a valid label must be an empty string or consist of alphanumeric " \
	"characters, '-', '_' or '.', and must start and end with an " \
	"alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345'" \
	", regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?" \
	"[A-Za-z0-9])?')"
#define BAD_LABEL_KEY \
	"name part must consist of alphanumeric characters, '-', '_' or '.', " \
	"and must start and end with an alphanumeric character (e.g. " \
	"'MyName',  or 'my.name',  or '123-abc', regex used for validation " \
	"is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
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

/* A cause with a value shown as JSON. */
static void invalid(json_t *causes, const char *field, const json_t *value,
		    const char *why)
{
	char *shown = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY |
					JSON_SORT_KEYS);

	status_cause(causes, "FieldValueInvalid", field,
		     shown ? shown : "null", why);
	free(shown);
}

static void required(json_t *causes, const char *field, const char *why)
{
	char message[FIELD_MAX];

	snprintf(message, sizeof(message), "Required value%s%s",
		 *why ? ": " : "", why);
	status_cause(causes, "FieldValueRequired", field, NULL, message);
}

/* A map of labels (or a selector made of them). */
static void check_labels(json_t *causes, const char *field,
			 const json_t *labels)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)labels, key, value) {
		json_t *shown = json_string(key);

		if (!name_is_label_key(key))
			invalid(causes, field, shown, BAD_LABEL_KEY);
		json_decref(shown);
		if (json_is_string(value) &&
		    !name_is_label_value(json_string_value(value)))
			invalid(causes, field, value, BAD_LABEL_VALUE);
	}
}

static void check_metadata(json_t *causes, const json_t *object)
{
	const json_t *name = json_at(object, "metadata/name");

	if (!*object_name(object))
		required(causes, "metadata.name",
			 "name or generateName is required");
	else if (!name_is_subdomain(object_name(object)))
		invalid(causes, "metadata.name", name, BAD_NAME);
	check_labels(causes, "metadata.labels",
		     json_at(object, "metadata/labels"));
}

static void not_negative(json_t *causes, const json_t *object,
			 const char *path, const char *field)
{
	const json_t *value = json_at(object, path);

	if (json_is_integer(value) && json_integer_value(value) < 0)
		invalid(causes, field, value,
			"must be greater than or equal to 0");
}

/* A value that is none of those allowed. */
static void unsupported(json_t *causes, const char *field, const char *value,
			const char *allowed)
{
	char message[FIELD_MAX];

	snprintf(message, sizeof(message), "Unsupported value: \"%.60s\": "
		 "supported values: %s", value, allowed);
	status_cause(causes, "FieldValueNotSupported", field, NULL, message);
}

/* The names of a list's elements are not given twice. */
static void check_duplicates(json_t *causes, const json_t *list,
			     const char *prefix)
{
	char field[FIELD_MAX], message[FIELD_MAX];

	for (size_t i = 1; i < json_array_size(list); i++)
		for (size_t k = 0; k < i; k++) {
			const char *name = json_text(json_array_get(list, i),
						     "name", "");

			if (!*name ||
			    strcmp(name, json_text(json_array_get(list, k),
						   "name", "")))
				continue;
			snprintf(field, sizeof(field), "%s[%zu].name", prefix,
				 i);
			snprintf(message, sizeof(message),
				 "Duplicate value: \"%.100s\"", name);
			status_cause(causes, "FieldValueDuplicate", field,
				     NULL, message);
			break;
		}
}

static void check_containers(json_t *causes, const json_t *spec,
			     const char *prefix)
{
	const json_t *containers = json_at(spec, "containers");
	const json_t *container;
	char field[FIELD_MAX];
	size_t i;

	snprintf(field, sizeof(field), "%s.containers", prefix);
	if (!json_array_size(containers))
		required(causes, field, "");
	check_duplicates(causes, containers, field);
	json_array_foreach(containers, i, container) {
		snprintf(field, sizeof(field), "%s.containers[%zu].name",
			 prefix, i);
		if (!*json_text(container, "name", ""))
			required(causes, field, "");
		snprintf(field, sizeof(field), "%s.containers[%zu].image",
			 prefix, i);
		if (!*json_text(container, "image", ""))
			required(causes, field, "");
	}
}

/* What Deployments and ReplicaSets have in common. */
static void check_workload(json_t *causes, const json_t *object,
			   const json_t *before)
{
	const json_t *selector = json_at(object, "spec/selector");
	const json_t *labels = json_at(object,
				       "spec/template/metadata/labels");
	const json_t *old = json_at(before, "spec/selector");

	not_negative(causes, object, "spec/replicas", "spec.replicas");
	if (!selector)
		required(causes, "spec.selector", "");
	check_labels(causes, "spec.selector.matchLabels",
		     json_at(selector, "matchLabels"));
	check_labels(causes, "spec.template.labels", labels);
	if (selector && !selector_object_matches(selector, labels))
		invalid(causes, "spec.template.metadata.labels", labels,
			"`selector` does not match template `labels`");
	check_containers(causes, json_at(object, "spec/template/spec"),
			 "spec.template.spec");
	if (before && !json_equal(selector, old))
		invalid(causes, "spec.selector", selector,
			"field is immutable");
}

/* "25%" or 25; anything else is none. */
static bool is_share(const json_t *value)
{
	const char *text = json_string_value(value);
	char digits[16];
	int64_t percent;

	if (json_is_integer(value))
		return json_integer_value(value) >= 0;
	if (!text || !*text || text[strlen(text) - 1] != '%')
		return false;
	snprintf(digits, sizeof(digits), "%.*s", (int)strlen(text) - 1, text);
	return !text_parse_int(digits, 0, 1000, &percent);
}

static bool is_zero_share(const json_t *value)
{
	return json_is_integer(value) ? !json_integer_value(value)
				      : !strcmp(json_text(value, "", ""), "0%");
}

static void check_deployment(json_t *causes, const json_t *object,
			     const json_t *before)
{
	const json_t *rolling = json_at(object, "spec/strategy/rollingUpdate");
	const json_t *unavailable = json_at(rolling, "maxUnavailable");
	const json_t *surge = json_at(rolling, "maxSurge");
	const char *why = "a valid percent string must be a numeric string "
			  "followed by an ending '%'";

	check_workload(causes, object, before);
	not_negative(causes, object, "spec/minReadySeconds",
		     "spec.minReadySeconds");
	if (!rolling)
		return;
	if (!is_share(unavailable))
		invalid(causes, "spec.strategy.rollingUpdate.maxUnavailable",
			unavailable, why);
	if (!is_share(surge))
		invalid(causes, "spec.strategy.rollingUpdate.maxSurge", surge,
			why);
	if (is_zero_share(unavailable) && is_zero_share(surge))
		invalid(causes, "spec.strategy.rollingUpdate.maxUnavailable",
			unavailable, "may not be 0 when `maxSurge` is 0");
}

static void check_pod(json_t *causes, const json_t *object,
		      const json_t *before)
{
	static const char *const fixed[] = { "env", "ports", "command",
					     "args" };

	check_containers(causes, json_at(object, "spec"), "spec");
	for (size_t i = 0; before && i < sizeof(fixed) / sizeof(*fixed); i++) {
		char path[FIELD_MAX];
		json_t *a, *b;

		snprintf(path, sizeof(path), "spec/containers/0/%s", fixed[i]);
		a = json_at(object, path);
		b = json_at(before, path);
		if (a == b || json_equal(a, b))
			continue;
		status_cause(causes, "FieldValueForbidden", "spec", NULL,
			     "Forbidden: pod updates may not change fields "
			     "other than `spec.containers[*].image`,"
			     "`spec.initContainers[*].image`,"
			     "`spec.activeDeadlineSeconds`,"
			     "`spec.tolerations` (only additions to existing "
			     "tolerations),`spec.terminationGracePeriodSeconds`"
			     " (allow it to be set to 1 if it was previously "
			     "negative)");
		return;
	}
}

static void check_port(json_t *causes, const json_t *port, size_t index,
		       const char *member)
{
	const json_t *value = json_object_get(port, member);
	json_int_t number = json_integer_value(value);
	char field[FIELD_MAX];

	snprintf(field, sizeof(field), "spec.ports[%zu].%s", index, member);
	if (!value)
		required(causes, field, "");
	else if (json_is_integer(value) && (number < 1 || number > 65535))
		invalid(causes, field, value,
			"must be between 1 and 65535, inclusive");
}

static void check_service(json_t *causes, const json_t *object,
			  const json_t *before)
{
	const json_t *ports = json_at(object, "spec/ports"), *port;
	const json_t *ip = json_at(object, "spec/clusterIP");
	const char *type = json_text(object, "spec/type", "");
	char field[FIELD_MAX];
	size_t i;

	if (!json_array_size(ports) &&
	    strcmp(json_text(object, "spec/clusterIP", ""), "None"))
		required(causes, "spec.ports", "");
	json_array_foreach(ports, i, port) {
		check_port(causes, port, i, "port");
		check_port(causes, port, i, "targetPort");
		snprintf(field, sizeof(field), "spec.ports[%zu].name", i);
		if (json_array_size(ports) > 1 &&
		    !*json_text(port, "name", ""))
			required(causes, field, "");
	}
	check_duplicates(causes, ports, "spec.ports");
	if (strcmp(type, "ClusterIP") && strcmp(type, "NodePort") &&
	    strcmp(type, "LoadBalancer") && strcmp(type, "ExternalName"))
		unsupported(causes, "spec.type", type,
			    "\"ClusterIP\", \"ExternalName\", "
			    "\"LoadBalancer\", \"NodePort\"");
	check_labels(causes, "spec.selector",
		     json_at(object, "spec/selector"));
	if (before && !json_equal(ip, json_at(before, "spec/clusterIP")))
		invalid(causes, "spec.clusterIPs[0]",
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
	invalid(causes, field, value, "must be a time in RFC 3339");
}

static void check_lease(json_t *causes, const json_t *object,
			const json_t *before)
{
	const json_t *spec = json_object_get(object, "spec");
	const json_t *lasts = json_object_get(spec, "leaseDurationSeconds");
	const json_t *hands = json_object_get(spec, "leaseTransitions");

	(void)before;
	if (json_is_integer(lasts) && json_integer_value(lasts) <= 0)
		invalid(causes, "spec.leaseDurationSeconds", lasts,
			"must be greater than 0");
	if (json_is_integer(hands) && json_integer_value(hands) < 0)
		invalid(causes, "spec.leaseTransitions", hands,
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
	char field[FIELD_MAX];

	(void)before;
	json_object_foreach(json_object_get(object, "data"), key, value) {
		json_t *shown = json_string(key);

		snprintf(field, sizeof(field), "data[%.200s]", key);
		if (!name_is_config_key(key))
			invalid(causes, field, shown, BAD_CONFIG_KEY);
		json_decref(shown);
	}
}

int admit_check(const struct resource *resource, const json_t *object,
		const json_t *before, struct answer *answer)
{
	static void (*const checks[RESOURCE_COUNT])(json_t *, const json_t *,
						    const json_t *) = {
		[RESOURCE_DEPLOYMENTS] = check_deployment,
		[RESOURCE_REPLICASETS] = check_workload,
		[RESOURCE_PODS] = check_pod,
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
	check_metadata(causes, object);
	if (checks[resource_index(resource)])
		checks[resource_index(resource)](causes, object, before);
	if (!json_array_size(causes)) {
		json_decref(causes);
		return 0;
	}
	status_invalid(answer, resource, object_name(object), causes);
	return -1;
}
