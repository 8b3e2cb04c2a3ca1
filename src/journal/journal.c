/*
 * See journal.h. Records are made here and chained; the disk's part is done by
 * disk.h, on a thread of its own where the caller has not all the time.
 */
#include "journal/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "journal/chain.h"
#include "journal/disk.h"
#include "journal/lock.h"
#include "journal/piece.h"
#include "journal/scan.h"

struct journal {
	struct disk disk;
	bool locked;
	char dir[PATH_MAX];
	struct chain chain;
	int64_t start;          /* clock_mono_ms() when mono was 0 */
	struct piece piece;     /* on its way */
};

/* ---- opening ------------------------------------------------------------- */

static int journal_new(const char *dir, struct journal **ret,
		       struct error *err)
{
	struct journal *journal = calloc(1, sizeof(*journal));
	int status;

	if (!journal)
		return error_nomem(err);
	status = journal_name(dir, journal->disk.path, err);
	if (status) {
		free(journal);
		return status;
	}
	snprintf(journal->dir, sizeof(journal->dir), "%s", dir);
	journal->disk.fd = -1;
	journal->disk.hash = journal->chain.hash;
	piece_init(&journal->piece, &journal->disk);
	chain_init(&journal->chain);
	journal->start = clock_mono_ms();
	*ret = journal;
	return 0;
}

static int journal_lock(struct journal *journal, struct error *err)
{
	int status = lock_take(journal->disk.fd, journal->dir, err);

	journal->locked = !status;
	return status;
}

int journal_create(const char *dir, struct journal **ret, struct error *err)
{
	struct journal *journal;
	int status = journal_new(dir, &journal, err);

	if (status)
		return status;
	journal->disk.fd = open(journal->disk.path, O_RDWR | O_APPEND |
				O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
				0600);
	if (journal->disk.fd < 0 && errno == EEXIST)
		status = error_set(err, ERR_CONFLICT, journal->disk.path,
				   "a run is recorded there already");
	else if (journal->disk.fd < 0)
		status = error_errno(err, journal->disk.path,
				     "cannot be created");
	else
		status = journal_lock(journal, err);
	if (!status)
		status = file_sync_dir(dir, err);
	if (status)
		journal_close(journal);
	else
		*ret = journal;
	return status;
}

/* Goes on where the last record left: its place, its time. */
static void journal_adopt(struct journal *journal,
			  const struct journal_scan *scan)
{
	size_t count = json_array_size(scan->records);
	const json_t *last = count ?
		json_array_get(scan->records, count - 1) : NULL;
	int64_t now = clock_wall_ms(), at = now;

	journal->chain = scan->chain;
	journal->disk.size = (off_t)scan->size;
	journal->disk.dirty = scan->torn > 0;
	(void)clock_parse_stamp(json_text(last, "at", ""), &at);
	journal->start = clock_mono_ms() - json_number(last, "mono", 0) -
			 (now > at ? now - at : 0);
}

static int journal_reopen(struct journal *journal, struct journal_scan *scan,
			  struct error *err)
{
	int status;

	struct disk *disk = &journal->disk;

	disk->fd = open(disk->path, O_RDWR | O_APPEND | O_CLOEXEC);
	if (disk->fd < 0)
		return error_errno(err, disk->path, "cannot be opened");
	status = journal_lock(journal, err);
	if (!status)
		status = journal_scan_fd(scan, disk->fd, disk->path, err);
	if (status)
		return status;
	journal_adopt(journal, scan);
	status = disk_cut(disk, err);
	if (!status && scan->torn)
		status = disk_sync(disk, err);
	if (status)
		json_decref(scan->records);
	return status;
}

int journal_open(const char *dir, struct journal **ret, json_t **ret_records,
		 size_t *ret_torn, struct error *err)
{
	struct journal *journal;
	struct journal_scan scan;
	int status = journal_new(dir, &journal, err);

	if (status)
		return status;
	status = journal_reopen(journal, &scan, err);
	if (status) {
		journal_close(journal);
		return status;
	}
	*ret = journal;
	*ret_records = scan.records;
	*ret_torn = scan.torn;
	return 0;
}

void journal_close(struct journal *journal)
{
	if (!journal)
		return;
	piece_close(&journal->piece);
	if (journal->locked)
		lock_drop(journal->dir);
	if (journal->disk.fd >= 0)
		close(journal->disk.fd);
	free(journal);
}

/* ---- appending ----------------------------------------------------------- */

int journal_append_all(struct journal *journal,
		       const struct journal_entry *entries, size_t count,
		       json_t **ret_records, struct error *err)
{
	struct piece *piece = &journal->piece;
	int status = piece_put(piece, &journal->chain, journal_mono(journal),
			       entries, count, err);
	json_t *record;
	size_t i;

	memset(ret_records, 0, count * sizeof(*ret_records));
	if (status) {
		if (err)
			err->retry = status != ERR_LIMIT &&
				     status != ERR_CONFLICT;
		return status;
	}
	disk_keep(&journal->disk, piece->lines.len);
	journal->chain = piece->next;
	json_array_foreach(piece->records, i, record)
		ret_records[i] = json_incref(record);
	piece_free(piece);
	return 0;
}

int journal_append(struct journal *journal, enum event event, json_t *fields,
		   json_t **ret_record, struct error *err)
{
	const struct journal_entry entry = {event, fields};
	json_t *record = NULL;
	int status = journal_append_all(journal, &entry, 1, &record, err);

	json_decref(fields);
	if (status || !ret_record)
		json_decref(record);
	else
		*ret_record = record;
	return status;
}

void journal_set_patience(struct journal *journal, int64_t ms)
{
	piece_set_patience(&journal->piece, ms);
}

void journal_forget(struct journal *journal)
{
	piece_forget(&journal->piece);
}

void journal_tidy(struct journal *journal)
{
	piece_tidy(&journal->piece);
}

bool journal_is_late(struct journal *journal)
{
	return journal && piece_is_late(&journal->piece);
}

int64_t journal_mono(const struct journal *journal)
{
	return clock_mono_ms() - journal->start;
}

const char *journal_path(const struct journal *journal)
{
	return journal->disk.path;
}
