/*
 * Where time comes from, and nothing else: a program that must live on another
 * clock puts its own functions here. See clock.h.
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
#ifdef CLOCK_BOOTTIME
	return clock_read_ms(CLOCK_BOOTTIME);
#else
	return clock_read_ms(CLOCK_MONOTONIC);
#endif
}

struct timespec clock_until(int64_t mono_ms)
{
	int64_t at = clock_read_ms(CLOCK_MONOTONIC) + mono_ms - clock_mono_ms();

	if (at < 0)
		at = 0;
	return (struct timespec){.tv_sec = (time_t)(at / 1000),
				 .tv_nsec = (long)(at % 1000) * 1000000};
}

int64_t clock_wall_ms(void)
{
	return clock_read_ms(CLOCK_REALTIME);
}
