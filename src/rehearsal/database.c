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
#include "rehearsal/logtail.h"
#include "rehearsal/sql.h"

#define START_LIMIT_MS 30000
#define START_POLL_MS 10
#define ARGUMENTS_MAX 40
#define ARGUMENT_SIZE (PATH_MAX + 64)

/* What both servers are told. Practice data needs no fsync, and two servers
 * shall not take a laptop's memory. */
static const char *const database_arguments[] = {
	"--no-defaults", "--bind-address=127.0.0.1", "--skip-name-resolve",
	"--log-bin=binlog", "--relay-log=relay", "--binlog-format=ROW",
	"--sync-binlog=0", "--log-slave-updates=ON", "--gtid-strict-mode=ON",
	"--slave-net-timeout=10", "--innodb-flush-log-at-trx-commit=2",
	"--innodb-flush-method=nosync",
	"--innodb-buffer-pool-size=32M", "--innodb-log-file-size=8M",
	"--innodb-log-buffer-size=2M", "--key-buffer-size=1M",
	"--aria-pagecache-buffer-size=2M", "--table-open-cache=200",
	"--performance-schema=OFF", "--max-connections=4000",
	"--innodb-buffer-pool-load-at-startup=OFF",
	"--innodb-buffer-pool-dump-at-shutdown=OFF",
	"--character-set-server=utf8mb4",
};

int database_init(struct database *database, const char *name,
		  unsigned int number, bool read_only, const char *parent,
		  const char *template, const struct child_user *user,
		  struct error *err)
{
	char *const secrets[] = {
		database->root_password, database->app_password,
		database->cutover_password, database->repl_password,
		database->rdsadmin_password,
	};
	int rc;

	*database = (struct database){
		.name = name, .number = number, .read_only = read_only};
	snprintf(database->dir, sizeof(database->dir), "%.*s/%s",
		 PATH_MAX - 32, parent, name);
	for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++)
		if ((rc = secret_make(secrets[i], err)))
			return rc;
	rc = files_copy_tree(template, database->dir, user->uid, user->gid,
			     err);
	return rc ? error_wrap(err, "making the database %s", name) : 0;
}

/* A port that is free now. Somebody may take it before the server does; then
 * the server says so and the caller tries again. */
static int database_find_port(unsigned int *ret, struct error *err)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int rc = 0;

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) ||
	    getsockname(fd, (struct sockaddr *)&address, &size))
		rc = error_errno(err, NULL, "finding a free port");
	else
		*ret = ntohs(address.sin_port);
	if (fd >= 0)
		close(fd);
	return rc;
}

/* The first statements the server runs, before it listens: afterwards nobody
 * gets in without a password. */
static int database_write_init(const struct database *database,
			       const struct child_user *user,
			       const char *path, struct error *err)
{
	char text[512];
	int rc;

	snprintf(text, sizeof(text),
		 "SET SESSION sql_log_bin=0;\n"
		 "DELETE FROM mysql.global_priv WHERE User IN ('root', '') "
		 "AND Host <> 'localhost';\n"
		 "FLUSH PRIVILEGES;\n"
		 "ALTER USER 'root'@'localhost' IDENTIFIED BY '%s';\n",
		 database->root_password);
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

static void database_arguments_fill(const struct database *database,
				    const char *server, const char *cert_dir,
				    const char *init, struct arguments *args)
{
	size_t fixed = sizeof(database_arguments) /
		       sizeof(database_arguments[0]);

	args->count = 0;
	arguments_add(args, "%s", server);
	for (size_t i = 0; i < fixed; i++)
		arguments_add(args, "%s", database_arguments[i]);
	arguments_add(args, "--datadir=%s", database->dir);
	arguments_add(args, "--socket=%s/mysqld.sock", database->dir);
	arguments_add(args, "--pid-file=%s/mysqld.pid", database->dir);
	arguments_add(args, "--tmpdir=%s", database->dir);
	arguments_add(args, "--init-file=%s", init);
	arguments_add(args, "--port=%u", database->port);
	arguments_add(args, "--server-id=%u", database->number);
	arguments_add(args, "--gtid-domain-id=%u", database->number);
	arguments_add(args, "--report-host=%s", database->name);
	arguments_add(args, "--read-only=%s",
		      database->read_only ? "ON" : "OFF");
	arguments_add(args, "--ssl-cert=%s/server-cert.pem", cert_dir);
	arguments_add(args, "--ssl-key=%s/server-key.pem", cert_dir);
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
	int rc = database_find_port(&database->port, err);

	database_log(database, log);
	snprintf(init, sizeof(init), "%.*s.sql", PATH_MAX - 8, database->dir);
	if (!rc)
		rc = database_write_init(database, user, init, err);
	if (rc)
		return rc;
	arguments = malloc(sizeof(*arguments));
	if (!arguments)
		return error_nomem(err);
	database_arguments_fill(database, server, cert_dir, init, arguments);
	rc = child_start(arguments->list, user, log, &database->pid, err);
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

void database_stop(struct database *database, int grace_ms)
{
	child_end(&database->pid, grace_ms ? SIGTERM : SIGKILL,
		  clock_mono_ms() + grace_ms);
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
	};

	*ret = (struct sql_login){.port = database->port};
	snprintf(ret->host, sizeof(ret->host), "127.0.0.1");
	snprintf(ret->user, sizeof(ret->user), "%s", user);
	for (size_t i = 0; i < sizeof(accounts) / sizeof(accounts[0]); i++)
		if (!strcmp(accounts[i].user, user))
			snprintf(ret->password, sizeof(ret->password), "%s",
				 accounts[i].password);
}
