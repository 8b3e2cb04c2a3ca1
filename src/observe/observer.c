/*
 * See observer.h. The conductor of the observers: rounds at a pace (the source
 * once the target has answered, so that a transaction on its way is not taken
 * for the target's own), the cluster's cache, the flag, counted rows.
 */
#include "observe/observer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "kube/cache.h"
#include "net/loop.h"
#include "observe/observe_database.h"
#include "observe/observe_flag.h"
#include "observe/observe_pair.h"
#include "observe/observe_rows.h"
#include "perform/reach.h"

/* The source is not left waiting for a target that does not answer. */
#define OBSERVE_SOURCE_LATEST_MS 500

/* How often to look while a check waits, by how long it has waited: what was
 * done shows within milliseconds, or it takes its time, and nobody's servers
 * are to be asked a hundred times a second for all of a rollout. */
static const struct observer_pace {
	int64_t until_ms, database_ms, flag_ms;
} observer_paces[] = {
	{1000, 10, 20},
	{10000, 40, 250},
	{INT64_MAX, OBSERVE_DATABASE_MS, OBSERVE_FLAG_MS},
};

struct observer {
	struct loop *loop;
	struct reach *reach;
	const struct runbook *runbook;
	struct facts facts;
	struct observe_database *databases[SIDE_COUNT];
	struct kube_cache *cache;
	struct observe_flag *flag;
	struct observe_rows rows;
	struct loop_timer *rounds, *source_round, *flag_rounds;
	int64_t source_ms;              /* since when the source is asked what it had
					   after the target's last round; 0: it
					   has answered */
	bool missed;                    /* a round came due while it was waited for */
	bool hurry;
	int64_t hurry_ms;               /* since when, or the last look */
	void (*changed)(void *data);
	void *data;
};

static void observer_changed(void *data)
{
	struct observer *observer = data;

	observer->changed(observer->data);
}

/* ---- databases ----------------------------------------------------------- */

static void observer_database_changed(void *data)
{
	struct observer *observer = data;

	observe_pair(&observer->facts);
	observer_changed(observer);
}

static void observer_source_changed(void *data)
{
	struct observer *observer = data;

	observer->source_ms = 0;
	if (observer->missed)
		loop_timer_set(observer->rounds, 0);
	observer_database_changed(data);
}

static void observer_source_round(void *data)
{
	struct observer *observer = data;

	observer->source_ms = loop_now(observer->loop);
	loop_timer_set(observer->source_round, LOOP_TIMER_REST);
	observe_database_round(observer->databases[SIDE_SOURCE]);
}

static void observer_target_changed(void *data)
{
	observer_source_round(data);
	observer_database_changed(data);
}

/* ---- rounds -------------------------------------------------------------- */

static struct observer_pace observer_pace(const struct observer *observer)
{
	const size_t last = sizeof(observer_paces) / sizeof(observer_paces[0]) -
			    1;
	int64_t waited = loop_now(observer->loop) - observer->hurry_ms;
	size_t i = observer->hurry ? 0 : last;

	while (i < last && waited >= observer_paces[i].until_ms)
		i++;
	return observer_paces[i];
}

static void observer_round(void *data)
{
	struct observer *observer = data;

	loop_timer_set(observer->rounds, observer_pace(observer).database_ms);
	observe_rows_round(&observer->rows);
	/* what only both together can tell takes a source that has answered after
	 * the target: one that is slower than our pace is waited for */
	observer->missed = observer->source_ms && loop_now(observer->loop) -
			   observer->source_ms < OBSERVE_SOURCE_LATEST_MS;
	if (observer->missed)
		return;
	loop_timer_set(observer->source_round, OBSERVE_SOURCE_LATEST_MS);
	observe_database_round(observer->databases[SIDE_TARGET]);
}

static void observer_flag_round(void *data)
{
	struct observer *observer = data;

	loop_timer_set(observer->flag_rounds, observer_pace(observer).flag_ms);
	observe_flag_round(observer->flag);
}

void observer_look_now(struct observer *observer)
{
	observer->hurry_ms = loop_now(observer->loop);
	loop_timer_set(observer->rounds, 0);
	observe_rows_look_now(&observer->rows);
	if (observer->flag)
		loop_timer_set(observer->flag_rounds, 0);
}

void observer_hurry(struct observer *observer, bool hurry)
{
	if (observer->hurry == hurry)
		return;
	observer->hurry = hurry;
	observer_look_now(observer);
}

/* Timers that live as long as the observer: to set one takes no memory. */
static int observer_open_rounds(struct observer *observer, struct error *err)
{
	int status = loop_timer(observer->loop, 0, LOOP_TIMER_REST,
				observer_round, observer, &observer->rounds,
				err);

	if (!status)
		status = loop_timer(observer->loop, LOOP_TIMER_REST,
				    LOOP_TIMER_REST, observer_source_round,
				    observer, &observer->source_round, err);
	if (!status && observer->flag)
		status = loop_timer(observer->loop, 0, LOOP_TIMER_REST,
				    observer_flag_round, observer,
				    &observer->flag_rounds, err);
	return status;
}

/* ---- opening ------------------------------------------------------------- */

static void observer_cache_changed(void *data, enum kube_kind kind,
				   enum kube_event event, const char *name)
{
	struct observer *observer = data;

	(void)kind;
	(void)event;
	(void)name;
	/* at once: what was changed is freed, and somebody may draw before the
	 * next survey */
	observer_facts(observer, observer->facts.now_ms);
	observer->facts.cluster.news++;
	observer_changed(data);
}

static int observer_open_side(struct observer *observer, enum facts_side side,
			      const char *name, struct error *err)
{
	struct facts_database *facts = &observer->facts.databases[side];
	const struct db_config *config = reach_database(observer->reach, name);

	facts->name = name;
	facts->stamp.at_ms = -1;
	facts->stamp.fresh_ms = OBSERVE_FRESH_DATABASE_MS;
	facts->still_since_ms = -1;
	if (!config)
		return error_set(err, ERR_INVALID, NULL,
				 _("'%s' is no database connection"), name);
	db_config_where(config, facts->host);
	return observe_database_open(observer->loop, config, facts,
				     side == SIDE_TARGET ?
				     observer_target_changed :
				     observer_source_changed, observer,
				     &observer->databases[side], err);
}

static int observer_open_cluster(struct observer *observer, struct error *err)
{
	struct kube_client *client = reach_cluster(observer->reach);
	const struct kube_cache_options options = {
		.kinds = KUBE_CACHE_DEFAULT | KUBE_CACHE_MASK(KUBE_CONFIGMAP),
		.on_change = observer_cache_changed, .data = observer,
	};

	if (!client)
		return 0;
	snprintf(observer->facts.cluster.where,
		 sizeof(observer->facts.cluster.where), "%s/%s",
		 kube_client_where(client), kube_client_namespace(client));
	return kube_cache_open(&observer->cache, client, &options, err);
}

static int observer_open_flag(struct observer *observer, struct error *err)
{
	const struct runbook_connection *flag = reach_flag(observer->reach);
	struct facts_flag *facts = &observer->facts.flag;

	facts->stamp.at_ms = -1;
	facts->stamp.fresh_ms = OBSERVE_FRESH_FLAG_MS;
	if (!flag)
		return 0;
	facts->configured = true;
	if (flag->flag.kind == FLAG_CONFIGMAP) {
		snprintf(facts->where, sizeof(facts->where), "ConfigMap %s",
			 flag->flag.configmap);
		return 0;
	}
	return observe_flag_open(observer->loop, &flag->flag.http, facts,
				 observer_changed, observer, &observer->flag,
				 err);
}

int observer_open(struct reach *reach, const struct runbook *runbook,
		  void (*changed)(void *data), void *data,
		  struct observer **ret, struct error *err)
{
	struct observer *observer = calloc(1, sizeof(*observer));
	int status;

	if (!observer)
		return error_nomem(err);
	observer->loop = reach_loop(reach);
	observer->reach = reach;
	observer->runbook = runbook;
	observer->changed = changed;
	observer->data = data;
	observer->facts.missing = observer->facts.errant = -1;
	observer->facts.missing_stamp.at_ms = -1;
	observer->facts.missing_stamp.fresh_ms = OBSERVE_FRESH_DATABASE_MS;
	observer->facts.errant_stamp = observer->facts.missing_stamp;
	observe_rows_init(&observer->rows, reach, runbook,
			  &observer->facts, observer_changed, observer);
	status = observer_open_side(observer, SIDE_SOURCE,
				    runbook->observe.source, err);
	if (!status)
		status = observer_open_side(observer, SIDE_TARGET,
					    runbook->observe.target, err);
	if (!status)
		status = observer_open_cluster(observer, err);
	if (!status)
		status = observer_open_flag(observer, err);
	if (!status)
		status = observer_open_rounds(observer, err);
	if (status)
		observer_close(observer);
	else
		*ret = observer;
	return status;
}

int observer_trace(struct observer *observer, enum facts_side side,
		   const char *place, struct error *err)
{
	return observe_database_trace(observer->databases[side], place, err);
}

void observer_close(struct observer *observer)
{
	if (!observer)
		return;
	loop_timer_cancel(observer->rounds);
	loop_timer_cancel(observer->source_round);
	loop_timer_cancel(observer->flag_rounds);
	observe_flag_close(observer->flag);
	kube_cache_close(observer->cache);
	for (int side = 0; side < SIDE_COUNT; side++)
		observe_database_close(observer->databases[side]);
	observe_rows_close(&observer->rows);
	free(observer);
}

/* ---- the cluster's part of the facts -------------------------------------- */

static void observer_stamp_kind(struct observer *observer, struct stamp *stamp,
				enum kube_kind kind, int64_t now_ms)
{
	int64_t age = kube_cache_age(observer->cache, kind);
	const struct error *err = kube_cache_error(observer->cache, kind);

	stamp->fresh_ms = OBSERVE_FRESH_CLUSTER_MS;
	stamp->at_ms = age < 0 ? -1 : now_ms - age;
	snprintf(stamp->problem, sizeof(stamp->problem), "%.250s",
		 err ? err->message : "");
}

static void observer_flag_from_configmap(struct observer *observer,
					 int64_t now_ms)
{
	const struct runbook_connection *connection =
		reach_flag(observer->reach);
	struct facts_flag *flag = &observer->facts.flag;
	const struct kube_configmap *map;
	const char *value;

	if (!connection || connection->flag.kind != FLAG_CONFIGMAP)
		return;
	map = kube_cache_configmap(observer->cache,
				   connection->flag.configmap);
	value = map ? kube_labels_get(&map->data, connection->flag.key) : NULL;
	observer_stamp_kind(observer, &flag->stamp, KUBE_CONFIGMAP, now_ms);
	flag->on = value && strcmp(value, "true") == 0;
	if (!value || (!flag->on && strcmp(value, "false") != 0)) {
		flag->stamp.at_ms = -1;
		snprintf(flag->stamp.problem, sizeof(flag->stamp.problem),
			 _("ConfigMap %s has no %s that is true or false"),
			 connection->flag.configmap, connection->flag.key);
	}
}

const struct facts *observer_facts(struct observer *observer, int64_t now_ms)
{
	struct facts *facts = &observer->facts;
	struct facts_cluster *cluster = &facts->cluster;
	struct kube_cache *cache = observer->cache;

	facts->now_ms = now_ms;
	if (!cache)
		return facts;
	cluster->pods = kube_cache_pods(cache, &cluster->pod_count);
	cluster->deployments =
		kube_cache_deployments(cache, &cluster->deployment_count);
	cluster->services = kube_cache_services(cache, &cluster->service_count);
	cluster->slices = kube_cache_slices(cache, &cluster->slice_count);
	observer_stamp_kind(observer, &cluster->pods_stamp, KUBE_POD, now_ms);
	observer_stamp_kind(observer, &cluster->deployments_stamp,
			    KUBE_DEPLOYMENT, now_ms);
	observer_stamp_kind(observer, &cluster->service_stamp, KUBE_SERVICE,
			    now_ms);
	observer_stamp_kind(observer, &cluster->slices_stamp, KUBE_SLICE,
			    now_ms);
	observer_flag_from_configmap(observer, now_ms);
	return facts;
}
