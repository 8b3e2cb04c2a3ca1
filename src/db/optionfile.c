/*
 * See optionfile.h. MySQL's own reader lets unknown groups and included files
 * through and leaves ssl-mode to the library, of which one ignores it; here a
 * line is understood or refused. All groups are read for their grammar, one
 * for its values, and the file's text is wiped before it is freed.
 */
#include "db/optionfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

#define LINE_MAX_BYTES 4096
#define NAME_SIZE 64

struct reading {
	const char *path;
	const char *group;
	int line;
	bool in_group, found;
	bool verify;                    /* ssl-verify-server-cert */
	bool tls_given;
	struct db_config *config;
	struct error *err;
};

static int refuse(struct reading *reading, enum error_code code,
		  const char *what, const char *name)
{
	char where[ERROR_WHERE_MAX], shown[NAME_SIZE];

	text_sanitise(shown, sizeof(shown), name);
	snprintf(where, sizeof(where), "%.170s:%d", reading->path,
		 reading->line);
	return error_set(reading->err, code, where, "%s%s%s", what,
			 *shown ? ": " : "", shown);
}

/* ---- one option --------------------------------------------------------- */

static int put_text(struct reading *reading, const char *name, char *dst,
		    size_t size, const char *value)
{
	if (!value)
		return refuse(reading, ERR_SYNTAX,
			      "the option needs a value", name);
	if (strlen(value) >= size)
		return refuse(reading, ERR_LIMIT, "the value is too long",
			      name);
	memcpy(dst, value, strlen(value) + 1);
	return 0;
}

#define SET_TEXT(field)                                                        \
	static int set_##field(struct reading *reading, const char *name,      \
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

static int put_number(struct reading *reading, const char *name,
		      const char *value, int64_t max, int64_t *ret)
{
	if (!value || text_parse_int(value, 1, max, ret))
		return refuse(reading, ERR_INVALID,
			      "the option needs a number in its range", name);
	return 0;
}

static int set_port(struct reading *reading, const char *name,
		    const char *value)
{
	int64_t port = 0;
	int rc = put_number(reading, name, value, 65535, &port);

	reading->config->port = (unsigned int)port;
	return rc;
}

static int set_connect_timeout(struct reading *reading, const char *name,
			       const char *value)
{
	int64_t seconds = 0;
	int rc = put_number(reading, name, value, 3600, &seconds);

	reading->config->connect_timeout_ms = (int)(seconds * 1000);
	return rc;
}

static int set_ssl_mode(struct reading *reading, const char *name,
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
	return refuse(reading, ERR_INVALID,
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

static int set_verify(struct reading *reading, const char *name,
		      const char *value)
{
	int flag = flag_of(value);

	if (flag < 0)
		return refuse(reading, ERR_INVALID, "0 or 1 is wanted", name);
	reading->verify = flag > 0;
	return 0;
}

static int set_ssl(struct reading *reading, const char *name,
		   const char *value)
{
	int flag = flag_of(value);

	if (flag < 0)
		return refuse(reading, ERR_INVALID, "0 or 1 is wanted", name);
	reading->config->tls = flag ? DB_TLS_REQUIRED : DB_TLS_DISABLED;
	reading->tls_given = true;
	return 0;
}

static int set_skip_ssl(struct reading *reading, const char *name,
			const char *value)
{
	int flag = flag_of(value);

	return set_ssl(reading, name, flag < 0 ? value : flag ? "0" : "1");
}

static const struct option {
	const char *name;
	int (*set)(struct reading *reading, const char *name,
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

static int set_option(struct reading *reading, const char *name,
		      const char *value)
{
	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++)
		if (!strcmp(options[i].name, name))
			return options[i].set(reading, name, value);
	return refuse(reading, ERR_INVALID, "unknown option", name);
}

/* ---- lines -------------------------------------------------------------- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static char *trim(char *text)
{
	char *end = text + strlen(text);

	while (is_blank(*text))
		text++;
	while (end > text && is_blank(end[-1]))
		end--;
	*end = '\0';
	return text;
}

/* \b \t \n \r \\ \s as MySQL reads them; any other backslash stays. */
static void unescape(char *text)
{
	static const char from[] = "btnr\\s", to[] = "\b\t\n\r\\ ";
	char *out = text;

	for (; *text; text++) {
		const char *known;

		known = *text == '\\' && text[1] ? strchr(from, text[1]) : NULL;
		*out++ = known ? to[known - from] : *text;
		if (known)
			text++;
	}
	*out = '\0';
}

/*
 * Takes off what stands around a value: quotes, or a comment behind blanks.
 * NULL if quotes are not closed, or a '#' stands inside a bare word: for MySQL
 * that begins a comment, and whoever wrote it meant a part of the password.
 */
static char *bare_value(char *value)
{
	char quote = *value, *end;

	if (quote == '"' || quote == '\'') {
		end = strrchr(value + 1, quote);
		if (!end)
			return NULL;
		*end = '\0';
		end = trim(end + 1);
		if (*end && *end != '#')
			return NULL;
		value++;
	} else {
		end = strchr(value, '#');
		if (end && end > value && !is_blank(end[-1]))
			return NULL;
		if (end)
			*end = '\0';
		value = trim(value);
	}
	unescape(value);
	return value;
}

/* '_' and '-' are one, as is "loose-NAME" and "NAME". */
static int take_option(struct reading *reading, char *line)
{
	char *value = strchr(line, '='), *name;

	if (value)
		*value++ = '\0';
	name = trim(line);
	if (!value && (name[strcspn(name, "# \t")]))
		name[strcspn(name, "# \t")] = '\0';
	for (char *at = name; *at; at++)
		if (*at == '_')
			*at = '-';
	if (!strncmp(name, "loose-", 6))
		name += 6;
	if (value) {
		value = bare_value(trim(value));
		if (!value)
			return refuse(reading, ERR_SYNTAX,
				      "the value's quotes do not match, or it "
				      "has a '#' and no quotes", name);
	}
	return set_option(reading, name, value);
}

static int take_group(struct reading *reading, char *line)
{
	char *end = strchr(line, ']');

	if (!end || (*trim(end + 1) && *trim(end + 1) != '#'))
		return refuse(reading, ERR_SYNTAX, "a group is [NAME]", "");
	*end = '\0';
	reading->in_group = !strcmp(trim(line + 1), reading->group);
	reading->found |= reading->in_group;
	return 0;
}

static int take_line(struct reading *reading, char *line)
{
	line = trim(line);
	if (!*line || *line == '#' || *line == ';')
		return 0;
	if (*line == '!')
		return refuse(reading, ERR_INVALID,
			      "included files are not read", "");
	if (*line == '[')
		return take_group(reading, line);
	return reading->in_group ? take_option(reading, line) : 0;
}

static int take_lines(struct reading *reading, const char *text)
{
	char line[LINE_MAX_BYTES];
	int rc = 0;

	while (*text && !rc) {
		size_t len = strcspn(text, "\n");

		reading->line++;
		if (len >= sizeof(line)) {
			rc = refuse(reading, ERR_LIMIT, "the line is too long",
				    "");
			break;
		}
		memcpy(line, text, len);
		line[len] = '\0';
		rc = take_line(reading, line);
		text += len + (text[len] == '\n');
	}
	text_wipe(line, sizeof(line));
	return rc;
}

/* What only the whole group tells. */
static int finish(struct reading *reading)
{
	struct db_config *config = reading->config;

	if (!reading->found)
		return error_set(reading->err, ERR_NOTFOUND, reading->path,
				 "the file has no group [%s]", reading->group);
	if (!*config->host && !*config->socket)
		return error_set(reading->err, ERR_INVALID, reading->path,
				 "group [%s] names no host", reading->group);
	if (!*config->user)
		return error_set(reading->err, ERR_INVALID, reading->path,
				 "group [%s] names no user", reading->group);
	if (reading->verify) {
		if (reading->tls_given && config->tls == DB_TLS_DISABLED)
			return error_set(reading->err, ERR_INVALID,
					 reading->path, "group [%s] forbids "
					 "TLS and demands a verified "
					 "certificate", reading->group);
		config->tls = DB_TLS_VERIFY_IDENTITY;
	}
	if (config->tls >= DB_TLS_VERIFY_CA && !*config->ssl_ca)
		return error_set(reading->err, ERR_INVALID, reading->path,
				 "group [%s] demands a verified certificate "
				 "and names no ssl-ca", reading->group);
	return 0;
}

int db_optionfile_parse(const char *text, const char *path, const char *group,
			struct db_config *ret_config, struct error *err)
{
	struct db_config config = {.port = 3306};
	struct reading reading = {
		.path = path, .group = group, .config = &config, .err = err,
	};
	int rc;

	if (strlen(group) >= sizeof(config.name))
		return error_set(err, ERR_LIMIT, path,
				 "the group's name is too long");
	memcpy(config.name, group, strlen(group) + 1);
	rc = take_lines(&reading, text);
	if (!rc)
		rc = finish(&reading);
	if (!rc)
		*ret_config = config;
	db_config_wipe(&config);
	return rc;
}

/* ---- the file ----------------------------------------------------------- */

static int check_file(int fd, const char *path, size_t *ret_size,
		      struct error *err)
{
	struct stat info;

	if (fstat(fd, &info))
		return error_errno(err, path, "can't examine the option file");
	if (!S_ISREG(info.st_mode))
		return error_set(err, ERR_INVALID, path, "not a regular file");
	if (info.st_mode & (S_IROTH | S_IWOTH))
		return error_set(err, ERR_DENIED, path,
				 "others can read or change this file with "
				 "passwords; run: chmod 600 '%s'", path);
	if (info.st_size > DB_OPTIONFILE_MAX)
		return error_set(err, ERR_LIMIT, path, "longer than %u bytes",
				 DB_OPTIONFILE_MAX);
	*ret_size = (size_t)info.st_size;
	return 0;
}

static int read_whole(int fd, const char *path, char *text, size_t size,
		      struct error *err)
{
	size_t len = 0;

	while (len < size) {
		ssize_t got = read(fd, text + len, size - len);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_errno(err, path, "can't read");
		if (!got)
			break;
		len += (size_t)got;
	}
	text[len] = '\0';
	if (strlen(text) != len)
		return error_set(err, ERR_SYNTAX, path,
				 "a NUL byte in an option file");
	return 0;
}

int db_optionfile_read(const char *path, const char *group,
		       struct db_config *ret_config, struct error *err)
{
	char *text = NULL;
	size_t size = 0;
	int fd, rc;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return error_errno(err, path, "can't open the option file");
	rc = check_file(fd, path, &size, err);
	if (!rc) {
		text = calloc(1, size + 1);
		rc = text ? read_whole(fd, path, text, size, err)
			  : error_nomem(err);
	}
	if (!rc)
		rc = db_optionfile_parse(text, path, group, ret_config, err);
	if (text)
		text_wipe(text, size);
	free(text);
	close(fd);
	return rc;
}
