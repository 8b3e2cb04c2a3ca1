/* A debrief for programs. */
#ifndef CUTOVER_REPORT_DEBRIEF_JSON_H
#define CUTOVER_REPORT_DEBRIEF_JSON_H

#include <jansson.h>

/* The debrief of those records (an array) as a new object; null, if they are
 * not those of a rehearsal that came to its end; NULL: memory is out. Names and
 * values are never translated, the sentences in why and better are. */
json_t *debrief_json(const json_t *records);

#endif
