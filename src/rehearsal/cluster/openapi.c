/* See openapi.h. A message is written into a buffer of its own first, since
 * its length stands before it. */
#include "rehearsal/cluster/openapi.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "rehearsal/cluster/resource.h"

/* Field numbers of the published definition of the document. */
enum {
	DOCUMENT_SWAGGER = 1, DOCUMENT_INFO = 2, DOCUMENT_PATHS = 8,
	INFO_TITLE = 1, INFO_VERSION = 2,
	PATHS_PATH = 2,
	NAMED_NAME = 1, NAMED_VALUE = 2,
	ANY_YAML = 2,
	ITEM_PUT = 3, ITEM_POST = 4, ITEM_DELETE = 5, ITEM_PATCH = 8,
	OPERATION_PARAMETERS = 8, OPERATION_EXTENSION = 13,
	PARAMETERS_PARAMETER = 1, PARAMETER_NON_BODY = 2, NON_BODY_QUERY = 3,
	QUERY_IN = 2, QUERY_NAME = 4, QUERY_TYPE = 6,
};

#define LENGTH_DELIMITED 2
#define PATH_MAX_LEN 256

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

static void put_bytes(struct buf *buf, unsigned int field, const void *bytes,
		      size_t len)
{
	put_varint(buf, (uint64_t)field << 3 | LENGTH_DELIMITED);
	put_varint(buf, len);
	buf_append(buf, bytes, len);
}

static void put_text(struct buf *buf, unsigned int field, const char *text)
{
	put_bytes(buf, field, text, strlen(text));
}

/* Puts message as a field of buf and releases it. */
static void put_message(struct buf *buf, unsigned int field,
			struct buf *message)
{
	if (message->error)
		buf->error = message->error;
	else
		put_bytes(buf, field, message->len ? message->data : "",
			  message->len);
	buf_release(message);
}

static void put_parameter(struct buf *operation, const char *name)
{
	struct buf query, non_body, parameter, item;

	buf_init(&query, OPENAPI_MAX);
	buf_init(&non_body, OPENAPI_MAX);
	buf_init(&parameter, OPENAPI_MAX);
	buf_init(&item, OPENAPI_MAX);
	put_text(&query, QUERY_IN, "query");
	put_text(&query, QUERY_NAME, name);
	put_text(&query, QUERY_TYPE, "string");
	put_message(&non_body, NON_BODY_QUERY, &query);
	put_message(&parameter, PARAMETER_NON_BODY, &non_body);
	put_message(&item, PARAMETERS_PARAMETER, &parameter);
	put_message(operation, OPERATION_PARAMETERS, &item);
}

/* x-kubernetes-group-version-kind: which kind the operation is for. */
static void put_kind(struct buf *operation, const struct resource *resource)
{
	struct buf yaml, any, named;

	buf_init(&yaml, OPENAPI_MAX);
	buf_init(&any, OPENAPI_MAX);
	buf_init(&named, OPENAPI_MAX);
	buf_printf(&yaml, "group: \"%s\"\nkind: %s\nversion: %s\n",
		   resource->group, resource->kind, resource->version);
	put_message(&any, ANY_YAML, &yaml);
	put_text(&named, NAMED_NAME, "x-kubernetes-group-version-kind");
	put_message(&named, NAMED_VALUE, &any);
	put_message(operation, OPERATION_EXTENSION, &named);
}

static void put_operation(struct buf *item, unsigned int field,
			  const struct resource *resource)
{
	struct buf operation;

	buf_init(&operation, OPENAPI_MAX);
	put_parameter(&operation, "dryRun");
	put_parameter(&operation, "fieldManager");
	put_parameter(&operation, "fieldValidation");
	put_kind(&operation, resource);
	put_message(item, field, &operation);
}

/* "/apis/apps/v1/namespaces/{namespace}/deployments/{name}" with its verbs. */
static void put_path(struct buf *paths, const struct resource *resource)
{
	char version[RESOURCE_TEXT_MAX], path[PATH_MAX_LEN];
	struct buf item, named;

	resource_api_version(resource, version);
	snprintf(path, sizeof(path), "/%s/%s%s/%s/{name}",
		 *resource->group ? "apis" : "api", version,
		 resource->namespaced ? "/namespaces/{namespace}" : "",
		 resource->plural);
	buf_init(&item, OPENAPI_MAX);
	buf_init(&named, OPENAPI_MAX);
	put_operation(&item, ITEM_PUT, resource);
	put_operation(&item, ITEM_POST, resource);
	put_operation(&item, ITEM_DELETE, resource);
	put_operation(&item, ITEM_PATCH, resource);
	put_text(&named, NAMED_NAME, path);
	put_message(&named, NAMED_VALUE, &item);
	put_message(paths, PATHS_PATH, &named);
}

int openapi_document(struct buf *document)
{
	struct buf info, paths;

	buf_init(&info, OPENAPI_MAX);
	buf_init(&paths, OPENAPI_MAX);
	put_text(&info, INFO_TITLE, "Kubernetes");
	put_text(&info, INFO_VERSION, "practice");
	for (size_t i = 0; i < RESOURCE_COUNT; i++)
		put_path(&paths, resource_at(i));
	put_text(document, DOCUMENT_SWAGGER, "2.0");
	put_message(document, DOCUMENT_INFO, &info);
	put_message(document, DOCUMENT_PATHS, &paths);
	return buf_error(document);
}
