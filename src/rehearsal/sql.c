/* See sql.h. */
#include "rehearsal/sql.h"

#include <errmsg.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "rehearsal/words.h"

static int sql_fail(MYSQL *sql, struct error *err)
{
	unsigned int number = mysql_errno(sql);

	switch (number) {
	case CR_SERVER_GONE_ERROR:
	case CR_SERVER_LOST:
		return error_set(err, ERR_LOST, NULL, "error %u: %s", number,
				 mysql_error(sql));
	default:
		return error_set(err, ERR_REMOTE, NULL, "error %u: %s", number,
				 mysql_error(sql));
	}
}

static const char *sql_or_null(const char *text)
{
	return text[0] ? text : NULL;
}

/* Encrypts, whoever the server is: it is on loopback and its certificate made
 * by ourselves. Connector/C falls back to plaintext in silence, so what came of
 * it is looked at after connecting. */
static void sql_want_tls(MYSQL *sql)
{
#if defined(MARIADB_PACKAGE_VERSION) || defined(MARIADB_VERSION_ID)
	my_bool yes = 1, no = 0;

	mysql_options(sql, MYSQL_OPT_SSL_ENFORCE, &yes);
	mysql_options(sql, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &no);
#else
	unsigned int mode = SSL_MODE_REQUIRED;

	mysql_options(sql, MYSQL_OPT_SSL_MODE, &mode);
#endif
}

static int sql_refused(MYSQL *sql, struct error *err)
{
	return error_set(err, mysql_errno(sql) < CR_MIN_ERROR ? ERR_DENIED :
			 ERR_UNREACHABLE, NULL, "error %u: %s",
			 mysql_errno(sql), mysql_error(sql));
}

int sql_connect(const struct sql_login *login, unsigned int timeout_s,
		MYSQL **ret, struct error *err)
{
	MYSQL *sql = mysql_init(NULL);
	int rc = 0;

	if (!sql)
		return error_nomem(err);
	mysql_options(sql, MYSQL_OPT_CONNECT_TIMEOUT, &timeout_s);
	mysql_options(sql, MYSQL_OPT_READ_TIMEOUT, &timeout_s);
	mysql_options(sql, MYSQL_OPT_WRITE_TIMEOUT, &timeout_s);
	mysql_options(sql, MYSQL_SET_CHARSET_NAME, "utf8mb4");
	if (login->tls)
		sql_want_tls(sql);
	if (!mysql_real_connect(sql, sql_or_null(login->host), login->user,
				login->password, sql_or_null(login->database),
				login->port, sql_or_null(login->socket), 0))
		rc = sql_refused(sql, err);
	else if (login->tls && !mysql_get_ssl_cipher(sql))
		rc = error_set(err, ERR_UNREACHABLE, NULL,
			       "the server does not encrypt");
	if (rc)
		mysql_close(sql);
	else
		*ret = sql;
	return rc;
}

int sql_run(MYSQL *sql, const char *statement, struct error *err)
{
	int more;

	if (mysql_query(sql, statement))
		return sql_fail(sql, err);
	do {
		MYSQL_RES *rows = mysql_store_result(sql);

		if (rows)
			mysql_free_result(rows);
		else if (mysql_errno(sql))
			return sql_fail(sql, err);
		more = mysql_next_result(sql);
	} while (more == 0);
	return more > 0 ? sql_fail(sql, err) : 0;
}

int sql_runf(MYSQL *sql, struct error *err, const char *format, ...)
{
	char statement[SQL_STATEMENT_MAX];
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(statement, sizeof(statement), format, args);
	va_end(args);
	if (len < 0 || (size_t)len >= sizeof(statement))
		return error_set(err, ERR_LIMIT, NULL, "statement too long");
	return sql_run(sql, statement, err);
}

int sql_run_words(MYSQL *sql, const char *text, const struct word *words,
		  struct error *err)
{
	char statement[SQL_STATEMENT_MAX];
	int rc = words_fill(statement, sizeof(statement), text, words, err);

	return rc ? rc : sql_run(sql, statement, err);
}

int sql_text(MYSQL *sql, const char *statement, char *dst, size_t size,
	     struct error *err)
{
	MYSQL_RES *rows;
	MYSQL_ROW row;
	int rc = 0;

	if (mysql_query(sql, statement))
		return sql_fail(sql, err);
	rows = mysql_store_result(sql);
	if (!rows)
		return mysql_errno(sql) ? sql_fail(sql, err) :
		       error_set(err, ERR_NOTFOUND, NULL, "no answer");
	row = mysql_fetch_row(rows);
	if (!row)
		rc = error_set(err, ERR_NOTFOUND, NULL, "no row");
	else if (row[0] && strlen(row[0]) >= size)
		rc = error_set(err, ERR_LIMIT, NULL, "answer too long");
	else
		snprintf(dst, size, "%s", row[0] ? row[0] : "");
	mysql_free_result(rows);
	return rc;
}
