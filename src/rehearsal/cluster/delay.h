/*
 * Requests that are held back: each connection is suspended and resumed when
 * its time has come, by a thread that exists once the first one has come.
 */
#ifndef CUTOVER_REHEARSAL_DELAY_H
#define CUTOVER_REHEARSAL_DELAY_H

#include <microhttpd.h>
#include <stdint.h>

struct delay;

#define DELAY_MAX 4096          /* requests held at once */

/* NULL when memory is out. */
struct delay *delay_new(void);
/* No connection may be held. Takes NULL. */
void delay_free(struct delay *delay);

/* Suspends the connection for ms. 0, or -1: there is no room or no thread, and
 * the request should be served at once. libmicrohttpd's thread. */
int delay_hold(struct delay *delay, struct MHD_Connection *connection,
	       int64_t ms);
/* Resumes all, now. */
void delay_hurry(struct delay *delay);
/* delay_hurry, and holds no more until delay_open: a daemon can't be
 * stopped while a connection is suspended. */
void delay_close(struct delay *delay);
void delay_open(struct delay *delay);

#endif
