/*
 * Conditions held against facts while memory is out: the verdict is the right
 * one, or it is unknown and says why. No pods counted for want of memory is not
 * "no pods": that would open the gate which keeps two writers apart.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "failing_memory.h"
#include "observe/condition.h"

#define NOW 100000

static const struct stamp fresh = {.at_ms = NOW - 100, .fresh_ms = 2000};
static struct kube_label labels[] = {{"app", "myapp"}, {"version", "v1"}};
static const struct kube_pod pod = {
	.meta = {.name = "v1-a", .uid = "u1", .labels = {labels, 2}},
	.ready = true, .reason = "",
};
static const struct kube_pod *const pods[] = {&pod};
static struct kube_endpoint endpoint = {
	.pod = "v1-a", .pod_uid = "u1", .ready = true, .serving = true,
};
static const struct kube_slice slice = {
	.service = "svc", .endpoints = &endpoint, .endpoint_count = 1,
};
static const struct kube_slice *const slices[] = {&slice};

struct judging {
	struct facts facts;
	struct db_observation rds;
	const struct condition *condition;
	struct verdict verdict, expected;
};

static const char *position(void *data, const char *since,
			    const char *connection)
{
	(void)data;
	(void)since;
	(void)connection;
	return "1-1-100,2-2-7";
}

static int act(void *data, struct error *err)
{
	struct judging *j = data;
	const struct condition_context context = {
		.facts = &j->facts, .now_ms = NOW, .position = position,
	};

	(void)err;
	condition_judge(j->condition, &context, &j->verdict);
	return 0;
}

static void check(void *data, int code)
{
	struct judging *j = data;

	(void)code;
	assert_true(j->verdict.text[0] != '\0');
	if (j->verdict.state == VERDICT_UNKNOWN)
		return;
	assert_int_equal(j->verdict.state, j->expected.state);
	assert_string_equal(j->verdict.text, j->expected.text);
}

static void judging_init(struct judging *j)
{
	struct facts *facts = &j->facts;

	memset(j, 0, sizeof(*j));
	facts->now_ms = NOW;
	facts->databases[SIDE_SOURCE] = (struct facts_database){
		.name = "rds", .stamp = fresh, .seen = &j->rds,
	};
	facts->databases[SIDE_TARGET].name = "aurora";
	memset(j->rds.known, true, sizeof(j->rds.known));
	j->rds.gtid_known = !gtid_parse("1-1-100,2-2-8", &j->rds.executed,
					NULL);
	facts->missing_stamp = facts->errant_stamp = fresh;
	facts->cluster.pods_stamp = facts->cluster.slices_stamp = fresh;
	facts->cluster.pods = pods;
	facts->cluster.pod_count = 1;
	facts->cluster.slices = slices;
	facts->cluster.slice_count = 1;
}

static void judge(const struct condition *condition,
		  enum verdict_state expected)
{
	struct judging j;

	judging_init(&j);
	j.condition = condition;
	act(&j, NULL);
	assert_int_equal(j.verdict.state, expected);
	j.expected = j.verdict;
	failing_memory_try(&(struct failing_case){
		.name = "condition", .act = act, .check = check, .data = &j,
	});
	gtid_release(&j.rds.executed);
}

static void test_pods_that_cannot_be_counted_are_unknown(void **state)
{
	const struct condition none = {
		.kind = CONDITION_PODS, .match = "version=v1",
		.has_total = true, .total = {COMPARE_EQ, 0},
	};
	const struct condition ready = {
		.kind = CONDITION_PODS, .match = "version in (v1, v2)",
		.has_ready = true, .ready = {COMPARE_GE, 1},
	};

	(void)state;
	judge(&none, VERDICT_RED);
	judge(&ready, VERDICT_GREEN);
}

static void test_endpoints_that_cannot_be_counted_are_unknown(void **state)
{
	const struct condition none = {
		.kind = CONDITION_ENDPOINTS, .name = "svc",
		.match = "version=v2", .ready = {COMPARE_GE, 0},
	};

	(void)state;
	judge(&none, VERDICT_RED);
}

static void test_transactions_that_cannot_be_counted_are_unknown(void **state)
{
	const struct condition none = {
		.kind = CONDITION_TRANSACTIONS, .on = "rds", .since = "fence",
		.count = {COMPARE_EQ, 0},
	};

	(void)state;
	judge(&none, VERDICT_RED);
}

/* -1 is no number: what is not known holds no comparison. */
static void test_an_unknown_count_is_no_small_one(void **state)
{
	const struct condition few[] = {
		{.kind = CONDITION_MISSING, .on = "aurora",
		 .count = {COMPARE_LE, 5}},
		{.kind = CONDITION_ERRANT, .on = "aurora",
		 .count = {COMPARE_LE, 5}},
	};
	struct judging j;

	(void)state;
	judging_init(&j);
	j.facts.missing = j.facts.errant = -1;
	for (size_t i = 0; i < sizeof(few) / sizeof(few[0]); i++) {
		j.condition = &few[i];
		act(&j, NULL);
		assert_int_equal(j.verdict.state, VERDICT_UNKNOWN);
		assert_true(j.verdict.text[0] != '\0');
	}
	gtid_release(&j.rds.executed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pods_that_cannot_be_counted_are_unknown),
		cmocka_unit_test(
			test_endpoints_that_cannot_be_counted_are_unknown),
		cmocka_unit_test(
			test_transactions_that_cannot_be_counted_are_unknown),
		cmocka_unit_test(test_an_unknown_count_is_no_small_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
