/* cutover runs: all runs, the newest first, 80 columns: two lines each, and a
 * third for one that has not ended: who holds it, or whether it can be gone on
 * with. */
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/i18n.h"
#include "base/text.h"
#include "commands/command.h"
#include "commands/left.h"
#include "journal/journal.h"
#include "journal/rundir.h"
#include "report/debrief.h"
#include "report/fold.h"
#include "report/times.h"

#define RUNS_NAME 43            /* columns */
#define RUNS_RESULT 26
#define RUNS_OUTAGE 11
#define RUNS_COLUMNS (RUNS_NAME + RUNS_RESULT + RUNS_OUTAGE)
#define RUNS_TEXT_MAX 1024
#define RUNS_SCORE_MAX 64

static int runs_run(int argc, char **argv);

const struct command command_runs = {
	"runs", "",
	N_("List the runs and how they ended, the newest first"),
	"",
	runs_run,
};

static const struct option runs_options[] = {
	{"help", no_argument, NULL, 'h'},
	{NULL, 0, NULL, 0},
};

/* Prints text cut or filled to that many columns. */
static void runs_cell(const char *text, int columns)
{
	char safe[RUNS_TEXT_MAX];
	size_t len;

	text_sanitise(safe, sizeof(safe), text);
	len = text_fit(safe, columns - 1);
	safe[len] = '\0';
	printf("%s%*s", safe, columns - text_width(safe), "");
}

/* A line below the run's own, indented. */
static void runs_detail(const char *text)
{
	char safe[RUNS_TEXT_MAX];

	text_sanitise(safe, sizeof(safe), text);
	printf("  %.*s\n", (int)text_fit(safe, RUNS_COLUMNS - 2), safe);
}

/* ---- one run ------------------------------------------------------------- */

/* How it ended, or where it stands. */
static void runs_result(const struct left_place *place,
			const struct report_run *run, char dst[LEFT_STANDS_MAX])
{
	if (run->state == REPORT_CLOSED)
		snprintf(dst, LEFT_STANDS_MAX, "%s",
			 run->result ? run->result : "?");
	else
		left_stands(place, run, dst);
}

/* What can be done about a run that has not ended. */
static void runs_way_on(const struct left_place *place,
			const struct report_run *run)
{
	const struct lock_holder *holder = &place->holder;
	char text[RUNS_TEXT_MAX];

	if (place->held && holder->pid)
		snprintf(text, sizeof(text), _("driven by process %" PRId64
					       " on %s since %s"),
			 holder->pid, holder->host, holder->since);
	else if (place->held)
		snprintf(text, sizeof(text), "%s",
			 _("driven by another process"));
	else if (!*run->name)
		snprintf(text, sizeof(text), "%s",
			 _("nothing was begun, nothing was sent"));
	else if (!place->kept)
		snprintf(text, sizeof(text), _("cannot be resumed: %s or %s is missing"),
			 RUNDIR_RUNBOOK, RUNDIR_VARS);
	else if (place->worldless)
		snprintf(text, sizeof(text), "%s",
			 _("cannot be resumed: its practice world is gone"));
	else if (run->state == REPORT_PARKED)
		snprintf(text, sizeof(text), _("can be resumed; parked: %s"),
			 run->reason);
	else
		snprintf(text, sizeof(text), "%s",
			 _("can be resumed; its process ended without parking it"));
	runs_detail(text);
}

/* What a rehearsal was worth, behind a comma; "" if it is none, or has not
 * come to its end. */
static void runs_score(const json_t *records, char dst[RUNS_SCORE_MAX])
{
	struct debrief debrief;

	dst[0] = '\0';
	if (debrief_fold(&debrief, records))
		snprintf(dst, RUNS_SCORE_MAX, _(", score %d"), debrief.score);
}

static void runs_print(const struct rundir *dir, const struct report_run *run,
		       const json_t *records)
{
	char score[RUNS_SCORE_MAX];
	char text[RUNS_TEXT_MAX], outage[TIMES_MAX], date[TIMES_MAX];
	char clock[TIMES_MAX], stands[LEFT_STANDS_MAX];
	struct left_place place;

	left_look(dir, run, records, &place);
	runs_score(records, score);
	times_span(run->outage_ms, outage);
	times_date(run->started, date);
	times_clock(run->started, clock);
	runs_cell(dir->name, RUNS_NAME);
	runs_result(&place, run, stands);
	runs_cell(stands, RUNS_RESULT);
	printf("%*s\n", RUNS_OUTAGE, outage);
	snprintf(text, sizeof(text), "%s, %s %.8s UTC, %s, %s%s",
		 run->runbook, date, clock,
		 run->rehearsal ? _("rehearsal") : _("live"),
		 run->operator_name, score);
	runs_detail(text);
	if (run->state != REPORT_CLOSED)
		runs_way_on(&place, run);
}

static void runs_print_damaged(const struct rundir *dir, const struct error *err)
{
	char text[ERROR_WHERE_MAX + ERROR_MESSAGE_MAX + 2];
	const char *slash = strrchr(err->where, '/');

	runs_cell(dir->name, RUNS_NAME);
	printf("%s\n", _("DAMAGED"));
	snprintf(text, sizeof(text), "%s: %s", slash ? slash + 1 : err->where,
		 err->message);
	runs_detail(text);
}

/* True: it has not ended. */
static bool runs_print_one(const struct rundir *dir)
{
	struct error err = {0};
	struct report_run run;
	json_t *records;
	size_t torn;

	if (journal_read(dir->path, &records, &torn, &err)) {
		runs_print_damaged(dir, &err);
		return false;
	}
	report_fold_all(&run, records);
	runs_print(dir, &run, records);
	json_decref(records);
	return run.state != REPORT_CLOSED;
}

/* ---- all of them --------------------------------------------------------- */

static void runs_head(void)
{
	runs_cell(_("RUN"), RUNS_NAME);
	runs_cell(_("RESULT"), RUNS_RESULT);
	printf("%*s\n", RUNS_OUTAGE, _("OUTAGE"));
}

static int runs_list(void)
{
	struct error err = {0};
	struct rundir *runs;
	size_t count;
	bool open = false;

	if (rundir_list(&runs, &count, &err))
		return command_fail(EXIT_FAILED, &err);
	if (count)
		runs_head();
	else
		puts(_("No runs yet. 'cutover rehearse' is a good first one."));
	for (size_t i = 0; i < count; i++)
		open |= runs_print_one(&runs[i]);
	if (open)
		puts(_("\n'cutover watch RUN' follows a run, 'cutover resume RUN' goes on with one."));
	free(runs);
	return EXIT_COMPLETED;
}

static int runs_run(int argc, char **argv)
{
	int option;

	opterr = 0;
	option = getopt_long(argc, argv, "", runs_options, NULL);
	if (option == 'h') {
		command_help(&command_runs);
		return EXIT_COMPLETED;
	}
	if (option == '?')
		return command_usage(&command_runs, _("'%s' is not known"),
				     argv[optind - 1]);
	if (optind < argc)
		return command_usage(&command_runs,
				     _("'runs' wants no argument"));
	return runs_list();
}
