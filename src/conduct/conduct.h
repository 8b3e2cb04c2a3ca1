/*
 * The conductor: feeds events to the engine, carries its orders out, writes
 * the journal. One conductor drives one run on one loop. Front ends read its
 * state and hand it the operator's decisions; it tells them of every change.
 */
#ifndef CUTOVER_CONDUCT_CONDUCT_H
#define CUTOVER_CONDUCT_CONDUCT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "engine/engine.h"
#include "engine/pace.h"
#include "observe/facts.h"
#include "observe/verdict.h"
#include "perform/effect.h"
#include "runbook/model.h"

struct conductor;
struct journal;
struct reality;
struct loop;

/* How a front end hears of things. Called on the loop's thread, never from
 * inside one of the functions below that the front end called. */
struct conduct_listener {
	void *data;
	/* facts or verdicts may have changed: draw when convenient */
	void (*changed)(void *data);
	/* a record was written (borrowed) */
	void (*recorded)(void *data, const json_t *record);
	/* the run has parked or closed; nothing follows */
	void (*ended)(void *data);
	/* something the operator should read that is no record, e.g. the journal
	 * cannot be written */
	void (*message)(void *data, const struct error *err);
};

struct conduct_options {
	const char *run;                /* the run's name */
	const char *argument;           /* by what commands find it */
	const char *version;            /* of this program */
	const char *operator_name;      /* user@host */
	bool rehearsal, autopilot;      /* for the record and the banner only */
	const char *beside;             /* the earlier run of this cutover beside which
					   it is begun all the same; NULL: none */
	/* What earlier runs measured; outlives the conductor. NULL: nothing. */
	const struct pace *pace;
	/* Of a run to be gone on with: its records so far, borrowed during
	 * conduct_open. NULL: a new run. */
	const json_t *records;
};

/* Takes nothing: runbook, journal and loop are borrowed and must outlive the
 * conductor. Opens all connections and begins to observe; in the first turn of
 * the loop the first gate opens. A run that was left only looks at the world,
 * until conduct_resume. ERR_INVALID: the records are not those of this
 * runbook. */
int conduct_open(struct loop *loop, const struct runbook *runbook,
		 struct journal *journal, const struct conduct_options *options,
		 const struct conduct_listener *listener,
		 struct conductor **ret, struct error *err);
/* Ends all connections; takes NULL. */
void conduct_close(struct conductor *conductor);

/* ---- what is true: all borrowed, valid until the loop's next turn --------- */

const struct engine *conduct_engine(const struct conductor *conductor);
const struct facts *conduct_facts(const struct conductor *conductor);
const struct conduct_options *conduct_options(const struct conductor *conductor);
/* Milliseconds on the run's clock, now. */
int64_t conduct_mono(const struct conductor *conductor);
/* Live verdicts of the deed at hand's guards (at a gate, and where another try
 * would send what failed) or checks (checking); NULL with *ret_count 0 when
 * there are none. */
const struct verdict *conduct_verdicts(const struct conductor *conductor,
				       size_t *ret_count);
/* What the open gate would send; on the way back, what was confirmed for it. */
const struct effects *conduct_effects(const struct conductor *conductor);
/* Another number whenever those effects have become others. */
uint64_t conduct_effects_version(const struct conductor *conductor);

/* Have records come since verdicts, effects and the rest were worked out? A beat
 * is due then, and changed is called after it. */
bool conduct_is_behind(const struct conductor *conductor);
/* What has been decided and is not on disk, as the journal cannot be written:
 * until it can, nothing else is decided. */
enum conduct_unwritten {
	UNWRITTEN_NOTHING,
	UNWRITTEN_RECORD,       /* nothing is sent for it */
	UNWRITTEN_ACT,          /* a confirmation: it goes on by itself once it is
				   written, or is forgotten if the gate has shut */
	UNWRITTEN_BACK,         /* a rollback: likewise, or is forgotten if it would
				   lose more by now */
};
enum conduct_unwritten conduct_unwritten(const struct conductor *conductor);
/* Why what the open gate would send must not be sent, whatever its guards say:
 * two databases could take writes. "" if nothing forbids it. */
const char *conduct_forbidden(const struct conductor *conductor);
/* STUCK: is the effect whose answer was lost or bad in place? */
const struct verdict *conduct_seen(const struct conductor *conductor);
/* While a run that was left asks whether to go on: the journal and the world,
 * side by side. NULL: it does not ask. */
const struct reality *conduct_reality(const struct conductor *conductor);

/* What a way back from here would do and cost; while a way back asks whether to
 * go on, what is left of it. */
struct way_back {
	size_t steps[RUNBOOK_STEPS_MAX];        /* to be undone, in order */
	size_t step_count;
	struct effects effects[RUNBOOK_STEPS_MAX];      /* one list a step */
	bool rebuild;           /* the target would have to be rebuilt as a replica */
	int64_t lost;           /* users' transactions lost; -1: unknown */
	struct pace_sum takes;  /* how long, by earlier runs */
	uint64_t version;       /* another whenever what it would send is another */
};
const struct way_back *conduct_way_back(const struct conductor *conductor);

/* The Lease that keeps others from driving this cutover; NULL: the run needs
 * none. Nothing is sent while it is not held. */
struct conduct_lease_view {
	const char *name;
	bool held;
	bool coming;            /* on its way, and nothing speaks against it */
	bool takeable;          /* by the word CONDUCT_TAKE_OVER_WORD */
	uint64_t version;       /* another with each state, holder and trouble */
	const char *text;       /* for people: who has it, or what is wrong; "" */
	const char *other;      /* for people: who else has it, as last seen, also
				   after the end; "" */
};
const struct conduct_lease_view *conduct_lease(const struct conductor *conductor);

/* Is this decision possible now? So that a front end shows only such keys. */
enum decision {
	DECIDE_CONFIRM,
	DECIDE_OVERRIDE,
	DECIDE_ROLLBACK,
	DECIDE_RETRY,
	DECIDE_SKIP,
	DECIDE_NOTE,
	DECIDE_PARK,
	DECIDE_CANCEL,
	DECIDE_ARM,
	DECIDE_DISARM,
	DECIDE_RESUME,
	DECIDE_TAKE_OVER,
};
#define DECIDE_COUNT (DECIDE_TAKE_OVER + 1)
bool conduct_may(const struct conductor *conductor, enum decision decision);

/* ---- what the operator decides -------------------------------------------- */

/* Each returns 0, or an error that says why not (and nothing happened). */

/* word: what was typed, or NULL where the step asks for none. */
int conduct_confirm(struct conductor *conductor, const char *word,
		    struct error *err);
int conduct_override(struct conductor *conductor, size_t guard,
		     const char *reason, struct error *err);
/* word must be CONDUCT_ROLLBACK_WORD; shown: the version of the way back that the
 * operator has seen. */
#define CONDUCT_ROLLBACK_WORD "rollback"
int conduct_rollback(struct conductor *conductor, const char *word,
		     uint64_t shown, struct error *err);
/* Acts again where an action failed; waits again where a check was late. */
int conduct_retry(struct conductor *conductor, struct error *err);
/* On the way back: leaves an undo out that does not go on, for that reason. */
int conduct_skip(struct conductor *conductor, const char *reason,
		 struct error *err);
int conduct_note(struct conductor *conductor, const char *text,
		 struct error *err);
/* Goes on with the run that was left, from where it is. shown: of what is left of
 * a way back, as above. */
int conduct_resume(struct conductor *conductor, uint64_t shown,
		   struct error *err);
/* The first step from `from` on whose gate can be armed now; the number of
 * steps if there is none. */
size_t conduct_armable(const struct conductor *conductor, size_t from);
/* What that step's gate will send, as far as it can be said now, for the
 * operator to read; borrowed, valid until the next call. NULL with an error. */
const struct effects *conduct_ahead(struct conductor *conductor, size_t step,
				    struct error *err);
/* Confirms that step's gate ahead: what conduct_ahead showed last. */
int conduct_arm(struct conductor *conductor, size_t step, const char *word,
		struct error *err);
/* Ends all arming. */
int conduct_disarm(struct conductor *conductor, const char *reason,
		   struct error *err);
/* Leaves the run as it is, to be resumed; `ended` follows. While the journal
 * cannot be written it is left without a record of that. */
int conduct_park(struct conductor *conductor, const char *reason,
		 struct error *err);
/* Gives up waiting: for the action in flight (its outcome is unknown then) or
 * for a check. */
int conduct_cancel(struct conductor *conductor, struct error *err);
/* Takes the Lease over from whoever has let it expire. word must be
 * CONDUCT_TAKE_OVER_WORD. The record of it is written first. */
#define CONDUCT_TAKE_OVER_WORD "takeover"
int conduct_take_over(struct conductor *conductor, const char *word,
		      struct error *err);

#endif
