/*
 * The two databases of the world: rds, which serves users at first, and
 * aurora, which replicates from it. Main thread.
 */
#ifndef CUTOVER_REHEARSAL_PAIR_H
#define CUTOVER_REHEARSAL_PAIR_H

#include <limits.h>
#include <stdbool.h>

#include "rehearsal/child.h"
#include "rehearsal/database.h"

struct ending;
struct error;
struct heartbeat;

struct pair {
	struct child_user user;
	struct database rds, aurora;
	char certificate[PATH_MAX];     /* of both; clients' ssl-ca */
	struct heartbeat *heartbeat;    /* of rds; NULL: none */
};

/*
 * Makes and starts them in DIR/databases, aurora holding all that rds has;
 * with after, as after a cutover. rds has a heartbeat every heartbeat_ms (0:
 * none). *ret needs pair_close, also after an error.
 * ERR_CANCELLED when `ending` said so meanwhile.
 */
int pair_open(struct pair *ret, const char *dir, bool after,
	      int heartbeat_ms, struct ending *ending, struct error *err);
/* Kills both. Takes all zeroes. */
void pair_close(struct pair *pair);

/* The name of one that has died by itself and was not named yet, or NULL. */
const char *pair_died(struct pair *pair);

#endif
