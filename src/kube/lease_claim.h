/*
 * A claim to a Lease, as a state machine: what is known of it, whether it is
 * ours, and which request is due. Pure: answers and times are given to it, and
 * it says what to send next; somebody else sends it (conduct/lease.h).
 *
 * Whether another's Lease has expired is never judged by the times written in
 * it, which are of another machine's clock: only by how long its
 * resourceVersion has been seen to stand still, on a clock of our own. That
 * takes a look at both ends: while the API server cannot be reached, nothing
 * is seen to stand still. All times are milliseconds of clock_mono_ms: a
 * machine that slept must not believe that it still holds what it held.
 */
#ifndef CUTOVER_KUBE_LEASE_CLAIM_H
#define CUTOVER_KUBE_LEASE_CLAIM_H

#include <stdbool.h>

#include "kube/lease.h"

enum lease_state {
	LEASE_ACQUIRING,        /* not known yet, or free and being taken */
	LEASE_HELD,             /* ours, and renewed in time */
	LEASE_LOST,             /* was ours; not renewed in time, or changed by somebody */
	LEASE_HELD_BY_OTHER,    /* and renewed by them, as far as is known */
	LEASE_EXPIRED_OTHER,    /* they have not renewed it: the word takes it */
	LEASE_GIVEN_UP,         /* free, but another had it since we began or
				   last held it: the word takes it */
	LEASE_FORBIDDEN,        /* the API server does not let us */
	LEASE_RELEASED,         /* given up by us: the end */
};

enum lease_request {
	LEASE_REST,             /* nothing is due */
	LEASE_GET,
	LEASE_POST,
	LEASE_PUT,
};

/* Copied by lease_claim_init. */
struct lease_terms {
	char name[LEASE_NAME_MAX];
	struct lease_identity me;
	char place[LEASE_PLACE_MAX];    /* host:path of the journal; "": not known */
	bool resumes;                   /* this journal was driven before */
	int64_t lasts_ms;               /* whole seconds */
};

struct lease_claim {
	struct lease_terms terms;
	char me[LEASE_HOLDER_MAX];
	enum lease_state state;
	bool looked;                    /* `object` is what is there */
	json_t *object;                 /* NULL: there is none */
	struct lease_record seen;       /* what `object` says */
	int64_t seen_ms;                /* when it was first seen to say so */
	struct lease_record other;      /* the last other holder */
	bool stranger;                  /* there was one since we began or held it */
	bool expired;                   /* and it was seen to let it expire */
	int64_t held_ms;                /* when our last renewal was sent; -1: none */
	int64_t due_ms;                 /* the next request */
	int conflicts;                  /* in a row */
	bool taking;                    /* the word was given for what was seen */
	bool ending;
	bool releasing;                 /* the request that gives it up was asked for */
	struct error trouble;           /* why the last request failed */
	unsigned long version;          /* another with each state, holder and trouble */
};

void lease_claim_init(struct lease_claim *claim,
		      const struct lease_terms *terms, int64_t now_ms);
void lease_claim_release(struct lease_claim *claim);

/* ---- what is true -------------------------------------------------------- */

/* Ours, and so surely for a while yet: nobody who keeps the rules has it. */
bool lease_claim_is_held(const struct lease_claim *claim, int64_t now_ms);
/* How long it lasts after a renewal for us; the rest of the Lease's time is a
 * margin for what was begun just before. */
int64_t lease_claim_good_ms(const struct lease_claim *claim);
/* Can the word take it now? */
bool lease_claim_can_take(const struct lease_claim *claim);

/* ---- what to do ---------------------------------------------------------- */

/* Judges what time alone changes. */
void lease_claim_pass(struct lease_claim *claim, int64_t now_ms);
/* What to send now. One request at a time: not to be asked while one is in
 * flight. */
enum lease_request lease_claim_next(struct lease_claim *claim, int64_t now_ms);
/* The most that request may take. */
int64_t lease_claim_patience_ms(const struct lease_claim *claim);
/* What to POST or PUT: a new value, NULL when memory is out. */
json_t *lease_claim_object(const struct lease_claim *claim, int64_t wall_ms);
/* The answer: body for a success (borrowed), err otherwise (NULL for a
 * success). sent_ms: when the request was sent. */
void lease_claim_answered(struct lease_claim *claim, enum lease_request request,
			  int64_t sent_ms, int64_t now_ms, const json_t *body,
			  const struct error *err);

/* The operator's word was given: takes it at the next turn, as it was seen; if
 * it is not to be taken now, nothing follows. */
void lease_claim_take(struct lease_claim *claim, int64_t now_ms);
/* Gives it up if it is ours; LEASE_RELEASED follows. */
void lease_claim_end(struct lease_claim *claim, int64_t now_ms);

#endif
