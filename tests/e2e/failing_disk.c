/*
 * Loaded before libc (LD_PRELOAD): a disk that fails, for the journal alone.
 * The directory named by FAILING_DISK says how, at each call: a file in it
 * named write, sync or cut holds the number of the error to be answered; as
 * long as there is one named stall, a sync does not come back.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int is_journal(int fd)
{
	char link[64], path[PATH_MAX];
	ssize_t len;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, path, sizeof(path) - 1);
	if (len < 0)
		return 0;
	path[len] = '\0';
	return strstr(path, "/journal.jsonl") != NULL;
}

/* The error that is due for this call; 0: none. */
static int due(int fd, const char *call)
{
	const char *dir = getenv("FAILING_DISK");
	char path[PATH_MAX], number[16] = "";
	int said;

	if (!dir || !is_journal(fd))
		return 0;
	snprintf(path, sizeof(path), "%s/%s", dir, call);
	said = open(path, O_RDONLY | O_CLOEXEC);
	if (said < 0)
		return 0;
	if (read(said, number, sizeof(number) - 1) < 0)
		number[0] = '\0';
	close(said);
	return (int)strtol(number, NULL, 10);
}

ssize_t write(int fd, const void *bytes, size_t len)
{
	int error = due(fd, "write");

	if (!error)
		return syscall(SYS_write, fd, bytes, len);
	/* a full disk takes a part of it first */
	if (error == ENOSPC)
		syscall(SYS_write, fd, bytes, len / 2);
	errno = error;
	return -1;
}

static int stands(const char *call)
{
	const char *dir = getenv("FAILING_DISK");
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", dir ? dir : "", call);
	return access(path, F_OK) == 0;
}

int fdatasync(int fd)
{
	int error = due(fd, "sync");

	while (is_journal(fd) && stands("stall"))
		poll(NULL, 0, 10);
	if (!error)
		return (int)syscall(SYS_fdatasync, fd);
	errno = error;
	return -1;
}

int ftruncate(int fd, off_t len)
{
	int error = due(fd, "cut");

	if (!error)
		return (int)syscall(SYS_ftruncate, fd, len);
	errno = error;
	return -1;
}
