/*
 * Inside condition.c: what the judges share. One judge a kind of condition; a
 * judge first asks whether its facts can be used at all, and only then may it
 * say green or red.
 */
#ifndef CUTOVER_OBSERVE_JUDGE_H
#define CUTOVER_OBSERVE_JUDGE_H

#include "observe/condition.h"

typedef void condition_judge_fn(const struct condition *condition,
				const struct condition_context *context,
				struct verdict *ret);

/* The text is sanitised. */
void verdict_set(struct verdict *ret, enum verdict_state state,
		 const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Green if it holds, red if not. */
enum verdict_state verdict_of(bool holds);
/* Is the fact there, fresh, and seen after the last act? Else *ret is unknown
 * and says why. */
bool fact_usable(const struct stamp *stamp, const char *what,
		 const struct condition_context *c, struct verdict *ret);

/* judge_database.c */
condition_judge_fn judge_replicating;
condition_judge_fn judge_not_replicating;
condition_judge_fn judge_missing;
condition_judge_fn judge_errant;
condition_judge_fn judge_read_only;
condition_judge_fn judge_quiet;
condition_judge_fn judge_transactions;
condition_judge_fn judge_rows;

/* judge_cluster.c */
condition_judge_fn judge_pods;
condition_judge_fn judge_endpoints;
condition_judge_fn judge_selector;
condition_judge_fn judge_deployment_gone;

#endif
