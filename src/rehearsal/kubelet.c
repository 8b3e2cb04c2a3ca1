/* See kubelet.h. */
#include "rehearsal/kubelet.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "rehearsal/chance.h"
#include "rehearsal/pod.h"

#define JITTER_PARTS 5          /* a fifth more or less */

struct kubelet_pod {
	struct kubelet_pod *next;
	struct pod *pod;
};

struct kubelet {
	struct cluster *cluster;
	struct flagwatch *watch;
	pthread_mutex_t lock;           /* guards all below */
	int start_delay_ms;
	struct kubelet_pod *pods;
	uint64_t seed, starts;          /* of pods so far */
	bool stopped;
	struct kubelet_illness {
		bool on;
		int spared;             /* how many pods still are */
	} ills[KUBELET_ILLS];
	atomic_bool held;               /* KUBELET_UNREADY is on */
	atomic_bool sticky;
};

static void kubelet_ready(void *data, const struct podspec *spec, bool ready)
{
	struct kubelet *kubelet = data;

	cluster_pod_ready(kubelet->cluster, spec->ns, spec->name, ready);
}

static void kubelet_says(void *data, const struct podspec *spec,
			 const char *line)
{
	struct kubelet *kubelet = data;

	cluster_pod_says(kubelet->cluster, spec->uid, line);
}

static void kubelet_exited(void *data, const struct podspec *spec,
			   int exit_code)
{
	struct kubelet *kubelet = data;

	cluster_pod_exited(kubelet->cluster, spec->ns, spec->name, exit_code);
}

/* Frees pods whose last word was said; the lock is held. */
static void kubelet_reap(struct kubelet *kubelet)
{
	struct kubelet_pod **link = &kubelet->pods;

	while (*link) {
		struct kubelet_pod *entry = *link;

		if (!pod_is_over(entry->pod)) {
			link = &entry->next;
			continue;
		}
		*link = entry->next;
		pod_free(entry->pod);
		free(entry);
	}
}

/* The delay, a little different for each pod; the lock is held. */
static int kubelet_delay(struct kubelet *kubelet)
{
	int part = kubelet->start_delay_ms / JITTER_PARTS;

	return kubelet->start_delay_ms - part +
	       (int)chance(kubelet->seed, CHANCE_PODS, kubelet->starts++,
			   2 * (uint32_t)part);
}

static bool kubelet_holds(void *data)
{
	struct kubelet *kubelet = data;

	return atomic_load(&kubelet->held);
}

/* Whether that befalls this pod, which starts. */
static bool kubelet_befalls(struct kubelet *kubelet, enum kubelet_ill ill,
			    const struct podspec *spec)
{
	struct kubelet_illness *illness = &kubelet->ills[ill];
	const struct writer_rules *rules = &spec->app.rules;
	bool befalls;

	pthread_mutex_lock(&kubelet->lock);
	befalls = illness->on && rules->needs_enabling && rules->enabled &&
		  illness->spared-- <= 0;
	pthread_mutex_unlock(&kubelet->lock);
	return befalls;
}

static enum pod_fate kubelet_fate(struct kubelet *kubelet,
				  const struct podspec *spec)
{
	if (kubelet_befalls(kubelet, KUBELET_CRASHES, spec))
		return POD_CRASHES;
	if (!kubelet_befalls(kubelet, KUBELET_UNREADY, spec))
		return POD_FARES_WELL;
	cluster_pod_unhealthy(kubelet->cluster, spec->ns, spec->name);
	return POD_MAY_BE_HELD;
}

static int kubelet_run(struct kubelet *kubelet, struct podspec *spec,
		       struct error *err)
{
	struct pod_events events = {
		.data = kubelet, .ready = kubelet_ready,
		.says = kubelet_says, .held = kubelet_holds,
		.exited = kubelet_exited};
	enum pod_fate fate = kubelet_fate(kubelet, spec);
	struct kubelet_pod *entry = malloc(sizeof(*entry));
	int rc = entry ? 0 : error_nomem(err);

	if (!spec->app.rules.needs_enabling)
		spec->app.sticky = &kubelet->sticky;
	pthread_mutex_lock(&kubelet->lock);
	kubelet_reap(kubelet);
	if (!rc && !kubelet->stopped)
		rc = pod_start(&entry->pod, spec, kubelet_delay(kubelet),
			       fate, kubelet->watch, &events, err);
	if (!rc && !kubelet->stopped) {
		entry->next = kubelet->pods;
		kubelet->pods = entry;
		entry = NULL;
	}
	pthread_mutex_unlock(&kubelet->lock);
	free(entry);
	return rc;
}

/* What the application would refuse at its start: it exits. */
static void kubelet_fail(struct kubelet *kubelet, const json_t *pod,
			 const struct error *err)
{
	char line[ERROR_MESSAGE_MAX + 16];

	snprintf(line, sizeof(line), "FATAL %s", err->message);
	cluster_pod_says(kubelet->cluster, json_text(pod, "metadata/uid", ""),
			 line);
	cluster_pod_exited(kubelet->cluster,
			   json_text(pod, "metadata/namespace", ""),
			   json_text(pod, "metadata/name", ""), 1);
}

static void kubelet_pod_start(void *data, const json_t *pod)
{
	struct kubelet *kubelet = data;
	struct podspec *spec = malloc(sizeof(*spec));
	struct error err = {0};
	int rc = spec ? podspec_read(kubelet->cluster, pod, spec, &err) :
		 error_nomem(&err);

	if (rc == ERR_NOTFOUND)
		cluster_pod_unconfigurable(kubelet->cluster, spec->ns,
					   spec->name, err.message);
	else if (!rc && kubelet_befalls(kubelet, KUBELET_NO_IMAGE, spec))
		cluster_pod_unpullable(kubelet->cluster, spec->ns, spec->name);
	else if (!rc)
		rc = kubelet_run(kubelet, spec, &err);
	if (rc && rc != ERR_NOTFOUND)
		kubelet_fail(kubelet, pod, &err);
	if (spec)
		explicit_bzero(spec, sizeof(*spec));
	free(spec);
}

static void kubelet_end(struct kubelet *kubelet, const json_t *pod,
			bool at_once)
{
	const char *uid = json_text(pod, "metadata/uid", "");
	bool found = false;

	pthread_mutex_lock(&kubelet->lock);
	for (struct kubelet_pod *entry = kubelet->pods; entry;
	     entry = entry->next) {
		if (pod_is_over(entry->pod) ||
		    strcmp(pod_spec(entry->pod)->uid, uid) != 0)
			continue;
		pod_stop(entry->pod, at_once);
		found = true;
	}
	found = found || kubelet->stopped;
	pthread_mutex_unlock(&kubelet->lock);
	/* It was waiting for its next start, or never came to run. */
	if (!found)
		cluster_pod_exited(kubelet->cluster,
				   json_text(pod, "metadata/namespace", ""),
				   json_text(pod, "metadata/name", ""), 0);
}

static void kubelet_pod_stop(void *data, const json_t *pod)
{
	kubelet_end(data, pod, false);
}

static void kubelet_pod_kill(void *data, const json_t *pod)
{
	kubelet_end(data, pod, true);
}

int kubelet_open(struct kubelet **ret, int start_delay_ms, uint64_t seed,
		 struct flagwatch *watch, struct error *err)
{
	struct kubelet *kubelet = calloc(1, sizeof(*kubelet));

	if (!kubelet)
		return error_nomem(err);
	pthread_mutex_init(&kubelet->lock, NULL);
	kubelet->start_delay_ms = start_delay_ms;
	kubelet->watch = watch;
	kubelet->seed = seed;
	*ret = kubelet;
	return 0;
}

void kubelet_set_delay(struct kubelet *kubelet, int start_delay_ms)
{
	pthread_mutex_lock(&kubelet->lock);
	kubelet->start_delay_ms = start_delay_ms;
	pthread_mutex_unlock(&kubelet->lock);
}

void kubelet_ail(struct kubelet *kubelet, enum kubelet_ill ill, int spared)
{
	pthread_mutex_lock(&kubelet->lock);
	kubelet->ills[ill] = (struct kubelet_illness){true, spared};
	pthread_mutex_unlock(&kubelet->lock);
	if (ill == KUBELET_UNREADY)
		atomic_store(&kubelet->held, true);
}

void kubelet_heal(struct kubelet *kubelet, enum kubelet_ill ill)
{
	pthread_mutex_lock(&kubelet->lock);
	kubelet->ills[ill].on = false;
	pthread_mutex_unlock(&kubelet->lock);
	if (ill == KUBELET_UNREADY)
		atomic_store(&kubelet->held, false);
}

void kubelet_set_sticky(struct kubelet *kubelet, bool sticky)
{
	atomic_store(&kubelet->sticky, sticky);
}

struct cluster_kubelet kubelet_callbacks(struct kubelet *kubelet)
{
	return (struct cluster_kubelet){
		.data = kubelet,
		.pod_start = kubelet_pod_start,
		.pod_stop = kubelet_pod_stop,
		.pod_kill = kubelet_pod_kill,
	};
}

void kubelet_serve(struct kubelet *kubelet, struct cluster *cluster)
{
	kubelet->cluster = cluster;
}

void kubelet_stop(struct kubelet *kubelet)
{
	struct kubelet_pod *pods;

	pthread_mutex_lock(&kubelet->lock);
	kubelet->stopped = true;
	pods = kubelet->pods;
	kubelet->pods = NULL;
	pthread_mutex_unlock(&kubelet->lock);
	for (struct kubelet_pod *entry = pods; entry; entry = entry->next)
		pod_stop(entry->pod, true);
	while (pods) {
		struct kubelet_pod *entry = pods;

		pods = entry->next;
		pod_free(entry->pod);
		free(entry);
	}
}

void kubelet_close(struct kubelet *kubelet)
{
	if (!kubelet)
		return;
	pthread_mutex_destroy(&kubelet->lock);
	free(kubelet);
}
