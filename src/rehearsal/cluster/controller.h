/*
 * What the controllers share. Each of them looks at the whole state and does
 * what is missing, as often as it is called; nothing is remembered between two
 * rounds but what the objects say, and up to where it was looked at. A round is
 * run with the store locked.
 */
#ifndef CUTOVER_REHEARSAL_CONTROLLER_H
#define CUTOVER_REHEARSAL_CONTROLLER_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct store;
struct store_change;

struct round {
	struct store *store;
	int64_t now;            /* wall clock, ms */
	int64_t due;            /* ms until a further round is needed; -1 */
};

/* A further round is needed in ms. */
static inline void round_due(struct round *round, int64_t ms)
{
	if (round->due < 0 || ms < round->due)
		round->due = ms;
}

/* Each: 0, or -1 when memory was out (the next round tries again). */
int deployment_round(struct round *round);
int replicaset_round(struct round *round);

/* Endpoints: only of the Services that a change since the last round touches;
 * many pods times many Services would be too much each time. */
struct endpoints {
	int64_t seen;           /* the store's version then */
};

int endpoints_round(struct endpoints *endpoints, struct round *round);

/* Garbage: what lost its owner or its namespace goes. All objects are looked
 * through, so only when there may be some. */
struct collector {
	bool wanted;            /* something has changed that owns others */
	int64_t due_at;         /* wall clock ms when the oldest event is old */
};

/* Notes a change, before the next round. */
void collect_note(struct collector *collector,
		  const struct store_change *change);
int collect_round(struct collector *collector, struct round *round);

/* Records an Event about an object; type is "Normal" or "Warning". A failure
 * loses the event, nothing else. */
void event_record(struct store *store, const json_t *about, const char *type,
		  const char *component, const char *reason,
		  const char *format, ...)
	__attribute__((format(printf, 6, 7)));

#endif
