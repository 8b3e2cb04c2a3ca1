/* Inside: a prospect while its questions are asked. See prospect.h. */
#ifndef CUTOVER_CONDUCT_PROSPECT_PRIVATE_H
#define CUTOVER_CONDUCT_PROSPECT_PRIVATE_H

#include "base/arena.h"
#include "conduct/prospect.h"
#include "kube/review.h"

struct db_server;
struct kube_call;
struct loop_timer;
struct observer;
struct performance;
struct reach;

enum question_kind {
	QUESTION_TRIAL,         /* effect */
	QUESTION_WISH,          /* wish */
	QUESTION_LEASE,         /* wish: whose is it? */
	QUESTION_ROLES,         /* connection; then its grants */
	QUESTION_GRANTS,
};

struct question {
	enum question_kind kind;
	struct verdict *answer;         /* of the first three */
	const struct effect *effect;
	struct kube_wish wish;
	const char *connection;         /* of the last two; NULL for others */
};

struct prospect {
	struct loop *loop;
	struct reach *reach;
	struct observer *observer;
	struct loop_timer *beat;        /* while it looks */
	int64_t begun_ms;
	void (*done)(void *data);
	void *data;
	struct arena arena;             /* owns all that follows */
	struct prospect_step *steps;
	struct prospect_right rights[PROSPECT_RIGHTS_MAX];
	struct prospect_found found;
	struct question *questions;     /* in the order in which they are asked */
	size_t question_count, at;
	void (*over)(struct prospect *);
	struct effect trial;            /* the one that is tried now */
	struct performance *performance;
	struct kube_call *call;
	json_t *body;
};

/* Makes the questions. ERR_NOMEM. */
int prospect_questions(struct prospect *prospect, struct error *err);
/* The server of that connection, as it was seen; NULL: not yet. */
const struct db_server *prospect_server(const struct prospect *prospect,
					const char *connection);
/* Asks all that can be asked about what was planned, one after the other; then
 * over is called. ERR_NOMEM, before anything was asked. */
int prospect_ask(struct prospect *prospect, void (*over)(struct prospect *),
		 struct error *err);
/* No answer is waited for any more. */
void prospect_hush(struct prospect *prospect);

/* A verdict with that text, sanitised. */
void prospect_say(struct verdict *verdict, enum verdict_state state,
		  const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
