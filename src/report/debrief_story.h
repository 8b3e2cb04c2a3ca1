/* What happened behind the scenes, beside what the operator saw and did, in
 * the order of the clock; debrief_tell.c uses this. */
#ifndef CUTOVER_REPORT_DEBRIEF_STORY_H
#define CUTOVER_REPORT_DEBRIEF_STORY_H

#include "report/debrief.h"
#include "report/page.h"

/* Nothing, if there was no scene. */
void debrief_story(struct page *page, const struct debrief *debrief,
		   const json_t *records);

#endif
