/*
 * The guards of one gate, and since when each of them shuts it, as the debrief
 * looks at them.
 */
#ifndef CUTOVER_REPORT_DEBRIEF_GUARDS_H
#define CUTOVER_REPORT_DEBRIEF_GUARDS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "runbook/model.h"

struct debrief_guards {
	int64_t shut[RUNBOOK_ITEMS_MAX];        /* since then; -1: it is not */
	bool unknown[RUNBOOK_ITEMS_MAX];        /* it was that, not red */
	bool overridden[RUNBOOK_ITEMS_MAX];     /* shuts no more */
};

/* Nothing of them was seen yet. */
void debrief_guards_fresh(struct debrief_guards *guards);
/* The guard that the record is about, or -1. */
int debrief_guards_about(const json_t *record);
/* It stands as the record says; if that shuts the gate, since then. */
void debrief_guards_turn(struct debrief_guards *guards, int guard,
			 const json_t *record, int64_t since);
void debrief_guards_override(struct debrief_guards *guards, int guard);
/* The one that has been shut for the longest, or -1. */
int debrief_guards_shut(const struct debrief_guards *guards);

#endif
