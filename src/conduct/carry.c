/*
 * Carries decisions out: every record to disk, then into the state, then on to
 * the listener; the act last, and only when all records before it are on disk.
 * While the journal cannot be written, what was decided waits, and nothing
 * else is decided.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/json.h"
#include "conduct/conductor.h"
#include "conduct/lease.h"
#include "journal/journal.h"
#include "net/loop.h"
#include "observe/observer.h"
#include "perform/perform.h"

static void carry_message(struct conductor *c, const struct error *err)
{
	if (c->listener.message)
		c->listener.message(c->listener.data, err);
}

/* ---- acting -------------------------------------------------------------- */

/* From here on older facts do not show what that side lets through. */
static void carry_opened(struct conductor *c, const struct action *action)
{
	if (action->kind == ACTION_UNFENCE || action->kind == ACTION_PROMOTE)
		c->opened_ms[conduct_side(c, action->on)] = loop_now(c->loop);
	if (action->kind == ACTION_SCALE || action->kind == ACTION_CREATE ||
	    action->kind == ACTION_PATCH_DEPLOYMENT)
		c->brought_ms = loop_now(c->loop);
}

static void carry_performed(void *data, enum perform_outcome outcome,
			    const char *text)
{
	static const enum engine_input_kind kinds[] = {
		[PERFORM_DONE] = INPUT_DONE,
		[PERFORM_FAILED] = INPUT_FAILED,
		[PERFORM_UNKNOWN] = INPUT_LOST,
	};
	struct conductor *c = data;
	struct error err = {0};

	c->performance = NULL;
	observer_look_now(c->observer);
	if (conduct_outcome(c, kinds[outcome], text, &err))
		carry_message(c, &err);
}

static int carry_outcome(struct conductor *c, struct error *err)
{
	int status;

	if (!c->outcome.waits || c->pending.count)
		return 0;
	status = conduct_decide(c, c->outcome.kind, c->outcome.text, 0, err);
	c->outcome.waits = status == ERR_NOMEM;
	return status;
}

int conduct_outcome(struct conductor *c, enum engine_input_kind kind,
		    const char *text, struct error *err)
{
	carry_opened(c, c->sending_action);
	c->outcome.waits = true;
	c->outcome.kind = kind;
	snprintf(c->outcome.text, sizeof(c->outcome.text), "%s", text);
	return carry_outcome(c, err);
}

/* The action of the runbook that an effect stands for. */
static const struct action *carry_action(const struct conductor *c,
					 const struct effect *effect)
{
	return &engine_deed(&c->engine)->actions.items[effect->action];
}

/* By the clock of this very moment: the disk may have held us up. */
static int carry_is_allowed(struct conductor *c, struct error *err)
{
	int status;

	observer_facts(c->observer, clock_mono_ms());
	status = conduct_lease_check(c->lease, err);
	return status ? status : conduct_two_writers(c, c->sending_action, err);
}

/* Its turn may have come long after it was decided. */
static int carry_may_send(void *data, struct error *err)
{
	struct conductor *c = data;
	int status = carry_is_allowed(c, err);

	if (!status)
		carry_opened(c, c->sending_action);
	return status;
}

static void carry_act(struct conductor *c, size_t index)
{
	const struct effect *effect = &c->sending->items[index];
	const struct perform_caller caller = {
		.done = carry_performed, .may_send = carry_may_send, .data = c,
	};
	struct error err = {0};
	char text[ERROR_WHERE_MAX + ERROR_MESSAGE_MAX];

	c->sending_action = carry_action(c, effect);
	if (!carry_is_allowed(c, &err) &&
	    !perform_start(c->reach, effect, &caller, &c->performance, &err))
		return;
	error_text(&err, text, sizeof(text));
	carry_performed(c, PERFORM_FAILED, text);
}

enum conduct_unwritten conduct_unwritten(const struct conductor *c)
{
	return !c->pending.count ? UNWRITTEN_NOTHING :
	       c->pending.order == ORDER_ACT ? UNWRITTEN_ACT :
					       UNWRITTEN_RECORD;
}

/* ---- writing ------------------------------------------------------------- */

static void carry_retry(void *data);

/* What happened, and what can be done about it. The cause last: where a message
 * has one line, it says what to do. */
static void carry_say_unwritten(struct conductor *c, struct error *err)
{
	char cause[ERROR_WHERE_MAX + ERROR_MESSAGE_MAX];

	error_text(err, cause, sizeof(cause));
	error_set(err, err->code, NULL, err->code == ERR_TIMEOUT ?
		  _("the journal waits for its disk, and nothing is sent before: the run goes on by itself; or park it, and resume it later: %s") :
		  err->retry ?
		  _("the journal cannot be written: make room or mend the disk, and the run goes on by itself; or park it, and resume it later: %s") :
		  _("the journal cannot be written; nothing more is done until it can: %s"),
		  cause);
	carry_message(c, err);
	c->journal_broken = true;
}

/* It is tried again. A disk that is only slow is looked at more often, and is
 * no news yet. */
static void carry_journal_broke(struct conductor *c, struct error *err)
{
	bool late = err->code == ERR_TIMEOUT;

	if (c->unwritten_ms < 0)
		c->unwritten_ms = loop_now(c->loop);
	if (!c->journal_broken &&
	    (!late || loop_now(c->loop) - c->unwritten_ms >= CONDUCT_LATE_MS))
		carry_say_unwritten(c, err);
	loop_timer(c->loop, late ? CONDUCT_BEAT_MS : CONDUCT_JOURNAL_RETRY_MS,
		   0, carry_retry, c, &c->journal_retry, NULL);
}

/* All that is pending goes to disk, synced once: then its fields are the whole
 * records. */
static int carry_write(struct conductor *c, struct error *err)
{
	struct journal_entry entries[ENGINE_RECORDS_MAX];
	json_t *whole[ENGINE_RECORDS_MAX];
	size_t first = c->pending_written;
	size_t count = c->pending.count - first;
	int status;

	if (!count)
		return 0;
	for (size_t i = 0; i < count; i++)
		entries[i] = (struct journal_entry){
			c->pending.records[first + i].event,
			c->pending.records[first + i].fields};
	status = journal_append_all(c->journal, entries, count, whole, err);
	for (size_t i = 0; !status && i < count; i++) {
		json_decref(c->pending.records[first + i].fields);
		c->pending.records[first + i].fields = whole[i];
	}
	if (!status)
		c->pending_written += count;
	return status;
}

/* A record that is on disk goes into the state, and on to the listener. */
static int carry_apply(struct conductor *c, struct engine_record *record,
		       struct error *err)
{
	int status = engine_apply(&c->engine, record->fields, err);

	if (status)
		return status;
	if (json_array_append(c->told, record->fields)) {
		error_nomem(err);
		error_wrap(err, _("a record is written but cannot be shown"));
		carry_message(c, err);
	}
	return 0;
}

/* What the gate showed becomes what is sent, at the moment of the decision. */
static void carry_freeze(struct conductor *c)
{
	const struct effects *rollback = conduct_rollback_effects(c);

	if (rollback) {
		c->sending = rollback;
		return;
	}
	conduct_plan_release(&c->sent);
	c->sent = c->plan;
	memset(&c->plan, 0, sizeof(c->plan));
	c->sending = &c->sent.effects;
}

/* Writes what is pending, as far as it goes; acts when all is written. */
static void carry_pending(struct conductor *c)
{
	enum engine_order order = c->pending.order;
	size_t effect = c->pending.effect;
	struct error err = {0};

	if (carry_write(c, &err)) {
		carry_journal_broke(c, &err);
		return;
	}
	for (; c->pending_done < c->pending.count; c->pending_done++)
		if (carry_apply(c, &c->pending.records[c->pending_done],
				&err)) {
			carry_journal_broke(c, &err);
			return;
		}
	c->journal_broken = false;
	c->unwritten_ms = -1;
	if (c->pending.count) {
		c->behind = true;
		conduct_wake(c);
	}
	engine_outputs_release(&c->pending);
	c->pending_done = c->pending_written = 0;
	if (order == ORDER_ACT)
		carry_act(c, effect);
}

/* While a confirmation waited for the journal, time went by: is the gate still
 * open, by what is seen now? What is on disk already is gone on with. */
static bool carry_stands(const struct conductor *c)
{
	if (c->pending_written || c->pending.order != ORDER_ACT ||
	    !engine_judges_guards(&c->engine))
		return true;
	if (c->disarm && engine_goes_by_itself(&c->engine))
		return false;
	for (size_t i = 0; i < c->verdict_count; i++)
		if (c->verdicts[i].state != VERDICT_GREEN &&
		    engine_guard_binds(&c->engine, i))
			return false;
	return true;
}

/* The gate shows again what it showed. */
static void carry_thaw(struct conductor *c)
{
	if (c->sending != &c->sent.effects)
		return;
	conduct_plan_release(&c->plan);
	c->plan = c->sent;
	memset(&c->sent, 0, sizeof(c->sent));
	c->sending = NULL;
}

void conduct_forget(struct conductor *c)
{
	loop_timer_cancel(c->journal_retry);
	c->journal_retry = NULL;
	c->unwritten_ms = -1;
	journal_forget(c->journal);
	for (size_t i = c->pending_done; i < c->pending.count; i++)
		if (c->pending.records[i].event == EVENT_GATE_CONFIRMED)
			carry_thaw(c);
	engine_outputs_release(&c->pending);
	c->pending_done = c->pending_written = 0;
}

static void carry_retry(void *data)
{
	struct conductor *c = data;
	struct error err = {0};

	c->journal_retry = NULL;
	/* Facts have aged since the last beat. Verdicts come first in a survey
	 * and never fail; what fails after them is told at the next beat. */
	conduct_survey(c, NULL);
	if (carry_stands(c)) {
		carry_pending(c);
		return;
	}
	conduct_forget(c);
	error_set(&err, ERR_CANCELLED, NULL,
		  c->disarm ?
		  _("what was armed could not be recorded in time and is forgotten: it was disarmed meanwhile") :
		  _("what was confirmed could not be recorded in time and is forgotten: a guard is not green any more"));
	carry_message(c, &err);
	conduct_wake(c);
}

void conduct_leave(struct conductor *c)
{
	struct error err = {0};

	conduct_forget(c);
	c->outcome.waits = false;
	c->left = true;
	error_set(&err, ERR_CANCELLED, NULL,
		  _("left without a record of it; 'cutover resume' goes on once the journal can be written"));
	carry_message(c, &err);
	conduct_wake(c);
}

int conduct_carry_on(struct conductor *c, struct error *err)
{
	if (c->disarm && !c->pending.count)
		conduct_disarm(c, _("the operator said so"), NULL);
	/* without memory for its timer, the retry hangs on the beat */
	if (c->pending.count && !c->journal_retry)
		carry_retry(c);
	return carry_outcome(c, err);
}

int conduct_feed(struct conductor *c, const struct engine_input *input,
		 struct error *err)
{
	int status;

	if (!c->begun && input->kind != INPUT_OPEN &&
	    input->kind != INPUT_RESUME)
		return error_set(err, ERR_INVALID, NULL,
				 _("say first whether the run is to go on"));
	if (c->pending.count)
		return error_set(err, ERR_BUSY, NULL,
				 _("the journal cannot be written; nothing can be decided until it can"));
	status = engine_decide(&c->engine, input, &c->pending, err);
	if (status)
		return status;
	for (size_t i = 0; i < c->pending.count; i++)
		if (c->pending.records[i].event == EVENT_GATE_CONFIRMED)
			carry_freeze(c);
	carry_pending(c);
	return 0;
}
