/* cutover run RUNBOOK: the live path. */
#include <getopt.h>
#include <stdlib.h>

#include "base/i18n.h"
#include "commands/command.h"
#include "commands/session.h"

#define RUN_SETS_MAX 64

enum run_option {
	RUN_VARS = 1,
	RUN_SET,
	RUN_DIR,
	RUN_PLAIN,
	RUN_HELP,
};

static const struct option run_options[] = {
	{"vars", required_argument, NULL, RUN_VARS},
	{"set", required_argument, NULL, RUN_SET},
	{"run-dir", required_argument, NULL, RUN_DIR},
	{"plain", no_argument, NULL, RUN_PLAIN},
	{"help", no_argument, NULL, RUN_HELP},
	{NULL, 0, NULL, 0},
};

static int run_command(int argc, char **argv)
{
	const char *set[RUN_SETS_MAX];
	struct session_options options = {.set = set};
	struct session_outcome outcome;
	int option;

	while ((option = getopt_long(argc, argv, "", run_options, NULL)) != -1) {
		switch (option) {
		case RUN_VARS:
			options.vars_file = optarg;
			break;
		case RUN_SET:
			if (options.set_count == RUN_SETS_MAX)
				return command_usage(&command_run,
					_("more than %d --set"), RUN_SETS_MAX);
			set[options.set_count++] = optarg;
			break;
		case RUN_DIR:
			options.run_dir = optarg;
			break;
		case RUN_PLAIN:
			options.plain = true;
			break;
		case RUN_HELP:
			command_help(&command_run);
			return EXIT_COMPLETED;
		default:
			return command_usage(&command_run,
					     _("that option is not known"));
		}
	}
	if (argc - optind != 1)
		return command_usage(&command_run, _("name one runbook"));
	options.runbook = argv[optind];
	return session_run(&options, &outcome);
}

const struct command command_run = {
	.name = "run",
	.arguments = N_("RUNBOOK [--vars FILE] [--set NAME=VALUE]...\n"
			"                   [--run-dir DIR] [--plain]"),
	.summary = N_("Walk a runbook, live"),
	.help = N_("  RUNBOOK            a file, or the name of a shipped runbook\n"
		   "  --vars FILE        the runbook's variables, NAME: VALUE lines\n"
		   "  --set NAME=VALUE   one variable; beats --vars\n"
		   "  --run-dir DIR      keep the run's journal in this directory\n"
		   "  --plain            lines instead of a screen; answers on standard input\n"
		   "\n"
		   "Earlier runs of this cutover that were left in its midst are told of first.\n"
		   "\n"
		   "Exit status: 0 completed, 1 failed, 2 not valid, 4 rolled back, 5 parked.\n"),
	.run = run_command,
};
