/*
 * Something that a fault does after a while, once or again and again, on a
 * thread of its own.
 */
#ifndef CUTOVER_REHEARSAL_LATER_H
#define CUTOVER_REHEARSAL_LATER_H

#include <stdbool.h>
#include <stdint.h>

struct error;
struct later;

#define LATER_OVER (-1)

/* Calls fn after ms, then again after as many ms as it returned, until that is
 * LATER_OVER. *ret is owned: later_close. ERR_NOMEM, ERR_IO. */
int later_open(struct later **ret, int64_t ms, int64_t (*fn)(void *data),
	       void *data, struct error *err);
/* Whether fn has said that it is over; false for NULL. */
bool later_ended(struct later *later);
/* No call begins any more; waits for one that runs. *later is NULL afterwards;
 * does nothing for NULL. Not from fn. */
void later_close(struct later **later);

#endif
