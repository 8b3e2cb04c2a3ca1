/*
 * The part of a round that reads the binlog on: which of the transactions that
 * came since the last round are the provider's heartbeats. Steered by probe.c,
 * which sends the statements; see tail.h for what they prove.
 *
 * It follows the binlog only as long as a database stands nearly still: old
 * servers hold their binlog's lock while they read it out, so a busy one is
 * never asked, and what it took meanwhile stays unproven. The database that
 * matters has no users when it matters.
 */
#ifndef CUTOVER_DB_PROBE_BEATS_H
#define CUTOVER_DB_PROBE_BEATS_H

#include "db/observation.h"
#include "db/tail.h"

struct db_probe_beats {
	struct db_tail tail;
	struct gtid_set before;         /* of the round before */
	int64_t before_ms;              /* when that began */
	bool before_known;
	bool between;                   /* the tail is between two transactions */
	bool asked;                     /* the server was asked once at least */
	int statements;                 /* of this round */
};

void db_probe_beats_init(struct db_probe_beats *beats);
void db_probe_beats_release(struct db_probe_beats *beats);

/* Begins at that place ("file:pos"), not at the end of what there is now. */
int db_probe_beats_seek(struct db_probe_beats *beats, const char *place,
			struct error *err);

/* Once the GTID set and then the own position of this round were read: is a
 * statement to be sent? Then *sql is it. */
bool db_probe_beats_begin(struct db_probe_beats *beats,
			  struct db_observation *seen,
			  char sql[DB_TAIL_SQL_MAX]);
/* Its answer; err is the server's, or NULL. Is another to be sent? */
bool db_probe_beats_answer(struct db_probe_beats *beats,
			   struct db_observation *seen,
			   const struct db_rows *rows,
			   const struct error *err, char sql[DB_TAIL_SQL_MAX]);
/* At the end of a round that reached the server: what is proven so far. */
void db_probe_beats_end(struct db_probe_beats *beats,
			struct db_observation *seen);

#endif
