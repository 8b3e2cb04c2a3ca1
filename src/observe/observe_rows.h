/*
 * The numbers that `rows` conditions ask databases for, each on a connection of
 * their own, opened when it is first wanted: a slow question does not keep what
 * else is asked there waiting. Part of observer.c.
 */
#ifndef CUTOVER_OBSERVE_OBSERVE_ROWS_H
#define CUTOVER_OBSERVE_OBSERVE_ROWS_H

#include "observe/facts.h"
#include "runbook/model.h"

struct db_connection;
struct reach;

/* One query, by turns asked and awaited. */
struct observe_query {
	struct observe_rows *all;
	size_t index;
	bool busy;
	int64_t asked_ms;
	int64_t next_ms;                /* not asked again before that */
};

struct observe_rows {
	struct reach *reach;
	struct facts *facts;
	struct observe_query queries[RUNBOOK_ROWS_MAX];
	struct {
		const char *on;
		struct db_connection *connection;
	} databases[RUNBOOK_ROWS_MAX];
	size_t database_count;
	void (*changed)(void *data);
	void *data;
};

/* Finds the queries of all the runbook's conditions; facts gets a row each. */
void observe_rows_init(struct observe_rows *all, struct reach *reach,
		       const struct runbook *runbook, struct facts *facts,
		       void (*changed)(void *data), void *data);
void observe_rows_close(struct observe_rows *all);
/* Asks those queries whose time has come. */
void observe_rows_round(struct observe_rows *all);
/* The time of all has come. */
void observe_rows_look_now(struct observe_rows *all);

#endif
