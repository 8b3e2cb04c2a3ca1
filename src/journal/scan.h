/* What journal.c, scan.c and follow.c share; nobody else includes this. */
#ifndef CUTOVER_JOURNAL_SCAN_H
#define CUTOVER_JOURNAL_SCAN_H

#include <jansson.h>
#include <limits.h>
#include <stddef.h>

#include "base/error.h"
#include "journal/chain.h"

/* What a file holds. Begins zeroed, for journal_scan_more. */
struct journal_scan {
	json_t *records;        /* owned by the caller; NULL: nothing read yet */
	struct chain chain;     /* after the last record */
	size_t size;            /* bytes of whole lines */
	size_t torn;            /* bytes after them */
};

/* Reads and checks all that fd holds; path names it in errors. */
int journal_scan_fd(struct journal_scan *scan, int fd, const char *path,
		    struct error *err);
/* Goes on reading where the whole lines ended last. After an error the scan
 * holds what was whole before the fault. */
int journal_scan_more(struct journal_scan *scan, int fd, const char *path,
		      struct error *err);
/* dst = the path of the journal in dir. 0 or ERR_LIMIT. */
int journal_name(const char *dir, char dst[PATH_MAX], struct error *err);

#endif
