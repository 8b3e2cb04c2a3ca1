/* What a debrief says about time, and what its parts on a page share;
 * debrief_tell.c uses this. */
#ifndef CUTOVER_REPORT_DEBRIEF_TIMES_H
#define CUTOVER_REPORT_DEBRIEF_TIMES_H

#include "report/debrief.h"
#include "report/page.h"

/* All borrowed. */
struct debrief_page {
	struct page *page;
	const struct debrief *debrief;
	const json_t *records;
	bool brief;             /* for a terminal: short */
};

/* What the window was spent on, as a field; nothing if it never closed. */
void debrief_times_window(const struct debrief_page *p);
/* Ahead of earlier rehearsals or behind, as a field; nothing without any. */
void debrief_times_pace(const struct debrief_page *p);
/* A table of the gates, beside earlier rehearsals if there are any. */
void debrief_times_gates(const struct debrief_page *p);

#endif
