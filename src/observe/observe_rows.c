/* See observe_rows.h. */
#include "observe/observe_rows.h"

#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/text.h"
#include "db/connection.h"
#include "net/loop.h"
#include "observe/observer.h"

#define OBSERVE_ROWS_LIMIT_MS 3000

static void observe_rows_done(void *data, const struct db_result *result,
			      const struct error *err)
{
	struct observe_query *query = data;
	struct facts_rows *rows = &query->all->facts->rows[query->index];
	const struct db_rows *set = result->set_count ? &result->sets[0] : NULL;
	int64_t value;

	query->busy = false;
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

static void observe_rows_add(struct observe_rows *all,
			     const struct conditions *conditions)
{
	struct facts *facts = all->facts;

	for (size_t i = 0; i < conditions->count; i++) {
		const struct condition *condition = &conditions->items[i];
		size_t index = facts->row_count;

		if (condition->kind != CONDITION_ROWS ||
		    index == FACTS_ROWS_MAX)
			continue;
		facts->rows[index].on = condition->on;
		facts->rows[index].query = condition->query;
		facts->rows[index].stamp.at_ms = -1;
		facts->rows[index].stamp.fresh_ms = OBSERVE_FRESH_DATABASE_MS;
		all->queries[index].all = all;
		all->queries[index].index = index;
		facts->row_count++;
	}
}

void observe_rows_init(struct observe_rows *all, struct loop *loop,
		       const struct runbook *runbook, struct facts *facts,
		       void (*changed)(void *data), void *data)
{
	all->loop = loop;
	all->facts = facts;
	all->changed = changed;
	all->data = data;
	for (size_t i = 0; i < runbook->step_count; i++) {
		const struct runbook_step *step = &runbook->steps[i];

		observe_rows_add(all, &step->deed.guards);
		observe_rows_add(all, &step->deed.checks);
		observe_rows_add(all, &step->undo.guards);
		observe_rows_add(all, &step->undo.checks);
	}
}

void observe_rows_round(struct observe_rows *all, const char *on,
			struct db_connection *connection)
{
	const struct facts *facts = all->facts;

	for (size_t i = 0; i < facts->row_count; i++) {
		struct observe_query *query = &all->queries[i];

		if (query->busy || strcmp(facts->rows[i].on, on) != 0)
			continue;
		query->asked_ms = loop_now(all->loop);
		query->busy = !db_query(connection, facts->rows[i].query,
					OBSERVE_ROWS_LIMIT_MS,
					observe_rows_done, query, NULL);
	}
}
