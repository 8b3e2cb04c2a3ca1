/*
 * What the two halves of the seam share: a session, and how its library's
 * error is put into ours.
 */
#ifndef CUTOVER_DB_LIBRARY_PRIVATE_H
#define CUTOVER_DB_LIBRARY_PRIVATE_H

#include <mysql.h>
#include <stdbool.h>

#include "db/library.h"

struct db_session {
	MYSQL mysql;
	char where[DB_WHERE_MAX];
	char password[DB_PASSWORD_MAX]; /* only to keep it out of errors */
	char cipher[DB_CIPHER_MAX];
	bool broken;
};

/* Of a statement: fills *err, and marks the session if it is broken. */
int db_library_report(struct db_session *session, struct error *err);

#endif
