/* The records of the journal that are safe, and questions about them. */
#ifndef CUTOVER_SIM_RECORD_H
#define CUTOVER_SIM_RECORD_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RECORDS_MAX 20000

void records_open(const char *path);
void records_close(void);
/* Reads on, up to so many bytes of the file; fresh(record) for each. */
void records_read(int64_t bytes, void (*fresh)(size_t index));
/* The file was cut: forgets what lies beyond. */
void records_cut(int64_t bytes);

size_t records_count(void);
const json_t *record_at(size_t index);
const char *record_event(size_t index);
bool record_is(size_t index, const char *event);
/* The virtual time at which it was written. */
int64_t record_ms(size_t index);
/* Is it about that step, or its undo? */
bool record_about(size_t index, const char *step, bool undo);
/* The last record of that event before `before`; -1: none. */
long record_last(const char *event, size_t before);
/* The last one that is about that step or its undo; -1. */
long record_last_about(const char *event, size_t before, const char *step,
		       bool undo);

#endif
