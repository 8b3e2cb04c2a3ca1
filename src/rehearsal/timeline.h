/*
 * A scenario as it happens: waits for what its entries wait for, begins and
 * clears their faults, and keeps what was done as scenes. Each entry happens
 * once. Main thread.
 */
#ifndef CUTOVER_REHEARSAL_TIMELINE_H
#define CUTOVER_REHEARSAL_TIMELINE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "rehearsal/deeds.h"

struct error;
struct scenario;
struct scenes;
struct stage;
struct timeline;

/* All is borrowed. now_ms (clock_mono_ms): the world is ready. *ret is owned:
 * timeline_close. */
int timeline_open(struct timeline **ret, const struct scenario *scenario,
		  struct stage *stage, struct scenes *scenes, int64_t now_ms,
		  struct error *err);
/* Takes NULL. Faults that it began go on. */
void timeline_close(struct timeline *timeline);

/* What has happened: a record of the run's journal, a deed. */
void timeline_record(struct timeline *timeline, const json_t *record,
		     int64_t now_ms);
void timeline_deed(struct timeline *timeline, enum deeds_kind deed,
		   int64_t now_ms);
/* Does what is due. */
void timeline_tick(struct timeline *timeline, int64_t now_ms);

/* Whether it still waits for a deed that only databases can tell of. */
bool timeline_asks_databases(const struct timeline *timeline);

#endif
