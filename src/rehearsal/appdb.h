/*
 * The application's connections to its database: a small pool that any of the
 * application's threads takes from, connects when needed, and drops what broke.
 */
#ifndef CUTOVER_REHEARSAL_APPDB_H
#define CUTOVER_REHEARSAL_APPDB_H

#include <pthread.h>

#include "rehearsal/sql.h"

#define APPDB_CONNECTIONS 4

struct appdb {
	struct sql_login login;
	pthread_mutex_t lock;
	MYSQL *idle[APPDB_CONNECTIONS];
	int idle_count;
};

/* The login is copied. */
void appdb_init(struct appdb *db, const struct sql_login *login);
/* When no call is under way any more. */
void appdb_release(struct appdb *db);

/* Each answers with 0 or fills err; ERR_DENIED: the server is read-only. A
 * write is committed when it returns 0; after another answer it may have
 * been. Any thread. */
int appdb_write(struct appdb *db, const char *write_id, const char *pod,
		struct error *err);
int appdb_sentinel(struct appdb *db, const char *token, const char *pod,
		   struct error *err);
int appdb_read(struct appdb *db, char *dst, size_t size, struct error *err);
int appdb_ping(struct appdb *db, struct error *err);

#endif
