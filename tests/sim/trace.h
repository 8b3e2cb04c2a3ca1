/* The readable trace of one seed: virtual time, who, what. */
#ifndef CUTOVER_SIM_TRACE_H
#define CUTOVER_SIM_TRACE_H

#include <stdbool.h>

void trace_on(bool on);
/* who: world, key, fact, effect, record, kill, life. Nothing unless it is on. */
void trace_say(const char *who, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
