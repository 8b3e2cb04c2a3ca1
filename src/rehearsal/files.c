/* See files.h. Everything is named relative to an open directory, so that no
 * path can be swapped under us between a look and an act. */
#include "rehearsal/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

#define DIRECTORY_FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

struct owner {
	uid_t uid;
	gid_t gid;
};

static int files_write_all(int fd, const char *bytes, size_t len)
{
	while (len) {
		ssize_t done = write(fd, bytes, len);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -1;
		bytes += done;
		len -= (size_t)done;
	}
	return 0;
}

int files_write(const char *path, const char *text, mode_t mode,
		struct error *err)
{
	int fd;

	/* A new file, so that nobody holds the old one open with other rights. */
	if (unlink(path) && errno != ENOENT)
		return error_errno(err, path, "replacing it");
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		  mode);
	if (fd < 0)
		return error_errno(err, path, "creating it");
	if (fchmod(fd, mode) || files_write_all(fd, text, strlen(text))) {
		error_errno(err, path, "writing it");
		close(fd);
		return err ? err->code : ERR_IO;
	}
	if (close(fd))
		return error_errno(err, path, "closing it");
	return 0;
}

bool files_all_may_pass(const char *path)
{
	char *part = realpath(path, NULL);
	bool pass = part != NULL;

	while (pass && part[0]) {
		char *slash = strrchr(part, '/');
		struct stat st;

		pass = !stat(part, &st) && (st.st_mode & S_IXOTH);
		*slash = '\0';
	}
	free(part);
	return pass;
}

static bool files_is_dots(const char *name)
{
	return !strcmp(name, ".") || !strcmp(name, "..");
}

/* Takes the descriptor; a stream over it, or NULL with errno. */
static DIR *files_stream(int fd)
{
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir && fd >= 0)
		close(fd);
	return dir;
}

static int files_copy_file(int from_dir, int to_dir, const char *name,
			   const struct owner *owner, struct error *err)
{
	int from = openat(from_dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	int to = openat(to_dir, name,
			O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int rc = 0;
	ssize_t done = from < 0 || to < 0 ? -1 : 1;

	while (done > 0) {
		static const size_t piece = 16u << 20;

		done = copy_file_range(from, NULL, to, NULL, piece, 0);
	}
	if (done < 0 || (geteuid() == 0 &&
			 fchown(to, owner->uid, owner->gid)))
		rc = error_errno(err, name, "copying it");
	if (from >= 0)
		close(from);
	if (to >= 0)
		close(to);
	return rc;
}

static int files_copy_entries(DIR *from, int to, const struct owner *owner,
			      int depth, struct error *err);

static int files_copy_directory(int from_dir, int to_dir, const char *from_name,
				const char *to_name, const struct owner *owner,
				int depth, struct error *err)
{
	DIR *from;
	int to, rc;

	if (depth > FILES_DEPTH_MAX)
		return error_set(err, ERR_LIMIT, from_name,
				 "too many directories below one another");
	from = files_stream(openat(from_dir, from_name, DIRECTORY_FLAGS));
	if (!from)
		return error_errno(err, from_name, "reading the directory");
	to = mkdirat(to_dir, to_name, 0700) ? -1 :
	     openat(to_dir, to_name, DIRECTORY_FLAGS);
	if (to < 0 || (geteuid() == 0 && fchown(to, owner->uid, owner->gid)))
		rc = error_errno(err, to_name, "making the directory");
	else
		rc = files_copy_entries(from, to, owner, depth, err);
	if (to >= 0)
		close(to);
	closedir(from);
	return rc;
}

static int files_copy_entries(DIR *from, int to, const struct owner *owner,
			      int depth, struct error *err)
{
	struct dirent *entry;
	int rc = 0;

	while (!rc && (entry = readdir(from))) {
		struct stat st;

		if (files_is_dots(entry->d_name))
			continue;
		if (fstatat(dirfd(from), entry->d_name, &st,
			    AT_SYMLINK_NOFOLLOW))
			return error_errno(err, entry->d_name, "copying it");
		if (S_ISDIR(st.st_mode))
			rc = files_copy_directory(dirfd(from), to,
						  entry->d_name, entry->d_name,
						  owner, depth + 1, err);
		else if (S_ISREG(st.st_mode))
			rc = files_copy_file(dirfd(from), to, entry->d_name,
					     owner, err);
		else
			rc = error_set(err, ERR_INVALID, entry->d_name,
				       "neither a file nor a directory");
	}
	return rc;
}

int files_copy_tree(const char *from, const char *to, uid_t uid, gid_t gid,
		    struct error *err)
{
	struct owner owner = {uid, gid};

	return files_copy_directory(AT_FDCWD, AT_FDCWD, from, to, &owner, 0,
				    err);
}

static int files_empty(DIR *dir, int depth, struct error *err)
{
	struct dirent *entry;
	int rc = 0;

	if (depth > FILES_DEPTH_MAX)
		return error_set(err, ERR_LIMIT, NULL,
				 "too many directories below one another");
	while (!rc && (entry = readdir(dir))) {
		DIR *inner;

		if (files_is_dots(entry->d_name) ||
		    !unlinkat(dirfd(dir), entry->d_name, 0) || errno == ENOENT)
			continue;
		inner = files_stream(openat(dirfd(dir), entry->d_name,
					    DIRECTORY_FLAGS));
		if (!inner)
			return error_errno(err, entry->d_name, "removing it");
		rc = files_empty(inner, depth + 1, err);
		closedir(inner);
		if (!rc && unlinkat(dirfd(dir), entry->d_name, AT_REMOVEDIR) &&
		    errno != ENOENT)
			rc = error_errno(err, entry->d_name, "removing it");
	}
	return rc;
}

int files_empty_tree(const char *path, struct error *err)
{
	DIR *dir = files_stream(open(path, DIRECTORY_FLAGS));
	int rc;

	if (!dir)
		return errno == ENOENT ? 0 :
		       error_errno(err, path, "opening it to empty it");
	rc = files_empty(dir, 0, err);
	closedir(dir);
	return rc;
}

int files_remove_tree(const char *path, struct error *err)
{
	int rc = files_empty_tree(path, err);

	if (!rc && rmdir(path) && errno != ENOENT)
		rc = error_errno(err, path, "removing it");
	return rc;
}
