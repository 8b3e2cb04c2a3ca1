/*
 * One round of observation of one server: a handful of cheap reads in a row
 * on one connection, fit for four rounds a second. The rounds are the
 * caller's to time. What the server is, is learned after each (re)connect.
 */
#ifndef CUTOVER_DB_PROBE_H
#define CUTOVER_DB_PROBE_H

#include "base/error.h"
#include "db/observation.h"

struct db_connection;
struct db_probe;

/* The observation is handed over: db_observation_free. Never NULL; when the
 * server was not reached, its err says why. */
typedef void db_probe_fn(void *data, struct db_observation *observation);

/* The connection is borrowed, and must outlive the probe. ERR_NOMEM. */
int db_probe_new(struct db_connection *connection, struct db_probe **ret_probe,
		 struct error *err);

/* Transactions are told apart from the provider's heartbeats from that place in
 * the server's binlog on (an observation's binlog_place), not from the first
 * round on. Before that round. ERR_INVALID. */
int db_probe_seek(struct db_probe *probe, const char *place,
		  struct error *err);

/* Starts a round, which takes at most timeout_ms; exactly one callback, on
 * the loop. ERR_BUSY while one is under way, ERR_NOMEM. */
int db_probe_round(struct db_probe *probe, int64_t timeout_ms,
		   db_probe_fn *callback, void *data, struct error *err);

/* To be called after db_close of its connection, or between rounds; no
 * callback comes any more. Takes NULL. */
void db_probe_free(struct db_probe *probe);

#endif
