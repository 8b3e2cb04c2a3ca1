/* The judging of a rehearsal by the criteria of debrief.h, and what the judges
 * share; debrief.c uses this. */
#ifndef CUTOVER_REPORT_DEBRIEF_SCORE_H
#define CUTOVER_REPORT_DEBRIEF_SCORE_H

#include "report/debrief.h"

/* Fills marks, score and what caps it from all the rest. */
void debrief_judge(struct debrief *debrief);
void debrief_judge_outage(struct debrief *debrief, struct debrief_mark *mark);

/* The way back was begun before anything called for it: there is a fault to
 * come, or to be met in a window that was never opened. */
bool debrief_is_early(const struct debrief *debrief);

/* Gives that many points (less than none: none), and says why. */
void debrief_why(struct debrief_mark *mark, int points, const char *format,
		 ...) __attribute__((format(printf, 3, 4)));
/* Says what would have been better. */
void debrief_better(struct debrief_mark *mark, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Points on the line from all of them, at full, to none, at none. */
int debrief_line(int weight, int64_t value, int64_t full, int64_t none);

#endif
