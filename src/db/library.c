/*
 * See library.h. What differs between the two libraries is at the beginning of
 * this file: the type of a flag, how TLS is asked for, where the socket is.
 * Connector/C calls itself MySQL 10.x and falls back to plaintext in silence,
 * so the family is told by its own macros and the cipher looked at afterwards.
 */
#include "db/library_private.h"

#if __has_include(<errmsg.h>)
#include <errmsg.h>
#endif
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"

#define READ_BACKSTOP_S (24u * 3600u)   /* the connection's timers end waits */

static const char *or_null(const char *text)
{
	return *text ? text : NULL;
}

#if defined(MARIADB_PACKAGE_VERSION) || defined(MARIADB_VERSION_ID)

typedef my_bool library_flag;
#define LIBRARY_NAME "MariaDB Connector/C"

/* Its own numbers, beside MySQL's 2000 to 2999. */
static bool is_client_error(unsigned int number)
{
	return (number >= CR_MIN_ERROR && number <= CR_MAX_ERROR) ||
	       (number >= CER_MIN_ERROR && number <= CER_MAX_ERROR);
}

/* Here "enforce" is a wish and "verify" the only demand; it means CA and host
 * both. 3.4 verifies by default: said in either case. */
static void set_tls(MYSQL *mysql, enum db_tls tls)
{
	library_flag wish = tls != DB_TLS_DISABLED;
	library_flag verify = tls == DB_TLS_VERIFY_CA ||
			      tls == DB_TLS_VERIFY_IDENTITY;

	mysql_options(mysql, MYSQL_OPT_SSL_ENFORCE, &wish);
	mysql_options(mysql, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verify);
}

static int socket_of(const MYSQL *mysql)
{
	return (int)mysql_get_socket((MYSQL *)mysql);
}

/* MYSQL_OPT_CONNECT_TIMEOUT holds for the login too. */
static bool log_in(MYSQL *mysql, const struct db_config *config, int connect_ms)
{
	(void)connect_ms;
	return mysql_real_connect(mysql, or_null(config->host), config->user,
				  config->password, NULL, config->port,
				  or_null(config->socket),
				  CLIENT_MULTI_RESULTS) != NULL;
}

#else

typedef bool library_flag;
#define LIBRARY_NAME "MySQL client library"
#define LOG_IN_POLL_MS 2

static bool is_client_error(unsigned int number)
{
	return number >= CR_MIN_ERROR && number <= CR_MAX_ERROR;
}

/* Without TLS, caching_sha2_password needs the server's key to log in. */
static void set_tls(MYSQL *mysql, enum db_tls tls)
{
	static const unsigned int modes[] = {
		[DB_TLS_PREFERRED] = SSL_MODE_PREFERRED,
		[DB_TLS_DISABLED] = SSL_MODE_DISABLED,
		[DB_TLS_REQUIRED] = SSL_MODE_REQUIRED,
		[DB_TLS_VERIFY_CA] = SSL_MODE_VERIFY_CA,
		[DB_TLS_VERIFY_IDENTITY] = SSL_MODE_VERIFY_IDENTITY,
	};
	library_flag key = tls == DB_TLS_DISABLED || tls == DB_TLS_PREFERRED;

	mysql_options(mysql, MYSQL_OPT_SSL_MODE, &modes[tls]);
	mysql_options(mysql, MYSQL_OPT_GET_SERVER_PUBLIC_KEY, &key);
}

static int socket_of(const MYSQL *mysql)
{
	return (int)mysql->net.fd;
}

/* Here that limit ends with the server's greeting, and TLS and login have only
 * the one for statements: so it is asked again and again instead. */
static bool log_in(MYSQL *mysql, const struct db_config *config, int connect_ms)
{
	int64_t until = clock_mono_ms() + connect_ms;
	enum net_async_status status;

	do {
		status = mysql_real_connect_nonblocking(
			mysql, or_null(config->host), config->user,
			config->password, NULL, config->port,
			or_null(config->socket), CLIENT_MULTI_RESULTS);
		if (status == NET_ASYNC_NOT_READY)
			poll(NULL, 0, LOG_IN_POLL_MS);
	} while (status == NET_ASYNC_NOT_READY && clock_mono_ms() < until);
	return status == NET_ASYNC_COMPLETE;
}

#endif

/* ---- errors ------------------------------------------------------------- */

/* What a server's error number means where it is more than "an error". */
static const struct meaning {
	unsigned int number;
	enum error_code code;
	bool breaks;                    /* the server hangs up with it */
} meanings[] = {
	{1044, ERR_DENIED, false},      /* no access to the schema */
	{1045, ERR_DENIED, false},      /* wrong user or password */
	{1095, ERR_DENIED, false},      /* not the owner of the thread */
	{1130, ERR_DENIED, false},      /* host not allowed */
	{1142, ERR_DENIED, false},      /* command denied on a table */
	{1143, ERR_DENIED, false},      /* ... on a column */
	{1227, ERR_DENIED, false},      /* needs a privilege */
	{1370, ERR_DENIED, false},      /* ... on a routine */
	{1698, ERR_DENIED, false},      /* not without that plugin */
	{1820, ERR_DENIED, false},      /* password must be changed */
	{1862, ERR_DENIED, false},      /* password expired */
	{2059, ERR_DENIED, false},      /* client lacks the login plugin */
	{2061, ERR_DENIED, false},      /* login plugin failed */
	{3118, ERR_DENIED, false},      /* account locked */
	{4151, ERR_DENIED, false},      /* account locked (MariaDB) */
	{1317, ERR_CANCELLED, false},   /* interrupted by KILL QUERY */
	{1053, ERR_LOST, true},         /* server shuts down */
	{1927, ERR_LOST, true},         /* connection killed (MariaDB) */
	{4031, ERR_LOST, true},         /* closed for inactivity */
};

static const struct meaning *meaning_of(unsigned int number)
{
	for (size_t i = 0; i < sizeof(meanings) / sizeof(*meanings); i++)
		if (meanings[i].number == number)
			return &meanings[i];
	return NULL;
}

/* The library quotes servers, and servers quote statements. */
static void hide_password(char *message, const char *password)
{
	size_t len = strlen(password);
	char *found;

	while (len && (found = strstr(message, password))) {
		memset(found, '*', len < 3 ? len : 3);
		if (len > 3)
			memmove(found + 3, found + len, strlen(found + len) + 1);
		if (strspn(password, "*") == len)
			break;
	}
}

static int report(struct db_session *session, enum error_code code,
		  struct error *err)
{
	char message[ERROR_MESSAGE_MAX / 2];

	text_sanitise(message, sizeof(message), mysql_error(&session->mysql));
	hide_password(message, session->password);
	return error_set(err, code, session->where, "error %u (%s): %s",
			 mysql_errno(&session->mysql),
			 mysql_sqlstate(&session->mysql), message);
}

static int report_connect(struct db_session *session, struct error *err)
{
	unsigned int number = mysql_errno(&session->mysql);
	const struct meaning *meaning;
	int code;

	if (!number)
		return error_set(err, ERR_UNREACHABLE, session->where,
				 "the login was not answered in time");
	meaning = meaning_of(number);
	code = report(session, meaning && meaning->code == ERR_DENIED ?
		      ERR_DENIED : ERR_UNREACHABLE, err);
	if (err)
		err->retry = code == ERR_UNREACHABLE &&
			     is_client_error(number) &&
			     number != CR_SSL_CONNECTION_ERROR;
	return code;
}

int db_library_report(struct db_session *session, struct error *err)
{
	unsigned int number = mysql_errno(&session->mysql);
	const struct meaning *meaning = meaning_of(number);
	enum error_code code = meaning ? meaning->code : ERR_REMOTE;

	if (is_client_error(number)) {
		code = number == CR_OUT_OF_MEMORY ? ERR_NOMEM : ERR_LOST;
		session->broken = true;
	} else if (meaning && meaning->breaks) {
		session->broken = true;
	}
	return report(session, code, err);
}

/* ---- connecting --------------------------------------------------------- */

static pthread_once_t library_once = PTHREAD_ONCE_INIT;

/* Not safe in two threads at once, and real_connect would call it. */
static void library_begin(void)
{
	mysql_library_init(0, NULL, NULL);
}

void db_library_describe(char *dst, size_t size)
{
	snprintf(dst, size, "%s %s", LIBRARY_NAME, mysql_get_client_info());
}

static void set_options(MYSQL *mysql, const struct db_config *config,
			int connect_ms, const char *program)
{
	unsigned int connect_s = (unsigned int)(connect_ms + 999) / 1000;
	unsigned int backstop_s = READ_BACKSTOP_S, off = 0;

	mysql_options(mysql, MYSQL_OPT_CONNECT_TIMEOUT, &connect_s);
	mysql_options(mysql, MYSQL_OPT_READ_TIMEOUT, &backstop_s);
	mysql_options(mysql, MYSQL_OPT_WRITE_TIMEOUT, &backstop_s);
	mysql_options(mysql, MYSQL_OPT_LOCAL_INFILE, &off);
	mysql_options(mysql, MYSQL_SET_CHARSET_NAME, "utf8mb4");
	mysql_options(mysql, MYSQL_INIT_COMMAND, "SET autocommit=1");
	mysql_options4(mysql, MYSQL_OPT_CONNECT_ATTR_ADD, "program_name",
		       program);
	if (*config->ssl_ca)
		mysql_options(mysql, MYSQL_OPT_SSL_CA, config->ssl_ca);
	if (*config->ssl_cert)
		mysql_options(mysql, MYSQL_OPT_SSL_CERT, config->ssl_cert);
	if (*config->ssl_key)
		mysql_options(mysql, MYSQL_OPT_SSL_KEY, config->ssl_key);
	set_tls(mysql, config->tls);
}

/* A library that fell back to plaintext says so only here. */
static int check_tls(struct db_session *session,
		     const struct db_config *config, struct error *err)
{
	const char *cipher = mysql_get_ssl_cipher(&session->mysql);

	snprintf(session->cipher, sizeof(session->cipher), "%s",
		 cipher ? cipher : "");
	if (cipher || config->tls == DB_TLS_PREFERRED ||
	    config->tls == DB_TLS_DISABLED)
		return 0;
	return error_set(err, ERR_INVALID, session->where,
			 "TLS is required and the server offers none");
}

int db_library_connect(const struct db_config *config, int connect_ms,
		       const char *program, struct db_session **ret_session,
		       struct error *err)
{
	struct db_session *session = calloc(1, sizeof(*session));
	int rc = 0;

	if (!session)
		return error_nomem(err);
	pthread_once(&library_once, library_begin);
	if (!mysql_init(&session->mysql)) {
		free(session);
		return error_nomem(err);
	}
	db_config_where(config, session->where);
	memcpy(session->password, config->password, sizeof(config->password));
	set_options(&session->mysql, config, connect_ms, program);
	if (!log_in(&session->mysql, config, connect_ms))
		rc = report_connect(session, err);
	else
		rc = check_tls(session, config, err);
	if (rc)
		db_library_close(session);
	else
		*ret_session = session;
	return rc;
}

void db_library_close(struct db_session *session)
{
	if (!session)
		return;
	mysql_close(&session->mysql);
	text_wipe(session->password, sizeof(session->password));
	free(session);
}

void db_library_thread_end(void)
{
	mysql_thread_end();
}

bool db_library_is_broken(const struct db_session *session)
{
	return session->broken;
}

bool db_library_is_quiet(const struct db_session *session)
{
	struct pollfd fd = {
		.fd = socket_of(&session->mysql),
		.events = POLLIN | POLLRDHUP,
	};

	return poll(&fd, 1, 0) == 0;
}

int db_library_socket(const struct db_session *session)
{
	return socket_of(&session->mysql);
}

unsigned long db_library_thread_id(const struct db_session *session)
{
	return mysql_thread_id((MYSQL *)&session->mysql);
}

const char *db_library_cipher(const struct db_session *session)
{
	return session->cipher;
}
