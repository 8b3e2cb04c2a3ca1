/*
 * Reading into Jansson values without a ladder of NULL checks. Every getter
 * takes NULL, follows a path of member names separated by '/' (write "~1" for
 * a '/' inside a name), and says "absent" by its default. What it returns is
 * borrowed from the value.
 *
 * And json_parse, in place of json_loadb: when memory is out, Jansson calls
 * good text bad, or even leaves a character out of a string and says nothing.
 * And json_print, in place of json_dumps, which may lose a key.
 */
#ifndef CUTOVER_BASE_JSON_H
#define CUTOVER_BASE_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#define JSON_TEXT_MAX (64u << 20)       /* longest document that is parsed */

/* Parses text with Jansson's flags: 0 and *ret, owned by the caller; ERR_NOMEM;
 * or ERR_SYNTAX, and *why (may be NULL) says where. */
int json_parse(const char *text, size_t len, size_t flags, json_t **ret,
	       json_error_t *why);

/* The value as text, with Jansson's flags, for the caller to free; NULL: memory
 * is out, or it is longer than JSON_TEXT_MAX. */
char *json_print(const json_t *value, size_t flags);

/* The value at path, or NULL. A number selects an array's element. */
json_t *json_at(const json_t *value, const char *path);
/* The string at path, or fallback. */
const char *json_text(const json_t *value, const char *path,
		      const char *fallback);
/* The integer at path, or fallback. */
int64_t json_number(const json_t *value, const char *path, int64_t fallback);
/* The boolean at path, or fallback. */
bool json_flag(const json_t *value, const char *path, bool fallback);

#endif
