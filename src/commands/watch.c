/* cutover watch: follow a run from its journal, without touching it. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/i18n.h"
#include "commands/command.h"
#include "commands/session.h"
#include "journal/lock.h"
#include "journal/rundir.h"
#include "plain/spectator.h"
#include "runbook/runbook.h"

static const struct option watch_options[] = {
	{"help", no_argument, NULL, 'h'},
	{NULL, 0, NULL, 0},
};

static bool watch_is_driven(const struct rundir *dir)
{
	struct lock_holder holder;
	bool held = false;

	return !lock_query(dir->path, &held, &holder, NULL) && held;
}

/* The run that is driven now, else the latest; several are listed. */
static int watch_choose(struct rundir *ret, struct error *err)
{
	struct rundir *runs = NULL;
	size_t count = 0, driven = 0;
	int status = rundir_list(&runs, &count, err);

	for (size_t i = 0; i < count && !status; i++) {
		if (!watch_is_driven(&runs[i]))
			continue;
		if (driven == 0)
			*ret = runs[i];
		if (driven == 1)
			fprintf(stderr, "%s\n", ret->name);
		if (driven >= 1)
			fprintf(stderr, "%s\n", runs[i].name);
		driven++;
	}
	free(runs);
	if (!status && driven > 1)
		status = error_set(err, ERR_INVALID, NULL,
				   _("several runs are being driven; name one of those above"));
	else if (!status && !driven)
		status = rundir_find(NULL, ret, err);
	return status;
}

static int watch_follow(const struct rundir *dir, const struct runbook *runbook)
{
	const struct spectator_options options = {
		.dir = dir, .runbook = runbook, .out = stdout,
	};
	struct spectator_end end;
	struct error err = {0};

	if (spectator_run(&options, &end, &err))
		return command_fail(EXIT_FAILED, &err);
	if (end.phase == ENGINE_PARKED || end.phase == ENGINE_CLOSED)
		return session_exit(end.result);
	return EXIT_COMPLETED;
}

/* The text that the run began with is kept beside its journal. */
static int watch_run(const struct rundir *dir)
{
	char path[PATH_MAX + 32], vars[PATH_MAX + 32];
	const struct runbook_settings settings = {
		.vars_file = vars, .run = dir->name,
	};
	struct runbook_problems problems;
	struct runbook *runbook = NULL;
	struct error err = {0};
	int status;

	snprintf(path, sizeof(path), "%s/%s", dir->path, RUNDIR_RUNBOOK);
	snprintf(vars, sizeof(vars), "%s/%s", dir->path, RUNDIR_VARS);
	runbook_problems_init(&problems);
	status = runbook_load(path, &settings, &runbook, &problems, &err);
	runbook_problems_print(&problems, stderr);
	runbook_problems_release(&problems);
	if (status) {
		error_wrap(&err, _("the runbook kept with this run cannot be used"));
		return command_fail(EXIT_FAILED, &err);
	}
	status = watch_follow(dir, runbook);
	runbook_free(runbook);
	return status;
}

static int watch_command(int argc, char **argv)
{
	struct rundir dir;
	struct error err = {0};
	int option;

	opterr = 0;
	option = getopt_long(argc, argv, "", watch_options, NULL);
	if (option == 'h') {
		command_help(&command_watch);
		return EXIT_COMPLETED;
	}
	if (option == '?')
		return command_usage(&command_watch, _("'%s' is not known"),
				     argv[optind - 1]);
	if (argc - optind > 1)
		return command_usage(&command_watch, _("name one run"));
	if (argc > optind ? rundir_find(argv[optind], &dir, &err) :
			    watch_choose(&dir, &err))
		return command_fail(EXIT_USAGE, &err);
	return watch_run(&dir);
}

const struct command command_watch = {
	.name = "watch",
	.arguments = "[RUN]",
	.summary = N_("Follow a run from another terminal, without touching it"),
	.help = N_("RUN is the name of a run, the beginning of one, or the path of its\n"
		   "directory; without it, the run that is being driven, else the latest.\n"
		   "\n"
		   "Tells where the run stands and what was recorded so far, then each record\n"
		   "as it comes, in lines: on a terminal, in a pipe, in a log. Ends when the\n"
		   "run is parked or closed; Ctrl-C ends it sooner and leaves the run alone.\n"
		   "\n"
		   "Exit status: as of the run, 0 completed, 1 failed, 4 rolled back, 5 parked;\n"
		   "0 after Ctrl-C; 1 when the record is damaged.\n"),
	.run = watch_command,
};
