/*
 * What can be wrong with the API, for rehearsals: the front door asks before
 * it serves a request. Nothing is wrong at first. Whatever is answered then is
 * what a real API server answers in that state.
 *
 * Set by any thread, asked by the one of libmicrohttpd.
 */
#ifndef CUTOVER_REHEARSAL_TROUBLE_H
#define CUTOVER_REHEARSAL_TROUBLE_H

#include <stdbool.h>

struct access_wish;
struct api_request;
struct error;
struct store;
struct trouble;

#define TROUBLE_SLOW_MAX_MS 60000
#define TROUBLE_RETRY_MAX_S 600
#define TROUBLE_WORD_MAX 64

/* NULL when memory is out. */
struct trouble *trouble_new(void);
/* Takes NULL. */
void trouble_free(struct trouble *trouble);

/* Requests are turned away with 429 and "Retry-After: SECONDS"; 0: no longer.
 * Streams that run go on, as with API priority and fairness. */
void trouble_throttle(struct trouble *trouble, int retry_after_s);
/* Each request waits so long before it is served; 0: no longer. */
void trouble_slow(struct trouble *trouble, int ms);
/* Nobody may do that to that resource (its plural), administrators neither,
 * and reviews say so; verb NULL: all may what they might. ERR_LIMIT. */
int trouble_forbid(struct trouble *trouble, const char *verb,
		   const char *resource, struct error *err);
/* Before each of the next `count` writes to objects of a resource (its plural)
 * somebody else changes the object. ERR_LIMIT. */
int trouble_conflict(struct trouble *trouble, const char *resource, int count,
		     struct error *err);

/* For how long to hold a request back, in ms. */
int trouble_delay(struct trouble *trouble);
/* The seconds of Retry-After, or 0: it may be served. */
int trouble_throttled(struct trouble *trouble);
/* How many of the writes that trouble_conflict spoke of are still to come. */
int trouble_conflicts(struct trouble *trouble);
bool trouble_forbids(struct trouble *trouble, const struct access_wish *wish);
/* What trouble_forbid said last; false: nothing is forbidden. */
bool trouble_forbidden(struct trouble *trouble, char verb[TROUBLE_WORD_MAX],
		       char resource[TROUBLE_WORD_MAX]);
/* A write is about to be made: does what trouble_conflict ordered. Without the
 * store's lock. */
void trouble_before_write(struct trouble *trouble, struct store *store,
			  const struct api_request *request);

#endif
