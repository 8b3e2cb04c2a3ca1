/*
 * OpenAPI of the practice cluster: /openapi/v2 as JSON and as the protobuf that
 * an old kubectl asks for, /openapi/v3 as JSON, a document a group. By it
 * kubectl explains fields, finds misspelt ones, merges lists when it applies,
 * and knows whether it may send dryRun and fieldValidation.
 */
#ifndef CUTOVER_REHEARSAL_OPENAPI_H
#define CUTOVER_REHEARSAL_OPENAPI_H

#include <jansson.h>

struct buf;

#define OPENAPI_MAX (1u << 20)
#define OPENAPI_TYPE \
	"application/com.github.proto-openapi.spec.v2.v1.0+protobuf"

/* All are owned by the caller, and NULL when memory is out. */
json_t *openapi_v2(void);
/* The document behind "/openapi/v3" or "/openapi/v3/apis/apps/v1"; NULL too if
 * there is none. */
json_t *openapi_v3(const char *path);

/* Appends a v2 document in its protobuf form; 0 or the buffer's error. */
int openapi_encode(struct buf *document, const json_t *v2);

#endif
