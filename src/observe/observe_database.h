/* One database, observed in rounds on a connection of its own. Part of
 * observer.c; see there. */
#ifndef CUTOVER_OBSERVE_OBSERVE_DATABASE_H
#define CUTOVER_OBSERVE_OBSERVE_DATABASE_H

#include "base/error.h"
#include "observe/facts.h"

struct db_config;
struct loop;
struct observe_database;

/* Opens; facts is what it keeps up to date. changed is called after each
 * round. */
int observe_database_open(struct loop *loop, const struct db_config *config,
			  struct facts_database *facts,
			  void (*changed)(void *data), void *data,
			  struct observe_database **ret, struct error *err);
void observe_database_close(struct observe_database *database);

/* See observer_trace. */
int observe_database_trace(struct observe_database *database,
			   const char *place, struct error *err);
/* Starts a round unless one is under way. */
void observe_database_round(struct observe_database *database);

#endif
