/* What report.c, tell.c, tell_gate.c and say.c share; nobody else includes
 * this. */
#ifndef CUTOVER_REPORT_TELL_H
#define CUTOVER_REPORT_TELL_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "report/fold.h"
#include "report/page.h"
#include "report/times.h"

/* Where a telling of the records, one after the other, has come to. Strings
 * and values are borrowed from the records. */
struct tell {
	struct page *page;
	const struct report_run *run;   /* the whole run, folded */
	struct buf line;                /* what is being said */
	char date[TIMES_MAX];           /* of the last event */
	const char *operator_name;      /* at the keyboard now */
	const char *step;               /* of the section begun last; NULL: none */
	bool undo;
	int64_t gate_mono;              /* when its gate opened */
	const json_t *shown;            /* effects that were agreed to last */
	const json_t *way_back;         /* effects shown when the rollback began */
	const char *states[RUNBOOK_ITEMS_MAX];  /* of the guards, once known */
	const char *reasons[RUNBOOK_ITEMS_MAX]; /* of the overridden ones */
};

/* Begins to tell on that page. */
void tell_init(struct tell *tell, struct page *page,
	       const struct report_run *run);
void tell_release(struct tell *tell);
/* Tells one record. */
void tell_record(struct tell *tell, const json_t *record);

/* ---- ways of saying: say.c ----------------------------------------------- */

/* One line, with the time of the record. */
void tell_event(struct tell *tell, const json_t *record, const char *format,
		...) __attribute__((format(printf, 3, 4)));
void tell_heading(struct tell *tell, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void tell_remark(struct tell *tell, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void tell_exact(struct tell *tell, const char *text);
/* The record's positions, one below the other. */
void tell_positions(struct tell *tell, const json_t *record);
enum page_mark tell_mark_of(const char *state);
/* How long it took, as text in dst. */
const char *tell_took(const json_t *record, char dst[TIMES_MAX]);

/* ---- at a gate: tell_gate.c ---------------------------------------------- */

/* All effects of a list, numbered, in full; each with its step, if it has. */
void tell_effects(struct tell *tell, const json_t *effects);
/* Is the effect, target and request, one of those? */
bool tell_is_among(const json_t *effects, const json_t *sent);

void tell_gate_opened(struct tell *tell, const json_t *record);
void tell_guard_changed(struct tell *tell, const json_t *record);
void tell_gate_confirmed(struct tell *tell, const json_t *record);
void tell_gate_overridden(struct tell *tell, const json_t *record);
void tell_gate_armed(struct tell *tell, const json_t *record);
void tell_gate_disarmed(struct tell *tell, const json_t *record);

#endif
