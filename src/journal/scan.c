/*
 * Reading a journal: lines into records, each checked against the chain. What
 * follows the last newline is a torn line: a record counts only when its
 * newline is on disk too. Whatever else does not fit is damage, and located.
 */
#include "journal/scan.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "journal/journal.h"

/* "path:line", the path's beginning left out where it is too long. */
static void journal_where(const char *path, int64_t line,
			  char dst[ERROR_WHERE_MAX])
{
	const size_t most = ERROR_WHERE_MAX - 32;
	size_t len = strlen(path);
	const char *tail = len > most ? path + len - most : path;

	snprintf(dst, ERROR_WHERE_MAX, "%s%s:%lld", len > most ? "..." : "",
		 tail, (long long)line);
}

static int journal_scan_line(struct journal_scan *scan, const char *line,
			     size_t len, struct error *err)
{
	json_t *record;
	int status;

	if (len > JOURNAL_LINE_MAX)
		return error_set(err, ERR_INVALID, NULL,
				 "damaged: longer than any record");
	status = chain_check(&scan->chain, line, len, &record, err);
	if (!status && json_array_append_new(scan->records, record))
		status = error_nomem(err);
	return status;
}

static int journal_scan_text(struct journal_scan *scan, const char *path,
			     const struct buf *text, struct error *err)
{
	const char *at = text->data, *end = text->data + text->len, *newline;
	int status;

	while ((newline = memchr(at, '\n', (size_t)(end - at)))) {
		int64_t line = scan->chain.seq + 1;

		status = journal_scan_line(scan, at, (size_t)(newline - at),
					   err);
		if (status == ERR_INVALID && err)
			journal_where(path, line, err->where);
		if (status)
			return status;
		scan->size += (size_t)(newline + 1 - at);
		at = newline + 1;
	}
	scan->torn = (size_t)(end - at);
	return 0;
}

int journal_scan_more(struct journal_scan *scan, int fd, const char *path,
		      struct error *err)
{
	struct buf text;
	int status;

	if (!scan->records) {
		chain_init(&scan->chain);
		scan->records = json_array();
	}
	if (!scan->records)
		return error_nomem(err);
	if (lseek(fd, (off_t)scan->size, SEEK_SET) < 0)
		return error_errno(err, path, "cannot be read");
	buf_init(&text, JOURNAL_SIZE_MAX - scan->size);
	status = file_read_fd(fd, path, &text, err);
	if (!status && text.len)
		status = journal_scan_text(scan, path, &text, err);
	else
		scan->torn = 0;
	buf_release(&text);
	return status;
}

int journal_scan_fd(struct journal_scan *scan, int fd, const char *path,
		    struct error *err)
{
	int status;

	memset(scan, 0, sizeof(*scan));
	status = journal_scan_more(scan, fd, path, err);
	if (status)
		json_decref(scan->records);
	return status;
}

int journal_name(const char *dir, char dst[PATH_MAX], struct error *err)
{
	int used = snprintf(dst, PATH_MAX, "%s/%s", dir, JOURNAL_FILE);

	if (used < 0 || used >= PATH_MAX)
		return error_set(err, ERR_LIMIT, dir, "path too long");
	return 0;
}

int journal_load(const char *dir, struct journal_contents *ret,
		 struct error *err)
{
	struct journal_scan scan;
	char path[PATH_MAX];
	int fd, status = journal_name(dir, path, err);

	if (status)
		return status;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return error_errno(err, path, "cannot be opened");
	status = journal_scan_fd(&scan, fd, path, err);
	close(fd);
	if (status)
		return status;
	ret->records = scan.records;
	ret->torn = scan.torn;
	memcpy(ret->hash, scan.chain.hash, sizeof(ret->hash));
	return 0;
}

int journal_read(const char *dir, json_t **ret_records, size_t *ret_torn,
		 struct error *err)
{
	struct journal_contents contents;
	int status = journal_load(dir, &contents, err);

	if (status)
		return status;
	*ret_records = contents.records;
	*ret_torn = contents.torn;
	return 0;
}
