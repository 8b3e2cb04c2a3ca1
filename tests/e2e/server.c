/*
 * See server.h. The server's own --init-file makes the users, so that no
 * client program is needed and the same code drives both kinds of server.
 */
#include "server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

#define START_MS 60000

const char *server_program(void)
{
	const char *named = getenv("TEST_DATABASE");

	if (!named || !*named)
		named = MARIADBD;
	return *named && access(named, X_OK) == 0 ? named : NULL;
}

static bool is_mysql(const char *program)
{
	const char *base = strrchr(program, '/');

	return !strcmp(base ? base + 1 : program, "mysqld");
}

/* Runs a program to its end, its output into a file of the directory. */
static pid_t launch(const struct server *server, const char *const *argv)
{
	pid_t pid = fork();
	char log[192];
	int fd;

	assert_true(pid >= 0);
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	snprintf(log, sizeof(log), "%s/log", server->dir);
	fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
	dup2(fd, 1);
	dup2(fd, 2);
	for (int i = 3; i < 256; i++)
		close(i);
	execvp(argv[0], (char *const *)argv);
	_exit(127);
}

static void show_log(const struct server *server)
{
	char path[192], line[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/log", server->dir);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		fputs(line, stderr);
	if (file)
		fclose(file);
}

static void run(const struct server *server, const char *const *argv)
{
	pid_t pid = launch(server, argv);
	int status = 0;

	while (waitpid(pid, &status, 0) < 0)
		assert_int_equal(errno, EINTR);
	if (status)
		show_log(server);
	assert_int_equal(status, 0);
}

/* Bound, so that nobody else gets it; who reuses addresses, as the servers do,
 * may listen there all the same. */
static int take_port(int *ret_fd)
{
	struct sockaddr_in at = {
		.sin_family = AF_INET,
		.sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)},
	};
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, len), 0);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	*ret_fd = fd;
	return ntohs(at.sin_port);
}

static void write_init(const struct server *server)
{
	static const char maria[] =
		"GRANT ALL ON *.* TO root@'127.0.0.1' IDENTIFIED BY '%1$s' "
		"WITH GRANT OPTION;\n";
	static const char mysql[] =
		"CREATE USER IF NOT EXISTS root@'127.0.0.1' "
		"IDENTIFIED BY '%1$s';\n"
		"GRANT ALL ON *.* TO root@'127.0.0.1' WITH GRANT OPTION;\n";
	static const char both[] =
		"CREATE USER IF NOT EXISTS limited@'127.0.0.1' "
		"IDENTIFIED BY '%1$s';\n"
		"CREATE USER IF NOT EXISTS app@'127.0.0.1' "
		"IDENTIFIED BY '%1$s';\n"
		"CREATE DATABASE IF NOT EXISTS shop;\n"
		"CREATE TABLE IF NOT EXISTS shop.t "
		"(id INT PRIMARY KEY, v VARCHAR(64));\n"
		"GRANT SELECT, INSERT, UPDATE, DELETE ON shop.* "
		"TO app@'127.0.0.1';\n";
	char path[192];
	FILE *file;

	snprintf(path, sizeof(path), "%s/init.sql", server->dir);
	file = fopen(path, "we");
	assert_non_null(file);
	fprintf(file, "SET sql_log_bin = 0;\n");
	fprintf(file, server->is_mysql ? mysql : maria, SERVER_PASSWORD);
	fprintf(file, both, SERVER_PASSWORD);
	assert_int_equal(fclose(file), 0);
}

static void initialise(const struct server *server)
{
	/* Its own: a server that starts removes what it takes for its leavings
	 * in a temporary directory that others share. */
	char datadir[192], tmpdir[192];
	/* Servers refuse to run as root unless told to; others are not asked. */
	const char *user = geteuid() == 0 ? "--user=root" : NULL;
	const char *const mysql[] = {
		server_program(), "--no-defaults", "--initialize-insecure",
		datadir, tmpdir, user, NULL,
	};
	const char *const maria[] = {
		"mariadb-install-db", "--no-defaults", "--skip-name-resolve",
		"--skip-test-db", "--auth-root-authentication-method=normal",
		datadir, tmpdir, user, NULL,
	};

	snprintf(tmpdir, sizeof(tmpdir), "--tmpdir=%s", server->dir);
	snprintf(datadir, sizeof(datadir), "--datadir=%s/data", server->dir);
	run(server, server->is_mysql ? mysql : maria);
}

static bool answers(int port)
{
	struct sockaddr_in at = {
		.sin_family = AF_INET, .sin_port = htons((uint16_t)port),
		.sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)},
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct pollfd ready = {.fd = fd, .events = POLLIN};
	bool yes;

	yes = !connect(fd, (struct sockaddr *)&at, sizeof(at)) &&
	      poll(&ready, 1, 1000) == 1;
	close(fd);
	return yes;
}

void server_start(struct server *server)
{
	int64_t deadline = clock_mono_ms() + START_MS;
	char args[7][192];
	const char *argv[32] = {server_program(), "--no-defaults",
		"--user=root", "--bind-address=127.0.0.1", "--log-bin=binlog",
		"--innodb-buffer-pool-size=32M",
		"--innodb-flush-log-at-trx-commit=2", "--skip-name-resolve"};
	size_t count = 8;

	snprintf(args[0], sizeof(args[0]), "--datadir=%s/data", server->dir);
	snprintf(args[1], sizeof(args[1]), "--socket=%s/sock", server->dir);
	snprintf(args[2], sizeof(args[2]), "--port=%d", server->port);
	snprintf(args[3], sizeof(args[3]), "--server-id=%d", server->id);
	snprintf(args[4], sizeof(args[4]), "--init-file=%s/init.sql",
		 server->dir);
	snprintf(args[5], sizeof(args[5]), "--pid-file=%s/pid", server->dir);
	snprintf(args[6], sizeof(args[6]), "--tmpdir=%s", server->dir);
	for (size_t i = 0; i < 7; i++)
		argv[count++] = args[i];
	if (server->is_mysql) {
		argv[count++] = "--gtid-mode=ON";
		argv[count++] = "--enforce-gtid-consistency=ON";
		argv[count++] = "--mysqlx=OFF";
		argv[count++] = "--secure-file-priv=NULL";
	} else {
		argv[count++] = "--log-slave-updates";
	}
	argv[count] = NULL;
	server->pid = launch(server, argv);
	while (!answers(server->port)) {
		int status;

		if (clock_mono_ms() > deadline ||
		    waitpid(server->pid, &status, WNOHANG) == server->pid) {
			show_log(server);
			fail_msg("the server did not start");
		}
		poll(NULL, 0, 50);
	}
}

void server_create(struct server *server, int id)
{
	memset(server, 0, sizeof(*server));
	snprintf(server->dir, sizeof(server->dir), "/tmp/cutover-db-XXXXXX");
	assert_non_null(mkdtemp(server->dir));
	server->is_mysql = is_mysql(server_program());
	server->id = id;
	server->port = take_port(&server->port_fd);
	initialise(server);
	write_init(server);
	server_start(server);
}

void server_kill(struct server *server)
{
	if (!server->pid)
		return;
	kill(server->pid, SIGKILL);
	while (waitpid(server->pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	server->pid = 0;
}

static int remove_one(const char *path, const struct stat *info, int type,
		      struct FTW *walk)
{
	(void)info;
	(void)type;
	(void)walk;
	return remove(path);
}

void server_destroy(struct server *server)
{
	server_kill(server);
	if (server->port)
		close(server->port_fd);
	server->port = 0;
	if (*server->dir)
		nftw(server->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	*server->dir = '\0';
}

struct db_config server_config(const struct server *server, const char *user)
{
	struct db_config config = {.port = (unsigned int)server->port};

	snprintf(config.name, sizeof(config.name), "test");
	snprintf(config.host, sizeof(config.host), "127.0.0.1");
	snprintf(config.user, sizeof(config.user), "%s", user);
	snprintf(config.password, sizeof(config.password), SERVER_PASSWORD);
	return config;
}

/* ---- the relay ------------------------------------------------------------ */

static bool pass_on(int from, int to)
{
	char bytes[16384];
	ssize_t got = read(from, bytes, sizeof(bytes));

	return got > 0 && write(to, bytes, (size_t)got) == got;
}

static void relay_one(int client, int to_port)
{
	struct sockaddr_in at = {
		.sin_family = AF_INET, .sin_port = htons((uint16_t)to_port),
		.sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)},
	};
	int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct pollfd ends[2] = {
		{.fd = client, .events = POLLIN},
		{.fd = server, .events = POLLIN},
	};
	bool open = !connect(server, (struct sockaddr *)&at, sizeof(at));

	while (open && poll(ends, 2, -1) > 0) {
		if (ends[0].revents)
			open = pass_on(client, server);
		if (open && ends[1].revents)
			open = pass_on(server, client);
	}
	close(server);
	close(client);
}

/* One connection at a time is all that replication needs. */
void relay_start(struct relay *relay, int to_port)
{
	int listener;

	relay->port = take_port(&listener);
	assert_int_equal(listen(listener, 8), 0);
	relay->pid = fork();
	assert_true(relay->pid >= 0);
	if (relay->pid) {
		close(listener);
		return;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

		if (client >= 0)
			relay_one(client, to_port);
	}
}

void relay_freeze(const struct relay *relay)
{
	int status;

	assert_int_equal(kill(relay->pid, SIGSTOP), 0);
	/* the signal is only sent so far */
	assert_int_equal(waitpid(relay->pid, &status, WUNTRACED), relay->pid);
	assert_true(WIFSTOPPED(status));
}

void relay_stop(struct relay *relay)
{
	if (!relay->pid)
		return;
	kill(relay->pid, SIGKILL);
	waitpid(relay->pid, NULL, 0);
	relay->pid = 0;
}
