/*
 * A thread that does one thing at a time for the one that asks, who waits as
 * long as it likes and no longer: a disk that does not answer must not hold up
 * a loop. Not for two askers at once.
 */
#ifndef CUTOVER_JOURNAL_WRITER_H
#define CUTOVER_JOURNAL_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct writer;

#define WRITER_AS_LONG_AS_IT_TAKES (-1)

/* work(data, err) is what it does at each turn. ERR_NOMEM. */
int writer_open(int (*work)(void *data, struct error *err), void *data,
		struct writer **ret, struct error *err);
/* Begins; nothing may be under way. */
void writer_begin(struct writer *writer);
/* True once it is done; waits so many milliseconds for that. */
bool writer_wait(struct writer *writer, int64_t ms);
/* What it returned, with its error; it must be done. */
int writer_result(const struct writer *writer, struct error *err);
/* Waits for what is under way; takes NULL. */
void writer_close(struct writer *writer);

#endif
