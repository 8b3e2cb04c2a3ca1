/* What the API refuses of pods, and of what makes pods. */
#include "rehearsal/cluster/admit_private.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "rehearsal/cluster/cause.h"
#include "rehearsal/cluster/selector.h"

/* A variable has a value or a source of one. */
static void check_env(json_t *causes, const json_t *list, const char *prefix)
{
	json_t *nothing = json_string("");
	char field[CAUSE_FIELD_MAX];
	const json_t *variable;
	size_t i;

	json_array_foreach(list, i, variable) {
		const json_t *from = json_object_get(variable, "valueFrom");

		snprintf(field, sizeof(field), "%.200s.env[%zu].name",
			 prefix, i);
		if (!*json_text(variable, "name", ""))
			cause_required(causes, field, "");
		snprintf(field, sizeof(field), "%.200s.env[%zu].valueFrom", prefix,
			 i);
		if (from && !json_object_size(from))
			cause_invalid(causes, field, nothing,
				      "must specify one of: `fieldRef`, "
				      "`resourceFieldRef`, `configMapKeyRef`, "
				      "`secretKeyRef` or `fileKeyRef`");
		else if (from && *json_text(variable, "value", ""))
			cause_invalid(causes, field, nothing, "may not be "
				      "specified when `value` is not empty");
		else if (json_object_size(from) > 1)
			cause_invalid(causes, field, nothing, "may not have "
				      "more than one field specified at a "
				      "time");
	}
	json_decref(nothing);
}

static void check_containers(json_t *causes, const json_t *spec,
			     const char *prefix)
{
	const json_t *containers = json_at(spec, "containers");
	const json_t *container;
	char field[CAUSE_FIELD_MAX];
	size_t i;

	snprintf(field, sizeof(field), "%s.containers", prefix);
	if (!json_array_size(containers))
		cause_required(causes, field, "");
	cause_duplicates(causes, containers, field);
	json_array_foreach(containers, i, container) {
		snprintf(field, sizeof(field), "%s.containers[%zu].name",
			 prefix, i);
		if (!*json_text(container, "name", ""))
			cause_required(causes, field, "");
		snprintf(field, sizeof(field), "%s.containers[%zu].image",
			 prefix, i);
		if (!*json_text(container, "image", ""))
			cause_required(causes, field, "");
		snprintf(field, sizeof(field), "%s.containers[%zu]", prefix,
			 i);
		check_env(causes, json_object_get(container, "env"), field);
	}
}

/* What Deployments and ReplicaSets have in common. */
static void check_workload(json_t *causes, const json_t *object)
{
	const json_t *selector = json_at(object, "spec/selector");
	const json_t *labels = json_at(object,
				       "spec/template/metadata/labels");

	cause_negative(causes, object, "spec/replicas", "spec.replicas");
	if (!selector)
		cause_required(causes, "spec.selector", "");
	cause_labels(causes, "spec.selector.matchLabels",
		     json_at(selector, "matchLabels"));
	/* of a replica set too, the API says "deployment" */
	if (selector && !json_object_size(json_at(selector, "matchLabels")) &&
	    !json_array_size(json_at(selector, "matchExpressions")))
		cause_invalid(causes, "spec.selector", selector,
			      "empty selector is invalid for deployment");
	cause_labels(causes, "spec.template.labels", labels);
	if (selector && !selector_object_matches(selector, labels))
		cause_invalid(causes, "spec.template.metadata.labels", labels,
			      "`selector` does not match template `labels`");
	check_containers(causes, json_at(object, "spec/template/spec"),
			 "spec.template.spec");
}

static void check_selector_stays(json_t *causes, const json_t *object,
				 const json_t *before)
{
	json_t *selector = json_at(object, "spec/selector");

	if (before && !json_equal(selector, json_at(before, "spec/selector")))
		cause_invalid(causes, "spec.selector", selector,
			      "field is immutable");
}

void admit_check_replicaset(json_t *causes, const json_t *object,
			    const json_t *before)
{
	check_workload(causes, object);
	check_selector_stays(causes, object, before);
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

static void check_rolling(json_t *causes, const json_t *rolling)
{
	const json_t *unavailable = json_at(rolling, "maxUnavailable");
	const json_t *surge = json_at(rolling, "maxSurge");
	const char *why = "a valid percent string must be a numeric string "
			  "followed by an ending '%'";
	const char *field = "spec.strategy.rollingUpdate.maxUnavailable";

	if (!is_share(unavailable))
		cause_invalid(causes, field, unavailable, why);
	if (!is_share(surge))
		cause_invalid(causes, "spec.strategy.rollingUpdate.maxSurge",
			      surge, why);
	if (is_zero_share(unavailable) && is_zero_share(surge))
		cause_invalid(causes, field, unavailable,
			      "may not be 0 when `maxSurge` is 0");
}

static void check_strategy(json_t *causes, const json_t *strategy)
{
	const json_t *rolling = json_object_get(strategy, "rollingUpdate");
	const char *type = json_text(strategy, "type", "");
	json_t *shown;

	if (!strcmp(type, "RollingUpdate"))
		return check_rolling(causes, rolling);
	if (!strcmp(type, "Recreate")) {
		if (rolling)
			cause_forbidden(causes, "spec.strategy.rollingUpdate",
					"may not be specified when strategy "
					"`type` is 'Recreate'");
		return;
	}
	/* the whole of it, as Go prints what the API makes of it inside */
	shown = json_pack("{s:s,s:O?}", "Type", type, "RollingUpdate",
			  rolling);
	cause_unsupported(causes, "spec.strategy", shown,
			  "\"Recreate\", \"RollingUpdate\"");
	json_decref(shown);
}

void admit_check_deployment(json_t *causes, const json_t *object,
			    const json_t *before)
{
	const json_t *limit = json_at(object, "spec/progressDeadlineSeconds");

	check_workload(causes, object);
	check_strategy(causes, json_at(object, "spec/strategy"));
	cause_negative(causes, object, "spec/minReadySeconds",
		       "spec.minReadySeconds");
	cause_negative(causes, object, "spec/revisionHistoryLimit",
		       "spec.revisionHistoryLimit");
	cause_negative(causes, object, "spec/progressDeadlineSeconds",
		       "spec.progressDeadlineSeconds");
	if (limit && json_integer_value(limit) <=
			     json_number(object, "spec/minReadySeconds", 0))
		cause_invalid(causes, "spec.progressDeadlineSeconds", limit,
			      "must be greater than minReadySeconds");
	check_selector_stays(causes, object, before);
}

void admit_check_pod(json_t *causes, const json_t *object,
		     const json_t *before)
{
	static const char *const fixed[] = { "env", "ports", "command",
					     "args" };

	check_containers(causes, json_at(object, "spec"), "spec");
	for (size_t i = 0; before && i < sizeof(fixed) / sizeof(*fixed); i++) {
		char path[CAUSE_FIELD_MAX];
		json_t *a, *b;

		snprintf(path, sizeof(path), "spec/containers/0/%s", fixed[i]);
		a = json_at(object, path);
		b = json_at(before, path);
		if (a == b || json_equal(a, b))
			continue;
		cause_forbidden(causes, "spec", "pod updates may not change "
				"fields other than "
				"`spec.containers[*].image`,"
				"`spec.initContainers[*].image`,"
				"`spec.activeDeadlineSeconds`,"
				"`spec.tolerations` (only additions to "
				"existing tolerations),"
				"`spec.terminationGracePeriodSeconds` (allow "
				"it to be set to 1 if it was previously "
				"negative)");
		return;
	}
}
