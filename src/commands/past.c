/*
 * See past.h. This is done before the first screen, which is awaited: the
 * newest runs come first, and the time for the older ones is bounded. The
 * newest are read however slow the machine is just now: "not measured" must
 * not be said of what was.
 */
#include "commands/past.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "journal/journal.h"
#include "journal/rundir.h"

#define PAST_SURE 8                     /* read in any case */
#define PAST_TIME_MS 20                 /* for these and all others */
#define PAST_BYTES_MAX (4u << 20)       /* of one journal */

/* A run that cannot be read, or ended in damage, is one that measured nothing:
 * it is no reason not to begin another. */
static bool past_fold(struct pace_fold *fold, const struct rundir *dir)
{
	json_t *records = NULL;
	bool counts;

	if (journal_skim(dir->path, PAST_BYTES_MAX, pace_wants, &records, NULL))
		return false;
	counts = pace_fold_run(fold, records);
	json_decref(records);
	return counts;
}

void past_measure(const struct runbook *runbook, const char *run,
		  struct pace *ret)
{
	int64_t until = clock_mono_ms() + PAST_TIME_MS;
	struct pace_fold *fold = NULL;
	struct rundir *runs = NULL;
	size_t count = 0, folded = 0;

	memset(ret, 0, sizeof(*ret));
	if (pace_fold_open(runbook, &fold, NULL))
		return;
	if (rundir_list(&runs, &count, NULL))
		count = 0;
	for (size_t i = 0; i < count && folded < PACE_RUNS_MAX &&
			   (i < PAST_SURE || clock_mono_ms() < until); i++)
		if (strcmp(runs[i].name, run) != 0)
			folded += past_fold(fold, &runs[i]);
	pace_measure(fold, ret);
	free(runs);
	pace_fold_close(fold);
}
