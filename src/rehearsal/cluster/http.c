/*
 * See http.h. A request is collected, then answered at once, all but a watch:
 * its connection is suspended whenever there is nothing to send.
 */
#include "rehearsal/cluster/http.h"

#include <arpa/inet.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "rehearsal/cluster/access.h"
#include "rehearsal/cluster/api.h"
#include "rehearsal/cluster/discovery.h"
#include "rehearsal/cluster/media.h"
#include "rehearsal/cluster/object.h"
#include "rehearsal/cluster/resource.h"
#include "rehearsal/cluster/route.h"
#include "rehearsal/cluster/table.h"
#include "rehearsal/cluster/tls.h"
#include "rehearsal/cluster/watch.h"

#define MANAGER_MAX 128
#define WATCH_BLOCK (32u << 10)
#define COMMON_NAME_MAX 128
#define TIMEOUT_SECONDS_MAX 86400

struct http {
	struct MHD_Daemon *daemon;
	struct http_options options;
	int port;
};

/* One request, from its first header to its answer. */
struct exchange {
	struct http *http;
	struct MHD_Connection *connection;
	const char *method;
	char *path;             /* owned */
	struct buf body;
	enum access_user user;
	enum media media;
	struct route route;
	char manager[MANAGER_MAX];
	struct api_request request;
	struct answer answer;
	bool pretty;
};

/* --- what the request says -------------------------------------------------- */

static const char *query(const struct exchange *x, const char *name)
{
	return MHD_lookup_connection_value(x->connection,
					   MHD_GET_ARGUMENT_KIND, name);
}

static const char *header(const struct exchange *x, const char *name)
{
	return MHD_lookup_connection_value(x->connection, MHD_HEADER_KIND,
					   name);
}

static bool query_is(const struct exchange *x, const char *name,
		     const char *value)
{
	const char *text = query(x, name);

	return text && !strcmp(text, value);
}

/* "true" or "1" */
static bool query_flag(const struct exchange *x, const char *name)
{
	return query_is(x, name, "true") || query_is(x, name, "1");
}

static int64_t query_number(const struct exchange *x, const char *name,
			    int64_t max, int64_t fallback)
{
	const char *text = query(x, name);
	int64_t value;

	return text && !text_parse_int(text, 0, max, &value) ? value
							     : fallback;
}

/* The common name of a certificate that our authority has signed. */
static bool certificate_user(struct MHD_Connection *connection,
			     enum access_user *ret)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
		connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
	gnutls_session_t session = info ? info->tls_session : NULL;
	char name[COMMON_NAME_MAX];
	size_t size = sizeof(name);
	const gnutls_datum_t *chain;
	unsigned int count = 0, status = 0;
	gnutls_x509_crt_t cert;
	bool found = false;

	chain = session ? gnutls_certificate_get_peers(session, &count) : NULL;
	if (!chain || !count ||
	    gnutls_certificate_verify_peers2(session, &status) || status ||
	    gnutls_x509_crt_init(&cert))
		return false;
	if (!gnutls_x509_crt_import(cert, &chain[0], GNUTLS_X509_FMT_DER) &&
	    !gnutls_x509_crt_get_dn_by_oid(cert, GNUTLS_OID_X520_COMMON_NAME,
					   0, 0, name, &size)) {
		*ret = access_by_name(name);
		found = true;
	}
	gnutls_x509_crt_deinit(cert);
	return found;
}

/* False for credentials that nobody has. */
static bool authenticate(struct exchange *x)
{
	const char *authorization = header(x, "Authorization");

	x->user = ACCESS_ANONYMOUS;
	if (certificate_user(x->connection, &x->user))
		return true;
	return !authorization ||
	       access_by_header(x->http->options.tokens, authorization,
				&x->user);
}

/* fieldManager, or the first word of the User-Agent. */
static void find_manager(struct exchange *x)
{
	const char *manager = query(x, "fieldManager");
	const char *agent = header(x, "User-Agent");

	if (manager && *manager)
		snprintf(x->manager, sizeof(x->manager), "%s", manager);
	else if (agent && *agent)
		snprintf(x->manager, sizeof(x->manager), "%.*s",
			 (int)strcspn(agent, "/ "), agent);
	else
		snprintf(x->manager, sizeof(x->manager), "unknown");
}

/* The kind of patch by Content-Type; false for one that is not taken. */
static bool find_patch(struct exchange *x)
{
	static const struct {
		const char *type;
		enum api_patch patch;
	} types[] = {
		{ "application/json-patch+json", API_PATCH_JSON },
		{ "application/merge-patch+json", API_PATCH_MERGE },
		{ "application/strategic-merge-patch+json",
		  API_PATCH_STRATEGIC },
	};
	const char *type = header(x, MHD_HTTP_HEADER_CONTENT_TYPE);
	size_t len = type ? strcspn(type, "; ") : 0;

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (strlen(types[i].type) == len &&
		    !strncasecmp(types[i].type, type, len)) {
			x->request.patch = types[i].patch;
			return true;
		}
	return false;
}

static enum api_validation find_validation(const struct exchange *x)
{
	if (query_is(x, "fieldValidation", "Strict"))
		return API_STRICT;
	return query_is(x, "fieldValidation", "Ignore") ? API_IGNORE
							: API_WARN;
}

static void copy_name(char dst[API_NAME_MAX], const char *text)
{
	snprintf(dst, API_NAME_MAX, "%s", text);
}

static void fill_request(struct exchange *x, const struct resource *resource)
{
	struct api_request *request = &x->request;

	find_manager(x);
	*request = (struct api_request){
		.resource = resource,
		.manager = x->manager,
		.body = x->body.len ? x->body.data : "",
		.body_len = x->body.len,
		.dry_run = query_is(x, "dryRun", "All"),
		.validation = find_validation(x),
		.label_selector = query(x, "labelSelector"),
		.field_selector = query(x, "fieldSelector"),
		.token = query(x, "continue"),
		.limit = query_number(x, "limit", INT32_MAX, 0),
		.version = query(x, "resourceVersion"),
		.version_match = query(x, "resourceVersionMatch"),
		.grace = query_number(x, "gracePeriodSeconds", INT32_MAX, -1),
		.propagation = query(x, "propagationPolicy"),
	};
	copy_name(request->ns, x->route.ns);
	copy_name(request->name, x->route.name);
	copy_name(request->subresource, x->route.subresource);
}

/* --- answers ---------------------------------------------------------------- */

static enum table_include find_include(const struct exchange *x)
{
	if (query_is(x, "includeObject", "Object"))
		return TABLE_OBJECT;
	return query_is(x, "includeObject", "None") ? TABLE_NONE
						    : TABLE_METADATA;
}

/* Turns an object or list into the form that was asked for. */
static void transform(struct exchange *x)
{
	json_t *body = x->answer.body, *formed;
	const char *kind = json_text(body, "kind", "");

	if (x->answer.code >= 300 || !x->request.resource ||
	    !strcmp(kind, "Status") || !strcmp(kind, "Scale"))
		return;
	if (x->media == MEDIA_TABLE)
		formed = table_of(x->request.resource, body, find_include(x),
				  true);
	else if (x->media == MEDIA_METADATA)
		formed = table_metadata_of(body);
	else
		return;
	answer_set(&x->answer, x->answer.code, formed);
}

static const char *content_type(const struct exchange *x)
{
	return x->media == MEDIA_DISCOVERY && x->answer.code == 200
		? "application/json;g=apidiscovery.k8s.io;v=v2;"
		  "as=APIGroupDiscoveryList"
		: "application/json";
}

#define WARNING_HEADER_MAX (2 * ANSWER_WARNING_MAX + 16)

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

static void add_headers(const struct exchange *x,
			struct MHD_Response *response)
{
	char warning[WARNING_HEADER_MAX], id[OBJECT_UID_MAX];
	const char *text = x->answer.warning;

	object_make_uid(id);
	MHD_add_response_header(response, "Audit-Id", id);
	MHD_add_response_header(response, "Cache-Control",
				"no-cache, private");
	MHD_add_response_header(response, "Content-Type", content_type(x));
	if (x->answer.code == 403)
		MHD_add_response_header(response, "X-Content-Type-Options",
					"nosniff");
	if (x->answer.code == 429 || x->answer.code == 504)
		MHD_add_response_header(response, "Retry-After", "1");
	if (!*text && x->request.resource && x->request.resource->warning)
		text = x->request.resource->warning;
	if (!*text)
		return;
	warning_header(text, warning);
	MHD_add_response_header(response, "Warning", warning);
}

static enum MHD_Result send_text(struct exchange *x, unsigned int code,
				 char *text, const char *type)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(
		strlen(text), text, MHD_RESPMEM_MUST_COPY);
	enum MHD_Result result;

	if (!response)
		return MHD_NO;
	if (type) {
		MHD_add_response_header(response, "Content-Type", type);
		MHD_add_response_header(response, "X-Content-Type-Options",
					"nosniff");
	} else {
		add_headers(x, response);
	}
	result = MHD_queue_response(x->connection, code, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result send_answer(struct exchange *x)
{
	static char out_of_memory[] =
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
		result = send_text(x, x->answer.code, line.data, NULL);
	else
		result = send_text(x, 500, out_of_memory, NULL);
	buf_release(&line);
	free(text);
	return result;
}

/* --- watches ---------------------------------------------------------------- */

static void park(void *data)
{
	MHD_suspend_connection(data);
}

static void unpark(void *data)
{
	MHD_resume_connection(data);
}

static ssize_t watch_block(void *data, uint64_t position, char *dst,
			   size_t size)
{
	ssize_t count = watch_read(data, dst, size, park);

	(void)position;
	if (count == WATCH_END)
		return MHD_CONTENT_READER_END_OF_STREAM;
	return count == WATCH_PARKED ? 0 : count;
}

static void watch_done(void *data)
{
	watch_close(data);
}

static enum MHD_Result serve_watch(struct exchange *x)
{
	static const enum watch_form forms[] = {
		[MEDIA_TABLE] = WATCH_TABLE,
		[MEDIA_METADATA] = WATCH_METADATA,
		[MEDIA_NONE] = WATCH_PLAIN,
	};
	struct watch_options options = {
		.request = x->request,
		.form = forms[x->media],
		.include = find_include(x),
		.bookmarks = query_flag(x, "allowWatchBookmarks"),
		.initial_events = query_flag(x, "sendInitialEvents"),
		.timeout_ms = 1000 * query_number(x, "timeoutSeconds",
						  TIMEOUT_SECONDS_MAX, 0),
	};
	struct watch *watch = watch_open(x->http->options.hub, &options,
					 unpark, x->connection, &x->answer);
	struct MHD_Response *response;
	enum MHD_Result result;

	if (!watch)
		return send_answer(x);
	response = MHD_create_response_from_callback(
		MHD_SIZE_UNKNOWN, WATCH_BLOCK, watch_block, watch, watch_done);
	if (!response) {
		watch_close(watch);
		return MHD_NO;
	}
	x->answer.code = 200;
	add_headers(x, response);
	result = MHD_queue_response(x->connection, 200, response);
	MHD_destroy_response(response);
	return result;
}

/* --- routing ---------------------------------------------------------------- */

static enum MHD_Result serve_review(struct exchange *x)
{
	json_t *review = json_loadb(x->body.data ? x->body.data : "",
				    x->body.len, 0, NULL);

	if (strcmp(x->method, "POST"))
		status_method(&x->answer);
	else if (!access_review(&x->answer, x->user, x->route.plural, review))
		status_no_resource(&x->answer);
	json_decref(review);
	return send_answer(x);
}

static bool subresource_known(const struct api_request *request)
{
	const struct resource *resource = request->resource;
	const char *sub = request->subresource;

	return !*sub || (resource->has_status && !strcmp(sub, "status")) ||
	       (resource->has_scale && !strcmp(sub, "scale"));
}

static void run_verb(struct exchange *x, const char *verb)
{
	static const struct {
		const char *verb;
		void (*fn)(struct store *, const struct api_request *,
			   struct answer *);
	} verbs[] = {
		{ "get", api_get }, { "list", api_list },
		{ "create", api_create }, { "update", api_replace },
		{ "patch", api_patch }, { "delete", api_delete },
		{ "deletecollection", api_delete_all },
	};

	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++)
		if (!strcmp(verbs[i].verb, verb))
			verbs[i].fn(x->http->options.store, &x->request,
				    &x->answer);
}

static enum MHD_Result serve_resource(struct exchange *x)
{
	const char *verb = route_verb(&x->route, x->method,
				      query_flag(x, "watch"));
	struct access_wish wish = {
		.verb = verb, .group = x->route.group,
		.resource = x->route.plural, .ns = x->route.ns,
		.subresource = x->route.subresource, .name = x->route.name,
	};
	const struct resource *resource;

	if (!verb) {
		status_method(&x->answer);
		return send_answer(x);
	}
	if (!access_allows(x->user, &wish)) {
		access_refuse(&x->answer, x->user, &wish);
		return send_answer(x);
	}
	resource = resource_find(x->route.group, x->route.version,
				 x->route.plural);
	if (!resource)
		return serve_review(x);
	fill_request(x, resource);
	if (!subresource_known(&x->request))
		status_no_resource(&x->answer);
	else if (!strcmp(verb, "watch"))
		return serve_watch(x);
	else if (!strcmp(verb, "patch") && !find_patch(x))
		status_media_type(&x->answer);
	else
		run_verb(x, verb);
	return send_answer(x);
}

static enum MHD_Result serve_health(struct exchange *x)
{
	char text[512] = "ok";

	if (query(x, "verbose"))
		snprintf(text, sizeof(text), "%s%s check passed\n",
			 discovery_health_text(), x->path + 1);
	return send_text(x, 200, text, "text/plain; charset=utf-8");
}

static bool is_health(const char *path)
{
	return !strcmp(path, "/readyz") || !strcmp(path, "/livez") ||
	       !strcmp(path, "/healthz");
}

static enum MHD_Result serve_path(struct exchange *x)
{
	struct access_wish wish = { .verb = "get", .path = x->path };
	json_t *document;

	if (!access_allows(x->user, &wish)) {
		access_refuse(&x->answer, x->user, &wish);
		return send_answer(x);
	}
	if (is_health(x->path))
		return serve_health(x);
	document = discovery_document(x->path, x->media == MEDIA_DISCOVERY);
	x->pretty = !strcmp(x->path, "/version");
	if (document)
		answer_set(&x->answer, 200, document);
	else
		status_no_resource(&x->answer);
	return send_answer(x);
}

static enum MHD_Result serve(struct exchange *x)
{
	size_t len = strlen(x->path);

	while (len > 1 && x->path[len - 1] == '/')
		x->path[--len] = '\0';
	x->media = media_choose(header(x, "Accept"));
	if (!authenticate(x)) {
		status_unauthorized(&x->answer);
		return send_answer(x);
	}
	if (x->body.error) {
		status_too_large(&x->answer);
		return send_answer(x);
	}
	if (x->media == MEDIA_NONE && !is_health(x->path)) {
		x->pretty = true;
		answer_set(&x->answer, 406, status_object(
			406, "NotAcceptable", json_object(),
			"406: Not Acceptable\n\nAvailable representations: "
			"application/json"));
		return send_answer(x);
	}
	return route_parse(x->path, &x->route) ? serve_resource(x)
					       : serve_path(x);
}

/* --- libmicrohttpd ---------------------------------------------------------- */

static struct exchange *exchange_new(struct http *http,
				     struct MHD_Connection *connection,
				     const char *path)
{
	struct exchange *x = calloc(1, sizeof(*x));

	if (!x)
		return NULL;
	x->http = http;
	x->connection = connection;
	x->path = strdup(path);
	buf_init(&x->body, API_BODY_MAX);
	if (x->path)
		return x;
	free(x);
	return NULL;
}

static enum MHD_Result on_request(void *data,
				  struct MHD_Connection *connection,
				  const char *path, const char *method,
				  const char *version, const char *upload,
				  size_t *upload_len, void **state)
{
	struct exchange *x = *state;

	(void)version;
	if (!x) {
		*state = exchange_new(data, connection, path);
		return *state ? MHD_YES : MHD_NO;
	}
	x->method = method;
	if (*upload_len) {
		buf_append(&x->body, upload, *upload_len);
		*upload_len = 0;
		return MHD_YES;
	}
	return serve(x);
}

static void on_completed(void *data, struct MHD_Connection *connection,
			 void **state, enum MHD_RequestTerminationCode code)
{
	struct exchange *x = *state;

	(void)data;
	(void)connection;
	(void)code;
	if (!x)
		return;
	answer_release(&x->answer);
	buf_release(&x->body);
	free(x->path);
	free(x);
	*state = NULL;
}

int http_open(struct http **ret, const struct http_options *options,
	      struct error *err)
{
	struct http *http = calloc(1, sizeof(*http));
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)options->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	const union MHD_DaemonInfo *info;

	if (!http)
		return error_nomem(err);
	http->options = *options;
	http->daemon = MHD_start_daemon(
		MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_TLS |
			MHD_ALLOW_SUSPEND_RESUME,
		0, NULL, NULL, on_request, http,
		MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address,
		MHD_OPTION_HTTPS_MEM_KEY, options->tls->server_key,
		MHD_OPTION_HTTPS_MEM_CERT, options->tls->server_cert,
		MHD_OPTION_HTTPS_MEM_TRUST, options->tls->ca,
		MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL,
		MHD_OPTION_END);
	info = http->daemon ? MHD_get_daemon_info(
		http->daemon, MHD_DAEMON_INFO_BIND_PORT) : NULL;
	if (!info) {
		http_close(http);
		return error_set(err, ERR_IO, NULL,
				 "the practice cluster cannot listen on "
				 "127.0.0.1:%d", options->port);
	}
	http->port = info->port;
	*ret = http;
	return 0;
}

int http_port(const struct http *http)
{
	return http->port;
}

void http_close(struct http *http)
{
	if (!http)
		return;
	if (http->daemon)
		MHD_stop_daemon(http->daemon);
	free(http);
}
