/*
 * The chain: how one record becomes one line, and how a line is known to
 * follow the one before. Pure: no files.
 *
 * A line is compact JSON, members in order: seq, at, mono, event, the fields
 * of that event, prev. prev is the SHA-256 of the line before, without its
 * newline; in the first line it is 64 zeros.
 */
#ifndef CUTOVER_JOURNAL_CHAIN_H
#define CUTOVER_JOURNAL_CHAIN_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/hash.h"
#include "journal/event.h"

struct buf;

struct chain {
	int64_t seq;                    /* of the last record; 0: none yet */
	char hash[HASH_HEX_SIZE];       /* of its line; 64 zeros: none yet */
};

void chain_init(struct chain *chain);

/* Makes the record that follows, at wall time at_ms, appends its line to lines
 * and goes on by it. fields (borrowed) is an object or NULL; a field named like
 * a member of every record is left out. *ret_record is owned by the caller. 0,
 * ERR_NOMEM or ERR_LIMIT; after a failure the chain may have gone on. */
int chain_put(struct chain *chain, int64_t at_ms, int64_t mono,
	      enum event event, const json_t *fields, struct buf *lines,
	      json_t **ret_record, struct error *err);

/* Checks that a line, given without its newline, is the next record; goes on
 * by it. *ret_record is owned by the caller. 0, ERR_NOMEM, or ERR_INVALID
 * with the reason (the caller knows the place). */
int chain_check(struct chain *chain, const char *line, size_t len,
		json_t **ret_record, struct error *err);

#endif
