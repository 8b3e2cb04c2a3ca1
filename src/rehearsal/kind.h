/*
 * The kinds of database server that the world can be made of, as tables: how
 * one is found, installed, started, and told things. What is common to both
 * stands in database.c, database_setup.c and procedures.c.
 */
#ifndef CUTOVER_REHEARSAL_KIND_H
#define CUTOVER_REHEARSAL_KIND_H

#include <limits.h>
#include <stdbool.h>

struct child_user;
struct ending;
struct error;

/* How a kind of server says it; see words.h for what stands in braces. */
struct kind_words {
	/* The server's own --init-file, with {password} root's. */
	const char *init;
	/* {user}, {password}. */
	const char *create_user;
	const char *stop, *start, *reset;
	/* {host}, {port}, {user}, {password}, {ca}: a file. */
	const char *replicate;
	/* One cell: what the server has committed. */
	const char *position;
	/* {position} such a cell, {seconds}; one cell, "0" once it is there. */
	const char *await;
};

/* What is run in a stored procedure. */
struct kind_routine_words {
	/* Statements that stop, start and forget replication. */
	const char *stop, *start, *reset, *status;
	/* An expression: how many threads of replication run. */
	const char *threads;
	/* CHANGE MASTER, and its options' beginning. */
	const char *change, *source;
	/* An option more for a source that is followed by file and position. */
	const char *by_position;
};

struct kind {
	const char *name;               /* --database NAME */
	const char *title;              /* for people */
	const char *program;            /* found in PATH by this name */
	const char *variable;           /* environment: another program */
	const char *built;              /* configure's choice, or NULL */
	const char *missing;            /* what to install */
	/* Words of `PROGRAM --version` that tell this kind from the other. */
	bool is_mariadb;
	/* The program that makes a data directory; NULL: the server itself. */
	const char *installer;
	/* NULL-ended; the data directory and a tmpdir are added to the first,
	 * and to the second what database.c knows of the one server. */
	const char *const *install_arguments;
	const char *const *arguments;
	/* NULL-ended, with {number} the server's. */
	const char *const *own_arguments;
	/* Files of a data directory that no second one may have; NULL-ended. */
	const char *const *unique_files;
	/* Lines of an option file by which a client verifies the server. */
	const char *client_options;
	/* TCP connections of all accounts are encrypted, or refused. */
	bool tls_only;
	struct kind_words words;
	struct kind_routine_words routine;
	/* NULL-ended statements: what the accounts may do. The last two: what
	 * is more on the source, and on the replica. */
	const char *const *grants, *const *rds_grants, *const *aurora_grants;
};

extern const struct kind kind_mariadb, kind_mysql;

/* The kind of that name, or NULL. */
const struct kind *kind_find(const char *name);

/*
 * The path of the kind's server program: as the environment says, as configure
 * found it, or from PATH. It is asked for its version, as the user and with a
 * log in dir: Debian's mysqld is a MariaDB. ERR_NOTFOUND says what to install;
 * ERR_CANCELLED.
 */
int kind_program(const struct kind *kind, const char *dir,
		 const struct child_user *user, struct ending *ending,
		 char ret[PATH_MAX], struct error *err);

#endif
