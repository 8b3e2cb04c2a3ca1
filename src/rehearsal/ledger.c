/* See ledger.h. */
#include "rehearsal/ledger.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

#define CHUNK_WRITES 65536u
#define ACKNOWLEDGED 0x80u
#define FOUND_MASK 0x7fu        /* how often it was found; stays at the top */

int ledger_init(struct ledger *ledger, struct error *err)
{
	*ledger = (struct ledger){0};
	return secret_make(ledger->prefix, err);
}

void ledger_release(struct ledger *ledger)
{
	for (size_t i = 0; i < ledger->chunk_count; i++)
		free(ledger->chunks[i]);
	free(ledger->chunks);
	*ledger = (struct ledger){0};
}

static int ledger_grow(struct ledger *ledger, struct error *err)
{
	size_t count = ledger->chunk_count + 1;
	uint8_t **chunks;

	if (ledger->next >= LEDGER_WRITES_MAX)
		return error_set(err, ERR_LIMIT, NULL,
				 "the ledger holds %u writes and no more",
				 LEDGER_WRITES_MAX);
	chunks = reallocarray(ledger->chunks, count, sizeof(*chunks));
	if (!chunks)
		return error_nomem(err);
	ledger->chunks = chunks;
	chunks[count - 1] = calloc(CHUNK_WRITES, 1);
	if (!chunks[count - 1])
		return error_nomem(err);
	ledger->chunk_count = count;
	return 0;
}

static uint8_t *ledger_entry(const struct ledger *ledger, uint64_t number)
{
	return &ledger->chunks[number / CHUNK_WRITES][number % CHUNK_WRITES];
}

int ledger_issue(struct ledger *ledger, uint64_t *ret_number,
		 char id[LEDGER_ID_SIZE], struct error *err)
{
	int rc = 0;

	if (ledger->next == (uint64_t)ledger->chunk_count * CHUNK_WRITES)
		rc = ledger_grow(ledger, err);
	if (rc)
		return rc;
	*ret_number = ledger->next++;
	snprintf(id, LEDGER_ID_SIZE, "%s-%" PRIu64, ledger->prefix,
		 *ret_number);
	return 0;
}

void ledger_acknowledge(struct ledger *ledger, uint64_t number)
{
	if (number < ledger->next)
		*ledger_entry(ledger, number) |= ACKNOWLEDGED;
}

void ledger_found(struct ledger *ledger, const char *id)
{
	size_t len = strlen(ledger->prefix);
	uint8_t *entry;
	int64_t number;

	if (strncmp(id, ledger->prefix, len) != 0 || id[len] != '-' ||
	    text_parse_int(id + len + 1, 0, INT64_MAX, &number) ||
	    (uint64_t)number >= ledger->next)
		return;
	entry = ledger_entry(ledger, (uint64_t)number);
	if ((*entry & FOUND_MASK) < FOUND_MASK)
		(*entry)++;
}

void ledger_count(const struct ledger *ledger, struct ledger_counts *ret)
{
	*ret = (struct ledger_counts){0};
	for (uint64_t number = 0; number < ledger->next; number++) {
		uint8_t entry = *ledger_entry(ledger, number);
		unsigned int found = entry & FOUND_MASK;

		ret->duplicated += found > 1;
		if (!(entry & ACKNOWLEDGED))
			continue;
		ret->acknowledged++;
		ret->present += found > 0;
		ret->lost += found == 0;
	}
}
