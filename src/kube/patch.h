/*
 * The bodies of patches, in the exact forms that FACTS gives. Each returns a
 * new value (the caller decrefs it), or NULL when memory is out. Pure: what is
 * shown at a gate and what is sent are this one value.
 */
#ifndef CUTOVER_KUBE_PATCH_H
#define CUTOVER_KUBE_PATCH_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "kube/selector.h"

/* One key to set, or to delete where value is NULL. */
struct kube_change {
	const char *key;
	const char *value;
};

struct kube_changes {
	const struct kube_change *list;
	size_t count;
};

/* A strategic merge patch of a Deployment (KUBE_STRATEGIC_PATCH). */
struct kube_template_patch {
	const char *resource_version;   /* NULL: unconditional */
	struct kube_changes labels;     /* of the pod template */
	const char *container;          /* must exist: a wrong name appends one */
	struct kube_changes env;        /* of that container */
};

json_t *kube_patch_template(const struct kube_template_patch *patch);

/*
 * A compare-and-set of a Service's selector (KUBE_JSON_PATCH): tests each value
 * that stands there now, then replaces, adds or removes. current is the
 * selector as observed and shown; a key to delete that is not there is left
 * out. Fails with 422 if somebody else changed a key named here.
 */
json_t *kube_patch_selector(const struct kube_labels *current,
			    const struct kube_changes *changes);
/* The changes that lead back from what they will have made to current. Fills
 * at most changes->count entries of undo, which borrow from both. */
void kube_patch_selector_undo(const struct kube_labels *current,
			      const struct kube_changes *changes,
			      struct kube_change *undo);

/* A merge patch of a Service's selector (KUBE_MERGE_PATCH); resource_version
 * may be NULL. */
json_t *kube_patch_selector_merge(const char *resource_version,
				  const struct kube_changes *changes);
/* A merge patch of a config map's data; resource_version may be NULL. */
json_t *kube_patch_data(const char *resource_version,
			const struct kube_changes *changes);
/* A merge patch of spec.replicas, for a Deployment or its scale. */
json_t *kube_patch_scale(const char *resource_version, int64_t replicas);

/* The body of a DELETE that is done only if the object still has that uid. */
json_t *kube_delete_options(const char *uid, const char *resource_version);

/* The body of a SelfSubjectAccessReview: may I verb on the resource? name and
 * sub may be NULL. The answer is at "status/allowed". */
json_t *kube_access_review(const char *namespace_, const char *verb,
			   const char *group, const char *resource,
			   const char *sub, const char *name);

#endif
