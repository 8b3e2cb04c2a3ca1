/* The judging of a rehearsal by the criteria of debrief.h; debrief.c uses
 * this. */
#ifndef CUTOVER_REPORT_DEBRIEF_SCORE_H
#define CUTOVER_REPORT_DEBRIEF_SCORE_H

#include "report/debrief.h"

/* Fills marks, score and what caps it from all the rest. */
void debrief_judge(struct debrief *debrief);

#endif
