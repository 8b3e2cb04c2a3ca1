/*
 * What tells the world to end: signals, commands on standard input, a database
 * that has died. One descriptor set, looked at by the main thread only, while
 * it starts things as well as later: an interrupt during the start is obeyed
 * at once.
 */
#ifndef CUTOVER_REHEARSAL_CONTROL_H
#define CUTOVER_REHEARSAL_CONTROL_H

#include <stdbool.h>

#define CONTROL_LINE_MAX 256    /* bytes of one command */

struct error;

enum control_event {
	CONTROL_NOTHING,        /* the time is over */
	CONTROL_FINISH,         /* `finish` on standard input */
	CONTROL_STOP,           /* a signal, or the end of standard input */
	CONTROL_CHILD,          /* a child has changed its state */
};

struct control {
	int signals;            /* signalfd */
	bool reads_commands;    /* standard input counts */
	enum control_event end; /* CONTROL_FINISH or _STOP once seen */
	char line[CONTROL_LINE_MAX];
	unsigned int used;
};

/* Blocks INT, TERM, HUP, CHLD for this thread and all it starts, and ignores
 * PIPE: call it before the first thread. With commands, the program also gets
 * TERM when its parent dies. */
int control_open(struct control *control, bool commands, struct error *err);
void control_close(struct control *control);

/* Waits at most timeout_ms (-1: for ever). FINISH and STOP, once seen, are
 * answered again by every later call, at once. */
enum control_event control_wait(struct control *control, int timeout_ms);

/* As control_wait for a start in progress: ERR_CANCELLED when it shall end,
 * else 0 after timeout_ms or a child's end. */
int control_pause(struct control *control, int timeout_ms, struct error *err);

#endif
