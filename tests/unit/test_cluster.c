/* The pure parts of the practice cluster: patches, selectors, the arithmetic
 * of a rollout, routes, media types, protobuf. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/json.h"
#include "rehearsal/cluster/field_selector.h"
#include "rehearsal/cluster/media.h"
#include "rehearsal/cluster/object.h"
#include "rehearsal/cluster/patch.h"
#include "rehearsal/cluster/protobuf.h"
#include "rehearsal/cluster/rollout.h"
#include "rehearsal/cluster/route.h"
#include "rehearsal/cluster/resource.h"
#include "rehearsal/cluster/selector.h"

/* JSON written with single quotes. */
static json_t *parse(const char *text)
{
	char *copy = strdup(text);
	json_t *value;

	assert_non_null(copy);
	for (char *s = copy; *s; s++)
		if (*s == '\'')
			*s = '"';
	value = json_loads(copy, JSON_DECODE_ANY, NULL);
	free(copy);
	assert_non_null(value);
	return value;
}

struct patch_case {
	const char *object, *patch, *result;    /* NULL: refused with code */
	int code;
};

static void check_patch(int (*apply)(json_t **, const json_t *,
				     const json_t *, struct error *),
			const struct patch_case *c)
{
	json_t *object = parse(c->object), *patch = parse(c->patch);
	json_t *before = json_deep_copy(object), *made = NULL, *wanted;
	struct error err = { 0 };
	int rc = apply(&made, object, patch, &err);

	print_message("%s\n", c->patch);
	assert_true(json_equal(object, before));
	if (c->result) {
		assert_int_equal(rc, 0);
		wanted = parse(c->result);
		assert_true(json_equal(made, wanted));
		json_decref(wanted);
	} else {
		assert_int_equal(rc, c->code);
		assert_true(err.message[0]);
		assert_null(made);
	}
	json_decref(made);
	json_decref(before);
	json_decref(object);
	json_decref(patch);
}

#define CHECK_ALL(apply, cases) \
	for (size_t i = 0; i < sizeof(cases) / sizeof(*(cases)); i++) \
		check_patch(apply, &(cases)[i])

static void json_patches(void **state)
{
	static const struct patch_case cases[] = {
		{ "{'a':1}", "[{'op':'add','path':'/b','value':2}]",
		  "{'a':1,'b':2}", 0 },
		{ "{'a':[1,3]}", "[{'op':'add','path':'/a/1','value':2}]",
		  "{'a':[1,2,3]}", 0 },
		{ "{'a':[1]}", "[{'op':'add','path':'/a/-','value':2}]",
		  "{'a':[1,2]}", 0 },
		{ "{'a':[1]}", "[{'op':'add','path':'/a/2','value':2}]", NULL,
		  ERR_INVALID },
		{ "{'a':1}", "[{'op':'remove','path':'/a'}]", "{}", 0 },
		{ "{'a':1}", "[{'op':'remove','path':'/b'}]", NULL,
		  ERR_INVALID },
		{ "{'a':1}", "[{'op':'replace','path':'/b','value':1}]", NULL,
		  ERR_INVALID },
		{ "{'s':{'version':'v1'}}",
		  "[{'op':'test','path':'/s/version','value':'v1'},"
		  "{'op':'replace','path':'/s/version','value':'v2'}]",
		  "{'s':{'version':'v2'}}", 0 },
		{ "{'s':{'version':'v3'}}",
		  "[{'op':'test','path':'/s/version','value':'v1'},"
		  "{'op':'replace','path':'/s/version','value':'v2'}]",
		  NULL, ERR_INVALID },
		{ "{'a/b':1,'c~d':2}",
		  "[{'op':'remove','path':'/a~1b'},"
		  "{'op':'remove','path':'/c~0d'}]", "{}", 0 },
		{ "{'a':{'x':1}}", "[{'op':'move','from':'/a/x','path':'/y'}]",
		  "{'a':{},'y':1}", 0 },
		{ "{'a':{'x':1}}", "[{'op':'copy','from':'/a','path':'/b'}]",
		  "{'a':{'x':1},'b':{'x':1}}", 0 },
		{ "{}", "[{'op':'jump','path':'/a','value':1}]", NULL,
		  ERR_INVALID },
		{ "{}", "[{'op':'add','value':1}]", NULL, ERR_INVALID },
		{ "{}", "{'a':1}", NULL, ERR_SYNTAX },
	};

	(void)state;
	CHECK_ALL(patch_json, cases);
}

/* Copies that double each time are refused while they are small. */
static void growing_patches(void **state)
{
	char text[8192] = "[";
	size_t len = 1;
	struct patch_case c = { "{'a':{}}", text, NULL, ERR_INVALID };

	(void)state;
	for (int i = 0; i < 80; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
					"%s{'op':'copy','from':'/a',"
					"'path':'/a/x%d'}", i ? "," : "", i);
	snprintf(text + len, sizeof(text) - len, "]");
	check_patch(patch_json, &c);
	c.object = "{'a':['0123456789']}";
	len = 1;
	for (int i = 0; i < 35; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
					"%s{'op':'copy','from':'/a',"
					"'path':'/b'},{'op':'copy','from':"
					"'/b','path':'/a/-'}", i ? "," : "");
	snprintf(text + len, sizeof(text) - len, "]");
	check_patch(patch_json, &c);
}

static void merge_patches(void **state)
{
	static const struct patch_case cases[] = {
		{ "{'a':{'b':1,'c':2}}", "{'a':{'b':null,'d':3}}",
		  "{'a':{'c':2,'d':3}}", 0 },
		{ "{'a':[1,2]}", "{'a':[3]}", "{'a':[3]}", 0 },
		{ "{'a':1}", "{'a':{'b':{'c':null,'d':1}}}",
		  "{'a':{'b':{'d':1}}}", 0 },
		{ "{'a':1}", "{'z':null}", "{'a':1}", 0 },
		{ "{'a':1}", "[1]", NULL, ERR_INVALID },
	};

	(void)state;
	CHECK_ALL(patch_merge, cases);
}

static void strategic_patches(void **state)
{
	static const struct patch_case cases[] = {
		{ "{'containers':[{'name':'app','image':'i','env':["
		  "{'name':'A','value':'1'},{'name':'B','value':'2'}]}]}",
		  "{'containers':[{'name':'app','env':["
		  "{'name':'B','value':'3'},{'name':'C','value':'4'}]}]}",
		  "{'containers':[{'name':'app','image':'i','env':["
		  "{'name':'A','value':'1'},{'name':'B','value':'3'},"
		  "{'name':'C','value':'4'}]}]}", 0 },
		{ "{'containers':[{'name':'app','env':["
		  "{'name':'A','value':'1'},{'name':'B','value':'2'}]}]}",
		  "{'containers':[{'name':'app','env':["
		  "{'name':'A','$patch':'delete'}]}]}",
		  "{'containers':[{'name':'app','env':["
		  "{'name':'B','value':'2'}]}]}", 0 },
		{ "{'containers':[{'name':'a'},{'name':'b'}]}",
		  "{'containers':[{'name':'b','$patch':'delete'}]}",
		  "{'containers':[{'name':'a'}]}", 0 },
		{ "{'containers':[{'name':'a'}]}",
		  "{'containers':[{'$patch':'replace'},{'name':'z'}]}",
		  "{'containers':[{'name':'z'}]}", 0 },
		{ "{'containers':[{'name':'a'}]}",
		  "{'containers':[{'image':'x'}]}", NULL, ERR_INVALID },
		{ "{'labels':{'a':'1','b':'2'}}",
		  "{'labels':{'a':null,'$patch':'merge'}}",
		  "{'labels':{'b':'2'}}", 0 },
		{ "{'labels':{'a':'1'}}",
		  "{'labels':{'$patch':'replace','b':'2'}}",
		  "{'labels':{'b':'2'}}", 0 },
		{ "{'args':['x','y']}", "{'args':['z']}", "{'args':['z']}",
		  0 },
		{ "{'finalizers':['x','y']}",
		  "{'$deleteFromPrimitiveList/finalizers':['x']}",
		  "{'finalizers':['y']}", 0 },
		{ "{'strategy':{'type':'RollingUpdate','rollingUpdate':{}}}",
		  "{'strategy':{'$retainKeys':['type'],'type':'Recreate'}}",
		  "{'strategy':{'type':'Recreate'}}", 0 },
		{ "{'spec':{'ports':[{'port':80,'name':'a'}]}}",
		  "{'spec':{'$setElementOrder/ports':[{'port':80}],"
		  "'ports':[{'port':80,'targetPort':'http'}]}}",
		  "{'spec':{'ports':[{'port':80,'name':'a',"
		  "'targetPort':'http'}]}}", 0 },
	};

	(void)state;
	CHECK_ALL(patch_strategic, cases);
}

static void deep_patches(void **state)
{
	char text[1024] = "";
	size_t len = 0;
	struct patch_case c = { "{}", text, NULL, ERR_LIMIT };

	(void)state;
	for (int i = 0; i < 100; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
					"{'a':");
	len += (size_t)snprintf(text + len, sizeof(text) - len, "1");
	memset(text + len, '}', 100);
	check_patch(patch_merge, &c);
	check_patch(patch_strategic, &c);
}

static void label_selectors(void **state)
{
	static const struct {
		const char *text;
		int matches;            /* -1: cannot be parsed */
	} cases[] = {
		{ "", 1 }, { "app", 1 }, { "!app", 0 }, { "!other", 1 },
		{ "app=myapp", 1 }, { "app==myapp", 1 },
		{ "app = myapp , version=v1", 1 }, { "app!=myapp", 0 },
		{ "other!=x", 1 }, { "version in (v1, v2)", 1 },
		{ "version in (v2)", 0 }, { "version notin (v2)", 1 },
		{ "version notin (v1),app", 0 }, { "app=", 0 },
		{ "k8s.io/x.y_z", 0 }, { "!!", -1 }, { "app=a=b", -1 },
		{ "version in v1", -1 }, { "version in (v1", -1 },
		{ "=x", -1 }, { "!app=x", -1 },
	};
	json_t *labels = parse("{'app':'myapp','version':'v1'}");

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct selector *selector = NULL;
		struct error err = { 0 };
		int rc = selector_read(&selector, cases[i].text, &err);

		print_message("%s\n", cases[i].text);
		assert_int_equal(rc != 0, cases[i].matches < 0);
		if (!rc)
			assert_int_equal(selector_takes(selector, labels),
					 cases[i].matches);
		selector_free(selector);
	}
	json_decref(labels);
}

static void object_selectors(void **state)
{
	json_t *labels = parse("{'app':'myapp','version':'v1'}");
	json_t *map = parse("{'app':'myapp'}"), *empty = json_object();
	json_t *selector = parse(
		"{'matchLabels':{'app':'myapp'},'matchExpressions':["
		"{'key':'version','operator':'NotIn','values':['v2']}]}");

	(void)state;
	assert_true(selector_map_matches(map, labels));
	assert_false(selector_map_matches(empty, labels));
	assert_false(selector_map_matches(NULL, labels));
	assert_true(selector_object_matches(empty, labels));
	assert_false(selector_object_matches(NULL, labels));
	assert_true(selector_object_matches(selector, labels));
	json_object_set_new(labels, "version", json_string("v2"));
	assert_false(selector_object_matches(selector, labels));
	json_decref(labels);
	json_decref(map);
	json_decref(empty);
	json_decref(selector);
}

static void field_selectors(void **state)
{
	static const struct {
		const char *text;
		bool matches;
	} cases[] = {
		{ NULL, true }, { "", true },
		{ "metadata.name=a", true }, { "metadata.name!=a", false },
		{ "metadata.name==a,status.replicas=3", true },
		{ "metadata.namespace=shop,status.replicas=4", false },
	};
	static const char *const bad[] = { "metadata.name", "=a",
		"metadata.name=b,spec.nonsense=1", "status.phase=Running" };
	const struct resource *sets = resource_at(RESOURCE_REPLICASETS);
	json_t *object = parse("{'metadata':{'name':'a','namespace':'shop'},"
			       "'status':{'replicas':3}}");
	struct error err = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_int_equal(field_selector_check(cases[i].text, sets,
						      &err), 0);
		assert_int_equal(field_selector_matches(cases[i].text, object),
				 cases[i].matches);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(field_selector_check(bad[i], sets, &err),
				 ERR_INVALID);
	json_decref(object);
}

static void shares(void **state)
{
	json_t *quarter = json_string("25%"), *two = json_integer(2);
	json_t *nonsense = json_string("lots");

	(void)state;
	assert_int_equal(rollout_share(quarter, 4, true), 1);
	assert_int_equal(rollout_share(quarter, 5, true), 2);
	assert_int_equal(rollout_share(quarter, 5, false), 1);
	assert_int_equal(rollout_share(quarter, 3, false), 0);
	assert_int_equal(rollout_share(quarter, 0, true), 0);
	assert_int_equal(rollout_share(two, 100, true), 2);
	assert_int_equal(rollout_share(nonsense, 100, true), 0);
	assert_int_equal(rollout_share(NULL, 100, true), 0);
	json_decref(quarter);
	json_decref(two);
	json_decref(nonsense);
}

/* One whole rollout, pod by pod: never too many, never too few, and it ends. */
static void walk(int64_t desired, const char *surge, const char *unavailable)
{
	json_t *deployment = json_pack("{s:{s:{s:{s:s,s:s}}}}", "spec",
				       "strategy", "rollingUpdate",
				       "maxSurge", surge,
				       "maxUnavailable", unavailable);
	struct rollout r = { .desired = desired, .old = desired,
			     .old_available = desired };
	int steps = 0;

	rollout_limits(&r, deployment);
	while (r.old || r.fresh_available < desired) {
		int64_t gone;

		assert_true(++steps < 1000);
		r.fresh = rollout_fresh(&r);
		assert_true(r.fresh + r.old <= desired + r.surge);
		gone = rollout_removable_available(&r);
		if (gone > rollout_removable(&r))
			gone = rollout_removable(&r);
		if (gone > r.old)
			gone = r.old;
		r.old -= gone;
		r.old_available -= gone;
		assert_true(r.fresh_available + r.old_available >=
			    desired - r.unavailable);
		if (r.fresh_available < r.fresh)
			r.fresh_available++;    /* one becomes ready */
	}
	assert_int_equal(r.fresh, desired);
	json_decref(deployment);
}

static void rollouts(void **state)
{
	(void)state;
	walk(4, "25%", "25%");
	walk(1, "25%", "25%");
	walk(3, "0%", "25%");
	walk(10, "100%", "0%");
	walk(7, "0%", "100%");
	walk(100, "30%", "10%");
	walk(2, "0%", "0%");
}

/* Recreate lets nothing be missing and nothing be too many. */
static void limits(void **state)
{
	json_t *recreate = json_pack("{s:{s:{s:s}}}", "spec", "strategy",
				     "type", "Recreate");
	json_t *rolling = json_pack("{s:{s:{s:s}}}", "spec", "strategy",
				    "type", "RollingUpdate");
	struct rollout r = { .desired = 3, .surge = 7 };

	(void)state;
	rollout_limits(&r, recreate);
	assert_int_equal(r.surge, 0);
	assert_int_equal(r.unavailable, 0);
	rollout_limits(&r, rolling);
	assert_int_equal(r.unavailable, 1);
	json_decref(recreate);
	json_decref(rolling);
}

/* Sizes of two sets, the older one first, before and after a change. */
static void spreads(void **state)
{
	static const struct {
		int64_t desired, surge, most, old, fresh;
		int64_t then_old, then_fresh;
	} cases[] = {
		{ 10, 3, 13, 10, 3, 10, 3 },    /* as it was */
		{ 20, 3, 13, 10, 3, 18, 5 },
		{ 5, 3, 13, 10, 3, 6, 2 },
		{ 0, 3, 13, 10, 3, 0, 0 },
		{ 1, 0, 10, 5, 5, 0, 1 },       /* the older one shrinks */
		{ 11, 0, 10, 5, 5, 5, 6 },      /* the newer one grows */
		{ 20, 0, 0, 5, 5, 5, 15 },      /* nobody knows for what */
		{ 2147483647, 0, 1, 5, 5, 5, 2147483642 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct rollout r = { .desired = cases[i].desired,
				     .surge = cases[i].surge };
		struct rollout_part parts[] = {
			{ cases[i].old, cases[i].most, 0, 0 },
			{ cases[i].fresh, cases[i].most, 1, 1 } };
		int64_t sizes[2];

		print_message("case %zu\n", i);
		rollout_spread(&r, parts, 2);
		sizes[parts[0].index] = parts[0].wanted;
		sizes[parts[1].index] = parts[1].wanted;
		assert_int_equal(sizes[0], cases[i].then_old);
		assert_int_equal(sizes[1], cases[i].then_fresh);
	}
}

static void routes(void **state)
{
	struct route r;

	(void)state;
	assert_true(route_parse("/apis/apps/v1/namespaces/shop/deployments/"
				"my-app-v2/scale", &r));
	assert_string_equal(r.group, "apps");
	assert_string_equal(r.ns, "shop");
	assert_string_equal(r.plural, "deployments");
	assert_string_equal(r.name, "my-app-v2");
	assert_string_equal(r.subresource, "scale");
	assert_true(route_parse("/api/v1/namespaces/shop", &r));
	assert_string_equal(r.plural, "namespaces");
	assert_string_equal(r.name, "shop");
	assert_string_equal(r.ns, "");
	assert_string_equal(route_verb(&r, "DELETE", false), "delete");
	assert_true(route_parse("/api/v1/namespaces/shop/status", &r));
	assert_string_equal(r.plural, "namespaces");
	assert_string_equal(r.subresource, "status");
	assert_true(route_parse("/api/v1/pods", &r));
	assert_string_equal(route_verb(&r, "GET", false), "list");
	assert_string_equal(route_verb(&r, "GET", true), "watch");
	assert_null(route_verb(&r, "PATCH", false));
	assert_false(route_parse("/apis/apps/v1", &r));
	assert_false(route_parse("/api/v1/a/b/c/d/e/f/g/h/i", &r));
	assert_false(route_parse("/", &r));
}

static void media_types(void **state)
{
	(void)state;
	assert_int_equal(media_choose(NULL), MEDIA_JSON);
	assert_int_equal(media_choose("*/*"), MEDIA_JSON);
	assert_int_equal(media_choose("text/csv"), MEDIA_NONE);
	assert_int_equal(media_choose("application/vnd.kubernetes.protobuf, "
				      "application/json"), MEDIA_JSON);
	assert_int_equal(media_choose("application/json;as=Table;v=v1;"
				      "g=meta.k8s.io,application/json"),
			 MEDIA_TABLE);
	assert_int_equal(media_choose("application/json;as=Table;v=v1beta1;"
				      "g=meta.k8s.io,application/json"),
			 MEDIA_JSON);
	assert_int_equal(media_choose("application/json;g=apidiscovery.k8s.io;"
				      "v=v2;as=APIGroupDiscoveryList"),
			 MEDIA_DISCOVERY);
}

/* ConfigMap {metadata {name "a"}, data {"k": "v"}} */
static const char config_map[] =
	"k8s\0"
	"\x0a\x0f\x0a\x02v1\x12\x09" "ConfigMap"
	"\x12\x0d" "\x0a\x03\x0a\x01" "a" "\x12\x06\x0a\x01k\x12\x01v";

static void protobuf_objects(void **state)
{
	size_t len = sizeof(config_map) - 1;
	json_t *object = NULL, *wanted = parse(
		"{'apiVersion':'v1','kind':'ConfigMap','metadata':"
		"{'name':'a'},'data':{'k':'v'}}");
	struct error err = { 0 };

	(void)state;
	assert_true(protobuf_is(config_map, len));
	assert_false(protobuf_is("{\"kind\":1}", 10));
	assert_int_equal(protobuf_read(&object, config_map, len, &err), 0);
	assert_true(json_equal(object, wanted));
	json_decref(object);
	json_decref(wanted);
	/* every shorter one is refused or holds less, and none is read over */
	for (size_t cut = 5; cut < len; cut++) {
		char *part = malloc(cut);

		assert_non_null(part);
		memcpy(part, config_map, cut);
		object = NULL;
		protobuf_read(&object, part, cut, &err);
		json_decref(object);
		free(part);
	}
}

static void protobuf_unknown(void **state)
{
	static const char unknown[] =
		"k8s\0" "\x0a\x0f\x0a\x02v1\x12\x09" "ConfigMap"
		"\x12\x03" "\x4a\x01x";
	json_t *object = NULL;
	struct error err = { 0 };

	(void)state;
	assert_int_equal(protobuf_read(&object, unknown, sizeof(unknown) - 1,
				       &err), ERR_INVALID);
	assert_non_null(strstr(err.message, "field 9"));
	assert_null(object);
}

static void objects(void **state)
{
	json_t *object = json_object();
	char hash[OBJECT_HASH_MAX], again[OBJECT_HASH_MAX];
	char uid[OBJECT_UID_MAX];

	(void)state;
	assert_int_equal(object_set(object, "a/b~1c/d", json_integer(1)), 0);
	assert_int_equal(json_number(object, "a/b~1c/d", 0), 1);
	assert_int_equal(object_set_condition(object, "Ready", "True", NULL),
			 0);
	assert_true(object_is(object, "Ready"));
	object_template_hash(object, 0, hash);
	object_template_hash(object, 0, again);
	assert_string_equal(hash, again);
	object_unset(object, "a/b~1c/d");
	object_template_hash(object, 0, again);
	assert_string_not_equal(hash, again);
	object_make_uid(uid);
	assert_int_equal(strlen(uid), 36);
	assert_int_equal(object_time_ms("1970-01-01T00:01:00Z"), 60000);
	assert_int_equal(object_time_ms("soon"), 0);
	json_decref(object);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_patches),
		cmocka_unit_test(growing_patches),
		cmocka_unit_test(merge_patches),
		cmocka_unit_test(strategic_patches),
		cmocka_unit_test(deep_patches),
		cmocka_unit_test(label_selectors),
		cmocka_unit_test(object_selectors),
		cmocka_unit_test(field_selectors),
		cmocka_unit_test(shares),
		cmocka_unit_test(rollouts),
		cmocka_unit_test(limits),
		cmocka_unit_test(spreads),
		cmocka_unit_test(routes),
		cmocka_unit_test(media_types),
		cmocka_unit_test(protobuf_objects),
		cmocka_unit_test(protobuf_unknown),
		cmocka_unit_test(objects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
