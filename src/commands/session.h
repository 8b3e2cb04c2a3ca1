/*
 * A session: one run driven from a terminal. What `run` and `rehearse` share,
 * so that a rehearsal is the live path with other addresses.
 */
#ifndef CUTOVER_COMMANDS_SESSION_H
#define CUTOVER_COMMANDS_SESSION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "engine/engine.h"
#include "journal/rundir.h"

struct session_options {
	const char *runbook;            /* path or name */
	const char *vars_file;          /* NULL: none */
	const char *const *set;         /* NAME=VALUE */
	size_t set_count;
	const char *run_dir;            /* NULL: the usual place */
	bool plain;
	bool rehearsal, autopilot;
	const struct rundir *resume;    /* a run to go on with; NULL: a new one. Then
					   runbook and variables are its own */
	/* The run has its directory and its journal; nothing has happened yet.
	 * NULL: nobody wants to know. */
	void (*begun)(void *data, const struct rundir *dir);
	void *begun_data;
};

struct session_outcome {
	enum engine_result result;      /* RESULT_NONE: parked */
	struct rundir dir;
};

/*
 * Runs to its end. Returns an exit status of DESIGN section 6; what went wrong
 * before the run began has been printed. ret is filled once there is a run:
 * ret->dir.path is "" if there is none.
 */
int session_run(const struct session_options *options,
		struct session_outcome *ret);

/* The exit status of a run that has ended so; RESULT_NONE: parked. */
int session_exit(enum engine_result result);

#endif
