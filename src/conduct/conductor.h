/*
 * Inside the conductor: the struct and what its files ask of each other.
 * conduct.c opens and closes, beat.c beats; survey.c works out what is true now,
 * reality.c what is in place of what the journal says; inputs.c makes inputs for
 * the engine; pending.c writes records, or waits until it can; carry.c acts;
 * decisions.c takes the operator's decisions; leasenews.c records what becomes
 * of the Lease; twowriters.c refuses what could let both databases take writes.
 */
#ifndef CUTOVER_CONDUCT_CONDUCTOR_H
#define CUTOVER_CONDUCT_CONDUCTOR_H

#include "base/arena.h"
#include "conduct/conduct.h"
#include "perform/perform.h"
#include "conduct/reality.h"
#include "observe/condition.h"
#include "perform/plan.h"

struct conduct_lease;
struct loop_timer;
struct observer;
struct performance;
struct reach;

#define CONDUCT_REST_BEATS 3    /* the third is one, while it only watches */
#define CONDUCT_BEAT_MS 100     /* facts age and checks time out even when
				   nothing new is seen */
#define CONDUCT_SETTLE_MS 300   /* what is shown must have stood this long */
#define CONDUCT_JOURNAL_RETRY_MS 1000
#define CONDUCT_LATE_MS 2000    /* a disk that takes a record as long is spoken of */
#define CONDUCT_PARKS_MAX 128
#define CONDUCT_LOOK_MS 3000    /* how long it is looked whether an effect whose answer
				   was lost is in place, before anything is offered */

/* A plan of effects and the memory it lies in. */
struct plan {
	struct arena arena;
	struct effects effects;
};

struct conductor {
	struct loop *loop;
	const struct runbook *runbook;
	struct journal *journal;
	struct conduct_options options;
	struct conduct_listener listener;
	struct engine engine;
	struct reach *reach;
	struct observer *observer;
	struct conduct_lease *lease;    /* NULL: no cluster, no Lease */
	uint64_t lease_version;         /* as last looked at for the record */
	bool lease_astray;              /* the record says that it was not ours */
	const struct facts *facts;
	int64_t base_ms;                /* monotonic clock when the run's was 0 */
	int64_t opened_at_ms;           /* monotonic clock at conduct_open */
	int64_t opened_ms[SIDE_COUNT];  /* when that side was last let take writes, or
					   may have been: facts must be newer */

	int64_t brought_ms;             /* the last act that could bring pods: they must
					   have been seen since */

	struct verdict verdicts[RUNBOOK_ITEMS_MAX];
	size_t verdict_count;
	struct plan plan;               /* what the open gate would send */
	int64_t plan_changed_ms;        /* when it last changed while shown; -1 */
	uint64_t plan_version;          /* another with each change */
	struct plan sent;               /* what a forward gate showed, being sent */
	const struct action *sending_action;    /* of the effect in flight */
	const struct effects *sending;  /* what is being sent: sent, or a rollback's */
	bool behind;                    /* records came since the last survey: verdicts,
					   plan and seen are of another moment */
	struct verdict seen;            /* is the effect that is stuck in place? */
	size_t seen_effect;             /* which one that is */
	struct reality reality;         /* while it asks whether to go on */
	struct plan ahead;              /* what a later gate would send, to be armed */
	size_t ahead_step;              /* that gate's step; SIZE_MAX: none */
	char forbidden[ERROR_MESSAGE_MAX];      /* why what is planned must not be sent */
	struct arena way_back_arena;
	struct way_back way_back;
	struct arena rollback_arena;
	struct effects rollback[RUNBOOK_STEPS_MAX];     /* as confirmed, a step each */

	struct performance *performance;
	struct engine_outputs pending;  /* decided, not yet all written */
	size_t pending_written;         /* how many of them are on disk */
	size_t pending_done;            /* and how many in the engine's state */
	int64_t unwritten_ms;           /* since when the journal does not take what is
					   pending; -1: it does */
	enum error_code unwritten_told; /* why, as it was said; ERR_NONE: it was not */
	bool renewed;                   /* it got new times, as its disk was slow */
	bool takes_over;                /* the Lease, once that is on record */
	char parks[CONDUCT_PARKS_MAX];  /* why, as soon as that can be recorded */
	bool disarm;                    /* as soon as that can be recorded */
	bool settles;                   /* sessions of who drove before are to end */
	/* What became of the effect in flight, until it is decided on: it must
	 * not be lost while the journal or memory is out. */
	struct {
		bool waits;
		enum engine_input_kind kind;
		char text[PERFORM_TEXT_MAX];
	} outcome;
	bool resumes;                   /* the run was begun by an earlier one */
	bool begun;                     /* opened or resumed, by this conductor */
	json_t *told;                   /* records the listener has not heard of */
	bool left;                      /* without a record of it: not gone on with,
					   or the journal cannot be written */
	bool ended;                     /* the listener knows that it ended */
	struct loop_timer *beat, *wake, *journal_retry;
	int rested;                     /* beats left out in a row */
};

/* ---- survey.c ------------------------------------------------------------ */

/* Brings facts, verdicts, plan and way back up to now. ERR_NOMEM. */
int conduct_survey(struct conductor *conductor, struct error *err);
/* Plans a list of actions against the facts. ERR_NOMEM. */
int conduct_plan(const struct conductor *conductor,
		 const struct actions *actions, enum plan_mood mood,
		 struct plan *ret, struct error *err);
/* What conditions of the deed at hand are held against. */
void conduct_context(const struct conductor *conductor,
		     struct condition_context *ret);
/* A step's position, for such a context; data: the engine. */
const char *conduct_position(void *data, const char *since,
			     const char *connection);
/* Users' transactions on the target that the source lacks; -1: unknown. */
int64_t conduct_lost(const struct conductor *conductor);

/* ---- inputs.c ------------------------------------------------------------ */

#define CONDUCT_NAME_MAX 128

/* By which name the positions of a record tell where that database's binlog
 * stood: "rds binlog". */
void conduct_binlog_name(const struct facts_database *database,
			 char dst[CONDUCT_NAME_MAX]);
/* What came while nobody looked is told apart too: the fenced source's binlog
 * is read on from the fence, and the target's as long as it has no users, whose
 * writes would make it long. What can't be traced counts as users'. */
void conduct_trace(struct conductor *conductor);
/* The input for a decision on the deed at hand, its facts filled in; give it to
 * conduct_input_release. ERR_NOMEM. */
int conduct_input(struct conductor *conductor, enum engine_input_kind kind,
		  struct engine_input *ret, struct error *err);
/* The same for a decision on other effects. */
int conduct_input_of(struct conductor *conductor, enum engine_input_kind kind,
		     const struct effects *effects, struct engine_input *ret,
		     struct error *err);
void conduct_input_release(struct engine_input *input);
/* The deed's effects as the rollback's confirmation showed them; NULL: not
 * rolling back, or they could not be planned then. */
const struct effects *conduct_rollback_effects(const struct conductor *conductor);
/* On the way back gates open by themselves, for it was confirmed as a whole: but
 * not for what could not be planned then, and so was not shown. */
bool conduct_was_shown(const struct conductor *c);
void conduct_plan_release(struct plan *plan);

/* Feeds a decision of that kind to the engine. */
int conduct_decide(struct conductor *conductor, enum engine_input_kind kind,
		   const char *text, size_t index, struct error *err);

/* ---- carry.c ------------------------------------------------------------- */

/* decisions.c: sees to the end of what was sent before a resumption, once that
 * may be done. */
void conduct_settle(struct conductor *conductor);

/* Sends that effect, whose intent is on disk. */
void conduct_act(struct conductor *conductor, size_t effect);
/* What became of the effect in flight: DONE, FAILED or LOST. Kept until it can
 * be decided on, now or at a later beat; the error is why not now. */
int conduct_outcome(struct conductor *conductor, enum engine_input_kind kind,
		    const char *text, struct error *err);
/* At each beat: what became of it is decided on, if that had to wait. */
int conduct_carry_outcome(struct conductor *conductor, struct error *err);

/* ---- pending.c ----------------------------------------------------------- */

/* Tells the listener. */
void conduct_say(const struct conductor *conductor, const struct error *err);
/* Decides, writes what was decided, and acts. The engine's refusals come back
 * as errors; a journal that cannot be written is told to the listener. */
int conduct_feed(struct conductor *conductor, const struct engine_input *input,
		 struct error *err);
/* Gives up what was decided and could not be written: it was not decided. */
void conduct_forget(struct conductor *conductor);
/* Gives it up if it only was decided; what has happened stays. */
void conduct_withdraw(struct conductor *conductor);
/* At each beat: what waited for the journal or for memory is tried again; the
 * run is parked, or left, if that was asked for. */
int conduct_carry_on(struct conductor *conductor, struct error *err);
/* Beats soon, in a turn of its own. */
void conduct_wake(struct conductor *conductor);
/* From now on it beats. ERR_NOMEM. */
int conduct_beats(struct conductor *conductor, struct error *err);
/* Opens the run, at the first beat that can. */
int conduct_begin(struct conductor *conductor, struct error *err);

/* ---- leasenews.c --------------------------------------------------------- */

/* Writes into the record that others had the Lease, or that it is ours again. */
void conduct_lease_news(struct conductor *conductor);
/* Takes the Lease over once that is on record. */
int conduct_lease_take_over(struct conductor *conductor, struct error *err);

/* ---- twowriters.c -------------------------------------------------------- */

/* 0, or ERR_INVALID: by the facts, this action could let both databases take
 * users' writes at once. */
int conduct_two_writers(const struct conductor *conductor,
			const struct action *action, struct error *err);
/* The transactions that the source took after its fence, as they are seen now;
 * none where no fence stands. */
struct facts_intruders conduct_intruders(const struct conductor *conductor);
/* Which side a connection is; what is not the source is the target. */
enum facts_side conduct_side(const struct conductor *conductor,
			     const char *name);

#endif
