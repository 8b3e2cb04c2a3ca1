/*
 * The procedures mysql.rds_*, which RDS and Aurora have in place of what they
 * forbid: replication and read_only are steered by them, under the names that
 * the kind and version of server has there. They answer with small tables,
 * refuse with 1644 (45000), and take their time as far as they are told to.
 */
#ifndef CUTOVER_REHEARSAL_PROCEDURES_H
#define CUTOVER_REHEARSAL_PROCEDURES_H

#include <stdbool.h>

#include "rehearsal/sql.h"

struct database;

enum procedures_deed {
	PROCEDURES_STOP,        /* rds_stop_replication */
	PROCEDURES_RESET,       /* rds_reset_external_master or _source */
	PROCEDURES_DEED_COUNT,
};

/* RDS's own stop takes that long or more; a reset two thirds of it. */
#define PROCEDURES_STOP_MS 3000

/* Makes all of them, and lets the accounts cutover and admin call what is
 * theirs. The connection is root's, its binlog is off. */
int procedures_install(MYSQL *sql, const struct database *database,
		       struct error *err);

/* From now on the deed takes that much longer, once it is done: 0 at first.
 * Any thread; no transaction of its own. */
int procedures_delay(const struct database *database,
		     enum procedures_deed deed, int ms, struct error *err);

/* From now on the deed is refused with that message (at most 128 bytes),
 * before anything is done; NULL: no more. */
int procedures_refuse(const struct database *database,
		      enum procedures_deed deed, const char *message,
		      struct error *err);

#endif
