/*
 * The prospect of a run: what a runbook would send in the world as it is now,
 * and whether it would be let. Looks, plans every step and its way back, has
 * the API server try each request without doing it (dry-run), asks for every
 * right, and holds every guard against the facts. It changes nothing.
 */
#ifndef CUTOVER_CONDUCT_PROSPECT_H
#define CUTOVER_CONDUCT_PROSPECT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "observe/facts.h"
#include "observe/verdict.h"
#include "perform/effect.h"
#include "runbook/model.h"

struct loop;
struct prospect;

#define PROSPECT_LOOK_MS 10000  /* how long at most it looks before it asks */
#define PROSPECT_ASK_MS 10000   /* for each answer */
#define PROSPECT_RIGHTS_MAX 4

/* One effect, and what its server says. */
struct prospect_effect {
	bool asked;             /* false: it can neither be tried nor asked for;
				   the verdict's text says why */
	struct verdict verdict;
};

/* What a step, or its undo, would send; a prospect_effect for each. */
struct prospect_deed {
	struct effects effects;
	struct prospect_effect *answers;
};

struct prospect_step {
	struct prospect_deed deed, undo;
	struct verdict *guards;         /* as many as the deed has */
};

/* What a run needs beside its effects: "get leases NAME"; and that nobody else
 * drives it. */
struct prospect_right {
	char text[VERDICT_TEXT_MAX];
	struct verdict verdict;
};

/* All that was found; lives as long as its prospect. */
struct prospect_found {
	const struct runbook *runbook;
	const struct facts *facts;
	const struct prospect_step *steps;      /* as many as the runbook has */
	const struct prospect_right *rights;
	size_t right_count;
	const struct verdict *known;    /* what stood against it beforehand */
	size_t known_count;
};

/* Begins; done is called once, in a later turn. runbook and loop are borrowed.
 * The errors are reach_open's and observer_open's. */
int prospect_open(struct loop *loop, const struct runbook *runbook,
		  void (*done)(void *data), void *data, struct prospect **ret,
		  struct error *err);
/* What is known beforehand to stand against the run as a whole; borrowed. */
void prospect_know(struct prospect *prospect, const struct verdict *known,
		   size_t count);
/* Takes NULL. */
void prospect_close(struct prospect *prospect);

/* After done. */
const struct prospect_found *prospect_found(const struct prospect *prospect);

/* One thing that stands against beginning now; step: NULL, it is of the run as
 * a whole. The verdict is red or unknown. */
typedef void prospect_against_fn(void *data, const struct runbook_step *step,
				 bool undo, const struct verdict *verdict);

/*
 * What stands against beginning now, and how much of it there is: what was known
 * beforehand; an effect
 * that cannot be planned or would not be let, there or on the way back; a right
 * that is lacking; a guard of the first gate that is not green. What could not
 * be found out counts as well. Later gates' guards do not: they hang on the
 * steps before them. each: NULL, it is only counted.
 */
size_t prospect_against(const struct prospect_found *found,
			prospect_against_fn *each, void *data);

#endif
