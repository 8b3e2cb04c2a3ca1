/*
 * Stands in for observe/observer.c: looks at the world in rounds, each part a
 * little after it was so. In bad weather a part is slow, fails, or does not
 * tell everything. What the facts say together is worked out by the program's
 * own observe_pair.
 */
#include "observer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/loop.h"
#include "observe/observe_pair.h"
#include "observe/observer.h"
#include "observer_cluster.h"
#include "perform/reach.h"
#include "sim.h"
#include "trace.h"

#define SIGHT_ROUND_MS 200      /* between rounds, at rest */
#define SIGHT_HURRY_MS 100
#define SIGHT_AFTER_MS 15       /* the source is looked at after the target */
#define SIGHT_POSITION_MAX 128

#define UUID_SOURCE "11111111-1111-1111-1111-111111111111"
#define UUID_TARGET "22222222-2222-2222-2222-222222222222"

/* One part, on its way from the world to the facts. */
struct look {
	struct sight sight;
	int64_t due_ms;         /* when it arrives; -1: none is under way */
	bool fails;             /* it arrives as an error */
};

struct observer {
	struct loop *loop;
	struct facts facts;
	struct sight sights[SIGHT_PARTS];
	struct look looks[SIGHT_PARTS];
	struct db_observation databases[SIDE_COUNT];
	char positions[SIDE_COUNT][SIGHT_POSITION_MAX];
	struct db_channel channel;
	struct seen_cluster cluster;
	struct loop_timer *round, *source, *arrival;
	bool hurry;
	void (*changed)(void *data);
	void *data;
};

static struct observer *observer_alive;         /* of the process that lives */

const struct sight *observer_sight(enum sight_part part)
{
	return observer_alive ? &observer_alive->sights[part] : NULL;
}

void observer_position(const struct world *world, enum facts_side side,
		       char dst[SIGHT_POSITION_MAX])
{
	int used;

	if (side == SIDE_SOURCE) {
		snprintf(dst, SIGHT_POSITION_MAX, UUID_SOURCE ":1-%lld",
			 (long long)world->databases[side].own);
		return;
	}
	used = snprintf(dst, SIGHT_POSITION_MAX, UUID_SOURCE ":1-%lld",
			(long long)world->applied);
	if (world->databases[side].own)
		snprintf(dst + used, SIGHT_POSITION_MAX - (size_t)used,
			 "," UUID_TARGET ":1-%lld",
			 (long long)world->databases[side].own);
}

/* ---- from a copy of the world to facts ----------------------------------- */

static void observer_see_position(struct observer *observer,
				  enum facts_side side, int64_t at_ms)
{
	struct db_observation *seen = &observer->databases[side];
	struct facts_database *facts = &observer->facts.databases[side];
	struct sight *sight = &observer->sights[side];
	char now[SIGHT_POSITION_MAX];

	observer_position(&sight->world, side, now);
	if (strcmp(now, observer->positions[side]) == 0 && seen->gtid_known)
		return;
	memcpy(observer->positions[side], now, sizeof(now));
	if (gtid_parse(now, &seen->executed, NULL) ||
	    gtid_copy(&seen->executed, &seen->applied, NULL))
		abort();
	seen->gtid_known = true;
	seen->executed_text = seen->applied_text = observer->positions[side];
	facts->still_since_ms = sight->still_since_ms = at_ms;
}

static void observer_see_server(struct db_observation *seen,
				const struct world *world)
{
	seen->server.family = DB_FAMILY_MYSQL;
	seen->server.version = 80036;
	snprintf(seen->server.version_text, sizeof(seen->server.version_text),
		 "8.0.36");
	seen->server.is_rds = world->routines;
	for (int i = 0; i < DB_ROUTINE_COUNT; i++)
		seen->server.routines[i] = world->routines;
	seen->server.can_gtid = true;
}

static void observer_see_replication(struct observer *observer,
				     struct db_observation *seen,
				     const struct world *world, bool target)
{
	struct db_channel *channel = &observer->channel;

	if (!target)
		return;
	channel->name = channel->source_host = channel->source_uuid =
		channel->read_file = channel->exec_file = channel->received =
		channel->io_error = channel->sql_error = channel->filters = "";
	channel->io = channel->sql = world->threads ? DB_THREAD_YES :
						      DB_THREAD_NO;
	/* NULL while it does not run; and NULL now and then when it does */
	channel->seconds_behind = world->threads && world->applied % 3 ? 0 : -1;
	seen->channels = channel;
	seen->channel_count = world->replicates;
}

static void observer_see_database(struct observer *observer,
				  enum facts_side side)
{
	struct sight *sight = &observer->sights[side];
	struct facts_database *facts = &observer->facts.databases[side];
	struct db_observation *seen = &observer->databases[side];
	const struct world *world = &sight->world;

	seen->at_ms = facts->stamp.at_ms = sight->at_ms;
	seen->took_ms = SIGHT_TOOK_MS;
	facts->stamp.problem[0] = '\0';
	seen->reached = true;
	for (int part = 0; part < DB_PART_COUNT; part++) {
		seen->known[part] = true;
		seen->why[part] = "";
	}
	observer_see_server(seen, world);
	observer_see_position(observer, side, sight->at_ms);
	observer_see_replication(observer, seen, world, side == SIDE_TARGET);
	seen->acting = sight->blind ? -1 : world->databases[side].acting;
	seen->read_only = sight->blind ? DB_FLAG_UNKNOWN :
			  world->databases[side].read_only ? DB_FLAG_ON :
							     DB_FLAG_OFF;
	seen->super_read_only = seen->read_only;
	seen->innodb_read_only = DB_FLAG_OFF;
	seen->write_transactions = side == SIDE_SOURCE ? world->open_writes : 0;
	seen->oldest_query = seen->oldest_user = seen->own_file =
		seen->hostname = seen->server_uuid = seen->binlog_place = "";
	facts->seen = seen;
	observe_pair(&observer->facts);
}

static void observer_see_rest(struct observer *observer, enum sight_part part)
{
	struct facts *facts = &observer->facts;
	const struct sight *sight = &observer->sights[part];
	struct facts_cluster *cluster = &facts->cluster;

	if (part == SIGHT_FLAG) {
		facts->flag.stamp.at_ms = sight->at_ms;
		facts->flag.stamp.problem[0] = '\0';
		facts->flag.on = sight->world.flag;
	} else if (part == SIGHT_ROWS) {
		for (size_t i = 0; i < facts->row_count; i++) {
			facts->rows[i].stamp.at_ms = sight->at_ms;
			facts->rows[i].value = sight->world.sentinels;
		}
	} else {
		observer_see_cluster(&observer->cluster, &sight->world, cluster);
		cluster->pods_stamp.at_ms = cluster->service_stamp.at_ms =
			cluster->slices_stamp.at_ms =
			cluster->deployments_stamp.at_ms = sight->at_ms;
	}
}

static void observer_fail(struct observer *observer, enum sight_part part)
{
	struct stamp *stamp = part <= SIGHT_TARGET ?
		&observer->facts.databases[part].stamp :
		part == SIGHT_FLAG ? &observer->facts.flag.stamp : NULL;

	trace_say("fact", "part %d cannot be seen", part);
	if (stamp)
		snprintf(stamp->problem, sizeof(stamp->problem),
			 "the connection is lost");
}

/* ---- rounds -------------------------------------------------------------- */

static void observer_arrive(void *data);

static void observer_await(struct observer *observer)
{
	int64_t first = INT64_MAX;

	for (int part = 0; part < SIGHT_PARTS; part++)
		if (observer->looks[part].due_ms >= 0 &&
		    observer->looks[part].due_ms < first)
			first = observer->looks[part].due_ms;
	loop_timer_cancel(observer->arrival);
	observer->arrival = NULL;
	if (first != INT64_MAX)
		loop_timer(observer->loop, first - loop_now(observer->loop), 0,
			   observer_arrive, observer, &observer->arrival, NULL);
}

static void observer_deliver(struct observer *observer, enum sight_part part)
{
	struct look *look = &observer->looks[part];
	int64_t still = observer->sights[part].still_since_ms;

	look->due_ms = -1;
	if (look->fails) {
		observer_fail(observer, part);
		return;
	}
	observer->sights[part] = look->sight;
	observer->sights[part].still_since_ms = still;
	if (part <= SIGHT_TARGET)
		observer_see_database(observer, (enum facts_side)part);
	else
		observer_see_rest(observer, part);
}

static void observer_arrive(void *data)
{
	struct observer *observer = data;
	int64_t now = loop_now(observer->loop);

	observer->arrival = NULL;
	for (int part = SIGHT_PARTS - 1; part >= 0; part--)
		if (observer->looks[part].due_ms >= 0 &&
		    observer->looks[part].due_ms <= now)
			observer_deliver(observer, (enum sight_part)part);
	observer_await(observer);
	observer->changed(observer->data);
}

/* Looks at one part, unless it is being looked at. */
static void observer_look(struct observer *observer, enum sight_part part)
{
	struct look *look = &observer->looks[part];
	int64_t takes = SIGHT_TOOK_MS + SIGHT_AFTER_MS;

	if (look->due_ms >= 0)
		return;
	look->sight.at_ms = loop_now(observer->loop);
	look->sight.world = sim.world;
	look->sight.blind = look->fails = false;
	/* all that was looked at in a round arrives together */
	if (part == SIGHT_SOURCE || part == SIGHT_ROWS)
		takes = SIGHT_TOOK_MS;
	if (sim_is_stormy() &&
	    chance_permille(&sim.chance, sim.weather.fact_permille)) {
		look->fails = chance_permille(&sim.chance, 300);
		look->sight.blind = chance_permille(&sim.chance, 300);
		takes = chance_between(&sim.chance, takes, 3000);
	}
	look->due_ms = look->sight.at_ms + takes;
}

static void observer_source(void *data)
{
	struct observer *observer = data;

	observer->source = NULL;
	observer_look(observer, SIGHT_SOURCE);
	observer_look(observer, SIGHT_ROWS);
	observer_await(observer);
}

static void observer_round(void *data)
{
	struct observer *observer = data;

	observer_look(observer, SIGHT_TARGET);
	observer_look(observer, SIGHT_CLUSTER);
	observer_look(observer, SIGHT_FLAG);
	if (!observer->source)
		loop_timer(observer->loop, SIGHT_AFTER_MS, 0, observer_source,
			   observer, &observer->source, NULL);
	observer_await(observer);
}

static void observer_set_pace(struct observer *observer)
{
	loop_timer_cancel(observer->round);
	observer->round = NULL;
	loop_timer(observer->loop, 0, observer->hurry ? SIGHT_HURRY_MS :
							SIGHT_ROUND_MS,
		   observer_round, observer, &observer->round, NULL);
}

void observer_hurry(struct observer *observer, bool hurry)
{
	if (observer->hurry == hurry)
		return;
	observer->hurry = hurry;
	observer_set_pace(observer);
}

void observer_look_now(struct observer *observer)
{
	observer_set_pace(observer);
}

/* ---- opening ------------------------------------------------------------- */

static void observer_expect_rows(struct facts *facts,
				 const struct runbook *runbook)
{
	for (size_t i = 0; i < runbook->step_count; i++) {
		const struct conditions *checks = &runbook->steps[i].deed.checks;

		for (size_t k = 0; k < checks->count; k++) {
			struct facts_rows *rows = &facts->rows[facts->row_count];

			if (checks->items[k].kind != CONDITION_ROWS)
				continue;
			rows->on = checks->items[k].on;
			rows->query = checks->items[k].query;
			rows->stamp.at_ms = -1;
			rows->stamp.fresh_ms = OBSERVE_FRESH_DATABASE_MS;
			facts->row_count++;
		}
	}
}

static void observer_expect(struct facts *facts, const struct runbook *runbook)
{
	struct stamp database = {.at_ms = -1,
				 .fresh_ms = OBSERVE_FRESH_DATABASE_MS};
	struct stamp cluster = {.at_ms = -1,
				.fresh_ms = OBSERVE_FRESH_CLUSTER_MS};

	facts->databases[SIDE_SOURCE].name = runbook->observe.source;
	facts->databases[SIDE_TARGET].name = runbook->observe.target;
	for (int side = 0; side < SIDE_COUNT; side++) {
		facts->databases[side].stamp = database;
		facts->databases[side].still_since_ms = -1;
	}
	facts->missing = facts->errant = -1;
	facts->missing_stamp = facts->errant_stamp = database;
	facts->cluster.pods_stamp = facts->cluster.service_stamp =
		facts->cluster.slices_stamp =
		facts->cluster.deployments_stamp = cluster;
	facts->flag.configured = true;
	facts->flag.stamp.at_ms = -1;
	facts->flag.stamp.fresh_ms = OBSERVE_FRESH_FLAG_MS;
	observer_expect_rows(facts, runbook);
}

int observer_open(struct reach *reach, const struct runbook *runbook,
		  void (*changed)(void *data), void *data,
		  struct observer **ret, struct error *err)
{
	struct observer *observer = calloc(1, sizeof(*observer));

	if (!observer)
		return error_nomem(err);
	observer->loop = reach_loop(reach);
	observer->changed = changed;
	observer->data = data;
	for (int part = 0; part < SIGHT_PARTS; part++) {
		observer->sights[part].at_ms = -1;
		observer->sights[part].still_since_ms = -1;
		observer->looks[part].due_ms = -1;
	}
	observer_expect(&observer->facts, runbook);
	observer_set_pace(observer);
	observer_alive = observer;
	*ret = observer;
	return 0;
}

/* There are no heartbeats here, and so nothing to tell apart. */
int observer_trace(struct observer *observer, enum facts_side side,
		   const char *place, struct error *err)
{
	(void)observer;
	(void)side;
	(void)place;
	(void)err;
	return 0;
}

void observer_close(struct observer *observer)
{
	if (!observer)
		return;
	observer_alive = NULL;
	loop_timer_cancel(observer->round);
	loop_timer_cancel(observer->source);
	loop_timer_cancel(observer->arrival);
	for (int side = 0; side < SIDE_COUNT; side++) {
		gtid_release(&observer->databases[side].executed);
		gtid_release(&observer->databases[side].applied);
	}
	free(observer);
}

const struct facts *observer_facts(struct observer *observer, int64_t now_ms)
{
	observer->facts.now_ms = now_ms;
	return &observer->facts;
}
