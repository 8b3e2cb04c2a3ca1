/*
 * metadata.managedFields: who set what. This is how an operator sees which
 * program put a selector back.
 */
#ifndef CUTOVER_REHEARSAL_FIELDS_H
#define CUTOVER_REHEARSAL_FIELDS_H

#include <jansson.h>

struct resource;
struct writer;

/*
 * Brings object's managedFields, which are still those from before the change,
 * up to date: what differs from before (NULL for a new object) becomes the
 * writer's, and is taken away from the others. One who applies holds what he
 * asked for instead (writer->applied), changed or not. 0, or -1 when memory is
 * out.
 */
int fields_claim(const struct resource *resource, json_t *object,
		 const json_t *before, const struct writer *writer);

/* The fields that the writer has applied before; borrowed, NULL if none. */
const json_t *fields_held(const json_t *object, const struct writer *writer);
/* What all the others hold, together; owned, NULL when memory is out. */
json_t *fields_of_others(const json_t *object, const struct writer *writer);

/*
 * The causes of a refusal: changed fields that others hold. An array of
 * {"manager": SHOWN, "field": PATH} in the order of managers, owned; NULL when
 * memory is out.
 */
json_t *fields_conflicts(const json_t *object, const json_t *changed,
			 const struct writer *writer);

#endif
