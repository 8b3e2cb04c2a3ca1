/*
 * The line-by-line front end: for dumb terminals, screen readers, logs and
 * tests. It prints what changed, the important word first, and reads answers
 * from a descriptor without ever blocking. It moves no cursor.
 *
 * Use: plain_open, conduct_open with plain_listener, plain_attach, loop_run,
 * conduct_close, plain_close, loop_close. When the run has ended it stops the
 * loop itself.
 */
#ifndef CUTOVER_PLAIN_PLAIN_H
#define CUTOVER_PLAIN_PLAIN_H

#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"
#include "conduct/conduct.h"

struct loop;
struct plain;

struct plain_options {
	FILE *out;              /* borrowed; only its descriptor is written to */
	int in_fd;              /* answers; borrowed, left as it is */
	bool autopilot;         /* confirms by itself (rehearsals only) */
};

/*
 * Takes SIGINT, SIGTERM and SIGHUP on the loop (all three park the run) and
 * watches in_fd. To be called before threads are started. ERR_NOMEM, ERR_LIMIT,
 * ERR_IO.
 */
int plain_open(struct loop *loop, const struct plain_options *options,
	       struct plain **ret, struct error *err);
/* What conduct_open wants; valid until plain_close. */
const struct conduct_listener *plain_listener(struct plain *plain);
/* Names the run to be shown; before the loop turns. Borrowed until the loop
 * has stopped. */
void plain_attach(struct plain *plain, struct conductor *conductor);
/* Waits for whoever reads slowly, or for a signal; takes NULL. */
void plain_close(struct plain *plain);

#endif
