/*
 * Units of observe/: each kind of condition held against facts made by hand.
 * What matters most: whatever is missing, failed, stale or older than the last
 * act is unknown, never green.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "observe/condition.h"

#define NOW 100000

/* ---- facts --------------------------------------------------------------- */

static struct kube_label v1_labels[] = {{"app", "myapp"}, {"version", "v1"}};
static struct kube_label v2_labels[] = {
	{"app", "myapp"}, {"version", "v2"}, {"writes", "enabled"},
};
static struct kube_pod pods[] = {
	{.meta = {.name = "v1-a", .uid = "u1", .labels = {v1_labels, 2}},
	 .ready = true, .reason = ""},
	{.meta = {.name = "v2-a", .uid = "u2", .labels = {v2_labels, 3}},
	 .ready = true, .reason = "", .restarts = 2},
	{.meta = {.name = "v2-b", .uid = "u3", .labels = {v2_labels, 3}},
	 .ready = false, .reason = "CrashLoopBackOff"},
};
static const struct kube_pod *const pod_list[] = {
	&pods[0], &pods[1], &pods[2],
};
static struct kube_endpoint endpoints[] = {
	{.pod = "v2-a", .pod_uid = "u2", .ready = true, .serving = true},
	{.pod = "v2-b", .pod_uid = "u3", .ready = false, .serving = false},
};
static struct kube_endpoint endpoints_v6[] = {
	{.pod = "v2-a", .pod_uid = "u2", .ready = true, .serving = true},
	{.pod = "v1-a", .pod_uid = "u1", .ready = true, .serving = true},
};
static struct kube_slice slices[] = {
	{.service = "svc", .endpoints = endpoints, .endpoint_count = 2},
	{.service = "svc", .endpoints = endpoints_v6, .endpoint_count = 1},
};
static const struct kube_slice *const slice_list[] = {&slices[0], &slices[1]};
static struct kube_label selector_labels[] = {
	{"app", "myapp"}, {"version", "v1"},
};
static struct kube_service service = {
	.meta = {.name = "svc"}, .selector = {selector_labels, 2},
};
static const struct kube_service *const service_list[] = {&service};

struct fixture {
	struct facts facts;
	struct db_observation rds, aurora;
	struct db_channel channels[2];
	const char *position;
};

static const struct stamp fresh = {.at_ms = NOW - 100, .fresh_ms = 2000};

static void fixture_database(struct facts_database *database,
			     struct db_observation *seen, const char *name,
			     const char *set)
{
	database->name = name;
	database->stamp = fresh;
	database->seen = seen;
	database->still_since_ms = NOW - 600;
	for (int part = 0; part < DB_PART_COUNT; part++)
		seen->known[part] = true;
	seen->gtid_known = gtid_parse(set, &seen->executed, NULL) == 0;
	seen->read_only = DB_FLAG_ON;
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct facts *facts = &f->facts;

	facts->now_ms = NOW;
	fixture_database(&facts->databases[SIDE_SOURCE], &f->rds, "rds",
			 "1-1-100");
	fixture_database(&facts->databases[SIDE_TARGET], &f->aurora, "aurora",
			 "1-1-100");
	f->channels[0].io = f->channels[0].sql = DB_THREAD_YES;
	f->channels[0].name = "";
	f->channels[0].io_error = f->channels[0].sql_error = "";
	f->channels[0].filters = "";
	f->aurora.channels = f->channels;
	f->aurora.channel_count = 1;
	facts->missing = facts->errant = 0;
	facts->missing_stamp = facts->errant_stamp = fresh;
	facts->flag.stamp = fresh;
	facts->cluster.pods_stamp = facts->cluster.service_stamp = fresh;
	facts->cluster.slices_stamp = facts->cluster.deployments_stamp = fresh;
	facts->cluster.pods = pod_list;
	facts->cluster.pod_count = 3;
	facts->cluster.slices = slice_list;
	facts->cluster.slice_count = 2;
	facts->cluster.services = service_list;
	facts->cluster.service_count = 1;
	service.selector.count = 2;
	endpoints_v6[0].pod_uid = "u2";
	f->position = "1-1-100";
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	gtid_release(&f->rds.executed);
	gtid_release(&f->aurora.executed);
	gtid_release(&f->rds.heartbeats);
	free(f);
	return 0;
}

static const char *position(void *data, const char *since,
			    const char *connection)
{
	(void)since;
	(void)connection;
	return ((struct fixture *)data)->position;
}

static struct verdict judge_after(struct fixture *f,
				  const struct condition *condition,
				  int64_t not_before_ms)
{
	const struct condition_context context = {
		.facts = &f->facts, .now_ms = NOW,
		.not_before_ms = not_before_ms, .position = position, .data = f,
	};
	struct verdict verdict;

	condition_judge(condition, &context, &verdict);
	assert_true(verdict.text[0] != '\0');
	return verdict;
}

static enum verdict_state judge(struct fixture *f,
				const struct condition *condition)
{
	return judge_after(f, condition, INT64_MIN).state;
}

/* ---- databases ----------------------------------------------------------- */

static void test_read_only_says_what_it_sees(void **state)
{
	struct fixture *f = *state;
	struct condition c = {.kind = CONDITION_READ_ONLY, .on = "rds",
			      .is = true};

	assert_int_equal(judge(f, &c), VERDICT_GREEN);
	f->rds.read_only = DB_FLAG_OFF;
	assert_int_equal(judge(f, &c), VERDICT_RED);
	f->rds.innodb_read_only = DB_FLAG_ON;   /* a reader of Aurora */
	assert_int_equal(judge(f, &c), VERDICT_GREEN);
	f->rds.read_only = DB_FLAG_UNKNOWN;
	assert_int_equal(judge(f, &c), VERDICT_UNKNOWN);
	f->rds.read_only = DB_FLAG_ON;
	f->rds.known[DB_PART_STATE] = false;
	f->rds.why[DB_PART_STATE] = "denied";
	assert_int_equal(judge(f, &c), VERDICT_UNKNOWN);
}

static void test_no_data_is_unknown(void **state)
{
	struct fixture *f = *state;
	struct condition c = {.kind = CONDITION_READ_ONLY, .on = "rds",
			      .is = true};
	struct verdict verdict;

	f->facts.databases[SIDE_SOURCE].stamp.at_ms = NOW - 2001;
	assert_int_equal(judge(f, &c), VERDICT_UNKNOWN);
	f->facts.databases[SIDE_SOURCE].stamp.at_ms = -1;
	assert_int_equal(judge(f, &c), VERDICT_UNKNOWN);
	f->facts.databases[SIDE_SOURCE].stamp.at_ms = NOW - 50;
	assert_int_equal(judge(f, &c), VERDICT_GREEN);
	/* seen before the last act: it may not show yet what that did */
	verdict = judge_after(f, &c, NOW - 20);
	assert_int_equal(verdict.state, VERDICT_UNKNOWN);
	assert_non_null(strstr(verdict.text,
			       "rds, read_only: not seen since the last action"));
	c.on = "nobody";
	assert_int_equal(judge(f, &c), VERDICT_UNKNOWN);
}

static void test_missing_counts_and_wants_both_sides(void **state)
{
	struct fixture *f = *state;
	struct condition c = {.kind = CONDITION_MISSING, .on = "aurora",
			      .count = {COMPARE_EQ, 0}};

	assert_int_equal(judge(f, &c), VERDICT_GREEN);
	f->facts.missing = 3;
	assert_int_equal(judge(f, &c), VERDICT_RED);
	c.count = (struct compare){COMPARE_LE, 3};
	assert_int_equal(judge(f, &c), VERDICT_GREEN);
	f->facts.missing_stamp.at_ms = NOW - 5000;
	assert_int_equal(judge(f, &c), VERDICT_UNKNOWN);
	f->facts.missing_stamp = fresh;
	f->facts.databases[SIDE_SOURCE].stamp.at_ms = NOW - 5000;
	assert_int_equal(judge(f, &c), VERDICT_UNKNOWN);
}

static void test_missing_heartbeats_count_while_it_replicates(void **state)
{
	struct fixture *f = *state;
	struct condition c = {.kind = CONDITION_MISSING, .on = "aurora",
			      .count = {COMPARE_EQ, 0}};

	f->facts.missing = f->facts.missing_heartbeats = 2;
	assert_int_equal(judge(f, &c), VERDICT_RED);
	f->channels[0].sql = DB_THREAD_NO;
	assert_int_equal(judge(f, &c), VERDICT_GREEN);
	f->aurora.channel_count = 0;
	assert_int_equal(judge(f, &c), VERDICT_GREEN);
	f->facts.missing = 3;           /* and one of a user's */
	assert_int_equal(judge(f, &c), VERDICT_RED);
	f->facts.missing = 2;
	f->aurora.known[DB_PART_REPLICATION] = false;
	assert_int_equal(judge(f, &c), VERDICT_RED);
}

static void test_replicating_wants_both_threads(void **state)
{
	struct fixture *f = *state;
	struct condition c = {.kind = CONDITION_REPLICATING, .on = "aurora"};
	struct condition not = {.kind = CONDITION_NOT_REPLICATING,
				.on = "aurora"};

	assert_int_equal(judge(f, &c), VERDICT_GREEN);
	assert_int_equal(judge(f, &not), VERDICT_RED);
	f->channels[0].io = DB_THREAD_CONNECTING;
	assert_int_equal(judge(f, &c), VERDICT_RED);
	f->channels[0].io = DB_THREAD_UNKNOWN;
	assert_int_equal(judge(f, &c), VERDICT_UNKNOWN);
	f->aurora.channel_count = 0;
	assert_int_equal(judge(f, &c), VERDICT_RED);
	assert_int_equal(judge(f, &not), VERDICT_GREEN);
	f->aurora.known[DB_PART_REPLICATION] = false;
	f->aurora.why[DB_PART_REPLICATION] = "denied";
	assert_int_equal(judge(f, &not), VERDICT_UNKNOWN);
}

static void test_replicating_wants_every_channel(void **state)
{
	struct fixture *f = *state;
	struct condition c = {.kind = CONDITION_REPLICATING, .on = "aurora"};

	f->channels[1] = f->channels[0];
	f->channels[1].name = "other";
	f->aurora.channel_count = 2;
	assert_int_equal(judge(f, &c), VERDICT_GREEN);
	f->channels[1].sql = DB_THREAD_UNKNOWN;
	assert_int_equal(judge(f, &c), VERDICT_UNKNOWN);
	f->channels[0].io = DB_THREAD_NO;
	assert_int_equal(judge(f, &c), VERDICT_RED);
	f->channels[0].io = DB_THREAD_YES;
	f->channels[1].sql = DB_THREAD_NO;
	assert_int_equal(judge(f, &c), VERDICT_RED);
}

static void check(struct fixture *f, const struct condition *condition,
		  enum verdict_state state, const char *text)
{
	struct verdict verdict = judge_after(f, condition, INT64_MIN);

	assert_int_equal(verdict.state, state);
	assert_non_null(strstr(verdict.text, text));
}

/* What a filter leaves out counts as replayed. */
static void test_replicating_wants_no_filter(void **state)
{
	struct fixture *f = *state;
	struct condition replicating = {.kind = CONDITION_REPLICATING,
					.on = "aurora"};

	check(f, &replicating, VERDICT_GREEN, "replicates");
	f->channels[0].filters = "Replicate_Do_DB: app";
	check(f, &replicating, VERDICT_RED, "Replicate_Do_DB: app");
}

/* A reader of a cluster, or a replica of something else, refuses writes and
 * says nothing about where they are taken. */
static void test_read_only_is_not_believed_of_a_reader(void **state)
{
	struct fixture *f = *state;
	struct condition read_only = {.kind = CONDITION_READ_ONLY,
				      .on = "aurora", .is = true};
	struct db_observation *aurora = &f->aurora, *rds = &f->rds;
	struct db_channel from = f->channels[0];

	aurora->read_only = DB_FLAG_OFF;
	aurora->innodb_read_only = DB_FLAG_ON;
	check(f, &read_only, VERDICT_GREEN, "refuses writes");
	aurora->server.is_aurora = true;
	check(f, &read_only, VERDICT_UNKNOWN, "reader of its cluster");
	read_only.is = false;
	check(f, &read_only, VERDICT_UNKNOWN, "reader of its cluster");

	read_only = (struct condition){.kind = CONDITION_READ_ONLY, .on = "rds",
				       .is = true};
	rds->read_only = DB_FLAG_ON;
	check(f, &read_only, VERDICT_GREEN, "refuses writes");
	from.source_host = "primary.example";
	from.source_server_id = 77;
	from.source_uuid = "";
	rds->channels = &from;
	rds->channel_count = 1;
	check(f, &read_only, VERDICT_UNKNOWN, "replica of primary.example");
	/* the other way round, once aurora serves */
	aurora->server_id = 77;
	aurora->server_uuid = "";
	check(f, &read_only, VERDICT_GREEN, "refuses writes");
	rds->read_only = DB_FLAG_OFF;
	from.source_server_id = 78;
	check(f, &read_only, VERDICT_RED, "takes writes");
}

static void test_quiet_wants_stillness_and_no_open_write(void **state)
{
	struct fixture *f = *state;
	struct condition c = {.kind = CONDITION_QUIET, .on = "rds",
			      .for_ms = 500};

	assert_int_equal(judge(f, &c), VERDICT_GREEN);
	c.for_ms = 501;
	check(f, &c, VERDICT_RED, "rds is quiet for 500 ms only (wanted 501 ms)");
	c.for_ms = 500;
	f->rds.write_transactions = 1;
	f->rds.oldest_user = "cron@10.0.0.7";
	f->rds.oldest_thread = 42;
	f->rds.oldest_ms = 12000;
	check(f, &c, VERDICT_RED, "rds: 1 open write transaction "
	      "(cron@10.0.0.7, thread 42, for 12.0 s)");
	f->rds.write_transactions = 2;
	f->rds.oldest_thread = -1;
	check(f, &c, VERDICT_RED, "rds: 2 open write transactions");
	f->rds.write_transactions = 0;
	f->facts.databases[SIDE_SOURCE].still_since_ms = -1;
	assert_int_equal(judge(f, &c), VERDICT_UNKNOWN);
}

static void test_transactions_since_a_step_are_counted(void **state)
{
	struct fixture *f = *state;
	struct condition c = {.kind = CONDITION_TRANSACTIONS, .on = "rds",
			      .since = "fence", .count = {COMPARE_EQ, 0}};

	assert_int_equal(judge(f, &c), VERDICT_GREEN);
	f->position = "1-1-97";
	assert_int_equal(judge(f, &c), VERDICT_RED);
	assert_non_null(strstr(judge_after(f, &c, INT64_MIN).text,
			       "took 3 transactions"));
	f->position = NULL;
	assert_int_equal(judge(f, &c), VERDICT_UNKNOWN);
	f->position = "not a set";
	assert_int_equal(judge(f, &c), VERDICT_UNKNOWN);
}

static void test_heartbeats_are_apart(void **state)
{
	struct fixture *f = *state;
	struct condition c = {.kind = CONDITION_TRANSACTIONS, .on = "rds",
			      .since = "fence", .count = {COMPARE_EQ, 0}};
	struct facts_database *rds = &f->facts.databases[SIDE_SOURCE];
	struct facts_intruders found;

	f->position = "1-1-97";
	gtid_parse("1-1-98..98,1-1-100..100", &f->rds.heartbeats, NULL);
	found = facts_intruders(rds, f->position, NOW);
	assert_int_equal(found.count, 1);
	assert_int_equal(found.heartbeats, 2);
	assert_string_equal(found.gtids, "1-1-99..99");
	assert_int_equal(judge(f, &c), VERDICT_RED);
	gtid_parse("1-1-98..100", &f->rds.heartbeats, NULL);
	assert_int_equal(judge(f, &c), VERDICT_GREEN);
	assert_non_null(strstr(judge_after(f, &c, INT64_MIN).text,
			       "took 0 transactions since 'fence' "
			       "(3 of its own heartbeats apart)"));
	/* not all of the binlog is read: it may be heartbeats */
	f->rds.known[DB_PART_HEARTBEATS] = false;
	f->rds.why[DB_PART_HEARTBEATS] = "still being read";
	f->rds.heartbeats_pending = true;
	assert_int_equal(judge(f, &c), VERDICT_UNKNOWN);
	/* it may not be read: they count, and it is said */
	f->rds.heartbeats_pending = false;
	f->rds.why[DB_PART_HEARTBEATS] = "denied";
	assert_int_equal(judge(f, &c), VERDICT_GREEN);
	gtid_release(&f->rds.heartbeats);
	assert_int_equal(judge(f, &c), VERDICT_RED);
	assert_non_null(strstr(judge_after(f, &c, INT64_MIN).text,
			       "took 3 transactions since 'fence' (heartbeats "
			       "can't be told apart: denied)"));
	rds->stamp.at_ms = NOW - 2001;
	assert_int_equal(facts_intruders(rds, f->position, NOW).count, -1);
}

static void test_gtids_are_told_in_few_words(void **state)
{
	struct gtid_set set = {0};
	char text[FACTS_GTIDS_MAX];

	(void)state;
	gtid_parse("5edd0000-0000-0000-0000-000000000001:1:3:5:7:9-11", &set,
		   NULL);
	facts_gtids(&set, text);
	assert_string_equal(text, "5edd0000-0000-0000-0000-000000000001:"
			    "1:3:5:7 ... and 3 more");
	gtid_release(&set);
	facts_gtids(&set, text);
	assert_string_equal(text, "");
}

/* ---- the cluster --------------------------------------------------------- */

static void test_pods_are_counted_by_labels(void **state)
{
	struct fixture *f = *state;
	struct condition c = {.kind = CONDITION_PODS,
			      .match = "app=myapp,version=v2", .has_ready = true,
			      .ready = {COMPARE_GE, 1}};

	assert_int_equal(judge(f, &c), VERDICT_GREEN);
	c.ready.value = 2;
	assert_int_equal(judge(f, &c), VERDICT_RED);
	assert_non_null(strstr(judge_after(f, &c, INT64_MIN).text,
			       "CrashLoopBackOff"));
	c.has_total = true;
	c.total = (struct compare){COMPARE_EQ, 2};
	c.ready.value = 1;
	assert_int_equal(judge(f, &c), VERDICT_GREEN);
	f->facts.cluster.pods_stamp.at_ms = -1;
	assert_int_equal(judge(f, &c), VERDICT_UNKNOWN);
}

static void test_endpoints_of_all_slices_each_pod_once(void **state)
{
	struct fixture *f = *state;
	struct condition c = {.kind = CONDITION_ENDPOINTS, .name = "svc",
			      .match = "version=v2,writes=enabled",
			      .ready = {COMPARE_GE, 1}};
	struct kube_manager manager = {"argocd-controller", "Update",
				       "2026-11-24T02:00:01Z",
				       KUBE_OWNS_SELECTOR};
	struct facts_endpoints seen =
		facts_endpoints(&f->facts, "svc", "version=v2");

	assert_int_equal(seen.total, 2);
	assert_int_equal(seen.ready, 1);
	assert_int_equal(judge(f, &c), VERDICT_GREEN);
	service.managers = (struct kube_managers){&manager, 1};
	assert_non_null(strstr(judge_after(f, &c, INT64_MIN).text,
			       "svc: 1 of 1"));
	/* one ready endpoint of v1 among them is one too many */
	endpoints_v6[0].pod_uid = "u1";
	assert_int_equal(judge(f, &c), VERDICT_RED);
	assert_non_null(strstr(judge_after(f, &c, INT64_MIN).text,
			       "svc (selector set by argocd-controller): 1 of"));
	service.managers.count = 0;
	f->facts.cluster.slice_count = 0;
	assert_int_equal(judge(f, &c), VERDICT_RED);
}

static void test_selector_must_be_the_same_key_by_key(void **state)
{
	struct fixture *f = *state;
	struct pair pairs[] = {{"app", "myapp"}, {"version", "v1"}};
	struct kube_manager managers[] = {
		{"cutover", "Update", "2026-11-24T02:00:00Z",
		 KUBE_OWNS_SELECTOR},
		{"argocd-controller", "Update", "2026-11-24T02:00:01Z",
		 KUBE_OWNS_SELECTOR},
	};
	struct condition c = {.kind = CONDITION_SELECTOR, .name = "svc",
			      .selector = {pairs, 2}};

	assert_int_equal(judge(f, &c), VERDICT_GREEN);
	service.kept_by = "Argo CD";
	check(f, &c, VERDICT_GREEN, "version=v1 (kept so by Argo CD)");
	service.kept_by = NULL;
	pairs[1].value = "v2";
	assert_int_equal(judge(f, &c), VERDICT_RED);
	assert_non_null(strstr(judge_after(f, &c, INT64_MIN).text,
			       "wanted app=myapp,version=v2"));
	/* others are named, we are not */
	service.managers = (struct kube_managers){managers, 2};
	assert_non_null(strstr(judge_after(f, &c, INT64_MIN).text,
			       "svc (selector set by argocd-controller) selects"));
	managers[1].owns = KUBE_OWNS_STATUS;
	assert_non_null(strstr(judge_after(f, &c, INT64_MIN).text,
			       "svc selects"));
	service.managers.count = 0;
	pairs[1].value = "v1";
	service.selector.count = 1;
	assert_int_equal(judge(f, &c), VERDICT_RED);
	f->facts.cluster.service_count = 0;
	assert_int_equal(judge(f, &c), VERDICT_RED);
}

static void test_any_takes_the_best(void **state)
{
	struct fixture *f = *state;
	struct condition either[] = {
		{.kind = CONDITION_READ_ONLY, .on = "rds", .is = true},
		{.kind = CONDITION_FLAG, .is = true},
	};
	struct condition c = {.kind = CONDITION_ANY, .any = either,
			      .any_count = 2};
	struct verdict verdict;

	assert_int_equal(judge(f, &c), VERDICT_GREEN);
	f->rds.read_only = DB_FLAG_OFF;
	assert_int_equal(judge(f, &c), VERDICT_RED);
	f->facts.flag.on = true;
	assert_int_equal(judge(f, &c), VERDICT_GREEN);
	f->facts.flag.stamp.at_ms = -1;
	/* red and unknown: it may yet hold, and both parts say why not */
	verdict = judge_after(f, &c, INT64_MIN);
	assert_int_equal(verdict.state, VERDICT_UNKNOWN);
	assert_non_null(strstr(verdict.text, "rds takes writes"));
	assert_non_null(strstr(verdict.text, "flag"));
	f->rds.read_only = DB_FLAG_UNKNOWN;
	assert_int_equal(judge(f, &c), VERDICT_UNKNOWN);
}

#define UNIT(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(test_read_only_says_what_it_sees),
		UNIT(test_no_data_is_unknown),
		UNIT(test_missing_counts_and_wants_both_sides),
		UNIT(test_missing_heartbeats_count_while_it_replicates),
		UNIT(test_replicating_wants_both_threads),
		UNIT(test_replicating_wants_every_channel),
		UNIT(test_replicating_wants_no_filter),
		UNIT(test_read_only_is_not_believed_of_a_reader),
		UNIT(test_quiet_wants_stillness_and_no_open_write),
		UNIT(test_transactions_since_a_step_are_counted),
		UNIT(test_heartbeats_are_apart),
		UNIT(test_gtids_are_told_in_few_words),
		UNIT(test_pods_are_counted_by_labels),
		UNIT(test_endpoints_of_all_slices_each_pod_once),
		UNIT(test_selector_must_be_the_same_key_by_key),
		UNIT(test_any_takes_the_best),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
