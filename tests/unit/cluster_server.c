/*
 * The practice cluster alone, for tests/e2e/test_cluster_kubectl.py: pods are
 * timers that become ready, the namespace shop is filled as the practice world
 * fills it. Prints "ready KUBECONFIG" and runs until standard input ends.
 *
 * A pod says in its log that it starts and that it is ready; where its image is
 * "secret:SOMETHING" the secret is not there that its container needs.
 *
 * Lines read: "exit POD CODE" (the application of a pod ends by itself),
 * "unready POD", "say POD TEXT", and what test_cluster_trouble.py makes go wrong: "down", "up",
 * "throttle SECONDS", "slow MS", "forbid VERB RESOURCE", "allow", "conflict
 * RESOURCE COUNT"; all but the first two are answered "done".
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/error.h"
#include "base/json.h"
#include "rehearsal/cluster/cluster.h"
#include "rehearsal/cluster/trouble.h"

#define START_MS 50
#define STOP_MS 100
#define JOBS_MAX 8192

struct job {
	json_t *pod;
	bool stop;
	int64_t at;
};

/* The node: one thread that does what is due. */
static struct {
	struct cluster *cluster;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct job jobs[JOBS_MAX];
	size_t count;
	bool ended;
} node = { .lock = PTHREAD_MUTEX_INITIALIZER };

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void add_job(const json_t *pod, bool stop, int64_t ms)
{
	pthread_mutex_lock(&node.lock);
	if (node.count == JOBS_MAX)
		abort();
	node.jobs[node.count++] = (struct job){
		json_incref((json_t *)pod), stop, now_ms() + ms };
	pthread_cond_signal(&node.changed);
	pthread_mutex_unlock(&node.lock);
}

static void say(const json_t *pod, const char *text)
{
	char line[512];

	snprintf(line, sizeof(line), "%s %s",
		 json_text(pod, "metadata/name", ""), text);
	cluster_pod_says(node.cluster, json_text(pod, "metadata/uid", ""), line);
}

static void pod_start(void *data, const json_t *pod)
{
	const char *image = json_text(pod, "spec/containers/0/image", "");

	(void)data;
	if (!strncmp(image, "secret:", strlen("secret:"))) {
		cluster_pod_unconfigurable(
			node.cluster, json_text(pod, "metadata/namespace", ""),
			json_text(pod, "metadata/name", ""),
			"secret \"password\" not found");
		return;
	}
	say(pod, "starts");
	add_job(pod, false, START_MS);
}

static void pod_stop(void *data, const json_t *pod)
{
	(void)data;
	add_job(pod, true, STOP_MS);
}

static void pod_kill(void *data, const json_t *pod)
{
	(void)data;
	add_job(pod, true, 0);
}

static void do_job(const struct job *job)
{
	const char *ns = json_text(job->pod, "metadata/namespace", "");
	const char *name = json_text(job->pod, "metadata/name", "");

	say(job->pod, job->stop ? "stops" : "is ready");
	if (job->stop)
		cluster_pod_exited(node.cluster, ns, name, 0);
	else
		cluster_pod_ready(node.cluster, ns, name, true);
	json_decref(job->pod);
}

/* The index of the job that is due first. */
static size_t first_job(void)
{
	size_t first = 0;

	for (size_t i = 1; i < node.count; i++)
		if (node.jobs[i].at < node.jobs[first].at)
			first = i;
	return first;
}

/* Waits for the next job, or until there is a new one. */
static void wait_for_job(int64_t at)
{
	struct timespec ts = { .tv_sec = at / 1000,
			       .tv_nsec = at % 1000 * 1000000 };

	if (at < 0)
		pthread_cond_wait(&node.changed, &node.lock);
	else
		pthread_cond_timedwait(&node.changed, &node.lock, &ts);
}

static void *run_node(void *data)
{
	(void)data;
	pthread_mutex_lock(&node.lock);
	while (!node.ended) {
		size_t at = first_job();
		struct job job = node.jobs[at];

		if (!node.count || job.at > now_ms()) {
			wait_for_job(node.count ? job.at : -1);
			continue;
		}
		node.jobs[at] = node.jobs[--node.count];
		pthread_mutex_unlock(&node.lock);
		do_job(&job);
		pthread_mutex_lock(&node.lock);
	}
	pthread_mutex_unlock(&node.lock);
	return NULL;
}

static int create(json_t *object)
{
	struct error err = { 0 };
	int rc = object ? cluster_create(node.cluster, object, &err) : -1;

	if (rc)
		fprintf(stderr, "%s\n", err.message);
	json_decref(object);
	return rc;
}

static json_t *deployment(const char *version, const char *writes)
{
	char name[32], image[64];

	snprintf(name, sizeof(name), "my-app-%s", version);
	snprintf(image, sizeof(image), "registry.example/my-app:%s.0",
		 version + 1);
	return json_pack(
		"{s:s,s:s,s:{s:s,s:s,s:{s:s,s:s}},s:{s:i,s:{s:{s:s,s:s}},"
		"s:{s:{s:{s:s,s:s}},s:{s:i,s:[{s:s,s:s,s:[{s:s,s:i}],"
		"s:[{s:s,s:s}]}]}}}}",
		"apiVersion", "apps/v1", "kind", "Deployment", "metadata",
		"name", name, "namespace", "shop", "labels", "app", "myapp",
		"version", version, "spec", "replicas", 4, "selector",
		"matchLabels", "app", "myapp", "version", version, "template",
		"metadata", "labels", "app", "myapp", "version", version,
		"spec", "terminationGracePeriodSeconds", 5, "containers",
		"name", "app", "image", image, "ports", "name", "http",
		"containerPort", 8080, "env", "name", "ENABLE_WRITES",
		"value", writes);
}

static int seed(void)
{
	return create(json_pack("{s:s,s:s,s:{s:s}}", "apiVersion", "v1",
				"kind", "Namespace", "metadata", "name",
				"shop")) ||
	       create(deployment("v1", "true")) ||
	       create(deployment("v2", "false")) ||
	       create(json_pack(
		       "{s:s,s:s,s:{s:s,s:s},s:{s:s,s:{s:s,s:s},"
		       "s:[{s:s,s:i,s:s}]}}", "apiVersion", "v1",
		       "kind", "Service", "metadata", "name",
		       "my-app-service", "namespace", "shop", "spec",
		       "clusterIP", "127.65.255.1", "selector", "app",
		       "myapp", "version", "v1", "ports", "name", "http",
		       "port", 80, "targetPort", "http")) ||
	       create(json_pack(
		       "{s:s,s:s,s:{s:s,s:s},s:{s:s}}", "apiVersion", "v1",
		       "kind", "ConfigMap", "metadata", "name", "flags",
		       "namespace", "shop", "data",
		       "database-writes-enabled", "true"));
}

/* Whether the line was one of trouble, which is there now. */
static bool obey_trouble(const char *line)
{
	struct trouble *trouble = cluster_trouble(node.cluster);
	char word[64], other[64];
	int number;

	if (!strcmp(line, "down\n"))
		cluster_go_down(node.cluster);
	else if (!strcmp(line, "up\n"))
		return !cluster_come_up(node.cluster, NULL);
	else if (!strcmp(line, "allow\n"))
		return !trouble_forbid(trouble, NULL, NULL, NULL);
	else if (sscanf(line, "throttle %d", &number) == 1)
		trouble_throttle(trouble, number);
	else if (sscanf(line, "slow %d", &number) == 1)
		trouble_slow(trouble, number);
	else if (sscanf(line, "forbid %63s %63s", word, other) == 2)
		return !trouble_forbid(trouble, word, other, NULL);
	else if (sscanf(line, "conflict %63s %d", word, &number) == 2)
		return !trouble_conflict(trouble, word, number, NULL);
	else
		return false;
	return true;
}

/* "say POD TEXT" */
static bool obey_say(const char *line)
{
	char name[256], text[256];
	json_t *pod;

	if (sscanf(line, "say %255s %255[^\n]", name, text) != 2)
		return false;
	pod = cluster_get(node.cluster, "Pod", "shop", name);
	cluster_pod_says(node.cluster, json_text(pod, "metadata/uid", ""), text);
	json_decref(pod);
	return true;
}

static void obey(const char *line)
{
	char name[256];
	int code;

	if (obey_trouble(line) || obey_say(line)) {
		puts("done");
		fflush(stdout);
	} else if (sscanf(line, "exit %255s %d", name, &code) == 2) {
		cluster_pod_exited(node.cluster, "shop", name, code);
	} else if (sscanf(line, "unready %255s", name) == 1) {
		cluster_pod_ready(node.cluster, "shop", name, false);
	}
}

int main(int argc, char **argv)
{
	struct cluster_options options = {
		.pod_network = 0x7f410000,
		.kubelet = { NULL, pod_start, pod_stop, pod_kill },
	};
	struct error err = { 0 };
	pthread_t thread;
	char line[512];

	if (argc != 2) {
		fprintf(stderr, "usage: cluster_server DIR\n");
		return 2;
	}
	options.dir = argv[1];
	pthread_cond_init(&node.changed, NULL);
	if (cluster_open(&node.cluster, &options, &err)) {
		fprintf(stderr, "%s\n", err.message);
		return 1;
	}
	if (pthread_create(&thread, NULL, run_node, NULL) || seed())
		return 1;
	printf("ready %s\n", cluster_kubeconfig(node.cluster));
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin))
		obey(line);
	pthread_mutex_lock(&node.lock);
	node.ended = true;
	pthread_cond_signal(&node.changed);
	pthread_mutex_unlock(&node.lock);
	pthread_join(thread, NULL);
	cluster_close(node.cluster);
	for (size_t i = 0; i < node.count; i++)
		json_decref(node.jobs[i].pod);
	return 0;
}
