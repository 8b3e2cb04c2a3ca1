/* See times.h. */
#include "report/times.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"

void times_span(int64_t ms, char dst[TIMES_MAX])
{
	long long whole = ms / 1000;
	int rest = (int)(ms % 1000);

	if (ms < 0)
		snprintf(dst, TIMES_MAX, "-");
	else if (whole < 60)
		snprintf(dst, TIMES_MAX, "%lld.%03d s", whole, rest);
	else if (whole < 3600)
		snprintf(dst, TIMES_MAX, "%lld:%02lld.%03d", whole / 60,
			 whole % 60, rest);
	else
		snprintf(dst, TIMES_MAX, "%lld:%02lld:%02lld.%03d",
			 whole / 3600, whole / 60 % 60, whole % 60, rest);
}

void times_since(int64_t mono, int64_t opened, char dst[TIMES_MAX])
{
	int64_t ms = mono - opened;

	dst[0] = '\0';
	if (opened >= 0 && ms >= 0)
		snprintf(dst, TIMES_MAX, "T+%02lld.%03d",
			 (long long)(ms / 1000), (int)(ms % 1000));
}

void times_foreseen(int64_t ms, size_t unmeasured, size_t steps,
		    char dst[TIMES_FORESEEN_MAX])
{
	char span[TIMES_MAX];

	times_span(ms, span);
	if (!unmeasured)
		snprintf(dst, TIMES_FORESEEN_MAX, "%s", span);
	else if (unmeasured >= steps)
		snprintf(dst, TIMES_FORESEEN_MAX, "%s", _("not measured"));
	else
		snprintf(dst, TIMES_FORESEEN_MAX,
			 ngettext("at least %s; %zu of %zu steps not measured",
				  "at least %s; %zu of %zu steps not measured",
				  unmeasured), span, unmeasured, steps);
}

/* The stamp is what clock_stamp wrote, or nothing is taken from it. */
static void times_part(const char *stamp, size_t from, size_t len,
		       char dst[TIMES_MAX])
{
	int64_t ms;

	if (clock_parse_stamp(stamp, &ms) || strlen(stamp) != 24)
		snprintf(dst, TIMES_MAX, "?");
	else
		snprintf(dst, TIMES_MAX, "%.*s", (int)len, stamp + from);
}

void times_clock(const char *stamp, char dst[TIMES_MAX])
{
	times_part(stamp, 11, 12, dst);
}

void times_date(const char *stamp, char dst[TIMES_MAX])
{
	times_part(stamp, 0, 10, dst);
}
