/*
 * Kubernetes' protobuf requests: a current kubectl sends what it creates in
 * that form (`create`, `auth can-i`), and has no other way when refused.
 * Answers are JSON all the same: every client takes it.
 */
#ifndef CUTOVER_REHEARSAL_PROTOBUF_H
#define CUTOVER_REHEARSAL_PROTOBUF_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct error;

#define PROTOBUF_DEPTH_MAX 16

/* Whether bytes begin as such a request does. */
bool protobuf_is(const char *bytes, size_t len);

/*
 * The object in them as JSON, with kind and apiVersion; *ret is owned by the
 * caller. Which messages and fields are known is a table; a field that is not
 * in it is refused by name of message and number, never dropped. ERR_SYNTAX,
 * ERR_INVALID, ERR_LIMIT (depth) or ERR_NOMEM.
 */
int protobuf_read(json_t **ret, const char *bytes, size_t len,
		  struct error *err);

#endif
