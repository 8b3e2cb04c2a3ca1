/*
 * Sets of fields as managed fields tell them (fieldsV1): a tree with "f:NAME"
 * for a member, "k:{…}" for an element of a list with a merge key, "v:…" for a
 * word of a set, "." for the container itself, {} at a leaf.
 */
#ifndef CUTOVER_REHEARSAL_FIELDS_SET_H
#define CUTOVER_REHEARSAL_FIELDS_SET_H

#include <jansson.h>
#include <stdbool.h>

#define FIELDS_DEPTH_MAX 128

/* It is such a set: a client may send anything. What is below reads only sets
 * that are. */
bool fields_valid(const json_t *set);

/* What differs between two objects (before NULL: everything), but for what the
 * server alone sets; owned, NULL when memory is out. */
json_t *fields_changed(const json_t *object, const json_t *before);
/* What somebody who applies an object asks for; owned, NULL when memory is
 * out. */
json_t *fields_applied(const json_t *object);

/* Adds everything in from to into. 0 or not. */
int fields_unite(json_t *into, const json_t *from);
/* Takes away from set what taken holds; emptied branches go too. */
void fields_subtract(json_t *set, const json_t *taken);
/*
 * Appends to paths (an array of strings) what both sets hold, in the API's
 * words and order: ".spec.template.spec.containers[name=\"app\"].image". 0 or
 * -1.
 */
int fields_common(json_t *paths, const json_t *a, const json_t *b);

#endif
