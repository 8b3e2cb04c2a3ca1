/*
 * What a Deployment reports: the counts, and the conditions Available and
 * Progressing in the words by which people and `kubectl rollout status` know
 * them.
 */
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "rehearsal/cluster/controller.h"
#include "rehearsal/cluster/deployment.h"
#include "rehearsal/cluster/object.h"
#include "rehearsal/cluster/resource.h"
#include "rehearsal/cluster/rollout.h"
#include "rehearsal/cluster/store.h"
#include "rehearsal/cluster/write.h"

struct counts {
	int64_t replicas, updated, ready, available, terminating;
};

static void add_set(struct counts *counts, const json_t *set)
{
	const json_t *status = json_at(set, "status");

	counts->replicas += json_number(status, "replicas", 0);
	counts->ready += json_number(status, "readyReplicas", 0);
	counts->available += json_number(status, "availableReplicas", 0);
	counts->terminating += json_number(status, "terminatingReplicas", 0);
}

static struct counts count_all(const struct family *family)
{
	struct counts counts = {
		.updated = json_number(family->fresh, "status/replicas", 0),
	};

	add_set(&counts, family->fresh);
	for (size_t i = 0; i < family->old_count; i++)
		add_set(&counts, family->old[i]);
	return counts;
}

static int set_count(json_t *object, const char *path, int64_t count)
{
	if (count)
		return object_set(object, path, json_integer(count));
	object_unset(object, path);
	return 0;
}

static int set_counts(json_t *object, const struct counts *counts,
		      int64_t desired)
{
	int64_t generation = json_number(object, "metadata/generation", 1);
	int64_t total = counts->replicas > desired ? counts->replicas
						   : desired;
	int64_t missing = total - counts->available;
	int bad;

	bad = object_set(object, "status/observedGeneration",
			 json_integer(generation));
	bad |= set_count(object, "status/replicas", counts->replicas);
	bad |= set_count(object, "status/updatedReplicas", counts->updated);
	bad |= set_count(object, "status/readyReplicas", counts->ready);
	bad |= set_count(object, "status/availableReplicas",
			 counts->available);
	bad |= set_count(object, "status/unavailableReplicas",
			 missing > 0 ? missing : 0);
	return bad | object_set(object, "status/terminatingReplicas",
				json_integer(counts->terminating));
}

/* Sets a condition whose lastUpdateTime moves if anything of it differs, or
 * if progress was made. */
static int set_condition(json_t *object, const char *type, const char *status,
			 const char *reason, json_t *message, bool moved)
{
	const json_t *old = object_find_condition(object, type);
	const char *text = json_text(message, "", "");
	json_t *when = json_at(old, "lastUpdateTime");
	json_t *extra;

	moved |= strcmp(json_text(old, "status", ""), status) ||
		 strcmp(json_text(old, "reason", ""), reason) ||
		 strcmp(json_text(old, "message", ""), text);
	extra = json_pack("{s:o,s:s,s:O}", "lastUpdateTime",
			  moved || !when ? object_now() : json_incref(when),
			  "reason", reason, "message", message);
	json_decref(message);
	return extra ? object_set_condition(object, type, status, extra) : -1;
}

static int set_available(json_t *object, const struct rollout *rollout,
			 const struct counts *counts)
{
	bool enough = counts->available >=
		      rollout->desired - rollout->unavailable;

	return set_condition(
		object, "Available", enough ? "True" : "False",
		enough ? "MinimumReplicasAvailable"
		       : "MinimumReplicasUnavailable",
		json_string(enough
			? "Deployment has minimum availability."
			: "Deployment does not have minimum availability."),
		false);
}

static bool is_complete(const struct counts *counts, int64_t desired)
{
	return counts->updated == desired && counts->replicas == desired &&
	       counts->available == desired;
}

/* More of the new, less of the old, more that serve: things move. */
static bool has_progressed(const json_t *before, const struct counts *counts)
{
	const json_t *status = json_at(before, "status");
	int64_t replicas = json_number(status, "replicas", 0);
	int64_t updated = json_number(status, "updatedReplicas", 0);

	return counts->updated > updated ||
	       counts->replicas - counts->updated < replicas - updated ||
	       counts->ready > json_number(status, "readyReplicas", 0) ||
	       counts->available > json_number(status, "availableReplicas",
					       0);
}

/* No progress for progressDeadlineSeconds; a round is asked for at its end. */
static bool is_late(struct round *round, const json_t *deployment,
		    const json_t *condition)
{
	int64_t limit = json_number(deployment,
				    "spec/progressDeadlineSeconds", 600);
	int64_t since = object_time_ms(json_text(condition, "lastUpdateTime",
						 ""));
	int64_t left = since + limit * 1000 - round->now;

	if (left > 0)
		round_due(round, left);
	return since && left <= 0;
}

static int set_progressing(struct round *round, const struct family *family,
			   json_t *object, const struct counts *counts,
			   int64_t desired, bool created)
{
	const json_t *old = object_find_condition(object, "Progressing");
	const char *reason = json_text(old, "reason", "");
	const char *name = object_name(family->fresh);
	bool settled = !strcmp(reason, "NewReplicaSetAvailable");
	bool moved = has_progressed(family->deployment, counts);

	if (json_flag(object, "spec/paused", false))
		return !strcmp(reason, "ProgressDeadlineExceeded") ? 0 :
		       set_condition(object, "Progressing", "Unknown",
				     "DeploymentPaused",
				     json_string("Deployment is paused"),
				     false);
	if (created)
		return set_condition(object, "Progressing", "True",
				     "NewReplicaSetCreated",
				     json_sprintf("Created new replica set "
						  "\"%s\"", name), true);
	/* the time of the pause does not count */
	if (!strcmp(reason, "DeploymentPaused"))
		return set_condition(object, "Progressing", "Unknown",
				     "DeploymentResumed",
				     json_string("Deployment is resumed"),
				     true);
	if (settled && counts->replicas == counts->updated)
		return 0;
	if (is_complete(counts, desired))
		return set_condition(object, "Progressing", "True",
				     "NewReplicaSetAvailable",
				     json_sprintf("ReplicaSet \"%s\" has "
						  "successfully progressed.",
						  name), moved);
	if (moved || settled || !old)
		return set_condition(object, "Progressing", "True",
				     "ReplicaSetUpdated",
				     json_sprintf("ReplicaSet \"%s\" is "
						  "progressing.", name),
				     true);
	if (!is_late(round, family->deployment, old))
		return 0;
	return set_condition(object, "Progressing", "False",
			     "ProgressDeadlineExceeded",
			     json_sprintf("ReplicaSet \"%s\" has timed out "
					  "progressing.", name), false);
}

int deployment_report(struct round *round, const struct family *family,
		      bool created)
{
	const struct resource *resource = resource_at(RESOURCE_DEPLOYMENTS);
	struct writer writer = { .manager = WRITE_CONTROLLER,
				 .subresource = "status" };
	struct counts counts = count_all(family);
	json_t *copy = json_deep_copy(family->deployment);
	struct rollout rollout;
	int bad;

	family_count(family, &rollout);
	bad = set_counts(copy, &counts, rollout.desired);
	bad |= bad ? 0 : set_available(copy, &rollout, &counts);
	bad |= bad ? 0 : set_progressing(round, family, copy, &counts,
					 rollout.desired, created);
	if (bad) {
		json_decref(copy);
		return -1;
	}
	return write_change(round->store, resource, copy,
			    (json_t *)family->deployment, &writer) ? 0 : -1;
}
