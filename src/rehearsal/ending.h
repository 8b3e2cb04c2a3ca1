/*
 * What tells the world to end: signals, commands on standard input, a database
 * that has died. One descriptor set, looked at by the main thread only, while
 * it starts things as well as later: an interrupt during the start is obeyed
 * at once.
 */
#ifndef CUTOVER_REHEARSAL_ENDING_H
#define CUTOVER_REHEARSAL_ENDING_H

#include <stdbool.h>
#include <stdint.h>

#define ENDING_LINE_MAX 256    /* bytes of one command */

struct error;

enum ending_event {
	ENDING_NOTHING,        /* the time is over */
	ENDING_FINISH,         /* `finish` on standard input */
	ENDING_STOP,           /* a signal, or the end of standard input */
	ENDING_CHILD,          /* a child has changed its state */
	ENDING_OTHER,          /* `other` has become readable */
};

struct ending {
	int signals;            /* signalfd */
	bool reads_commands;    /* standard input counts */
	int other;              /* a descriptor that wakes us too; -1: none */
	enum ending_event end; /* ENDING_FINISH or _STOP once seen */
	int64_t detached_ms;    /* it ends then (clock_mono_ms); 0: it is tied to
				   who started it */
	char line[ENDING_LINE_MAX];
	unsigned int used;
};

/* Blocks INT, TERM, HUP, CHLD for this thread and all it starts, and ignores
 * PIPE: call it before the first thread. With commands, the program also gets
 * TERM when its parent dies. */
int ending_open(struct ending *ending, bool commands, struct error *err);
void ending_close(struct ending *ending);

/* From now on it outlives its parent: neither the parent's death nor the end
 * of standard input ends it, nor does a terminal that hangs up; the time does.
 * Standard input and output are let go of. */
int ending_detach(struct ending *ending, int64_t limit_ms, struct error *err);

/* Waits at most timeout_ms (-1: for ever). FINISH and STOP, once seen, are
 * answered again by every later call, at once. */
enum ending_event ending_wait(struct ending *ending, int timeout_ms);

/* As ending_wait for a start in progress: ERR_CANCELLED when it shall end,
 * else 0 after timeout_ms or a child's end. */
int ending_pause(struct ending *ending, int timeout_ms, struct error *err);

#endif
