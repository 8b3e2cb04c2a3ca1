/*
 * From actions to effects: exactly what will be sent, decided before it is
 * shown. Pure but for a manifest that is read from its file.
 */
#ifndef CUTOVER_PERFORM_PLAN_H
#define CUTOVER_PERFORM_PLAN_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"
#include "perform/effect.h"
#include "runbook/model.h"

struct db_server;
struct kube_deployment;
struct kube_service;
struct reach;

/* What a plan must know of the world; each answers NULL for "not known yet". */
struct plan_world {
	void *data;
	const struct db_server *(*server)(void *data, const char *connection);
	const struct kube_service *(*service)(void *data, const char *name);
	const struct kube_deployment *(*deployment)(void *data,
						    const char *name);
};

enum plan_mood {
	PLAN_NOW,               /* to be sent now */
	PLAN_AHEAD,             /* to be armed: a request is its gist */
	PLAN_UNDO,              /* on the way back: no resourceVersion is asked for,
				   since the last word is ours */
};

/*
 * Plans the effects of a list of actions, all text in the arena. Where an
 * action cannot be planned now, ret->problem says why and ret holds what comes
 * before it. ERR_NOMEM only.
 */
int plan_actions(const struct reach *reach, const struct plan_world *world,
		 const struct actions *actions, enum plan_mood mood,
		 struct arena *arena, struct effects *ret, struct error *err);

#endif
