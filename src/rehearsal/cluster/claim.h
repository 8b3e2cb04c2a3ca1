/*
 * Which objects a controller (a Deployment, a replica set) has: those that
 * carry its reference and that its selector matches. One that nobody controls
 * and that it matches is adopted; one of its own that it no longer matches is
 * released, which is how a pod is put aside by changing a label.
 */
#ifndef CUTOVER_REHEARSAL_CLAIM_H
#define CUTOVER_REHEARSAL_CLAIM_H

#include <jansson.h>
#include <stdbool.h>

struct resource;
struct store;

/* All with the store locked; 0, or -1 when memory is out. */

/* One object, as it is in the store; *mine says whether the owner, one of
 * `owners`, has it afterwards. */
int claim_object(struct store *store, const struct resource *resource,
		 json_t *object, const struct resource *owners,
		 const json_t *owner, bool *mine);
/* All objects of a resource for one owner. */
int claim_all(struct store *store, const struct resource *resource,
	      const struct resource *owners, const json_t *owner);
/* Releases everything that the owner of a uid has. */
int claim_orphan(struct store *store, const char *owner_uid);

#endif
