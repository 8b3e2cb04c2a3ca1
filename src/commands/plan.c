/* cutover plan RUNBOOK: what a run would send, and whether it would be let. */
#include <getopt.h>
#include <langinfo.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/i18n.h"
#include "commands/command.h"
#include "commands/left.h"
#include "conduct/prospect.h"
#include "net/loop.h"
#include "runbook/runbook.h"
#include "view/prospect.h"

#define PLAN_SETS_MAX 64
#define PLAN_WIDTH 80

static const struct option plan_options[] = {
	{"vars", required_argument, NULL, 'v'},
	{"set", required_argument, NULL, 's'},
	{"help", no_argument, NULL, 'h'},
	{NULL, 0, NULL, 0},
};

static void plan_found(void *data)
{
	loop_stop(data);
}

static int plan_print(const struct prospect_found *found, struct error *err)
{
	struct arena arena;
	struct sheet sheet;
	int status = 0;

	arena_init(&arena);
	sheet_init(&sheet, &arena, PLAN_WIDTH,
		   strcmp(nl_langinfo(CODESET), "UTF-8") == 0);
	prospect_sheet(&sheet, found);
	for (size_t i = 0; i < sheet.count; i++) {
		char line[4 * PLAN_WIDTH + 1] = "";

		sheet_text(&sheet, i, line, sizeof(line));
		puts(line);
	}
	/* a plan that lacks a part must not look like a whole one */
	if (sheet.failed)
		status = error_nomem(err);
	else if (fflush(stdout) || ferror(stdout))
		status = error_errno(err, NULL, _("standard output"));
	arena_release(&arena);
	return status;
}

static int plan_look(const struct runbook *runbook, size_t *ret_against,
		     struct error *err)
{
	struct prospect *prospect = NULL;
	struct loop *loop = NULL;
	struct left_run left[LEFT_RUNS_MAX];
	struct verdict known[LEFT_RUNS_MAX];
	size_t left_count = left_find(runbook, left);
	int status = loop_open(&loop, err);

	for (size_t i = 0; i < left_count; i++)
		known[i] = left[i].verdict;
	if (!status)
		status = prospect_open(loop, runbook, plan_found, loop,
				       &prospect, err);
	if (!status) {
		prospect_know(prospect, known, left_count);
		status = loop_run(loop, err);
	}
	if (!status)
		status = plan_print(prospect_found(prospect), err);
	if (!status)
		*ret_against = prospect_against(prospect_found(prospect), NULL,
						NULL);
	prospect_close(prospect);
	loop_close(loop);
	return status;
}

static int plan_runbook(const char *name,
			const struct runbook_settings *settings)
{
	struct runbook_problems problems;
	struct runbook *runbook = NULL;
	struct error err = {0};
	size_t against = 0;
	int status;

	runbook_problems_init(&problems);
	status = runbook_load(name, settings, &runbook, &problems, &err);
	runbook_problems_print(&problems, stderr);
	runbook_problems_release(&problems);
	if (!status)
		status = plan_look(runbook, &against, &err);
	runbook_free(runbook);
	if (status)
		return command_failure(&err);
	return against ? EXIT_NO_GO : EXIT_COMPLETED;
}

static int plan_command(int argc, char **argv)
{
	const char *set[PLAN_SETS_MAX];
	struct runbook_settings settings = {.set = set, .require_values = true};
	int option;

	opterr = 0;
	while ((option = getopt_long(argc, argv, "", plan_options, NULL)) != -1) {
		switch (option) {
		case 'v':
			settings.vars_file = optarg;
			break;
		case 's':
			if (settings.set_count == PLAN_SETS_MAX)
				return command_usage(&command_plan,
					_("more than %d --set"), PLAN_SETS_MAX);
			set[settings.set_count++] = optarg;
			break;
		case 'h':
			command_help(&command_plan);
			return EXIT_COMPLETED;
		default:
			return command_usage(&command_plan,
				_("'%s' is not known, or lacks its value"),
				argv[optind - 1]);
		}
	}
	if (argc - optind != 1)
		return command_usage(&command_plan, _("name one runbook"));
	return plan_runbook(argv[optind], &settings);
}

const struct command command_plan = {
	.name = "plan",
	.arguments = N_("RUNBOOK [--vars FILE] [--set NAME=VALUE]..."),
	.summary = N_("See what a run would send, and whether it would be let"),
	.help = N_("  RUNBOOK            a file, or the name of a shipped runbook\n"
		   "  --vars FILE        the runbook's variables, NAME: VALUE lines\n"
		   "  --set NAME=VALUE   one variable; beats --vars\n"
		   "\n"
		   "Connects, holds every guard against what is true now, has the API server try\n"
		   "each request without keeping it, looks at what was granted in the databases,\n"
		   "and for earlier runs of this cutover that were left in its midst.\n"
		   "It changes nothing.\n"
		   "\n"
		   "Exit status: 0 go, 1 failed, 2 not valid, 3 no-go.\n"),
	.run = plan_command,
};
