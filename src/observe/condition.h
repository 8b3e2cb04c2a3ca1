/*
 * A condition held against the facts: a verdict with the live values in it.
 * Pure. Guards and checks of every kind are judged here and nowhere else.
 */
#ifndef CUTOVER_OBSERVE_CONDITION_H
#define CUTOVER_OBSERVE_CONDITION_H

#include <stdint.h>

#include "observe/facts.h"
#include "observe/verdict.h"
#include "runbook/model.h"

struct condition_context {
	const struct facts *facts;
	int64_t now_ms;
	/* Facts observed before this are unknown: they may not show yet what the
	 * last action did. */
	int64_t not_before_ms;
	/* The position of a connection at the end of the step `since`, or NULL
	 * (engine_position). */
	const char *(*position)(void *data, const char *since,
				const char *connection);
	void *data;
};

/* Fills *ret; a fact that is missing, failed or stale makes it unknown, and
 * the text says which and why. */
void condition_judge(const struct condition *condition,
		     const struct condition_context *context,
		     struct verdict *ret);

/* Does value keep the bound? */
bool compare_holds(const struct compare *compare, int64_t value);
/* "<=", ">=", "=" ... */
const char *compare_sign(enum compare_op op);

#endif
