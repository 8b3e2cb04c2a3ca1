/* Field selectors: "metadata.name=x,status.phase!=Running". */
#ifndef CUTOVER_REHEARSAL_FIELD_SELECTOR_H
#define CUTOVER_REHEARSAL_FIELD_SELECTOR_H

#include <jansson.h>
#include <stdbool.h>

struct error;
struct resource;

/* 0 if text (which may be NULL) is one, and each of its fields is one by which
 * the resource is selected; else ERR_INVALID in the API's words. */
int field_selector_check(const char *text, const struct resource *resource,
			 struct error *err);
/* Whether an object is selected by a text that was checked; NULL and "" select
 * everything. */
bool field_selector_matches(const char *text, const json_t *object);

#endif
