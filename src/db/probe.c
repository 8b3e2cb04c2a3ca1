/*
 * See probe.h. A round is a chain of statements, each sent when the one before
 * was answered: on a new connection first what the server is, then its parts.
 * A part that the server refuses stays unknown; a connection that fails ends
 * the round, and then nothing of it counts.
 */
#include "db/probe.h"

#include <stdlib.h>

#include "base/clock.h"
#include "db/connection.h"
#include "db/dialect.h"
#include "db/probe_beats.h"
#include "db/probe_hint.h"
#include "db/probe_rows.h"

struct db_probe {
	struct db_connection *connection;
	struct db_server server;
	bool server_known;
	unsigned int generation;        /* of the connection, at that time */

	struct db_probe_beats beats;    /* from round to round */
	struct db_probe_hint hint;

	/* The round under way. */
	struct db_observation *seen;    /* NULL between rounds */
	int64_t deadline_ms;
	enum db_part part;
	db_probe_fn *callback;
	void *data;
};

static void round_end(struct db_probe *probe)
{
	struct db_observation *seen = probe->seen;

	probe->seen = NULL;
	seen->took_ms = clock_mono_ms() - seen->at_ms;
	probe->callback(probe->data, seen);
}

static void round_fail(struct db_probe *probe, const struct error *err)
{
	struct db_observation *seen = probe->seen;

	seen->reached = false;
	seen->err = *err;
	seen->gtid_known = false;
	for (size_t i = 0; i < DB_PART_COUNT; i++)
		db_probe_rows_fail(seen, (enum db_part)i, err);
	round_end(probe);
}

/* Whether an error is of the connection rather than of the statement. */
static bool is_out_of_reach(const struct db_result *result,
			    const struct error *err)
{
	return !result->sent || err->code == ERR_LOST ||
	       err->code == ERR_TIMEOUT || err->code == ERR_CANCELLED ||
	       err->code == ERR_NOMEM;
}

static int round_send(struct db_probe *probe, const char *sql,
		      db_answer_fn *answered, struct error *err)
{
	int64_t left = probe->deadline_ms - clock_mono_ms();

	return db_query(probe->connection, sql, left > 0 ? left : 1, answered,
			probe, err);
}

static void on_part(void *data, const struct db_result *result,
		    const struct error *err);

static int round_done(struct db_probe *probe)
{
	db_probe_beats_end(&probe->beats, probe->seen);
	probe->seen->reached = true;
	round_end(probe);
	return 0;
}

static void on_events(void *data, const struct db_result *result,
		      const struct error *err);

/* The last part: as many statements as there is to read. */
static int begin_events(struct db_probe *probe, struct error *err)
{
	char sql[DB_TAIL_SQL_MAX];

	if (db_probe_beats_begin(&probe->beats, probe->seen, sql))
		return round_send(probe, sql, on_events, err);
	return round_done(probe);
}

/* Asks for the next part that this server has a statement for, or ends the
 * round. */
static int next_part(struct db_probe *probe, struct error *err)
{
	for (; probe->part < DB_PART_HEARTBEATS; probe->part++) {
		struct error why = {0};
		const char *sql;

		if (probe->part == DB_PART_TRANSACTIONS &&
		    db_probe_hint_give(&probe->hint, probe->seen,
				       probe->generation))
			continue;
		if (!db_probe_rows_statement(&probe->server, probe->part, &sql,
					     &why))
			return round_send(probe, sql, on_part, err);
		db_probe_rows_fail(probe->seen, probe->part, &why);
	}
	return begin_events(probe, err);
}

/* Whether the answer came over another connection than the round began on:
 * perhaps from another server. */
static bool is_renewed(struct db_probe *probe)
{
	struct error err;

	if (db_connection_generation(probe->connection) == probe->generation)
		return false;
	probe->server_known = false;
	error_set(&err, ERR_LOST, db_connection_where(probe->connection),
		  "the connection was renewed during the round");
	round_fail(probe, &err);
	return true;
}

static void on_part(void *data, const struct db_result *result,
		    const struct error *err)
{
	struct db_probe *probe = data;
	struct error why = {0};

	if (err && is_out_of_reach(result, err)) {
		round_fail(probe, err);
		return;
	}
	if (is_renewed(probe))
		return;
	if (err)
		why = *err;
	else
		db_probe_rows_read(probe->seen, probe->part, result, &why);
	if (why.code)
		db_probe_rows_fail(probe->seen, probe->part, &why);
	if (probe->part == DB_PART_TRANSACTIONS)
		db_probe_hint_keep(&probe->hint, probe->seen,
				   probe->generation);
	probe->part++;
	error_clear(&why);
	if (next_part(probe, &why))
		round_fail(probe, &why);
}

static void on_events(void *data, const struct db_result *result,
		      const struct error *err)
{
	static const struct db_rows none;
	struct db_probe *probe = data;
	char sql[DB_TAIL_SQL_MAX];
	struct error why = {0};
	int rc;

	if (err && is_out_of_reach(result, err)) {
		round_fail(probe, err);
		return;
	}
	if (is_renewed(probe))
		return;
	if (db_probe_beats_answer(&probe->beats, probe->seen,
				  result->set_count ? &result->sets[0] : &none,
				  err, sql))
		rc = round_send(probe, sql, on_events, &why);
	else
		rc = round_done(probe);
	if (rc)
		round_fail(probe, &why);
}

static int begin_parts(struct db_probe *probe, struct error *err)
{
	probe->server_known = true;
	probe->seen->server = probe->server;
	return next_part(probe, err);
}

static void on_routines(void *data, const struct db_result *result,
			const struct error *err)
{
	struct db_probe *probe = data;
	struct error why = {0};

	if (err && is_out_of_reach(result, err)) {
		round_fail(probe, err);
		return;
	}
	if (is_renewed(probe))
		return;
	/* Not allowed to look is as if there were none: the verbs say so. */
	if (!err && result->set_count)
		db_dialect_routines(&probe->server, &result->sets[0]);
	if (begin_parts(probe, &why))
		round_fail(probe, &why);
}

static void on_variables(void *data, const struct db_result *result,
			 const struct error *err)
{
	struct db_probe *probe = data;
	struct error why = {0};

	if (err) {
		round_fail(probe, err);
		return;
	}
	probe->generation = result->generation;
	if (!result->set_count)
		error_set(&why, ERR_INVALID, NULL, "the server did not answer "
			  "which one it is");
	else if (!db_dialect_identify(&result->sets[0], &probe->server, &why))
		round_send(probe, db_dialect_routines_sql, on_routines, &why);
	if (why.code)
		round_fail(probe, &why);
}

int db_probe_new(struct db_connection *connection, struct db_probe **ret_probe,
		 struct error *err)
{
	struct db_probe *probe = calloc(1, sizeof(*probe));

	if (!probe)
		return error_nomem(err);
	probe->connection = connection;
	db_probe_beats_init(&probe->beats);
	*ret_probe = probe;
	return 0;
}

int db_probe_seek(struct db_probe *probe, const char *place, struct error *err)
{
	return db_probe_beats_seek(&probe->beats, place, err);
}

int db_probe_round(struct db_probe *probe, int64_t timeout_ms,
		   db_probe_fn *callback, void *data, struct error *err)
{
	int rc;

	if (probe->seen)
		return error_set(err, ERR_BUSY, NULL,
				 "the round before is still under way");
	probe->seen = db_probe_rows_new();
	if (!probe->seen)
		return error_nomem(err);
	probe->seen->at_ms = clock_mono_ms();
	probe->deadline_ms = probe->seen->at_ms + timeout_ms;
	probe->part = 0;
	probe->callback = callback;
	probe->data = data;
	if (probe->server_known &&
	    db_connection_generation(probe->connection) == probe->generation)
		rc = begin_parts(probe, err);
	else
		rc = round_send(probe, db_dialect_variables_sql, on_variables,
				err);
	if (rc) {
		db_observation_free(probe->seen);
		probe->seen = NULL;
	}
	return rc;
}

void db_probe_free(struct db_probe *probe)
{
	if (!probe)
		return;
	db_observation_free(probe->seen);
	db_probe_beats_release(&probe->beats);
	free(probe);
}
