/*
 * The users: people who write and read through the Service all the time.
 *
 * Each is a small machine of its own on one thread: a request every
 * USERS_PACE_MS, the next one soon after an error. Two thirds keep their
 * connection as long as it works; the others take a new one now and then. A
 * request that fails in any way (refused, broken, late, not 200) is an error
 * for its user, who drops the connection and tries again, a write with a new
 * write_id. Only an answer of 200 acknowledges a write.
 */
#ifndef CUTOVER_REHEARSAL_USERS_H
#define CUTOVER_REHEARSAL_USERS_H

#include <netinet/in.h>

#include "rehearsal/ledger.h"
#include "rehearsal/outage.h"

struct error;
struct users;

#define USERS_PACE_MS 200
#define USERS_WRITERS 16        /* 80 writes a second */
#define USERS_READERS 24        /* 120 reads a second */
#define USERS_TIMEOUT_MS 2000

struct users_record {
	struct outage writes, reads;
	int64_t end_us;         /* when the last user had stopped */
	bool late;              /* the last writes did not come in time */
};

/* Starts them; `ledger` is borrowed and theirs until users_stop; seed: of their
 * chance. *ret is owned: users_close. */
int users_open(struct users **ret, const struct sockaddr_in *service,
	       struct ledger *ledger, uint64_t seed, struct error *err);
/* Lets them go on for settle_ms, until all pods can have heard what the flag
 * says, then until so many more writes were acknowledged, at most limit_ms: that
 * the database which serves them now is heard too. Then no new requests; waits
 * for those in flight, at most USERS_TIMEOUT_MS. */
void users_stop(struct users *users, uint64_t writes, int64_t settle_ms,
		int64_t limit_ms, struct users_record *ret);
/* How they fare while they go on; end_us is now. Any thread. */
void users_look(struct users *users, struct users_record *ret);
/* Stops them if need be. Takes NULL. */
void users_close(struct users *users);

#endif
