/*
 * Runs that have not ended: who has them, where they stand, and whether they
 * can be gone on with; and those that were left in the midst of one cutover,
 * before another run of it is begun.
 */
#ifndef CUTOVER_COMMANDS_LEFT_H
#define CUTOVER_COMMANDS_LEFT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "journal/lock.h"
#include "journal/rundir.h"
#include "observe/verdict.h"
#include "report/fold.h"
#include "runbook/model.h"

/* What is known of a run beside its journal. */
struct left_place {
	const struct rundir *dir;       /* borrowed */
	bool held;                      /* a process has it */
	struct lock_holder holder;
	bool kept;                      /* what it began with is there */
	bool worldless;                 /* a rehearsal whose world is gone */
};

void left_look(const struct rundir *dir, const struct report_run *run,
	       const json_t *records, struct left_place *ret);
/* Has it begun and not ended, does nobody drive it, and is there a way on? */
bool left_is_open(const struct left_place *place, const struct report_run *run);

#define LEFT_STANDS_MAX 128
/* Where it stands: "parked at 3", "broken off, undoing 4", "live at 2a". */
void left_stands(const struct left_place *place, const struct report_run *run,
		 char dst[LEFT_STANDS_MAX]);

#define LEFT_RUNS_MAX 8         /* the newest */

struct left_run {
	char name[RUNDIR_NAME_MAX];
	struct verdict verdict;         /* red: where it stands, since when, whether
					   its window is open, how to go on */
};

/*
 * The runs of this very cutover (a runbook of that name, the same databases and
 * cluster, the same Service) that were left after they had changed something,
 * and can be gone on with: the newest first. What cannot be read is none.
 */
size_t left_find(const struct runbook *runbook,
		 struct left_run ret[LEFT_RUNS_MAX]);

#define LEFT_WORD "another"
/*
 * Tells of them, and asks whether another run is to begin all the same: `y`, or in
 * lines (plain) LEFT_WORD. 0: it is, or there are none. ERR_CONFLICT: it is not.
 * ret_beside: the newest of them; "": there are none.
 */
int left_ask(const struct runbook *runbook, bool plain,
	     char ret_beside[RUNDIR_NAME_MAX], struct error *err);

#endif
