/*
 * The loop and the clock of a simulated world: no time passes but from one
 * timer to the next. vloop.c defines what net/loop.h and base/clock.h promise,
 * as far as engine, conductor and journal use it; the world's own events are
 * timers of the same loop.
 */
#ifndef CUTOVER_SIM_VLOOP_H
#define CUTOVER_SIM_VLOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "net/loop.h"

#define VLOOP_EPOCH_MS INT64_C(1790000000000)   /* wall time at 0 */

/* An empty loop; its clock stands at 1 s. There is one at a time. */
struct loop *vloop_open(void);
/* Drops all timers that are left. */
void vloop_close(struct loop *loop);
/* Lets the next timer run, at its time; false: there is none. */
bool vloop_step(struct loop *loop);
/* Once, after delay_ms: for the world, which never cancels. */
void vloop_after(struct loop *loop, int64_t delay_ms, void (*fn)(void *data),
		 void *data);

#endif
