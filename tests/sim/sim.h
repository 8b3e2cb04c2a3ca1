/*
 * One seed's run: the world, the process that drives the run in it (it may die
 * and be followed by another), the operator, and what is watched. There is one
 * at a time; what stands in for a room of the program finds it here.
 */
#ifndef CUTOVER_SIM_SIM_H
#define CUTOVER_SIM_SIM_H

#include <stdbool.h>
#include <stdint.h>

#include "chance.h"
#include "conduct/conduct.h"
#include "runbook/model.h"
#include "simbook.h"
#include "world.h"

struct journal;
struct loop;

#define SIM_RUN "sim"

/* How bad it is, chosen by the seed; all of it ends at calm_ms. */
struct weather {
	int64_t calm_ms;
	int effect_permille;    /* effects that go wrong */
	int fact_permille;      /* rounds of observers that go wrong */
	int slip_permille;      /* keys that a careful operator would not press */
	int others_permille;    /* what others do to the world, each second */
	int kill_permille;      /* old sessions that cannot be ended */
	int disk_permille;      /* writes and syncs that fail */
	int stall_permille;     /* and that take their time */
	int64_t away_ms, back_ms;       /* the API server answers nobody between them */
	int64_t deaths;         /* how often the process dies */
};

struct sim {
	uint64_t seed;
	struct chance chance;           /* of weather, effects, deaths */
	struct loop *loop;
	const struct runbook *runbook;
	bool sane;                      /* the runbook is */
	struct world world;
	struct weather weather;
	struct journal *journal;
	struct conductor *conductor;    /* NULL: no process lives */
	bool ended;                     /* it parked, or closed the run */
	/* keys that were taken and not recorded yet: each allows one record */
	const char *typing;             /* a confirmation, with this word */
	bool confirming, resuming, retrying;
	char dir[64], path[96];         /* the run's directory, and its journal */
	char failure[1024];             /* the first broken promise; "": none */
};

extern struct sim sim;

/* Is the weather bad now? */
bool sim_is_stormy(void);
/* A promise is broken; the first one counts. */
void sim_fail(const char *promise, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Does the Lease that was put last hold for as long as something may be begun:
 * two thirds of its time? */
bool sim_lease_holds(void);
/* The next seed's cluster has no Lease. */
void sim_lease_forget(void);

/* Lives one seed's run to its end; true: no promise was broken. */
bool sim_live(const struct simbook *book, uint64_t seed);

#endif
