/* See debrief_phase.h. It follows src/engine/fold_*.c, but takes what it gets:
 * a journal may be an older version's. */
#include "report/debrief_phase.h"

#include <stdint.h>
#include <string.h>

#include "base/json.h"
#include "journal/event.h"

static void phase_gate(struct debrief_phase *phase, const json_t *record)
{
	(void)record;
	phase->at = DEBRIEF_AT_GATE;
}

static void phase_confirmed(struct debrief_phase *phase, const json_t *record)
{
	phase->effects = json_array_size(json_at(record, "effects"));
	if (!json_flag(record, "retry", false))
		phase->sent = false;
	phase->at = phase->effects && !json_flag(record, "only_wait", false) ?
		DEBRIEF_ACTING : DEBRIEF_CHECKING;
}

static void phase_intended(struct debrief_phase *phase, const json_t *record)
{
	(void)record;
	phase->sent = true;
	phase->at = DEBRIEF_ACTING;
}

/* Was the effect that the record is about the last one of its deed? */
static bool phase_is_last(const struct debrief_phase *phase,
			  const json_t *record)
{
	return json_number(record, "action", 0) + 1 >= (int64_t)phase->effects;
}

static void phase_done(struct debrief_phase *phase, const json_t *record)
{
	if (phase_is_last(phase, record))
		phase->at = DEBRIEF_CHECKING;
}

static void phase_trouble(struct debrief_phase *phase, const json_t *record)
{
	(void)record;
	phase->sent = true;
	if (phase->at == DEBRIEF_ACTING || phase->at == DEBRIEF_CHECKING)
		phase->at = DEBRIEF_STUCK;
}

/* What was found in place counts as done; if more is to be sent, the operator
 * has to say so. */
static void phase_observed(struct debrief_phase *phase, const json_t *record)
{
	if (phase->at == DEBRIEF_STUCK && phase_is_last(phase, record) &&
	    !strcmp(json_text(record, "state", ""), "done"))
		phase->at = DEBRIEF_CHECKING;
}

static void phase_ended(struct debrief_phase *phase, const json_t *record)
{
	(void)record;
	phase->at = DEBRIEF_BETWEEN;
}

static void phase_back(struct debrief_phase *phase, const json_t *record)
{
	(void)record;
	phase->at = DEBRIEF_BETWEEN;
	phase->back = true;
}

static void phase_parked(struct debrief_phase *phase, const json_t *record)
{
	(void)record;
	phase->parked = true;
}

/* What was under way is for the operator to look at; what was only confirmed,
 * to be confirmed again. */
static void phase_resumed(struct debrief_phase *phase, const json_t *record)
{
	(void)record;
	phase->parked = false;
	if (phase->at == DEBRIEF_ACTING)
		phase->at = phase->sent ? DEBRIEF_STUCK : DEBRIEF_AT_GATE;
}

static void (*const phase_events[EVENT_COUNT])(struct debrief_phase *,
					       const json_t *) = {
	[EVENT_GATE_OPENED] = phase_gate,
	[EVENT_GATE_CONFIRMED] = phase_confirmed,
	[EVENT_ACTION_INTENDED] = phase_intended,
	[EVENT_ACTION_DONE] = phase_done,
	[EVENT_ACTION_FAILED] = phase_trouble,
	[EVENT_ACTION_OBSERVED] = phase_observed,
	[EVENT_CHECK_TIMED_OUT] = phase_trouble,
	[EVENT_STEP_DONE] = phase_ended,
	[EVENT_STEP_UNDONE] = phase_ended,
	[EVENT_STEP_SKIPPED] = phase_ended,
	[EVENT_ROLLBACK_BEGUN] = phase_back,
	[EVENT_RUN_PARKED] = phase_parked,
	[EVENT_RUN_RESUMED] = phase_resumed,
};

void debrief_phase_fold(struct debrief_phase *phase, const json_t *record)
{
	enum event event = event_parse(json_text(record, "event", ""));

	if (event < EVENT_COUNT && phase_events[event])
		phase_events[event](phase, record);
}
