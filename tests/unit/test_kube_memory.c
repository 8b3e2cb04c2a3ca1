/*
 * Objects, selectors, patches and a kubeconfig with every allocation failing
 * in turn: the right one, or ERR_NOMEM. A patch that lost a member would be
 * sent; an object that lost one would be believed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "failing_memory.h"
#include "kube/kubeconfig.h"
#include "kube/object.h"
#include "kube/object_pack.h"
#include "kube/patch.h"
#include "kube_sample.h"

/* ---- patches ------------------------------------------------------------- */

static struct kube_label selector_labels[] = {
	{"app", "myapp"}, {"example.org/version", "v1"}, {"old", "1"},
};
static const struct kube_labels selector = {selector_labels, 3};
static struct kube_change change_list[] = {
	{"example.org/version", "v2"}, {"old", NULL}, {"writes", "enabled"},
	{"absent", NULL},
};
static const struct kube_changes changes = {change_list, 4};

static json_t *make_template(void)
{
	return kube_patch_template(&(struct kube_template_patch){
		.resource_version = "41", .labels = changes,
		.container = "app", .env = changes,
	});
}

static json_t *make_selector(void)
{
	return kube_patch_selector(&selector, &changes);
}

static json_t *make_merge(void)
{
	return kube_patch_selector_merge("41", &changes);
}

static json_t *make_data(void)
{
	return kube_patch_data(NULL, &changes);
}

static json_t *make_scale(void)
{
	return kube_patch_scale("41", 3);
}

static json_t *make_delete(void)
{
	return kube_delete_options("u-1", "41");
}

static json_t *make_review(void)
{
	return kube_access_review("shop", "patch", "apps", "deployments",
				  "scale", "v2");
}

struct making {
	json_t *(*make)(void);
	json_t *made, *expected;
};

static int act_make(void *data, struct error *err)
{
	struct making *m = data;

	m->made = m->make();
	return m->made ? 0 : error_nomem(err);
}

static void check_make(void *data, int code)
{
	struct making *m = data;

	if (!code && !json_equal(m->made, m->expected))
		fail_msg("made otherwise: %s",
			 json_dumps(m->made, JSON_COMPACT));
	json_decref(m->made);
}

static void test_bodies_are_whole_or_none(void **state)
{
	static json_t *(*const makers[])(void) = {
		make_template, make_selector, make_merge, make_data,
		make_scale, make_delete, make_review,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(makers) / sizeof(makers[0]); i++) {
		struct making m = {.make = makers[i], .expected = makers[i]()};

		assert_non_null(m.expected);
		failing_memory_try(&(struct failing_case){
			.name = "body", .act = act_make, .check = check_make,
			.data = &m,
		});
		json_decref(m.expected);
	}
}

/* ---- objects ------------------------------------------------------------- */

struct reading {
	enum kube_kind kind;
	const json_t *json;
	void *object;
	char *name;             /* of the object while nothing fails */
};

static int act_read(void *data, struct error *err)
{
	struct reading *r = data;

	r->object = NULL;
	return object_read(r->kind, &r->object, r->json, err);
}

static void check_read(void *data, int code)
{
	struct reading *r = data;
	const struct kube_meta *meta = r->object;

	assert_int_equal(meta != NULL, code == 0);
	if (meta)
		assert_string_equal(meta->name, r->name);
	free(r->object);
}

static void read_sample(enum kube_kind kind, const char *sample)
{
	json_t *json = kube_sample_json(sample);
	struct reading r = {
		.kind = kind, .json = json,
		.name = (char *)(uintptr_t)json_string_value(json_object_get(
			json_object_get(json, "metadata"), "name")),
	};

	failing_memory_try(&(struct failing_case){
		.name = sample, .act = act_read, .check = check_read,
		.data = &r,
	});
	json_decref(json);
}

static void test_objects(void **state)
{
	(void)state;
	read_sample(KUBE_POD, "get-pod");
	read_sample(KUBE_DEPLOYMENT, "get-deployment");
	read_sample(KUBE_SERVICE, "get-service");
	read_sample(KUBE_SLICE, "get-endpointslice");
}

/* ---- selectors ----------------------------------------------------------- */

struct selecting {
	const char *text;
	struct buf printed, expected;
};

static int act_select(void *data, struct error *err)
{
	struct selecting *s = data;
	struct selector parsed;
	int code = selector_parse(&parsed, s->text, err);

	buf_init(&s->printed, 4096);
	if (code)
		return code;
	code = selector_print(&parsed, &s->printed);
	selector_release(&parsed);
	return code;
}

static void check_select(void *data, int code)
{
	struct selecting *s = data;

	if (!code)
		assert_string_equal(s->printed.data, s->expected.data);
	buf_release(&s->printed);
}

static void test_selectors(void **state)
{
	struct selecting s = {
		.text = "app=shop,version in (v1, v2, v3),!old,tier notin (a)",
	};
	struct error err;

	(void)state;
	assert_int_equal(act_select(&s, &err), 0);
	s.expected = s.printed;
	failing_memory_try(&(struct failing_case){
		.name = "selector", .act = act_select, .check = check_select,
		.data = &s,
	});
	buf_release(&s.expected);
}

/* ---- a kubeconfig -------------------------------------------------------- */

static const char kubeconfig_text[] =
	"apiVersion: v1\nkind: Config\ncurrent-context: practice\n"
	"clusters: [{name: c, cluster: {server: 'https://127.0.0.1:9',\n"
	"  certificate-authority-data: aGVsbG8=}}]\n"
	"users: [{name: u, user: {token: s3cret}}]\n"
	"contexts: [{name: practice, context: {cluster: c, user: u,\n"
	"  namespace: shop}}]\n";

struct configuring {
	char path[64];
	struct kubeconfig config;
};

static int act_config(void *data, struct error *err)
{
	struct configuring *c = data;
	const struct kubeconfig_options options = {.path = c->path};

	memset(&c->config, 0, sizeof(c->config));
	return kubeconfig_load(&c->config, &options, err);
}

static void check_config(void *data, int code)
{
	struct configuring *c = data;

	if (code)
		return;
	assert_string_equal(c->config.server, "https://127.0.0.1:9");
	assert_string_equal(c->config.namespace_, "shop");
	assert_string_equal(c->config.token, "s3cret");
	assert_non_null(c->config.ca_pem);
	kubeconfig_release(&c->config);
}

static void test_a_kubeconfig(void **state)
{
	struct configuring c = {.path = "/tmp/cutover-kubeconfig.XXXXXX"};
	int fd = mkstemp(c.path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, kubeconfig_text, strlen(kubeconfig_text)),
			 strlen(kubeconfig_text));
	close(fd);
	failing_memory_try(&(struct failing_case){
		.name = "kubeconfig", .act = act_config,
		.check = check_config, .data = &c,
	});
	unlink(c.path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bodies_are_whole_or_none),
		cmocka_unit_test(test_objects),
		cmocka_unit_test(test_selectors),
		cmocka_unit_test(test_a_kubeconfig),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
