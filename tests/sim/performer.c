/*
 * Stands in for perform/perform.c and perform/reach.c: an effect is on its way
 * for a while, happens or not, and its answer arrives or not; the seed chooses.
 * What a dead process has sent is still on its way. No answer takes longer than
 * the effect's time limit: that is the performers' promise; and a database has
 * one statement on its way, since whoever acts there takes the seat first.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "disk.h"
#include "kube/client.h"
#include "perform/perform.h"
#include "perform/reach.h"
#include "performer.h"
#include "properties.h"
#include "sim.h"
#include "trace.h"
#include "vloop.h"

#define SEAT_PATIENCE_MS 5000
#define SEAT_POLL_MS 100

struct reach {
	struct loop *loop;
	const struct runbook *runbook;
};

/* One effect, on its way from the moment it was sent. */
struct performance {
	struct effect effect;           /* a copy, in the memory below */
	struct perform_caller caller;   /* done is NULL: nobody waits any more */
	bool dropped;                   /* it never arrives */
	bool deaf;                      /* its answer is lost */
	bool arrived;                   /* or surely never will */
	int side;                       /* the database that is told; -1: none */
	int64_t session;                /* of that database */
	int64_t asked_ms;               /* for the seat */
	int timers;                     /* that know of it */
	enum perform_outcome outcome;
	char text[PERFORM_TEXT_MAX];
	char *memory[5];
	struct performance *next;       /* of all that are on their way */
};

static struct performance *performer_list;

/* How an effect goes, and how likely when it does not go well. */
struct fate {
	const char *name;
	int weight;
	bool dropped, deaf;
	int64_t apply_least, apply_most;        /* after it was sent */
	int64_t answer_least, answer_most;      /* after it was sent */
	int64_t lingers;        /* a session of a database may live so long */
};

static const struct fate fates[] = {
	{"slow", 4, false, false, 200, 2000, 2000, 4000, 0},
	{"refused", 5, true, false, 0, 0, 5, 200, 0},
	{"answer lost", 5, false, true, 5, 60, 60, 2000, 0},
	{"request lost", 4, true, true, 0, 0, 60, 2000, 20000},
	{"late, after its answer was lost", 3, false, true, 500, 4000,
	 50, 500, 20000},
	{"stalls, then happens", 1, false, true, 5, 60, 600000, 600000, 0},
	{"stalls", 1, true, true, 0, 0, 600000, 600000, 20000},
};

static const struct fate fate_good = {
	"well", 0, false, false, 5, 60, 61, 90, 0,
};

static const struct fate *performer_fate(void)
{
	int64_t total = 0, at;

	if (!sim_is_stormy() ||
	    !chance_permille(&sim.chance, sim.weather.effect_permille))
		return &fate_good;
	for (size_t i = 0; i < sizeof(fates) / sizeof(fates[0]); i++)
		total += fates[i].weight;
	at = chance_between(&sim.chance, 0, total - 1);
	for (size_t i = 0;; i++) {
		at -= fates[i].weight;
		if (at < 0)
			return &fates[i];
	}
}

/* ---- whose turn it is at a database -------------------------------------- */

static void performer_send(struct performance *performance);
static void performer_let_go(struct performance *performance);

static int64_t seats_sessions;          /* so far, over all processes */
static int64_t seats_ours[SIDE_COUNT];  /* of the process that lives; 0: none */

static void seats_free(struct performance *performance)
{
	performance->arrived = true;
	if (performance->side >= 0 &&
	    sim.world.databases[performance->side].acting ==
	    performance->session)
		sim.world.databases[performance->side].acting = 0;
}

/* The server ends the session with what it has on its way; now and then it does
 * not come to that. */
static bool seats_kill(int side)
{
	if (chance_permille(&sim.chance, sim.weather.kill_permille))
		return false;
	for (struct performance *other = performer_list; other;
	     other = other->next) {
		if (other->side != side || other->arrived || !other->session)
			continue;
		trace_say("effect", "%.40s: its session is killed",
			  other->effect.request);
		other->dropped = true;
		seats_free(other);
	}
	return true;
}

static void seats_settle_now(void *data)
{
	int side = data ? SIDE_TARGET : SIDE_SOURCE;

	if (!disk_is_dead() && sim.conductor)
		seats_kill(side);
}

static void seats_settle(int side)
{
	static int mark;

	if (side < 0)
		return;
	seats_ours[side] = 0;
	vloop_after(sim.loop, SEAT_PATIENCE_MS, seats_settle_now,
		    side == SIDE_TARGET ? &mark : NULL);
}

/* Nothing was sent. */
static void seats_give_up(struct performance *performance, const char *why)
{
	if (performance->caller.done)
		performance->caller.done(performance->caller.data,
					 PERFORM_FAILED, why);
	seats_free(performance);
	performer_let_go(performance);
}

static void seats_wait(void *data)
{
	struct performance *performance = data;
	struct world_database *database =
		&sim.world.databases[performance->side];
	bool late = loop_now(sim.loop) - performance->asked_ms >=
		    SEAT_PATIENCE_MS;
	struct error err = {0};

	/* whoever waited is dead, or waits no more */
	if (!performance->caller.done || disk_is_dead() ||
	    (database->acting && late && !seats_kill(performance->side))) {
		seats_give_up(performance, "an earlier session still acts");
		return;
	}
	if (database->acting) {
		vloop_after(sim.loop, SEAT_POLL_MS, seats_wait, performance);
		return;
	}
	performance->session = database->acting = ++seats_sessions;
	seats_ours[performance->side] = performance->session;
	if (performance->caller.may_send(performance->caller.data, &err)) {
		seats_give_up(performance, err.message);
		return;
	}
	performer_send(performance);
}

static void seats_ask(struct performance *performance)
{
	performance->timers = 1;
	performance->asked_ms = loop_now(sim.loop);
	vloop_after(sim.loop, 1, seats_wait, performance);
}

/* ---- on its way ---------------------------------------------------------- */

static char *performer_copy(struct performance *performance, int slot,
			    const char *text)
{
	performance->memory[slot] = text ? strdup(text) : NULL;
	return performance->memory[slot];
}

static void performer_copy_effect(struct performance *performance,
				  const struct effect *effect)
{
	performance->effect = *effect;
	performance->effect.target =
		performer_copy(performance, 0, effect->target);
	performance->effect.request =
		performer_copy(performance, 1, effect->request);
	performance->effect.path = performer_copy(performance, 2, effect->path);
	performance->effect.body = performer_copy(performance, 3, effect->body);
	performance->effect.connection =
		performer_copy(performance, 4, effect->connection);
}

static void performer_free(struct performance *performance)
{
	for (size_t i = 0; i < 5; i++)
		free(performance->memory[i]);
	free(performance);
}

static void performer_let_go(struct performance *performance)
{
	struct performance **at = &performer_list;

	if (--performance->timers > 0)
		return;
	while (*at != performance)
		at = &(*at)->next;
	*at = performance->next;
	performer_free(performance);
}

void performer_close(void)
{
	while (performer_list) {
		struct performance *next = performer_list->next;

		performer_free(performer_list);
		performer_list = next;
	}
}

static void performer_arrive(void *data)
{
	struct performance *performance = data;

	seats_free(performance);
	performance->outcome = PERFORM_FAILED;
	if (!performance->dropped) {
		bool done = world_apply(&sim.world, &performance->effect,
					performance->text,
					sizeof(performance->text));

		if (done)
			performance->outcome = PERFORM_DONE;
		properties_applied(&performance->effect, done);
	} else {
		snprintf(performance->text, sizeof(performance->text),
			 "error: not possible now");
	}
	performer_let_go(performance);
}

static void performer_answer(void *data)
{
	struct performance *performance = data;

	if (performance->deaf) {
		seats_settle(performance->side);
		performance->outcome = PERFORM_UNKNOWN;
		snprintf(performance->text, sizeof(performance->text),
			 "the answer was lost");
	}
	if (performance->caller.done && !disk_is_dead()) {
		static const char *const names[] = {"done", "failed", "unknown"};

		trace_say("effect", "answer to %.40s: %s, %s",
			  performance->effect.request,
			  names[performance->outcome], performance->text);
		performance->caller.done(performance->caller.data,
					 performance->outcome,
					 performance->text);
	}
	performer_let_go(performance);
}

static void performer_send(struct performance *performance)
{
	const struct fate *fate = performer_fate();
	int64_t limit = performance->effect.within_ms;
	int64_t arrives = chance_between(&sim.chance, fate->apply_least,
					 fate->apply_most);
	int64_t answers = chance_between(&sim.chance, fate->answer_least,
					 fate->answer_most);

	if (performance->side >= 0 && fate->lingers)
		arrives = chance_between(&sim.chance, 0, fate->lingers);
	performance->dropped = fate->dropped;
	performance->deaf = fate->deaf;
	/* a limit that passes is an answer that was lost */
	if (answers > limit) {
		answers = limit;
		performance->deaf = true;
	}
	properties_sent(&performance->effect);
	trace_say("effect", "sent to %s: %.60s (goes %s)",
		  performance->effect.target, performance->effect.request,
		  fate->name);
	performance->timers = 2;
	vloop_after(sim.loop, arrives, performer_arrive, performance);
	vloop_after(sim.loop, answers, performer_answer, performance);
}

int perform_start(struct reach *reach, const struct effect *effect,
		  const struct perform_caller *caller, struct performance **ret,
		  struct error *err)
{
	struct performance *performance;
	int status;

	(void)reach;
	/* the dead send nothing; whatever they believe is forgotten with them */
	if (disk_is_dead())
		return error_set(err, ERR_UNREACHABLE, NULL, "dead");
	/* a database gives each its turn first */
	status = effect->kind == EFFECT_SQL ? 0 :
		 caller->may_send(caller->data, err);
	if (status)
		return status;
	performance = calloc(1, sizeof(*performance));
	if (!performance)
		return error_nomem(err);
	performer_copy_effect(performance, effect);
	performance->caller = *caller;
	performance->side = effect->kind != EFFECT_SQL ? -1 :
			    strcmp(effect->connection, "rds") == 0 ?
			    SIDE_SOURCE : SIDE_TARGET;
	performance->next = performer_list;
	performer_list = performance;
	if (performance->side >= 0)
		seats_ask(performance);
	else
		performer_send(performance);
	*ret = performance;
	return 0;
}

void perform_abandon(struct performance *performance)
{
	if (performance)
		performance->caller.done = NULL;
}

enum perform_outcome perform_outcome_of(const struct error *err, bool sent)
{
	return !sent || err->code == ERR_UNREACHABLE ? PERFORM_FAILED : PERFORM_UNKNOWN;
}

/* ---- the far ends -------------------------------------------------------- */

int reach_open(struct loop *loop, const struct runbook *runbook,
	       struct reach **ret, struct error *err)
{
	struct reach *reach = calloc(1, sizeof(*reach));

	if (!reach)
		return error_nomem(err);
	reach->loop = loop;
	reach->runbook = runbook;
	memset(seats_ours, 0, sizeof(seats_ours));
	*ret = reach;
	return 0;
}

void reach_close(struct reach *reach)
{
	free(reach);
}

struct loop *reach_loop(const struct reach *reach)
{
	return reach->loop;
}

/* Plans only hand it on, to ask for its namespace. */
struct kube_client *reach_cluster(const struct reach *reach)
{
	return (struct kube_client *)reach;
}

const char *kube_client_namespace(const struct kube_client *client)
{
	(void)client;
	return "shop";
}

const char *reach_cluster_name(const struct reach *reach)
{
	(void)reach;
	return "cluster";
}

const struct runbook_connection *reach_flag(const struct reach *reach)
{
	return runbook_find_kind(reach->runbook, CONNECTION_FLAG);
}

void reach_target(const struct reach *reach, const char *name,
		  char dst[REACH_TARGET_MAX])
{
	(void)reach;
	snprintf(dst, REACH_TARGET_MAX, "%s (sim)", name);
}

bool reach_has_answered(struct reach *reach, const char *name, int64_t session)
{
	int side = strcmp(name, "rds") == 0 ? SIDE_SOURCE : SIDE_TARGET;

	(void)reach;
	for (struct performance *other = performer_list; other;
	     other = other->next)
		if (other->side == side && other->session == session &&
		    !other->arrived && !other->caller.done)
			return false;
	return session == seats_ours[side];
}

void reach_settle_all(struct reach *reach)
{
	(void)reach;
	seats_settle(SIDE_SOURCE);
	seats_settle(SIDE_TARGET);
}
