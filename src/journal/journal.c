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

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "journal/chain.h"
#include "journal/disk.h"
#include "journal/lock.h"
#include "journal/scan.h"
#include "journal/writer.h"

/* Records on their way to the disk, not acknowledged yet. */
struct piece {
	json_t *asked;          /* by which entries; NULL: nothing is on its way */
	bool forgotten;         /* nobody waits for it any more */
	json_t *records;
	struct chain next;      /* after them */
	struct buf lines;
	int64_t since_ms;
};

struct journal {
	struct disk disk;
	bool locked;
	char dir[PATH_MAX];
	struct chain chain;
	int64_t start;          /* clock_mono_ms() when mono was 0 */
	struct piece piece;
	struct writer *writer;  /* NULL: here, for as long as it takes */
	int64_t patience_ms;
};

/* ---- what is on its way --------------------------------------------------- */

static void piece_release(struct piece *piece)
{
	json_decref(piece->asked);
	json_decref(piece->records);
	piece->asked = piece->records = NULL;
	piece->forgotten = false;
	buf_clear(&piece->lines);
}

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
	buf_init(&journal->piece.lines, JOURNAL_SIZE_MAX);
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

/* What is on its way still is waited for, and does not count. */
void journal_close(struct journal *journal)
{
	if (!journal)
		return;
	writer_close(journal->writer);
	if (journal->piece.asked)
		(void)disk_cut(&journal->disk, NULL);
	piece_release(&journal->piece);
	if (journal->locked)
		lock_drop(journal->dir);
	if (journal->disk.fd >= 0)
		close(journal->disk.fd);
	buf_release(&journal->piece.lines);
	free(journal);
}

/* ---- appending ----------------------------------------------------------- */

/* The same entries ask for the same piece. A new value, or NULL. */
static json_t *piece_ask(const struct journal_entry *entries, size_t count)
{
	json_t *asked = json_array();

	for (size_t i = 0; i < count && asked; i++)
		if (json_array_append_new(asked, json_pack("[i O?]",
				(int)entries[i].event, entries[i].fields))) {
			json_decref(asked);
			asked = NULL;
		}
	return asked;
}

/* All that can fail but the disk is done before it is asked. Takes asked. */
static int piece_make(struct journal *journal,
		      const struct journal_entry *entries, size_t count,
		      json_t *asked, struct error *err)
{
	const int64_t at_ms = clock_wall_ms(), mono_ms = journal_mono(journal);
	struct piece *piece = &journal->piece;
	int status;

	piece->asked = asked;
	piece->next = journal->chain;
	piece->since_ms = clock_mono_ms();
	piece->records = json_array();
	status = piece->records ? 0 : error_nomem(err);
	for (size_t i = 0; !status && i < count; i++) {
		json_t *record = NULL;

		status = chain_put(&piece->next, at_ms, mono_ms,
				   entries[i].event, entries[i].fields,
				   &piece->lines, &record, err);
		if (!status && json_array_append_new(piece->records, record))
			status = error_nomem(err);
	}
	if (status)
		piece_release(piece);
	return status;
}

/* On the writer's thread, where there is one: until it is done, disk and lines
 * are its own. */
static int piece_write(void *data, struct error *err)
{
	struct journal *journal = data;

	return disk_write(&journal->disk, journal->piece.lines.data,
			  journal->piece.lines.len, err);
}

static int piece_is_late(const struct journal *journal, struct error *err)
{
	char since[CLOCK_STAMP_MAX];

	clock_duration(clock_mono_ms() - journal->piece.since_ms, since);
	error_set(err, ERR_TIMEOUT, journal->disk.path,
		  "is not on disk after %s; the disk does not answer", since);
	return ERR_TIMEOUT;
}

/* Waits for what is on its way, as long as one's patience lasts. */
static int piece_wait(struct journal *journal, struct error *err)
{
	if (journal->writer &&
	    !writer_wait(journal->writer, journal->patience_ms))
		return piece_is_late(journal, err);
	return 0;
}

/* It is on disk: it counts. */
static void piece_keep(struct journal *journal, json_t **ret_records)
{
	struct piece *piece = &journal->piece;
	size_t i;
	json_t *record;

	disk_keep(&journal->disk, piece->lines.len);
	journal->chain = piece->next;
	json_array_foreach(piece->records, i, record)
		ret_records[i] = json_incref(record);
}

/* Something else was asked for before: it must be out of the way. */
static int piece_clear(struct journal *journal, const json_t *asked,
		       struct error *err)
{
	struct piece *piece = &journal->piece;
	int status;

	if (!piece->asked || (!piece->forgotten &&
			      json_equal(piece->asked, asked)))
		return 0;
	piece->forgotten = true;
	status = piece_wait(journal, err);
	if (!status)
		piece_release(piece);
	return status;
}

static int journal_put(struct journal *journal,
		       const struct journal_entry *entries, size_t count,
		       json_t *asked, json_t **ret_records, struct error *err)
{
	struct piece *piece = &journal->piece;
	int status = piece_clear(journal, asked, err);

	if (!status && !piece->asked) {
		status = piece_make(journal, entries, count, json_incref(asked),
				    err);
		if (!status && journal->writer)
			writer_begin(journal->writer);
	}
	if (!status)
		status = piece_wait(journal, err);
	if (status)
		return status;
	status = journal->writer ? writer_result(journal->writer, err) :
				   piece_write(journal, err);
	if (!status)
		piece_keep(journal, ret_records);
	piece_release(piece);
	return status;
}

int journal_append_all(struct journal *journal,
		       const struct journal_entry *entries, size_t count,
		       json_t **ret_records, struct error *err)
{
	json_t *asked = piece_ask(entries, count);
	int status;

	memset(ret_records, 0, count * sizeof(*ret_records));
	status = asked ? journal_put(journal, entries, count, asked,
				     ret_records, err) : error_nomem(err);
	json_decref(asked);
	if (status && err)
		err->retry = status != ERR_LIMIT && status != ERR_CONFLICT;
	return status;
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

void journal_forget(struct journal *journal)
{
	journal->piece.forgotten = journal->piece.asked != NULL;
}

void journal_set_patience(struct journal *journal, int64_t ms)
{
	journal->patience_ms = ms;
	/* without a thread it takes as long as it takes */
	if (!journal->writer)
		(void)writer_open(piece_write, journal, &journal->writer, NULL);
}

bool journal_is_late(struct journal *journal)
{
	return journal && journal->piece.asked && journal->writer &&
	       !writer_wait(journal->writer, journal->patience_ms);
}

int64_t journal_mono(const struct journal *journal)
{
	return clock_mono_ms() - journal->start;
}

const char *journal_path(const struct journal *journal)
{
	return journal->disk.path;
}
