/*
 * metadata.managedFields: who set what. This is how an operator sees which
 * program put a selector back.
 */
#ifndef CUTOVER_REHEARSAL_FIELDS_H
#define CUTOVER_REHEARSAL_FIELDS_H

#include <jansson.h>

struct resource;

/*
 * Brings object's managedFields up to date after a change by manager: what
 * differs from before (NULL for a new object) becomes the manager's, and is
 * taken away from the others. subresource is "status", "scale" or "". 0, or
 * -1 when memory is out.
 */
int fields_claim(const struct resource *resource, json_t *object,
		 const json_t *before, const char *manager,
		 const char *subresource);

#endif
