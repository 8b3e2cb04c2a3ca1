/* See failing_memory.h. The counters belong to a thread: a server thread of a
 * test, or a database's worker, is not struck. */
#include "failing_memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static _Thread_local struct {
	bool counting;          /* what is held */
	bool striking;
	bool lasting;
	bool hit;
	long due;               /* how many calls until the one that fails */
	long held;
} memory;

static bool memory_fails(void)
{
	if (!memory.striking)
		return false;
	if (memory.due > 0 && --memory.due == 0)
		memory.hit = true;
	else if (!memory.hit || !memory.lasting)
		return false;
	errno = ENOMEM;
	return true;
}

static void *memory_note(void *got)
{
	memory.held += memory.counting && got;
	return got;
}

static void memory_forget(const void *given)
{
	memory.held -= memory.counting && given;
}

void failing_memory_begin(long call, bool lasting)
{
	memory.due = call;
	memory.lasting = lasting;
	memory.hit = false;
	memory.held = 0;
	memory.counting = true;
	memory.striking = call > 0;
}

bool failing_memory_end(void)
{
	memory.striking = false;
	return memory.hit;
}

/* ---- before libc's ------------------------------------------------------- */

#ifndef __SANITIZE_ADDRESS__

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void __libc_free(void *old);

#define SHIM(name) name
#define REAL(name) __libc_##name

long failing_memory_held(void)
{
	return memory.held;
}

#else

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void __real_free(void *old);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
void __wrap_free(void *old);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t len);

#define SHIM(name) __wrap_##name
#define REAL(name) __real_##name

/* Much is given back by a library's own free: not to be counted here. */
long failing_memory_held(void)
{
	return 0;
}

char *__wrap_strndup(const char *text, size_t len)
{
	size_t size = strnlen(text, len);
	char *copy = __wrap_malloc(size + 1);

	if (!copy)
		return NULL;
	memcpy(copy, text, size);
	copy[size] = '\0';
	return copy;
}

char *__wrap_strdup(const char *text)
{
	return __wrap_strndup(text, SIZE_MAX);
}

__attribute__((constructor)) static void memory_reach_jansson(void)
{
	json_set_alloc_funcs(__wrap_malloc, __wrap_free);
}

#endif

void *SHIM(malloc)(size_t size)
{
	return memory_fails() ? NULL : memory_note(REAL(malloc)(size));
}

void *SHIM(calloc)(size_t count, size_t size)
{
	return memory_fails() ? NULL : memory_note(REAL(calloc)(count, size));
}

void *SHIM(realloc)(void *old, size_t size)
{
	if (memory_fails())
		return NULL;
	return old ? REAL(realloc)(old, size)
		   : memory_note(REAL(realloc)(old, size));
}

void SHIM(free)(void *old)
{
	memory_forget(old);
	REAL(free)(old);
}

/* ---- trying -------------------------------------------------------------- */

/* True when nothing failed: the case came through. */
static bool memory_try_once(const struct failing_case *that, long call,
			    bool lasting)
{
	struct error err = {0};
	bool hit;
	int code;

	failing_memory_begin(call, lasting);
	code = that->act(that->data, &err);
	hit = failing_memory_end();
	if (code != that->expected && (!hit || code != ERR_NOMEM))
		fail_msg("%s: allocation %ld%s: %d: %s", that->name, call,
			 lasting ? " and on" : "", code, err.message);
	if (that->check)
		that->check(that->data, code);
	memory.counting = false;
	if (failing_memory_held())
		fail_msg("%s: allocation %ld%s: %ld more held than before",
			 that->name, call, lasting ? " and on" : "",
			 failing_memory_held());
	return !hit;
}

static long memory_try_all(const struct failing_case *that, bool lasting)
{
	long stride = that->stride ? that->stride : 1;
	long call = 1;

	while (!memory_try_once(that, call, lasting)) {
		call += stride;
		if (call > FAILING_MEMORY_CALLS_MAX)
			fail_msg("%s: never comes through", that->name);
	}
	return call - 1;
}

long failing_memory_try(const struct failing_case *that)
{
	long single = memory_try_all(that, false);
	long lasting = memory_try_all(that, true);

	/* a single failure may be got over, so that more is asked for */
	if (single < 1 || lasting < 1)
		fail_msg("%s: nothing was allocated", that->name);
	return single;
}
