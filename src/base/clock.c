/*
 * Where time comes from, and nothing else: a program that must live on another
 * clock puts its own three functions here. See clock.h.
 */
#include "base/clock.h"

#include <time.h>

static int64_t clock_read_ms(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t clock_mono_ms(void)
{
	return clock_read_ms(CLOCK_MONOTONIC);
}

int64_t clock_boot_ms(void)
{
#ifdef CLOCK_BOOTTIME
	return clock_read_ms(CLOCK_BOOTTIME);
#else
	return clock_read_ms(CLOCK_MONOTONIC);
#endif
}

int64_t clock_wall_ms(void)
{
	return clock_read_ms(CLOCK_REALTIME);
}
