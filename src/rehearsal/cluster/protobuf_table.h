/* Which fields the messages have that protobuf.c reads. */
#ifndef CUTOVER_REHEARSAL_PROTOBUF_TABLE_H
#define CUTOVER_REHEARSAL_PROTOBUF_TABLE_H

#include <stdint.h>

enum pb_type {
	PB_STRING,      /* left out if empty */
	PB_STRINGS,     /* repeated */
	PB_BYTES_MAP,   /* map of string to bytes: base64 in JSON */
	PB_STRING_MAP,
	PB_INT,         /* left out if 0 */
	PB_INT_POINTER, /* kept if 0 */
	PB_BOOL,        /* left out if false */
	PB_MESSAGE,     /* of `of`; left out if it comes out empty */
	PB_MESSAGES,    /* repeated */
	PB_INT_OR_STRING,
	PB_IGNORED,     /* the server sets it itself */
};

struct pb_field {
	const char *message;
	uint32_t number;
	const char *name;
	enum pb_type type;
	const char *of;
};

/* NULL if the message has no such field here. */
const struct pb_field *pb_field_find(const char *message, uint32_t number);

#endif
