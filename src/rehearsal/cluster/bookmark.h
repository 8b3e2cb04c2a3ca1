/* The object of a BOOKMARK event. */
#ifndef CUTOVER_REHEARSAL_BOOKMARK_H
#define CUTOVER_REHEARSAL_BOOKMARK_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct resource;

/* An otherwise empty object of the resource that says how far a watch is;
 * initial: that all objects which were there at its beginning have been sent.
 * Owned; NULL when memory is out. */
json_t *bookmark_object(const struct resource *resource, int64_t version,
			bool initial);

#endif
