/* The numbers that `rows` conditions ask databases for. Part of observer.c. */
#ifndef CUTOVER_OBSERVE_OBSERVE_ROWS_H
#define CUTOVER_OBSERVE_OBSERVE_ROWS_H

#include "observe/facts.h"
#include "runbook/model.h"

struct db_connection;
struct loop;

/* One query, by turns asked and awaited. */
struct observe_query {
	struct observe_rows *all;
	size_t index;
	bool busy;
	int64_t asked_ms;
};

struct observe_rows {
	struct loop *loop;
	struct facts *facts;
	struct observe_query queries[FACTS_ROWS_MAX];
	void (*changed)(void *data);
	void *data;
};

/* Finds the queries of all the runbook's conditions; facts gets a row each. */
void observe_rows_init(struct observe_rows *all, struct loop *loop,
		       const struct runbook *runbook, struct facts *facts,
		       void (*changed)(void *data), void *data);
/* Asks those queries on that database that no answer is awaited for. */
void observe_rows_round(struct observe_rows *all, const char *on,
			struct db_connection *connection);

#endif
