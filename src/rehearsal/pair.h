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
struct kind;

struct pair_options {
	const struct kind *kind;        /* of both servers */
	bool after;                     /* as after a cutover */
	int heartbeat_ms;               /* of rds; 0: none */
	int rds_delay_ms;               /* see pair_set_delay */
};

struct pair {
	struct child_user user;
	struct database rds, aurora;
	char certificate[PATH_MAX];     /* of both; clients' ssl-ca */
	struct heartbeat *heartbeat;    /* of rds; NULL: none */
};

/*
 * Makes and starts them in DIR/databases, aurora holding all that rds has.
 * *ret needs pair_close, also after an error. ERR_NOTFOUND: no such server is
 * installed; ERR_CANCELLED when `ending` said so meanwhile.
 */
int pair_open(struct pair *ret, const char *dir,
	      const struct pair_options *options, struct ending *ending,
	      struct error *err);
/* Kills both. Takes all zeroes. */
void pair_close(struct pair *pair);

/* From now on rds has a heartbeat every ms (0: none). Takes up to 2 s where rds
 * does not answer. */
int pair_set_heartbeat(struct pair *pair, int ms, struct error *err);

/* How long mysql.rds_stop_replication takes on both from now on; a reset of
 * replication takes two thirds of it. At RDS's own speed that is
 * PROCEDURES_STOP_MS. */
int pair_set_delay(const struct pair *pair, int ms, struct error *err);

/* The name of one that has died by itself and was not named yet, or NULL. */
const char *pair_died(struct pair *pair);

#endif
