/* See failing_disk.h. Only the calls of the thread that asked for it fail; all
 * of them stall. */
#include "failing_disk.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static _Thread_local struct {
	long due[DISK_KINDS];
	bool hit[DISK_KINDS];
	size_t most;
	bool interrupted;
} disk;

static struct {
	pthread_mutex_t mutex;
	pthread_cond_t over;
	bool stalls;
} stall = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false};

void failing_disk_at(enum failing_disk kind, long call)
{
	disk.due[kind] = call;
	disk.hit[kind] = false;
}

bool failing_disk_hit(enum failing_disk kind)
{
	return disk.hit[kind];
}

void failing_disk_short(size_t most, bool interrupted)
{
	disk.most = most;
	disk.interrupted = interrupted;
}

void failing_disk_stall(bool stalls)
{
	pthread_mutex_lock(&stall.mutex);
	stall.stalls = stalls;
	pthread_cond_broadcast(&stall.over);
	pthread_mutex_unlock(&stall.mutex);
}

/* Waits until it is over. */
static void disk_stalls(void)
{
	pthread_mutex_lock(&stall.mutex);
	while (stall.stalls)
		pthread_cond_wait(&stall.over, &stall.mutex);
	pthread_mutex_unlock(&stall.mutex);
}

void failing_disk_reset(void)
{
	failing_disk_stall(false);
	memset(&disk, 0, sizeof(disk));
}

static bool disk_fails(enum failing_disk kind, int number)
{
	if (!disk.due[kind] || --disk.due[kind])
		return false;
	disk.hit[kind] = true;
	errno = number;
	return true;
}

static bool disk_interrupts(void)
{
	static bool now;

	if (!disk.interrupted || !(now = !now))
		return false;
	errno = EINTR;
	return true;
}

static size_t disk_most(size_t len)
{
	return disk.most && len > disk.most ? disk.most : len;
}

ssize_t write(int fd, const void *bytes, size_t len)
{
	if (disk_fails(DISK_WRITE, ENOSPC)) {
		syscall(SYS_write, fd, bytes, len / 2);
		errno = ENOSPC;
		return -1;
	}
	if (disk_interrupts())
		return -1;
	return syscall(SYS_write, fd, bytes, disk_most(len));
}

ssize_t read(int fd, void *bytes, size_t len)
{
	if (disk_fails(DISK_READ, EIO) || disk_interrupts())
		return -1;
	return syscall(SYS_read, fd, bytes, disk_most(len));
}

int fdatasync(int fd)
{
	disk_stalls();
	return disk_fails(DISK_SYNC, EIO) ? -1 :
		(int)syscall(SYS_fdatasync, fd);
}

int fsync(int fd)
{
	return disk_fails(DISK_SYNC, EIO) ? -1 : (int)syscall(SYS_fsync, fd);
}

int ftruncate(int fd, off_t len)
{
	return disk_fails(DISK_CUT, EIO) ? -1 :
		(int)syscall(SYS_ftruncate, fd, len);
}

int rename(const char *from, const char *to)
{
	return disk_fails(DISK_RENAME, EIO) ? -1 :
		(int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}
