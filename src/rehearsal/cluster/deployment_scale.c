/*
 * See deployment.h: the sizes of a Deployment's replica sets. While it is
 * paused, or in the midst of a rollout, a change of its size is shared out among
 * all of its sets.
 */
#include "rehearsal/cluster/deployment.h"

#include "base/json.h"
#include "base/text.h"
#include "rehearsal/cluster/controller.h"
#include "rehearsal/cluster/object.h"
#include "rehearsal/cluster/resource.h"
#include "rehearsal/cluster/rollout.h"
#include "rehearsal/cluster/store.h"
#include "rehearsal/cluster/write.h"

static json_t *number_text(int64_t number)
{
	return json_sprintf("%lld", (long long)number);
}

/* A number in an annotation; -1 if there is none. */
static int64_t noted(const json_t *set, const char *path)
{
	int64_t number = -1;

	text_parse_int(json_text(set, path, ""), 0, INT64_MAX, &number);
	return number;
}

int deployment_note_size(json_t *set, const struct rollout *rollout)
{
	return object_set(set, DEPLOYMENT_DESIRED,
			  number_text(rollout->desired)) |
	       object_set(set, DEPLOYMENT_MOST,
			  number_text(rollout->desired + rollout->surge));
}

/* Sizes a set, and notes for what, even where that changes only the note. */
static int size_set(struct store *store, const struct family *family,
		    const struct rollout *rollout, json_t *set,
		    int64_t wanted)
{
	struct writer writer = { .manager = WRITE_CONTROLLER,
				 .subresource = "" };
	int64_t now = family_wanted(set);
	json_t *copy = json_deep_copy(set);

	if (object_set(copy, "spec/replicas", json_integer(wanted)) ||
	    deployment_note_size(copy, rollout)) {
		json_decref(copy);
		return -1;
	}
	if (now != wanted)
		event_record(store, family->deployment, "Normal",
			     "deployment-controller", "ScalingReplicaSet",
			     "Scaled %s replica set %s from %lld to %lld",
			     wanted > now ? "up" : "down", object_name(set),
			     (long long)now, (long long)wanted);
	return write_change(store, resource_at(RESOURCE_REPLICASETS), copy,
			    set, &writer) ? 0 : -1;
}

int deployment_scale(struct store *store, const struct family *family,
		     const struct rollout *rollout, json_t *set,
		     int64_t wanted)
{
	return family_wanted(set) == wanted ? 0 :
	       size_set(store, family, rollout, set, wanted);
}

/* The sets that want pods, the oldest first; their number. */
static size_t active_sets(const struct family *family,
			  json_t *sets[FAMILY_OLD_MAX + 1])
{
	size_t count = 0;

	for (size_t i = 0; i < family->old_count; i++)
		if (family_wanted(family->old[i]))
			sets[count++] = family->old[i];
	if (family_wanted(family->fresh))
		sets[count++] = family->fresh;
	return count;
}

bool deployment_is_resized(const struct family *family,
			   const struct rollout *rollout)
{
	json_t *sets[FAMILY_OLD_MAX + 1];
	size_t count = active_sets(family, sets);

	for (size_t i = 0; i < count; i++) {
		int64_t desired = noted(sets[i], DEPLOYMENT_DESIRED);

		if (desired >= 0 && desired != rollout->desired)
			return true;
	}
	return false;
}

/* The new set does alone what is wanted. */
static bool is_saturated(const struct family *family,
			 const struct rollout *rollout)
{
	return family->fresh && rollout->fresh == rollout->desired &&
	       rollout->fresh_available == rollout->desired &&
	       noted(family->fresh, DEPLOYMENT_DESIRED) == rollout->desired;
}

static int empty_old(struct store *store, const struct family *family,
		     const struct rollout *rollout)
{
	int bad = 0;

	for (size_t i = 0; i < family->old_count; i++)
		bad |= deployment_scale(store, family, rollout,
					family->old[i], 0);
	return bad;
}

static int share_out(struct store *store, const struct family *family,
		     const struct rollout *rollout, json_t **sets,
		     size_t count)
{
	struct rollout_part parts[FAMILY_OLD_MAX + 1];
	int bad = 0;

	for (size_t i = 0; i < count; i++) {
		int64_t most = noted(sets[i], DEPLOYMENT_MOST);

		parts[i] = (struct rollout_part){
			.wanted = family_wanted(sets[i]),
			.most = most > 0 ? most :
				json_number(family->deployment,
					    "status/replicas", 0),
			.age = i, .index = i };
	}
	rollout_spread(rollout, parts, count);
	for (size_t i = 0; i < count; i++)
		bad |= size_set(store, family, rollout, sets[parts[i].index],
				parts[i].wanted);
	return bad;
}

int deployment_resize(struct store *store, const struct family *family,
		      const struct rollout *rollout)
{
	json_t *sets[FAMILY_OLD_MAX + 1], *only = family->fresh;
	size_t count = active_sets(family, sets);

	if (count == 1)
		only = sets[0];
	else if (!only && family->old_count)
		only = family->old[family->old_count - 1];
	if (count <= 1)
		return only ? size_set(store, family, rollout, only,
				       rollout->desired) : 0;
	if (is_saturated(family, rollout))
		return empty_old(store, family, rollout);
	return share_out(store, family, rollout, sets, count);
}
