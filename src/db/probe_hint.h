/*
 * Open write transactions, as InnoDB tells of them: from a copy that it renews
 * only when nobody has read it for 0.1 s (CACHE_MIN_IDLE_TIME_US in trx0i_s.cc,
 * MySQL and MariaDB). Who looks more often sees the same transaction for ever:
 * so the copy is read at most so often, and in between the last answer counts.
 */
#ifndef CUTOVER_DB_PROBE_HINT_H
#define CUTOVER_DB_PROBE_HINT_H

#include <stdbool.h>
#include <stdint.h>

#include "db/observation.h"

#define DB_HINT_EVERY_MS 150

/* All zeroes: nothing is kept. */
struct db_probe_hint {
	bool known;
	int64_t read_ms;                /* when it was asked */
	unsigned int generation;        /* of the connection then */
	int64_t write_transactions, oldest_ms, oldest_thread;
	char query[1024], user[512];
};

/* Keeps what an observation has just been told. */
void db_probe_hint_keep(struct db_probe_hint *hint,
			const struct db_observation *seen,
			unsigned int generation);
/* Puts the last answer into the observation, if it is too early to ask again;
 * false: ask. */
bool db_probe_hint_give(const struct db_probe_hint *hint,
			struct db_observation *seen, unsigned int generation);

#endif
