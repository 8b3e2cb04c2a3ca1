/*
 * Whole files: read with a maximum, written so that they are either there in
 * full or not at all, and on disk when the call returns.
 */
#ifndef CUTOVER_BASE_FILE_H
#define CUTOVER_BASE_FILE_H

#include <stddef.h>
#include <sys/types.h>

struct buf;
struct error;

/* Appends all that is left to read of fd. path names it in errors. 0,
 * ERR_LIMIT (larger than the buffer's maximum), ERR_NOMEM or ERR_IO. */
int file_read_fd(int fd, const char *path, struct buf *dst, struct error *err);
/* The same for the file at path; ERR_NOTFOUND, ERR_DENIED too. */
int file_read(const char *path, struct buf *dst, struct error *err);

/* Writes all of it, however often the kernel takes only a part. After a
 * failure, some of it may have been written. */
int file_write_fd(int fd, const char *path, const void *bytes, size_t len,
		  struct error *err);

/* Puts a file of this content and mode at path, replacing what was there: a
 * reader sees the old file or the new one, whole. Synced, with its directory.
 * After a failure the old file stands. */
int file_replace(const char *path, mode_t mode, const void *bytes, size_t len,
		 struct error *err);

/* Syncs a directory, so that names just made in it survive a power cut. */
int file_sync_dir(const char *dir, struct error *err);

#endif
