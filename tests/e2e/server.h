/*
 * A real database server for tests, mariadbd or mysqld, in a directory of its
 * own under /tmp, on loopback. Asserts instead of returning errors.
 */
#ifndef CUTOVER_TESTS_SERVER_H
#define CUTOVER_TESTS_SERVER_H

#include <stdbool.h>
#include <sys/types.h>

#include "db/config.h"

#define SERVER_PASSWORD "tell-nobody-42"

struct server {
	char dir[128];
	int port, port_fd, id;          /* port_fd: bound, so that it stays ours */
	pid_t pid;                      /* 0 = not running */
	bool is_mysql;
};

/* The program to test with ($TEST_DATABASE, else what configure found), or
 * NULL: not on this machine. */
const char *server_program(void);

/* Makes a data directory, starts the server on it and waits until it answers.
 * User "root" with SERVER_PASSWORD may do all, "limited" nothing, "app" may
 * write to schema "shop" with table t (id, v). */
void server_create(struct server *server, int id);
void server_start(struct server *server);
/* SIGKILL, as a power cut would. */
void server_kill(struct server *server);
/* Ends it and removes its directory. */
void server_destroy(struct server *server);

/* How to log in to it. */
struct db_config server_config(const struct server *server, const char *user);

/* A relay to the port, in a process of its own, which SIGSTOP freezes. */
struct relay {
	pid_t pid;
	int port;
};

void relay_start(struct relay *relay, int to_port);
/* Returns once it stands still. relay_stop and SIGCONT go on from there. */
void relay_freeze(const struct relay *relay);
void relay_stop(struct relay *relay);

#endif
