/*
 * /openapi/v2, in the protobuf form that kubectl asks for: the verbs of each
 * resource and their query parameters, by which kubectl knows whether it may
 * send dryRun and fieldValidation. No schemas: kubectl then checks nothing
 * itself and leaves it to the server.
 */
#ifndef CUTOVER_REHEARSAL_OPENAPI_H
#define CUTOVER_REHEARSAL_OPENAPI_H

struct buf;

#define OPENAPI_MAX (256u << 10)
#define OPENAPI_TYPE \
	"application/com.github.proto-openapi.spec.v2.v1.0+protobuf"

/* Appends the document; 0 or the buffer's error. */
int openapi_document(struct buf *document);

#endif
