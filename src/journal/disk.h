/*
 * The file of a journal as it lies on the disk. A piece is whole or not there:
 * it goes to the end of the file at once, is synced, and counts only when it is
 * kept. What does not count is cut off before the next piece, so after a sync
 * that failed the bytes are written anew: what the kernel made of the first
 * ones does not matter. journal.c's, nobody else includes this.
 */
#ifndef CUTOVER_JOURNAL_DISK_H
#define CUTOVER_JOURNAL_DISK_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <time.h>

#include "base/error.h"

struct disk {
	int fd;                 /* -1: not open */
	char path[PATH_MAX];
	off_t size;             /* up to the end of the last piece that counts */
	bool dirty;             /* our own bytes follow that do not count */
	const char *hash;       /* the chain's, at the end of what counts */
	struct timespec changed;        /* when we changed it last; 0: not known */
};

/* Cuts off what does not count. ERR_IO. */
int disk_cut(struct disk *disk, struct error *err);
/* ERR_IO. */
int disk_sync(struct disk *disk, struct error *err);
/*
 * Writes and syncs one piece; it counts once disk_keep was called. ERR_CONFLICT:
 * the file is not what we left, somebody else changed it; ERR_LIMIT; ERR_IO,
 * after which nothing of it is left, if that can be.
 */
int disk_write(struct disk *disk, const char *bytes, size_t len,
	       struct error *err);
/* What was written last, so many bytes, counts. */
void disk_keep(struct disk *disk, size_t len);

#endif
