/* See protobuf.h. The wire format is four kinds of value; two of them, varint
 * and length-delimited, are all that these messages use. */
#include "rehearsal/cluster/protobuf.h"

#include <openssl/evp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "rehearsal/cluster/protobuf_table.h"

#define MAGIC "k8s"             /* and the NUL behind it */
#define WIRE_VARINT 0
#define WIRE_BYTES 2
#define VARINT_BYTES_MAX 10

/* A stretch of bytes that is being read. */
struct span {
	const unsigned char *at, *end;
};

/* One field as it stands on the wire. */
struct wire {
	uint32_t number;
	unsigned int kind;
	uint64_t number_value;
	struct span bytes;
};

static int truncated(struct error *err)
{
	return error_set(err, ERR_SYNTAX, NULL,
			 "the protobuf message is cut off or broken");
}

static bool read_varint(struct span *span, uint64_t *ret)
{
	uint64_t value = 0;

	for (unsigned int i = 0; i < VARINT_BYTES_MAX && span->at < span->end;
	     i++) {
		unsigned char byte = *span->at++;

		value |= (uint64_t)(byte & 0x7f) << (7 * i);
		if (!(byte & 0x80)) {
			*ret = value;
			return true;
		}
	}
	return false;
}

static bool read_wire(struct span *span, struct wire *wire)
{
	uint64_t tag, len;

	if (!read_varint(span, &tag) || tag >> 3 > UINT32_MAX)
		return false;
	wire->number = (uint32_t)(tag >> 3);
	wire->kind = tag & 7;
	if (wire->kind == WIRE_VARINT)
		return read_varint(span, &wire->number_value);
	if (wire->kind != WIRE_BYTES || !read_varint(span, &len) ||
	    len > (uint64_t)(span->end - span->at))
		return false;
	wire->bytes = (struct span){ span->at, span->at + len };
	span->at += len;
	return true;
}

static size_t span_len(const struct span *span)
{
	return (size_t)(span->end - span->at);
}

static json_t *span_string(const struct span *span)
{
	return json_stringn((const char *)span->at, span_len(span));
}

static json_t *span_base64(const struct span *span)
{
	size_t len = span_len(span);
	unsigned char *text = malloc((len + 2) / 3 * 4 + 1);
	json_t *value = NULL;

	if (text) {
		EVP_EncodeBlock(text, span->at, (int)len);
		value = json_string((char *)text);
	}
	free(text);
	return value;
}

static int read_message(json_t *into, const char *message, struct span span,
			int depth, struct error *err);

/* A map's entry: {1: key, 2: value}. */
static int add_entry(json_t *into, const char *name, struct span span,
		     bool bytes, struct error *err)
{
	struct wire wire, key = { 0 }, value = { 0 };
	json_t *map = json_object_get(into, name), *text;
	char *key_text;
	int rc = 0;

	while (span.at < span.end) {
		if (!read_wire(&span, &wire) || wire.kind != WIRE_BYTES)
			return truncated(err);
		if (wire.number == 1)
			key = wire;
		else
			value = wire;
	}
	if (!map) {
		if (json_object_set_new(into, name, json_object()))
			return error_nomem(err);
		map = json_object_get(into, name);
	}
	key_text = strndup(key.bytes.at ? (const char *)key.bytes.at : "",
			   span_len(&key.bytes));
	text = !value.bytes.at ? json_string("")
	       : bytes ? span_base64(&value.bytes)
		       : span_string(&value.bytes);
	if (!key_text || json_object_set_new(map, key_text, text))
		rc = error_nomem(err);
	free(key_text);
	return rc;
}

/* Appends value (taken) to the list name. */
static int add_to_list(json_t *into, const char *name, json_t *value,
		       struct error *err)
{
	json_t *list = json_object_get(into, name);

	if (!list) {
		if (json_object_set_new(into, name, json_array())) {
			json_decref(value);
			return error_nomem(err);
		}
		list = json_object_get(into, name);
	}
	return json_array_append_new(list, value) ? error_nomem(err) : 0;
}

static int add_child(json_t *into, const struct pb_field *field,
		     struct span span, int depth, struct error *err)
{
	json_t *child = json_object();
	int rc = child ? read_message(child, field->of, span, depth + 1, err)
		       : error_nomem(err);

	if (rc) {
		json_decref(child);
		return rc;
	}
	if (field->type == PB_MESSAGES)
		return add_to_list(into, field->name, child, err);
	if (json_object_size(child))
		return json_object_set_new(into, field->name, child) ?
			error_nomem(err) : 0;
	json_decref(child);
	return 0;
}

static int add_int_or_string(json_t *into, const char *name,
			     struct span span, int depth, struct error *err)
{
	json_t *parts = json_object(), *value;
	int rc = read_message(parts, "IntOrString", span, depth + 1, err);

	value = json_object_get(parts, "string");
	if (!value)
		value = json_object_get(parts, "int");
	if (!rc && value && json_object_set(into, name, value))
		rc = error_nomem(err);
	json_decref(parts);
	return rc;
}

/* The kinds of value that are one JSON value; NULL when memory is out. */
static json_t *plain_value(const struct pb_field *field,
			   const struct wire *wire)
{
	switch (field->type) {
	case PB_BOOL:
		return json_boolean(wire->number_value != 0);
	case PB_INT:
	case PB_INT_POINTER:
		return json_integer((json_int_t)(int64_t)wire->number_value);
	default:
		return span_string(&wire->bytes);
	}
}

static int add_plain(json_t *into, const struct pb_field *field,
		     const struct wire *wire, struct error *err)
{
	bool empty = wire->kind == WIRE_VARINT
		? !wire->number_value && field->type != PB_INT_POINTER
		: !span_len(&wire->bytes);

	if (empty)
		return 0;
	return json_object_set_new(into, field->name, plain_value(field, wire))
		? error_nomem(err) : 0;
}

static int add_field(json_t *into, const struct pb_field *field,
		     const struct wire *wire, int depth, struct error *err)
{
	bool number = field->type == PB_INT || field->type == PB_BOOL ||
		      field->type == PB_INT_POINTER;

	if (field->type == PB_IGNORED)
		return 0;
	if (number != (wire->kind == WIRE_VARINT))
		return truncated(err);
	switch (field->type) {
	case PB_STRINGS:
		return add_to_list(into, field->name,
				   span_string(&wire->bytes), err);
	case PB_STRING_MAP:
	case PB_BYTES_MAP:
		return add_entry(into, field->name, wire->bytes,
				 field->type == PB_BYTES_MAP, err);
	case PB_MESSAGE:
	case PB_MESSAGES:
		return add_child(into, field, wire->bytes, depth, err);
	case PB_INT_OR_STRING:
		return add_int_or_string(into, field->name, wire->bytes,
					 depth, err);
	default:
		return add_plain(into, field, wire, err);
	}
}

static int read_message(json_t *into, const char *message, struct span span,
			int depth, struct error *err)
{
	struct wire wire;
	int rc = 0;

	if (depth > PROTOBUF_DEPTH_MAX)
		return error_set(err, ERR_LIMIT, NULL,
				 "the protobuf message is nested too deeply");
	while (!rc && span.at < span.end) {
		const struct pb_field *field;

		if (!read_wire(&span, &wire))
			return truncated(err);
		field = pb_field_find(message, wire.number);
		if (!field)
			return error_set(err, ERR_INVALID, NULL,
					 "the practice cluster does not know "
					 "field %u of the protobuf message %s",
					 wire.number, message);
		rc = add_field(into, field, &wire, depth, err);
	}
	return rc;
}

bool protobuf_is(const char *bytes, size_t len)
{
	return len > sizeof(MAGIC) && !memcmp(bytes, MAGIC, sizeof(MAGIC));
}

/* The envelope: what is inside, and the bytes of it. */
static int read_envelope(json_t *type, struct span *raw, struct span span,
			 struct error *err)
{
	struct wire wire;

	while (span.at < span.end) {
		if (!read_wire(&span, &wire) || wire.kind != WIRE_BYTES)
			return truncated(err);
		if (wire.number == 2)
			*raw = wire.bytes;
		else if (wire.number == 1 &&
			 read_message(type, "TypeMeta", wire.bytes, 1, err))
			return truncated(err);
	}
	return 0;
}

int protobuf_read(json_t **ret, const char *bytes, size_t len,
		  struct error *err)
{
	struct span span = { (const unsigned char *)bytes + sizeof(MAGIC),
			     (const unsigned char *)bytes + len };
	struct span raw = { NULL, NULL };
	json_t *object = json_object();
	const char *kind;
	int rc = object ? read_envelope(object, &raw, span, err)
			: error_nomem(err);

	kind = json_text(object, "kind", "");
	if (!rc && !pb_field_find(kind, 1))
		rc = error_set(err, ERR_INVALID, NULL,
			       "the practice cluster cannot read this kind "
			       "from protobuf");
	if (!rc && raw.at)
		rc = read_message(object, kind, raw, 1, err);
	if (rc)
		json_decref(object);
	else
		*ret = object;
	return rc;
}
