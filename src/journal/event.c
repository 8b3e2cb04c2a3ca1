/* See event.h. */
#include "journal/event.h"

#include <string.h>

static const char *const event_names[EVENT_COUNT] = {
	[EVENT_RUN_OPENED] = "run.opened",
	[EVENT_GATE_ARMED] = "gate.armed",
	[EVENT_GATE_DISARMED] = "gate.disarmed",
	[EVENT_GATE_OPENED] = "gate.opened",
	[EVENT_GUARD_CHANGED] = "guard.changed",
	[EVENT_GATE_CONFIRMED] = "gate.confirmed",
	[EVENT_GATE_OVERRIDDEN] = "gate.overridden",
	[EVENT_ACTION_INTENDED] = "action.intended",
	[EVENT_ACTION_DONE] = "action.done",
	[EVENT_ACTION_FAILED] = "action.failed",
	[EVENT_ACTION_OBSERVED] = "action.observed",
	[EVENT_CHECK_PASSED] = "check.passed",
	[EVENT_CHECK_TIMED_OUT] = "check.timed-out",
	[EVENT_STEP_DONE] = "step.done",
	[EVENT_STEP_SKIPPED] = "step.skipped",
	[EVENT_STEP_UNDONE] = "step.undone",
	[EVENT_NOTE] = "note",
	[EVENT_WINDOW_OPENED] = "window.opened",
	[EVENT_WINDOW_CLOSED] = "window.closed",
	[EVENT_ROLLBACK_BEGUN] = "rollback.begun",
	[EVENT_ROLLBACK_DONE] = "rollback.done",
	[EVENT_TRIPWIRE] = "tripwire",
	[EVENT_RUN_PARKED] = "run.parked",
	[EVENT_RUN_RESUMED] = "run.resumed",
	[EVENT_RUN_CLOSED] = "run.closed",
};

const char *event_name(enum event event)
{
	return event_names[event];
}

enum event event_parse(const char *name)
{
	enum event event = 0;

	while (event < EVENT_COUNT && strcmp(event_names[event], name) != 0)
		event++;
	return event;
}
