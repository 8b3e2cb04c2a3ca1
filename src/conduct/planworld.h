/* What plans must know of the world, out of the facts. */
#ifndef CUTOVER_CONDUCT_PLANWORLD_H
#define CUTOVER_CONDUCT_PLANWORLD_H

#include "observe/facts.h"
#include "perform/plan.h"

/* Lives as long as the facts. */
struct plan_world planworld_of(const struct facts *facts);

#endif
