/*
 * Garbage: objects whose owner has gone, what is in a namespace that is being
 * deleted, and old events.
 */
#include <string.h>

#include "base/json.h"
#include "rehearsal/cluster/controller.h"
#include "rehearsal/cluster/object.h"
#include "rehearsal/cluster/resource.h"
#include "rehearsal/cluster/store.h"
#include "rehearsal/cluster/write.h"

#define EVENT_LIFE_MS 3600000

static bool owner_is_gone(struct store *store, const json_t *object)
{
	const json_t *owner = object_controller(object), *found;
	const struct resource *resource;

	if (!owner)
		return false;
	resource = resource_by_kind(json_text(owner, "kind", ""));
	if (!resource)
		return false;
	found = store_get(store, resource, object_ns(object),
			  json_text(owner, "name", ""));
	return !found ||
	       strcmp(object_uid(found), json_text(owner, "uid", ""));
}

static bool namespace_is_going(struct store *store, const json_t *object)
{
	const struct resource *namespaces = resource_at(RESOURCE_NAMESPACES);
	const json_t *ns = store_get(store, namespaces, "",
				     object_ns(object));

	return ns && object_is_deleted(ns);
}

/* The Endpoints of a Service have no owner reference: they go by name. */
static bool service_is_gone(struct store *store,
			    const struct resource *resource,
			    const json_t *object)
{
	const struct resource *services = resource_at(RESOURCE_SERVICES);

	return resource == resource_at(RESOURCE_ENDPOINTS) &&
	       !strcmp(json_text(object, "metadata/labels/endpoints."
				 "kubernetes.io~1managed-by", ""),
		       "endpoint-controller") &&
	       !store_get(store, services, object_ns(object),
			  object_name(object));
}

static bool event_is_old(struct round *round, const struct resource *resource,
			 const json_t *object)
{
	int64_t left;

	if (resource != resource_at(RESOURCE_EVENTS))
		return false;
	left = object_time_ms(json_text(object, "metadata/creationTimestamp",
					"")) + EVENT_LIFE_MS - round->now;
	if (left > 0)
		round_due(round, left);
	return left <= 0;
}

static int collect_from(struct round *round, const struct resource *resource)
{
	struct store *store = round->store;
	json_t *all = store_snapshot(store, resource), *object;
	int bad = !all;
	size_t i;

	json_array_foreach(all, i, object)
		if (!object_is_deleted(object) &&
		    (owner_is_gone(store, object) ||
		     namespace_is_going(store, object) ||
		     service_is_gone(store, resource, object) ||
		     event_is_old(round, resource, object)))
			bad |= write_delete(store, resource, object, -1);
	json_decref(all);
	return bad;
}

static bool is_empty(struct store *store, const char *ns)
{
	for (size_t r = 0; r < RESOURCE_COUNT; r++) {
		const struct resource *resource = resource_at(r);

		for (size_t i = 0; i < store_count(store, resource); i++)
			if (!strcmp(object_ns(store_at(store, resource, i)),
				    ns))
				return false;
	}
	return true;
}

static int finish_namespaces(struct store *store)
{
	const struct resource *resource = resource_at(RESOURCE_NAMESPACES);
	json_t *all = store_snapshot(store, resource), *ns;
	int bad = !all;
	size_t i;

	json_array_foreach(all, i, ns)
		if (object_is_deleted(ns) && is_empty(store, object_name(ns)))
			bad |= store_remove(store, resource, "",
					    object_name(ns));
	json_decref(all);
	return bad;
}

void collect_note(struct collector *collector,
		  const struct store_change *change)
{
	static const size_t owners[] = { RESOURCE_DEPLOYMENTS,
					 RESOURCE_REPLICASETS,
					 RESOURCE_SERVICES };

	collector->wanted |= change->resource ==
			     resource_at(RESOURCE_NAMESPACES);
	for (size_t i = 0; i < sizeof(owners) / sizeof(*owners); i++)
		collector->wanted |= change->type == CHANGE_DELETED &&
				     change->resource ==
					     resource_at(owners[i]);
}

/* Something may still come to be in a namespace that goes. */
static bool is_any_namespace_going(const struct store *store)
{
	const struct resource *resource = resource_at(RESOURCE_NAMESPACES);

	for (size_t i = 0; i < store_count(store, resource); i++)
		if (object_is_deleted(store_at(store, resource, i)))
			return true;
	return false;
}

int collect_round(struct collector *collector, struct round *round)
{
	struct round own = *round;
	int bad = 0;

	if (!collector->wanted && round->now < collector->due_at &&
	    !is_any_namespace_going(round->store)) {
		round_due(round, collector->due_at - round->now);
		return 0;
	}
	collector->wanted = false;
	own.due = EVENT_LIFE_MS;
	for (size_t r = 0; r < RESOURCE_COUNT; r++)
		bad |= collect_from(&own, resource_at(r));
	bad |= finish_namespaces(round->store);
	collector->wanted |= bad != 0;
	collector->due_at = round->now + own.due;
	round_due(round, own.due);
	return bad ? -1 : 0;
}
