/* See acting.h. */
#include "perform/acting.h"

#include "db/connection.h"
#include "net/loop.h"
#include "perform/performance.h"

#define ACTING_ANSWER_MS 5000

int acting_open(struct acting *acting, struct loop *loop,
		const struct db_config *config, struct error *err)
{
	/* an idle connection may break and come back; a statement is never
	 * sent twice all the same */
	const struct db_options options = {
		.reconnect = true, .program = "cutover",
	};

	acting->loop = loop;
	return db_open(loop, config, &options, NULL, NULL, &acting->connection,
		       err);
}

static void acting_kept(void *data, const struct db_result *result,
			const struct error *err)
{
	struct acting *acting = data;

	(void)result;
	(void)err;
	acting->keeps = false;
}

static void acting_say(void *data)
{
	struct acting *acting = data;

	if (!acting->keeps)
		acting->keeps = !db_query(acting->connection, "DO 0",
					  ACTING_ANSWER_MS, acting_kept, acting,
					  NULL);
}

int acting_keep(struct acting *acting, int64_t every_ms, struct error *err)
{
	return loop_timer(acting->loop, every_ms, every_ms, acting_say, acting,
			  &acting->keep, err);
}

/* Nobody may be left without an answer. */
static void acting_turn_away(struct acting *acting)
{
	struct error err = {0};

	acting->next = NULL;
	error_set(&err, ERR_CANCELLED,
		  db_connection_where(acting->connection),
		  "another act came before its turn did; nothing was sent");
	acting->callback(acting->data, &err);
}

int acting_take(struct acting *acting, struct db_seat *seat,
		db_seat_fn *callback, void *data, struct error *err)
{
	if (!acting->settles)
		return db_seat_take(seat, acting->connection, callback, data,
				    err);
	if (acting->next)
		acting_turn_away(acting);
	/* its time limit is not to run while it only waits */
	acting->next = seat;
	acting->callback = callback;
	acting->data = data;
	return 0;
}

static void acting_settled(void *data, const struct error *err)
{
	struct acting *acting = data;
	struct db_seat *next = acting->next;
	struct error why = {0};

	acting->settles = false;
	acting->next = NULL;
	if (!next) {
		if (!err)
			db_seat_leave(acting->connection);
		return;
	}
	if (!err) {
		db_seat_hand_over(&acting->seat, next, acting->callback,
				  acting->data);
		acting->callback(acting->data, NULL);
		return;
	}
	if (db_seat_take(next, acting->connection, acting->callback,
			 acting->data, &why))
		acting->callback(acting->data, &why);
}

void acting_settle(struct acting *acting)
{
	if (!acting->settles)
		acting->settles = !db_seat_take(&acting->seat,
						acting->connection,
						acting_settled, acting, NULL);
}

void acting_give_up(struct acting *acting, struct performance *performance)
{
	performance->next = acting->given_up;
	acting->given_up = performance;
}

void acting_forget(struct acting *acting, struct performance *performance)
{
	struct performance **link = &acting->given_up;

	while (*link && *link != performance)
		link = &(*link)->next;
	if (*link)
		*link = performance->next;
}

void acting_close(struct acting *acting)
{
	loop_timer_cancel(acting->keep);
	db_close(acting->connection);
	while (acting->given_up) {
		struct performance *performance = acting->given_up;

		acting->given_up = performance->next;
		perform_free(performance);
	}
}
