/*
 * Stands in for perform/perform.c and perform/reach.c: an effect is on its way
 * for a while, happens or not, and its answer arrives or not; the seed chooses.
 * What a dead process has sent is still on its way. No answer takes longer than
 * the effect's time limit: that is the performers' promise.
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

struct reach {
	struct loop *loop;
	const struct runbook *runbook;
};

/* One effect, on its way from the moment it was sent. */
struct performance {
	struct effect effect;           /* a copy, in the memory below */
	perform_fn *callback;           /* NULL: nobody waits any more */
	void *data;
	bool dropped;                   /* it never arrives */
	bool deaf;                      /* its answer is lost */
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
};

static const struct fate fates[] = {
	{"slow", 4, false, false, 200, 2000, 2000, 4000},
	{"refused", 5, true, false, 0, 0, 5, 200},
	{"answer lost", 5, false, true, 5, 60, 60, 2000},
	{"request lost", 4, true, true, 0, 0, 60, 2000},
	{"late, after its answer was lost", 3, false, true, 500, 4000,
	 50, 500},
	{"stalls, then happens", 1, false, true, 5, 60, 600000, 600000},
	{"stalls", 1, true, true, 0, 0, 600000, 600000},
};

static const struct fate fate_good = {
	"well", 0, false, false, 5, 60, 61, 90,
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
	perform_fn *callback = performance->callback;

	if (performance->deaf) {
		performance->outcome = PERFORM_UNKNOWN;
		snprintf(performance->text, sizeof(performance->text),
			 "the answer was lost");
	}
	if (callback && !disk_is_dead()) {
		static const char *const names[] = {"done", "failed", "unknown"};

		trace_say("effect", "answer to %.40s: %s, %s",
			  performance->effect.request,
			  names[performance->outcome], performance->text);
		callback(performance->data, performance->outcome,
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

	performance->dropped = fate->dropped;
	performance->deaf = fate->deaf;
	/* a limit that passes is an answer that was lost */
	if (answers > limit) {
		answers = limit;
		performance->deaf = true;
	}
	trace_say("effect", "sent to %s: %.60s (goes %s)",
		  performance->effect.target, performance->effect.request,
		  fate->name);
	performance->timers = 2;
	vloop_after(sim.loop, arrives, performer_arrive, performance);
	vloop_after(sim.loop, answers, performer_answer, performance);
}

int perform_start(struct reach *reach, const struct effect *effect,
		  perform_fn *callback, void *data, struct performance **ret,
		  struct error *err)
{
	struct performance *performance;

	(void)reach;
	/* the dead send nothing; whatever they believe is forgotten with them */
	if (disk_is_dead())
		return error_set(err, ERR_UNREACHABLE, NULL, "dead");
	properties_sent(effect);
	performance = calloc(1, sizeof(*performance));
	if (!performance)
		return error_nomem(err);
	performer_copy_effect(performance, effect);
	performance->callback = callback;
	performance->data = data;
	performance->next = performer_list;
	performer_list = performance;
	performer_send(performance);
	*ret = performance;
	return 0;
}

void perform_abandon(struct performance *performance)
{
	if (performance)
		performance->callback = NULL;
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
