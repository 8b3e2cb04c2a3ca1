/* See outage.h. */
#include "rehearsal/outage.h"

void outage_success(struct outage *outage, int64_t end_us)
{
	if (outage->open)
		outage->closed_us += end_us - outage->begun_us;
	outage->open = false;
	outage->last_success_us = end_us;
	outage->successes++;
}

void outage_failure(struct outage *outage, int64_t start_us, int64_t end_us)
{
	outage->failures++;
	if (outage->open)
		return;
	outage->open = true;
	outage->begun_us = start_us;
	if (outage->successes && outage->last_success_us > start_us)
		outage->begun_us = outage->last_success_us;
	if (outage->begun_us > end_us)
		outage->begun_us = end_us;
}

int64_t outage_total_us(const struct outage *outage, int64_t now_us)
{
	return outage->closed_us +
	       (outage->open ? now_us - outage->begun_us : 0);
}
