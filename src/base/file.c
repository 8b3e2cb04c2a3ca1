/*
 * See file.h. A file is replaced by way of a neighbour with a random name,
 * renamed over it once its bytes are on disk.
 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/error.h"

#define FILE_CHUNK 65536

int file_read_fd(int fd, const char *path, struct buf *dst, struct error *err)
{
	char chunk[FILE_CHUNK];

	for (;;) {
		ssize_t got = read(fd, chunk, sizeof(chunk));
		int status;

		if (got == 0)
			return 0;
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_errno(err, path, "cannot be read");
		status = buf_append(dst, chunk, (size_t)got);
		if (status == ERR_LIMIT)
			return error_set(err, ERR_LIMIT, path,
					 "larger than %zu bytes", dst->max);
		if (status)
			return error_nomem(err);
	}
}

int file_read(const char *path, struct buf *dst, struct error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int status;

	if (fd < 0)
		return error_errno(err, path, "cannot be opened");
	status = file_read_fd(fd, path, dst, err);
	close(fd);
	return status;
}

int file_write_fd(int fd, const char *path, const void *bytes, size_t len,
		  struct error *err)
{
	const char *at = bytes;

	while (len) {
		ssize_t put = write(fd, at, len);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return error_errno(err, path, "cannot be written");
		at += put;
		len -= (size_t)put;
	}
	return 0;
}

int file_sync_dir(const char *dir, struct error *err)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int status = 0;

	if (fd < 0)
		return error_errno(err, dir, "cannot be opened");
	if (fsync(fd))
		status = error_errno(err, dir, "cannot be synced");
	close(fd);
	return status;
}

/* The directory part of path: "." if it has none. */
static void file_directory(const char *path, char dst[PATH_MAX])
{
	const char *slash = strrchr(path, '/');
	int len = slash ? (int)(slash - path) : 1;

	snprintf(dst, PATH_MAX, "%.*s", len ? len : 1, slash ? path : ".");
}

static int file_fill(int fd, const char *path, mode_t mode, const void *bytes,
		     size_t len, struct error *err)
{
	int status = file_write_fd(fd, path, bytes, len, err);

	if (!status && fchmod(fd, mode))
		status = error_errno(err, path, "its mode cannot be set");
	if (!status && fsync(fd))
		status = error_errno(err, path, "cannot be synced");
	return status;
}

int file_replace(const char *path, mode_t mode, const void *bytes, size_t len,
		 struct error *err)
{
	char neighbour[PATH_MAX], dir[PATH_MAX];
	int used = snprintf(neighbour, sizeof(neighbour), "%s.XXXXXX", path);
	int fd, status;

	if (used < 0 || (size_t)used >= sizeof(neighbour))
		return error_set(err, ERR_LIMIT, path, "path too long");
	fd = mkostemp(neighbour, O_CLOEXEC);
	if (fd < 0)
		return error_errno(err, path, "cannot be created");
	status = file_fill(fd, path, mode, bytes, len, err);
	if (close(fd) && !status)
		status = error_errno(err, path, "cannot be closed");
	if (!status && rename(neighbour, path))
		status = error_errno(err, path, "cannot be put in place");
	if (status) {
		unlink(neighbour);
		return status;
	}
	file_directory(path, dir);
	return file_sync_dir(dir, err);
}
