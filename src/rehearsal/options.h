/* The command line of cutover-world. */
#ifndef CUTOVER_REHEARSAL_OPTIONS_H
#define CUTOVER_REHEARSAL_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

struct error;
struct kind;
struct scenario;

#define OPTIONS_PODS_MAX 2000   /* of each version */
#define OPTIONS_DELAY_MAX_MS 3600000
#define OPTIONS_HEARTBEAT_MS 20000      /* RDS takes minutes: so one is met */
/* Where nothing else is said; realistic: what a migration is planned with. */
#define OPTIONS_PODS 4
#define OPTIONS_START_DELAY_MS 1500
#define OPTIONS_REAL_ROLLOUT_MS 900000
#define OPTIONS_REAL_FLAG_POLL_MS 5000
#define OPTIONS_REAL_RDS_DELAY_MS 3000
#define OPTIONS_NOT_SAID (-1)

enum options_start {
	START_FULL,     /* v1 serves from RDS, v2 beside it, read-only */
	START_BARE,     /* no v2 yet */
	START_AFTER,    /* as after a cutover: v2 serves from Aurora */
};

/* What was not said is OPTIONS_NOT_SAID until options_settle. Strings are
 * borrowed from argv. */
struct options {
	const char *dir;        /* NULL: a private one */
	const char *scenario;   /* path of its file; NULL: none */
	char *const *describe;  /* paths of scenarios, ended by NULL */
	bool describes;         /* they are described; no world is wanted */
	int pods;               /* of each version */
	int start_delay_ms;     /* until a pod is ready, while the world comes up */
	int rollout_ms;         /* how long a rollout takes then; 0: as its pods'
				   start_delay_ms makes it */
	int heartbeat_ms;       /* between two of RDS's own; 0: none */
	const struct kind *database;    /* of both */
	int flag_poll_ms;       /* pods ask for the flag so often; 0: they are told */
	int rds_delay_ms;       /* of a stop of replication; see pair.h */
	int flag_in_configmap;
	bool realistic;
	bool has_seed;
	uint64_t seed;          /* of all chance */
	enum options_start start;
	bool control;           /* commands on standard input */
	bool lists_faults;      /* they are listed; no world is wanted */
	bool help;
};

extern const char options_usage[];

/* 0, or ERR_INVALID with what is wrong. */
int options_parse(int argc, char **argv, struct options *ret,
		  struct error *err);

/* Puts in what was not said: the scenario's own (NULL: none), else what goes
 * with the speed. */
void options_settle(struct options *options, const struct scenario *scenario);

/* How long each of v2's pods takes to start once the world has come up. */
int options_pod_delay(const struct options *options);

#endif
