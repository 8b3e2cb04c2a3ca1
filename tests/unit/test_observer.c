/*
 * The observer on a practice cluster in this process: its facts at the moment
 * when it says that they have changed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "kube/object.h"
#include "net/loop.h"
#include "observe/observer.h"
#include "perform/reach.h"
#include "rehearsal/cluster/cluster.h"

#define LIMIT_MS 20000
#define RENEWALS 20

static struct {
	struct cluster *cluster;
	struct loop *loop;
	char dir[64], kubeconfig[96], mycnf[96];
	const struct facts *facts;
	int64_t told;                   /* the newest renewal that facts tell */
	int seen;                       /* how often they told of a change */
} test;

static void pod_nothing(void *data, const json_t *pod)
{
	(void)data;
	(void)pod;
}

static void put(json_t *object)
{
	struct error err = {0};

	assert_non_null(object);
	if (cluster_create(test.cluster, object, &err))
		fail_msg("%s", err.message);
	json_decref(object);
}

static json_t *service(void)
{
	return json_pack("{ss ss s{ss ss} s{s{ss} s[{si}]}}", "apiVersion",
			 "v1", "kind", "Service", "metadata", "name", "front",
			 "namespace", "shop", "spec", "selector", "renewal",
			 "0", "ports", "port", 80);
}

static void renew(int64_t number)
{
	char text[24];
	json_t *patch;
	struct error err = {0};

	snprintf(text, sizeof(text), "%d", (int)number);
	patch = json_pack("{s{s{ss}}}", "spec", "selector", "renewal", text);
	if (cluster_patch(test.cluster, "Service", "shop", "front", patch,
			  &err))
		fail_msg("%s", err.message);
	json_decref(patch);
}

/* Reads the facts as a screen does that is drawn at this very moment: nobody
 * has brought them up to date since. */
static void on_changed(void *data)
{
	(void)data;
	if (!test.facts || !test.facts->cluster.service_count)
		return;
	for (size_t i = 0; i < test.facts->cluster.service_count; i++) {
		const struct kube_service *at = test.facts->cluster.services[i];

		if (strcmp(at->meta.name, "front") == 0 && at->selector.count)
			test.told = strtoll(at->selector.list[0].value, NULL,
					    10);
	}
	test.seen++;
}

static void turn_until_told(int64_t number)
{
	int64_t until = clock_mono_ms() + LIMIT_MS;

	while (test.told != number) {
		struct error err;

		assert_true(clock_mono_ms() < until);
		assert_int_equal(loop_turn(test.loop, 20, &err), 0);
	}
}

static void test_facts_are_true_as_soon_as_a_change_is_told(void **state)
{
	struct runbook_connection connections[] = {
		{.name = "rds", .kind = CONNECTION_MYSQL,
		 .mysql = {test.mycnf, "rds"}},
		{.name = "aurora", .kind = CONNECTION_MYSQL,
		 .mysql = {test.mycnf, "aurora"}},
		{.name = "cluster", .kind = CONNECTION_KUBERNETES,
		 .kubernetes = {test.kubeconfig, "", "shop"}},
	};
	const struct runbook runbook = {
		.connections = connections, .connection_count = 3,
		.observe = {.source = "rds", .target = "aurora"},
	};
	struct observer *observer;
	struct reach *reach;
	struct error err;

	(void)state;
	if (reach_open(test.loop, &runbook, &reach, &err) ||
	    observer_open(reach, &runbook, on_changed, NULL, &observer, &err))
		fail_msg("%s: %s", err.where, err.message);
	test.facts = observer_facts(observer, clock_mono_ms());
	renew(1);
	turn_until_told(1);
	for (int64_t i = 2; i < RENEWALS; i++) {
		renew(i);
		turn_until_told(i);
	}
	assert_true(test.seen >= RENEWALS - 1);
	observer_close(observer);
	reach_close(reach);
}

/* Databases at which nothing answers. */
static void write_mycnf(void)
{
	FILE *file;

	snprintf(test.mycnf, sizeof(test.mycnf), "%s/my.cnf", test.dir);
	file = fopen(test.mycnf, "we");
	assert_non_null(file);
	fprintf(file, "[rds]\nhost=127.0.0.1\nport=9\nuser=u\n"
		"[aurora]\nhost=127.0.0.1\nport=9\nuser=u\n");
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(test.mycnf, 0600), 0);
}

static int set_up(void **state)
{
	struct cluster_options options = {
		.pod_network = 0x7f430000, .dir = test.dir,
		.kubelet = {NULL, pod_nothing, pod_nothing, pod_nothing}};
	struct error err = {0};

	(void)state;
	snprintf(test.dir, sizeof(test.dir), "/tmp/cutover-observer-XXXXXX");
	assert_non_null(mkdtemp(test.dir));
	if (cluster_open(&test.cluster, &options, &err) ||
	    loop_open(&test.loop, &err))
		fail_msg("%s", err.message);
	write_mycnf();
	snprintf(test.kubeconfig, sizeof(test.kubeconfig), "%s",
		 cluster_kubeconfig(test.cluster));
	put(json_pack("{ss ss s{ss}}", "apiVersion", "v1", "kind",
		      "Namespace", "metadata", "name", "shop"));
	put(service());
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	loop_close(test.loop);
	cluster_close(test.cluster);
	assert_int_equal(unlink(test.kubeconfig), 0);
	assert_int_equal(unlink(test.mycnf), 0);
	assert_int_equal(rmdir(test.dir), 0);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_facts_are_true_as_soon_as_a_change_is_told),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
