/*
 * A database's own binlog, read on from a place in it: which transactions are
 * the provider's heartbeats? RDS and Aurora write one every few minutes into
 * mysql.rds_heartbeat2 by an account that read_only does not bind. No I/O.
 *
 * The binlog is the one proof there is. A value read from that table tells that
 * there was a heartbeat, not which transaction it is; between the read of the
 * value and that of the GTID set either may land, and after a restart of this
 * program nobody knows how many there were. In the binlog each transaction
 * stands under its GTID with the tables it touched: one that touched that table
 * and no other is a heartbeat, for ever, whatever was read when. All else,
 * and all that was not read, is taken for a user's.
 */
#ifndef CUTOVER_DB_TAIL_H
#define CUTOVER_DB_TAIL_H

#include <stdbool.h>
#include <stdint.h>

#include "db/gtid.h"
#include "db/result.h"

#define DB_TAIL_FILE_MAX 256
#define DB_TAIL_EVENTS 256              /* read by one statement */
#define DB_TAIL_SQL_MAX (DB_TAIL_FILE_MAX + 80)
#define DB_TAIL_GTID_MAX 128

struct db_tail {
	char file[DB_TAIL_FILE_MAX];    /* "": nowhere yet */
	int64_t pos;
	struct gtid_set heartbeats;     /* proven so far; only grows */

	/* The transaction that was begun and not ended yet. */
	bool inside;
	bool beats, other;              /* it touched that table; another thing */
	char gtid[DB_TAIL_GTID_MAX];
};

void db_tail_init(struct db_tail *tail);
void db_tail_release(struct db_tail *tail);

/* To a place between two transactions; what was proven stays. ERR_INVALID for
 * a file's name or position that no server has. */
int db_tail_go(struct db_tail *tail, const char *file, int64_t pos,
	       struct error *err);
/* The same from text, "mysql-bin.000003:1234". */
int db_tail_seek(struct db_tail *tail, const char *place, struct error *err);
bool db_tail_is_at(const struct db_tail *tail, const char *file, int64_t pos);

/* The statement that reads on; the tail must be somewhere. */
void db_tail_statement(const struct db_tail *tail, char dst[DB_TAIL_SQL_MAX]);

/*
 * Takes its answer. current: the file that the server writes now, as asked
 * before. *ret_more: there is more to read, by the next statement. ERR_INVALID
 * if the answer is none or the file is not one of this binlog; ERR_LIMIT,
 * ERR_NOMEM.
 */
int db_tail_read(struct db_tail *tail, const struct db_rows *rows,
		 const char *current, bool *ret_more, struct error *err);

#endif
