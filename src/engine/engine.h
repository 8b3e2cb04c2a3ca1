/*
 * The engine: a run's state as a fold over its records, and the rules that say
 * what may come next. Pure: no clock, no I/O, no facts; times arrive in
 * records and inputs, guards arrive as verdicts.
 *
 * engine_apply folds one record into the state. engine_decide takes an input
 * (an operator's decision, the outcome of an action, fresh verdicts) and
 * answers with outputs, in order: records to be written, then at most one
 * order to act. The conductor writes the records together, applies them, and
 * then acts: intent is on disk before an act.
 */
#ifndef CUTOVER_ENGINE_ENGINE_H
#define CUTOVER_ENGINE_ENGINE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "engine/pace.h"
#include "journal/event.h"
#include "observe/verdict.h"
#include "runbook/model.h"

enum engine_phase {
	ENGINE_NEW,             /* nothing is recorded yet */
	ENGINE_GATE,            /* a gate is shown; the operator decides */
	ENGINE_ACTING,          /* an action is in flight */
	ENGINE_CHECKING,        /* its effects are awaited */
	ENGINE_STUCK,           /* an action failed or a check is late: retry, roll back, park */
	ENGINE_BETWEEN,         /* a step has ended, or a rollback begun: what follows
				   is recorded next */
	ENGINE_PARKED,
	ENGINE_CLOSED,
};

enum step_state {
	STEP_WAITING,           /* its gate has not come up */
	STEP_AT_GATE,
	STEP_RUNNING,           /* acting or checking */
	STEP_STUCK,
	STEP_DONE,
	STEP_SKIPPED,
	STEP_UNDOING,
	STEP_UNDONE,
};

enum engine_result {
	RESULT_NONE,
	RESULT_COMPLETED,
	RESULT_ROLLED_BACK,
	RESULT_FAILED,
};

struct engine_step {
	enum step_state state;
	bool began;             /* an action of it was intended: it wants undoing */
	bool undo_began;        /* an action of its undo was intended */
	int64_t gate_mono;      /* when its gate opened; -1: not yet */
	int64_t confirmed_mono; /* when it was confirmed; -1: not yet */
	int64_t done_mono;      /* when it was done (or undone); -1: not yet */
	json_t *before;         /* positions at the confirmation; NULL: none */
	json_t *after;          /* positions when it was done; NULL: none */
	bool armed;             /* goes on by itself when its guards are green */
	json_t *armed_effects;  /* what was shown then; NULL: never armed */
};

/* A guard of the gate that is open, or of what is stuck. */
struct engine_guard {
	struct verdict verdict; /* as last recorded */
	int64_t recorded_mono;  /* when that was */
	bool overridden;
	bool unseen;            /* overridden while it was unknown */
};

struct engine {
	const struct runbook *runbook;  /* borrowed */
	enum engine_phase phase;
	bool rolling_back;
	size_t step;            /* the current step's index */
	size_t undo;            /* rolling back: index into undo_steps */
	size_t undo_steps[RUNBOOK_STEPS_MAX];
	size_t undo_count;
	json_t *effects;        /* as confirmed: [{target, request, within_ms, …}] */
	size_t effect;          /* ACTING, STUCK: index into effects */
	bool in_flight;         /* it was intended, and has no outcome yet */
	enum engine_phase parked;       /* PARKED: the phase it was left in */
	bool unknown;           /* STUCK: the outcome of that effect is unknown; and
				   CHECKING, where its checks alone may tell */
	bool tried;             /* STUCK: that effect was sent; else it is the next */
	bool stuck_on_check;    /* STUCK: every effect is done, a check is late */
	char problem[VERDICT_TEXT_MAX * 2];     /* STUCK: what went wrong */
	char seen[VERDICT_TEXT_MAX];    /* STUCK: how it was seen not to be in place; "":
					   not seen yet */
	char found[VERDICT_TEXT_MAX];   /* STUCK: how the effect before that one, which
					   had a problem, was seen to be in place; "" */
	bool found_lost;        /* its answer had been lost */
	int64_t acting_mono;    /* when the effect in flight was intended */
	int64_t acted_mono;     /* when the last effect ended: facts must be newer; -1 */
	int64_t checking_mono;  /* CHECKING: since when */
	struct engine_guard guards[RUNBOOK_ITEMS_MAX];
	struct engine_step steps[RUNBOOK_STEPS_MAX];
	int64_t window_opened_mono;     /* the window last opened; -1: not yet */
	int64_t window_first_mono;      /* it first opened, which T+ counts from; -1 */
	bool window_open;
	int64_t window_past_ms;         /* what the windows before that lasted */
	int64_t own_transactions;       /* that the run itself added to the target */
	int64_t tripped;        /* transactions that the source took after its fence */
	int64_t rollback_mono;  /* when the way back began; -1: it has not */
	bool rolled_back;       /* its end is recorded; the run's may not be */
	int64_t lost;           /* on the way back: users' transactions lost, as last
				   counted; -1 unknown */
	enum engine_result result;
	int64_t last_mono;      /* of the last record */
};

void engine_init(struct engine *engine, const struct runbook *runbook);
void engine_release(struct engine *engine);

/* Folds one record. ERR_INVALID if it cannot follow what came before. */
int engine_apply(struct engine *engine, const json_t *record,
		 struct error *err);

/* The deed at hand: the current step's, or its undo while rolling back; NULL
 * when the run is new, or closed. */
const struct deed *engine_deed(const struct engine *engine);
/* Does the gate at hand wait for the operator's answer? A way back was confirmed as
 * a whole, and waits only where something is done by hand: nobody else knows when
 * that is done. */
bool engine_asks(const struct engine *engine);
/* The word that it asks for; NULL: none. */
const char *engine_word(const struct engine *engine);
/* Is any of those actions done by hand? */
bool engine_is_by_hand(const struct actions *actions);
/* May the open gate be confirmed? Every guard green or overridden. */
bool engine_gate_is_open(const struct engine *engine);
/* Are guards judged now: at a gate, and where another try would send what
 * failed? */
bool engine_judges_guards(const struct engine *engine);
/* Does that guard, not green, shut the way on? Unless it is overridden; and where
 * a step's first effects are done, which may have turned it, a hard one only. */
bool engine_guard_binds(const struct engine *engine, size_t guard);
/* How many guards are not green and bind. */
size_t engine_shut_guards(const struct engine *engine);
/* The steps that a rollback begun now would undo, in order; returns how many. */
size_t engine_rollback_steps(const struct engine *engine,
			     size_t steps[RUNBOOK_STEPS_MAX]);
/* The position that connection had when it stopped taking users' writes for
 * `since`: after the step if the step fences it, else before. NULL: unknown. */
const char *engine_position(const struct engine *engine, const char *since,
			    const char *connection);
/* The step whose fence of the source stands: done, and nothing of its undo was
 * sent, nor asked of a hand; -1: none. */
int engine_fenced_at(const struct engine *engine);
/* How many transactions the source is recorded to have taken after its fence: true
 * as long as the fence stands, then 0. */
int64_t engine_tripped(const struct engine *engine);
/* May that step be armed now? Else why not, in ret_why (may be NULL). */
bool engine_may_arm(const struct engine *engine, size_t step,
		    const char **ret_why);
/* Is any gate armed? */
bool engine_is_armed(const struct engine *engine);
/* Does the run go on without an answer now? At an armed gate it does, and in
 * the window while the next one is armed. */
bool engine_goes_by_itself(const struct engine *engine);
/* Has anything been begun to be sent, in any step? If not, nothing was changed, and
 * to go back is only to end. */
bool engine_has_acted(const struct engine *engine);
/* Does the way back stand at an undo that does not go by itself: one that is
 * stuck, that is done by hand, or whose guards are not green? */
bool engine_undo_stands(const struct engine *engine);
/* Is it an effect whose second sending would do it twice, and may it have been
 * done already? Then it is never sent again. */
bool engine_must_not_repeat(const struct engine *engine);
/* How long the window has been open at mono: the outage by the clock. -1: it
 * has not been opened. */
int64_t engine_outage(const struct engine *engine, int64_t mono);
/* How long the way back has been walked at mono, or took. -1: it was not begun. */
int64_t engine_way_back(const struct engine *engine, int64_t mono);
/* "completed", "rolled-back", "failed", or NULL while it has none. */
const char *engine_result_name(enum engine_result result);
/* "green", "red", "unknown": as records name it. */
const char *engine_verdict_name(enum verdict_state state);

/* ---- deciding ------------------------------------------------------------ */

enum engine_input_kind {
	INPUT_OPEN,             /* begin a new run: `opening`, then the first gate */
	INPUT_RESUME,           /* go on with a run that was left; text: who */
	INPUT_VERDICTS,         /* guards (at a gate) or checks (checking) held against facts */
	INPUT_CONFIRM,          /* text: the word typed, or NULL */
	INPUT_OVERRIDE,         /* index: guard; text: reason */
	INPUT_ROLLBACK,         /* begin to roll back */
	INPUT_RETRY,            /* at STUCK */
	INPUT_SKIP,             /* leaves an undo out that cannot be done; text: why */
	INPUT_NOTE,             /* text */
	INPUT_PARK,             /* text: reason */
	INPUT_DONE,             /* the action succeeded; text: answer */
	INPUT_FAILED,           /* it failed; text: error */
	INPUT_LOST,             /* its outcome is unknown; text: error */
	INPUT_GIVE_UP,          /* stop waiting for checks; text: why */
	INPUT_SEEN,             /* seen: is the effect that is stuck in place? index: of
				   the effect, where a check is late */
	INPUT_ARM,              /* index: a later step; text: its word; effects: of it */
	INPUT_DISARM,           /* text: why */
	INPUT_TRIPPED,          /* index: how many transactions; text: their GTIDs */
};

struct engine_input {
	enum engine_input_kind kind;
	int64_t mono;           /* now, on the run's clock */
	const char *text;
	size_t index;
	const struct verdict *verdicts; /* as many as the deed at hand has */
	json_t *opening;        /* OPEN: the fields of run.opened; borrowed */
	json_t *effects;        /* VERDICTS, CONFIRM, RETRY: what the deed at hand sends,
				   [{target, request, within_ms, transactions}];
				   ROLLBACK: [{step, target, request}]; borrowed */
	const char *problem;    /* why `effects` cannot be planned now; NULL: they
				   are all that the deed sends */
	json_t *lease;          /* NOTE: the Lease that it is about; borrowed; may be NULL */
	json_t *positions;      /* {connection: GTID set}; borrowed; may be NULL */
	int64_t lost;           /* users' transactions on the target that the source
				   lacks, by the facts; -1: unknown */
	const struct verdict *seen;     /* green: in place; red: not */
	json_t *found;          /* RESUME: what the world says; borrowed */
	struct pace_sum takes;  /* ROLLBACK: how long it takes, as foreseen */
};

enum engine_order {
	ORDER_NONE,
	ORDER_ACT,              /* carry out effect `effect` of the deed at hand */
};

#define ENGINE_RECORDS_MAX (RUNBOOK_ITEMS_MAX + 16)

struct engine_record {
	enum event event;
	json_t *fields;         /* owned by the outputs until taken */
};

struct engine_outputs {
	struct engine_record records[ENGINE_RECORDS_MAX];
	size_t count;
	enum engine_order order;
	size_t effect;
};

/*
 * Decides. ERR_INVALID with a message for the operator where the input is not
 * allowed now ("the gate is shut: 1 guard is red"); then there are no outputs.
 * On success the caller owns outputs and gives them to engine_outputs_release.
 */
int engine_decide(const struct engine *engine, const struct engine_input *input,
		  struct engine_outputs *outputs, struct error *err);
void engine_outputs_release(struct engine_outputs *outputs);

#endif
