/*
 * Admission: what the server fills in that a writer left out, and what it
 * refuses. Both work on an object that is about to be stored.
 */
#ifndef CUTOVER_REHEARSAL_ADMIT_H
#define CUTOVER_REHEARSAL_ADMIT_H

#include <jansson.h>

struct answer;
struct resource;

/* Sets what the API defaults, in place. 0, or -1 when memory is out. */
int admit_defaults(const struct resource *resource, json_t *object);

/* Gives a new object what the server itself decides: a Service its address, a
 * pod the token of its service account. 0, or -1 when memory is out. */
int admit_late(const struct resource *resource, json_t *object);
/* The pod's share of that. */
int admit_pod(json_t *pod);
/* Keeps what was so given in a changed object that leaves it out. 0 or -1. */
int admit_keep(const struct resource *resource, json_t *object,
	       const json_t *before);

/*
 * Checks object against the rules of its resource, and against before (NULL
 * for a new one) where a field may not change. 0; or -1 with a 422 (or 500) in
 * *answer.
 */
int admit_check(const struct resource *resource, const json_t *object,
		const json_t *before, struct answer *answer);

/*
 * Checks the members and types of what a client sent against the API's
 * structures. Unknown fields are dropped, with a text for each appended to
 * unknown (an array). Returns, owned by the caller, the first wrong type in
 * the words of Go's decoder ("json: cannot unmarshal …"); NULL if every type
 * is right.
 */
char *admit_schema(const struct resource *resource, json_t *object,
		   json_t *unknown);

/* The same for what somebody applies, which is left as it is. Returns, owned,
 * all that is wrong in the words of typed objects; NULL if nothing is. */
char *admit_typed(const struct resource *resource, json_t *config);

#endif
