/*
 * Inside plan.c: one planner a kind of action; each adds one effect or several
 * to the list, or notes why it cannot. All return 0 or ERR_NOMEM.
 */
#ifndef CUTOVER_PERFORM_PLANNING_H
#define CUTOVER_PERFORM_PLANNING_H

#include "perform/plan.h"

#define PLAN_EACH_MAX 4         /* more effects than any one action has */

struct planning {
	const struct reach *reach;
	const struct plan_world *world;
	enum plan_mood mood;
	struct arena *arena;
	struct effects *effects;
	size_t room;                    /* for so many of them */
	const struct action *action;    /* at hand */
	size_t index;
	struct error *err;
};

typedef int plan_fn(struct planning *plan);

/* Notes why the action cannot be planned (text NULL: memory is out). */
int plan_problem(struct planning *plan, const char *text);
/* The next effect of the list, its common parts filled in; NULL: no memory. */
struct effect *plan_add(struct planning *plan, enum effect_kind kind,
			const char *connection);

/* plan_kube.c */
plan_fn plan_patch_deployment;
plan_fn plan_patch_service;
plan_fn plan_scale;
plan_fn plan_delete;
plan_fn plan_create;
int plan_flag_configmap(struct planning *plan,
			const struct runbook_connection *flag);

#endif
