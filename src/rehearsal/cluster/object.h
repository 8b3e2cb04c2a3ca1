/*
 * Reading and building Kubernetes objects as Jansson values: metadata, owners,
 * conditions, times and the names that the server itself gives.
 */
#ifndef CUTOVER_REHEARSAL_OBJECT_H
#define CUTOVER_REHEARSAL_OBJECT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct resource;

/* Borrowed from the object; "" if absent. */
const char *object_name(const json_t *object);
const char *object_ns(const json_t *object);
const char *object_uid(const json_t *object);
/* metadata.resourceVersion as a number; 0 if absent or not one. */
int64_t object_version(const json_t *object);
/* It has a deletionTimestamp. */
bool object_is_deleted(const json_t *object);
/* Its controller has this uid. */
bool object_owned_by(const json_t *object, const char *uid);
/* The owner reference marked controller, borrowed; or NULL. */
const json_t *object_controller(const json_t *object);
/* status.conditions: the one of a type, borrowed; or NULL. */
const json_t *object_find_condition(const json_t *object, const char *type);
/* That condition's status is "True". */
bool object_is(const json_t *object, const char *type);

/*
 * Sets the member at a path as of json_at, making the objects on the way;
 * takes value, which may be NULL from a failed constructor. 0, or -1 when
 * memory is out (value is released then).
 */
int object_set(json_t *object, const char *path, json_t *value);
/* Removes the member at a path, if there. */
void object_unset(json_t *object, const char *path);
/* Sets status.conditions[type]; a status that stays keeps its
 * lastTransitionTime. extra (taken, may be NULL) is merged in. 0 or -1. */
int object_set_condition(json_t *object, const char *type, const char *status,
			 json_t *extra);
/* An ownerReferences array with one controller; NULL when memory is out. */
json_t *object_owners(const struct resource *resource, const json_t *owner);

/* Removes members that are null, at any depth: clients send them for what they
 * left empty. */
void object_strip_nulls(json_t *value);

/* Brings kind, apiVersion and metadata into the order in which a real API
 * server writes them; takes object, returns it or a new one, or NULL when
 * memory is out. */
json_t *object_in_order(const struct resource *resource, json_t *object);

#define OBJECT_TIME_MAX 40
/* RFC 3339 in seconds, as the API writes times: "2026-11-23T07:35:14Z". */
void object_time(int64_t wall_ms, char dst[OBJECT_TIME_MAX]);
/* The same, now, as a JSON string; NULL when memory is out. */
json_t *object_now(void);
/* Milliseconds since 1970, or 0 if text is no time. */
int64_t object_time_ms(const char *text);

#define OBJECT_UID_MAX 37
/* A random (version 4) UUID. */
void object_make_uid(char dst[OBJECT_UID_MAX]);
#define OBJECT_SUFFIX_LEN 5
/* The five random characters at the end of a generated name. */
void object_make_suffix(char dst[OBJECT_SUFFIX_LEN + 1]);
#define OBJECT_HASH_MAX 11
/* pod-template-hash of a template; it differs with the count of names that were
 * another's already. "" when memory is out. */
void object_template_hash(const json_t *template, int64_t collisions,
			  char dst[OBJECT_HASH_MAX]);

#endif
