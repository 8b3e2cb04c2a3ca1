/*
 * Where a run stood between two of its records: at a gate, acting, STUCK, and
 * so on, as the engine had it. What the debrief says of somebody's time rests
 * on it. A fold over the run's records.
 */
#ifndef CUTOVER_REPORT_DEBRIEF_PHASE_H
#define CUTOVER_REPORT_DEBRIEF_PHASE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum debrief_at {
	DEBRIEF_BETWEEN,        /* steps; or before the first */
	DEBRIEF_AT_GATE,
	DEBRIEF_ACTING,
	DEBRIEF_CHECKING,
	DEBRIEF_STUCK,
};

struct debrief_phase {
	enum debrief_at at;
	bool parked;            /* there */
	bool back;              /* on the way back */
	size_t effects;         /* of the deed at hand */
	bool sent;              /* the first of them, perhaps in vain */
};

/* All 0 before the first record. */
void debrief_phase_fold(struct debrief_phase *phase, const json_t *record);

#endif
