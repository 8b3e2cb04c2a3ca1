/* Guards, judged a second time: from the copies of the world that were handed
 * out, by rules of their own, not by the program's judges. */
#ifndef CUTOVER_SIM_GUARDS_H
#define CUTOVER_SIM_GUARDS_H

#include <stdbool.h>
#include <stdint.h>

#include "runbook/model.h"

/* Is it green by the facts of this moment, none of them older than
 * not_before_ms? Unknown is not green. */
bool guards_is_green(const struct condition *guard, int64_t not_before_ms);

#endif
