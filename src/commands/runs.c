/* cutover runs: all runs, the newest first, two lines each, 80 columns. */
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
#include "journal/journal.h"
#include "journal/lock.h"
#include "journal/rundir.h"
#include "report/fold.h"
#include "report/times.h"

#define RUNS_NAME 43            /* columns */
#define RUNS_RESULT 26
#define RUNS_OUTAGE 11
#define RUNS_COLUMNS (RUNS_NAME + RUNS_RESULT + RUNS_OUTAGE)
#define RUNS_TEXT_MAX 1024

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

static void runs_result(const struct rundir *dir, const struct report_run *run,
			char dst[RUNS_TEXT_MAX])
{
	const char *at = run->count ? run->steps[run->current].label : "?";
	struct lock_holder holder;
	bool held = false;

	if (!lock_query(dir->path, &held, &holder, NULL) && held)
		snprintf(dst, RUNS_TEXT_MAX, _("running (%" PRId64 ", %s)"),
			 holder.pid, holder.host);
	else if (run->state == REPORT_PARKED)
		snprintf(dst, RUNS_TEXT_MAX, _("parked at %s"), at);
	else if (run->state == REPORT_OPEN)
		snprintf(dst, RUNS_TEXT_MAX, _("broken off at %s"), at);
	else
		snprintf(dst, RUNS_TEXT_MAX, "%s",
			 run->result ? run->result : "?");
}

static void runs_print(const struct rundir *dir, const struct report_run *run)
{
	char text[RUNS_TEXT_MAX], outage[TIMES_MAX], date[TIMES_MAX];
	char clock[TIMES_MAX];

	times_span(run->outage_ms, outage);
	times_date(run->started, date);
	times_clock(run->started, clock);
	runs_cell(dir->name, RUNS_NAME);
	runs_result(dir, run, text);
	runs_cell(text, RUNS_RESULT);
	printf("%*s\n", RUNS_OUTAGE, outage);
	snprintf(text, sizeof(text), "%s, %s %.8s UTC, %s, %s", run->runbook,
		 date, clock, run->rehearsal ? _("rehearsal") : _("live"),
		 run->operator_name);
	runs_detail(text);
}

static void runs_print_damaged(const struct rundir *dir, const struct error *err)
{
	char text[ERROR_WHERE_MAX + ERROR_MESSAGE_MAX];

	runs_cell(dir->name, RUNS_NAME);
	printf("%s\n", _("DAMAGED"));
	snprintf(text, sizeof(text), "%s", err->message);
	runs_detail(text);
}

static void runs_print_one(const struct rundir *dir)
{
	struct error err = {0};
	struct report_run run;
	json_t *records;
	size_t torn;

	if (journal_read(dir->path, &records, &torn, &err)) {
		runs_print_damaged(dir, &err);
		return;
	}
	report_fold_all(&run, records);
	runs_print(dir, &run);
	json_decref(records);
}

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

	if (rundir_list(&runs, &count, &err))
		return command_fail(EXIT_FAILED, &err);
	if (count)
		runs_head();
	else
		puts(_("No runs yet. 'cutover rehearse' is a good first one."));
	for (size_t i = 0; i < count; i++)
		runs_print_one(&runs[i]);
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
