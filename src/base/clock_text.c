/* Times and durations as text, and back; see clock.h. */
#include "base/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/error.h"
#include "base/text.h"

void clock_stamp(int64_t wall_ms, char dst[CLOCK_STAMP_MAX])
{
	time_t seconds = (time_t)(wall_ms / 1000);
	struct tm tm;
	size_t used;

	gmtime_r(&seconds, &tm);
	used = strftime(dst, CLOCK_STAMP_MAX, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(dst + used, CLOCK_STAMP_MAX - used, ".%03dZ",
		 (int)(wall_ms % 1000));
}

void clock_hms(int64_t wall_ms, char dst[CLOCK_STAMP_MAX])
{
	time_t seconds = (time_t)(wall_ms / 1000);
	struct tm tm;

	localtime_r(&seconds, &tm);
	strftime(dst, CLOCK_STAMP_MAX, "%H:%M:%S", &tm);
}

int clock_parse_stamp(const char *text, int64_t *ret_wall_ms)
{
	struct tm tm = {0};
	int ms = 0, used = 0;

	if (sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d.%3dZ%n", &tm.tm_year,
		   &tm.tm_mon, &tm.tm_mday, &tm.tm_hour, &tm.tm_min, &tm.tm_sec,
		   &ms, &used) != 7 || text[used])
		return ERR_SYNTAX;
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	*ret_wall_ms = (int64_t)timegm(&tm) * 1000 + ms;
	return 0;
}

void clock_duration(int64_t ms, char dst[CLOCK_STAMP_MAX])
{
	int64_t tenths = ms / 100;

	if (ms < 1000)
		snprintf(dst, CLOCK_STAMP_MAX, "%" PRId64 " ms", ms);
	else if (ms < 60000)
		snprintf(dst, CLOCK_STAMP_MAX, "%" PRId64 ".%d s", tenths / 10,
			 (int)(tenths % 10));
	else if (ms < 3600000)
		snprintf(dst, CLOCK_STAMP_MAX, "%d:%02d.%d", (int)(ms / 60000),
			 (int)(ms / 1000 % 60), (int)(tenths % 10));
	else
		snprintf(dst, CLOCK_STAMP_MAX, "%" PRId64 ":%02d:%02d",
			 ms / 3600000, (int)(ms / 60000 % 60),
			 (int)(ms / 1000 % 60));
}

int clock_parse_duration(const char *text, int64_t *ret_ms)
{
	static const struct {
		const char *unit;
		int64_t ms;
	} units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}};
	const int64_t most = INT64_C(30) * 24 * 3600000;
	size_t digits = strspn(text, "0123456789");
	char number[24];
	int64_t value;

	if (!digits || digits >= sizeof(number))
		return ERR_SYNTAX;
	memcpy(number, text, digits);
	number[digits] = '\0';
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(text + digits, units[i].unit) != 0)
			continue;
		if (text_parse_int(number, 0, most / units[i].ms, &value))
			return ERR_LIMIT;
		*ret_ms = value * units[i].ms;
		return 0;
	}
	return ERR_SYNTAX;
}
