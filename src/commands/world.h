/*
 * The practice world as a child process: cutover-world, started, watched while
 * it comes up, asked for its ledger, ended. Its pipes are all that joins the
 * two programs; the run itself reaches the world as it would reach a live one.
 */
#ifndef CUTOVER_COMMANDS_WORLD_H
#define CUTOVER_COMMANDS_WORLD_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

#define WORLD_LINE_MAX 1024
#define WORLD_LEDGER_LINES 8
#define WORLD_READY_MS 60000    /* the longest it may take to come up */
#define WORLD_FINISH_MS 60000   /* the longest the ledger may take */

struct world {
	pid_t pid;                      /* 0: none */
	int in, out;                    /* its standard input and output; -1 */
	char dir[PATH_MAX];             /* where its vars.yaml lies */
	char rest[WORLD_LINE_MAX];      /* read, not yet a whole line */
	size_t rest_len;
};

struct world_options {
	const char *dir;                /* --world-dir; NULL: one of its own */
	const char *pods;               /* how many of each version; NULL: default */
	const char *heartbeat;          /* ms between RDS's own; NULL: default */
	const char *start;              /* full, bare or after */
	const char *flag;               /* http or configmap; NULL: http */
};

/* Starts it and waits until it is ready, its progress printed on standard
 * error. */
int world_start(struct world *world, const struct world_options *options,
		struct error *err);
/* Ends the users, reads the ledger back; its lines (without ends) go to
 * ret_lines, at most WORLD_LEDGER_LINES. Then the world is gone. */
int world_finish(struct world *world,
		 char ret_lines[WORLD_LEDGER_LINES][WORLD_LINE_MAX],
		 size_t *ret_count, struct error *err);
/* Ends it without a ledger, and waits until it is gone. Takes a zeroed one. */
void world_end(struct world *world);

#endif
