/*
 * What server is this, and how are things said to it: one table of statements
 * by server and verb. The strings are shown to the operator at the gate, and
 * they are what is sent. No I/O.
 */
#ifndef CUTOVER_DB_DIALECT_H
#define CUTOVER_DB_DIALECT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct db_rows;

enum db_family {
	DB_FAMILY_UNKNOWN,
	DB_FAMILY_MYSQL,
	DB_FAMILY_MARIADB,
};

/* The routines in schema mysql with which RDS and Aurora are steered. */
enum db_routine {
	DB_ROUTINE_STOP_REPLICATION,
	DB_ROUTINE_START_REPLICATION,
	DB_ROUTINE_RESET_EXTERNAL_MASTER,
	DB_ROUTINE_RESET_EXTERNAL_SOURCE,
	DB_ROUTINE_SET_READ_ONLY,
	DB_ROUTINE_KILL,
	DB_ROUTINE_KILL_QUERY,
	DB_ROUTINE_REPLICA_STATUS,
	DB_ROUTINE_COUNT,
};

#define DB_VERSION_MAX 96

struct db_server {
	enum db_family family;
	int version;                    /* 80436, 101119; 0 = unknown */
	char version_text[DB_VERSION_MAX];
	bool is_rds;                    /* managed: RDS or Aurora */
	bool is_aurora;
	int aurora_version;             /* 30600 for 3.06.0; 0 = none */
	bool routines[DB_ROUTINE_COUNT];/* that exist and we may call */
	bool can_gtid;                  /* gtid_mode ON, or MariaDB */
};

enum db_verb {
	DB_VERB_STATUS,                 /* replication, one row a channel */
	DB_VERB_OWN_POSITION,           /* own binlog file and position */
	DB_VERB_EXECUTED_GTID,          /* one cell */
	DB_VERB_STOP_REPLICATION,
	DB_VERB_START_REPLICATION,
	DB_VERB_RESET_REPLICATION,      /* forgets the source; needs a stop */
	DB_VERB_READ_ONLY_ON,
	DB_VERB_READ_ONLY_OFF,
	DB_VERB_COUNT,
};

/* The word for a verb in records: "stop-replication". */
const char *db_verb_name(enum db_verb verb);
/* The verb of that word, or -1. */
int db_verb_parse(const char *name);

/* Ask for what the two functions below read; fit every server. */
extern const char db_dialect_variables_sql[];   /* Variable_name, Value */
extern const char db_dialect_routines_sql[];    /* ROUTINE_NAME */

/* Makes *ret_server of the variables, as yet without routines. ERR_INVALID if
 * they name no version. */
int db_dialect_identify(const struct db_rows *variables,
			struct db_server *ret_server, struct error *err);
/* Adds the routines. */
void db_dialect_routines(struct db_server *server,
			 const struct db_rows *routines);

/* Reads "8.4.6", "10.11.19-MariaDB-0+deb12u1", "5.5.5-10.6.1-MariaDB". */
void db_dialect_version(struct db_server *server, const char *version,
			const char *comment);

/*
 * The statements of a verb, in order, to be sent one by one; static strings.
 * Always non-empty on success. ERR_INVALID says why this server can't be told
 * so, and what to do instead (RDS MySQL's read_only lives in a parameter
 * group): the runbook's manual action is for that.
 */
int db_dialect_statements(const struct db_server *server, enum db_verb verb,
			  const char *const **ret_statements,
			  size_t *ret_count, struct error *err);

/* "Aurora MySQL 3.06.0 (8.0.36)", "MariaDB 10.11.19": for people. */
void db_dialect_describe(const struct db_server *server, char *dst,
			 size_t size);

/* Whether a server's error to a verb means that it is done already ("Slave is
 * already stopped"): number as in "error 1644 (45000): ...". */
bool db_dialect_is_done_already(enum db_verb verb, const struct error *err);

#endif
