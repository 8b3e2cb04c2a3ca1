/* What is sent back: the answer in the form that was asked for, and the
 * headers of a real API server. */
#include "rehearsal/cluster/http_private.h"

#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "rehearsal/cluster/object.h"
#include "rehearsal/cluster/resource.h"
#include "rehearsal/cluster/trouble.h"

/* Turns an object or list into the form that was asked for. */
static void transform(struct exchange *x)
{
	json_t *body = x->answer.body, *formed;
	const char *kind = json_text(body, "kind", "");

	if (x->answer.code >= 300 || !x->request.resource ||
	    !strcmp(kind, "Status") || !strcmp(kind, "Scale"))
		return;
	if (x->media == MEDIA_TABLE)
		formed = table_of(x->request.resource, body, http_include(x),
				  true);
	else if (x->media == MEDIA_METADATA)
		formed = table_metadata_of(body);
	else
		return;
	answer_set(&x->answer, x->answer.code, formed);
}

static bool is_discovery(const struct exchange *x)
{
	return x->media == MEDIA_DISCOVERY && x->answer.code == 200 &&
	       !x->request.resource;
}

static const char *content_type(const struct exchange *x)
{
	return is_discovery(x)
		? "application/json;g=apidiscovery.k8s.io;v=v2;"
		  "as=APIGroupDiscoveryList"
		: "application/json";
}

#define WARNING_HEADER_MAX 1200
#define STREAM_BLOCK (32u << 10)

/* '299 - "TEXT"', with the quotes in TEXT escaped. */
static void warning_header(const char *text, char dst[WARNING_HEADER_MAX])
{
	size_t len = (size_t)snprintf(dst, WARNING_HEADER_MAX, "299 - \"");

	for (; *text && len + 4 < WARNING_HEADER_MAX; text++) {
		if (*text == '"')
			dst[len++] = '\\';
		dst[len++] = *text;
	}
	dst[len++] = '"';
	dst[len] = '\0';
}

static void add_warning(struct MHD_Response *response, const char *text)
{
	char warning[WARNING_HEADER_MAX];

	warning_header(text, warning);
	MHD_add_response_header(response, "Warning", warning);
}

/* What every answer has, of whatever type it is. */
static void add_common_headers(const struct exchange *x,
			       struct MHD_Response *response, bool cached)
{
	const struct http *http = x->http;
	bool exempt = access_is_admin(&x->who);
	char id[OBJECT_UID_MAX];

	object_make_uid(id);
	MHD_add_response_header(response, "Audit-Id", id);
	MHD_add_response_header(response, "Cache-Control", cached ? "public" :
				"no-cache, private");
	if (!x->known)
		return;
	MHD_add_response_header(response, "X-Kubernetes-Pf-Flowschema-Uid",
				exempt ? http->exempt[0] : http->shared[0]);
	MHD_add_response_header(response, "X-Kubernetes-Pf-Prioritylevel-Uid",
				exempt ? http->exempt[1] : http->shared[1]);
}

void http_add_headers(const struct exchange *x,
			struct MHD_Response *response)
{
	const struct resource *resource = x->request.resource;
	const json_t *text;
	size_t i;

	add_common_headers(x, response, is_discovery(x));
	MHD_add_response_header(response, "Content-Type", content_type(x));
	if (is_discovery(x))
		MHD_add_response_header(response, "Vary", "Accept");
	if (x->answer.code == 403)
		MHD_add_response_header(response, "X-Content-Type-Options",
					"nosniff");
	if (x->answer.code == 429 || x->answer.code == 504)
		MHD_add_response_header(response, "Retry-After", "1");
	if (resource && resource->warning)
		add_warning(response, resource->warning);
	json_array_foreach(x->answer.warnings, i, text)
		add_warning(response, json_string_value(text));
}

/* A client that has the document already is told so: 304, and nothing is sent.
 * Returns the code to answer with. */
static unsigned int add_etag(const struct exchange *x,
			     struct MHD_Response *response, const char *bytes,
			     size_t len)
{
	const char *held = http_request_header(x, MHD_HTTP_HEADER_IF_NONE_MATCH);
	unsigned char digest[SHA512_DIGEST_LENGTH];
	char tag[2 * SHA512_DIGEST_LENGTH + 3] = "\"";

	SHA512((const unsigned char *)bytes, len, digest);
	for (size_t i = 0; i < sizeof(digest); i++)
		snprintf(tag + 1 + 2 * i, 3, "%02X", digest[i]);
	tag[sizeof(tag) - 2] = '"';
	MHD_add_response_header(response, "Etag", tag);
	return held && !strcmp(held, tag) ? MHD_HTTP_NOT_MODIFIED
					  : MHD_HTTP_OK;
}

/* type NULL: an answer of the API, with all its headers. */
static void add_headers(const struct exchange *x,
			struct MHD_Response *response, const char *type)
{
	if (!type) {
		http_add_headers(x, response);
		return;
	}
	add_common_headers(x, response, false);
	MHD_add_response_header(response, "Content-Type", type);
	MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
}

static enum MHD_Result queue_bytes(struct exchange *x, unsigned int code,
				   const char *bytes, size_t len,
				   const char *type)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(
		len, (void *)(uintptr_t)bytes, MHD_RESPMEM_MUST_COPY);
	enum MHD_Result result;

	if (!response)
		return MHD_NO;
	if (!type && is_discovery(x))
		code = add_etag(x, response, bytes, len);
	add_headers(x, response, type);
	result = MHD_queue_response(x->connection, code, response);
	MHD_destroy_response(response);
	return result;
}

enum MHD_Result http_send_text(struct exchange *x, unsigned int code,
			       const char *text)
{
	return queue_bytes(x, code, text, strlen(text),
			   "text/plain; charset=utf-8");
}

enum MHD_Result http_send_throttled(struct exchange *x)
{
	static const char text[] =
		"Too many requests, please try again later.\n";
	struct MHD_Response *response = MHD_create_response_from_buffer(
		strlen(text), (void *)(uintptr_t)text, MHD_RESPMEM_PERSISTENT);
	char seconds[12];
	enum MHD_Result result;

	if (!response)
		return MHD_NO;
	snprintf(seconds, sizeof(seconds), "%d",
		 trouble_throttled(x->http->options.trouble));
	MHD_add_response_header(response, "Retry-After", seconds);
	MHD_add_response_header(response, "Content-Type",
				"text/plain; charset=utf-8");
	MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
	result = MHD_queue_response(x->connection, 429, response);
	MHD_destroy_response(response);
	return result;
}

enum MHD_Result http_send_bytes(struct exchange *x, const struct buf *bytes,
				const char *type)
{
	return queue_bytes(x, 200, bytes->data, bytes->len, type);
}

enum MHD_Result http_send_answer(struct exchange *x)
{
	static const char out_of_memory[] =
		"{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},"
		"\"status\":\"Failure\",\"message\":\"out of memory\","
		"\"reason\":\"InternalError\",\"code\":500}";
	size_t flags = x->pretty ? JSON_INDENT(2) : JSON_COMPACT;
	enum MHD_Result result;
	struct buf line;
	char *text;

	transform(x);
	text = x->answer.body ? json_dumps(x->answer.body, flags) : NULL;
	buf_init(&line, JSON_TEXT_MAX);
	if (text && !buf_puts(&line, text) &&
	    !buf_puts(&line, x->pretty ? "" : "\n"))
		result = queue_bytes(x, x->answer.code, line.data, line.len,
				     NULL);
	else
		result = queue_bytes(x, 500, out_of_memory,
				     strlen(out_of_memory), NULL);
	buf_release(&line);
	free(text);
	return result;
}

void http_park(void *data)
{
	MHD_suspend_connection(data);
}

void http_unpark(void *data)
{
	MHD_resume_connection(data);
}

enum MHD_Result http_send_stream(struct exchange *x, const char *type,
				 MHD_ContentReaderCallback block,
				 MHD_ContentReaderFreeCallback done,
				 void *data)
{
	struct MHD_Response *response = MHD_create_response_from_callback(
		MHD_SIZE_UNKNOWN, STREAM_BLOCK, block, data, done);
	enum MHD_Result result;

	if (!response) {
		done(data);
		return MHD_NO;
	}
	x->answer.code = 200;
	add_headers(x, response, type);
	result = MHD_queue_response(x->connection, 200, response);
	MHD_destroy_response(response);
	return result;
}
