/*
 * See observe_database.h. A round that fails leaves the last good observation
 * where it is and says why in the stamp: the screen shows old values as old.
 */
#include "observe/observe_database.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/connection.h"
#include "db/probe.h"
#include "net/loop.h"

#define OBSERVE_ROUND_MS 2000   /* the longest a round may take */

struct observe_database {
	struct loop *loop;
	struct db_connection *connection;
	struct db_probe *probe;
	struct facts_database *facts;
	struct db_observation *seen;    /* owned; what facts->seen borrows */
	bool busy;
	void (*changed)(void *data);
	void *data;
};

/* Is there nothing new but heartbeats? Out of memory is no stillness. */
static bool observe_is_still(const struct db_observation *before,
			     const struct db_observation *now)
{
	struct gtid_set added = {0};
	bool still = gtid_contains(&now->executed, &before->executed) &&
		     !gtid_subtract(&now->executed, &before->executed, &added,
				    NULL) &&
		     gtid_contains(&now->heartbeats, &added);

	gtid_release(&added);
	return still;
}

/* Since when has the set of transactions stood still, heartbeats apart? */
static void observe_stillness(struct observe_database *database,
			      const struct db_observation *now)
{
	struct facts_database *facts = database->facts;

	if (!now->gtid_known)
		facts->still_since_ms = -1;
	else if (!database->seen || !database->seen->gtid_known ||
		 facts->still_since_ms < 0 ||
		 !observe_is_still(database->seen, now))
		facts->still_since_ms = now->at_ms;
}

static void observe_round_done(void *data, struct db_observation *observation)
{
	struct observe_database *database = data;
	struct facts_database *facts = database->facts;

	database->busy = false;
	if (!observation->reached) {
		snprintf(facts->stamp.problem, sizeof(facts->stamp.problem),
			 "%.250s", observation->err.message);
		db_observation_free(observation);
	} else {
		observe_stillness(database, observation);
		db_observation_free(database->seen);
		database->seen = observation;
		facts->seen = observation;
		facts->stamp.at_ms = observation->at_ms;
		facts->stamp.problem[0] = '\0';
	}
	database->changed(database->data);
}

int observe_database_open(struct loop *loop, const struct db_config *config,
			  struct facts_database *facts,
			  void (*changed)(void *data), void *data,
			  struct observe_database **ret, struct error *err)
{
	const struct db_options options = {
		.reconnect = true, .program = "cutover-observer",
	};
	struct observe_database *database = calloc(1, sizeof(*database));
	int status;

	if (!database)
		return error_nomem(err);
	database->loop = loop;
	database->facts = facts;
	database->changed = changed;
	database->data = data;
	status = db_open(loop, config, &options, NULL, NULL,
			 &database->connection, err);
	if (!status)
		status = db_probe_new(database->connection, &database->probe,
				      err);
	if (status)
		observe_database_close(database);
	else
		*ret = database;
	return status;
}

void observe_database_close(struct observe_database *database)
{
	if (!database)
		return;
	db_close(database->connection);
	db_probe_free(database->probe);
	db_observation_free(database->seen);
	free(database);
}

int observe_database_trace(struct observe_database *database,
			   const char *place, struct error *err)
{
	return db_probe_seek(database->probe, place, err);
}

void observe_database_round(struct observe_database *database)
{
	struct error err = {0};

	if (database->busy)
		return;
	if (db_probe_round(database->probe, OBSERVE_ROUND_MS,
			   observe_round_done, database, &err)) {
		snprintf(database->facts->stamp.problem,
			 sizeof(database->facts->stamp.problem), "%.250s",
			 err.message);
		return;
	}
	database->busy = true;
}
