/*
 * Reading a journal while another process writes it: only what is new is read,
 * nothing is locked and nothing changed. A half-written last line is waited
 * for.
 *
 * Records that were written together but could not be synced are taken back by
 * their writer, so the last ones seen may disappear again: `kept` says so.
 */
#ifndef CUTOVER_JOURNAL_FOLLOW_H
#define CUTOVER_JOURNAL_FOLLOW_H

#include <jansson.h>
#include <stddef.h>

#include "base/error.h"

struct journal_follow;

struct journal_news {
	const json_t *records;  /* all of them; the array is borrowed until the next
				   look, a record for as long as it is kept */
	size_t kept;            /* how many of those seen before still stand: what
				   follows is new, or stands in the place of a record
				   that was taken back */
};

/* Opens the journal in dir. ERR_NOTFOUND, ERR_DENIED, ERR_IO, ERR_NOMEM. */
int journal_follow_open(const char *dir, struct journal_follow **ret,
			struct error *err);

/*
 * Looks once, without waiting. ERR_INVALID: damaged, located by file:line (said
 * only when a second look finds it too: the first may have met the writer at
 * work). ERR_CONFLICT: more records are gone than were written together. ERR_GONE:
 * the file was deleted. The follower can go on looking after any of them.
 */
int journal_follow_look(struct journal_follow *follow, struct journal_news *ret,
			struct error *err);

/* Takes NULL. */
void journal_follow_close(struct journal_follow *follow);

#endif
