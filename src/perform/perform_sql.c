/*
 * One statement as an effect: the seat is taken, the statement sent, the seat
 * left; or, where the answer was lost, that session seen to its end.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/i18n.h"
#include "db/connection.h"
#include "db/dialect.h"
#include "net/loop.h"
#include "perform/acting.h"
#include "perform/performance.h"
#include "perform/reach.h"

/* Longer than a server that is not there is left alone. */
#define PERFORM_AGAIN_MS (2 * DB_BACKOFF_UNREACHED_MS)

/* The first row that the server sent, or how many rows it changed. */
static size_t perform_sql_row(const struct db_result *result, char *dst,
			      size_t size)
{
	const struct db_rows *rows = NULL;
	size_t used = 0;

	for (size_t i = 0; i < result->set_count && !rows; i++)
		if (result->sets[i].rows)
			rows = &result->sets[i];
	if (!rows)
		return (size_t)snprintf(dst, size, "OK, %" PRIu64
					" rows affected", result->affected);
	dst[0] = '\0';
	for (size_t i = 0; i < rows->columns && used < size; i++)
		used += (size_t)snprintf(dst + used, size - used, "%s%s",
					 i ? ", " : "", rows->cells[i] ?
					 rows->cells[i] : "NULL");
	return used;
}

static void perform_sql_answer(const struct performance *performance,
			       const struct db_result *result, char *dst,
			       size_t size)
{
	size_t used = perform_sql_row(result, dst, size);

	if (performance->seat.killed && used < size)
		snprintf(dst + used, size - used,
			 _("; session %" PRId64 " of an earlier act had not ended and was killed first"),
			 performance->seat.killed);
}

/* The seat is left; or, where the answer was lost, that session is seen to its
 * end, so that the statement lands soon or never. One that was cancelled has
 * answered: it is over, and its session has the seat still. */
static void perform_sql_leave(struct performance *performance,
			      const struct db_result *result,
			      const struct error *err)
{
	if (err && err->code != ERR_CANCELLED &&
	    perform_outcome_of(err, result->sent) == PERFORM_UNKNOWN)
		acting_settle(performance->acting);
	else
		db_seat_leave(performance->acting->connection);
}

/* A procedure may have done a part before it raised its error, or before it came
 * to what it is not allowed. */
static enum perform_outcome
perform_sql_outcome(const struct performance *performance,
		    const struct db_result *result, const struct error *err)
{
	bool calls = strncasecmp(performance->effect->request, "CALL ", 5) == 0;

	if (calls && result->sent &&
	    (err->code == ERR_REMOTE || err->code == ERR_DENIED))
		return PERFORM_UNKNOWN;
	return perform_outcome_of(err, result->sent);
}

/* Nobody waits any more, and the effect may be gone. */
static void perform_sql_forget(struct performance *performance)
{
	acting_forget(performance->acting, performance);
	perform_free(performance);
}

static void perform_sql_done(void *data, const struct db_result *result,
			     const struct error *err)
{
	struct performance *performance = data;
	char text[PERFORM_TEXT_MAX];
	int verb;

	perform_sql_leave(performance, result, err);
	if (performance->abandoned) {
		perform_sql_forget(performance);
		return;
	}
	verb = performance->effect->verb;
	if (err && verb >= 0 &&
	    db_dialect_is_done_already((enum db_verb)verb, err)) {
		snprintf(text, sizeof(text), _("was so already: %s"),
			 err->message);
		perform_finish(performance, PERFORM_DONE, text);
		return;
	}
	if (err) {
		perform_fail(performance,
			     perform_sql_outcome(performance, result, err),
			     err);
		return;
	}
	perform_sql_answer(performance, result, text, sizeof(text));
	perform_finish(performance, PERFORM_DONE, text);
}

static void perform_sql_seated(void *data, const struct error *err);

static void perform_sql_ask_again(void *data)
{
	struct performance *performance = data;
	struct error err = {0};

	performance->timer = NULL;
	if (acting_take(performance->acting, &performance->seat,
			perform_sql_seated, performance, &err))
		perform_fail(performance, PERFORM_FAILED, &err);
}

/* The connection was found broken, or broke over the question whose turn it is.
 * Nothing of the effect was sent, and a new one may be had: once. */
static bool perform_sql_again(struct performance *performance,
			      const struct error *err)
{
	if (performance->again || (err->code != ERR_UNREACHABLE &&
				   err->code != ERR_LOST &&
				   err->code != ERR_TIMEOUT))
		return false;
	performance->again = true;
	return !loop_timer(performance->acting->loop, PERFORM_AGAIN_MS, 0,
			   perform_sql_ask_again, performance,
			   &performance->timer, NULL);
}

/* It is our turn there, or nothing is sent. */
static void perform_sql_seated(void *data, const struct error *err)
{
	struct performance *performance = data;
	const struct effect *effect = performance->effect;
	struct error why = {0};

	if (performance->abandoned) {
		if (!err)
			db_seat_leave(performance->acting->connection);
		perform_sql_forget(performance);
		return;
	}
	if (err && perform_sql_again(performance, err))
		return;
	if (err)
		why = *err;
	else if (perform_may_send(performance, &why) ||
		 db_seat_query(&performance->seat, effect->request,
			       effect->within_ms, perform_sql_done,
			       performance, &why))
		db_seat_leave(performance->acting->connection);
	if (why.code)
		perform_fail(performance, PERFORM_FAILED, &why);
}

int perform_sql(struct performance *performance, struct reach *reach,
		struct error *err)
{
	performance->acting = reach_acting(reach,
					   performance->effect->connection);
	return acting_take(performance->acting, &performance->seat,
			   perform_sql_seated, performance, err);
}

/* Its answer still comes, and frees it then; if it has asked. */
void perform_sql_abandon(struct performance *performance)
{
	if (performance->timer) {
		loop_timer_cancel(performance->timer);
		perform_free(performance);
		return;
	}
	performance->abandoned = true;
	acting_give_up(performance->acting, performance);
	db_cancel(performance->acting->connection);
}
