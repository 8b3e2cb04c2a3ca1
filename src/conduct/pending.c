/*
 * What was decided, on its way: every record to disk, then into the state, then
 * on to the listener; the act last, and only when all records before it are on
 * disk. While the journal cannot be written, or its disk does not answer, it
 * waits and nothing else is decided. It can be withdrawn, and is forgotten when
 * what it rested on is not true any more.
 */
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "conduct/conductor.h"
#include "conduct/lease.h"
#include "journal/journal.h"
#include "net/loop.h"

void conduct_say(const struct conductor *c, const struct error *err)
{
	if (c->listener.message)
		c->listener.message(c->listener.data, err);
}

/* The record of that event among what is pending; NULL: there is none. */
static const struct engine_record *pending_record(const struct conductor *c,
						  enum event event)
{
	for (size_t i = c->pending_done; i < c->pending.count; i++)
		if (c->pending.records[i].event == event)
			return &c->pending.records[i];
	return NULL;
}

enum conduct_unwritten conduct_unwritten(const struct conductor *c)
{
	return !c->pending.count ? UNWRITTEN_NOTHING :
	       pending_record(c, EVENT_ROLLBACK_BEGUN) ? UNWRITTEN_BACK :
	       pending_record(c, EVENT_GATE_CONFIRMED) ? UNWRITTEN_ACT :
							 UNWRITTEN_RECORD;
}

/* Has it waited for so long that it is spoken of, and that what it rested on is
 * looked at again? */
static bool pending_is_old(const struct conductor *c)
{
	return c->unwritten_ms >= 0 &&
	       loop_now(c->loop) - c->unwritten_ms >= CONDUCT_LATE_MS;
}

static void pending_release(struct conductor *c)
{
	engine_outputs_release(&c->pending);
	c->pending_done = c->pending_written = 0;
	c->renewed = c->takes_over = false;
}

/* ---- a journal that cannot be written -------------------------------------- */

static void pending_retry(void *data);

/* What happened, and what can be done about it. The cause last: where a message
 * has one line, it says what to do. */
static void pending_explain(struct conductor *c, struct error *err)
{
	char cause[ERROR_WHERE_MAX + ERROR_MESSAGE_MAX];

	c->unwritten_told = err->code;
	error_text(err, cause, sizeof(cause));
	error_set(err, err->code, NULL, err->code == ERR_TIMEOUT ?
		  _("the journal waits for its disk, and nothing is sent before: the run goes on by itself; or park it, and resume it later: %s") :
		  err->retry ?
		  _("the journal cannot be written: make room or mend the disk, and the run goes on by itself; or park it, and resume it later: %s") :
		  _("the journal cannot be written; nothing more is done until it can: %s"),
		  cause);
	conduct_say(c, err);
}

/* A take-over that is not on record is none, and no record of it may come
 * later. */
static void pending_refuse_takeover(struct conductor *c)
{
	struct error err = {0};

	conduct_forget(c);
	error_set(&err, ERR_BUSY, journal_path(c->journal),
		  _("the journal cannot be written; nothing is taken over before it can"));
	conduct_say(c, &err);
}

/* It is tried again. A disk that is only slow is asked more often, and is no
 * news yet. */
static void pending_broke(struct conductor *c, struct error *err)
{
	bool slow = err->code == ERR_TIMEOUT;

	if (c->unwritten_ms < 0)
		c->unwritten_ms = loop_now(c->loop);
	if (c->takes_over && !c->pending_written &&
	    (!slow || pending_is_old(c))) {
		pending_refuse_takeover(c);
		return;
	}
	/* the outage does not begin before the act: it gets new times, once */
	if (slow && pending_is_old(c) && c->pending.order == ORDER_ACT &&
	    !c->renewed) {
		c->renewed = true;
		journal_forget(c->journal);
	}
	if (err->code != c->unwritten_told && (!slow || pending_is_old(c)))
		pending_explain(c, err);
	loop_timer(c->loop, slow ? CONDUCT_BEAT_MS : CONDUCT_JOURNAL_RETRY_MS,
		   0, pending_retry, c, &c->journal_retry, NULL);
}

/* ---- writing ------------------------------------------------------------- */

/* All that is pending goes to disk, synced once: then its fields are the whole
 * records. */
static int pending_write(struct conductor *c, struct error *err)
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
static int pending_apply(struct conductor *c, struct engine_record *record,
		       struct error *err)
{
	int status = engine_apply(&c->engine, record->fields, err);

	if (status)
		return status;
	if (json_array_append(c->told, record->fields)) {
		error_nomem(err);
		error_wrap(err, _("a record is written but cannot be shown"));
		conduct_say(c, err);
	}
	return 0;
}

/* What the gate showed becomes what is sent, at the moment of the decision. */
static void pending_freeze(struct conductor *c)
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
static void pending_carry(struct conductor *c)
{
	enum engine_order order = c->pending.order;
	size_t effect = c->pending.effect;
	struct error err = {0};
	bool takes_over;

	if (pending_write(c, &err)) {
		pending_broke(c, &err);
		return;
	}
	for (; c->pending_done < c->pending.count; c->pending_done++)
		if (pending_apply(c, &c->pending.records[c->pending_done],
				  &err)) {
			pending_broke(c, &err);
			return;
		}
	c->unwritten_told = ERR_NONE;
	c->unwritten_ms = -1;
	if (c->pending.count) {
		c->behind = true;
		conduct_wake(c);
	}
	takes_over = c->takes_over;
	pending_release(c);
	if (takes_over)
		conduct_lease_take(c->lease);
	if (order == ORDER_ACT)
		conduct_act(c, effect);
}

/* ---- forgetting ---------------------------------------------------------- */

/* The gate is still open, by what is seen now. */
static bool pending_gate_stands(const struct conductor *c)
{
	if (c->pending.order != ORDER_ACT || !engine_judges_guards(&c->engine))
		return true;
	if (c->disarm && engine_goes_by_itself(&c->engine))
		return false;
	for (size_t i = 0; i < c->verdict_count; i++)
		if (c->verdicts[i].state != VERDICT_GREEN &&
		    engine_guard_binds(&c->engine, i))
			return false;
	return true;
}

/* The way back costs no more than was said, and may be sent. */
static bool pending_back_stands(const struct conductor *c)
{
	const struct engine_record *begun =
		pending_record(c, EVENT_ROLLBACK_BEGUN);
	int64_t said, now = conduct_lost(c);

	if (!begun || !pending_is_old(c))
		return true;
	said = json_number(begun->fields, "lost", -1);
	return !conduct_lease_check(c->lease, NULL) &&
	       (said < 0 || (now >= 0 && now <= said));
}

/* The gate shows again what it showed. */
static void pending_thaw(struct conductor *c)
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
	if (pending_record(c, EVENT_GATE_CONFIRMED))
		pending_thaw(c);
	pending_release(c);
}

static void pending_say_forgotten(struct conductor *c, const char *why)
{
	struct error err = {0};

	conduct_forget(c);
	error_set(&err, ERR_CANCELLED, NULL, "%s", why);
	conduct_say(c, &err);
	conduct_wake(c);
}

static void pending_retry(void *data)
{
	struct conductor *c = data;

	c->journal_retry = NULL;
	/* Facts have aged since the last beat. Verdicts come first in a survey
	 * and never fail; what fails after them is told at the next beat. */
	conduct_survey(c, NULL);
	/* what is on disk already is gone on with */
	if (c->pending_written ||
	    (pending_gate_stands(c) && pending_back_stands(c)))
		pending_carry(c);
	else if (pending_record(c, EVENT_ROLLBACK_BEGUN))
		pending_say_forgotten(c, _("the way back that was confirmed could not be recorded in time and is forgotten: it may lose more by now; look again"));
	else
		pending_say_forgotten(c, c->disarm ?
			_("what was armed could not be recorded in time and is forgotten: it was disarmed meanwhile") :
			_("what was confirmed could not be recorded in time and is forgotten: a guard is not green any more"));
}

/* ---- leaving ------------------------------------------------------------- */

/* What has happened stays pending, and in the journal if its disk answers; what
 * was only decided does not. */
void conduct_withdraw(struct conductor *c)
{
	int64_t since_ms = c->unwritten_ms;

	/* what is on disk counts */
	if (c->pending_written ||
	    (!c->takes_over && !pending_record(c, EVENT_ROLLBACK_BEGUN) &&
	     !pending_record(c, EVENT_GATE_CONFIRMED)))
		return;
	conduct_forget(c);
	c->unwritten_ms = since_ms;
}

/* As if the process had been killed. */
static void pending_leave(struct conductor *c)
{
	struct error err = {0};

	loop_timer_cancel(c->journal_retry);
	c->journal_retry = NULL;
	pending_release(c);
	c->outcome.waits = false;
	c->left = true;
	error_set(&err, ERR_CANCELLED, NULL,
		  _("left without a record of it; 'cutover resume' goes on once the journal can be written"));
	conduct_say(c, &err);
	conduct_wake(c);
}

/* The run is to be parked: on record, if that is possible soon. */
static void pending_park(struct conductor *c)
{
	if (!c->parks[0] || c->left || c->performance)
		return;
	if (c->pending.count && pending_is_old(c))
		pending_leave(c);
	else if (!c->pending.count && !c->outcome.waits &&
		 c->engine.phase != ENGINE_PARKED &&
		 c->engine.phase != ENGINE_CLOSED)
		conduct_decide(c, INPUT_PARK, c->parks, 0, NULL);
}

int conduct_carry_on(struct conductor *c, struct error *err)
{
	int status;

	if (c->left)
		return 0;
	journal_tidy(c->journal);
	if (c->disarm && !c->pending.count)
		conduct_disarm(c, _("the operator said so"), NULL);
	/* without memory for its timer, the retry hangs on the beat */
	if (c->pending.count && !c->journal_retry)
		pending_retry(c);
	status = conduct_carry_outcome(c, err);
	pending_park(c);
	return status;
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
			pending_freeze(c);
	pending_carry(c);
	return 0;
}
