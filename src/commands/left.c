/*
 * See left.h. Most runs have ended, or are of other cutovers: of those only the
 * first and the last record are parsed.
 */
#include "commands/left.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/text.h"
#include "commands/rehearsal.h"
#include "journal/journal.h"
#include "perform/reach.h"
#include "report/times.h"
#include "runbook/runbook.h"

/* ---- one run ------------------------------------------------------------- */

void left_look(const struct rundir *dir, const struct report_run *run,
	       const json_t *records, struct left_place *ret)
{
	static const char *const kept[] = {RUNDIR_RUNBOOK, RUNDIR_VARS};
	char path[PATH_MAX + 32], world[PATH_MAX];

	memset(ret, 0, sizeof(*ret));
	ret->dir = dir;
	if (lock_query(dir->path, &ret->held, &ret->holder, NULL))
		ret->held = false;
	ret->kept = true;
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir->path, kept[i]);
		ret->kept &= access(path, R_OK) == 0;
	}
	ret->worldless = run->state != REPORT_CLOSED && run->rehearsal &&
			 !rehearsal_find(records, world);
}

bool left_is_open(const struct left_place *place, const struct report_run *run)
{
	return run->state != REPORT_CLOSED && *run->name && !place->held &&
	       place->kept && !place->worldless;
}

void left_stands(const struct left_place *place, const struct report_run *run,
		 char dst[LEFT_STANDS_MAX])
{
	const struct report_step *step = &run->steps[run->current];
	const char *at = run->count ? step->label : "?";
	bool undo = run->count && step->undo;

	if (run->state == REPORT_PARKED)
		snprintf(dst, LEFT_STANDS_MAX, undo ?
			 _("parked, undoing %s") : _("parked at %s"), at);
	else if (place->held)
		snprintf(dst, LEFT_STANDS_MAX, undo ?
			 _("live, undoing %s") : _("live at %s"), at);
	else
		snprintf(dst, LEFT_STANDS_MAX, undo ?
			 _("broken off, undoing %s") : _("broken off at %s"),
			 at);
}

/* ---- of one cutover ------------------------------------------------------ */

/* What a new run would reach. */
struct left_here {
	const struct runbook *runbook;
	char targets[RUNBOOK_ITEMS_MAX][REACH_TARGET_MAX];
};

static bool left_wants_ends(enum event event)
{
	return event == EVENT_RUN_OPENED || event == EVENT_RUN_CLOSED;
}

static bool left_wants_most(enum event event)
{
	return event != EVENT_GUARD_CHANGED;
}

static const char *left_host(const json_t *opened, const char *name)
{
	const json_t *connection;
	size_t i;

	json_array_foreach(json_at(opened, "connections"), i, connection)
		if (strcmp(json_text(connection, "name", ""), name) == 0)
			return json_text(connection, "host", "");
	return NULL;
}

/* The same databases, the same cluster? A runbook may have changed meanwhile:
 * what only one of the two names says nothing. */
static bool left_reaches_same(const struct left_here *here,
			      const json_t *opened)
{
	const struct runbook *runbook = here->runbook;
	bool same = false;

	for (size_t i = 0; i < runbook->connection_count; i++) {
		const char *host = left_host(opened,
					     runbook->connections[i].name);

		if (!host || runbook->connections[i].kind == CONNECTION_FLAG)
			continue;
		if (strcmp(host, here->targets[i]) != 0)
			return false;
		same = true;
	}
	return same;
}

/* By the text that is kept with it; where that is no runbook any more, so it
 * seems. */
static bool left_serves_same(const struct left_here *here,
			     const struct rundir *dir)
{
	char path[PATH_MAX + 32], vars[PATH_MAX + 32];
	const struct runbook_settings settings = {
		.vars_file = vars, .run = dir->name, .require_values = true,
	};
	struct runbook_problems problems;
	struct runbook *runbook = NULL;
	bool same = true;

	snprintf(path, sizeof(path), "%s/%s", dir->path, RUNDIR_RUNBOOK);
	snprintf(vars, sizeof(vars), "%s/%s", dir->path, RUNDIR_VARS);
	runbook_problems_init(&problems);
	if (!runbook_load(path, &settings, &runbook, &problems, NULL))
		same = strcmp(runbook->observe.service,
			      here->runbook->observe.service) == 0;
	runbook_problems_release(&problems);
	runbook_free(runbook);
	return same;
}

/* Has it begun here and not ended, by its first and last records? */
static bool left_concerns(const struct left_here *here, const json_t *ends)
{
	const json_t *opened = json_array_get(ends, 0);

	return json_array_size(ends) == 1 &&
	       strcmp(json_text(opened, "event", ""), "run.opened") == 0 &&
	       strcmp(json_text(opened, "runbook/name", ""),
		      here->runbook->name) == 0 &&
	       left_reaches_same(here, opened);
}

static bool left_has_acted(const json_t *records)
{
	const json_t *record;
	size_t i;

	json_array_foreach(records, i, record)
		if (strcmp(json_text(record, "event", ""),
			   "action.intended") == 0)
			return true;
	return false;
}

static bool left_window_is_open(const struct report_run *run)
{
	return run->window_opened_mono >= 0 && run->window_closed_mono < 0;
}

/* "18:18:43": when its window first opened. */
static void left_opened(const struct report_run *run, char dst[TIMES_MAX])
{
	char stamp[CLOCK_STAMP_MAX] = "";
	int64_t ended_ms;

	if (!clock_parse_stamp(run->ended, &ended_ms))
		clock_stamp(ended_ms - run->last_mono + run->window_opened_mono,
			    stamp);
	times_clock(stamp, dst);
}

static void left_tell(const struct left_place *place,
		      const struct report_run *run, struct left_run *ret)
{
	char stands[LEFT_STANDS_MAX], date[TIMES_MAX], clock[TIMES_MAX];
	char opened[TIMES_MAX], text[2 * VERDICT_TEXT_MAX];

	left_stands(place, run, stands);
	times_date(run->ended, date);
	times_clock(run->ended, clock);
	left_opened(run, opened);
	if (left_window_is_open(run))
		snprintf(text, sizeof(text),
			 _("an earlier run of this cutover is %s since %s %.8s UTC, and its window is OPEN: users' writes are refused since %.8s; 'cutover resume %s' goes on with it"),
			 stands, date, clock, opened, place->dir->name);
	else
		snprintf(text, sizeof(text),
			 _("an earlier run of this cutover is %s since %s %.8s UTC, and has changed things; 'cutover resume %s' goes on with it"),
			 stands, date, clock, place->dir->name);
	memset(ret, 0, sizeof(*ret));
	memcpy(ret->name, place->dir->name, sizeof(ret->name));
	ret->verdict.state = VERDICT_RED;
	text_sanitise(ret->verdict.text, sizeof(ret->verdict.text), text);
}

/* True: it is one of them. */
static bool left_find_one(const struct left_here *here,
			  const struct rundir *dir, struct left_run *ret)
{
	struct left_place place;
	struct report_run run;
	json_t *records = NULL;
	bool found;

	if (journal_skim(dir->path, JOURNAL_SIZE_MAX, left_wants_ends, &records,
			 NULL))
		return false;
	found = left_concerns(here, records);
	json_decref(records);
	if (!found || journal_skim(dir->path, JOURNAL_SIZE_MAX, left_wants_most,
				   &records, NULL))
		return false;
	report_fold_all(&run, records);
	left_look(dir, &run, records, &place);
	found = left_is_open(&place, &run) &&
		(left_window_is_open(&run) || left_has_acted(records)) &&
		left_serves_same(here, dir);
	if (found)
		left_tell(&place, &run, ret);
	json_decref(records);
	return found;
}

size_t left_find(const struct runbook *runbook,
		 struct left_run ret[LEFT_RUNS_MAX])
{
	struct left_here *here = calloc(1, sizeof(*here));
	struct rundir *runs = NULL;
	size_t count = 0, found = 0;
	bool known = here && runbook->connection_count <= RUNBOOK_ITEMS_MAX;

	/* what cannot be reached is told by whoever wants to */
	for (size_t i = 0; known && i < runbook->connection_count; i++)
		known = !reach_foresee(&runbook->connections[i],
				       here->targets[i], NULL);
	if (known && !rundir_list(&runs, &count, NULL))
		here->runbook = runbook;
	for (size_t i = 0; i < count && found < LEFT_RUNS_MAX; i++)
		found += left_find_one(here, &runs[i], &ret[found]);
	free(runs);
	free(here);
	return found;
}
