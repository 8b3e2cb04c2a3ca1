/*
 * See http.h. A request is collected, then answered at once, all but a watch
 * and a log that is followed: they are streams.
 */
#include "rehearsal/cluster/http_private.h"

#include <stdio.h>
#include <string.h>

#include "rehearsal/cluster/discovery.h"
#include "rehearsal/cluster/openapi.h"
#include "rehearsal/cluster/resource.h"
#include "rehearsal/cluster/trouble.h"

static enum MHD_Result serve_review(struct exchange *x)
{
	struct api_request body = { .body = x->body.data,
				    .body_len = x->body.len };
	json_error_t why;
	json_t *review = api_parse_body(&body, &why);

	if (!access_is_review(x->route.plural))
		status_no_resource(&x->answer);
	else if (strcmp(x->method, "POST"))
		status_method(&x->answer);
	else if (!json_is_object(review))
		status_bad_request(&x->answer, "couldn't get version/kind; "
				   "json parse error: %s",
				   review ? "not an object" : why.text);
	else
		http_review(x, review);
	json_decref(review);
	return http_send_answer(x);
}

static bool is_log(const struct api_request *request)
{
	return request->resource->has_log && !strcmp(request->subresource, "log");
}

static bool subresource_known(const struct api_request *request)
{
	const struct resource *resource = request->resource;
	const char *sub = request->subresource;

	return !*sub || (resource->has_status && !strcmp(sub, "status")) ||
	       (resource->has_scale && !strcmp(sub, "scale")) ||
	       is_log(request);
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

	if (strcmp(verb, "get") && strcmp(verb, "list"))
		trouble_before_write(x->http->options.trouble,
				     x->http->options.store, &x->request);
	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++)
		if (!strcmp(verbs[i].verb, verb))
			verbs[i].fn(x->http->options.store, &x->request,
				    &x->answer);
}

static enum MHD_Result serve_resource(struct exchange *x)
{
	const char *verb = route_verb(&x->route, x->method,
				      http_query_flag(x, "watch"));
	struct access_wish wish = {
		.verb = verb, .group = x->route.group,
		.resource = x->route.plural, .ns = route_place(&x->route),
		.subresource = x->route.subresource, .name = x->route.name,
	};
	const struct resource *resource;

	if (!verb) {
		status_method(&x->answer);
		return http_send_answer(x);
	}
	if (!http_allows(x, &wish)) {
		access_refuse(&x->answer, &x->who, &wish);
		return http_send_answer(x);
	}
	resource = resource_find(x->route.group, x->route.version,
				 x->route.plural);
	if (!resource)
		return serve_review(x);
	http_fill_request(x, resource);
	if (!subresource_known(&x->request))
		status_no_resource(&x->answer);
	else if (!http_check_options(x, verb))
		return http_send_answer(x);
	else if (!strcmp(verb, "watch"))
		return http_serve_watch(x);
	else if (is_log(&x->request) && !strcmp(verb, "get"))
		return http_serve_log(x);
	else if (is_log(&x->request))
		status_method(&x->answer);
	else if (!strcmp(verb, "patch") && !http_find_patch(x))
		status_media_type(&x->answer);
	else
		run_verb(x, verb);
	return http_send_answer(x);
}

static enum MHD_Result serve_health(struct exchange *x)
{
	char text[512] = "ok";

	if (http_query_has(x, "verbose"))
		snprintf(text, sizeof(text), "%s%s check passed\n",
			 discovery_health_text(), x->path + 1);
	return http_send_text(x, 200, text);
}

static bool is_health(const char *path)
{
	return !strcmp(path, "/readyz") || !strcmp(path, "/livez") ||
	       !strcmp(path, "/healthz");
}

/* What is no JSON, or need not be, whatever Accept says. */
static bool has_own_type(const char *path)
{
	return is_health(path) || !strcmp(path, "/openapi/v2");
}

static bool is_openapi(const char *path)
{
	return !strncmp(path, "/openapi/v", 10);
}

/* An old kubectl takes version 2 in protobuf only. */
static enum MHD_Result serve_openapi(struct exchange *x)
{
	bool v2 = !strcmp(x->path, "/openapi/v2");
	json_t *json = v2 ? openapi_v2() : openapi_v3(x->path);
	struct buf document;
	enum MHD_Result result;

	if (!json)
		status_no_resource(&x->answer);
	else if (!v2 || x->media == MEDIA_JSON)
		answer_set(&x->answer, 200, json_incref(json));
	if (x->answer.code) {
		json_decref(json);
		return http_send_answer(x);
	}
	buf_init(&document, OPENAPI_MAX);
	if (openapi_encode(&document, json)) {
		answer_set(&x->answer, 500, NULL);
		result = http_send_answer(x);
	} else {
		result = http_send_bytes(x, &document, OPENAPI_TYPE);
	}
	buf_release(&document);
	json_decref(json);
	return result;
}

static enum MHD_Result serve_path(struct exchange *x)
{
	struct access_wish wish = { .verb = "get", .path = x->path };
	json_t *document;

	if (!access_allows(&x->who, &wish)) {
		access_refuse(&x->answer, &x->who, &wish);
		return http_send_answer(x);
	}
	if (is_health(x->path))
		return serve_health(x);
	if (is_openapi(x->path))
		return serve_openapi(x);
	document = discovery_document(x->path, x->media == MEDIA_DISCOVERY);
	x->pretty = !strcmp(x->path, "/version");
	if (document)
		answer_set(&x->answer, 200, document);
	else
		status_no_resource(&x->answer);
	return http_send_answer(x);
}

enum MHD_Result http_serve(struct exchange *x)
{
	size_t len = strlen(x->path);

	while (len > 1 && x->path[len - 1] == '/')
		x->path[--len] = '\0';
	x->media = media_choose(http_request_header(x, "Accept"));
	if (!http_authenticate(x)) {
		status_unauthorized(&x->answer);
		return http_send_answer(x);
	}
	x->known = true;
	if (!http_impersonate(x))
		return http_send_answer(x);
	if (http_throttled(x))
		return http_send_throttled(x);
	if (x->body.error) {
		status_too_large(&x->answer, "limit is 3145728");
		return http_send_answer(x);
	}
	if (x->media == MEDIA_NONE && !has_own_type(x->path)) {
		x->pretty = true;
		answer_set(&x->answer, 406, status_object(
			406, "NotAcceptable", json_object(),
			"406: Not Acceptable\n\nAvailable representations: "
			"application/json, application/yaml, "
			"application/vnd.kubernetes.protobuf"));
		return http_send_answer(x);
	}
	return route_parse(x->path, &x->route) ? serve_resource(x)
					       : serve_path(x);
}
