/*
 * The options that an option file may hold, as a table. One that is not in it
 * is refused: a mistyped ssl-mode must not become plaintext.
 */
#include "db/optionfile_private.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

#define NAME_SIZE 64

int db_optionfile_refuse(struct db_optionfile *reading, enum error_code code,
		  const char *what, const char *name)
{
	char where[ERROR_WHERE_MAX], shown[NAME_SIZE];

	text_sanitise(shown, sizeof(shown), name);
	snprintf(where, sizeof(where), "%.170s:%d", reading->path,
		 reading->line);
	return error_set(reading->err, code, where, "%s%s%s", what,
			 *shown ? ": " : "", shown);
}

static int put_text(struct db_optionfile *reading, const char *name, char *dst,
		    size_t size, const char *value)
{
	if (!value)
		return db_optionfile_refuse(reading, ERR_SYNTAX,
			      "the option needs a value", name);
	if (strlen(value) >= size)
		return db_optionfile_refuse(reading, ERR_LIMIT, "the value is too long",
			      name);
	memcpy(dst, value, strlen(value) + 1);
	return 0;
}

#define SET_TEXT(field)                                                        \
	static int set_##field(struct db_optionfile *reading, const char *name,      \
			       const char *value)                              \
	{                                                                      \
		return put_text(reading, name, reading->config->field,         \
				sizeof(reading->config->field), value);        \
	}

SET_TEXT(host)
SET_TEXT(socket)
SET_TEXT(user)
SET_TEXT(password)
SET_TEXT(ssl_ca)
SET_TEXT(ssl_cert)
SET_TEXT(ssl_key)

static int put_number(struct db_optionfile *reading, const char *name,
		      const char *value, int64_t max, int64_t *ret)
{
	if (!value || text_parse_int(value, 1, max, ret))
		return db_optionfile_refuse(reading, ERR_INVALID,
			      "the option needs a number in its range", name);
	return 0;
}

static int set_port(struct db_optionfile *reading, const char *name,
		    const char *value)
{
	int64_t port = 0;
	int rc = put_number(reading, name, value, 65535, &port);

	reading->config->port = (unsigned int)port;
	return rc;
}

static int set_connect_timeout(struct db_optionfile *reading, const char *name,
			       const char *value)
{
	int64_t seconds = 0;
	int rc = put_number(reading, name, value, 3600, &seconds);

	reading->config->connect_timeout_ms = (int)(seconds * 1000);
	return rc;
}

static int set_ssl_mode(struct db_optionfile *reading, const char *name,
			const char *value)
{
	static const char *const modes[] = {
		[DB_TLS_PREFERRED] = "PREFERRED",
		[DB_TLS_DISABLED] = "DISABLED",
		[DB_TLS_REQUIRED] = "REQUIRED",
		[DB_TLS_VERIFY_CA] = "VERIFY_CA",
		[DB_TLS_VERIFY_IDENTITY] = "VERIFY_IDENTITY",
	};

	for (size_t i = 0; value && i < sizeof(modes) / sizeof(*modes); i++)
		if (!strcasecmp(value, modes[i])) {
			reading->config->tls = (enum db_tls)i;
			reading->tls_given = true;
			return 0;
		}
	return db_optionfile_refuse(reading, ERR_INVALID,
		      "one of DISABLED, PREFERRED, REQUIRED, VERIFY_CA, "
		      "VERIFY_IDENTITY is wanted", name);
}

/* A flag without a value is on. 1, 0, or -1 if it is neither. */
static int flag_of(const char *value)
{
	static const char *const words[] = {
		"0", "1", "off", "on", "false", "true", "no", "yes",
	};

	if (!value)
		return 1;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (!strcasecmp(value, words[i]))
			return (int)(i & 1);
	return -1;
}

static int set_verify(struct db_optionfile *reading, const char *name,
		      const char *value)
{
	int flag = flag_of(value);

	if (flag < 0)
		return db_optionfile_refuse(reading, ERR_INVALID, "0 or 1 is wanted", name);
	reading->verify = flag > 0;
	return 0;
}

static int set_ssl(struct db_optionfile *reading, const char *name,
		   const char *value)
{
	int flag = flag_of(value);

	if (flag < 0)
		return db_optionfile_refuse(reading, ERR_INVALID, "0 or 1 is wanted", name);
	reading->config->tls = flag ? DB_TLS_REQUIRED : DB_TLS_DISABLED;
	reading->tls_given = true;
	return 0;
}

static int set_skip_ssl(struct db_optionfile *reading, const char *name,
			const char *value)
{
	int flag = flag_of(value);

	return set_ssl(reading, name, flag < 0 ? value : flag ? "0" : "1");
}

static const struct option {
	const char *name;
	int (*set)(struct db_optionfile *reading, const char *name,
		   const char *value);
} options[] = {
	{"host", set_host},
	{"port", set_port},
	{"socket", set_socket},
	{"user", set_user},
	{"password", set_password},
	{"ssl-ca", set_ssl_ca},
	{"ssl-cert", set_ssl_cert},
	{"ssl-key", set_ssl_key},
	{"ssl-mode", set_ssl_mode},
	{"ssl-verify-server-cert", set_verify},
	{"ssl", set_ssl},
	{"skip-ssl", set_skip_ssl},
	{"connect-timeout", set_connect_timeout},
};

int db_optionfile_option(struct db_optionfile *reading, const char *name,
		      const char *value)
{
	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++)
		if (!strcmp(options[i].name, name))
			return options[i].set(reading, name, value);
	return db_optionfile_refuse(reading, ERR_INVALID, "unknown option", name);
}
