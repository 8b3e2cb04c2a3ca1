/*
 * What is true in the simulated world: two databases, one application in two
 * versions, a Service, a flag, users, a cron job that ignores the flag. All of
 * it plain data, so that what an observer saw is a copy of it. Nothing in here
 * knows the program that is tested.
 */
#ifndef CUTOVER_SIM_WORLD_H
#define CUTOVER_SIM_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "chance.h"
#include "observe/facts.h"
#include "perform/effect.h"

struct loop;

#define WORLD_PODS 12
#define WORLD_VALUE_MAX 16

#define WORLD_V1 "my-app-v1"
#define WORLD_V2 "my-app-v2"
#define WORLD_SERVICE "my-app-service"
#define WORLD_FLAG_URL "http://flags.example/database-writes-enabled"
#define WORLD_SERVICE_URL "http://my-app.example"

struct world_database {
	bool read_only;
	int64_t acting;         /* the session with a statement on its way; 0 */
	int64_t own;            /* transactions that it wrote itself: 1..own */
	int64_t acknowledged;   /* of them, users' */
};

struct world_pod {
	int uid;                /* 0: no such pod */
	int version;            /* 1, 2 */
	char writes[WORLD_VALUE_MAX];   /* label; "": none */
	bool enabled;           /* v2: ENABLE_WRITES=true */
	bool ready;
	bool served;            /* users may hold connections to it */
};

/* "" where a key is absent. */
struct world_selector {
	char app[WORLD_VALUE_MAX], version[WORLD_VALUE_MAX],
		writes[WORLD_VALUE_MAX];
};

struct world {
	struct world_database databases[SIDE_COUNT];
	int64_t applied;        /* the source's transactions that the target has */
	bool replicates;        /* a channel is configured */
	bool threads;           /* it runs */
	bool routines;          /* databases are told by mysql.rds_* */
	bool flag;
	struct world_selector selector;
	char template_writes[WORLD_VALUE_MAX];
	bool template_enabled;
	int64_t revision;       /* resourceVersion of the last change */
	int64_t deployment_revision, service_revision;
	struct world_pod pods[WORLD_PODS];
	int uids;
	int64_t sentinels;      /* rows of the smoke test */
	int64_t errant;         /* an administrator's on the target ... */
	int64_t errant_ms;      /* ... and when the last was made */
	int64_t intruders;      /* transactions that the fence did not keep out */
	int64_t open_writes;    /* open write transactions on the source */

	/* how it behaves, chosen by the seed */
	int64_t pod_start_ms, replication_ms, user_ms;
	int cron_permille;      /* of the ticks */
	bool rolling;           /* a rollout's next tick is due */
	struct chance chance;
	struct loop *loop;
};

void world_open(struct world *world, struct loop *loop, uint64_t seed);

/* Carries an effect out, or refuses it. text: the server's answer. */
bool world_apply(struct world *world, const struct effect *effect, char *text,
		 size_t size);

/* Does it take users' writes now: the flag is up, a pod of it is within users'
 * reach, and the database does not refuse? */
bool world_takes_writes(const struct world *world, enum facts_side side);
bool world_selects(const struct world *world, const struct world_pod *pod);

/* What others do to it. */
void world_revert_selector(struct world *world);
void world_errant_write(struct world *world);
void world_intrude(struct world *world);
void world_break_replication(struct world *world);

#endif
