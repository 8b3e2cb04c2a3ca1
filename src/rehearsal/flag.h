/*
 * The flag service: one flag over HTTP, with a bearer token.
 *
 *	GET   /flags/database-writes-enabled
 *	      {"key": "database-writes-enabled", "enabled": true}
 *	PATCH the same, {"enabled": false}: the new state
 *
 * Every answer carries the state's number (X-Flag-Number). GET with
 * ?after=NUMBER is answered when the state has another number, or after a few
 * seconds: so a thousand pods learn of a change at once without asking all the
 * time. Any thread.
 */
#ifndef CUTOVER_REHEARSAL_FLAG_H
#define CUTOVER_REHEARSAL_FLAG_H

#include <stdbool.h>
#include <stdint.h>

struct error;
struct flag;

#define FLAG_KEY "database-writes-enabled"
#define FLAG_NUMBER_HEADER "X-Flag-Number"
#define FLAG_URL_MAX 96

/* How the service is. */
enum flag_mood {
	FLAG_WELL,
	FLAG_DOWN,              /* 503 to everything */
	FLAG_SLOW,              /* each request waits first */
	FLAG_INERT,             /* a PATCH is answered as if it had been done */
};

/* Listens on a free port of 127.0.0.1. The token is copied. */
int flag_open(struct flag **ret, bool enabled, const char *token,
	      struct error *err);
void flag_close(struct flag *flag);

/* The flag's own URL; lives as long as the service. */
const char *flag_url(const struct flag *flag);

/* The service is so from now on, also to requests that it holds back;
 * delay_ms: of FLAG_SLOW. */
void flag_set_mood(struct flag *flag, enum flag_mood mood, int64_t delay_ms);
/* It is well again, if that was its mood. */
void flag_leave_mood(struct flag *flag, enum flag_mood mood);
/* Whether that is its mood. */
bool flag_has_mood(struct flag *flag, enum flag_mood mood);
/* What the flag really is. */
bool flag_is_enabled(struct flag *flag);

#endif
