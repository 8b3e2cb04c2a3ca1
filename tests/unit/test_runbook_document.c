/* Units of runbook/: one YAML or JSON document as Jansson's values. */
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
#include "base/json.h"
#include "runbook/runbook.h"

static int read_text(const char *text, json_t **ret, struct error *err)
{
	char path[] = "/tmp/cutover-test-XXXXXX";
	int fd = mkstemp(path), code;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	code = runbook_yaml_json(path, ret, err);
	unlink(path);
	return code;
}

static void assert_reads(const char *text, const char *json)
{
	json_t *expected = json_loads(json, JSON_DECODE_ANY, NULL), *value;
	struct error err = {0};

	assert_non_null(expected);
	if (read_text(text, &value, &err))
		fail_msg("%s: %s: %s", text, err.where, err.message);
	if (!json_equal(value, expected))
		fail_msg("%s: read as %s", text,
			 json_dumps(value, JSON_ENCODE_ANY));
	json_decref(value);
	json_decref(expected);
}

static void test_plain_scalars_have_types(void **state)
{
	(void)state;
	assert_reads("[1, -2, +3, 0x1F, 0o17, 010]", "[1, -2, 3, 31, 15, 10]");
	assert_reads("[1.5, .5, 1., -1e3, 2E+2]", "[1.5, 0.5, 1.0, -1e3, 200.0]");
	assert_reads("[true, False, TRUE, yes, on, No]",
		     "[true, false, true, \"yes\", \"on\", \"No\"]");
	assert_reads("{a: , b: ~, c: null, d: ''}",
		     "{\"a\": null, \"b\": null, \"c\": null, \"d\": \"\"}");
	assert_reads("['1', \"true\", 1.2.3, 0x, ., e5, 1e, +, .nan, 0x-1, -0x1, 99999999999999999999999]",
		     "[\"1\", \"true\", \"1.2.3\", \"0x\", \".\", \"e5\", \"1e\", \"+\", \".nan\", \"0x-1\", \"-0x1\", 1e23]");
	assert_reads("just words", "\"just words\"");
}

static void test_a_manifest_in_either_language(void **state)
{
	static const char json[] = "{\"kind\": \"Deployment\", \"spec\": "
		"{\"replicas\": 4, \"note\": \"\\ud83d\\ude00\", \"args\": [\"a b\", \"8080\"]}}";

	(void)state;
	assert_reads("# a comment\nkind: Deployment\nspec:\n  replicas: 4\n"
		     "  note: \"\\U0001F600\"\n  args:\n  - a b\n  - \"8080\"\n", json);
	assert_reads(json, json);
	assert_reads("{kind: Deployment}", "{\"kind\": \"Deployment\"}");
}

static void test_what_is_wrong_has_its_place(void **state)
{
	struct error err = {0};
	json_t *value = NULL;

	(void)state;
	assert_int_equal(read_text("a: 1\na: 2\n", &value, &err), ERR_SYNTAX);
	assert_non_null(strstr(err.where, ":2:1"));
	assert_string_equal(err.message,
			    "key 'a' a second time; the first is in line 1");
	assert_int_equal(read_text("a: 1\n---\nb: 2\n", &value, &err), ERR_SYNTAX);
	assert_non_null(strstr(err.where, ":2:1"));
	assert_int_equal(read_text("a: *b\n", &value, &err), ERR_SYNTAX);
	assert_int_equal(read_text("", &value, &err), ERR_SYNTAX);
	assert_int_equal(runbook_yaml_json("/nowhere/x", &value, &err),
			 ERR_NOTFOUND);
	assert_null(value);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain_scalars_have_types),
		cmocka_unit_test(test_a_manifest_in_either_language),
		cmocka_unit_test(test_what_is_wrong_has_its_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
