/*
 * The practice cluster from inside: its controllers, with a kubelet that does
 * nothing until the test says so. Every wait has a deadline.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <pthread.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "rehearsal/cluster/cluster.h"

#define LIMIT_MS 20000

static struct {
	struct cluster *cluster;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	int started, stopped, killed, slices;
	int64_t killed_ms;      /* when it was, last */
	bool willing;           /* pods become ready, and end when told */
	char dir[64];
} test = { .lock = PTHREAD_MUTEX_INITIALIZER,
	   .changed = PTHREAD_COND_INITIALIZER };

static void count(int *counter)
{
	pthread_mutex_lock(&test.lock);
	++*counter;
	pthread_cond_broadcast(&test.changed);
	pthread_mutex_unlock(&test.lock);
}

static const char *name_of(const json_t *pod)
{
	return json_text(pod, "metadata/name", "");
}

static void pod_start(void *data, const json_t *pod)
{
	(void)data;
	assert_non_null(json_at(pod, "status/podIP"));
	if (test.willing)
		cluster_pod_ready(test.cluster, "shop", name_of(pod), true);
	count(&test.started);
}

static void pod_stop(void *data, const json_t *pod)
{
	(void)data;
	if (test.willing)
		cluster_pod_exited(test.cluster, "shop", name_of(pod), 0);
	count(&test.stopped);
}

static void pod_kill(void *data, const json_t *pod)
{
	(void)data;
	test.killed_ms = clock_mono_ms();
	cluster_pod_exited(test.cluster, "shop", name_of(pod), 137);
	count(&test.killed);
}

static void on_slice(void *data, const char *type, const json_t *object)
{
	(void)data;
	(void)type;
	assert_string_equal(json_text(object, "kind", ""), "EndpointSlice");
	count(&test.slices);
}

static void wait_count(const int *counter, int wanted)
{
	struct timespec at;

	clock_gettime(CLOCK_REALTIME, &at);
	at.tv_sec += LIMIT_MS / 1000;
	pthread_mutex_lock(&test.lock);
	while (*counter < wanted)
		assert_int_equal(pthread_cond_timedwait(&test.changed,
							&test.lock, &at), 0);
	pthread_mutex_unlock(&test.lock);
}

/* Until `holds` or the deadline. */
static void wait_until(bool (*holds)(void))
{
	const struct timespec pause = { .tv_nsec = 5000000 };
	int64_t end = clock_mono_ms() + LIMIT_MS;

	while (!holds()) {
		assert_true(clock_mono_ms() < end);
		nanosleep(&pause, NULL);
	}
}

static void create(json_t *object)
{
	struct error err = { 0 };

	assert_non_null(object);
	if (cluster_create(test.cluster, object, &err))
		fail_msg("%s", err.message);
	json_decref(object);
}

static json_t *pod(const char *name, int grace)
{
	return json_pack(
		"{s:s,s:s,s:{s:s,s:s,s:{s:s}},s:{s:i,s:[{s:s,s:s}]}}",
		"apiVersion", "v1", "kind", "Pod", "metadata", "name", name,
		"namespace", "shop", "labels", "app", "one", "spec",
		"terminationGracePeriodSeconds", grace, "containers",
		"name", "app", "image", "x");
}

static int set_up(void **state)
{
	struct cluster_options options = {
		.pod_network = 0x7f420000, .dir = test.dir,
		.kubelet = { NULL, pod_start, pod_stop, pod_kill } };
	struct error err = { 0 };

	(void)state;
	snprintf(test.dir, sizeof(test.dir), "/tmp/cutover-cluster-XXXXXX");
	assert_non_null(mkdtemp(test.dir));
	test.started = test.stopped = test.killed = test.slices = 0;
	test.willing = true;
	if (cluster_open(&test.cluster, &options, &err))
		fail_msg("%s", err.message);
	create(json_pack("{s:s,s:s,s:{s:s}}", "apiVersion", "v1", "kind",
			 "Namespace", "metadata", "name", "shop"));
	return 0;
}

static int tear_down(void **state)
{
	char path[128];

	(void)state;
	cluster_close(test.cluster);
	snprintf(path, sizeof(path), "%s/kubeconfig", test.dir);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(test.dir), 0);
	return 0;
}

/* --- slices ----------------------------------------------------------- */

static json_t *slices(void)
{
	json_t *list = cluster_list(test.cluster, "EndpointSlice", "shop");

	assert_non_null(list);
	return list;
}

static size_t endpoint_count(size_t *largest)
{
	json_t *list = slices(), *slice;
	size_t i, total = 0;

	*largest = 0;
	json_array_foreach(list, i, slice) {
		size_t n = json_array_size(json_at(slice, "endpoints"));

		total += n;
		if (n > *largest)
			*largest = n;
	}
	json_decref(list);
	return total;
}

static bool has_250(void)
{
	size_t largest;

	return endpoint_count(&largest) == 250;
}

static bool has_none(void)
{
	size_t largest;

	return endpoint_count(&largest) == 0;
}

static void many_endpoints(void **state)
{
	struct error err = { 0 };
	json_t *list, *patch;
	size_t largest;

	(void)state;
	assert_int_equal(cluster_subscribe(test.cluster, "EndpointSlice",
					   on_slice, NULL, &err), 0);
	create(json_pack(
		"{s:s,s:s,s:{s:s,s:s},s:{s:{s:s},s:[{s:i}]}}",
		"apiVersion", "v1", "kind", "Service", "metadata", "name",
		"many", "namespace", "shop", "spec", "selector", "app",
		"many", "ports", "port", 80));
	create(json_pack(
		"{s:s,s:s,s:{s:s,s:s},s:{s:i,s:{s:{s:s}},"
		"s:{s:{s:{s:s}},s:{s:[{s:s,s:s}]}}}}",
		"apiVersion", "apps/v1", "kind", "Deployment", "metadata",
		"name", "many", "namespace", "shop", "spec", "replicas", 250,
		"selector", "matchLabels", "app", "many", "template",
		"metadata", "labels", "app", "many", "spec", "containers",
		"name", "app", "image", "x"));
	wait_until(has_250);
	endpoint_count(&largest);
	assert_true(largest <= 100);
	list = slices();
	assert_int_equal(json_array_size(list), 3);
	json_decref(list);
	wait_count(&test.slices, 3);
	patch = json_pack("{s:{s:i}}", "spec", "replicas", 0);
	assert_int_equal(cluster_patch(test.cluster, "Deployment", "shop",
				       "many", patch, &err), 0);
	json_decref(patch);
	wait_until(has_none);
	wait_count(&test.stopped, 250);
	list = slices();
	assert_int_equal(json_array_size(list), 1);
	json_decref(list);
}

/* --- grace ------------------------------------------------------------ */

static bool is_gone(void)
{
	json_t *found = cluster_get(test.cluster, "Pod", "shop", "stubborn");

	json_decref(found);
	return !found;
}

static void grace_ends(void **state)
{
	struct error err = { 0 };
	int64_t told_ms;

	(void)state;
	create(pod("stubborn", 1));
	wait_count(&test.started, 1);
	test.willing = false;
	told_ms = clock_mono_ms();
	assert_int_equal(cluster_delete(test.cluster, "Pod", "shop",
					"stubborn", &err), 0);
	wait_count(&test.stopped, 1);
	wait_count(&test.killed, 1);
	wait_until(is_gone);
	assert_true(test.killed_ms - told_ms >= 1000);
}

/* An unready pod is an endpoint that is not ready; one that becomes so is. */
static bool is_ready(void)
{
	json_t *list = slices();
	bool ready = json_flag(list, "0/endpoints/0/conditions/ready", false);

	json_decref(list);
	return ready;
}

static bool is_known_unready(void)
{
	json_t *list = slices();
	bool ready = json_flag(list, "0/endpoints/0/conditions/ready", true);

	json_decref(list);
	return !ready;
}

static void readiness(void **state)
{
	(void)state;
	test.willing = false;
	create(json_pack(
		"{s:s,s:s,s:{s:s,s:s},s:{s:{s:s},s:[{s:i}]}}",
		"apiVersion", "v1", "kind", "Service", "metadata", "name",
		"one", "namespace", "shop", "spec", "selector", "app", "one",
		"ports", "port", 80));
	create(pod("stubborn", 1));
	wait_until(is_known_unready);
	cluster_pod_ready(test.cluster, "shop", "stubborn", true);
	wait_until(is_ready);
	cluster_pod_ready(test.cluster, "shop", "stubborn", false);
	wait_until(is_known_unready);
	cluster_pod_ready(test.cluster, "shop", "nobody", true);
}

static void refusals(void **state)
{
	struct error err = { 0 };
	json_t *object = pod("stubborn", 1);

	(void)state;
	assert_int_equal(cluster_create(test.cluster, object, &err), 0);
	assert_int_equal(cluster_create(test.cluster, object, &err),
			 ERR_CONFLICT);
	assert_string_equal(err.message,
			    "pods \"stubborn\" already exists");
	assert_int_equal(cluster_delete(test.cluster, "Pod", "shop", "none",
					&err), ERR_NOTFOUND);
	json_object_set_new(object, "kind", json_string("Spaceship"));
	assert_int_equal(cluster_create(test.cluster, object, &err),
			 ERR_INVALID);
	assert_null(cluster_get(test.cluster, "Spaceship", NULL, "x"));
	json_decref(object);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(many_endpoints, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(grace_ends, set_up, tear_down),
		cmocka_unit_test_setup_teardown(readiness, set_up, tear_down),
		cmocka_unit_test_setup_teardown(refusals, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
