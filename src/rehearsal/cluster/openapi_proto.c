/*
 * A document of OpenAPI v2 in protobuf, from its JSON. Which member is which
 * field is a table; a message is written into a buffer of its own first, since
 * its length stands before it.
 */
#include "rehearsal/cluster/openapi.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"

#define LENGTH_DELIMITED 2
#define NAMED_NAME 1
#define NAMED_VALUE 2
#define ANY_YAML 2

/* How a member of JSON stands in protobuf. */
struct field {
	const char *message, *member;
	unsigned int number;
	void (*put)(struct buf *buf, unsigned int number, const char *of,
		    const json_t *value);
	const char *of;         /* the message inside */
};

static void put_text(struct buf *buf, unsigned int number, const char *of,
		     const json_t *value);
static void put_texts(struct buf *buf, unsigned int number, const char *of,
		      const json_t *value);
static void put_word(struct buf *buf, unsigned int number, const char *of,
		     const json_t *value);
static void put_one(struct buf *buf, unsigned int number, const char *of,
		    const json_t *value);
static void put_wrapped(struct buf *buf, unsigned int number, const char *of,
			const json_t *value);
static void put_named(struct buf *buf, unsigned int number, const char *of,
		      const json_t *value);
static void put_queries(struct buf *buf, unsigned int number, const char *of,
			const json_t *value);

/* Numbers of the published definition of the document. */
static const struct field fields[] = {
	{ "Document", "swagger", 1, put_text, NULL },
	{ "Document", "info", 2, put_one, "Info" },
	{ "Document", "paths", 8, put_named, "Item" },
	{ "Document", "definitions", 9, put_named, "Schema" },
	{ "Info", "title", 1, put_text, NULL },
	{ "Info", "version", 2, put_text, NULL },
	{ "Item", "get", 2, put_one, "Operation" },
	{ "Item", "put", 3, put_one, "Operation" },
	{ "Item", "post", 4, put_one, "Operation" },
	{ "Item", "delete", 5, put_one, "Operation" },
	{ "Item", "patch", 8, put_one, "Operation" },
	{ "Operation", "parameters", 8, put_queries, "Query" },
	{ "Query", "in", 2, put_text, NULL },
	{ "Query", "name", 4, put_text, NULL },
	{ "Query", "type", 6, put_text, NULL },
	{ "Schema", "$ref", 1, put_text, NULL },
	{ "Schema", "format", 2, put_text, NULL },
	{ "Schema", "required", 19, put_texts, NULL },
	{ "Schema", "additionalProperties", 21, put_wrapped, "Schema" },
	{ "Schema", "type", 22, put_word, NULL },
	{ "Schema", "items", 23, put_wrapped, "Schema" },
	{ "Schema", "properties", 25, put_named, "Schema" },
};

/* Where a message keeps what begins with "x-". */
static const struct {
	const char *message;
	unsigned int number;
} extensions[] = {
	{ "Operation", 13 }, { "Schema", 31 },
};

static void put_message(struct buf *buf, const char *message,
			const json_t *value);

static void put_varint(struct buf *buf, uint64_t value)
{
	do {
		unsigned char byte = value & 0x7f;

		value >>= 7;
		if (value)
			byte |= 0x80;
		buf_append(buf, &byte, 1);
	} while (value);
}

static void put_bytes(struct buf *buf, unsigned int number, const char *text,
		      size_t len)
{
	put_varint(buf, (uint64_t)number << 3 | LENGTH_DELIMITED);
	put_varint(buf, len);
	if (len)
		buf_append(buf, text, len);
}

static void put_string(struct buf *buf, unsigned int number, const char *text)
{
	put_bytes(buf, number, text, text ? strlen(text) : 0);
}

/* Puts what stands in `inner` as a field of buf and releases it. */
static void put_inner(struct buf *buf, unsigned int number, struct buf *inner)
{
	if (inner->error)
		buf->error = inner->error;
	put_bytes(buf, number, inner->data, inner->len);
	buf_release(inner);
}

static void put_text(struct buf *buf, unsigned int number, const char *of,
		     const json_t *value)
{
	(void)of;
	put_string(buf, number, json_string_value(value));
}

/* Strings, one after the other. */
static void put_texts(struct buf *buf, unsigned int number, const char *of,
		      const json_t *list)
{
	const json_t *text;
	size_t i;

	json_array_foreach(list, i, text)
		put_text(buf, number, of, text);
}

/* A message of which the first field is a list of strings. */
static void put_word(struct buf *buf, unsigned int number, const char *of,
		     const json_t *value)
{
	struct buf inner;

	buf_init(&inner, OPENAPI_MAX);
	put_text(&inner, 1, of, value);
	put_inner(buf, number, &inner);
}

static void put_one(struct buf *buf, unsigned int number, const char *of,
		    const json_t *value)
{
	struct buf inner;

	buf_init(&inner, OPENAPI_MAX);
	put_message(&inner, of, value);
	put_inner(buf, number, &inner);
}

/* A message inside another one, of which it is the first field. */
static void put_wrapped(struct buf *buf, unsigned int number, const char *of,
			const json_t *value)
{
	struct buf inner;

	buf_init(&inner, OPENAPI_MAX);
	put_one(&inner, 1, of, value);
	put_inner(buf, number, &inner);
}

/* A message that is a list of names and messages. */
static void put_named(struct buf *buf, unsigned int number, const char *of,
		      const json_t *map)
{
	/* Among paths the first field is for extensions. */
	unsigned int at = strcmp(of, "Item") ? 1 : 2;
	struct buf all, named;
	const char *name;
	json_t *value;

	buf_init(&all, OPENAPI_MAX);
	json_object_foreach((json_t *)map, name, value) {
		buf_init(&named, OPENAPI_MAX);
		put_string(&named, NAMED_NAME, name);
		put_one(&named, NAMED_VALUE, of, value);
		put_inner(&all, at, &named);
	}
	put_inner(buf, number, &all);
}

/* Parameters of the query: ParametersItem, Parameter, NonBodyParameter, and
 * the query's own message stand inside one another. */
static void put_queries(struct buf *buf, unsigned int number, const char *of,
			const json_t *list)
{
	struct buf item, parameter, non_body;
	const json_t *query;
	size_t i;

	json_array_foreach(list, i, query) {
		buf_init(&item, OPENAPI_MAX);
		buf_init(&parameter, OPENAPI_MAX);
		buf_init(&non_body, OPENAPI_MAX);
		put_one(&non_body, 3, of, query);
		put_inner(&parameter, 2, &non_body);
		put_inner(&item, 1, &parameter);
		put_inner(buf, number, &item);
	}
}

/* An extension is told in YAML, of which JSON is a part. */
static void put_extension(struct buf *buf, const char *message,
			  const char *name, const json_t *value)
{
	char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
	struct buf any, named;

	if (!text)
		buf->error = ERR_NOMEM;
	for (size_t i = 0; i < sizeof(extensions) / sizeof(*extensions); i++) {
		if (strcmp(extensions[i].message, message))
			continue;
		buf_init(&any, OPENAPI_MAX);
		buf_init(&named, OPENAPI_MAX);
		put_string(&any, ANY_YAML, text);
		put_string(&named, NAMED_NAME, name);
		put_inner(&named, NAMED_VALUE, &any);
		put_inner(buf, extensions[i].number, &named);
	}
	free(text);
}

static void put_message(struct buf *buf, const char *message,
			const json_t *value)
{
	const char *member;
	json_t *child;

	json_object_foreach((json_t *)value, member, child) {
		if (!strncmp(member, "x-", 2))
			put_extension(buf, message, member, child);
		for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
			if (!strcmp(fields[i].message, message) &&
			    !strcmp(fields[i].member, member))
				fields[i].put(buf, fields[i].number,
					      fields[i].of, child);
	}
}

int openapi_encode(struct buf *document, const json_t *v2)
{
	put_message(document, "Document", v2);
	return buf_error(document);
}
