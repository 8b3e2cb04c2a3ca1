/*
 * cutover resume: go on with a run that was parked or broken off. It goes on
 * with the text and the variables that it began with; everything is looked at
 * anew, and nothing is sent without another confirmation.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/i18n.h"
#include "base/json.h"
#include "commands/command.h"
#include "commands/left.h"
#include "commands/rehearsal.h"
#include "commands/session.h"
#include "journal/journal.h"
#include "journal/lock.h"
#include "report/fold.h"
#include "runbook/runbook.h"

enum resume_option {
	RESUME_PLAIN = 1,
	RESUME_HELP,
};

static const struct option resume_options[] = {
	{"plain", no_argument, NULL, RESUME_PLAIN},
	{"help", no_argument, NULL, RESUME_HELP},
	{NULL, 0, NULL, 0},
};

/* What a run's journal says of it: *ret borrows from *ret_records. */
static int resume_look(const struct rundir *dir, json_t **ret_records,
		       struct report_run *ret, struct error *err)
{
	size_t torn;
	int status = journal_read(dir->path, ret_records, &torn, err);

	if (status)
		return status;
	report_fold_init(ret);
	report_fold_all(ret, *ret_records);
	return 0;
}

/* A rehearsal is over with its world, however far it came. */
static bool resume_has_world(const struct report_run *run,
			     const json_t *records)
{
	char world[PATH_MAX];

	return !run->rehearsal || rehearsal_find(records, world);
}

/* Is nobody driving it, and is there a way on? *ret_held: somebody is. */
static bool resume_is_open(const struct rundir *dir, bool *ret_held)
{
	struct report_run run;
	struct left_place place;
	json_t *records = NULL;
	bool open;

	*ret_held = false;
	if (resume_look(dir, &records, &run, NULL))
		return false;
	left_look(dir, &run, records, &place);
	*ret_held = run.state != REPORT_CLOSED && place.held;
	open = left_is_open(&place, &run);
	json_decref(records);
	return open;
}

/* The one run that can be gone on with; several are listed. */
static int resume_choose(struct rundir *ret, struct error *err)
{
	struct rundir *runs = NULL;
	const struct rundir *driven = NULL;
	size_t count = 0, open = 0;
	int status = rundir_list(&runs, &count, err);

	for (size_t i = 0; i < count && !status; i++) {
		bool held;

		if (!resume_is_open(&runs[i], &held)) {
			if (held)
				driven = &runs[i];
			continue;
		}
		if (open == 0)
			*ret = runs[i];
		if (open == 1)
			fprintf(stderr, "%s\n", ret->name);
		if (open >= 1)
			fprintf(stderr, "%s\n", runs[i].name);
		open++;
	}
	if (!status && !open && driven) {
		lock_refuse(driven->path, err);
		status = error_wrap(err, _("no other run waits to be resumed"));
	}
	free(runs);
	if (!status && open != 1)
		status = error_set(err, ERR_NOTFOUND, NULL, open ?
				   _("several runs can be resumed; name one of those above") :
				   _("no run waits to be resumed; 'cutover runs' lists all"));
	return status;
}

/* The file may have changed since; the run does not. */
static void resume_tell_change(const struct report_run *run)
{
	char now[HASH_HEX_SIZE], why[ERROR_WHERE_MAX + ERROR_MESSAGE_MAX];
	struct error err = {0};
	struct buf text;
	int status;

	if (!run->path[0] || !run->sha256[0])
		return;
	buf_init(&text, RUNBOOK_FILE_MAX);
	status = file_read(run->path, &text, &err);
	if (!status)
		status = hash_sha256(text.data, text.len, now);
	error_text(&err, why, sizeof(why));
	/* a larger one was no runbook */
	if (status && status != ERR_LIMIT)
		fprintf(stderr, _("cutover: whether the runbook has changed is not known: %s; the run goes on with the text that it began with\n"),
			why);
	else if (status || strcmp(now, run->sha256) != 0)
		fprintf(stderr, _("cutover: %s is not as it was; the run goes on with the text that it began with\n"),
			run->path);
	buf_release(&text);
}

/* A rehearsal whose world was left alive ends with it, when the run has come
 * to its end. Parked once more, it lives on. */
static int resume_end_rehearsal(const struct report_run *run,
				const json_t *records,
				const struct session_outcome *outcome,
				int status)
{
	char world[PATH_MAX];

	if (!run->rehearsal || !rehearsal_find(records, world))
		return status;
	if (outcome->result == RESULT_NONE) {
		if (outcome->dir.path[0])
			rehearsal_leave(world, outcome);
		return status;
	}
	return rehearsal_end(world, outcome, status);
}

static int resume_run(const struct rundir *dir, bool plain)
{
	char runbook[PATH_MAX + 32], vars[PATH_MAX + 32];
	struct session_options options = {
		.runbook = runbook, .vars_file = vars, .plain = plain,
		.resume = dir,
	};
	struct session_outcome outcome;
	struct report_run run;
	struct error err = {0};
	json_t *records = NULL;
	int status;

	snprintf(runbook, sizeof(runbook), "%s/%s", dir->path, RUNDIR_RUNBOOK);
	snprintf(vars, sizeof(vars), "%s/%s", dir->path, RUNDIR_VARS);
	if (resume_look(dir, &records, &run, &err))
		return command_fail(EXIT_FAILED, &err);
	if (run.state == REPORT_CLOSED) {
		error_set(&err, ERR_INVALID, dir->name,
			  _("the run is closed: %s"),
			  run.result ? run.result : "?");
		status = command_fail(EXIT_USAGE, &err);
	} else if (!resume_has_world(&run, records)) {
		error_set(&err, ERR_NOTFOUND, dir->name,
			  _("the practice world of this rehearsal is gone; 'cutover rehearse' begins another"));
		status = command_fail(EXIT_FAILED, &err);
	} else {
		resume_tell_change(&run);
		options.rehearsal = run.rehearsal;
		status = session_run(&options, &outcome);
		status = resume_end_rehearsal(&run, records, &outcome, status);
	}
	json_decref(records);
	return status;
}

static int resume_command(int argc, char **argv)
{
	struct rundir dir;
	struct error err = {0};
	bool plain = false;
	int option;

	while ((option = getopt_long(argc, argv, "", resume_options,
				     NULL)) != -1) {
		if (option == RESUME_HELP) {
			command_help(&command_resume);
			return EXIT_COMPLETED;
		}
		if (option != RESUME_PLAIN)
			return command_usage(&command_resume,
					     _("that option is not known"));
		plain = true;
	}
	if (argc - optind > 1)
		return command_usage(&command_resume, _("name one run"));
	if (argc > optind ? rundir_find(argv[optind], &dir, &err) :
			    resume_choose(&dir, &err))
		return command_fail(EXIT_USAGE, &err);
	return resume_run(&dir, plain);
}

const struct command command_resume = {
	.name = "resume",
	.arguments = N_("[RUN] [--plain]"),
	.summary = N_("Go on with a run that was parked or broken off"),
	.help = N_("  RUN      its name, the beginning of one, or the path of its directory;\n"
		   "           without it, the one run that waits\n"
		   "  --plain  lines instead of a screen; answers on standard input\n"
		   "\n"
		   "Exit status: as of 'cutover run'.\n"),
	.run = resume_command,
};
