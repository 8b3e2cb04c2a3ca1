/*
 * See deployment.h: the replica set of a Deployment's present template, as the
 * Deployment says it should be, but for its size.
 */
#include "rehearsal/cluster/deployment.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "rehearsal/cluster/object.h"
#include "rehearsal/cluster/resource.h"
#include "rehearsal/cluster/rollout.h"
#include "rehearsal/cluster/store.h"
#include "rehearsal/cluster/write.h"

#define NAME_TEXT_MAX 320
#define HISTORY_MAX 2000        /* characters of old revisions */

static const struct resource *sets_resource(void)
{
	return resource_at(RESOURCE_REPLICASETS);
}

static int64_t max_old_revision(const struct family *family)
{
	int64_t max = 0;

	for (size_t i = 0; i < family->old_count; i++)
		if (family_revision(family->old[i]) > max)
			max = family_revision(family->old[i]);
	return max;
}

/* Kubernetes' own notes, and what kubectl keeps of the Deployment itself. */
static bool is_own_note(const char *key)
{
	static const char *const keys[] = {
		"kubectl.kubernetes.io/last-applied-configuration",
		"deployment.kubernetes.io/revision",
		"deployment.kubernetes.io/revision-history",
		"deployment.kubernetes.io/desired-replicas",
		"deployment.kubernetes.io/max-replicas",
		"deprecated.deployment.rollback.to",
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (!strcmp(key, keys[i]))
			return true;
	return false;
}

/* A set carries its Deployment's annotations: `kubectl rollout undo` brings
 * them back from there, and `history` shows the cause of a change. */
static int copy_annotations(json_t *set, const json_t *deployment)
{
	json_t *from = json_at(deployment, "metadata/annotations"), *value;
	const char *key;
	int bad = 0;

	if (!json_at(set, "metadata/annotations"))
		bad |= object_set(set, "metadata/annotations", json_object());
	json_object_foreach(from, key, value)
		if (!is_own_note(key))
			bad |= json_object_set(json_at(
				set, "metadata/annotations"), key, value);
	return bad;
}

/* A set that is taken up again remembers which revisions it was. */
static int remember_revision(json_t *set, int64_t old)
{
	const char *known = json_text(set, DEPLOYMENT_HISTORY, "");

	if (strlen(known) > HISTORY_MAX)
		known = strchr(known + strlen(known) - HISTORY_MAX, ',');
	known = known ? known + (*known == ',') : "";
	return object_set(set, DEPLOYMENT_HISTORY,
			  json_sprintf("%s%s%lld", known, *known ? "," : "",
				       (long long)old));
}

/* Everything that a set has from its Deployment and that may change. */
static int dress(json_t *set, const struct family *family)
{
	json_t *seconds = json_at(family->deployment, "spec/minReadySeconds");
	int64_t revision = max_old_revision(family) + 1;
	int64_t old = family_revision(set);
	int bad = copy_annotations(set, family->deployment);

	if (json_integer_value(seconds))
		bad |= object_set(set, "spec/minReadySeconds",
				  json_incref(seconds));
	else
		object_unset(set, "spec/minReadySeconds");
	if (old >= revision)
		return bad;
	if (old)
		bad |= remember_revision(set, old);
	return bad | object_set(set, DEPLOYMENT_REVISION, json_sprintf(
		"%lld", (long long)revision));
}

static json_t *new_set(const struct family *family,
		       const struct rollout *rollout, const char *hash)
{
	const json_t *deployment = family->deployment;
	const json_t *template = json_at(deployment, "spec/template");
	char name[NAME_TEXT_MAX];
	json_t *set;
	int bad;

	snprintf(name, sizeof(name), "%s-%s", object_name(deployment), hash);
	set = json_pack("{s:{s:s,s:s,s:o*,s:o},s:{s:i,s:o,s:o}}",
			"metadata", "name", name,
			"namespace", object_ns(deployment), "labels",
			json_deep_copy(json_at(template, "metadata/labels")),
			"ownerReferences",
			object_owners(resource_at(RESOURCE_DEPLOYMENTS),
				      deployment),
			"spec", "replicas", 0, "selector",
			json_deep_copy(json_at(deployment, "spec/selector")),
			"template", json_deep_copy(template));
	bad = object_set(set, DEPLOYMENT_HASH, json_string(hash));
	bad |= object_set(set, "spec/selector/matchLabels/pod-template-hash",
			  json_string(hash));
	bad |= object_set(set, "spec/template/" DEPLOYMENT_HASH,
			  json_string(hash));
	bad |= object_set(set, "status/replicas", json_integer(0));
	bad |= bad ? 0 : dress(set, family);
	bad |= bad ? 0 : deployment_note_size(set, rollout);
	if (!bad)
		return set;
	json_decref(set);
	return NULL;
}

/* Another's set has the name: the next hash is made with this count. */
static int count_collision(struct store *store, const json_t *deployment)
{
	struct writer writer = { .manager = WRITE_CONTROLLER,
				 .subresource = "status" };
	int64_t count = json_number(deployment, "status/collisionCount", 0);
	json_t *copy = json_deep_copy(deployment);

	if (object_set(copy, "status/collisionCount",
		       json_integer(count + 1))) {
		json_decref(copy);
		return -1;
	}
	return write_change(store, resource_at(RESOURCE_DEPLOYMENTS), copy,
			    (json_t *)deployment, &writer) ? 0 : -1;
}

static int make_set(struct store *store, const struct family *family,
		    const struct rollout *rollout, bool *created)
{
	struct writer writer = { .manager = WRITE_CONTROLLER,
				 .subresource = "" };
	const json_t *deployment = family->deployment;
	char hash[OBJECT_HASH_MAX];
	json_t *set;

	object_template_hash(json_at(deployment, "spec/template"),
			     json_number(deployment, "status/collisionCount",
					 0), hash);
	set = *hash ? new_set(family, rollout, hash) : NULL;
	if (set && store_get(store, sets_resource(), object_ns(set),
			     object_name(set))) {
		json_decref(set);
		return count_collision(store, deployment);
	}
	*created = set && write_new(store, sets_resource(), set, &writer);
	return *created ? 0 : -1;
}

int deployment_sync_set(struct store *store, const struct family *family,
			const struct rollout *rollout, bool make,
			bool *created)
{
	struct writer writer = { .manager = WRITE_CONTROLLER,
				 .subresource = "" };
	json_t *copy;

	*created = false;
	if (!family->fresh)
		return make ? make_set(store, family, rollout, created) : 0;
	copy = json_deep_copy(family->fresh);
	if (!copy || dress(copy, family)) {
		json_decref(copy);
		return -1;
	}
	return write_change(store, sets_resource(), copy, family->fresh,
			    &writer) ? 0 : -1;
}
