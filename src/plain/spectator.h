/*
 * The spectator: tells a run from its journal alone, in lines, while another
 * process drives it and afterwards. It takes no lock, writes nothing, and
 * reaches neither databases nor the cluster.
 */
#ifndef CUTOVER_PLAIN_SPECTATOR_H
#define CUTOVER_PLAIN_SPECTATOR_H

#include <stdio.h>

#include "base/error.h"
#include "engine/engine.h"
#include "journal/rundir.h"

struct spectator_options {
	const struct rundir *dir;
	const struct runbook *runbook;  /* the text kept with the run */
	FILE *out;
};

struct spectator_end {
	enum engine_phase phase;        /* PARKED, CLOSED, or where it was left */
	enum engine_result result;
};

/*
 * Tells what was recorded so far, then each record as it comes, until the run
 * parks or closes, or an interrupt (SIGINT) ends the watching: both are 0. A
 * run that nobody drives is said to be so, and waited for. ERR_INVALID: the
 * journal is damaged (file:line), or not of this runbook; ERR_GONE,
 * ERR_CONFLICT: it was deleted, or changed by somebody else; ERR_IO: out takes
 * no more. All of options is borrowed.
 */
int spectator_run(const struct spectator_options *options,
		  struct spectator_end *ret, struct error *err);

#endif
