/* cutover check: every problem of a runbook at once, each with its place. */
#include <getopt.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/i18n.h"
#include "commands/command.h"
#include "commands/scenarios.h"
#include "runbook/lookup.h"
#include "runbook/runbook.h"

static int check_run(int argc, char **argv);

const struct command command_check = {
	"check", N_("RUNBOOK [--vars FILE] [--set NAME=VALUE]..."),
	N_("Find what is wrong with a runbook, without touching anything"),
	N_("RUNBOOK is a file, or the name of a runbook that comes with cutover; or a\n"
	   "scenario of rehearsals ('cutover rehearse --list').\n\n"
	   "  --vars FILE       values of variables; then none may be missing\n"
	   "  --set NAME=VALUE  the value of one variable; beats --vars\n\n"
	   "Prints FILE:LINE:COLUMN: MESSAGE for each problem. Exit status: 0 no\n"
	   "problem, 2 problems.\n"),
	check_run,
};

static const struct option check_options[] = {
	{"vars", required_argument, NULL, 'v'},
	{"set", required_argument, NULL, 's'},
	{"help", no_argument, NULL, 'h'},
	{NULL, 0, NULL, 0},
};

/* "7 steps, 7 gates": every step has its gate. */
static void check_praise(const struct runbook *runbook)
{
	char steps[64], gates[64];
	size_t count = runbook->step_count;

	snprintf(steps, sizeof(steps), ngettext("%zu step", "%zu steps", count),
		 count);
	snprintf(gates, sizeof(gates), ngettext("%zu gate", "%zu gates", count),
		 count);
	printf(_("%s: no problems found (%s, %s)\n"), runbook->path, steps,
	       gates);
}

static int check_runbook(const char *name,
			 const struct runbook_settings *settings)
{
	struct runbook_problems problems;
	struct runbook *runbook = NULL;
	struct error err = {0};
	int code;

	runbook_problems_init(&problems);
	code = runbook_load(name, settings, &runbook, &problems, &err);
	if (code == 0)
		check_praise(runbook);
	else if (code == ERR_INVALID)
		runbook_problems_print(&problems, stderr);
	else
		command_fail(EXIT_USAGE, &err);
	runbook_free(runbook);
	runbook_problems_release(&problems);
	return code == 0 ? EXIT_COMPLETED : EXIT_USAGE;
}

/* A path to a scenario, or the name of one that is no runbook's. */
static bool check_is_scenario(const char *name)
{
	char path[PATH_MAX];

	return lookup_runbook(name, path, NULL) ?
	       !lookup_scenario(name, path, NULL) : scenarios_is_one(path);
}

static int check_run(int argc, char **argv)
{
	struct runbook_settings settings = {0};
	const char **set = calloc((size_t)argc, sizeof(*set));
	int option, status;

	if (!set) {
		struct error err;

		error_nomem(&err);
		return command_fail(EXIT_FAILED, &err);
	}
	settings.set = set;
	opterr = 0;
	while ((option = getopt_long(argc, argv, "", check_options, NULL)) >= 0) {
		if (option == 'v') {
			settings.vars_file = optarg;
			settings.require_values = true;
		} else if (option == 's') {
			set[settings.set_count++] = optarg;
		} else {
			break;
		}
	}
	if (option == 'h') {
		command_help(&command_check);
		status = EXIT_COMPLETED;
	} else if (option == '?') {
		status = command_usage(&command_check, _("'%s' is not known, or lacks its value"),
				       argv[optind - 1]);
	} else if (optind + 1 != argc) {
		status = command_usage(&command_check,
				       _("'check' wants one runbook"));
	} else if (check_is_scenario(argv[optind])) {
		status = scenarios_check(argv[optind]);
	} else {
		status = check_runbook(argv[optind], &settings);
	}
	free(set);
	return status;
}
