/* See claim.h. */
#include "rehearsal/cluster/claim.h"

#include <string.h>

#include "base/json.h"
#include "rehearsal/cluster/object.h"
#include "rehearsal/cluster/resource.h"
#include "rehearsal/cluster/selector.h"
#include "rehearsal/cluster/store.h"
#include "rehearsal/cluster/write.h"

#define OWNERS "metadata/ownerReferences"

/* Stores copy (taken) in the place of object; bad is what happened to copy. */
static int put(struct store *store, const struct resource *resource,
	       json_t *copy, json_t *object, int bad)
{
	struct writer writer = { .manager = WRITE_CONTROLLER,
				 .subresource = "" };

	if (!bad && copy)
		return write_change(store, resource, copy, object, &writer)
			? 0 : -1;
	json_decref(copy);
	return -1;
}

static int adopt(struct store *store, const struct resource *resource,
		 json_t *object, const struct resource *owners,
		 const json_t *owner)
{
	json_t *copy = json_deep_copy(object);
	json_t *reference = object_owners(owners, owner);
	int bad = 0;

	if (json_at(copy, OWNERS))
		bad = json_array_extend(json_at(copy, OWNERS), reference);
	else
		bad = object_set(copy, OWNERS, json_incref(reference));
	json_decref(reference);
	return put(store, resource, copy, object, bad);
}

static int release(struct store *store, const struct resource *resource,
		   json_t *object, const char *owner_uid)
{
	json_t *copy = json_deep_copy(object), *list = json_at(copy, OWNERS);

	for (size_t i = json_array_size(list); i-- > 0;)
		if (!strcmp(json_text(json_array_get(list, i), "uid", ""),
			    owner_uid))
			json_array_remove(list, i);
	if (!json_array_size(list))
		object_unset(copy, OWNERS);
	return put(store, resource, copy, object, 0);
}

static bool matches(const json_t *owner, const json_t *object)
{
	return selector_object_matches(json_at(owner, "spec/selector"),
				       json_at(object, "metadata/labels"));
}

static bool may_be_adopted(const json_t *owner, const json_t *object)
{
	return !object_is_deleted(owner) && !object_is_deleted(object) &&
	       !strcmp(object_ns(owner), object_ns(object));
}

int claim_object(struct store *store, const struct resource *resource,
		 json_t *object, const struct resource *owners,
		 const json_t *owner, bool *mine)
{
	const json_t *controller = object_controller(object);

	*mine = false;
	if (!controller) {
		*mine = matches(owner, object) &&
			may_be_adopted(owner, object);
		return *mine ? adopt(store, resource, object, owners, owner)
			     : 0;
	}
	if (strcmp(json_text(controller, "uid", ""), object_uid(owner)))
		return 0;
	*mine = matches(owner, object);
	return *mine || object_is_deleted(owner) ? 0 :
	       release(store, resource, object, object_uid(owner));
}

int claim_all(struct store *store, const struct resource *resource,
	      const struct resource *owners, const json_t *owner)
{
	int bad = 0;
	bool mine;

	/* a change of one leaves the others where they are */
	for (size_t i = 0; i < store_count(store, resource); i++)
		bad |= claim_object(store, resource,
				    store_at(store, resource, i), owners,
				    owner, &mine);
	return bad;
}

int claim_orphan(struct store *store, const char *owner_uid)
{
	int bad = 0;

	for (size_t r = 0; r < RESOURCE_COUNT; r++) {
		const struct resource *resource = resource_at(r);

		for (size_t i = 0; i < store_count(store, resource); i++) {
			json_t *object = store_at(store, resource, i);

			if (object_owned_by(object, owner_uid))
				bad |= release(store, resource, object,
					       owner_uid);
		}
	}
	return bad;
}
