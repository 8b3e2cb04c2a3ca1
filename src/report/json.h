/* The transcript for programs; report.c uses this. */
#ifndef CUTOVER_REPORT_JSON_H
#define CUTOVER_REPORT_JSON_H

#include <jansson.h>

#include "base/buf.h"
#include "report/fold.h"

/* Appends one object: run (a summary), steps, debrief (debrief_json.h; null for
 * a live run), journal (count, hash), records. Names and values are never
 * translated. The buffer's error says if it went well. */
void report_json(const json_t *records, const struct report_run *run,
		 const char *hash, struct buf *out);

#endif
