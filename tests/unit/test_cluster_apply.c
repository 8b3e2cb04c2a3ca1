/*
 * Server-side apply: who holds which field, who may change it, and what becomes
 * of a field that nobody asks for any more.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "rehearsal/cluster/api.h"
#include "rehearsal/cluster/object.h"
#include "rehearsal/cluster/resource.h"
#include "rehearsal/cluster/store.h"

#define HEAD "{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\"," \
	     "\"metadata\":{\"name\":\"web\",\"labels\":{\"app\":\"web\""
#define SPEC "}},\"spec\":{\"selector\":{\"matchLabels\":{\"app\":\"web\"}}," \
	     "\"template\":{\"metadata\":{\"labels\":{\"app\":\"web\"}}," \
	     "\"spec\":{\"containers\":[{\"name\":\"web\",\"image\":\"a/b:1\""
#define TAIL "}]}}}}"

static int setup(void **state)
{
	struct store *store = store_new();
	json_t *ns = json_pack("{s:s,s:s,s:{s:s}}", "kind", "Namespace",
			       "apiVersion", "v1", "metadata", "name", "shop");

	store_lock(store);
	assert_non_null(store_put(store, resource_at(RESOURCE_NAMESPACES),
				  ns));
	store_unlock(store);
	*state = store;
	return 0;
}

static int teardown(void **state)
{
	store_free(*state);
	return 0;
}

struct ask {
	const char *manager, *body;
	enum api_patch patch;
	bool force, dry_run;
};

/* Sends a patch of the deployment web; the answer is the caller's. */
static struct answer ask(struct store *store, struct ask ask)
{
	struct api_request request = {
		.resource = resource_at(RESOURCE_DEPLOYMENTS), .ns = "shop",
		.name = "web", .manager = ask.manager ? ask.manager : "test",
		.manager_given = ask.manager, .body = ask.body,
		.body_len = strlen(ask.body), .force = ask.force,
		.dry_run = ask.dry_run, .patch = ask.patch,
		.validation = API_STRICT,
	};
	struct answer answer = { 0 };

	api_patch(store, &request, &answer);
	return answer;
}

/* Applies and expects a code and, in a refusal, words. */
static void apply(struct store *store, const char *manager, const char *body,
		  bool force, unsigned int code, const char *words)
{
	struct answer answer = ask(store, (struct ask){
		manager, body, API_PATCH_APPLY, force, false });

	if (answer.code != code)
		print_message("%s\n", json_text(answer.body, "message", "?"));
	assert_int_equal(answer.code, code);
	if (words)
		assert_string_equal(json_text(answer.body, "message", ""),
				    words);
	answer_release(&answer);
}

/* The stored deployment, borrowed: nobody else writes. */
static json_t *stored(struct store *store)
{
	json_t *object;

	store_lock(store);
	object = store_get(store, resource_at(RESOURCE_DEPLOYMENTS), "shop",
			   "web");
	store_unlock(store);
	return object;
}

/* What a manager holds, as text; "" if there is no such entry. */
static void held(struct store *store, const char *manager,
		 const char *operation, char dst[1024])
{
	json_t *entry;
	size_t i;

	dst[0] = '\0';
	json_array_foreach(json_at(stored(store), "metadata/managedFields"), i,
			   entry) {
		char *text;

		if (strcmp(json_text(entry, "manager", ""), manager) ||
		    strcmp(json_text(entry, "operation", ""), operation))
			continue;
		text = json_dumps(json_object_get(entry, "fieldsV1"),
				  JSON_COMPACT | JSON_SORT_KEYS);
		snprintf(dst, 1024, "%s", text);
		free(text);
	}
}

/* --- cases ------------------------------------------------------------ */

static void made_where_it_is_not(void **state)
{
	char text[1024];

	apply(*state, "alice", HEAD SPEC TAIL, false, 201, NULL);
	held(*state, "alice", "Apply", text);
	assert_string_equal(text,
		"{\"f:metadata\":{\"f:labels\":{\"f:app\":{}}},\"f:spec\":{"
		"\"f:selector\":{},\"f:template\":{\"f:metadata\":{"
		"\"f:labels\":{\"f:app\":{}}},\"f:spec\":{\"f:containers\":{"
		"\"k:{\\\"name\\\":\\\"web\\\"}\":{\".\":{},\"f:image\":{},"
		"\"f:name\":{}}}}}}}");
}

/* The same again changes nothing, not even the version. */
static void again_is_no_change(void **state)
{
	int64_t version = object_version(stored(*state));

	apply(*state, "alice", HEAD SPEC TAIL, false, 200, NULL);
	assert_int_equal(object_version(stored(*state)), version);
}

/* Two who ask for the same hold it together. */
static void shared(void **state)
{
	char text[1024];

	apply(*state, "bob", HEAD ",\"team\":\"shop\"" SPEC TAIL, false, 200,
	      NULL);
	held(*state, "bob", "Apply", text);
	assert_non_null(strstr(text, "f:image"));
	assert_non_null(strstr(text, "f:team"));
	held(*state, "alice", "Apply", text);
	assert_non_null(strstr(text, "f:image"));
}

static void conflict(void **state)
{
	const char *body = "{\"apiVersion\":\"apps/v1\",\"kind\":"
		"\"Deployment\",\"metadata\":{\"labels\":{\"app\":\"new\","
		"\"team\":\"other\"}}}";

	apply(*state, "carol", body, false, 409,
	      "Apply failed with 3 conflicts: conflicts with \"alice\":\n"
	      "- .metadata.labels.app\n"
	      "conflicts with \"bob\":\n"
	      "- .metadata.labels.app\n"
	      "- .metadata.labels.team");
	assert_string_equal(json_text(stored(*state), "metadata/labels/app",
				      ""), "web");
}

/* Who insists takes the field from those who held it. */
static void forced(void **state)
{
	const char *body = "{\"apiVersion\":\"apps/v1\",\"kind\":"
		"\"Deployment\",\"metadata\":{\"labels\":{\"team\":"
		"\"other\"}}}";
	char text[1024];

	apply(*state, "carol", body, true, 200, NULL);
	assert_string_equal(json_text(stored(*state), "metadata/labels/team",
				      ""), "other");
	held(*state, "bob", "Apply", text);
	assert_null(strstr(text, "f:team"));
}

/* An update takes a field too; it is then the updater's under his name and
 * operation, and whoever applies must insist. */
static void taken_by_an_update(void **state)
{
	struct answer answer = ask(*state, (struct ask){
		"alice", "{\"spec\":{\"replicas\":3}}", API_PATCH_MERGE, false,
		false });
	char text[1024];

	assert_int_equal(answer.code, 200);
	answer_release(&answer);
	held(*state, "alice", "Update", text);
	assert_string_equal(text, "{\"f:spec\":{\"f:replicas\":{}}}");
	apply(*state, "alice", HEAD "}},\"spec\":{\"replicas\":5}}", false,
	      409, "Apply failed with 1 conflict: conflict with \"alice\" "
		   "using apps/v1: .spec.replicas");
}

/* What its only holder asks for no more goes: a label, an element of a list; a
 * field with a default gets it again. */
static void released(void **state)
{
	const char *with = ",\"env\":[{\"name\":\"A\",\"value\":\"1\"},"
			   "{\"name\":\"B\",\"value\":\"2\"}]" TAIL;
	char body[1024];

	snprintf(body, sizeof(body), "%s%s", HEAD ",\"x\":\"y\"" SPEC, with);
	apply(*state, "alice", body, false, 200, NULL);
	assert_non_null(json_at(stored(*state), "metadata/labels/x"));
	apply(*state, "alice", HEAD SPEC ",\"env\":[{\"name\":\"B\","
	      "\"value\":\"2\"}]" TAIL, false, 200, NULL);
	assert_null(json_at(stored(*state), "metadata/labels/x"));
	assert_string_equal(json_text(
		stored(*state), "spec/template/spec/containers/0/env/0/name",
		""), "B");
	assert_null(json_at(stored(*state),
			    "spec/template/spec/containers/0/env/1"));
	/* bob still asks for the image and the label */
	assert_string_equal(json_text(
		stored(*state), "spec/template/spec/containers/0/image", ""),
		"a/b:1");
}

/* An element that somebody else has put something into stays. */
static void kept_for_others(void **state)
{
	struct answer answer = ask(*state, (struct ask){
		"dave", "{\"spec\":{\"template\":{\"spec\":{\"containers\":[{"
		"\"name\":\"web\",\"env\":[{\"name\":\"B\",\"value\":\"9\"}]}]"
		"}}}}", API_PATCH_STRATEGIC, false, false });

	assert_int_equal(answer.code, 200);
	answer_release(&answer);
	apply(*state, "alice", HEAD SPEC TAIL, false, 200, NULL);
	assert_string_equal(json_text(
		stored(*state), "spec/template/spec/containers/0/env/0/value",
		""), "9");
}

static void dry_run(void **state)
{
	int64_t version = object_version(stored(*state));
	struct answer answer = ask(*state, (struct ask){
		"erin", HEAD ",\"e\":\"f\"" SPEC TAIL, API_PATCH_APPLY, false,
		true });

	assert_int_equal(answer.code, 200);
	assert_string_equal(json_text(answer.body, "metadata/labels/e", ""),
			    "f");
	answer_release(&answer);
	assert_int_equal(object_version(stored(*state)), version);
	assert_null(json_at(stored(*state), "metadata/labels/e"));
}

static void refused(void **state)
{
	static const struct {
		const char *manager, *body;
		unsigned int code;
		const char *words;
	} cases[] = {
		{ NULL, HEAD SPEC TAIL, 422, "PatchOptions.meta.k8s.io \"\" "
		  "is invalid: fieldManager: Required value: is required for "
		  "apply patch" },
		{ "a", "{\"kind\":\"Deployment\"}", 400, "Incorrect version "
		  "specified in apply patch. Specified patch version: , "
		  "expected: apps/v1" },
		{ "a", "{\"apiVersion\":\"apps/v1\",\"kind\":\"Pod\"}", 400,
		  "invalid object type: apps/v1, Kind=Pod" },
		{ "a", HEAD "},\"managedFields\":[]}}", 400,
		  "metadata.managedFields must be nil" },
		{ "a", HEAD SPEC ",\"imagePullPolicie\":\"Always\"" TAIL, 500,
		  "failed to create typed patch object (shop/web; apps/v1, "
		  "Kind=Deployment): .spec.template.spec.containers"
		  "[name=\"web\"].imagePullPolicie: field not declared in "
		  "schema" },
		{ "a", HEAD "}},\"spec\":{\"replicas\":\"3\",\"x\":1}}", 500,
		  "failed to create typed patch object (shop/web; apps/v1, "
		  "Kind=Deployment): errors:\n"
		  "  .spec.x: field not declared in schema\n"
		  "  .spec.replicas: expected numeric (int or float), got "
		  "string" },
		{ "a", HEAD "},\"resourceVersion\":\"1\"}}", 409,
		  "Operation cannot be fulfilled on deployments.apps \"web\": "
		  "the object has been modified; please apply your changes to "
		  "the latest version and try again" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		apply(*state, cases[i].manager, cases[i].body, false,
		      cases[i].code, cases[i].words);
}

/* Whoever sends managed fields himself has them taken; one empty entry gives
 * all up. */
static void sent_managed_fields(void **state)
{
	struct answer answer = ask(*state, (struct ask){
		"frank", "{\"metadata\":{\"managedFields\":[{}]}}",
		API_PATCH_MERGE, false,
		false });

	assert_int_equal(answer.code, 200);
	answer_release(&answer);
	assert_int_equal(json_array_size(
		json_at(stored(*state), "metadata/managedFields")), 0);
	apply(*state, "gina", HEAD SPEC TAIL, false, 200, NULL);
	assert_int_equal(json_array_size(
		json_at(stored(*state), "metadata/managedFields")), 1);
}

/* Fields that can't be read are not taken: who held what is as it was. */
static void bad_managed_fields(void **state)
{
	static const char *const sets[] = { "{\"f\":{}}", "{\"\":{}}",
		"{\"x:spec\":{}}", "{\"f:spec\":5}",
		"{\"f:spec\":{\"k\":{}}}", "[]" };
	json_t *before, *after;
	char body[512];

	apply(*state, "gina", HEAD SPEC TAIL, false, 200, NULL);
	before = json_incref(json_at(stored(*state),
				     "metadata/managedFields"));
	for (size_t i = 0; i < sizeof(sets) / sizeof(*sets); i++) {
		struct answer answer;

		snprintf(body, sizeof(body), "{\"metadata\":{\"managedFields"
			 "\":[{\"manager\":\"gina\",\"operation\":\"Apply\","
			 "\"apiVersion\":\"apps/v1\",\"fieldsType\":"
			 "\"FieldsV1\",\"fieldsV1\":%s}]}}", sets[i]);
		answer = ask(*state, (struct ask){
			"frank", body, API_PATCH_MERGE, false, false });
		print_message("%s\n", sets[i]);
		answer_release(&answer);
		after = json_at(stored(*state), "metadata/managedFields");
		assert_true(json_equal(before, after));
	}
	json_decref(before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(made_where_it_is_not),
		cmocka_unit_test(again_is_no_change),
		cmocka_unit_test(shared),
		cmocka_unit_test(conflict),
		cmocka_unit_test(forced),
		cmocka_unit_test(taken_by_an_update),
		cmocka_unit_test(released),
		cmocka_unit_test(kept_for_others),
		cmocka_unit_test(dry_run),
		cmocka_unit_test(refused),
		cmocka_unit_test(sent_managed_fields),
		cmocka_unit_test(bad_managed_fields),
	};

	/* Each goes on from where the one before has left the deployment. */
	return cmocka_run_group_tests(tests, setup, teardown);
}
