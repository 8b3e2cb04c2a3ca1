/*
 * The events of a run: their names, and what each record carries beside `seq`,
 * `at`, `mono`, `event` and `prev`. The names are a contract with other
 * programs (and are never translated); the fields below are what the engine
 * writes and folds, and what report/ prints.
 *
 *   run.opened      run, version, operator, rehearsal (bool), autopilot (bool),
 *                   runbook {name, title, path, sha256}, variables {},
 *                   connections [{name, host}], budget_ms,
 *                   way_back_budget_ms
 *   gate.opened     step, label, title, why, undo (bool)
 *   guard.changed   step, undo, guard (index), state, text, hard
 *   gate.confirmed  step, undo, word (or absent), retry (bool), armed (bool: it
 *                   went on by itself), only_wait (bool: nothing is sent, the
 *                   checks are awaited once more),
 *                   effects [{target, request, within_ms, transactions, action
 *                   (index into the deed's actions), verb (or absent), once
 *                   (bool), gist (the request without its precondition; absent
 *                   where that is the request itself)}],
 *                   positions {connection: set},
 *                   guards [{state, text, why, overridden (bool)}]
 *   gate.overridden step, undo, guard (index), text, reason
 *   gate.armed      step, label, title, word (or absent), hold_ms, effects
 *                   [{target, request, ...}]: confirmed ahead. What is sent
 *                   then is this request, or one whose gist it is
 *   gate.disarmed   steps [id], reason. A failed action, a late check, a way
 *                   back, the tripwire, parking and resuming end all arming too
 *   action.intended step, undo, action (index into the effects
 *                   that were confirmed), target, request, within_ms
 *   action.done     step, undo, action, answer, took_ms, transactions
 *   action.failed   step, undo, action, outcome (failed|unknown), error, took_ms
 *   action.observed step, undo, action, state (done|absent), text, transactions:
 *                   what was seen of an effect whose answer was lost or bad,
 *                   or (absent) whose check is late: it has come undone
 *   check.passed    step, undo, check (index), text, took_ms
 *   check.timed-out step, undo, check, text, took_ms
 *   step.done       step, positions {}, took_ms, transactions (of an effect whose
 *                   answer was lost and that only the checks have shown)
 *   step.skipped    step, undo (true), reason, lost (as in step.undone): an undo
 *                   that cannot be done is left out, on the operator's word
 *   step.undone     step, positions {}, took_ms, lost (as in rollback.done, as
 *                   counted by then)
 *   note            text, step (or absent), lease {name, holder, since, renewed,
 *                   taken (bool)} (or absent: the note is not about the run's
 *                   Lease; holder: the last other one, or ""; taken: the
 *                   operator takes it over from there), ledger, rehearsal
 *                   (or absent: it is not a rehearsal's end), debrief {earlier}
 *                   (or absent: it is not the comparison with earlier ones)
 *   window.opened   step
 *   window.closed   step, outage_ms, void (or absent: what was to begin it was
 *                   surely not done; there was no outage)
 *   rollback.begun  step (where it began), undo [id], effects [{step, target,
 *                   request}], lost (as foreseen; null: unknown), takes_ms
 *                   (as foreseen, the steps that earlier runs measured),
 *                   unmeasured (how many they did not)
 *   rollback.done   lost (users' transactions on the target that the source
 *                   lacks, counted after the target was fenced; null: unknown),
 *                   took_ms
 *   tripwire        connection, since (step), transactions, gtids: the fenced
 *                   source took transactions, its own heartbeats apart
 *   run.parked      step, reason
 *   run.resumed     operator, found [{step, label, journal, state (green|red|
 *                   unknown), world}], effects [{step, target, request}] (what
 *                   is left of a way back that goes on)
 *   run.closed      result (completed|rolled-back|failed), outage_ms (or null)
 *
 * state is "green", "red" or "unknown"; positions are GTID sets as text.
 */
#ifndef CUTOVER_JOURNAL_EVENT_H
#define CUTOVER_JOURNAL_EVENT_H

enum event {
	EVENT_RUN_OPENED,
	EVENT_GATE_ARMED,
	EVENT_GATE_DISARMED,
	EVENT_GATE_OPENED,
	EVENT_GUARD_CHANGED,
	EVENT_GATE_CONFIRMED,
	EVENT_GATE_OVERRIDDEN,
	EVENT_ACTION_INTENDED,
	EVENT_ACTION_DONE,
	EVENT_ACTION_FAILED,
	EVENT_ACTION_OBSERVED,
	EVENT_CHECK_PASSED,
	EVENT_CHECK_TIMED_OUT,
	EVENT_STEP_DONE,
	EVENT_STEP_SKIPPED,
	EVENT_STEP_UNDONE,
	EVENT_NOTE,
	EVENT_WINDOW_OPENED,
	EVENT_WINDOW_CLOSED,
	EVENT_ROLLBACK_BEGUN,
	EVENT_ROLLBACK_DONE,
	EVENT_TRIPWIRE,
	EVENT_RUN_PARKED,
	EVENT_RUN_RESUMED,
	EVENT_RUN_CLOSED,
	EVENT_COUNT,
};

/* "run.opened"; never NULL for a member of the enum. */
const char *event_name(enum event event);
/* The event of that name, or EVENT_COUNT. */
enum event event_parse(const char *name);

#endif
