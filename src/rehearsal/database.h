/*
 * One server of the world: its process, its address, its accounts.
 *
 * It listens on 127.0.0.1 and on a socket in its directory, runs as an
 * unprivileged user and dies with the world. Main thread, except where noted.
 */
#ifndef CUTOVER_REHEARSAL_DATABASE_H
#define CUTOVER_REHEARSAL_DATABASE_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

#include "rehearsal/secret.h"

struct child_user;
struct ending;
struct error;
struct kind;
struct sql_login;

struct database {
	const struct kind *kind;
	const char *name;               /* rds, aurora */
	unsigned int number;            /* server_id and gtid_domain_id */
	bool is_aurora;                 /* the replica, read-only at its start */
	char dir[PATH_MAX];             /* data, socket, logs */
	unsigned int port;              /* 0: none yet */
	int port_fd;                    /* which keeps it ours */
	pid_t pid;                      /* 0: does not run */
	char root_password[SECRET_SIZE];
	char app_password[SECRET_SIZE];
	char cutover_password[SECRET_SIZE];
	char repl_password[SECRET_SIZE];
	char rdsadmin_password[SECRET_SIZE];
	char admin_password[SECRET_SIZE];
};

/* Name, number, secrets, and the directory PARENT/NAME, copied from the
 * template. 0 or an error; nothing to undo but the directory. */
int database_init(struct database *database, const struct kind *kind,
		  bool is_aurora, const char *parent, const char *template,
		  const struct child_user *user, struct error *err);

/*
 * Starts the server on a port that is its own until database_close, also while
 * the server is down; database_wait then waits until it takes connections. Two
 * calls, so that two servers start at once. cert_dir holds server-cert.pem and
 * server-key.pem. ERR_REMOTE with the server's own reason.
 */
int database_start(struct database *database, const char *server,
		   const char *cert_dir, const struct child_user *user,
		   struct error *err);
int database_wait(struct database *database, struct ending *ending,
		  struct error *err);

/* Kills the server, as a crash would; it may be started again. */
void database_kill(struct database *database);

/* Kills it for good and gives its port away. Takes one of zeros. */
void database_close(struct database *database);

/* Whether it has died by itself. */
bool database_died(struct database *database);

/*
 * How to log in: root over the socket; or over TCP app, the application;
 * cutover, the operator's; admin, like RDS's master user; repl; rdsadmin, the
 * provider's. Any thread once it has started.
 */
void database_root_login(const struct database *database,
			 struct sql_login *ret);
void database_login(const struct database *database, const char *user,
		    struct sql_login *ret);

#endif
