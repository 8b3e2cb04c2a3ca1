/*
 * Is what an action does in place? Asked when its answer was lost, and when a
 * run is gone on with: the world knows better than the journal. Green: it is.
 * Red: it is not (and may still come). Unknown: no usable fact, or a kind of
 * action that leaves nothing that could be looked at: SQL of the runbook's own,
 * a request, work by hand.
 */
#ifndef CUTOVER_OBSERVE_PRESENCE_H
#define CUTOVER_OBSERVE_PRESENCE_H

#include <stdbool.h>

#include "observe/condition.h"

/* verb: the part of the action that one effect is (enum db_verb); -1: all. */
void presence_judge(const struct action *action, int verb,
		    const struct condition_context *context,
		    struct verdict *ret);

/* Can actions of this kind be looked at at all? */
bool presence_is_visible(enum action_kind kind);
/* Do both change the same thing, so that the later one hides the earlier? */
bool presence_same_subject(const struct action *a, const struct action *b);

#endif
