/*
 * A descriptor that is written to without ever waiting for whoever reads it: a
 * slow line, a stopped terminal, a pager. What is not taken now is kept, and
 * sent on by the loop as soon as it is.
 *
 * The descriptor's own mode is left alone, for it is shared with the shell: a
 * terminal or a pipe is opened a second time. Where that is not allowed, and
 * there alone, a write may wait.
 */
#ifndef CUTOVER_NET_OUTLET_H
#define CUTOVER_NET_OUTLET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"

struct loop;
struct outlet;

/* fd is borrowed. drained(data), which may be NULL, is called from the loop
 * when all that had been kept has been taken. ERR_NOMEM. */
int outlet_open(struct loop *loop, int fd, void (*drained)(void *data),
		void *data, struct outlet **ret, struct error *err);
/* Sends the bytes, or keeps them. ERR_NOMEM: they are lost; ERR_IO: nobody
 * will read any more. */
int outlet_put(struct outlet *outlet, const void *bytes, size_t len);
/* Has all been taken that was put? Tries once more. */
bool outlet_is_drained(struct outlet *outlet);
/* A stream that puts what is written to it; the caller closes it, before the
 * outlet. NULL: out of memory. */
FILE *outlet_stream(struct outlet *outlet);
/* Waits while what was kept is being taken: until nothing was for patience_ms,
 * or, with OUTLET_ALL, until all was or a signal ends the process, blocked or
 * not. False: the rest was thrown away. */
#define OUTLET_ALL (-1)
bool outlet_settle(struct outlet *outlet, int patience_ms);
/* Throws away what is kept; takes NULL. */
void outlet_close(struct outlet *outlet);

#endif
