/*
 * The connection through which one database is acted on. Acts go one at a
 * time, each from the seat (db/seat.h); an act whose answer was lost is seen to
 * its end in the background, and the next takes its turn after that.
 */
#ifndef CUTOVER_PERFORM_ACTING_H
#define CUTOVER_PERFORM_ACTING_H

#include <stdbool.h>
#include <stdint.h>

#include "db/seat.h"

struct db_config;
struct loop;
struct loop_timer;
struct performance;

/* How often something is said there: who says nothing for a minute is forgotten
 * by some firewalls and some servers. */
#define ACTING_KEEP_MS 30000

struct acting {
	struct loop *loop;
	struct db_connection *connection;
	struct loop_timer *keep;
	bool keeps;                     /* an answer to that is awaited */
	struct db_seat seat;            /* while `settles` */
	bool settles;
	struct db_seat *next;           /* whose turn is next; NULL: nobody's */
	db_seat_fn *callback;
	void *data;
	struct performance *given_up;   /* unanswered, and nobody waits for them */
};

/* Begins to connect; *acting is all zeroes, and stays in place. */
int acting_open(struct acting *acting, struct loop *loop,
		const struct db_config *config, struct error *err);
/* From now on says something every so often, so that the connection is there
 * when it is wanted, or known to be gone and renewed before that. */
int acting_keep(struct acting *acting, int64_t every_ms, struct error *err);
/* Takes the seat, as db_seat_take does, once nothing is being settled. Whoever
 * waited for that before is answered first: ERR_CANCELLED. */
int acting_take(struct acting *acting, struct db_seat *seat,
		db_seat_fn *callback, void *data, struct error *err);
/* Sees every session that acted before to its end, by taking the seat and
 * leaving it again: in the background, ending what does not end by itself.
 * Where it cannot be done the seat stays taken for all to see, and the next act
 * does it, or is not sent. */
void acting_settle(struct acting *acting);
/* Nobody waits for it any more; it is kept until its answer comes. */
void acting_give_up(struct acting *acting, struct performance *performance);
/* Its answer has come. */
void acting_forget(struct acting *acting, struct performance *performance);
/* Closes the connection, after which no answer comes, and frees what was given
 * up. Takes one that could not be opened. */
void acting_close(struct acting *acting);

#endif
