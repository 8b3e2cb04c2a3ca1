/* get and list. */
#include "rehearsal/cluster/api_private.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "rehearsal/cluster/field_selector.h"
#include "rehearsal/cluster/object.h"
#include "rehearsal/cluster/resource.h"
#include "rehearsal/cluster/selector.h"
#include "rehearsal/cluster/store.h"

#define TOKEN_TEXT_MAX 1024

/* "app=myapp,version=v2" of a LabelSelector's matchLabels. */
static json_t *selector_text(const json_t *labels)
{
	const char *key;
	json_t *value, *text;
	struct buf buf;

	buf_init(&buf, API_BODY_MAX);
	json_object_foreach((json_t *)labels, key, value)
		buf_printf(&buf, "%s%s=%s", buf.len ? "," : "", key,
			   json_text(value, "", ""));
	text = buf_error(&buf) ? NULL : json_string(buf.data);
	buf_release(&buf);
	return text;
}

json_t *api_scale_of(const json_t *object)
{
	return json_pack(
		"{s:s,s:s,s:{s:s,s:s,s:s,s:s,s:s},s:{s:I},s:{s:I,s:o}}",
		"kind", "Scale", "apiVersion", "autoscaling/v1", "metadata",
		"name", object_name(object), "namespace", object_ns(object),
		"uid", object_uid(object), "resourceVersion",
		json_text(object, "metadata/resourceVersion", ""),
		"creationTimestamp",
		json_text(object, "metadata/creationTimestamp", ""),
		"spec", "replicas",
		(json_int_t)json_number(object, "spec/replicas", 0),
		"status", "replicas",
		(json_int_t)json_number(object, "status/replicas", 0),
		"selector",
		selector_text(json_at(object, "spec/selector/matchLabels")));
}

void api_get(struct store *store, const struct api_request *request,
	     struct answer *answer)
{
	json_t *object;

	store_lock(store);
	object = json_incref(store_get(store, request->resource, request->ns,
				       request->name));
	store_unlock(store);
	if (!object)
		return status_not_found(answer, request->resource,
					request->name);
	if (strcmp(request->subresource, "scale"))
		return answer_set(answer, 200, object);
	answer_set(answer, 200, api_scale_of(object));
	json_decref(object);
}

int api_selector(struct selector **ret, const struct api_request *request,
		 struct answer *answer)
{
	struct error err = { 0 };
	struct selector *selector;
	int rc = selector_read(&selector, request->label_selector, &err);

	if (!rc) {
		rc = field_selector_check(request->field_selector,
					  request->resource, &err);
		if (!rc)
			*ret = selector;
		else
			selector_free(selector);
	}
	if (rc)
		status_bad_request(answer, "%s", err.message);
	return rc ? -1 : 0;
}

bool api_selects(const struct api_request *request,
		 const struct selector *selector, const json_t *object)
{
	if (*request->ns && strcmp(request->ns, object_ns(object)))
		return false;
	if (*request->name && strcmp(request->name, object_name(object)))
		return false;
	return selector_takes(selector,
				json_at(object, "metadata/labels")) &&
	       field_selector_matches(request->field_selector, object);
}

/*
 * A continue token: the version of the list's first part and the object to
 * begin behind, as base64url of JSON. "-1" is a version that never expires.
 */
static json_t *make_token(int64_t version, const char *ns, const char *name)
{
	char text[TOKEN_TEXT_MAX / 2], token[TOKEN_TEXT_MAX];
	int len = snprintf(text, sizeof(text),
			   "{\"v\":\"meta.k8s.io/v1\",\"rv\":%lld,"
			   "\"start\":\"%s/%s\\u0000\"}", (long long)version,
			   ns, name);

	if (len < 0 || (size_t)len >= sizeof(text))
		return NULL;
	EVP_EncodeBlock((unsigned char *)token, (const unsigned char *)text,
			len);
	for (char *s = token; *s; s++) {
		if (*s == '+')
			*s = '-';
		else if (*s == '/')
			*s = '_';
		else if (*s == '=')
			*s = '\0';
		if (!*s)
			break;
	}
	return json_string(token);
}

/* Where a list goes on. */
struct position {
	int64_t version;
	char ns[API_NAME_MAX];
	char name[API_NAME_MAX];
};

static bool read_token(const char *token, struct position *ret)
{
	char padded[TOKEN_TEXT_MAX];
	unsigned char text[TOKEN_TEXT_MAX] = { 0 };
	size_t len = strlen(token);
	json_t *value;
	const char *start, *slash;

	if (len + 4 > sizeof(padded))
		return false;
	for (size_t i = 0; i < len; i++)
		padded[i] = token[i] == '-' ? '+' : token[i] == '_' ? '/' :
			token[i];
	while (len % 4)
		padded[len++] = '=';
	if (EVP_DecodeBlock(text, (unsigned char *)padded, (int)len) < 0)
		return false;
	value = json_loadb((char *)text, strcspn((char *)text, "}") + 1,
			   JSON_ALLOW_NUL, NULL);
	ret->version = json_number(value, "rv", 0);
	start = json_text(value, "start", "");
	slash = strchr(start, '/');
	if (slash) {
		snprintf(ret->ns, sizeof(ret->ns), "%.*s",
			 (int)(slash - start), start);
		snprintf(ret->name, sizeof(ret->name), "%s", slash + 1);
	}
	json_decref(value);
	return slash != NULL;
}

/* Refuses a resourceVersion from the future or, asked for exactly, from the
 * past. With the store locked. */
static bool version_refused(const struct store *store,
			    const struct api_request *request,
			    struct answer *answer)
{
	bool exact = request->version_match &&
		     !strcmp(request->version_match, "Exact");
	int64_t version = 0;

	if (!request->version || !*request->version)
		return false;
	if (text_parse_int(request->version, 0, INT64_MAX, &version)) {
		status_bad_request(answer, "resourceVersion: Invalid value: "
				   "\"%s\"", request->version);
		return true;
	}
	if (exact && version < store_floor(store)) {
		status_expired(answer, "The resourceVersion for the provided "
			       "list is too old.");
		return true;
	}
	if (version <= store_version(store))
		return false;
	answer_set(answer, 504, status_object(
		504, "Timeout",
		json_pack("{s:[{s:s,s:s}],s:i}", "causes", "reason",
			  "ResourceVersionTooLarge", "message",
			  "Too large resource version", "retryAfterSeconds",
			  1),
		"Timeout: Too large resource version: %lld, current: %lld",
		(long long)version, (long long)store_version(store)));
	return true;
}

/* The 410 that holds a token with which the list may go on all the same. */
static void token_expired(struct answer *answer, const struct position *from)
{
	status_expired(answer,
		       "The provided continue parameter is too old to display "
		       "a consistent list result. You can start a new list "
		       "without the continue parameter, or use the continue "
		       "token in this response to retrieve the remainder of "
		       "the results. Continuing with the provided token "
		       "results in an inconsistent list - objects that were "
		       "created, modified, or deleted between the time the "
		       "first chunk was returned and now may show up in the "
		       "list.");
	if (answer->body)
		object_set(answer->body, "metadata/continue",
			   make_token(-1, from->ns, from->name));
}

/* 0 with the position (from nothing: the beginning), or -1 with an answer. */
static int list_start(const struct store *store,
		      const struct api_request *request,
		      struct position *ret, struct answer *answer)
{
	*ret = (struct position){ 0 };
	if (!request->token || !*request->token)
		return version_refused(store, request, answer) ? -1 : 0;
	if (!read_token(request->token, ret)) {
		status_bad_request(answer, "continue key is not valid");
		return -1;
	}
	if (ret->version < 0 || ret->version >= store_floor(store))
		return 0;
	token_expired(answer, ret);
	return -1;
}

static bool is_behind(const json_t *object, const struct position *from)
{
	int order = strcmp(object_ns(object), from->ns);

	return order > 0 || (!order &&
			     strcmp(object_name(object), from->name) > 0);
}

/* Inside a list the items carry no kind of their own. */
static int append_item(json_t *items, const json_t *object)
{
	json_t *item = json_copy((json_t *)object);

	json_object_del(item, "kind");
	json_object_del(item, "apiVersion");
	return json_array_append_new(items, item);
}

static json_t *list_object(const struct resource *resource, json_t *items,
			   int64_t version, json_t *token, int64_t remaining)
{
	char api_version[RESOURCE_TEXT_MAX], kind[RESOURCE_TEXT_MAX];
	char text[24];

	resource_api_version(resource, api_version);
	snprintf(kind, sizeof(kind), "%sList", resource->kind);
	snprintf(text, sizeof(text), "%lld", (long long)version);
	return json_pack("{s:s,s:s,s:{s:s,s:o*,s:o*},s:o}", "kind", kind,
			 "apiVersion", api_version, "metadata",
			 "resourceVersion", text, "continue", token,
			 "remainingItemCount",
			 remaining ? json_integer(remaining) : NULL,
			 "items", items);
}

json_t *api_list_of(const struct resource *resource, const json_t *objects,
		    int64_t version)
{
	json_t *items = json_array(), *object;
	int bad = !items;
	size_t i;

	json_array_foreach(objects, i, object)
		bad |= append_item(items, object);
	if (!bad)
		return list_object(resource, items, version, NULL, 0);
	json_decref(items);
	return NULL;
}

/* With the store locked. */
static void list_locked(struct store *store,
			const struct api_request *request,
			const struct selector *selector,
			struct answer *answer)
{
	json_t *items = json_array(), *last = NULL, *token = NULL;
	int64_t limit = request->limit > 0 ? request->limit : INT64_MAX;
	int64_t version, rest = 0;
	struct position from;
	int bad = 0;

	if (list_start(store, request, &from, answer)) {
		json_decref(items);
		return;
	}
	version = from.version > 0 ? from.version : store_version(store);
	for (size_t i = 0; i < store_count(store, request->resource); i++) {
		json_t *object = store_at(store, request->resource, i);

		if (!is_behind(object, &from) ||
		    !api_selects(request, selector, object))
			continue;
		if ((int64_t)json_array_size(items) < limit) {
			bad |= append_item(items, object);
			last = object;
		} else {
			rest++;
		}
	}
	if (rest)
		token = make_token(version, object_ns(last),
				   object_name(last));
	if (request->label_selector || request->field_selector)
		rest = 0;       /* not counted where something is selected */
	if (bad) {
		json_decref(items);
		items = NULL;
	}
	answer_set(answer, 200, list_object(request->resource, items, version,
					    token, rest));
}

void api_list(struct store *store, const struct api_request *request,
	      struct answer *answer)
{
	struct selector *selector;

	if (api_selector(&selector, request, answer))
		return;
	store_lock(store);
	list_locked(store, request, selector, answer);
	store_unlock(store);
	selector_free(selector);
}
