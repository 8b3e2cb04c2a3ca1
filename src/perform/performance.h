/* Inside the room: one effect on its way, and what its starters share. */
#ifndef CUTOVER_PERFORM_PERFORMANCE_H
#define CUTOVER_PERFORM_PERFORMANCE_H

#include <jansson.h>
#include <stdbool.h>

#include "db/seat.h"
#include "perform/perform.h"

struct acting;

struct performance {
	const struct effect *effect;
	struct perform_caller caller;
	struct acting *acting;                  /* SQL: on its way there */
	struct db_seat seat;                    /* whose turn it is there */
	bool again;                             /* SQL: it was asked for twice */
	bool abandoned;                         /* SQL: its answer is awaited still */
	struct performance *next;               /* among those that were given up */
	struct kube_call *kube;
	struct http_call *http;
	struct loop_timer *timer;               /* by hand, or until it asks again */
	json_t *body;
};

void perform_free(struct performance *performance);
/* Frees it and tells its caller; text is sanitised on the way. */
void perform_finish(struct performance *performance,
		    enum perform_outcome outcome, const char *text);
/* The same, with the error's text. */
void perform_fail(struct performance *performance,
		  enum perform_outcome outcome, const struct error *err);

/* Asks the caller; 0 where it has no say. */
int perform_may_send(void *performance, struct error *err);

/* Does that HTTP status leave open what was done? A server that failed, or a
 * gateway before it, may have acted all the same. Of 501, 503 and 505 RFC 9110
 * says in section 15.6 that it did not: it cannot do that, cannot handle it now,
 * knows no such version. */
bool perform_status_is_unknown(int status);

int perform_sql(struct performance *performance, struct reach *reach,
		struct error *err);
void perform_sql_abandon(struct performance *performance);

#endif
