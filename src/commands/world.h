/*
 * The practice world as a child process: cutover-world, started, watched while
 * it comes up, ended. What it is asked goes over its control socket
 * (worldlink.h); the run itself reaches it as it would reach a live world.
 */
#ifndef CUTOVER_COMMANDS_WORLD_H
#define CUTOVER_COMMANDS_WORLD_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/error.h"

#define WORLD_LINE_MAX 1024
#define WORLD_READY_MS 60000    /* the longest it may take to its next word */

struct world {
	pid_t pid;                      /* 0: none */
	int in, out;                    /* its standard input and output; -1 */
	char dir[PATH_MAX];             /* where its vars.yaml lies */
	char rest[WORLD_LINE_MAX];      /* read, not yet a whole line */
	size_t rest_len;
};

/* Each is the text of the option of cutover-world by that name; NULL: its
 * default. */
struct world_options {
	const char *dir, *pods, *heartbeat, *database, *start, *flag;
	const char *scenario, *seed, *speed;
};

/* Runs cutover-world for what it prints: the words (count of them) are its
 * arguments. What it says on standard error is not kept. *ret_good: its exit
 * status is 0. */
int world_print(const char *const *words, size_t count, struct buf *ret,
		bool *ret_good, struct error *err);

/* Starts it and waits until it is ready, its progress printed on standard
 * error. */
int world_start(struct world *world, const struct world_options *options,
		struct error *err);
/* Ends it (it may have ended already), and waits until it is gone. Takes a
 * zeroed one. */
void world_end(struct world *world);
/* It lives on without us: it was told to. */
void world_leave(struct world *world);

#endif
