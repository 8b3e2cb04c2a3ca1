/* See worlddir.h. */
#include "rehearsal/worlddir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "rehearsal/files.h"

#define LOCK_NAME "cutover-world.lock"
/* A directory without a lock file is being made, unless it is this old. */
#define UNLOCKED_AGE_S 60
#define MAKE_ATTEMPTS 8

/* As root the databases run as somebody else, who must be able to get there:
 * a private TMPDIR is passed over then. */
static const char *worlddir_parent(void)
{
	const char *parent = getenv("TMPDIR");

	return parent && parent[0] == '/' &&
	       (geteuid() != 0 || files_all_may_pass(parent)) ?
	       parent : "/tmp";
}

/* "cutover-world-0-": what the names of our user's directories begin with. */
static void worlddir_prefix(char *dst, size_t size)
{
	snprintf(dst, size, "cutover-world-%ld-", (long)geteuid());
}

/* Opens the lock file with further flags and takes it: a descriptor, or -1
 * with errno, EWOULDBLOCK when somebody holds it. */
static int worlddir_lock(const char *path, int flags)
{
	char name[PATH_MAX];
	int fd;

	snprintf(name, sizeof(name), "%.*s/" LOCK_NAME,
		 (int)(PATH_MAX - sizeof(LOCK_NAME) - 1), path);
	fd = open(name, O_RDWR | O_NOFOLLOW | O_CLOEXEC | flags, 0600);
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB)) {
		int number = errno;

		close(fd);
		errno = number;
		return -1;
	}
	return fd;
}

static int worlddir_check_length(const char *path, struct error *err)
{
	if (strlen(path) <= WORLDDIR_MAX)
		return 0;
	return error_set(err, ERR_LIMIT, path,
			 "longer than %d bytes: a database's socket would not "
			 "fit below it (name a shorter one with --dir)",
			 WORLDDIR_MAX);
}

int worlddir_make(struct worlddir *ret, struct error *err)
{
	char prefix[64];
	int rc;

	worlddir_prefix(prefix, sizeof(prefix));
	for (int attempt = 0; attempt < MAKE_ATTEMPTS; attempt++) {
		*ret = (struct worlddir){.lock = -1, .created = true};
		snprintf(ret->path, sizeof(ret->path), "%.*s/%sXXXXXX",
			 PATH_MAX / 2, worlddir_parent(), prefix);
		if ((rc = worlddir_check_length(ret->path, err)))
			return rc;
		if (!mkdtemp(ret->path))
			return error_errno(err, ret->path, "making it");
		ret->lock = worlddir_lock(ret->path, O_CREAT);
		/* Else a sweep was quicker than we were: take another. */
		if (ret->lock >= 0 && !chmod(ret->path, 0711))
			return 0;
		worlddir_remove(ret);
	}
	return error_set(err, ERR_IO, worlddir_parent(),
			 "no directory of our own could be made there");
}

static bool worlddir_is_empty(const char *path)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;
	bool empty = dir != NULL;

	while (empty && (entry = readdir(dir)))
		empty = !strcmp(entry->d_name, ".") ||
			!strcmp(entry->d_name, "..");
	if (dir)
		closedir(dir);
	return empty;
}

/* Takes the existing directory ret->path. */
static int worlddir_take_existing(struct worlddir *ret, struct error *err)
{
	ret->lock = worlddir_lock(ret->path, worlddir_is_empty(ret->path) ?
				  O_CREAT : 0);
	if (ret->lock >= 0)
		return files_empty_tree(ret->path, err);
	if (errno == EWOULDBLOCK)
		return error_set(err, ERR_BUSY, ret->path,
				 "another practice world lives there");
	if (errno == ENOENT)
		return error_set(err, ERR_INVALID, ret->path,
				 "holds something else; name a directory that "
				 "is empty or does not exist");
	return error_errno(err, ret->path, "locking it");
}

int worlddir_take(struct worlddir *ret, const char *path, struct error *err)
{
	char *whole;
	int rc;

	*ret = (struct worlddir){.lock = -1};
	if (!mkdir(path, 0711))
		ret->created = true;
	else if (errno != EEXIST)
		return error_errno(err, path, "making it");
	whole = realpath(path, NULL);
	if (!whole)
		return error_errno(err, path, "looking it up");
	snprintf(ret->path, sizeof(ret->path), "%s", whole);
	free(whole);
	rc = worlddir_check_length(ret->path, err);
	if (!rc)
		rc = worlddir_take_existing(ret, err);
	/* A dead world's files went, its lock file among them: a new one. */
	if (!rc) {
		close(ret->lock);
		ret->lock = worlddir_lock(ret->path, O_CREAT);
		if (ret->lock < 0)
			rc = error_errno(err, ret->path, "locking it");
	}
	if (rc && ret->lock < 0 && ret->created)
		rmdir(ret->path);
	return rc;
}

void worlddir_remove(struct worlddir *dir)
{
	if (!dir->path[0])
		return;
	if (dir->created)
		files_remove_tree(dir->path, NULL);
	else if (dir->lock >= 0)
		files_empty_tree(dir->path, NULL);
	if (dir->lock >= 0)
		close(dir->lock);
	*dir = (struct worlddir){.lock = -1};
}

/* Whether the directory is a dead world's; *ret_lock is its lock then, or -1
 * where there is none. */
static bool worlddir_is_dead(const char *path, int *ret_lock)
{
	struct stat st;

	*ret_lock = -1;
	if (lstat(path, &st) || !S_ISDIR(st.st_mode) ||
	    st.st_uid != geteuid())
		return false;
	*ret_lock = worlddir_lock(path, 0);
	if (*ret_lock >= 0)
		return true;
	return errno == ENOENT && st.st_mtime + UNLOCKED_AGE_S < time(NULL);
}

int worlddir_sweep(void)
{
	const char *parent = worlddir_parent();
	DIR *dir = opendir(parent);
	const struct dirent *entry;
	char prefix[64];
	int removed = 0;

	worlddir_prefix(prefix, sizeof(prefix));
	while (dir && (entry = readdir(dir))) {
		char path[PATH_MAX];
		int lock;

		if (strncmp(entry->d_name, prefix, strlen(prefix)) != 0)
			continue;
		snprintf(path, sizeof(path), "%.*s/%s", PATH_MAX / 2, parent,
			 entry->d_name);
		if (!worlddir_is_dead(path, &lock))
			continue;
		removed += files_remove_tree(path, NULL) == 0;
		if (lock >= 0)
			close(lock);
	}
	if (dir)
		closedir(dir);
	return removed;
}
