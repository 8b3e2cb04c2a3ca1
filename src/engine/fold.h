/*
 * Inside the fold: one handler an event, and what the handlers share. Each
 * changes the state by one record, or refuses it (ERR_INVALID).
 */
#ifndef CUTOVER_ENGINE_FOLD_H
#define CUTOVER_ENGINE_FOLD_H

#include "engine/engine.h"

typedef int fold_fn(struct engine *engine, const json_t *record,
		    struct error *err);

int fold_refuse(const json_t *record, struct error *err);
/* The step that the record names; NULL if the runbook has none. */
struct engine_step *fold_step(struct engine *engine, const json_t *record);
/* *slot = value, with a reference of its own. */
void fold_keep(json_t **slot, json_t *value);
/* No gate goes on by itself any more. */
void fold_disarm(struct engine *engine);
/* The deed at hand stays where it is, and why. */
void fold_get_stuck(struct engine *engine, const char *problem);

fold_fn fold_gate_opened;
fold_fn fold_guard_changed;
fold_fn fold_gate_overridden;
fold_fn fold_gate_armed;
fold_fn fold_gate_disarmed;
fold_fn fold_gate_confirmed;
fold_fn fold_action_intended;
fold_fn fold_action_done;
fold_fn fold_action_failed;
fold_fn fold_action_observed;
fold_fn fold_check_timed_out;
fold_fn fold_check_passed;
fold_fn fold_step_done;
fold_fn fold_step_skipped;
fold_fn fold_window_opened;
fold_fn fold_window_closed;
fold_fn fold_rollback_begun;
fold_fn fold_rollback_done;
fold_fn fold_tripwire;
fold_fn fold_run_parked;
fold_fn fold_run_resumed;
fold_fn fold_run_closed;

#endif
