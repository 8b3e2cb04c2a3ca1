/*
 * The facts: what the observers saw last, and when. One struct, filled on the
 * loop's thread by observe.c, read by conditions and by the screen. Old values
 * stay when an observer fails; their stamp tells.
 */
#ifndef CUTOVER_OBSERVE_FACTS_H
#define CUTOVER_OBSERVE_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "db/config.h"
#include "db/observation.h"
#include "kube/object.h"
#include "runbook/model.h"

#define FACTS_PROBLEM_MAX 256
#define FACTS_GTIDS_MAX 512

/* When something was observed, on the monotonic clock. */
struct stamp {
	int64_t at_ms;                  /* the last success; -1: never */
	int64_t fresh_ms;               /* older than this is stale, thus unknown */
	char problem[FACTS_PROBLEM_MAX];/* why the last try failed; "" if it did not */
};

/* Seen, and not older than its limit? */
bool stamp_is_fresh(const struct stamp *stamp, int64_t now_ms);
/* Fresh, and the last try did not fail: what may open something. */
bool stamp_is_usable(const struct stamp *stamp, int64_t now_ms);
/* How old may be what takes so long to be asked of databases, before it is stale?
 * Answers that come as often as they can must not be stale in between. */
int64_t stamp_fresh_ms(int64_t took_ms);
/* Its age for people: "0.2 s", or "never". */
void stamp_age(const struct stamp *stamp, int64_t now_ms,
	       char dst[CLOCK_STAMP_MAX]);

enum facts_side {
	SIDE_SOURCE,
	SIDE_TARGET,
	SIDE_COUNT,
};

struct facts_database {
	const char *name;               /* the connection's: rds, aurora */
	char host[DB_WHERE_MAX];        /* host:port */
	struct stamp stamp;
	const struct db_observation *seen;      /* the last successful one; NULL: none yet */
	int64_t still_since_ms;         /* since when its GTID set stands still; -1 */
};

struct facts_cluster {
	struct stamp pods_stamp, service_stamp, slices_stamp, deployments_stamp;
	char where[FACTS_PROBLEM_MAX];  /* API server and namespace, for people */
	const struct kube_pod *const *pods;     /* sorted by name */
	size_t pod_count;
	const struct kube_deployment *const *deployments;
	size_t deployment_count;
	const struct kube_service *const *services;
	size_t service_count;
	const struct kube_slice *const *slices;
	size_t slice_count;
	uint64_t news;                  /* counts what the watches have told */
};

struct facts_flag {
	bool configured;                /* the runbook has a flag */
	struct stamp stamp;
	bool on;                        /* asserted by the flag's service */
	char where[FACTS_PROBLEM_MAX];  /* host or ConfigMap, for people */
};

/* A number that a `rows` condition asked a database for. */
struct facts_rows {
	const char *on, *query;         /* borrowed from the runbook */
	struct stamp stamp;
	int64_t value;
};

struct facts {
	int64_t now_ms;                 /* monotonic, when last brought up to date */
	struct facts_database databases[SIDE_COUNT];
	struct facts_cluster cluster;
	struct facts_flag flag;
	struct facts_rows rows[RUNBOOK_ROWS_MAX];
	size_t row_count;
	/* Transactions of the source that the target lacks, and of the target
	 * that the source lacks; -1: unknown. The stamps say when the older of
	 * the two was read; for `errant` that is the target, so that what was
	 * still on its way is not taken for the target's own. */
	int64_t missing, errant;
	int64_t missing_heartbeats, errant_heartbeats;  /* of them, proven */
	struct stamp missing_stamp, errant_stamp;
};

/* The database of that connection's name, or NULL. */
const struct facts_database *facts_database(const struct facts *facts,
					    const char *name);

/* What the target lacks. Where nothing brings it heartbeats any more, those
 * are apart: they are the provider's, and each database has its own. */
int64_t facts_missing(const struct facts *facts);
/* What the target has of its own, its provider's heartbeats apart: they change
 * no row that anybody has. -1: unknown. */
int64_t facts_errant(const struct facts *facts);

/*
 * Users' transactions that a database took since a position: what the tripwire
 * looks at. The provider's own heartbeats are apart; nothing is taken for one
 * that is not proven to be.
 */
struct facts_intruders {
	int64_t count;                  /* -1: unknown */
	int64_t heartbeats;             /* since then too, and not counted */
	char gtids[FACTS_GTIDS_MAX];    /* of those counted; "" if none */
	/* Why it is unknown; or why those counted may be heartbeats for all
	 * that is known ("" if they are not). Sanitised. */
	char why[FACTS_PROBLEM_MAX];
};

/* since: a GTID set as text, or NULL (unknown). */
struct facts_intruders
facts_intruders(const struct facts_database *database, const char *since,
		int64_t now_ms);
/* A set as text of a few intervals, and how many transactions are left out. */
void facts_gtids(const struct gtid_set *set, char dst[FACTS_GTIDS_MAX]);

/* Pods that match a label selector. */
struct facts_pods {
	bool known;                     /* false: no memory to count them; all else is 0 */
	size_t total, ready, terminating, restarts;
	const char *reason;             /* of the first that is not ready; NULL: none */
};
struct facts_pods facts_pods(const struct facts *facts, const char *selector);

/* How many pods the Deployments want whose pods would match. */
size_t facts_wanted(const struct facts *facts, const char *selector);

/* A Service's endpoints, all slices together, each pod once. */
struct facts_endpoints {
	bool known;                     /* as for pods */
	size_t ready, serving, terminating, total;
	size_t matching;                /* ready ones whose pod matches the selector */
};
struct facts_endpoints facts_endpoints(const struct facts *facts,
				       const char *service,
				       const char *selector /* NULL: all match */);

const struct kube_service *facts_service(const struct facts *facts,
					 const char *name);
const struct kube_deployment *facts_deployment(const struct facts *facts,
					       const char *name);

#endif
