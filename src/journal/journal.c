/*
 * See journal.h. A record is whole or not there: it goes to the end of the
 * file in one piece, is synced, and only then counts. What a failure leaves
 * behind is cut off at once, or, if even that fails, before the next record.
 * So after a sync that failed, its bytes are written anew: what the kernel
 * made of the first ones does not matter.
 */
#include "journal/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "journal/chain.h"
#include "journal/lock.h"
#include "journal/scan.h"

struct journal {
	int fd;
	bool locked;
	char dir[PATH_MAX];
	char path[PATH_MAX];
	off_t size;             /* up to the end of the last whole record */
	struct timespec changed;        /* when we changed it last; 0: not known */
	bool dirty;             /* our own broken bytes follow: cut them off */
	struct chain chain;
	int64_t start;          /* clock_mono_ms() when mono was 0 */
};

/* ---- opening ------------------------------------------------------------- */

static int journal_new(const char *dir, struct journal **ret,
		       struct error *err)
{
	struct journal *journal = calloc(1, sizeof(*journal));
	int status;

	if (!journal)
		return error_nomem(err);
	status = journal_name(dir, journal->path, err);
	if (status) {
		free(journal);
		return status;
	}
	snprintf(journal->dir, sizeof(journal->dir), "%s", dir);
	journal->fd = -1;
	chain_init(&journal->chain);
	journal->start = clock_mono_ms();
	*ret = journal;
	return 0;
}

static int journal_lock(struct journal *journal, struct error *err)
{
	int status = lock_take(journal->fd, journal->dir, err);

	journal->locked = !status;
	return status;
}

int journal_create(const char *dir, struct journal **ret, struct error *err)
{
	struct journal *journal;
	int status = journal_new(dir, &journal, err);

	if (status)
		return status;
	journal->fd = open(journal->path, O_RDWR | O_APPEND | O_CREAT | O_EXCL |
			   O_CLOEXEC | O_NOFOLLOW, 0600);
	if (journal->fd < 0 && errno == EEXIST)
		status = error_set(err, ERR_CONFLICT, journal->path,
				   "a run is recorded there already");
	else if (journal->fd < 0)
		status = error_errno(err, journal->path, "cannot be created");
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
	journal->size = (off_t)scan->size;
	journal->dirty = scan->torn > 0;
	(void)clock_parse_stamp(json_text(last, "at", ""), &at);
	journal->start = clock_mono_ms() - json_number(last, "mono", 0) -
			 (now > at ? now - at : 0);
}

/* Cuts off what follows the last whole record. */
static int journal_cut(struct journal *journal, struct error *err)
{
	if (!journal->dirty)
		return 0;
	if (ftruncate(journal->fd, journal->size))
		return error_errno(err, journal->path,
				   "a half-written record cannot be cut off");
	journal->dirty = false;
	return 0;
}

static int journal_sync(struct journal *journal, struct error *err)
{
	while (fdatasync(journal->fd))
		if (errno != EINTR)
			return error_errno(err, journal->path,
					   "cannot be synced to disk");
	return 0;
}

static int journal_reopen(struct journal *journal, struct journal_scan *scan,
			  struct error *err)
{
	int status;

	journal->fd = open(journal->path, O_RDWR | O_APPEND | O_CLOEXEC);
	if (journal->fd < 0)
		return error_errno(err, journal->path, "cannot be opened");
	status = journal_lock(journal, err);
	if (!status)
		status = journal_scan_fd(scan, journal->fd, journal->path, err);
	if (status)
		return status;
	journal_adopt(journal, scan);
	status = journal_cut(journal, err);
	if (!status && scan->torn)
		status = journal_sync(journal, err);
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
	if (journal->locked)
		lock_drop(journal->dir);
	if (journal->fd >= 0)
		close(journal->fd);
	free(journal);
}

/* ---- appending ----------------------------------------------------------- */

static int journal_changed(const struct journal *journal, struct error *err)
{
	return error_set(err, ERR_CONFLICT, journal->path,
			 "was changed by somebody else; put it back as it was, "
			 "and the run goes on");
}

/* Somebody touched the file: are its records still ours? */
static int journal_reread(struct journal *journal, const struct stat *st,
			  struct error *err)
{
	struct journal_scan scan;
	int status = journal_scan_fd(&scan, journal->fd, journal->path, err);

	if (status)
		return status == ERR_INVALID ? journal_changed(journal, err) :
					       status;
	if (strcmp(scan.chain.hash, journal->chain.hash) != 0)
		status = journal_changed(journal, err);
	else
		journal->changed = st->st_mtim;
	json_decref(scan.records);
	return status;
}

/* The file must be the one that was left: there, and as it was. */
static int journal_inspect(struct journal *journal, size_t more,
			   struct error *err)
{
	struct stat st;

	if (fstat(journal->fd, &st))
		return error_errno(err, journal->path, "cannot be examined");
	if (!st.st_nlink)
		return error_set(err, ERR_CONFLICT, journal->path,
				 "was deleted while the run goes on; bring it back "
				 "with: cp /proc/%ld/fd/%d %s - then park the run "
				 "and resume it", (long)getpid(), journal->fd,
				 journal->path);
	if (st.st_size != journal->size)
		return journal_changed(journal, err);
	if (journal->changed.tv_sec != st.st_mtim.tv_sec ||
	    journal->changed.tv_nsec != st.st_mtim.tv_nsec) {
		int status = journal_reread(journal, &st, err);

		if (status)
			return status;
	}
	if ((size_t)st.st_size + more > JOURNAL_SIZE_MAX)
		return error_set(err, ERR_LIMIT, journal->path,
				 "is full: %u bytes", JOURNAL_SIZE_MAX);
	return 0;
}

/* Line into file, on disk. */
static int journal_write(struct journal *journal, const struct buf *line,
			 struct error *err)
{
	struct stat st;
	int status = journal_cut(journal, err);

	if (!status)
		status = journal_inspect(journal, line->len, err);
	if (status)
		return status;
	journal->dirty = true;
	status = file_write_fd(journal->fd, journal->path, line->data,
			       line->len, err);
	if (!status)
		status = journal_sync(journal, err);
	if (status) {
		if (journal_cut(journal, NULL) && err)
			error_wrap(err, "half a record is left to be cut off");
		return status;
	}
	journal->dirty = false;
	journal->size += (off_t)line->len;
	if (!fstat(journal->fd, &st))
		journal->changed = st.st_mtim;
	return 0;
}

/* One more record, as the next of the chain, and its line. */
static int journal_prepare(struct chain *chain, int64_t at_ms, int64_t mono_ms,
			   const struct journal_entry *entry, struct buf *lines,
			   json_t **ret_record, struct error *err)
{
	struct buf line;
	int status;

	buf_init(&line, JOURNAL_LINE_MAX);
	status = chain_record(chain, at_ms, mono_ms, entry->event,
			      entry->fields, ret_record, err);
	if (!status)
		status = chain_line(*ret_record, &line, err);
	if (!status)
		status = chain_advance(chain, line.data, line.len - 1, err);
	if (!status && buf_append(lines, line.data, line.len))
		status = error_nomem(err);
	buf_release(&line);
	return status;
}

/* The lines go to disk, then the chain goes on: all that can fail otherwise is
 * done before. */
int journal_append_all(struct journal *journal,
		       const struct journal_entry *entries, size_t count,
		       json_t **ret_records, struct error *err)
{
	const int64_t at_ms = clock_wall_ms(), mono_ms = journal_mono(journal);
	struct chain next = journal->chain;
	struct buf lines;
	int status = 0;

	buf_init(&lines, JOURNAL_SIZE_MAX);
	memset(ret_records, 0, count * sizeof(*ret_records));
	for (size_t i = 0; !status && i < count; i++)
		status = journal_prepare(&next, at_ms, mono_ms, &entries[i],
					 &lines, &ret_records[i], err);
	if (!status)
		status = journal_write(journal, &lines, err);
	if (!status)
		journal->chain = next;
	buf_release(&lines);
	if (status && err)
		err->retry = status != ERR_LIMIT && status != ERR_CONFLICT;
	for (size_t i = 0; status && i < count; i++) {
		json_decref(ret_records[i]);
		ret_records[i] = NULL;
	}
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

int64_t journal_mono(const struct journal *journal)
{
	return clock_mono_ms() - journal->start;
}

const char *journal_path(const struct journal *journal)
{
	return journal->path;
}
