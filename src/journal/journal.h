/*
 * The journal: one JSON object a line, appended, synced, chained. It is the
 * run; everything else is a fold over it (DESIGN sections 4 and 7).
 *
 * A journal lies in the run's directory as journal.jsonl, mode 0600. The file
 * is locked while it is open for writing, so that one process writes it; the
 * second is told who does (ERR_BUSY; lock.h).
 */
#ifndef CUTOVER_JOURNAL_JOURNAL_H
#define CUTOVER_JOURNAL_JOURNAL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/hash.h"
#include "journal/event.h"

#define JOURNAL_FILE "journal.jsonl"
#define JOURNAL_LINE_MAX (1u << 20)     /* one record */
#define JOURNAL_SIZE_MAX (64u << 20)    /* the whole file, when read */

struct journal;

/* Creates the journal of a new run in the existing directory dir (an error if
 * one is there) and locks it. mono in its records counts from now. */
int journal_create(const char *dir, struct journal **ret, struct error *err);

/* Opens an existing one to append to: checks the chain, cuts a torn last line
 * off (*ret_torn says how many bytes), locks. *ret_records: all records, an
 * array that the caller owns. mono goes on from the last record, plus the wall
 * time that has passed since. */
int journal_open(const char *dir, struct journal **ret, json_t **ret_records,
		 size_t *ret_torn, struct error *err);

/* Reads without locking or changing anything; a torn last line is left out.
 * Damage elsewhere: ERR_INVALID, located by file:line. */
int journal_read(const char *dir, json_t **ret_records, size_t *ret_torn,
		 struct error *err);

/* What journal_load finds. */
struct journal_contents {
	json_t *records;                /* an array, owned by the caller */
	size_t torn;                    /* bytes of a torn last line, left out */
	char hash[HASH_HEX_SIZE];       /* the chain's end: of the last line */
};

/* As journal_read, with the hash of the last line. */
int journal_load(const char *dir, struct journal_contents *ret,
		 struct error *err);

/* Reads the records of the events that are wanted, and parses no others; the
 * chain is not checked. For figures over many runs, not for going on with one.
 * A journal of more than `most` bytes: ERR_LIMIT; a torn last line is left
 * out. *ret_records: an array that the caller owns. */
int journal_skim(const char *dir, size_t most, bool (*wants)(enum event),
		 json_t **ret_records, struct error *err);

/*
 * Appends one record and syncs it to disk. Takes fields (an object or NULL),
 * also on failure. *ret_record, if ret_record is not NULL, is the whole record
 * (owned by the caller). After a failure nothing is left half-written: the
 * file is cut back to its last whole record, and the same call may be tried
 * again (err->retry). A journal that was deleted or changed by somebody else
 * takes no more records (ERR_CONFLICT). The process must ignore SIGXFSZ for a
 * file-size limit to be an error here rather than its end.
 */
int journal_append(struct journal *journal, enum event event, json_t *fields,
		   json_t **ret_record, struct error *err);

/* One of several records that are appended together. */
struct journal_entry {
	enum event event;
	json_t *fields;         /* an object or NULL; borrowed */
};

/*
 * As journal_append for several records, written and synced at once: all of
 * them or none, but for a crash, which may leave the first few. They carry one
 * time. The records go into ret_records, one each, owned by the caller.
 */
int journal_append_all(struct journal *journal,
		       const struct journal_entry *entries, size_t count,
		       json_t **ret_records, struct error *err);

/*
 * From here on nobody is kept waiting for longer by a disk that does not
 * answer: what is not on it by then is ERR_TIMEOUT, and is on its way. The same
 * call, tried again, claims it once it is there; another one waits until it is
 * out of the way and taken back.
 */
void journal_set_patience(struct journal *journal, int64_t ms);
/* Nobody will try again for what is on its way: it is taken back, even if a
 * call should ask for the same. */
void journal_forget(struct journal *journal);
/* To be called now and then: cuts off what was forgotten as soon as that can
 * be, without waiting. */
void journal_tidy(struct journal *journal);
/* Is something on its way still, when one's patience has been waited for? Then
 * journal_close waits for it. Takes NULL. */
bool journal_is_late(struct journal *journal);

/* Milliseconds since the run began. */
int64_t journal_mono(const struct journal *journal);
/* The path of the file; borrowed. */
const char *journal_path(const struct journal *journal);
/* Unlocks and closes; takes NULL. What is on its way is waited for and stays in
 * the journal, unless it was forgotten. */
void journal_close(struct journal *journal);

#endif
