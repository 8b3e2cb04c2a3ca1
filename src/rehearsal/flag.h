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

struct error;
struct flag;

#define FLAG_KEY "database-writes-enabled"
#define FLAG_NUMBER_HEADER "X-Flag-Number"
#define FLAG_URL_MAX 96

/* Listens on a free port of 127.0.0.1. The token is copied. */
int flag_open(struct flag **ret, bool enabled, const char *token,
	      struct error *err);
void flag_close(struct flag *flag);

/* The flag's own URL; lives as long as the service. */
const char *flag_url(const struct flag *flag);

#endif
