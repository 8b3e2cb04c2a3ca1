/* See pod_private.h. */
#include "rehearsal/cluster/pod_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

struct call {
	enum pod_call call;
	json_t *pod;
	struct call *next;
};

struct pods *pods_new(uint32_t network)
{
	struct pods *pods = calloc(1, sizeof(*pods));

	if (!pods)
		return NULL;
	pods->network = network;
	pods->calls_end = &pods->calls;
	return pods;
}

void pods_free(struct pods *pods)
{
	enum pod_call call;
	json_t *pod;

	if (!pods)
		return;
	while (pods_next_call(pods, &call, &pod))
		json_decref(pod);
	while (pods->timers) {
		struct timer *timer = pods->timers;

		pods->timers = timer->next;
		free(timer);
	}
	free(pods);
}

int pods_queue(struct pods *pods, enum pod_call call, json_t *pod)
{
	struct call *entry = calloc(1, sizeof(*entry));

	if (!entry)
		return -1;
	entry->call = call;
	entry->pod = json_incref(pod);
	*pods->calls_end = entry;
	pods->calls_end = &entry->next;
	return 0;
}

bool pods_next_call(struct pods *pods, enum pod_call *call, json_t **pod)
{
	struct call *entry = pods->calls;

	if (!entry)
		return false;
	pods->calls = entry->next;
	if (!pods->calls)
		pods->calls_end = &pods->calls;
	*call = entry->call;
	*pod = entry->pod;
	free(entry);
	return true;
}

/* --- timers ----------------------------------------------------------- */

struct timer *pods_timer(struct pods *pods, const json_t *pod)
{
	struct timer *timer = pods->timers;

	while (timer && strcmp(timer->uid, object_uid(pod)))
		timer = timer->next;
	return timer;
}

int pods_set_timer(struct pods *pods, const json_t *pod, enum pod_call call,
		     int64_t ms)
{
	struct timer *timer = pods_timer(pods, pod);

	if (!timer) {
		timer = calloc(1, sizeof(*timer));
		if (!timer)
			return -1;
		snprintf(timer->uid, sizeof(timer->uid), "%s",
			 object_uid(pod));
		timer->next = pods->timers;
		pods->timers = timer;
	}
	timer->call = call;
	timer->at = clock_mono_ms() + ms;
	timer->done = false;
	return 0;
}

void pods_drop_timer(struct pods *pods, const json_t *pod)
{
	struct timer *timer = pods_timer(pods, pod), **at = &pods->timers;

	if (!timer)
		return;
	while (*at != timer)
		at = &(*at)->next;
	*at = timer->next;
	free(timer);
}
