/* What must be said without being asked: the clock, two writers, the Lease, a
 * journal that cannot be written. */
#ifndef CUTOVER_PLAIN_ALARMS_H
#define CUTOVER_PLAIN_ALARMS_H

#include "plain/print.h"

/* What was said already; begins zeroed. */
struct alarms {
	int percent;            /* of the budget */
	int way_back_percent;   /* of the way back's */
	bool two_writers;
	enum conduct_unwritten unwritten;
	bool lease_calm;        /* nothing is wrong with it, as last said */
	uint64_t lease_version;
};

/* Says what has become true since the last call. True: something did. */
bool alarms_say(struct alarms *alarms, const struct printer *printer,
		const struct view_input *input);
/* The clock alone, which needs no facts. */
bool alarms_say_clock(struct alarms *alarms, const struct printer *printer,
		      const struct view_input *input);
/* Somebody else has said how far it is. */
void alarms_know_clock(struct alarms *alarms, const struct view_input *input);

#endif
