/* The command line of cutover-world. */
#ifndef CUTOVER_REHEARSAL_OPTIONS_H
#define CUTOVER_REHEARSAL_OPTIONS_H

#include <stdbool.h>

struct error;

#define OPTIONS_PODS_MAX 2000   /* of each version */
#define OPTIONS_DELAY_MAX_MS 3600000
#define OPTIONS_HEARTBEAT_MS 20000      /* RDS takes minutes: so one is met */

enum options_start {
	START_FULL,     /* v1 serves from RDS, v2 beside it, read-only */
	START_BARE,     /* no v2 yet */
	START_AFTER,    /* as after a cutover: v2 serves from Aurora */
};

struct options {
	const char *dir;        /* NULL: a private one; borrowed from argv */
	int pods;               /* of each version */
	int start_delay_ms;     /* until a pod is ready */
	int heartbeat_ms;       /* between two of RDS's own; 0: none */
	bool flag_in_configmap;
	enum options_start start;
	bool control;           /* commands on standard input */
	bool help;
};

extern const char options_usage[];

/* 0, or ERR_INVALID with what is wrong. */
int options_parse(int argc, char **argv, struct options *ret,
		  struct error *err);

#endif
