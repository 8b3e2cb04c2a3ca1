/*
 * The seam to the client library: MariaDB's Connector/C or MySQL's own
 * libmysqlclient. The one file behind this header knows which, includes its
 * header and knows its numbers. All calls block and belong to one thread a
 * session, but for those said to be callable from any.
 */
#ifndef CUTOVER_DB_LIBRARY_H
#define CUTOVER_DB_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "db/config.h"

struct db_result;
struct db_session;

#define DB_CIPHER_MAX 64

/* "MariaDB Connector/C 3.3.20": for --version and reports. Any thread. */
void db_library_describe(char *dst, size_t size);

/*
 * Connects, encrypted as config.tls demands and verified to be so, with
 * utf8mb4 and autocommit. ERR_UNREACHABLE, ERR_DENIED, ERR_INVALID (TLS was
 * demanded and not to be had), ERR_NOMEM; where is host:port. err->retry: no
 * server turned us away, so that trying again soon does no harm.
 */
int db_library_connect(const struct db_config *config, int connect_ms,
		       const char *program, struct db_session **ret_session,
		       struct error *err);

/*
 * Sends one statement and reads everything that it answers into the result
 * (released before, or {0}). For the errors see connection.h; ERR_TIMEOUT does
 * not come from here. After an error that broke the session,
 * db_library_is_broken.
 */
int db_library_execute(struct db_session *session, const char *sql,
		       struct db_result *ret_result, struct error *err);
bool db_library_is_broken(const struct db_session *session);

/* Whether the server has nothing to say, as it should between statements: a
 * session that it has closed is found out before anything is sent on it. */
bool db_library_is_quiet(const struct db_session *session);

/* Another thread may shut the socket down to end a wait; the session then
 * breaks, and stays its thread's to close. */
int db_library_socket(const struct db_session *session);
/* The server's number for it, for KILL QUERY. */
unsigned long db_library_thread_id(const struct db_session *session);
/* "" without TLS. */
const char *db_library_cipher(const struct db_session *session);

/* Takes NULL. Does not wait for the server when the session is broken. */
void db_library_close(struct db_session *session);
/* For each thread that used a session, at its end. */
void db_library_thread_end(void);

#endif
