/*
 * How long users' requests failed, to the microsecond.
 *
 * Requests are reported in the order in which they ended. An outage begins
 * with the first request that fails after one that succeeded: at that failed
 * request's start, but not before the end of the last success. It ends at the
 * end of the first success after it. The sum of all outages is what `outage:`
 * prints; one that is still open counts up to the time of asking. Pure.
 */
#ifndef CUTOVER_REHEARSAL_OUTAGE_H
#define CUTOVER_REHEARSAL_OUTAGE_H

#include <stdbool.h>
#include <stdint.h>

/* All zeroes is the state before the first request. */
struct outage {
	bool open;              /* failing now */
	int64_t begun_us;       /* of the open outage */
	int64_t last_success_us;
	int64_t closed_us;      /* sum of the outages that are over */
	uint64_t failures;
	uint64_t successes;
};

void outage_success(struct outage *outage, int64_t end_us);
void outage_failure(struct outage *outage, int64_t start_us, int64_t end_us);
int64_t outage_total_us(const struct outage *outage, int64_t now_us);

#endif
