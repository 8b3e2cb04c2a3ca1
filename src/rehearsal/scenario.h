/*
 * A scenario: what goes wrong in a rehearsal and when, what the operator is
 * told beforehand, what a good one does, and the par to be measured by. YAML,
 * read with runbook/'s reader, so that every problem has its place.
 *
 * Plain data once loaded.
 */
#ifndef CUTOVER_REHEARSAL_SCENARIO_H
#define CUTOVER_REHEARSAL_SCENARIO_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "rehearsal/deeds.h"

struct error;
struct runbook;
struct runbook_problems;

#define SCENARIO_RUNBOOK "aurora-cutover"       /* unless it names another */

/* What an entry of the timeline waits for. */
enum scenario_trigger {
	TRIGGER_NONE,
	TRIGGER_TIME,           /* since the world was ready */
	TRIGGER_GATE,           /* that step's gate opens */
	TRIGGER_CONFIRMED,
	TRIGGER_ACTION,         /* its first effect is about to be sent */
	TRIGGER_DONE,
	TRIGGER_ROLLBACK,       /* the way back is begun, wherever */
	TRIGGER_DEED,
};

struct scenario_entry {
	enum scenario_trigger on;
	const char *step;               /* its label or id */
	int64_t time_ms;
	enum deeds_kind deed;
	int64_t after_ms;               /* after what it waits for */
	const char *fault;              /* begun; NULL: none */
	json_t *with;                   /* its parameters; may be NULL */
	int64_t for_ms;                 /* until it is cleared; 0: no such time */
	const char *clear;              /* a fault to clear; NULL: none */
	const char *tell;               /* NULL: nothing */
};

struct scenario {
	struct runbook *owner;          /* of all memory here */
	const char *name, *title, *briefing, *runbook;
	int64_t pods, heartbeat_ms, start_delay_ms;     /* -1: not said */
	int flag;                       /* 0 http, 1 configmap; -1: not said */
	struct scenario_entry *timeline;
	size_t timeline_count;
	const char **good;
	size_t good_count;
	struct {
		const char *result;     /* completed, rolled-back, either */
		int64_t outage_ms;      /* -1: none */
		int64_t overrides;
	} par;
};

/* 0, and the caller owns *ret (scenario_free). ERR_INVALID: problems tells all
 * that is wrong, err how much. Otherwise err tells. */
int scenario_load(const char *path, struct scenario **ret,
		  struct runbook_problems *problems, struct error *err);
/* Takes NULL. */
void scenario_free(struct scenario *scenario);

/* What the operator may know: {"scenario", "title", "briefing", "runbook",
 * "good", "par"}. And what it wants of the runbook and the world that it is
 * played in: "steps", the ids and labels that its timeline waits for, and
 * "flag_fault", one of its faults that is a flag service's, or null. A new
 * value, NULL without memory. */
json_t *scenario_describe(const struct scenario *scenario);

#endif
