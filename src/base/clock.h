/*
 * Time. Durations and instants are monotonic milliseconds in int64_t; wall
 * time is only for records that people read.
 */
#ifndef CUTOVER_BASE_CLOCK_H
#define CUTOVER_BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

/* Milliseconds that only go forward, the time that the machine slept included:
 * after a closed lid every fact is as old as it is for everybody else. */
int64_t clock_mono_ms(void);
/* A moment of that clock for a condition variable, which knows CLOCK_MONOTONIC
 * only and must be set to it. */
struct timespec clock_until(int64_t mono_ms);
/* Milliseconds since 1970, UTC. */
int64_t clock_wall_ms(void);

#define CLOCK_STAMP_MAX 32

/* "2026-11-23T14:03:20.123Z". */
void clock_stamp(int64_t wall_ms, char dst[CLOCK_STAMP_MAX]);
/* "14:03:20" in local time. */
void clock_hms(int64_t wall_ms, char dst[CLOCK_STAMP_MAX]);
/* Reads what clock_stamp wrote; 0 or ERR_SYNTAX. */
int clock_parse_stamp(const char *text, int64_t *ret_wall_ms);

/* "850 ms", "2.3 s", "1:05.0", "1:02:03": for people. */
void clock_duration(int64_t ms, char dst[CLOCK_STAMP_MAX]);
/* Reads "250ms", "10s", "2m", "1h"; 0, ERR_SYNTAX or ERR_LIMIT (over 30 days). */
int clock_parse_duration(const char *text, int64_t *ret_ms);

#endif
