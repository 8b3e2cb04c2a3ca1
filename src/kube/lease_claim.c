/* See lease_claim.h. */
#include "kube/lease_claim.h"

#include <string.h>

#define CLAIM_RENEWALS 6        /* in the time that it lasts */
#define CLAIM_RETRIES 15
#define CLAIM_MARGIN 3          /* the last third of its time is not used */
#define CLAIM_PATIENCE_MIN_MS 1000

static void claim_turn(struct lease_claim *claim, enum lease_state state)
{
	if (claim->state != state)
		claim->version++;
	claim->state = state;
}

void lease_claim_init(struct lease_claim *claim,
		      const struct lease_terms *terms, int64_t now_ms)
{
	memset(claim, 0, sizeof(*claim));
	claim->terms = *terms;
	claim->held_ms = -1;
	claim->due_ms = now_ms;
	lease_identity_text(&terms->me, claim->me);
}

void lease_claim_release(struct lease_claim *claim)
{
	json_decref(claim->object);
	claim->object = NULL;
}

/* ---- what is true -------------------------------------------------------- */

int64_t lease_claim_good_ms(const struct lease_claim *claim)
{
	return claim->terms.lasts_ms - claim->terms.lasts_ms / CLAIM_MARGIN;
}

bool lease_claim_is_held(const struct lease_claim *claim, int64_t now_ms)
{
	return claim->state == LEASE_HELD && !claim->ending &&
	       now_ms - claim->held_ms < lease_claim_good_ms(claim);
}

bool lease_claim_can_take(const struct lease_claim *claim)
{
	return !claim->taking && (claim->state == LEASE_EXPIRED_OTHER ||
				  claim->state == LEASE_GIVEN_UP);
}

int64_t lease_claim_patience_ms(const struct lease_claim *claim)
{
	int64_t patience = claim->terms.lasts_ms / CLAIM_RENEWALS;

	return patience < CLAIM_PATIENCE_MIN_MS ? CLAIM_PATIENCE_MIN_MS :
						  patience;
}

static const char *claim_host(const char *who)
{
	const char *at = strrchr(who, '@');

	return at ? at : "@";
}

/*
 * Left behind by this very run? The journal's path and host stand in the
 * Lease, and the lock on that file, which we hold, ends only with the process
 * that held it: the one that wrote this Lease is dead, however fresh the Lease
 * looks, and the run goes on at once. The same name on another host, or of
 * another journal, proves nothing.
 */
static bool claim_is_of_this_run(const struct lease_claim *claim)
{
	struct lease_identity holder;

	lease_identity_read(claim->seen.holder, &holder);
	return claim->terms.resumes && claim->terms.place[0] && holder.pid &&
	       strcmp(claim->seen.place, claim->terms.place) == 0 &&
	       strcmp(claim_host(holder.who),
		      claim_host(claim->terms.me.who)) == 0;
}

static bool claim_is_mine(const struct lease_claim *claim)
{
	return claim->object && strcmp(claim->seen.holder, claim->me) == 0;
}

/* May it be written without the word? */
static bool claim_is_free(const struct lease_claim *claim)
{
	if (claim_is_mine(claim))
		return true;
	if (!claim->object || !claim->seen.holder[0])
		return !claim->stranger;
	return claim_is_of_this_run(claim);
}

/* ---- what to do ---------------------------------------------------------- */

void lease_claim_pass(struct lease_claim *claim, int64_t now_ms)
{
	if (claim->state == LEASE_HELD && !claim->ending &&
	    !lease_claim_is_held(claim, now_ms))
		claim_turn(claim, LEASE_LOST);
}

enum lease_request lease_claim_next(struct lease_claim *claim, int64_t now_ms)
{
	if (claim->state == LEASE_RELEASED)
		return LEASE_REST;
	if (claim->ending) {
		/* where that was long ago, its version gives nothing up */
		claim->releasing = claim_is_mine(claim);
		if (claim->releasing)
			return LEASE_PUT;
		claim_turn(claim, LEASE_RELEASED);
		return LEASE_REST;
	}
	if (now_ms < claim->due_ms)
		return LEASE_REST;
	if (!claim->looked || (!claim->taking && !claim_is_free(claim)))
		return LEASE_GET;
	return claim->object ? LEASE_PUT : LEASE_POST;
}

json_t *lease_claim_object(const struct lease_claim *claim, int64_t wall_ms)
{
	struct lease_record record = claim->seen;
	bool renews = claim_is_mine(claim);

	lease_stamp(wall_ms, record.renewed);
	record.seconds = claim->terms.lasts_ms / 1000;
	if (claim->ending) {
		record.holder[0] = record.place[0] = '\0';
	} else if (!renews) {
		memcpy(record.holder, claim->me, sizeof(record.holder));
		memcpy(record.place, claim->terms.place, sizeof(record.place));
		memcpy(record.acquired, record.renewed,
		       sizeof(record.acquired));
		record.transitions = claim->object ? record.transitions + 1 : 0;
	}
	return lease_object(claim->object, claim->terms.name, &record);
}

void lease_claim_take(struct lease_claim *claim, int64_t now_ms)
{
	claim->taking = lease_claim_can_take(claim);
	claim->due_ms = now_ms;
}

void lease_claim_end(struct lease_claim *claim, int64_t now_ms)
{
	claim->ending = true;
	claim->due_ms = now_ms;
}

/* ---- answers ------------------------------------------------------------- */

static void claim_forget(struct lease_claim *claim)
{
	json_decref(claim->object);
	claim->object = NULL;
	memset(&claim->seen, 0, sizeof(claim->seen));
}

/* Another has it: since when it stands still is what counts. */
static void claim_see_other(struct lease_claim *claim, int64_t sent_ms,
			    int64_t now_ms)
{
	bool expired = sent_ms - claim->seen_ms > claim->seen.seconds * 1000;

	if (strcmp(claim->other.holder, claim->seen.holder) != 0)
		claim->version++;
	claim->other = claim->seen;
	claim->stranger = true;
	claim->expired = expired;
	claim->taking = claim->taking && expired;
	claim_turn(claim, expired ? LEASE_EXPIRED_OTHER : LEASE_HELD_BY_OTHER);
	claim->due_ms = now_ms + claim->terms.lasts_ms / CLAIM_RENEWALS;
}

/* What is there is known; what is it to us? */
static void claim_judge(struct lease_claim *claim, int64_t sent_ms,
			int64_t now_ms)
{
	claim->looked = true;
	if (claim_is_free(claim)) {
		claim->due_ms = now_ms;
		if (claim->state != LEASE_HELD && claim->state != LEASE_LOST &&
		    claim->state != LEASE_FORBIDDEN)
			claim_turn(claim, LEASE_ACQUIRING);
	} else if (!claim->object || !claim->seen.holder[0]) {
		claim_turn(claim, LEASE_GIVEN_UP);
		claim->due_ms = now_ms + (claim->taking ? 0 :
				claim->terms.lasts_ms / CLAIM_RENEWALS);
	} else {
		claim_see_other(claim, sent_ms, now_ms);
	}
}

static void claim_got(struct lease_claim *claim, enum lease_request request,
		      int64_t sent_ms, int64_t now_ms, const json_t *body)
{
	struct lease_record record;
	json_t *object = json_deep_copy(body);

	if (lease_read(object, &record, &claim->trouble)) {
		json_decref(object);
		claim->looked = false;
		claim->due_ms = now_ms + claim->terms.lasts_ms / CLAIM_RETRIES;
		return;
	}
	if (!claim->object || strcmp(record.version, claim->seen.version) != 0)
		claim->seen_ms = now_ms;
	json_decref(claim->object);
	claim->object = object;
	claim->seen = record;
	if (request == LEASE_GET || !claim_is_mine(claim)) {
		claim_judge(claim, sent_ms, now_ms);
		return;
	}
	claim->taking = claim->stranger = false;
	claim->conflicts = 0;
	claim->looked = true;
	claim->held_ms = sent_ms;
	claim->due_ms = now_ms + claim->terms.lasts_ms / CLAIM_RENEWALS;
	claim_turn(claim, LEASE_HELD);
}

/* Somebody was first, or it is gone: what is there must be looked at. */
static void claim_overtaken(struct lease_claim *claim, int64_t now_ms)
{
	claim->looked = claim->taking = false;
	/* the first time at once; not again and again in a circle */
	claim->due_ms = now_ms + (claim->conflicts++ ?
				  claim->terms.lasts_ms / CLAIM_RETRIES : 0);
	if (claim->state == LEASE_HELD)
		claim_turn(claim, LEASE_LOST);
}

/* May what was asked for have been written all the same? */
static bool claim_in_doubt(enum lease_request request, const struct error *err)
{
	return request != LEASE_GET &&
	       (err->code == ERR_TIMEOUT || err->code == ERR_LOST ||
		err->code == ERR_REMOTE);
}

void lease_claim_answered(struct lease_claim *claim, enum lease_request request,
			  int64_t sent_ms, int64_t now_ms, const json_t *body,
			  const struct error *err)
{
	bool trouble = claim->trouble.code != 0;

	error_clear(&claim->trouble);
	if (claim->releasing) {
		/* one try: what could not be given up expires */
		claim_turn(claim, LEASE_RELEASED);
	} else if (!err) {
		claim_got(claim, request, sent_ms, now_ms, body);
	} else if (request == LEASE_GET && err->code == ERR_NOTFOUND) {
		claim_forget(claim);
		claim_judge(claim, sent_ms, now_ms);
	} else if (err->code == ERR_CONFLICT ||
		   (request == LEASE_PUT && err->code == ERR_NOTFOUND)) {
		claim_overtaken(claim, now_ms);
	} else {
		claim->trouble = *err;
		claim->due_ms = now_ms + claim->terms.lasts_ms / CLAIM_RETRIES;
		/* or our own renewal would be the conflict */
		if (claim_in_doubt(request, err))
			claim->looked = false;
		if (err->code == ERR_DENIED && claim->state != LEASE_HELD)
			claim_turn(claim, LEASE_FORBIDDEN);
	}
	/* while another has it, or nobody, a lost answer is no news */
	if ((claim->trouble.code != 0) != trouble &&
	    (claim->state == LEASE_HELD || claim->state == LEASE_ACQUIRING))
		claim->version++;
}
