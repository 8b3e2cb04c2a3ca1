/*
 * The world's private directory, gone at the end, whatever the end was.
 *
 * A lock file in it is held by flock() as long as the world lives; a directory
 * of ours whose lock can be taken belongs to nobody any more, and whoever
 * starts next removes it.
 */
#ifndef CUTOVER_REHEARSAL_WORLDDIR_H
#define CUTOVER_REHEARSAL_WORLDDIR_H

#include <limits.h>
#include <stdbool.h>

struct error;

/* Longest path: a unix socket below it must fit into sockaddr_un. */
#define WORLDDIR_MAX 80

struct worlddir {
	char path[PATH_MAX];    /* absolute */
	int lock;               /* held; -1: none */
	bool created;           /* by us: removed with all that is in it */
};

/* A new directory ${TMPDIR:-/tmp}/cutover-world-UID-XXXXXX, mode 0711 (the
 * databases' user must pass; where TMPDIR does not let it, /tmp is taken). 0,
 * ERR_IO, ERR_LIMIT. */
int worlddir_make(struct worlddir *ret, struct error *err);

/* The directory that the user named: created if it is missing, taken if it is
 * empty or a dead world's. ERR_BUSY: another world lives there; ERR_INVALID:
 * it holds something else. */
int worlddir_take(struct worlddir *ret, const char *path, struct error *err);

/* Removes what the world left in it, the directory if we made it, then lets
 * go of the lock. */
void worlddir_remove(struct worlddir *dir);

/* Removes dead worlds' directories in the same place: ours by name, owner and
 * kind, the lock free. Returns how many; what can't be removed is left. */
int worlddir_sweep(void);

#endif
