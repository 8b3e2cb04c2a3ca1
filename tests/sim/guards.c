/* See guards.h. */
#include "guards.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "net/loop.h"
#include "observe/observer.h"
#include "observer.h"
#include "record.h"
#include "sim.h"

static bool guards_holds(const struct compare *compare, int64_t value)
{
	int64_t bound = compare->value;

	switch (compare->op) {
	case COMPARE_EQ:
		return value == bound;
	case COMPARE_NE:
		return value != bound;
	case COMPARE_LT:
		return value < bound;
	case COMPARE_LE:
		return value <= bound;
	case COMPARE_GT:
		return value > bound;
	case COMPARE_GE:
		return value >= bound;
	}
	return false;
}

/* That part as it was seen, if it may be used. */
static const struct sight *guards_sight(enum sight_part part,
					int64_t not_before_ms)
{
	static const int64_t fresh[SIGHT_PARTS] = {
		[SIGHT_SOURCE] = OBSERVE_FRESH_DATABASE_MS,
		[SIGHT_TARGET] = OBSERVE_FRESH_DATABASE_MS,
		[SIGHT_CLUSTER] = OBSERVE_FRESH_CLUSTER_MS,
		[SIGHT_FLAG] = OBSERVE_FRESH_FLAG_MS,
		[SIGHT_ROWS] = OBSERVE_FRESH_DATABASE_MS,
	};
	const struct sight *sight = observer_sight(part);

	return sight && sight->at_ms >= not_before_ms && sight->at_ms >= 0 &&
	       loop_now(sim.loop) - sight->at_ms <= fresh[part] ? sight : NULL;
}

static bool guards_matches(const char *match, const struct world_pod *pod)
{
	const char *version = strstr(match, "version=v");
	const char *writes = strstr(match, "writes=");

	return pod->uid &&
	       (!version || version[strlen("version=v")] - '0' == pod->version) &&
	       (!writes || strcmp(writes + strlen("writes="), pod->writes) == 0);
}

static bool guards_pods(const struct condition *guard,
			const struct world *world)
{
	int64_t ready = 0, total = 0;

	for (size_t i = 0; i < WORLD_PODS; i++) {
		total += guards_matches(guard->match, &world->pods[i]);
		ready += guards_matches(guard->match, &world->pods[i]) &&
			 world->pods[i].ready;
	}
	return (!guard->has_total || guards_holds(&guard->total, total)) &&
	       (!guard->has_ready || guards_holds(&guard->ready, ready));
}

static bool guards_endpoints(const struct condition *guard,
			     const struct world *world)
{
	int64_t ready = 0, matching = 0;

	for (size_t i = 0; i < WORLD_PODS; i++) {
		const struct world_pod *pod = &world->pods[i];

		if (!pod->ready || !world_selects(world, pod))
			continue;
		ready++;
		matching += guards_matches(guard->match, pod);
	}
	return ready == matching && guards_holds(&guard->ready, matching);
}

static bool guards_selector(const struct condition *guard,
			    const struct world *world)
{
	struct world_selector wanted = {"", "", ""};

	for (size_t i = 0; i < guard->selector.count; i++) {
		const struct pair *pair = &guard->selector.items[i];
		char *value = strcmp(pair->key, "app") == 0 ? wanted.app :
			strcmp(pair->key, "version") == 0 ? wanted.version :
							    wanted.writes;

		memccpy(value, pair->value, '\0', WORLD_VALUE_MAX);
	}
	return strcmp(wanted.app, world->selector.app) == 0 &&
	       strcmp(wanted.version, world->selector.version) == 0 &&
	       strcmp(wanted.writes, world->selector.writes) == 0;
}

/* The number at the end of "uuid:1-1234". */
static int64_t guards_position(const char *since, const char *on)
{
	long at = record_last("step.done", records_count());
	const char *text, *dash;

	while (at >= 0 && !record_about((size_t)at, since, false))
		at = record_last("step.done", (size_t)at);
	if (at < 0)
		return -1;
	text = json_text(json_at(record_at((size_t)at), "positions"), on, "");
	dash = strrchr(text, '-');
	return dash ? strtoll(dash + 1, NULL, 10) : -1;
}

static bool guards_database(const struct condition *guard,
			    const struct sight *sight, enum facts_side side)
{
	const struct world *world = &sight->world;
	int64_t then;

	switch (guard->kind) {
	case CONDITION_REPLICATING:
		return world->replicates && world->threads;
	case CONDITION_NOT_REPLICATING:
		return !world->replicates;
	case CONDITION_READ_ONLY:
		return !sight->blind &&
		       world->databases[side].read_only == guard->is;
	case CONDITION_QUIET:
		return world->open_writes == 0 &&
		       sight->at_ms - sight->still_since_ms >= guard->for_ms;
	case CONDITION_TRANSACTIONS:
		then = guards_position(guard->since, guard->on);
		return then >= 0 && guards_holds(&guard->count,
				world->databases[side].own - then);
	default:
		return false;
	}
}

/* What takes both databases: by the facts as they were handed out, which may be
 * older by twice what asking both took. */
static bool guards_pair(const struct condition *guard, int64_t not_before_ms)
{
	const struct facts *facts = conduct_facts(sim.conductor);
	bool missing = guard->kind == CONDITION_MISSING;
	const struct stamp *stamp = missing ? &facts->missing_stamp :
					      &facts->errant_stamp;

	return stamp->at_ms >= not_before_ms &&
	       loop_now(sim.loop) - stamp->at_ms <=
		       OBSERVE_FRESH_DATABASE_MS + 2 * 2 * SIGHT_TOOK_MS &&
	       guards_holds(&guard->count,
			    missing ? facts->missing : facts->errant);
}

static bool guards_cluster(const struct condition *guard,
			   const struct world *world)
{
	switch (guard->kind) {
	case CONDITION_PODS:
		return guards_pods(guard, world);
	case CONDITION_ENDPOINTS:
		return guards_endpoints(guard, world);
	case CONDITION_SELECTOR:
		return guards_selector(guard, world);
	default:
		return false;
	}
}

static bool guards_any(const struct condition *guard, int64_t not_before_ms)
{
	for (size_t i = 0; i < guard->any_count; i++)
		if (guards_is_green(&guard->any[i], not_before_ms))
			return true;
	return false;
}

bool guards_is_green(const struct condition *guard, int64_t not_before_ms)
{
	enum facts_side side = guard->on && strcmp(guard->on, "rds") == 0 ?
			       SIDE_SOURCE : SIDE_TARGET;
	const struct sight *sight;

	switch (guard->kind) {
	case CONDITION_ANY:
		return guards_any(guard, not_before_ms);
	case CONDITION_MISSING:
	case CONDITION_ERRANT:
		return guards_pair(guard, not_before_ms);
	case CONDITION_FLAG:
		sight = guards_sight(SIGHT_FLAG, not_before_ms);
		return sight && sight->world.flag == guard->is;
	case CONDITION_PODS:
	case CONDITION_ENDPOINTS:
	case CONDITION_SELECTOR:
		sight = guards_sight(SIGHT_CLUSTER, not_before_ms);
		return sight && guards_cluster(guard, &sight->world);
	default:
		sight = guards_sight((enum sight_part)side, not_before_ms);
		return sight && guards_database(guard, sight, side);
	}
}
