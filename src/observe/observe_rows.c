/* See observe_rows.h. */
#include "observe/observe_rows.h"

#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/text.h"
#include "db/connection.h"
#include "net/loop.h"
#include "observe/observer.h"
#include "perform/reach.h"

#define OBSERVE_ROWS_LIMIT_MS 3000

/* A question that takes long is asked seldom, but often enough that its answer
 * does not get stale. */
static void observe_rows_rest(struct observe_query *query, struct stamp *stamp)
{
	int64_t now_ms = loop_now(reach_loop(query->all->reach));
	int64_t took_ms = now_ms - query->asked_ms;
	int64_t rest_ms = 4 * took_ms;

	query->busy = false;
	query->next_ms = now_ms + (rest_ms < OBSERVE_DATABASE_MS ?
				   rest_ms : OBSERVE_DATABASE_MS);
	stamp->fresh_ms = stamp_fresh_ms(took_ms);
}

static void observe_rows_done(void *data, const struct db_result *result,
			      const struct error *err)
{
	struct observe_query *query = data;
	struct facts_rows *rows = &query->all->facts->rows[query->index];
	const struct db_rows *set = result->set_count ? &result->sets[0] : NULL;
	int64_t value;

	observe_rows_rest(query, &rows->stamp);
	if (err) {
		snprintf(rows->stamp.problem, sizeof(rows->stamp.problem),
			 "%.250s", err->message);
	} else if (!set || !set->rows || !set->cells[0] ||
		   text_parse_int(set->cells[0], INT64_MIN, INT64_MAX,
				  &value)) {
		snprintf(rows->stamp.problem, sizeof(rows->stamp.problem), "%s",
			 _("the answer is not a number"));
	} else {
		rows->value = value;
		rows->stamp.at_ms = query->asked_ms;
		rows->stamp.problem[0] = '\0';
	}
	query->all->changed(query->all->data);
}

void observe_rows_init(struct observe_rows *all, struct reach *reach,
		       const struct runbook *runbook, struct facts *facts,
		       void (*changed)(void *data), void *data)
{
	const struct condition *list[RUNBOOK_ROWS_MAX], *over;

	all->reach = reach;
	all->facts = facts;
	all->changed = changed;
	all->data = data;
	facts->row_count = runbook_rows(runbook, list, &over);
	for (size_t i = 0; i < facts->row_count; i++) {
		facts->rows[i].on = list[i]->on;
		facts->rows[i].query = list[i]->query;
		facts->rows[i].stamp.at_ms = -1;
		facts->rows[i].stamp.fresh_ms = OBSERVE_FRESH_DATABASE_MS;
		all->queries[i].all = all;
		all->queries[i].index = i;
	}
}

void observe_rows_close(struct observe_rows *all)
{
	for (size_t i = 0; i < all->database_count; i++)
		db_close(all->databases[i].connection);
}

static int observe_rows_open(struct observe_rows *all, const char *on,
			     struct db_connection **ret, struct error *err)
{
	const struct db_config *config = reach_database(all->reach, on);
	const struct db_options options = {
		.reconnect = true, .program = "cutover-observer",
	};
	int status;

	if (!config)
		return error_set(err, ERR_INVALID, NULL,
				 _("'%s' is no database connection"), on);
	status = db_open(reach_loop(all->reach), config, &options, NULL, NULL,
			 ret, err);
	if (status)
		return status;
	all->databases[all->database_count].on = on;
	all->databases[all->database_count++].connection = *ret;
	return 0;
}

static int observe_rows_ask(struct observe_query *query, struct error *err)
{
	struct observe_rows *all = query->all;
	const struct facts_rows *rows = &all->facts->rows[query->index];
	struct db_connection *connection = NULL;
	int status = 0;

	for (size_t i = 0; i < all->database_count; i++)
		if (strcmp(all->databases[i].on, rows->on) == 0)
			connection = all->databases[i].connection;
	if (!connection)
		status = observe_rows_open(all, rows->on, &connection, err);
	return status ? status :
	       db_query(connection, rows->query, OBSERVE_ROWS_LIMIT_MS,
			observe_rows_done, query, err);
}

void observe_rows_round(struct observe_rows *all)
{
	int64_t now_ms = loop_now(reach_loop(all->reach));

	for (size_t i = 0; i < all->facts->row_count; i++) {
		struct observe_query *query = &all->queries[i];
		struct stamp *stamp = &all->facts->rows[i].stamp;
		struct error err = {0};

		if (query->busy || now_ms < query->next_ms)
			continue;
		query->asked_ms = now_ms;
		query->busy = !observe_rows_ask(query, &err);
		if (!query->busy)
			snprintf(stamp->problem, sizeof(stamp->problem),
				 "%.250s", err.message);
	}
}

void observe_rows_look_now(struct observe_rows *all)
{
	for (size_t i = 0; i < all->facts->row_count; i++)
		all->queries[i].next_ms = 0;
}
