/* See deployment.h: which replica sets belong to a Deployment, and what they
 * want and have. */
#include "rehearsal/cluster/deployment.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "rehearsal/cluster/object.h"
#include "rehearsal/cluster/resource.h"
#include "rehearsal/cluster/rollout.h"
#include "rehearsal/cluster/store.h"

/* A copy without the hash, which a person may have copied into a Deployment
 * too; no labels are no labels, however they are written. */
static json_t *bare_template(const json_t *object)
{
	json_t *copy = json_deep_copy(json_at(object, "spec/template"));

	object_unset(copy, DEPLOYMENT_HASH);
	if (!json_object_size(json_at(copy, "metadata/labels")))
		object_unset(copy, "metadata/labels");
	if (!json_object_size(json_object_get(copy, "metadata")))
		object_unset(copy, "metadata");
	return copy;
}

/* template: a bare one. */
static bool same_template(const json_t *set, const json_t *template)
{
	json_t *copy = bare_template(set);
	bool same = json_equal(copy, (json_t *)template);

	json_decref(copy);
	return same;
}

int64_t family_revision(const json_t *object)
{
	int64_t revision = 0;

	text_parse_int(json_text(object, DEPLOYMENT_REVISION, "0"), 0, INT64_MAX,
		       &revision);
	return revision;
}

/* By age, then by name, so that the order is always the same. */
static int by_age(const void *a, const void *b)
{
	const json_t *set_a = *(json_t *const *)a;
	const json_t *set_b = *(json_t *const *)b;
	int64_t order = family_revision(set_a) - family_revision(set_b);

	if (order)
		return order < 0 ? -1 : 1;
	return strcmp(object_name(set_a), object_name(set_b));
}

int family_find(struct family *family, struct store *store,
		const json_t *deployment)
{
	const struct resource *sets = resource_at(RESOURCE_REPLICASETS);
	json_t *template = bare_template(deployment);
	int bad = template ? 0 : -1;

	*family = (struct family){ .deployment = deployment };
	for (size_t i = 0; !bad && i < store_count(store, sets); i++) {
		json_t *set = store_at(store, sets, i);

		if (!object_owned_by(set, object_uid(deployment)) ||
		    object_is_deleted(set))
			continue;
		if (!family->fresh && same_template(set, template))
			family->fresh = set;
		else if (family->old_count < FAMILY_OLD_MAX)
			family->old[family->old_count++] = set;
		else
			bad = -1;
	}
	json_decref(template);
	qsort(family->old, family->old_count, sizeof(*family->old), by_age);
	return bad;
}

int64_t family_wanted(const json_t *set)
{
	return json_number(set, "spec/replicas", 0);
}

int64_t family_available(const json_t *set)
{
	return json_number(set, "status/availableReplicas", 0);
}

void family_count(const struct family *family, struct rollout *rollout)
{
	*rollout = (struct rollout){
		.desired = json_number(family->deployment, "spec/replicas", 1),
		.fresh = family_wanted(family->fresh),
		.fresh_available = family_available(family->fresh),
	};
	rollout_limits(rollout, family->deployment);
	for (size_t i = 0; i < family->old_count; i++) {
		rollout->old += family_wanted(family->old[i]);
		rollout->old_available += family_available(family->old[i]);
	}
}
