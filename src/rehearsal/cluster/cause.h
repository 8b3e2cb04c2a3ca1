/*
 * The single reasons of a 422, in the API's words. Each is appended to causes
 * (an array) under the field's name; memory that is out loses one.
 */
#ifndef CUTOVER_REHEARSAL_CAUSE_H
#define CUTOVER_REHEARSAL_CAUSE_H

#include <jansson.h>

#define CAUSE_FIELD_MAX 256     /* the name of a field, or a message */

/* A value, shown as JSON, that may not be. */
void cause_invalid(json_t *causes, const char *field, const json_t *value,
		   const char *why);
/* One that must be; why may be "". */
void cause_required(json_t *causes, const char *field, const char *why);
/* One that may not be given. */
void cause_forbidden(json_t *causes, const char *field, const char *why);
/* One, shown as JSON, that is none of those allowed. */
void cause_unsupported(json_t *causes, const char *field, const json_t *value,
		       const char *allowed);

/* These look first: the number at a path is negative, */
void cause_negative(json_t *causes, const json_t *object, const char *path,
		    const char *field);
/* a map of labels (or a selector made of them) has bad ones, */
void cause_labels(json_t *causes, const char *field, const json_t *labels);
/* two elements of a list have one name. */
void cause_duplicates(json_t *causes, const json_t *list,
		      const char *prefix);

#endif
