/*
 * What one round saw of one server. Missing, NULL and forbidden are all
 * "unknown", and nothing unknown looks healthy: a count or a lag that is not
 * known is -1, a flag has three values, a part that failed says why.
 */
#ifndef CUTOVER_DB_OBSERVATION_H
#define CUTOVER_DB_OBSERVATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "db/dialect.h"
#include "db/gtid.h"

#define DB_CHANNELS_MAX 64u

enum db_flag {
	DB_FLAG_UNKNOWN = 0,
	DB_FLAG_OFF,
	DB_FLAG_ON,
};

enum db_thread {
	DB_THREAD_UNKNOWN = 0,
	DB_THREAD_NO,
	DB_THREAD_CONNECTING,
	DB_THREAD_YES,
};

/* Parts fail one by one, for want of a privilege as a rule. */
enum db_part {
	DB_PART_STATE,          /* read_only, GTIDs, identity, clock */
	DB_PART_REPLICATION,    /* channels */
	DB_PART_TRANSACTIONS,   /* open write transactions */
	DB_PART_COUNTERS,       /* threads_connected, uptime */
	DB_PART_POSITION,       /* own binlog file and position */
	DB_PART_HEARTBEATS,     /* own binlog read to its end, see db/tail.h */
	DB_PART_COUNT,
};

/* One replication channel. Text is sanitised, "" when absent. */
struct db_channel {
	const char *name;               /* "" = the default channel */
	enum db_thread io, sql;
	int64_t seconds_behind;         /* -1 = NULL. 0 proves nothing */
	int64_t sql_delay;              /* seconds; -1 = unknown */
	const char *source_host;
	int64_t source_port;
	const char *source_uuid;        /* MySQL */
	int64_t source_server_id;       /* MariaDB, MySQL */
	const char *read_file;          /* received up to here, in the ... */
	int64_t read_pos;
	const char *exec_file;          /* ... and applied: source's binlog */
	int64_t exec_pos;
	const char *received;           /* Retrieved_Gtid_Set, Gtid_IO_Pos */
	int64_t io_errno, sql_errno;    /* 0 = none, -1 = unknown */
	const char *io_error, *sql_error;
	const char *filters;            /* what it leaves out, the provider's own
					   tables apart; "" = nothing */
};

struct db_observation {
	struct arena arena;             /* owns all text */
	int64_t at_ms;                  /* monotonic, before the round began */
	int64_t took_ms;
	bool reached;                   /* false: err says why, no more known */
	struct error err;
	bool known[DB_PART_COUNT];
	const char *why[DB_PART_COUNT]; /* of a part that is not known */

	struct db_server server;
	const char *hostname;
	int64_t port, server_id;
	const char *server_uuid;        /* "" on MariaDB */
	int64_t server_ms;              /* its clock, ms since 1970, UTC; -1 */

	int64_t acting;                 /* the session that has the seat (db/seat.h),
					   asked before all that follows; 0:
					   none; -1 */
	enum db_flag read_only, super_read_only, innodb_read_only;

	/*
	 * executed: all that this server has. applied: what came by
	 * replication (MySQL: the same set; MariaDB: gtid_slave_pos). own:
	 * what it wrote itself. state: MariaDB's gtid_binlog_state, text.
	 */
	bool gtid_known;
	const char *gtid_why;           /* if they are not */
	struct gtid_set executed, applied, own;
	const char *executed_text, *applied_text;
	const char *state_text;

	struct db_channel *channels;    /* valid if known[REPLICATION] */
	size_t channel_count;           /* 0 = does not replicate */

	/* A hint, no proof: InnoDB answers from a copy that it renews only
	 * when nobody has read it for 0.1 s. */
	int64_t write_transactions;     /* open, with rows changed; -1 */
	int64_t oldest_ms;              /* age of the oldest of them; -1 */
	const char *oldest_query;       /* first 256 characters, or "" */
	const char *oldest_user;        /* user@host, or "" */
	int64_t oldest_thread;          /* its connection id; -1 */

	int64_t threads_connected, uptime_s;    /* -1 = unknown */
	const char *own_file;           /* own binlog, "" = none */
	int64_t own_pos;                /* -1 */

	/* Transactions proven to be the provider's heartbeats, by all rounds up
	 * to this one; those of which none knows are missing (the part says
	 * why, pending: only because more is still to be read). A probe that is
	 * to prove what comes after this `executed` begins at binlog_place,
	 * "file:position" in the own binlog; "" = unknown. */
	struct gtid_set heartbeats;
	bool heartbeats_pending;
	const char *binlog_place;
};

/* Takes NULL. */
void db_observation_free(struct db_observation *observation);

/* A replica of several sources replicates as well as its worst channel: one with
 * a thread that does not run comes before one of which that is unknown, and
 * that before one that runs. NULL: there is no channel, or none is known. */
const struct db_channel *
db_observation_channel(const struct db_observation *observation);

/* 0 if both sets are known; else ERR_INVALID, with the reason. */
int db_observation_compares(const struct db_observation *source,
			    const struct db_observation *target,
			    struct error *err);

/*
 * What the source has and the target lacks: transactions still to be replayed.
 * By GTID; ERR_INVALID with the reason when either side's set is unknown.
 * ret_set must be initialised, and is written on success only.
 */
int db_observation_missing(const struct db_observation *source,
			   const struct db_observation *target,
			   struct gtid_set *ret_set, struct error *err);

/*
 * What the target has and did not get from the source: it would collide, or be
 * lost. What the source wrote itself is never counted, so that a target looked
 * at a moment later than its source does not seem errant. On MariaDB only the
 * target's own last write in each domain is known: the count is "at least".
 */
int db_observation_errant(const struct db_observation *source,
			  const struct db_observation *target,
			  struct gtid_set *ret_set, struct error *err);

/* Whether the channel's source is that server: by uuid, else by server id. */
bool db_channel_is_from(const struct db_channel *channel,
			const struct db_observation *source);

#endif
