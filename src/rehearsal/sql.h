/*
 * A few lines over the MySQL client library, for the world's own use: connect,
 * say, ask. MariaDB's and MySQL's library both. One connection is used by one
 * thread at a time; it may move between threads.
 */
#ifndef CUTOVER_REHEARSAL_SQL_H
#define CUTOVER_REHEARSAL_SQL_H

#include <mysql.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

#define SQL_TEXT_MAX 512        /* bytes of one part of a login */
#define SQL_STATEMENT_MAX 4096

struct word;

struct sql_login {
	char host[SQL_TEXT_MAX];        /* "" with a socket */
	unsigned int port;
	char socket[SQL_TEXT_MAX];      /* "" for TCP */
	char user[SQL_TEXT_MAX];
	char password[SQL_TEXT_MAX];
	char database[SQL_TEXT_MAX];    /* "" for none */
	bool tls;                       /* encrypted, or not at all */
};

/* The server's number of the refusal that read_only makes. */
#define SQL_READ_ONLY_ERRNO 1290

/* Connects; each later call takes at most timeout_s seconds. *ret is owned:
 * mysql_close. ERR_UNREACHABLE, ERR_DENIED, ERR_NOMEM. */
int sql_connect(const struct sql_login *login, unsigned int timeout_s,
		MYSQL **ret, struct error *err);

/* Runs one statement and drops its results. ERR_REMOTE (mysql_errno() says
 * more) or ERR_LOST. */
int sql_run(MYSQL *sql, const char *statement, struct error *err);
int sql_runf(MYSQL *sql, struct error *err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The same, with the {words} filled in; see words.h. */
int sql_run_words(MYSQL *sql, const char *text, const struct word *words,
		  struct error *err);

/* Runs one statement and takes the first cell of its first row, "" for NULL.
 * ERR_NOTFOUND without a row, ERR_LIMIT if it is longer than size - 1. */
int sql_text(MYSQL *sql, const char *statement, char *dst, size_t size,
	     struct error *err);

#endif
