/* Units of kube/ that need no server: selectors, patches, paths, objects and
 * errors, on what a real API server answered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/json.h"
#include "kube/client.h"
#include "kube/object.h"
#include "kube/patch.h"
#include "kube/selector.h"
#include "kube_sample.h"

/* ---- selectors ---- */

static const struct kube_label label_list[] = {
	{"app", "myapp"}, {"version", "v2"}, {"empty", ""},
};
static const struct kube_labels labels = {label_list, 3};

static void test_selector_matches_as_kubernetes_does(void **state)
{
	static const struct {
		const char *text;
		bool matches;
		const char *printed;    /* NULL: as text */
	} rows[] = {
		{"", true, NULL},
		{"  ", true, ""},
		{"app=myapp", true, NULL},
		{"app==myapp", true, "app=myapp"},
		{" app = myapp , version=v2 ", true, "app=myapp,version=v2"},
		{"app=myapp,version=v1", false, NULL},
		{"version!=v1", true, NULL},
		{"version!=v2", false, NULL},
		{"missing!=x", true, NULL},
		{"version in (v1, v2)", true, "version in (v1,v2)"},
		{"version in (v1,v3)", false, NULL},
		{"version notin (v1,v3)", true, NULL},
		{"missing notin (a,b)", true, NULL},
		{"version in(v2)", true, "version=v2"},
		{"app", true, NULL},
		{"missing", false, NULL},
		{"!missing", true, NULL},
		{"!app", false, NULL},
		{"empty=", true, NULL},
		{"app=,version=v2", false, NULL},
		{"example.com/in=x", false, NULL},
		{"in", false, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct selector selector;
		struct error err = {0};
		struct buf text;

		if (selector_parse(&selector, rows[i].text, &err))
			fail_msg("%s: %s", rows[i].text, err.message);
		assert_int_equal(selector_matches(&selector, &labels),
				 rows[i].matches);
		buf_init(&text, 1024);
		assert_int_equal(selector_print(&selector, &text), 0);
		assert_string_equal(text.data, rows[i].printed ?
				    rows[i].printed : rows[i].text);
		buf_release(&text);
		selector_release(&selector);
	}
}

static void test_selector_says_where_it_is_wrong(void **state)
{
	static const struct {
		const char *text, *column;
	} rows[] = {
		{"!!", "column 2"}, {",a", "column 1"}, {"a=b,", "column 5"},
		{"a in b", "column 6"}, {"a in (b", "column 8"},
		{"a b", "column 3"}, {"a=b=c", "column 4"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct selector selector;
		struct error err = {0};

		assert_int_equal(selector_parse(&selector, rows[i].text, &err),
				 ERR_SYNTAX);
		if (!strstr(err.message, rows[i].column))
			fail_msg("%s: %s", rows[i].text, err.message);
	}
}

static void test_selector_of_a_service(void **state)
{
	struct selector selector;
	struct buf text;

	(void)state;
	assert_int_equal(selector_from_labels(&selector, &labels, NULL), 0);
	assert_true(selector_matches(&selector, &labels));
	buf_init(&text, 256);
	selector_print(&selector, &text);
	assert_string_equal(text.data, "app=myapp,version=v2,empty=");
	buf_release(&text);
	selector_release(&selector);
}

/* ---- patches ---- */

static void assert_json(json_t *json, const char *expected)
{
	char *text;

	assert_non_null(json);
	text = json_dumps(json, JSON_COMPACT);
	assert_string_equal(text, expected);
	free(text);
	json_decref(json);
}

static void test_patch_template_is_in_the_form_of_the_facts(void **state)
{
	const struct kube_change labels_on[] = {{"writes", "enabled"}};
	const struct kube_change env_on[] = {{"ENABLE_WRITES", "true"}};
	const struct kube_change labels_off[] = {{"writes", NULL}};
	const struct kube_change env_off[] = {{"ENABLE_WRITES", NULL}};
	const struct kube_template_patch on = {
		"1697", {labels_on, 1}, "app", {env_on, 1},
	};
	const struct kube_template_patch off = {
		NULL, {labels_off, 1}, "app", {env_off, 1},
	};

	(void)state;
	assert_json(kube_patch_template(&on),
		    "{\"metadata\":{\"resourceVersion\":\"1697\"},"
		    "\"spec\":{\"template\":{\"metadata\":{\"labels\":"
		    "{\"writes\":\"enabled\"}},\"spec\":{\"containers\":"
		    "[{\"name\":\"app\",\"env\":[{\"name\":\"ENABLE_WRITES\","
		    "\"value\":\"true\"}]}]}}}}");
	assert_json(kube_patch_template(&off),
		    "{\"spec\":{\"template\":{\"metadata\":{\"labels\":"
		    "{\"writes\":null}},\"spec\":{\"containers\":"
		    "[{\"name\":\"app\",\"env\":[{\"$patch\":\"delete\","
		    "\"name\":\"ENABLE_WRITES\"}]}]}}}}");
}

static void test_patch_selector_tests_what_it_saw(void **state)
{
	const struct kube_label now[] = {
		{"app", "myapp"}, {"version", "v1"}, {"a/b~c", "x"},
	};
	const struct kube_labels current = {now, 3};
	const struct kube_change list[] = {
		{"version", "v2"}, {"writes", "enabled"}, {"a/b~c", NULL},
		{"gone", NULL},
	};
	const struct kube_changes changes = {list, 4};
	struct kube_change undo[4];

	(void)state;
	assert_json(kube_patch_selector(&current, &changes),
		"[{\"op\":\"test\",\"path\":\"/spec/selector/version\","
		"\"value\":\"v1\"},"
		"{\"op\":\"replace\",\"path\":\"/spec/selector/version\","
		"\"value\":\"v2\"},"
		"{\"op\":\"add\",\"path\":\"/spec/selector/writes\","
		"\"value\":\"enabled\"},"
		"{\"op\":\"test\",\"path\":\"/spec/selector/a~1b~0c\","
		"\"value\":\"x\"},"
		"{\"op\":\"remove\",\"path\":\"/spec/selector/a~1b~0c\"}]");
	kube_patch_selector_undo(&current, &changes, undo);
	assert_string_equal(undo[0].value, "v1");
	assert_null(undo[1].value);
	assert_string_equal(undo[2].value, "x");
	assert_null(undo[3].value);
	assert_json(kube_patch_selector_merge(NULL, &(struct kube_changes){
		list, 2}), "{\"spec\":{\"selector\":{\"version\":\"v2\","
		"\"writes\":\"enabled\"}}}");
}

static void test_small_patches(void **state)
{
	const struct kube_change flag[] = {{"database-writes-enabled", "false"}};

	(void)state;
	assert_json(kube_patch_data("7", &(struct kube_changes){flag, 1}),
		    "{\"metadata\":{\"resourceVersion\":\"7\"},\"data\":"
		    "{\"database-writes-enabled\":\"false\"}}");
	assert_json(kube_patch_scale(NULL, 0), "{\"spec\":{\"replicas\":0}}");
	assert_json(kube_delete_options("u", NULL),
		    "{\"kind\":\"DeleteOptions\",\"apiVersion\":\"v1\","
		    "\"preconditions\":{\"uid\":\"u\"}}");
	assert_json(kube_access_review("shop", "patch", "apps", "deployments",
				       NULL, "my-app-v2"),
		    "{\"kind\":\"SelfSubjectAccessReview\",\"apiVersion\":"
		    "\"authorization.k8s.io/v1\",\"spec\":"
		    "{\"resourceAttributes\":{\"namespace\":\"shop\",\"verb\":"
		    "\"patch\",\"group\":\"apps\",\"resource\":"
		    "\"deployments\",\"name\":\"my-app-v2\"}}}");
}

static void test_paths(void **state)
{
	struct buf path;

	(void)state;
	buf_init(&path, KUBE_PATH_MAX);
	kube_path(&path, KUBE_DEPLOYMENT, "shop", "my-app-v2", "scale");
	assert_string_equal(path.data, "/apis/apps/v1/namespaces/shop/"
			    "deployments/my-app-v2/scale");
	buf_clear(&path);
	kube_path(&path, KUBE_SLICE, "shop", NULL, NULL);
	kube_path_query(&path, "labelSelector", "kubernetes.io/service-name=a");
	kube_path_query(&path, "limit", "5");
	assert_string_equal(path.data, "/apis/discovery.k8s.io/v1/namespaces/"
			    "shop/endpointslices?labelSelector="
			    "kubernetes.io%2Fservice-name%3Da&limit=5");
	buf_clear(&path);
	kube_path(&path, KUBE_POD, "a/../b", "x?y", NULL);
	assert_string_equal(path.data,
			    "/api/v1/namespaces/a%2F..%2Fb/pods/x%3Fy");
	buf_release(&path);
}

/* ---- objects ---- */

static void test_pod_of_a_real_server(void **state)
{
	json_t *json = kube_sample_json("get-pod");
	struct kube_pod *pod;

	(void)state;
	assert_int_equal(kube_pod_read(&pod, json, NULL), 0);
	json_decref(json);
	assert_string_equal(pod->meta.name, "my-app-v1-599cb96567-5gtk7");
	assert_string_equal(pod->meta.uid,
			    "c93a77a4-17c0-4d2e-858a-0b19a68be308");
	assert_string_equal(pod->ip, "10.244.0.19");
	assert_string_equal(pod->node, "hollow-0");
	assert_string_equal(pod->phase, "Running");
	assert_string_equal(pod->owner, "my-app-v1-599cb96567");
	assert_string_equal(pod->template_hash, "599cb96567");
	assert_string_equal(pod->reason, "");
	assert_true(pod->ready && !pod->meta.terminating);
	assert_string_equal(kube_labels_get(&pod->meta.labels, "version"),
			    "v1");
	assert_string_equal(kube_env_find(&pod->containers, NULL,
					  "ENABLE_WRITES")->value, "true");
	assert_non_null(kube_env_find(&pod->containers, "app",
				      "ENABLE_WRITES"));
	assert_null(kube_env_find(&pod->containers, "sidecar",
				  "ENABLE_WRITES"));
	assert_string_equal(pod->containers.list[0].image,
			    "registry.example/my-app:1.0");
	kube_pod_free(pod);
}

static void test_pod_reasons(void **state)
{
	static const struct {
		const char *status, *reason;
		bool ready;
		int restarts;
	} rows[] = {
		{"{'containerStatuses':[{'restartCount':3,'state':{'waiting':"
		 "{'reason':'CrashLoopBackOff'}}}]}", "CrashLoopBackOff",
		 false, 3},
		{"{'containerStatuses':[{'state':{'waiting':"
		 "{'reason':'ContainerCreating'}}}]}", "", false, 0},
		{"{'initContainerStatuses':[{'state':{'waiting':"
		 "{'reason':'ImagePullBackOff'}}}]}", "ImagePullBackOff",
		 false, 0},
		{"{'conditions':[{'type':'PodScheduled','status':'False',"
		 "'reason':'Unschedulable'}]}", "Unschedulable", false, 0},
		{"{'reason':'Evicted'}", "Evicted", false, 0},
		{"{'conditions':[{'type':'Ready','status':'True'}]}", "", true,
		 0},
		{"{}", "", false, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[512];
		struct kube_pod *pod;
		json_t *json;

		snprintf(text, sizeof(text),
			 "{'metadata':{'name':'p'},'status':%s}",
			 rows[i].status);
		for (char *s = text; *s; s++)
			if (*s == '\'')
				*s = '"';
		json = json_loads(text, 0, NULL);
		assert_non_null(json);
		assert_int_equal(kube_pod_read(&pod, json, NULL), 0);
		assert_string_equal(pod->reason, rows[i].reason);
		assert_int_equal(pod->ready, rows[i].ready);
		assert_int_equal(pod->restarts, rows[i].restarts);
		kube_pod_free(pod);
		json_decref(json);
	}
}

static void test_deployment_of_a_real_server(void **state)
{
	json_t *json = kube_sample_json("get-deployment");
	struct kube_deployment *d;

	(void)state;
	assert_int_equal(kube_deployment_read(&d, json, NULL), 0);
	json_decref(json);
	assert_string_equal(d->meta.resource_version, "1697");
	assert_int_equal(d->replicas, 4);
	assert_int_equal(d->updated, 4);
	assert_string_equal(d->progressing, "NewReplicaSetAvailable");
	assert_string_equal(d->max_surge, "25%");
	assert_string_equal(d->revision, "1");
	assert_string_equal(kube_labels_get(&d->selector, "version"), "v2");
	assert_string_equal(kube_labels_get(&d->template_labels, "app"),
			    "myapp");
	assert_string_equal(kube_env_find(&d->containers, "app",
					  "ENABLE_WRITES")->value, "false");
	assert_int_equal(d->managers.count, 2);
	assert_string_equal(kube_manager_last(&d->managers,
					      KUBE_OWNS_TEMPLATE)->name,
			    "kubectl-client-side-apply");
	assert_true(kube_deployment_rolled_out(d));
	d->updated = 3;
	assert_false(kube_deployment_rolled_out(d));
	kube_deployment_free(d);
	json = kube_sample_json("200-patch-env");
	assert_int_equal(kube_deployment_read(&d, json, NULL), 0);
	/* Patched: generation 2, and the controller has seen 1. */
	assert_false(kube_deployment_rolled_out(d));
	kube_deployment_free(d);
	json_decref(json);
}

static void test_service_tells_who_set_its_selector(void **state)
{
	json_t *json = kube_sample_json("200-patch-selector");
	const struct kube_manager *last;
	struct kube_service *service;

	(void)state;
	assert_int_equal(kube_service_read(&service, json, NULL), 0);
	json_decref(json);
	assert_string_equal(kube_labels_get(&service->selector, "version"),
			    "v2");
	assert_string_equal(service->cluster_ip, "10.96.63.154");
	assert_int_equal(service->port_count, 1);
	assert_string_equal(service->ports[0].target, "http");
	last = kube_manager_last(&service->managers, KUBE_OWNS_SELECTOR);
	assert_string_equal(last->name, "sample");
	assert_string_equal(last->time, "2026-11-23T07:36:16Z");
	assert_null(kube_manager_last(&service->managers,
				      KUBE_OWNS_REPLICAS));
	assert_null(service->kept_by);
	kube_service_free(service);
}

static void test_service_tells_who_keeps_it(void **state)
{
	static const struct {
		const char *where, *key, *keeper;
	} marks[] = {
		{"annotations", "argocd.argoproj.io/tracking-id", "Argo CD"},
		{"labels", "kustomize.toolkit.fluxcd.io/name", "Flux"},
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		json_t *json = kube_sample_json("200-patch-selector");
		struct kube_service *service;

		json_object_set_new(json_object_get(json, "metadata"),
				    marks[i].where,
				    json_pack("{ss}", marks[i].key, "shop"));
		assert_int_equal(kube_service_read(&service, json, NULL), 0);
		json_decref(json);
		assert_string_equal(service->kept_by, marks[i].keeper);
		kube_service_free(service);
	}
}

static void test_slice_defaults_are_kubernetes_own(void **state)
{
	json_t *json = kube_sample_json("get-endpointslice");
	json_t *conditions = json_at(json, "endpoints/0/conditions");
	struct kube_slice *slice;

	(void)state;
	json_object_clear(conditions);
	assert_int_equal(kube_slice_read(&slice, json, NULL), 0);
	json_decref(json);
	assert_string_equal(slice->service, "my-app-service");
	assert_int_equal(slice->endpoint_count, 4);
	assert_string_equal(slice->endpoints[0].address, "10.244.0.13");
	assert_string_equal(slice->endpoints[0].pod_uid,
			    "9bed56ca-0b56-4995-860c-a1caaabb4ca9");
	assert_true(slice->endpoints[0].ready && slice->endpoints[0].serving);
	assert_false(slice->endpoints[0].terminating);
	assert_int_equal(slice->ports[0].port, 8080);
	kube_slice_free(slice);
}

static void test_objects_without_a_name_or_beyond_limits(void **state)
{
	json_t *json = json_pack("{s:{}}", "metadata");
	json_t *many = json_object();
	struct kube_configmap *map;
	char key[16];

	(void)state;
	assert_int_equal(kube_configmap_read(&map, json, NULL), ERR_INVALID);
	json_object_set_new(json_at(json, "metadata"), "name",
			    json_string("m"));
	assert_int_equal(kube_configmap_read(&map, json, NULL), 0);
	assert_int_equal(map->data.count, 0);
	kube_configmap_free(map);
	for (int i = 0; i <= KUBE_DATA_MAX; i++) {
		snprintf(key, sizeof(key), "k%d", i);
		json_object_set_new(many, key, json_string("v"));
	}
	json_object_set_new(json, "data", many);
	assert_int_equal(kube_configmap_read(&map, json, NULL), ERR_LIMIT);
	json_decref(json);
}

/* Every sample parses, and each answer that is no success has its code. */
static void test_every_sample_has_its_meaning(void **state)
{
	static const struct {
		int status;
		enum error_code code;
	} rows[] = {
		{400, ERR_INVALID}, {401, ERR_DENIED}, {403, ERR_DENIED},
		{404, ERR_NOTFOUND}, {406, ERR_INVALID}, {409, ERR_CONFLICT},
		{410, ERR_GONE}, {415, ERR_INVALID}, {422, ERR_INVALID},
		{504, ERR_TIMEOUT},
	};
	const char *source = getenv("CUTOVER_SOURCE");
	char path[1024];
	struct dirent *entry;
	int seen = 0;
	DIR *dir;

	(void)state;
	snprintf(path, sizeof(path), "%s/tests/kube-samples",
		 source ? source : ".");
	dir = opendir(path);
	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		char *dot = strstr(entry->d_name, ".response");
		struct kube_sample sample;
		struct error err = {0};
		json_t *body;
		int code = 0;

		if (!dot)
			continue;
		*dot = '\0';
		kube_sample_read(&sample, entry->d_name);
		body = json_loadb(sample.body, sample.body_len, 0, NULL);
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
			if (rows[i].status == sample.status)
				code = rows[i].code;
		assert_int_equal(kube_status_error(sample.status, body, "h:1",
						   &err), code);
		if (code && strncmp(err.message,
				    json_text(body, "message", ""), 10))
			fail_msg("%s: %s", entry->d_name, err.message);
		json_decref(body);
		kube_sample_release(&sample);
		seen++;
	}
	closedir(dir);
	assert_true(seen > 60);
}

static void test_status_texts_are_safe_to_show(void **state)
{
	json_t *text = json_string("404 \x1b[31mnot found\n");
	struct error err = {0};

	(void)state;
	assert_int_equal(kube_status_error(404, text, "h:1", &err),
			 ERR_NOTFOUND);
	assert_string_equal(err.message, "404 ?[31mnot found (HTTP 404)");
	json_decref(text);
	assert_int_equal(kube_status_error(500, NULL, "h:1", &err),
			 ERR_REMOTE);
	assert_true(err.retry);
	assert_int_equal(kube_status_error(429, NULL, "h:1", &err), ERR_BUSY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_selector_matches_as_kubernetes_does),
		cmocka_unit_test(test_selector_says_where_it_is_wrong),
		cmocka_unit_test(test_selector_of_a_service),
		cmocka_unit_test(test_patch_template_is_in_the_form_of_the_facts),
		cmocka_unit_test(test_patch_selector_tests_what_it_saw),
		cmocka_unit_test(test_small_patches),
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_pod_of_a_real_server),
		cmocka_unit_test(test_pod_reasons),
		cmocka_unit_test(test_deployment_of_a_real_server),
		cmocka_unit_test(test_service_tells_who_set_its_selector),
		cmocka_unit_test(test_service_tells_who_keeps_it),
		cmocka_unit_test(test_slice_defaults_are_kubernetes_own),
		cmocka_unit_test(test_objects_without_a_name_or_beyond_limits),
		cmocka_unit_test(test_every_sample_has_its_meaning),
		cmocka_unit_test(test_status_texts_are_safe_to_show),
	};

	return cmocka_run_group_tests_name("kube", tests, NULL, NULL);
}
