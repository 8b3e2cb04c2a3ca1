/*
 * How pods learn the flag: one thread that asks the flag service for all of
 * them, each by requests of its own, and takes the ConfigMap's changes.
 *
 * A pod names its source as its env FLAG does: a URL, or "configmap:NAME". A
 * flag that can't be read stays as it was; one never read is off.
 */
#ifndef CUTOVER_REHEARSAL_FLAGWATCH_H
#define CUTOVER_REHEARSAL_FLAGWATCH_H

#include <stdbool.h>

struct error;
struct flagwatch;
struct flagwatch_seat;

#define FLAGWATCH_CONFIGMAP "configmap:"
/* From the change of a ConfigMap until its pods see it. */
#define FLAGWATCH_CONFIGMAP_DELAY_MS 200

/* poll_ms: each pod asks the flag service so often; 0: it is told at once. */
int flagwatch_open(struct flagwatch **ret, int poll_ms, struct error *err);
/* All seats must have been left. Takes NULL. */
void flagwatch_close(struct flagwatch *watch);

/* Takes a seat: starts following source, with the token for a URL. *ret is
 * owned: flagwatch_leave. Any thread. */
int flagwatch_join(struct flagwatch *watch, const char *source,
		   const char *token, struct flagwatch_seat **ret,
		   struct error *err);
void flagwatch_leave(struct flagwatch_seat *seat);

/* The flag as this seat knows it; whether it has been read at all. Any
 * thread. */
bool flagwatch_enabled(void *seat);
bool flagwatch_is_known(const struct flagwatch_seat *seat);

/* The ConfigMap says this now. Any thread. */
void flagwatch_configmap(struct flagwatch *watch, bool enabled);

#endif
