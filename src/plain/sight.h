/* What is out of sight: that a database, the cluster or the flag can't be
 * looked at is said without being asked, and when it can again. */
#ifndef CUTOVER_PLAIN_SIGHT_H
#define CUTOVER_PLAIN_SIGHT_H

#include "plain/print.h"

#define SIGHT_THINGS 4

/* What was said already; begins zeroed. */
struct sight {
	struct {
		bool lost;
		int64_t since_ms;       /* seen last; -1: never */
	} things[SIGHT_THINGS];
};

/* Says what has become true since the last call. */
void sight_say(struct sight *sight, const struct printer *printer,
	       const struct view_input *input);

#endif
