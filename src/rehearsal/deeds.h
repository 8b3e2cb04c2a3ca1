/*
 * The operator's deeds as the world itself sees them, whatever tool they were
 * done with: the flag, the fence, the promotion, v2's patch, the flip. Main
 * thread.
 */
#ifndef CUTOVER_REHEARSAL_DEEDS_H
#define CUTOVER_REHEARSAL_DEEDS_H

#include <mysql.h>
#include <stdbool.h>
#include <stdint.h>

struct stage;

enum deeds_kind {
	DEED_FLAG_OFF,
	DEED_FLAG_ON,
	DEED_FENCED,            /* rds refuses writes */
	DEED_PROMOTED,          /* aurora replicates no more */
	DEED_V2_PATCHED,        /* v2's pod template lets it write */
	DEED_FLIPPED,           /* the Service selects v2 */
	DEED_FLIPPED_BACK,
	DEED_COUNT,
};

/* "flag-off", ...; ended by NULL. */
extern const char *const deeds_names[DEED_COUNT + 1];

/* All zeroes is the state before the first look. */
struct deeds {
	bool looked;
	bool flag, fenced, replica, patched, flipped;
	MYSQL *rds, *aurora;    /* NULL: not connected */
	int64_t ask_ms;         /* databases are asked again then */
};

/* Looks once, and calls done for each deed that was done since the last look.
 * The databases are asked only if databases is true. */
void deeds_look(struct deeds *deeds, const struct stage *stage,
		bool databases, void (*done)(void *data, enum deeds_kind deed),
		void *data);
void deeds_release(struct deeds *deeds);

#endif
