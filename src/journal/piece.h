/*
 * Records on their way to the disk: made and chained at once, written on a
 * thread of its own where their journal has one, and part of the journal only
 * when they are kept. journal.c's, nobody else includes this.
 */
#ifndef CUTOVER_JOURNAL_PIECE_H
#define CUTOVER_JOURNAL_PIECE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "journal/chain.h"
#include "journal/disk.h"
#include "journal/journal.h"

struct writer;

/* One at a time; the same memory serves the next. */
struct piece {
	struct disk *disk;              /* borrowed */
	struct writer *writer;          /* NULL: here, for as long as it takes */
	int64_t patience_ms;

	json_t *asked;          /* by which entries; NULL: nothing is on its way */
	bool forgotten;         /* nobody waits for it: it is taken back */
	bool cutting;           /* that is under way */
	bool late;              /* one patience was waited for it already */
	json_t *records;
	struct chain next;      /* after them */
	struct buf lines;
	int64_t since_ms;
};

void piece_init(struct piece *piece, struct disk *disk);
/* Waits for what is on its way. It stays on the disk, unless it was forgotten. */
void piece_close(struct piece *piece);
/* From here on it is written on a thread, and waited for no longer than that. */
void piece_set_patience(struct piece *piece, int64_t ms);

/*
 * What these entries ask for, written and synced after the chain: 0, and then
 * piece->records and piece->next are what is to go on with, until piece_free.
 * ERR_TIMEOUT: it is on its way still, or something else is that must be out of
 * the way first; to be asked again. Another error: nothing of it is there.
 */
int piece_put(struct piece *piece, const struct chain *chain, int64_t mono_ms,
	      const struct journal_entry *entries, size_t count,
	      struct error *err);
/* Forgets what piece_put gave; the next may be put. */
void piece_free(struct piece *piece);

/* See journal.h. */
void piece_forget(struct piece *piece);
void piece_tidy(struct piece *piece);
bool piece_is_late(struct piece *piece);

#endif
