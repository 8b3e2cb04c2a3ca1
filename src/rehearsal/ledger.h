/*
 * The ledger: every write that was acknowledged to a user, held against what
 * the database holds in the end.
 *
 * Users' writes are numbered from 0 and carry PREFIX-NUMBER as their write_id;
 * so one byte a write is enough, found by its number in chunks that never
 * move. One thread.
 */
#ifndef CUTOVER_REHEARSAL_LEDGER_H
#define CUTOVER_REHEARSAL_LEDGER_H

#include <stddef.h>
#include <stdint.h>

#include "rehearsal/secret.h"

struct error;

#define LEDGER_WRITES_MAX (256u << 20)  /* numbers that can be given out */
#define LEDGER_ID_SIZE 64

struct ledger {
	char prefix[SECRET_SIZE];       /* tells these writes from any other */
	uint8_t **chunks;
	size_t chunk_count;
	uint64_t next;                  /* the next number to give out */
};

struct ledger_counts {
	uint64_t acknowledged;
	uint64_t present;       /* acknowledged, and found */
	uint64_t lost;          /* acknowledged, and not found */
	uint64_t duplicated;    /* found more than once, acknowledged or not */
};

/* 0, or ERR_IO without randomness. */
int ledger_init(struct ledger *ledger, struct error *err);
void ledger_release(struct ledger *ledger);

/* Gives out a new write's number and its write_id. ERR_NOMEM, ERR_LIMIT. */
int ledger_issue(struct ledger *ledger, uint64_t *ret_number,
		 char id[LEDGER_ID_SIZE], struct error *err);
/* The user was told that the write is done. */
void ledger_acknowledge(struct ledger *ledger, uint64_t number);

/* A row with this write_id was found; one that is not the users' is left out
 * of the count. */
void ledger_found(struct ledger *ledger, const char *id);

void ledger_count(const struct ledger *ledger, struct ledger_counts *ret);

#endif
