/* Units of kube/kubeconfig: files as kubectl reads them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "kube/kubeconfig.h"

static char dir[] = "/tmp/cutover-kubeconfig-XXXXXX";

static int setup_dir(void **state)
{
	(void)state;
	unsetenv("KUBERNETES_SERVICE_HOST");
	return mkdtemp(dir) ? 0 : -1;
}

static int teardown_dir(void **state)
{
	static const char *const names[] = {"a", "b", "bad"};
	char path[256];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		unlink(path);
	}
	return rmdir(dir);
}

/* Writes DIR/name; returns its path, valid until the next call. */
static const char *put(const char *name, const char *text)
{
	static char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, "we");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	fclose(file);
	return path;
}

static int load(struct kubeconfig *config, const char *path,
		const char *context, const char *namespace_, struct error *err)
{
	const struct kubeconfig_options options = {path, context, namespace_};

	error_clear(err);
	return kubeconfig_load(config, &options, err);
}

static const char first[] =
	"apiVersion: v1\n"
	"kind: Config\n"
	"current-context: one\n"
	"contexts:\n"
	"- name: one\n"
	"  context: {cluster: c, user: u, namespace: shop}\n"
	"- name: two\n"
	"  context: {cluster: c2, user: plug}\n"
	"- name: lost\n"
	"  context: {cluster: nowhere, user: u}\n"
	"- name: old\n"
	"  context: {cluster: c, user: old}\n"
	"clusters:\n"
	"- name: c\n"
	"  cluster:\n"
	"    server: https://127.0.0.1:6443/\n"
	"    certificate-authority: pki/ca.crt\n"
	"    tls-server-name: kubernetes\n"
	"- name: c2\n"
	"  cluster: {server: 'https://h', insecure-skip-tls-verify: true,\n"
	"    certificate-authority-data: LS0tQ0E=, certificate-authority: x}\n"
	"users:\n"
	"- name: u\n"
	"  user: {client-certificate: /abs/c.crt, client-key-data: a2V5,\n"
	"    token: t0k3n, as: me, as-groups: [g1, g2]}\n"
	"- name: plug\n"
	"  user:\n"
	"    exec:\n"
	"      apiVersion: client.authentication.k8s.io/v1\n"
	"      command: bin/get-token\n"
	"      args: [--x, \"1\"]\n"
	"      env: [{name: A, value: b}]\n"
	"- name: old\n"
	"  user: {auth-provider: {name: gcp}}\n";

static void test_everything_of_a_context(void **state)
{
	const char *path = put("a", first);
	struct kubeconfig config;
	struct error err;
	char expected[256];

	(void)state;
	if (load(&config, path, NULL, NULL, &err))
		fail_msg("%s", err.message);
	assert_string_equal(config.context, "one");
	assert_string_equal(config.server, "https://127.0.0.1:6443");
	assert_string_equal(config.namespace_, "shop");
	snprintf(expected, sizeof(expected), "%s/pki/ca.crt", dir);
	assert_string_equal(config.ca_file, expected);
	assert_null(config.ca_pem);
	assert_string_equal(config.tls_server_name, "kubernetes");
	assert_string_equal(config.cert_file, "/abs/c.crt");
	assert_string_equal(config.key_pem, "key");
	assert_string_equal(config.token, "t0k3n");
	assert_string_equal(config.as_user, "me");
	assert_string_equal(config.as_groups[1], "g2");
	assert_null(config.as_groups[2]);
	assert_false(config.insecure || config.has_exec);
	kubeconfig_release(&config);
	assert_null(config.token);
}

static void test_data_beats_files_and_options_beat_the_context(void **state)
{
	struct kubeconfig config;
	struct error err;
	char expected[256];

	(void)state;
	assert_int_equal(load(&config, put("a", first), "two", "other", &err),
			 0);
	assert_string_equal(config.ca_pem, "---CA");
	assert_null(config.ca_file);
	assert_true(config.insecure);
	assert_string_equal(config.namespace_, "other");
	assert_true(config.has_exec);
	snprintf(expected, sizeof(expected), "%s/bin/get-token", dir);
	assert_string_equal(config.exec.command, expected);
	assert_string_equal(config.exec.args[1], "1");
	assert_string_equal(config.exec.env[0], "A=b");
	kubeconfig_release(&config);
}

static void test_first_file_wins_a_whole_entry(void **state)
{
	static const char second[] =
		"current-context: two\n"
		"clusters: [{name: c, cluster: {server: 'https://wrong',"
		" proxy-url: 'http://p'}}]\n"
		"users: [{name: more, user: {token: m}}]\n"
		"contexts: [{name: three, context: {cluster: c, user: more}}]\n";
	char list[1024];
	struct kubeconfig config;
	struct error err;

	(void)state;
	put("a", first);
	put("b", second);
	snprintf(list, sizeof(list), "%s/missing::%s/a:%s/b", dir, dir, dir);
	setenv("KUBECONFIG", list, 1);
	assert_int_equal(load(&config, NULL, NULL, NULL, &err), 0);
	assert_string_equal(config.context, "one");
	kubeconfig_release(&config);
	assert_int_equal(load(&config, NULL, "three", NULL, &err), 0);
	assert_string_equal(config.server, "https://127.0.0.1:6443");
	assert_null(config.proxy);
	assert_string_equal(config.token, "m");
	assert_string_equal(config.namespace_, "default");
	kubeconfig_release(&config);
	unsetenv("KUBECONFIG");
}

static void test_what_is_missing_is_named(void **state)
{
	static const struct {
		const char *context, *word;
		int code;
	} rows[] = {
		{"none", "no context named \"none\"", ERR_NOTFOUND},
		{"lost", "no cluster named \"nowhere\"", ERR_NOTFOUND},
		{"old", "auth-provider", ERR_INVALID},
	};
	struct kubeconfig config;
	struct error err;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(load(&config, put("a", first),
				      rows[i].context, NULL, &err),
				 rows[i].code);
		assert_non_null(strstr(err.message, rows[i].word));
	}
	assert_int_equal(load(&config, "/nonexistent/x", NULL, NULL, &err),
			 ERR_NOTFOUND);
	setenv("KUBECONFIG", "/nonexistent/x", 1);
	assert_int_equal(load(&config, NULL, NULL, NULL, &err), ERR_NOTFOUND);
	unsetenv("KUBECONFIG");
}

static void test_in_cluster(void **state)
{
	struct kubeconfig config;
	struct error err;

	(void)state;
	setenv("KUBECONFIG", "/nonexistent/x", 1);
	setenv("KUBERNETES_SERVICE_HOST", "fd00::1", 1);
	setenv("KUBERNETES_SERVICE_PORT", "443", 1);
	assert_int_equal(load(&config, NULL, NULL, NULL, &err), 0);
	assert_string_equal(config.server, "https://[fd00::1]:443");
	assert_string_equal(config.token_file, "/var/run/secrets/"
			    "kubernetes.io/serviceaccount/token");
	kubeconfig_release(&config);
	unsetenv("KUBERNETES_SERVICE_HOST");
	unsetenv("KUBECONFIG");
}

static void test_bad_files_are_refused_with_their_place(void **state)
{
	static const struct {
		const char *text, *where, *word;
		int code;
	} rows[] = {
		{"a: 1\nb: 2\na: 3\n", ":3:1", "twice", ERR_INVALID},
		{"a: &x 1\nb: *x\n", ":2:4", "alias", ERR_INVALID},
		{"a: [1, 2\n", ":2:1", "", ERR_SYNTAX},
		{"a:\n\t- x\n", ":2:1", "", ERR_SYNTAX},
		{"? [a]\n: b\n", ":1:3", "key", ERR_SYNTAX},
		{"just text\n", "", "mapping", ERR_INVALID},
		{"users: [{name: u, user: {client-key-data: '###'}}]\n"
		 "clusters: [{name: c, cluster: {server: 'https://h'}}]\n"
		 "contexts: [{name: x, context: {cluster: c, user: u}}]\n"
		 "current-context: x\n", "", "Base64", ERR_INVALID},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kubeconfig config;
		struct error err;

		assert_int_equal(load(&config, put("bad", rows[i].text), NULL,
				      NULL, &err), rows[i].code);
		if (!strstr(err.where, rows[i].where) ||
		    !strstr(err.message, rows[i].word))
			fail_msg("row %zu: %s: %s", i, err.where, err.message);
	}
}

static void test_depth_has_a_limit(void **state)
{
	char text[256] = "a: ";
	struct kubeconfig config;
	struct error err;

	(void)state;
	memset(text + 3, '[', 100);
	text[103] = '\0';
	assert_int_equal(load(&config, put("bad", text), NULL, NULL, &err),
			 ERR_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_everything_of_a_context),
		cmocka_unit_test(test_data_beats_files_and_options_beat_the_context),
		cmocka_unit_test(test_first_file_wins_a_whole_entry),
		cmocka_unit_test(test_what_is_missing_is_named),
		cmocka_unit_test(test_in_cluster),
		cmocka_unit_test(test_bad_files_are_refused_with_their_place),
		cmocka_unit_test(test_depth_has_a_limit),
	};

	return cmocka_run_group_tests_name("kubeconfig", tests, setup_dir,
					   teardown_dir);
}
