/*
 * What a replica leaves out. A transaction that is filtered counts as replayed
 * all the same, an empty one under its GTID: no count of missing transactions
 * tells of it. Pure.
 */
#ifndef CUTOVER_DB_FILTERS_H
#define CUTOVER_DB_FILTERS_H

#include <stddef.h>

#include "base/arena.h"

struct db_rows;

#define DB_FILTERS_MAX 256      /* bytes of them that are told */

/*
 * The filters in that row of a replica's status, as "Replicate_Do_DB: app";
 * sanitised, "" where there are none. RDS and Aurora ignore tables of their own
 * in the server's schemas: those are left away. NULL: no memory.
 */
const char *db_filters(struct arena *arena, const struct db_rows *rows,
		       size_t row);

#endif
