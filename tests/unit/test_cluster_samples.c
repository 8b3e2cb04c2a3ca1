/*
 * The practice cluster's answers against those of a real API server. The store
 * is filled with what the real one held; each sample's request is then made
 * here, and the answers must be equal but for what differs each time: versions
 * and times.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "kube_sample.h"
#include "rehearsal/cluster/access.h"
#include "rehearsal/cluster/api.h"
#include "rehearsal/cluster/object.h"
#include "rehearsal/cluster/resource.h"
#include "rehearsal/cluster/route.h"
#include "rehearsal/cluster/store.h"
#include "rehearsal/cluster/table.h"

#define TEXT_MAX 65536

/* --- a store like the real server's ----------------------------------- */

static void put(struct store *store, json_t *object)
{
	const struct resource *resource = resource_by_kind(
		json_text(object, "kind", ""));

	assert_non_null(resource);
	store_lock(store);
	assert_non_null(store_put(store, resource, json_deep_copy(object)));
	store_unlock(store);
}

static void put_sample(struct store *store, const char *name)
{
	json_t *object = kube_sample_json(name);

	put(store, object);
	json_decref(object);
}

/* The items of a list; they carry no kind. */
static void put_items(struct store *store, const char *name, const char *kind)
{
	json_t *list = kube_sample_json(name), *item;
	size_t i;

	json_array_foreach(json_at(list, "items"), i, item) {
		json_object_set_new(item, "kind", json_string(kind));
		put(store, item);
	}
	json_decref(list);
}

static struct store *filled(void)
{
	struct store *store = store_new();

	json_t *ns = json_pack("{s:s,s:{s:s}}", "kind", "Namespace",
			       "metadata", "name", "shop");

	assert_non_null(store);
	put(store, ns);
	json_decref(ns);
	put_sample(store, "get-deployment");
	put_sample(store, "get-service");
	put_items(store, "list-pods", "Pod");
	put_items(store, "list-replicasets", "ReplicaSet");
	put_items(store, "list-endpointslices", "EndpointSlice");
	return store;
}

/* --- a sample's request ----------------------------------------------- */

struct sample_request {
	char text[TEXT_MAX];
	char method[16], path[1024];
	struct route route;
	struct api_request request;
	char selector[256], token[512], manager[64];
};

/* The value of a query parameter, decoded, or "". */
static void query(const char *path, const char *name, char *dst, size_t size)
{
	const char *at = strchr(path, '?');
	size_t len = strlen(name), used = 0;

	while (at && (strncmp(at + 1, name, len) || at[len + 1] != '='))
		at = strchr(at + 1, '&');
	for (at = at ? at + len + 2 : ""; *at && *at != '&'; at++) {
		unsigned int byte = (unsigned char)*at;

		if (*at == '%' && sscanf(at + 1, "%2x", &byte) == 1)
			at += 2;
		if (used + 1 < size)
			dst[used++] = (char)byte;
	}
	dst[used] = '\0';
}

static void read_request(struct sample_request *r, const char *name)
{
	char file[512], number[32], *body;
	FILE *in;
	size_t len;

	memset(r, 0, sizeof(*r));
	snprintf(file, sizeof(file), "%s/tests/kube-samples/%s.request",
		 getenv("CUTOVER_SOURCE") ? getenv("CUTOVER_SOURCE") : ".",
		 name);
	in = fopen(file, "r");
	assert_non_null(in);
	len = fread(r->text, 1, sizeof(r->text) - 1, in);
	fclose(in);
	assert_int_equal(sscanf(r->text, "%15s %1023s", r->method, r->path),
			 2);
	query(r->path, "labelSelector", r->selector, sizeof(r->selector));
	query(r->path, "continue", r->token, sizeof(r->token));
	query(r->path, "limit", number, sizeof(number));
	r->request.limit = strtol(number, NULL, 10);
	query(r->path, "dryRun", number, sizeof(number));
	r->request.dry_run = !strcmp(number, "All");
	query(r->path, "fieldValidation", number, sizeof(number));
	r->request.validation = !strcmp(number, "Strict") ? API_STRICT
							  : API_WARN;
	r->request.label_selector = *r->selector ? r->selector : NULL;
	r->request.token = r->token;
	r->request.grace = -1;
	query(r->path, "fieldManager", r->manager, sizeof(r->manager));
	r->request.manager = *r->manager ? r->manager : "sample";
	r->request.manager_given = *r->manager;
	if (strstr(r->text, "strategic-merge-patch"))
		r->request.patch = API_PATCH_STRATEGIC;
	else if (strstr(r->text, "application/merge-patch"))
		r->request.patch = API_PATCH_MERGE;
	else if (strstr(r->text, "application/apply-patch"))
		r->request.patch = API_PATCH_APPLY;
	else
		r->request.patch = API_PATCH_JSON;
	body = strstr(r->text, "\r\n\r\n");
	assert_non_null(body);
	r->request.body = body + 4;
	r->request.body_len = (size_t)(r->text + len - (body + 4));
	r->path[strcspn(r->path, "?")] = '\0';
}

/* Makes the request of a sample on the store. */
static void ask(struct store *store, const char *name, struct answer *answer)
{
	static const struct {
		const char *verb;
		void (*fn)(struct store *, const struct api_request *,
			   struct answer *);
	} verbs[] = {
		{ "get", api_get }, { "list", api_list },
		{ "create", api_create }, { "update", api_replace },
		{ "patch", api_patch }, { "delete", api_delete },
	};
	static struct sample_request r;
	const char *verb;

	read_request(&r, name);
	assert_true(route_parse(r.path, &r.route));
	verb = route_verb(&r.route, r.method, false);
	assert_non_null(verb);
	r.request.resource = resource_find(r.route.group, r.route.version,
					   r.route.plural);
	assert_non_null(r.request.resource);
	snprintf(r.request.ns, sizeof(r.request.ns), "%s", r.route.ns);
	snprintf(r.request.name, sizeof(r.request.name), "%s", r.route.name);
	snprintf(r.request.subresource, sizeof(r.request.subresource), "%s",
		 r.route.subresource);
	memset(answer, 0, sizeof(*answer));
	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++)
		if (!strcmp(verbs[i].verb, verb))
			verbs[i].fn(store, &r.request, answer);
}

/* --- comparing -------------------------------------------------------- */

/* Sets what differs each time to one value, everywhere. */
static void level(json_t *value)
{
	static const char *const varying[] = { "resourceVersion", "time",
		"deletionTimestamp", "creationTimestamp", "continue" };
	const char *key;
	json_t *child;
	size_t i;
	void *next;

	json_object_foreach_safe(value, next, key, child) {
		for (i = 0; i < sizeof(varying) / sizeof(*varying); i++)
			if (!strcmp(key, varying[i]) && json_is_string(child))
				json_object_set_new(value, key,
						    json_string("*"));
		level(json_object_get(value, key));
	}
	json_array_foreach(value, i, child)
		level(child);
}

static void assert_same(json_t *ours, json_t *theirs)
{
	char *a, *b;

	level(ours);
	level(theirs);
	if (json_equal(ours, theirs))
		return;
	a = json_dumps(ours, JSON_INDENT(1) | JSON_SORT_KEYS);
	b = json_dumps(theirs, JSON_INDENT(1) | JSON_SORT_KEYS);
	print_message("ours:\n%s\ntheirs:\n%s\n", a, b);
	free(a);
	free(b);
	fail();
}

static void compare_answer(struct store *store, const char *name)
{
	json_t *theirs = kube_sample_json(name), *ours;
	struct kube_sample sample;
	struct answer answer;

	kube_sample_read(&sample, name);
	ask(store, name, &answer);
	ours = json_deep_copy(answer.body);
	assert_int_equal(answer.code, sample.status);
	assert_same(ours, theirs);
	json_decref(ours);
	json_decref(theirs);
	answer_release(&answer);
	kube_sample_release(&sample);
}

static void compare_all(const char *const *names)
{
	for (; *names; names++) {
		struct store *store = filled();

		print_message("%s\n", *names);
		compare_answer(store, *names);
		store_free(store);
	}
}

/* --- cases ------------------------------------------------------------ */

static void refusals(void **state)
{
	static const char *const names[] = {
		"400-bad-labelselector", "400-malformed-json",
		"404-deployment", "409-alreadyexists",
		"409-apply-field-conflict", "409-conflict-put",
		"409-conflict-merge-patch-rv", "409-delete-uid-precondition",
		"422-deployment-replicas",
		"422-deployment-selector-immutable", "422-service-bad-port",
		"422-service-bad-label-value", "422-jsonpatch-test-failed",
		"410-list-continue-expired", NULL };

	(void)state;
	compare_all(names);
}

static void reads(void **state)
{
	static const char *const names[] = {
		"get-deployment", "get-service", "get-pod", "list-pods",
		"list-replicasets", "list-endpointslices",
		"get-endpointslice", "404-namespace-list-is-empty",
		"list-pods-limit-continue", NULL };

	(void)state;
	compare_all(names);
}

/* The objects of a changed object's answer, managed fields too. */
static void changes(void **state)
{
	static const char *const names[] = {
		"200-dryrun-patch-env", "200-patch-env",
		"200-warning-unknown-field", "200-delete-pod",
		NULL };

	(void)state;
	compare_all(names);
}

/* The annotation that the real one had been given before by the same
 * manager. */
static void selector_patch(void **state)
{
	struct store *store = filled();
	struct sample_request *r = calloc(1, sizeof(*r));
	struct answer answer = { 0 };
	json_t *theirs = kube_sample_json("200-patch-selector");
	char body[256];

	(void)state;
	read_request(r, "200-patch-selector");
	r->request.resource = resource_at(RESOURCE_SERVICES);
	snprintf(r->request.ns, sizeof(r->request.ns), "shop");
	snprintf(r->request.name, sizeof(r->request.name), "my-app-service");
	snprintf(body, sizeof(body),
		 "{\"metadata\":{\"annotations\":{\"x\":\"%s\"}}}",
		 json_text(theirs, "metadata/annotations/x", ""));
	r->request.body = body;
	r->request.body_len = strlen(body);
	api_patch(store, &r->request, &answer);
	assert_int_equal(answer.code, 200);
	answer_release(&answer);
	compare_answer(store, "200-patch-selector");
	json_decref(theirs);
	store_free(store);
	free(r);
}

/* A wrong type and a strict unknown field: the same cause. The whole object
 * that the message quotes is in another order. */
static void schema_refusals(void **state)
{
	static const char *const names[] = { "422-wrong-type",
					     "422-strict-unknown-field" };
	struct store *store = filled();

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		json_t *theirs = kube_sample_json(names[i]);
		const char *a, *b;
		struct answer answer;

		ask(store, names[i], &answer);
		assert_int_equal(answer.code, 422);
		a = json_text(answer.body, "message", "");
		b = json_text(theirs, "message", "?");
		a = strrchr(a, '}');
		b = strrchr(b, '}');
		assert_non_null(a);
		assert_non_null(b);
		assert_string_equal(a, b);
		assert_string_equal(
			json_text(answer.body, "details/causes/0/field", ""),
			json_text(theirs, "details/causes/0/field", "?"));
		json_decref(theirs);
		answer_release(&answer);
	}
	store_free(store);
}

/* Our users have other names. */
static void forbidden(void **state)
{
	static const struct {
		const char *name, *verb, *group, *resource, *object;
		enum access_user user;
		const char *theirs;
	} cases[] = {
		{ "403-patch-deployment", "patch", "apps", "deployments",
		  "my-app-v2", ACCESS_READER, "token-reader" },
		{ "403-patch-service", "patch", "", "services",
		  "my-app-service", ACCESS_READER, "token-reader" },
		{ "403-list-nobody", "list", "", "pods", "", ACCESS_NOBODY,
		  "token-nobody" },
		{ "403-watch-nobody", "watch", "", "pods", "", ACCESS_NOBODY,
		  "token-nobody" },
		{ "403-anonymous", "list", "", "pods", "", ACCESS_ANONYMOUS,
		  "system:anonymous" },
		{ "403-get-secret-reader", "list", "", "secrets", "",
		  ACCESS_READER, "token-reader" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct access_wish wish = {
			.verb = cases[i].verb, .group = cases[i].group,
			.resource = cases[i].resource, .subresource = "",
			.ns = "shop", .name = cases[i].object };
		json_t *theirs = kube_sample_json(cases[i].name);
		const char *text = json_text(theirs, "message", "");
		const char *user = strstr(text, cases[i].theirs);
		struct access_who who;
		struct answer answer = { 0 };

		assert_non_null(user);
		json_object_set_new(theirs, "message", json_sprintf(
			"%.*s%s%s", (int)(user - text), text,
			access_name(cases[i].user),
			user + strlen(cases[i].theirs)));
		access_become(&who, cases[i].user);
		assert_false(access_allows(&who, &wish));
		access_refuse(&answer, &who, &wish);
		assert_same(answer.body, theirs);
		json_decref(theirs);
		answer_release(&answer);
	}
}

/* Columns by name and priority, cells but for the age. */
static void compare_table(const char *list, const char *kind,
			  const char *table, size_t age)
{
	json_t *theirs = kube_sample_json(table), *ours, *column, *row;
	const struct resource *resource = resource_by_kind(kind);
	json_t *objects = kube_sample_json(list);
	size_t i;

	ours = table_of(resource, objects, TABLE_METADATA, true);
	assert_non_null(ours);
	json_array_foreach(json_at(theirs, "columnDefinitions"), i, column) {
		json_t *mine = json_array_get(json_at(ours,
						      "columnDefinitions"), i);

		json_object_del(column, "description");
		json_object_del(mine, "description");
		assert_same(mine, column);
	}
	json_array_foreach(json_at(theirs, "rows"), i, row) {
		json_t *mine = json_array_get(json_at(ours, "rows"), i);

		json_array_set_new(json_at(mine, "cells"), age,
				   json_string("*"));
		json_array_set_new(json_at(row, "cells"), age,
				   json_string("*"));
		assert_same(mine, row);
	}
	json_decref(ours);
	json_decref(theirs);
	json_decref(objects);
}

static void tables(void **state)
{
	(void)state;
	compare_table("list-pods", "Pod", "table-pods", 4);
}

static void scale(void **state)
{
	struct store *store = filled();

	(void)state;
	compare_answer(store, "200-scale-get");
	store_free(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refusals),
		cmocka_unit_test(reads),
		cmocka_unit_test(changes),
		cmocka_unit_test(selector_patch),
		cmocka_unit_test(schema_refusals),
		cmocka_unit_test(forbidden),
		cmocka_unit_test(tables),
		cmocka_unit_test(scale),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
