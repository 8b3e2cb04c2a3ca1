/*
 * See optionfile.h. MySQL's own reader lets unknown groups and included files
 * through and leaves ssl-mode to the library, of which one ignores it; here a
 * line is understood or refused. All groups are read for their grammar, one
 * for its values, and the file's text is wiped before it is freed.
 */
#include "db/optionfile_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

#define LINE_MAX_BYTES 4096

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
static int take_option(struct db_optionfile *reading, char *line)
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
			return db_optionfile_refuse(reading, ERR_SYNTAX,
				      "the value's quotes do not match, or it "
				      "has a '#' and no quotes", name);
	}
	return db_optionfile_option(reading, name, value);
}

static int take_group(struct db_optionfile *reading, char *line)
{
	char *end = strchr(line, ']');

	if (!end || (*trim(end + 1) && *trim(end + 1) != '#'))
		return db_optionfile_refuse(reading, ERR_SYNTAX, "a group is [NAME]", "");
	*end = '\0';
	reading->in_group = !strcmp(trim(line + 1), reading->group);
	reading->found |= reading->in_group;
	return 0;
}

static int take_line(struct db_optionfile *reading, char *line)
{
	line = trim(line);
	if (!*line || *line == '#' || *line == ';')
		return 0;
	if (*line == '!')
		return db_optionfile_refuse(reading, ERR_INVALID,
			      "included files are not read", "");
	if (*line == '[')
		return take_group(reading, line);
	return reading->in_group ? take_option(reading, line) : 0;
}

static int take_lines(struct db_optionfile *reading, const char *text)
{
	char line[LINE_MAX_BYTES];
	int rc = 0;

	while (*text && !rc) {
		size_t len = strcspn(text, "\n");

		reading->line++;
		if (len >= sizeof(line)) {
			rc = db_optionfile_refuse(reading, ERR_LIMIT, "the line is too long",
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
static int finish(struct db_optionfile *reading)
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
	struct db_optionfile reading = {
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
