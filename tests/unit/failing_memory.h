/*
 * A memory that fails: of the allocations of the thread that asked for it, the
 * Nth, or the Nth and all that follow. SQLite's way: N = 1, 2, 3 ... until
 * nothing failed; each time the answer is right or it is ERR_NOMEM, and nothing
 * leaks.
 *
 * The program that links this defines malloc and its kin, which stand before
 * libc's also for the libraries. AddressSanitizer has to be malloc itself:
 * there the linker wraps the calls of our own objects (FAILING_MEMORY_FLAGS
 * in Makefile.am) and Jansson is handed the same functions, so that libyaml's,
 * curl's and OpenSSL's do not fail; and leaks are LeakSanitizer's to find, at
 * the end, with the place they come from.
 */
#ifndef CUTOVER_TESTS_FAILING_MEMORY_H
#define CUTOVER_TESTS_FAILING_MEMORY_H

#include <stdbool.h>

#include "base/error.h"

#define FAILING_MEMORY_CALLS_MAX 50000  /* more than any case takes */

/* From here on this thread's call-th allocation fails (1: the next one; 0:
 * none), lasting: all after it as well. What is held is counted anew. */
void failing_memory_begin(long call, bool lasting);
/* Memory is there again; what is held is counted on. True if any failed. */
bool failing_memory_end(void);
/* What was allocated since the beginning and is not freed. */
long failing_memory_held(void);

/* One thing that is tried with each of its allocations failing. */
struct failing_case {
	const char *name;
	void *data;
	/* What is tried; 0 or an error code. */
	int (*act)(void *data, struct error *err);
	/* With memory again, after each try (it failed: ERR_NOMEM, or came
	 * through: expected): asserts what must be true, gives back whatever
	 * act left. May be NULL. */
	void (*check)(void *data, int code);
	int expected;           /* what act returns while nothing fails */
	long stride;            /* only every stride-th allocation; 0 as 1 */
};

/*
 * Tries the case until it comes through without a failure, first with single
 * failures, then with lasting ones. Fails the test at another code than the two
 * allowed ones, a try that holds something at its end, or a last one that does
 * not end as expected. The case may have run before without a failure: what
 * libraries set up for good at their first use is no leak. Returns how many
 * allocations the case makes.
 */
long failing_memory_try(const struct failing_case *that);

#endif
