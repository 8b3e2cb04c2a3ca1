/* See probe_beats.h. */
#include "db/probe_beats.h"

#include <inttypes.h>
#include <string.h>

#include "db/probe_rows.h"

#define BEATS_STATEMENTS_MAX 16         /* a round, when there is much to read */
#define BEATS_A_SECOND 4                /* more transactions are no standstill */

void db_probe_beats_init(struct db_probe_beats *beats)
{
	memset(beats, 0, sizeof(*beats));
}

void db_probe_beats_release(struct db_probe_beats *beats)
{
	db_tail_release(&beats->tail);
	gtid_release(&beats->before);
}

int db_probe_beats_seek(struct db_probe_beats *beats, const char *place,
			struct error *err)
{
	int rc = db_tail_seek(&beats->tail, place, err);

	beats->between = beats->between || !rc;
	return rc;
}

static bool beats_refuse(struct db_observation *seen, const char *why)
{
	struct error err;

	error_set(&err, ERR_INVALID, NULL, "%s", why);
	db_probe_rows_fail(seen, DB_PART_HEARTBEATS, &err);
	return false;
}

/* Did more come since the last round than heartbeats? By the time between them:
 * a machine that slept, or a wire that stood, finds many at once. */
static bool beats_is_busy(const struct db_probe_beats *beats,
			  const struct db_observation *seen)
{
	struct gtid_set added = {0};
	uint64_t still;
	bool busy;

	if (!beats->before_known)
		return false;
	still = BEATS_A_SECOND +
		(uint64_t)(seen->at_ms - beats->before_ms) * BEATS_A_SECOND /
		1000;
	busy = gtid_subtract(&seen->executed, &beats->before, &added, NULL) ||
	       gtid_count(&added) > still;
	gtid_release(&added);
	return busy;
}

/* Leaves unread what is before the end of the binlog. The end was read after
 * this round's GTID set, so it is no place to begin for that set; it is one
 * for every set read later. */
static int beats_skip(struct db_probe_beats *beats,
		      const struct db_observation *seen, struct error *err)
{
	int rc = db_tail_go(&beats->tail, seen->own_file, seen->own_pos, err);

	beats->between = !rc;
	return rc;
}

bool db_probe_beats_begin(struct db_probe_beats *beats,
			  struct db_observation *seen,
			  char sql[DB_TAIL_SQL_MAX])
{
	struct db_tail *tail = &beats->tail;
	struct error err = {0};
	const char *place;

	beats->statements = 0;
	if (!seen->known[DB_PART_STATE] || !seen->gtid_known)
		return beats_refuse(seen, seen->gtid_why);
	if (!seen->known[DB_PART_POSITION])
		return beats_refuse(seen, seen->why[DB_PART_POSITION]);
	if (!*seen->own_file)
		return beats_refuse(seen, "the server writes no binlog");
	place = beats->between ? arena_printf(&seen->arena, "%s:%" PRId64,
					      tail->file, tail->pos) : NULL;
	seen->binlog_place = place ? place : "";
	if (beats_is_busy(beats, seen)) {
		if (beats_skip(beats, seen, &err))
			return beats_refuse(seen, err.message);
		return beats_refuse(seen, "too much is written at once to be "
				    "looked at one by one");
	}
	if (!*tail->file && beats_skip(beats, seen, &err))
		return beats_refuse(seen, err.message);
	if (beats->asked &&
	    db_tail_is_at(tail, seen->own_file, seen->own_pos)) {
		seen->known[DB_PART_HEARTBEATS] = true;
		return false;
	}
	db_tail_statement(tail, sql);
	return true;
}

bool db_probe_beats_answer(struct db_probe_beats *beats,
			   struct db_observation *seen,
			   const struct db_rows *rows,
			   const struct error *err, char sql[DB_TAIL_SQL_MAX])
{
	struct error why = {0};
	bool more = false;

	if (err && err->code == ERR_DENIED)
		return beats_refuse(seen, err->message);
	if (err)
		why = *err;
	else
		db_tail_read(&beats->tail, rows, seen->own_file, &more, &why);
	if (why.code) {
		/* It will not get better: the binlog's files are gone. */
		beats_skip(beats, seen, NULL);
		return beats_refuse(seen, why.message);
	}
	beats->asked = true;
	beats->between = !more;
	if (!more) {
		seen->known[DB_PART_HEARTBEATS] = true;
		return false;
	}
	if (++beats->statements >= BEATS_STATEMENTS_MAX) {
		seen->heartbeats_pending = true;
		return beats_refuse(seen, "its binlog is still being read");
	}
	db_tail_statement(&beats->tail, sql);
	return true;
}

void db_probe_beats_end(struct db_probe_beats *beats,
			struct db_observation *seen)
{
	struct error err = {0};

	beats->before_ms = seen->at_ms;
	beats->before_known = seen->gtid_known &&
		!gtid_copy(&seen->executed, &beats->before, &err);
	if (!err.code)
		gtid_copy(&beats->tail.heartbeats, &seen->heartbeats, &err);
	if (err.code)
		db_probe_rows_fail(seen, DB_PART_HEARTBEATS, &err);
}
