/*
 * See control.h. Rounds are repeated until nothing changes; then what they
 * queued is carried out without the lock; then the thread sleeps until a
 * change or the next timer.
 */
#include "rehearsal/cluster/control.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/error.h"
#include "rehearsal/cluster/controller.h"
#include "rehearsal/cluster/object.h"
#include "rehearsal/cluster/pod.h"
#include "rehearsal/cluster/podlog.h"
#include "rehearsal/cluster/resource.h"
#include "rehearsal/cluster/store.h"
#include "rehearsal/cluster/watch.h"

#define ROUNDS_MAX 100          /* in a row, before callbacks get their turn */
#define CHANGES_MAX (STORE_LOG_MAX / 4) /* the same */
#define RETRY_MS 1000           /* after memory was out */
#define REST_MS 5               /* rounds that take so long rest as long, */
#define REST_MAX_MS 500         /* this at most */

struct subscriber {
	const struct resource *resource;
	void (*fn)(void *data, const char *type, const json_t *object);
	void *data;
	json_t *initial;        /* told first, as ADDED; or NULL */
	int64_t version;        /* told up to here */
	struct subscriber *next;
};

struct control {
	struct store *store;
	struct watch_hub *hub;
	struct podlogs *logs;
	struct cluster_kubelet kubelet;
	struct pods *pods;
	struct collector collector;
	struct endpoints endpoints;
	struct store_listener listener;
	struct subscriber *subscribers;
	pthread_t thread;
	int64_t took_ms;        /* the last rounds */
	bool started, stopping, held;
};

/* --- subscribers ------------------------------------------------------ */

/* Where a subscriber begins. With the store locked. */
static int subscriber_begin(struct control *control,
			    struct subscriber *subscriber)
{
	subscriber->initial = store_snapshot(control->store,
					     subscriber->resource);
	subscriber->version = store_version(control->store);
	return subscriber->initial ? 0 : -1;
}

int control_subscribe(struct control *control,
		      const struct resource *resource,
		      void (*fn)(void *data, const char *type,
				 const json_t *object),
		      void *data, struct error *err)
{
	struct subscriber *subscriber = calloc(1, sizeof(*subscriber));
	int bad;

	if (!subscriber)
		return error_nomem(err);
	subscriber->resource = resource;
	subscriber->fn = fn;
	subscriber->data = data;
	store_lock(control->store);
	bad = subscriber_begin(control, subscriber);
	if (!bad) {
		subscriber->next = control->subscribers;
		control->subscribers = subscriber;
		store_wake(control->store);
	}
	store_unlock(control->store);
	if (!bad)
		return 0;
	free(subscriber);
	return error_nomem(err);
}

/* Tells of one object without the lock. Takes object. */
static void tell(struct control *control, const struct subscriber *subscriber,
		 const char *type, json_t *object)
{
	store_unlock(control->store);
	subscriber->fn(subscriber->data, type, object);
	json_decref(object);
	store_lock(control->store);
}

static bool tell_initial(struct control *control,
			 struct subscriber *subscriber)
{
	json_t *list = subscriber->initial, *object;
	size_t i;

	subscriber->initial = NULL;
	json_array_foreach(list, i, object)
		tell(control, subscriber, "ADDED", json_incref(object));
	json_decref(list);
	return list != NULL;
}

/* Tells one subscriber what is new; true if anything was. Called and left with
 * the store locked. */
static bool deliver(struct control *control, struct subscriber *subscriber)
{
	static const char *const types[] = {
		[CHANGE_ADDED] = "ADDED", [CHANGE_MODIFIED] = "MODIFIED",
		[CHANGE_DELETED] = "DELETED",
	};
	bool any = tell_initial(control, subscriber);
	const struct store_change *change;

	/* Fallen out of the log: begin anew. */
	if (subscriber->version < store_floor(control->store) &&
	    !subscriber_begin(control, subscriber))
		any |= tell_initial(control, subscriber);
	while (!control->stopping &&
	       (change = store_after(control->store, subscriber->version))) {
		subscriber->version = change->version;
		if (change->resource != subscriber->resource)
			continue;
		tell(control, subscriber, types[change->type],
		     json_incref(change->object));
		any = true;
	}
	return any;
}

/* A pod that was removed while its application runs is killed, and its log is
 * gone. */
static void on_change(void *data, const struct store_change *change)
{
	struct control *control = data;

	collect_note(&control->collector, change);
	if (change->type != CHANGE_DELETED ||
	    change->resource != resource_at(RESOURCE_PODS))
		return;
	pods_forgotten(control->pods, change->object);
	podlogs_forget(control->logs, object_uid(change->object));
}

/* --- the kubelet ------------------------------------------------------ */

/* Unless it is gone already: nobody would forget its log. */
static void begin_log(struct control *control, const json_t *pod)
{
	const json_t *now = store_get(control->store,
				      resource_at(RESOURCE_PODS),
				      object_ns(pod), object_name(pod));

	if (!strcmp(object_uid(now), object_uid(pod)))
		podlogs_begin(control->logs, object_uid(pod));
}

/* One call of the queue. Called and left with the store locked. */
static bool call_kubelet(struct control *control)
{
	const struct cluster_kubelet *kubelet = &control->kubelet;
	void (*const fns[])(void *, const json_t *) = {
		[POD_START] = kubelet->pod_start,
		[POD_STOP] = kubelet->pod_stop,
		[POD_KILL] = kubelet->pod_kill,
	};
	enum pod_call call;
	json_t *pod;

	if (!pods_next_call(control->pods, &call, &pod))
		return false;
	if (call == POD_START)
		begin_log(control, pod);
	store_unlock(control->store);
	fns[call](kubelet->data, pod);
	store_lock(control->store);
	if (call == POD_START)
		pods_running(control->store, object_ns(pod), object_name(pod),
			     object_uid(pod));
	json_decref(pod);
	return true;
}

/* Everything that was queued; true if there was anything. */
static bool carry_out(struct control *control)
{
	bool any = false;

	while (!control->stopping && call_kubelet(control))
		any = true;
	for (struct subscriber *s = control->subscribers;
	     s && !control->stopping; s = s->next)
		any |= deliver(control, s);
	return any;
}

/* --- the thread ------------------------------------------------------- */

static int64_t sooner(int64_t a, int64_t b)
{
	if (a < 0 || b < 0)
		return a < 0 ? b : a;
	return a < b ? a : b;
}

/* With thousands of pods rounds take their time: for as long as the last ones
 * took others may change something, so that these have much to do, and not one
 * pod. */
static void let_others(const struct control *control)
{
	const struct timespec rest = { .tv_nsec = control->took_ms * 1000000 };

	if (control->took_ms < REST_MS)
		return;
	store_unlock(control->store);
	nanosleep(&rest, NULL);
	store_lock(control->store);
}

/* Rounds until nothing changes; returns ms until the next timer, or -1. */
static int64_t run_rounds(struct control *control)
{
	struct round round = { .store = control->store };
	int64_t begun, began, version;
	int count = 0, bad;

	let_others(control);
	begun = store_version(control->store);
	began = clock_mono_ms();
	do {
		version = store_version(control->store);
		round.due = -1;
		round.now = clock_wall_ms();
		bad = collect_round(&control->collector, &round);
		bad |= replicaset_round(&round);
		bad |= deployment_round(&round);
		bad |= pods_round(control->pods, &round);
		bad |= endpoints_round(&control->endpoints, &round);
		if (bad)
			round_due(&round, RETRY_MS);
	} while (version != store_version(control->store) &&
		 ++count < ROUNDS_MAX &&
		 store_version(control->store) - begun < CHANGES_MAX);
	if (version != store_version(control->store))
		round_due(&round, 0);
	control->took_ms = sooner(clock_mono_ms() - began, REST_MAX_MS);
	return round.due;
}

static void *run(void *data)
{
	struct control *control = data;
	struct store *store = control->store;

	store_lock(store);
	while (!control->stopping) {
		int64_t due = control->held ? -1 : run_rounds(control);

		/* locked from here to the wait: nobody's wake gets lost */
		if (!carry_out(control) && !control->stopping)
			store_wait(store, sooner(due, watch_hub_tick(
						 control->hub)));
	}
	store_unlock(store);
	return NULL;
}

int control_open(struct control **ret, struct store *store,
		 struct watch_hub *hub, struct podlogs *logs,
		 const struct cluster_kubelet *kubelet, uint32_t pod_network,
		 struct error *err)
{
	struct control *control = calloc(1, sizeof(*control));

	if (!control)
		return error_nomem(err);
	control->store = store;
	control->hub = hub;
	control->logs = logs;
	control->kubelet = *kubelet;
	control->pods = pods_new(pod_network);
	control->listener.fn = on_change;
	control->listener.data = control;
	if (!control->pods) {
		control_close(control);
		return error_nomem(err);
	}
	store_lock(store);
	store_listen(store, &control->listener);
	store_unlock(store);
	if (pthread_create(&control->thread, NULL, run, control)) {
		control_close(control);
		return error_set(err, ERR_IO, NULL, "cannot start a thread");
	}
	control->started = true;
	*ret = control;
	return 0;
}

void control_hold(struct control *control, bool held)
{
	store_lock(control->store);
	control->held = held;
	store_wake(control->store);
	store_unlock(control->store);
}

void control_close(struct control *control)
{
	if (!control)
		return;
	store_lock(control->store);
	control->stopping = true;
	store_wake(control->store);
	store_unlock(control->store);
	if (control->started)
		pthread_join(control->thread, NULL);
	store_lock(control->store);
	store_unlisten(control->store, &control->listener);
	store_unlock(control->store);
	while (control->subscribers) {
		struct subscriber *subscriber = control->subscribers;

		control->subscribers = subscriber->next;
		json_decref(subscriber->initial);
		free(subscriber);
	}
	pods_free(control->pods);
	free(control);
}

void control_pod_ready(struct control *control, const char *ns,
		       const char *name, bool ready)
{
	store_lock(control->store);
	pods_ready(control->store, ns, name, ready);
	store_unlock(control->store);
}

void control_pod_exited(struct control *control, const char *ns,
			const char *name, int exit_code)
{
	const json_t *pod;

	store_lock(control->store);
	pod = store_get(control->store, resource_at(RESOURCE_PODS), ns, name);
	podlogs_end(control->logs, object_uid(pod));
	pods_exited(control->pods, control->store, ns, name, exit_code);
	store_unlock(control->store);
}

void control_pod_unpullable(struct control *control, const char *ns,
			    const char *name)
{
	store_lock(control->store);
	pods_unpullable(control->pods, control->store, ns, name);
	store_unlock(control->store);
}

void control_pod_unconfigurable(struct control *control, const char *ns,
				const char *name, const char *message)
{
	store_lock(control->store);
	pods_unconfigurable(control->pods, control->store, ns, name, message);
	store_unlock(control->store);
}

void control_pod_unhealthy(struct control *control, const char *ns,
			   const char *name)
{
	store_lock(control->store);
	pods_unhealthy(control->store, ns, name);
	store_unlock(control->store);
}
