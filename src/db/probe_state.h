/*
 * The first part of a round, DB_PART_STATE: identity, read_only, GTID sets.
 */
#ifndef CUTOVER_DB_PROBE_STATE_H
#define CUTOVER_DB_PROBE_STATE_H

#include "db/observation.h"
#include "db/result.h"

/* Static text. */
const char *db_probe_state_statement(const struct db_server *server);

/* Reads its one row. ERR_INVALID (no row), ERR_NOMEM. A GTID set that is off
 * or can't be read leaves only the sets unknown. */
int db_probe_state_read(struct db_observation *seen,
			const struct db_rows *rows, struct error *err);

#endif
