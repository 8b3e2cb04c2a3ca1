/* A debrief on a page. */
#ifndef CUTOVER_REPORT_DEBRIEF_TELL_H
#define CUTOVER_REPORT_DEBRIEF_TELL_H

#include "base/error.h"
#include "report/debrief.h"
#include "report/page.h"

/* All of it, as a part of a transcript. Nothing, if the records (an array) are
 * not those of a rehearsal that came to its end. */
void debrief_tell(struct page *page, const json_t *records);
/* The same for the terminal at the end: what was lost first, and what is well
 * in a word. Appends text of 80 columns to out. 0, ERR_NOMEM, or ERR_LIMIT. */
int debrief_text(const json_t *records, bool ascii, struct buf *out,
		 struct error *err);
/* How rehearsals are judged, likewise. */
int debrief_rules_text(bool ascii, struct buf *out, struct error *err);

#endif
