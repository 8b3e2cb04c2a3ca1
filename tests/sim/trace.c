/* See trace.h. */
#include "trace.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/clock.h"

static bool trace_wanted;

void trace_on(bool on)
{
	trace_wanted = on;
}

void trace_say(const char *who, const char *format, ...)
{
	va_list args;

	if (!trace_wanted)
		return;
	printf("%9.3f  %-7s ", (double)clock_mono_ms() / 1000, who);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
}
