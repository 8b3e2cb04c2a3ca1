/* See world.h. What happens by itself: users, cron, replication, rollouts. */
#include "world.h"

#include <stdio.h>
#include <string.h>

#include "trace.h"
#include "vloop.h"
#include "world_apply.h"

#define WORLD_TICK_MS 60
#define WORLD_V1_PODS 2
#define WORLD_V2_PODS 2

bool world_selects(const struct world *world, const struct world_pod *pod)
{
	const struct world_selector *selector = &world->selector;
	char version[8];

	snprintf(version, sizeof(version), "v%d", pod->version);
	return pod->uid &&
	       (!selector->version[0] ||
		strcmp(selector->version, version) == 0) &&
	       (!selector->writes[0] ||
		strcmp(selector->writes, pod->writes) == 0);
}

/* Whom the Service selects, users connect to, and may stay connected to. */
static void world_connect(struct world *world)
{
	for (size_t i = 0; i < WORLD_PODS; i++)
		if (world->pods[i].ready && world_selects(world, &world->pods[i]))
			world->pods[i].served = true;
}

bool world_takes_writes(const struct world *world, enum facts_side side)
{
	if (world->databases[side].read_only || !world->flag)
		return false;
	for (size_t i = 0; i < WORLD_PODS; i++) {
		const struct world_pod *pod = &world->pods[i];

		if (!pod->uid || !pod->served)
			continue;
		if (side == SIDE_SOURCE ? pod->version == 1 : pod->enabled)
			return true;
	}
	return false;
}

/* ---- users and cron ------------------------------------------------------ */

static const struct world_pod *world_pick_pod(struct world *world)
{
	bool old = chance_permille(&world->chance, 150);
	size_t from = (size_t)chance_between(&world->chance, 0, WORLD_PODS - 1);

	for (size_t i = 0; i < WORLD_PODS; i++) {
		const struct world_pod *pod =
			&world->pods[(from + i) % WORLD_PODS];

		if (old ? pod->uid && pod->served :
			  pod->ready && world_selects(world, pod))
			return pod;
	}
	return NULL;
}

static void world_write(struct world *world, enum facts_side side,
			const char *who)
{
	world->databases[side].own++;
	trace_say("world", "%s writes to %s, transaction %lld", who,
		  side == SIDE_SOURCE ? "rds" : "aurora",
		  (long long)world->databases[side].own);
}

static void world_user(struct world *world)
{
	const struct world_pod *pod = world_pick_pod(world);
	enum facts_side side;

	if (!pod || !world->flag || (pod->version == 2 && !pod->enabled))
		return;
	side = pod->version == 1 ? SIDE_SOURCE : SIDE_TARGET;
	if (world->databases[side].read_only)
		return;
	world_write(world, side, "a user");
	world->databases[side].acknowledged++;
}

static void world_replicate(struct world *world)
{
	int64_t own = world->databases[SIDE_SOURCE].own;

	if (world->replicates && world->threads)
		world->applied = chance_permille(&world->chance, 800) ? own :
			chance_between(&world->chance, world->applied, own);
}

static void world_tick(void *data)
{
	struct world *world = data;

	if (chance_permille(&world->chance,
			    (int)(WORLD_TICK_MS * 1000 / world->user_ms)))
		world_user(world);
	if (chance_permille(&world->chance, world->cron_permille) &&
	    !world->databases[SIDE_SOURCE].read_only)
		world_write(world, SIDE_SOURCE, "cron");
	world->open_writes = !world->databases[SIDE_SOURCE].read_only &&
		chance_permille(&world->chance, world->cron_permille);
	if (chance_permille(&world->chance,
			    (int)(WORLD_TICK_MS * 1000 / world->replication_ms)))
		world_replicate(world);
	vloop_after(world->loop, WORLD_TICK_MS, world_tick, world);
}

/* ---- others -------------------------------------------------------------- */

void world_revert_selector(struct world *world)
{
	if (strcmp(world->selector.version, "v2") != 0)
		return;
	snprintf(world->selector.version, WORLD_VALUE_MAX, "v1");
	world->selector.writes[0] = '\0';
	world->service_revision = ++world->revision;
	world_connect(world);
	trace_say("world", "GitOps puts the selector back to v1");
}

void world_errant_write(struct world *world)
{
	if (!world->databases[SIDE_TARGET].read_only)
		return;
	world_write(world, SIDE_TARGET, "an administrator");
	world->errant++;
	world->errant_ms = loop_now(world->loop);
}

/* An administrator writes past the fence. */
void world_intrude(struct world *world)
{
	if (!world->databases[SIDE_SOURCE].read_only)
		return;
	world_write(world, SIDE_SOURCE, "an administrator");
	world->intruders++;
}

void world_break_replication(struct world *world)
{
	if (!world->threads)
		return;
	world->threads = false;
	trace_say("world", "replication stops with an error");
}

/* ---- rollouts ------------------------------------------------------------ */

static bool world_is_new(const struct world *world, const struct world_pod *pod)
{
	return pod->enabled == world->template_enabled &&
	       strcmp(pod->writes, world->template_writes) == 0;
}

static struct world_pod *world_add_pod(struct world *world, int version)
{
	for (size_t i = 0; i < WORLD_PODS; i++) {
		struct world_pod *pod = &world->pods[i];

		if (pod->uid)
			continue;
		memset(pod, 0, sizeof(*pod));
		pod->uid = ++world->uids;
		pod->version = version;
		if (version == 2) {
			pod->enabled = world->template_enabled;
			snprintf(pod->writes, sizeof(pod->writes), "%s",
				 world->template_writes);
		}
		return pod;
	}
	return NULL;
}

/* One more pod gets ready and an old one goes, or one more is made. False when
 * there is nothing left to do. */
static bool world_roll_on(struct world *world)
{
	struct world_pod *old = NULL, *fresh = NULL;

	for (size_t i = 0; i < WORLD_PODS; i++) {
		struct world_pod *pod = &world->pods[i];

		if (!pod->uid || pod->version != 2)
			continue;
		if (!world_is_new(world, pod))
			old = pod;
		else if (!pod->ready)
			fresh = pod;
	}
	if (fresh)
		fresh->ready = true;
	if (fresh && old)
		memset(old, 0, sizeof(*old));
	else if (old)
		world_add_pod(world, 2);
	world->deployment_revision = ++world->revision;
	world_connect(world);
	return fresh || old;
}

static void world_rollout(void *data)
{
	struct world *world = data;

	world->rolling = world_roll_on(world);
	if (world->rolling)
		vloop_after(world->loop, world->pod_start_ms, world_rollout,
			    world);
}

/* The template has changed. */
void world_roll(struct world *world)
{
	world->deployment_revision = ++world->revision;
	if (!world->rolling)
		vloop_after(world->loop, world->pod_start_ms, world_rollout,
			    world);
	world->rolling = true;
}

void world_flip(struct world *world)
{
	world->service_revision = ++world->revision;
	world_connect(world);
}

/* ---- the beginning ------------------------------------------------------- */

static void world_choose(struct world *world)
{
	struct chance *chance = &world->chance;

	world->routines = chance_permille(chance, 500);
	world->pod_start_ms = chance_between(chance, 50, 1500);
	world->replication_ms = chance_between(chance, 60, 400);
	world->user_ms = chance_between(chance, 80, 400);
	world->cron_permille = chance_permille(chance, 500) ?
			       (int)chance_between(chance, 1, 60) : 0;
}

void world_open(struct world *world, struct loop *loop, uint64_t seed)
{
	memset(world, 0, sizeof(*world));
	world->loop = loop;
	chance_init(&world->chance, seed ^ 0x5eed);
	world_choose(world);
	world->databases[SIDE_SOURCE].own = 1000;
	world->databases[SIDE_TARGET].read_only = true;
	world->applied = 998;
	world->replicates = world->threads = true;
	world->flag = true;
	snprintf(world->selector.app, WORLD_VALUE_MAX, "myapp");
	snprintf(world->selector.version, WORLD_VALUE_MAX, "v1");
	world->revision = world->deployment_revision = 100;
	world->service_revision = 90;
	for (int i = 0; i < WORLD_V1_PODS; i++)
		world_add_pod(world, 1)->ready = true;
	for (int i = 0; i < WORLD_V2_PODS; i++)
		world_add_pod(world, 2)->ready = true;
	world_connect(world);
	vloop_after(loop, WORLD_TICK_MS, world_tick, world);
}
