/* See database.h. */
#include "rehearsal/database.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "rehearsal/child.h"
#include "rehearsal/ending.h"
#include "rehearsal/files.h"
#include "rehearsal/kind.h"
#include "rehearsal/logtail.h"
#include "rehearsal/sql.h"
#include "rehearsal/words.h"

#define START_LIMIT_MS 30000
#define START_POLL_MS 10
#define ARGUMENTS_MAX 64
#define ARGUMENT_SIZE (PATH_MAX + 64)

/* What the template's own server was known by is not ours. */
static void database_forget(const struct database *database)
{
	const char *const *names = database->kind->unique_files;

	for (; *names; names++) {
		char path[PATH_MAX];

		snprintf(path, sizeof(path), "%.*s/%s", PATH_MAX - 64,
			 database->dir, *names);
		unlink(path);
	}
}

int database_init(struct database *database, const struct kind *kind,
		  bool is_aurora, const char *parent, const char *template,
		  const struct child_user *user, struct error *err)
{
	char *const secrets[] = {
		database->root_password, database->app_password,
		database->cutover_password, database->repl_password,
		database->rdsadmin_password, database->admin_password,
	};
	int rc;

	*database = (struct database){
		.kind = kind,
		.name = is_aurora ? "aurora" : "rds",
		.number = is_aurora ? 2 : 1,
		.is_aurora = is_aurora,
	};
	snprintf(database->dir, sizeof(database->dir), "%.*s/%s",
		 PATH_MAX - 32, parent, database->name);
	for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++)
		if ((rc = secret_make(secrets[i], err)))
			return rc;
	rc = files_copy_tree(template, database->dir, user->uid, user->gid,
			     err);
	if (!rc)
		database_forget(database);
	return rc ? error_wrap(err, "making the database %s", database->name) :
	       0;
}

/*
 * A port that is free, and stays so: bound, but never listened on, it is given
 * to nobody else, while the server may share it, as both reuse addresses
 * (socket(7), SO_REUSEADDR). So it is free too while the server is down.
 */
static int database_hold_port(struct database *database, struct error *err)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int one = 1, rc;

	if (fd < 0 ||
	    bind(fd, (struct sockaddr *)&address, size) ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) ||
	    getsockname(fd, (struct sockaddr *)&address, &size)) {
		rc = error_errno(err, NULL, "finding a free port");
		if (fd >= 0)
			close(fd);
		return rc;
	}
	database->port = ntohs(address.sin_port);
	database->port_fd = fd;
	return 0;
}

/* The first statements the server runs, before it listens: afterwards nobody
 * gets in without a password. */
static int database_write_init(const struct database *database,
			       const struct child_user *user,
			       const char *path, struct error *err)
{
	const struct word words[] = {{"password", database->root_password},
				     {NULL, NULL}};
	char text[512];
	int rc = words_fill(text, sizeof(text), database->kind->words.init,
			    words, err);

	if (!rc)
		rc = files_write(path, text, 0600, err);
	if (!rc && user->change && chown(path, user->uid, user->gid))
		rc = error_errno(err, path, "giving it away");
	return rc;
}

struct arguments {
	const char *list[ARGUMENTS_MAX];
	char text[ARGUMENTS_MAX][ARGUMENT_SIZE];
	size_t count;
};

__attribute__((format(printf, 2, 3)))
static void arguments_add(struct arguments *arguments, const char *format, ...)
{
	char *text = arguments->text[arguments->count];
	va_list args;

	va_start(args, format);
	vsnprintf(text, ARGUMENT_SIZE, format, args);
	va_end(args);
	arguments->list[arguments->count++] = text;
	arguments->list[arguments->count] = NULL;
}

static int database_arguments_fill(const struct database *database,
				   const char *server, const char *cert_dir,
				   const char *init, struct arguments *args,
				   struct error *err)
{
	char number[16];
	const struct word words[] = {{"number", number}, {NULL, NULL}};
	const char *const *own = database->kind->own_arguments;
	int rc = 0;

	snprintf(number, sizeof(number), "%u", database->number);
	args->count = 0;
	arguments_add(args, "%s", server);
	for (const char *const *arg = database->kind->arguments; *arg; arg++)
		arguments_add(args, "%s", *arg);
	for (; !rc && *own; own++) {
		arguments_add(args, "%s", "");
		rc = words_fill(args->text[args->count - 1], ARGUMENT_SIZE,
				*own, words, err);
	}
	arguments_add(args, "--datadir=%s", database->dir);
	arguments_add(args, "--socket=%s/mysqld.sock", database->dir);
	arguments_add(args, "--pid-file=%s/mysqld.pid", database->dir);
	arguments_add(args, "--tmpdir=%s", database->dir);
	arguments_add(args, "--init-file=%s", init);
	arguments_add(args, "--port=%u", database->port);
	arguments_add(args, "--report-host=%s", database->name);
	arguments_add(args, "--read-only=%s",
		      database->is_aurora ? "ON" : "OFF");
	arguments_add(args, "--ssl-cert=%s/server-cert.pem", cert_dir);
	arguments_add(args, "--ssl-key=%s/server-key.pem", cert_dir);
	return rc;
}

static void database_log(const struct database *database, char dst[PATH_MAX])
{
	snprintf(dst, PATH_MAX, "%.*s.log", PATH_MAX - 8, database->dir);
}

int database_start(struct database *database, const char *server,
		   const char *cert_dir, const struct child_user *user,
		   struct error *err)
{
	char log[PATH_MAX], init[PATH_MAX];
	struct arguments *arguments;
	int rc = database_hold_port(database, err);

	database_log(database, log);
	snprintf(init, sizeof(init), "%.*s.sql", PATH_MAX - 8, database->dir);
	if (!rc)
		rc = database_write_init(database, user, init, err);
	if (rc)
		return rc;
	arguments = malloc(sizeof(*arguments));
	if (!arguments)
		return error_nomem(err);
	rc = database_arguments_fill(database, server, cert_dir, init,
				     arguments, err);
	if (!rc)
		rc = child_start(arguments->list, user, log, &database->pid,
				 err);
	free(arguments);
	return rc;
}

int database_wait(struct database *database, struct ending *ending,
		  struct error *err)
{
	int64_t deadline = clock_mono_ms() + START_LIMIT_MS;
	char log[PATH_MAX], last[LOGTAIL_SIZE], init[PATH_MAX];
	struct sql_login login;
	MYSQL *sql = NULL;
	int rc = 0;

	database_log(database, log);
	database_root_login(database, &login);
	while (!rc && sql_connect(&login, 5, &sql, NULL)) {
		rc = ending_pause(ending, START_POLL_MS, err);
		if (rc)
			break;
		logtail_read(log, last);
		if (database_died(database))
			rc = error_set(err, ERR_REMOTE, database->name,
				       "the server did not start: %s", last);
		else if (clock_mono_ms() > deadline)
			rc = error_set(err, ERR_TIMEOUT, database->name,
				       "not up after %d s: %s",
				       START_LIMIT_MS / 1000, last);
	}
	if (sql)
		mysql_close(sql);
	/* It held a password. */
	snprintf(init, sizeof(init), "%.*s.sql", PATH_MAX - 8, database->dir);
	unlink(init);
	return rc;
}

void database_kill(struct database *database)
{
	child_end(&database->pid, SIGKILL, clock_mono_ms());
}

void database_close(struct database *database)
{
	database_kill(database);
	if (database->port)
		close(database->port_fd);
	database->port = 0;
}

bool database_died(struct database *database)
{
	int status;

	return child_ended(&database->pid, &status);
}

void database_root_login(const struct database *database,
			 struct sql_login *ret)
{
	*ret = (struct sql_login){.port = 0};
	snprintf(ret->socket, sizeof(ret->socket), "%.*s/mysqld.sock",
		 (int)sizeof(ret->socket) - 16, database->dir);
	snprintf(ret->user, sizeof(ret->user), "root");
	snprintf(ret->password, sizeof(ret->password), "%s",
		 database->root_password);
}

void database_login(const struct database *database, const char *user,
		    struct sql_login *ret)
{
	const struct {
		const char *user, *password;
	} accounts[] = {
		{"app", database->app_password},
		{"cutover", database->cutover_password},
		{"repl", database->repl_password},
		{"rdsadmin", database->rdsadmin_password},
		{"admin", database->admin_password},
	};

	*ret = (struct sql_login){
		.port = database->port, .tls = database->kind->tls_only};
	snprintf(ret->host, sizeof(ret->host), "127.0.0.1");
	snprintf(ret->user, sizeof(ret->user), "%s", user);
	for (size_t i = 0; i < sizeof(accounts) / sizeof(accounts[0]); i++)
		if (!strcmp(accounts[i].user, user))
			snprintf(ret->password, sizeof(ret->password), "%s",
				 accounts[i].password);
}
