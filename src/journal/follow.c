/*
 * See follow.h. What is new is checked against the chain so far. Where it does
 * not fit, or the file has become shorter, the whole file is read again: either
 * its writer took back what it wrote last, or it is damaged.
 */
#include "journal/follow.h"

#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "journal/scan.h"

struct journal_follow {
	int fd;
	char path[PATH_MAX];
	struct journal_scan scan;
	off_t size;             /* of the file, when it was last read; -1: not yet */
	struct timespec changed;
	bool suspect;           /* the last look found it damaged */
};

int journal_follow_open(const char *dir, struct journal_follow **ret,
			struct error *err)
{
	struct journal_follow *follow = calloc(1, sizeof(*follow));
	int status;

	if (!follow)
		return error_nomem(err);
	follow->fd = -1;
	follow->size = -1;
	status = journal_name(dir, follow->path, err);
	if (!status) {
		follow->fd = open(follow->path, O_RDONLY | O_CLOEXEC);
		if (follow->fd < 0)
			status = error_errno(err, follow->path,
					     "cannot be opened");
	}
	if (status)
		journal_follow_close(follow);
	else
		*ret = follow;
	return status;
}

void journal_follow_close(struct journal_follow *follow)
{
	if (!follow)
		return;
	if (follow->fd >= 0)
		close(follow->fd);
	json_decref(follow->scan.records);
	free(follow);
}

/* How many records both begin with. */
static size_t follow_common(const json_t *a, const json_t *b)
{
	size_t count = 0;

	while (count < json_array_size(a) && count < json_array_size(b) &&
	       json_equal(json_array_get(a, count), json_array_get(b, count)))
		count++;
	return count;
}

/* A writer takes back only what it has not synced: what it wrote last, in one
 * go, and that carries one time. */
static bool follow_is_one_write(const json_t *records, size_t from)
{
	int64_t mono = json_number(json_array_get(records, from), "mono", -1);

	for (size_t i = from; i < json_array_size(records); i++)
		if (json_number(json_array_get(records, i), "mono", -1) != mono)
			return false;
	return true;
}

/* Reads the whole file in place of what was seen before. */
static int follow_again(struct journal_follow *follow, size_t *ret_kept,
			struct error *err)
{
	struct journal_scan scan;
	size_t kept, before = json_array_size(follow->scan.records);
	int status = journal_scan_fd(&scan, follow->fd, follow->path, err);

	if (status)
		return status;
	kept = follow_common(follow->scan.records, scan.records);
	if (!follow_is_one_write(follow->scan.records, kept)) {
		json_decref(scan.records);
		return error_set(err, ERR_CONFLICT, follow->path,
				 "was changed by somebody else: %zu records are "
				 "not what they were", before - kept);
	}
	/* what still stands stays the same object: others may borrow from it */
	for (size_t i = 0; i < kept; i++)
		json_array_set(scan.records, i,
			       json_array_get(follow->scan.records, i));
	json_decref(follow->scan.records);
	follow->scan = scan;
	*ret_kept = kept;
	return 0;
}

static bool follow_is_unchanged(const struct journal_follow *follow,
				const struct stat *st)
{
	return !follow->suspect && st->st_size == follow->size &&
	       st->st_mtim.tv_sec == follow->changed.tv_sec &&
	       st->st_mtim.tv_nsec == follow->changed.tv_nsec;
}

/* Reads what came after the whole lines; after a fault the scan is as it was. */
static int follow_more(struct journal_follow *follow)
{
	struct journal_scan before = follow->scan;
	size_t known = json_array_size(before.records);
	int status = journal_scan_more(&follow->scan, follow->fd, follow->path,
				       NULL);

	if (!status)
		return 0;
	before.records = follow->scan.records;
	while (json_array_size(before.records) > known)
		json_array_remove(before.records,
				  json_array_size(before.records) - 1);
	follow->scan = before;
	return status;
}

/* A file that has changed and has not grown was changed in what is known. */
static int follow_read(struct journal_follow *follow, const struct stat *st,
		       size_t *ret_kept, struct error *err)
{
	bool grown = st->st_size > follow->size &&
		     st->st_size >= (off_t)follow->scan.size;

	follow->size = st->st_size;
	follow->changed = st->st_mtim;
	if (grown && !follow_more(follow))
		return 0;
	return follow_again(follow, ret_kept, err);
}

int journal_follow_look(struct journal_follow *follow, struct journal_news *ret,
			struct error *err)
{
	bool again = follow->suspect;
	struct stat st;
	int status = 0;

	if (fstat(follow->fd, &st))
		return error_errno(err, follow->path, "cannot be examined");
	if (!st.st_nlink)
		return error_set(err, ERR_GONE, follow->path, "was deleted");
	ret->kept = json_array_size(follow->scan.records);
	if (!follow_is_unchanged(follow, &st))
		status = follow_read(follow, &st, &ret->kept, err);
	follow->suspect = status == ERR_INVALID || status == ERR_CONFLICT;
	if (follow->suspect && !again)
		status = 0;
	ret->records = follow->scan.records;
	return status;
}
