/*
 * The observers: keep the facts true. Databases in rounds, the cluster by list
 * and watch, the flag and counted rows by asking. All on the loop's thread;
 * they only ever read.
 */
#ifndef CUTOVER_OBSERVE_OBSERVER_H
#define CUTOVER_OBSERVE_OBSERVER_H

#include <stdbool.h>

#include "base/error.h"
#include "observe/facts.h"
#include "runbook/model.h"

struct observer;
struct reach;

#define OBSERVE_DATABASE_MS 700         /* between rounds, at rest */
#define OBSERVE_FLAG_MS 1000
#define OBSERVE_FRESH_DATABASE_MS 2000  /* older is stale */
#define OBSERVE_FRESH_LONGEST_MS 5000   /* the limit of what takes long to ask */
#define OBSERVE_FRESH_CLUSTER_MS 5000
#define OBSERVE_FRESH_FLAG_MS 5000

/*
 * Begins to observe what the runbook names. changed(data) is called, in a turn
 * of the loop, whenever a fact was brought up to date. reach and runbook are
 * borrowed and must outlive the observer.
 */
int observer_open(struct reach *reach, const struct runbook *runbook,
		  void (*changed)(void *data), void *data,
		  struct observer **ret, struct error *err);
/* Takes NULL. */
void observer_close(struct observer *observer);

/* The facts, with ages brought up to now_ms. Borrowed. */
const struct facts *observer_facts(struct observer *observer, int64_t now_ms);

/*
 * From which place in that database's binlog on are transactions told apart
 * from the provider's heartbeats? From the first round on, unless said so right
 * after observer_open: a run that goes on begins where it left (facts'
 * binlog_place). ERR_INVALID for what is no place.
 */
int observer_trace(struct observer *observer, enum facts_side side,
		   const char *place, struct error *err);

/* While users wait for what is seen next: look more often, and at once. */
void observer_hurry(struct observer *observer, bool hurry);
/* Something was done just now: look at once, whatever the pace is. */
void observer_look_now(struct observer *observer);

#endif
