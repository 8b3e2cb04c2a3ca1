/* Units of kube/review: what a request needs, and the question for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "kube/review.h"

static void check(const char *method, const char *path, const char *text,
		  const char *group, const char *namespace_)
{
	struct kube_wish wish;
	char told[600];
	struct error err;

	assert_int_equal(kube_wish_of(method, path, &wish, &err), 0);
	kube_wish_text(&wish, told, sizeof(told));
	assert_string_equal(told, text);
	assert_string_equal(wish.group, group);
	assert_string_equal(wish.namespace_, namespace_);
}

static void test_what_a_request_needs(void **state)
{
	(void)state;
	check("PATCH", "/api/v1/namespaces/shop/services/front?fieldManager=x",
	      "patch services front", "", "shop");
	check("PATCH", "/apis/apps/v1/namespaces/shop/deployments/v2/scale",
	      "patch deployments/scale v2", "apps", "shop");
	check("POST", "/apis/apps/v1/namespaces/shop/deployments?a=/b",
	      "create deployments", "apps", "shop");
	check("DELETE", "/apis/apps/v1/namespaces/shop/deployments/v1",
	      "delete deployments v1", "apps", "shop");
	check("GET", "/api/v1/namespaces/shop/pods", "list pods", "", "shop");
	check("GET", "/api/v1/namespaces/shop/pods/p", "get pods p", "",
	      "shop");
	check("PUT", "/apis/coordination.k8s.io/v1/namespaces/shop/leases/l",
	      "update leases l", "coordination.k8s.io", "shop");
}

static void test_what_is_no_resource(void **state)
{
	static const char *const paths[] = {
		"/readyz", "/api/v1", "/apis/apps/v1/deployments", "",
		"/api/v1/namespaces/shop", "/other/v1/namespaces/shop/pods",
	};
	char long_name[300], long_path[600];
	struct kube_wish wish;
	struct error err;

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		assert_int_equal(kube_wish_of("GET", paths[i], &wish, &err),
				 ERR_INVALID);
	memset(long_name, 'n', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = '\0';
	snprintf(long_path, sizeof(long_path), "/api/v1/namespaces/%s/pods",
		 long_name);
	assert_int_equal(kube_wish_of("GET", long_path, &wish, &err),
			 ERR_INVALID);
	assert_int_equal(kube_wish_of("TRACE", "/api/v1/namespaces/s/pods",
				      &wish, &err), ERR_INVALID);
}

static void test_the_question_and_its_answer(void **state)
{
	struct kube_wish wish;
	char reason[KUBE_REVIEW_REASON_MAX];
	json_t *body, *answer;
	struct error err;

	(void)state;
	assert_int_equal(kube_wish_of("PATCH",
		"/apis/apps/v1/namespaces/shop/deployments/v2/scale", &wish,
		&err), 0);
	body = kube_review_body(&wish);
	assert_string_equal(json_text(body, "spec/resourceAttributes/group", ""),
			    "apps");
	assert_string_equal(json_text(body,
		"spec/resourceAttributes/subresource", ""), "scale");
	assert_string_equal(json_text(body, "spec/resourceAttributes/name", ""),
			    "v2");
	json_decref(body);
	answer = json_pack("{s{sb ss}}", "status", "allowed", 1, "reason",
			   "RBAC: \x1b[1mallowed");
	assert_true(kube_review_allows(answer, reason));
	assert_null(strchr(reason, '\x1b'));
	json_decref(answer);
	answer = json_pack("{s{sb}}", "status", "allowed", 0);
	assert_false(kube_review_allows(answer, reason));
	assert_string_equal(reason, "");
	json_decref(answer);
	assert_false(kube_review_allows(NULL, reason));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_a_request_needs),
		cmocka_unit_test(test_what_is_no_resource),
		cmocka_unit_test(test_the_question_and_its_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
