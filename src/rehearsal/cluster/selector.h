/*
 * Label selectors, from a query string and from an object, and field
 * selectors.
 */
#ifndef CUTOVER_REHEARSAL_SELECTOR_H
#define CUTOVER_REHEARSAL_SELECTOR_H

#include <jansson.h>
#include <stdbool.h>

struct error;
struct selector;

#define SELECTOR_TERMS_MAX 64

/*
 * Parses "app=myapp,version in (v1, v2),!canary". An empty text or NULL
 * selects everything. *ret is owned by the caller. ERR_INVALID with the API's
 * own message, ERR_LIMIT or ERR_NOMEM.
 */
int selector_read(struct selector **ret, const char *text,
		   struct error *err);
/* Takes NULL. */
void selector_free(struct selector *selector);
/* labels may be NULL (no labels). */
bool selector_takes(const struct selector *selector, const json_t *labels);

/* A Service's selector: every member must be among labels; an empty or absent
 * one matches nothing. */
bool selector_map_matches(const json_t *map, const json_t *labels);
/* A LabelSelector with matchLabels and matchExpressions; an empty one matches
 * everything, an absent one nothing. */
bool selector_object_matches(const json_t *selector, const json_t *labels);

#endif
