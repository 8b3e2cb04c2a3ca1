/*
 * From rows to an observation: the part of the probe without I/O. What to ask
 * for each part is here beside how its answer is read, by column name, since
 * servers renamed half of them.
 */
#ifndef CUTOVER_DB_PROBE_ROWS_H
#define CUTOVER_DB_PROBE_ROWS_H

#include "base/error.h"
#include "db/observation.h"
#include "db/result.h"

/* An observation in which nothing is known; NULL when memory is out. */
struct db_observation *db_probe_rows_new(void);

/* The statement for a part of this server; ERR_INVALID if it has none. */
int db_probe_rows_statement(const struct db_server *server, enum db_part part,
			    const char **ret_sql, struct error *err);

/* Reads the answer to it. ERR_INVALID: the answer lacks what it must have;
 * ERR_LIMIT, ERR_NOMEM. The part is known after success only. */
int db_probe_rows_read(struct db_observation *observation, enum db_part part,
		       const struct db_result *result, struct error *err);

/* Notes why a part is not known. */
void db_probe_rows_fail(struct db_observation *observation, enum db_part part,
			const struct error *err);

#endif
