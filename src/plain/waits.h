/* What a check waits for: said when it takes long, with what is seen now, and
 * again after twice the time. */
#ifndef CUTOVER_PLAIN_WAITS_H
#define CUTOVER_PLAIN_WAITS_H

#include "plain/print.h"

/* What was said already; begins zeroed. */
struct waits {
	int64_t since;          /* the wait of which; the run's clock */
	int64_t next_ms;        /* into the wait: said again then */
};

/* Says what is true, if its time has come. */
void waits_say(struct waits *waits, const struct printer *printer,
	       const struct view_input *input);

#endif
