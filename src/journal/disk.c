/* See disk.h. */
#include "journal/disk.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "journal/journal.h"
#include "journal/scan.h"

int disk_cut(struct disk *disk, struct error *err)
{
	if (!disk->dirty)
		return 0;
	if (ftruncate(disk->fd, disk->size))
		return error_errno(err, disk->path,
				   "a half-written record cannot be cut off");
	disk->dirty = false;
	return 0;
}

int disk_sync(struct disk *disk, struct error *err)
{
	while (fdatasync(disk->fd))
		if (errno != EINTR)
			return error_errno(err, disk->path,
					   "cannot be synced to disk");
	return 0;
}

/* ---- is it ours? ---------------------------------------------------------- */

static int disk_was_changed(const struct disk *disk, struct error *err)
{
	return error_set(err, ERR_CONFLICT, disk->path,
			 "was changed by somebody else; put it back as it was, "
			 "and the run goes on");
}

/* Somebody touched the file: are its records still ours? */
static int disk_reread(struct disk *disk, const struct stat *st,
		       struct error *err)
{
	struct journal_scan scan;
	int status = journal_scan_fd(&scan, disk->fd, disk->path, err);

	if (status)
		return status == ERR_INVALID ? disk_was_changed(disk, err) :
					       status;
	if (strcmp(scan.chain.hash, disk->hash) != 0)
		status = disk_was_changed(disk, err);
	else
		disk->changed = st->st_mtim;
	json_decref(scan.records);
	return status;
}

/* The file must be the one that was left: there, and as it was. */
static int disk_inspect(struct disk *disk, size_t more, struct error *err)
{
	struct stat st;

	if (fstat(disk->fd, &st))
		return error_errno(err, disk->path, "cannot be examined");
	if (!st.st_nlink)
		return error_set(err, ERR_CONFLICT, disk->path,
				 "was deleted while the run goes on; bring it back "
				 "with: cp /proc/%ld/fd/%d %s - then park the run "
				 "and resume it", (long)getpid(), disk->fd,
				 disk->path);
	if (st.st_size != disk->size)
		return disk_was_changed(disk, err);
	if (disk->changed.tv_sec != st.st_mtim.tv_sec ||
	    disk->changed.tv_nsec != st.st_mtim.tv_nsec) {
		int status = disk_reread(disk, &st, err);

		if (status)
			return status;
	}
	if ((size_t)st.st_size + more > JOURNAL_SIZE_MAX)
		return error_set(err, ERR_LIMIT, disk->path,
				 "is full: %u bytes", JOURNAL_SIZE_MAX);
	return 0;
}

/* ---- writing -------------------------------------------------------------- */

/* When the file was last changed, now that it was us. */
static void disk_note_time(struct disk *disk)
{
	struct stat st;

	if (!fstat(disk->fd, &st))
		disk->changed = st.st_mtim;
}

int disk_write(struct disk *disk, const char *bytes, size_t len,
	       struct error *err)
{
	int status = disk_cut(disk, err);

	if (!status)
		status = disk_inspect(disk, len, err);
	if (status)
		return status;
	disk->dirty = true;
	status = file_write_fd(disk->fd, disk->path, bytes, len, err);
	if (!status)
		status = disk_sync(disk, err);
	if (!status)
		disk_note_time(disk);
	else if (disk_cut(disk, NULL) && err)
		error_wrap(err, "half a record is left to be cut off");
	return status;
}

void disk_keep(struct disk *disk, size_t len)
{
	disk->size += (off_t)len;
	disk->dirty = false;
}
