/* See disk.h. */
#include "disk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "trace.h"

static struct {
	const char *path;
	ino_t inode;            /* 0: not there yet */
	int64_t synced;
	bool dead, robbed;
	int64_t countdown;      /* writes until the death; 0: none is planned */
	enum disk_death death;
	bool doomed;            /* it dies when this record is synced */
	bool holds;             /* what is synced is not safe before it is released */
	int64_t held;           /* bytes that are synced and not released; 0: none */
	int trouble_permille;
	struct chance *chance;
	void (*on_synced)(void *data);
	void *data;
} disk;

void disk_open(const char *path, void (*synced)(void *data), void *data)
{
	memset(&disk, 0, sizeof(disk));
	disk.path = path;
	disk.on_synced = synced;
	disk.data = data;
}

void disk_plan_death(int64_t record, enum disk_death death)
{
	disk.countdown = record;
	disk.death = death;
}

void disk_die(void)
{
	disk.dead = true;
}

bool disk_is_dead(void)
{
	return disk.dead;
}

int64_t disk_synced(void)
{
	return disk.synced;
}

bool disk_was_robbed(void)
{
	return disk.robbed;
}

int64_t disk_size(void)
{
	struct stat st;

	return stat(disk.path, &st) ? 0 : (int64_t)st.st_size;
}

static void disk_is_safe(int64_t size)
{
	disk.synced = size;
	disk.on_synced(disk.data);
	disk.dead = disk.doomed;
}

void disk_hold(bool holds)
{
	disk.holds = holds;
}

void disk_release(void)
{
	if (!disk.dead && disk.held)
		disk_is_safe(disk.held);
	disk.held = 0;
}

void disk_trouble(int permille, struct chance *chance)
{
	disk.trouble_permille = permille;
	disk.chance = chance;
}

void disk_restore(struct chance *chance)
{
	int64_t size = disk_size();
	int64_t keep = chance_permille(chance, 300) ? size :
		chance_between(chance, disk.synced, size);

	if (truncate(disk.path, keep))
		abort();
	trace_say("life", "the disk keeps %lld bytes of %lld, %lld synced",
		  (long long)keep, (long long)size, (long long)disk.synced);
	disk.dead = disk.doomed = false;
	disk.countdown = 0;
}

/* ---- the calls ----------------------------------------------------------- */

static bool disk_has(int fd)
{
	struct stat st;

	if (!disk.path || fstat(fd, &st) || !S_ISREG(st.st_mode))
		return false;
	if (!disk.inode) {
		struct stat named;

		if (!stat(disk.path, &named))
			disk.inode = named.st_ino;
	}
	return st.st_ino == disk.inode;
}

static bool disk_fails(void)
{
	return disk.dead || (disk.trouble_permille &&
			     chance_permille(disk.chance,
					     disk.trouble_permille));
}

static void disk_write_part(int fd, const void *bytes, size_t len)
{
	if (syscall(SYS_write, fd, bytes, len) < 0)
		abort();
}

/* The write at which the process dies. */
static ssize_t disk_write_last(int fd, const void *bytes, size_t len)
{
	static const char *const ways[] = {
		[DISK_BEFORE_WRITE] = "before a record",
		[DISK_TORN] = "in the middle of a record",
		[DISK_BEFORE_SYNC] = "between a record and its sync",
		[DISK_AFTER_SYNC] = "after a record",
	};

	trace_say("kill", "the process dies %s", ways[disk.death]);
	disk.doomed = disk.death == DISK_AFTER_SYNC;
	disk.dead = !disk.doomed;
	if (disk.death == DISK_TORN)
		disk_write_part(fd, bytes, len / 2);
	if (disk.death >= DISK_BEFORE_SYNC) {
		disk_write_part(fd, bytes, len);
		return (ssize_t)len;
	}
	errno = EIO;
	return -1;
}

ssize_t write(int fd, const void *bytes, size_t len)
{
	if (!disk_has(fd))
		return syscall(SYS_write, fd, bytes, len);
	if (!disk.dead && disk.countdown && --disk.countdown == 0)
		return disk_write_last(fd, bytes, len);
	if (disk_fails()) {
		if (!disk.dead)
			disk_write_part(fd, bytes, len / 3);
		errno = ENOSPC;
		return -1;
	}
	return syscall(SYS_write, fd, bytes, len);
}

int fdatasync(int fd)
{
	if (!disk_has(fd))
		return 0;
	if (disk_fails()) {
		errno = EIO;
		return -1;
	}
	if (disk.holds)
		disk.held = disk_size();
	else
		disk_is_safe(disk_size());
	return 0;
}

/* Directories and lock files: nothing here depends on them. */
int fsync(int fd)
{
	(void)fd;
	return 0;
}

int ftruncate(int fd, off_t len)
{
	if (!disk_has(fd))
		return (int)syscall(SYS_ftruncate, fd, len);
	if (disk_fails()) {
		errno = EIO;
		return -1;
	}
	disk.robbed = disk.robbed || len < disk.synced;
	return (int)syscall(SYS_ftruncate, fd, len);
}
