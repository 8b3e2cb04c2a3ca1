/* Times as a transcript writes them: to the millisecond. */
#ifndef CUTOVER_REPORT_TIMES_H
#define CUTOVER_REPORT_TIMES_H

#include <stddef.h>
#include <stdint.h>

#define TIMES_MAX 32

/* "0.295 s", "12.431 s", "2:03.120", "1:02:03.120"; "-" if negative. */
void times_span(int64_t ms, char dst[TIMES_MAX]);
/* Since the window opened: "T+03.004", "T+112.431"; "" if the window has not
 * opened by then (opened < 0, or mono is before it). */
void times_since(int64_t mono, int64_t opened, char dst[TIMES_MAX]);
#define TIMES_FORESEEN_MAX 160

/* What was foreseen of so many steps, of which some were not measured:
 * "3.200 s", "at least 3.200 s; 2 of 5 steps not measured", "not measured". */
void times_foreseen(int64_t ms, size_t unmeasured, size_t steps,
		    char dst[TIMES_FORESEEN_MAX]);
/* "14:03:25.004" of a stamp "2026-11-23T14:03:25.004Z"; "?" if it is none. */
void times_clock(const char *stamp, char dst[TIMES_MAX]);
/* "2026-11-23" of it. */
void times_date(const char *stamp, char dst[TIMES_MAX]);

#endif
