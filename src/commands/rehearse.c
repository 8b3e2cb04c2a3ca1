/*
 * cutover rehearse: the practice world, and a run on it. The run is the same
 * as a live one; what is added is a world before it and a ledger after it.
 */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/text.h"
#include "commands/command.h"
#include "commands/session.h"
#include "commands/world.h"
#include "journal/journal.h"
#include "runbook/runbook.h"

#define REHEARSE_RUNBOOK "aurora-cutover"
#define REHEARSE_PODS_MAX 500
#define REHEARSE_HEARTBEAT_MAX_MS 3600000

struct rehearse_options {
	struct session_options session;
	struct world_options world;
	bool world_only;
};

enum rehearse_option {
	REHEARSE_RUNBOOK_OPTION = 1,
	REHEARSE_AUTOPILOT,
	REHEARSE_PLAIN,
	REHEARSE_PODS,
	REHEARSE_FLAG,
	REHEARSE_HEARTBEAT,
	REHEARSE_WORLD,
	REHEARSE_WORLD_DIR,
	REHEARSE_RUN_DIR,
	REHEARSE_HELP,
};

static const struct option rehearse_table[] = {
	{"runbook", required_argument, NULL, REHEARSE_RUNBOOK_OPTION},
	{"autopilot", no_argument, NULL, REHEARSE_AUTOPILOT},
	{"plain", no_argument, NULL, REHEARSE_PLAIN},
	{"pods", required_argument, NULL, REHEARSE_PODS},
	{"flag", required_argument, NULL, REHEARSE_FLAG},
	{"heartbeat", required_argument, NULL, REHEARSE_HEARTBEAT},
	{"world", no_argument, NULL, REHEARSE_WORLD},
	{"world-dir", required_argument, NULL, REHEARSE_WORLD_DIR},
	{"run-dir", required_argument, NULL, REHEARSE_RUN_DIR},
	{"help", no_argument, NULL, REHEARSE_HELP},
	{NULL, 0, NULL, 0},
};

/* Which world does the runbook begin in? Its other problems are found when it
 * is loaded with the world's variables. */
static int rehearse_start(const char *name, const char **ret_start,
			  struct runbook **ret, struct error *err)
{
	const struct runbook_settings settings = {.vars_file = NULL};
	struct runbook_problems problems;
	int status;

	runbook_problems_init(&problems);
	status = runbook_load(name, &settings, ret, &problems, err);
	runbook_problems_print(&problems, stderr);
	runbook_problems_release(&problems);
	if (!status)
		*ret_start = (*ret)->rehearsal_start;
	return status;
}

/* The ledger's lines become a note of the run: part of its transcript. */
static int rehearse_note(const struct session_outcome *outcome,
			 char lines[WORLD_LEDGER_LINES][WORLD_LINE_MAX],
			 size_t count, struct error *err)
{
	struct journal *journal = NULL;
	json_t *records = NULL, *list = json_array();
	size_t torn;
	int status;

	for (size_t i = 0; list && i < count; i++)
		json_array_append_new(list, json_string(lines[i]));
	status = list ? journal_open(outcome->dir.path, &journal, &records,
				     &torn, err) : error_nomem(err);
	if (!status)
		status = journal_append(journal, EVENT_NOTE,
					json_pack("{ss sO}", "text",
						  "ledger of the rehearsal",
						  "ledger", list), NULL, err);
	json_decref(list);
	json_decref(records);
	journal_close(journal);
	return status;
}

/* The last lines of a rehearsal: a contract (DESIGN section 8). */
static int rehearse_end(struct world *world,
			const struct session_outcome *outcome, int exit_status)
{
	char lines[WORLD_LEDGER_LINES][WORLD_LINE_MAX];
	const char *result = engine_result_name(outcome->result);
	struct error err = {0};
	size_t count = 0;
	int status = world_finish(world, lines, &count, &err);

	if (!status && outcome->dir.path[0])
		status = rehearse_note(outcome, lines, count, &err);
	for (size_t i = 0; i < count; i++)
		puts(lines[i]);
	if (result)
		printf("result: %s\n", result);
	return status ? command_fail(EXIT_FAILED, &err) : exit_status;
}

static int rehearse_run(struct rehearse_options *options)
{
	struct session_outcome outcome;
	struct world world = {0};
	struct error err = {0};
	char vars[PATH_MAX + 16];
	int status;

	if (!options->session.plain && !options->session.autopilot &&
	    !(isatty(STDIN_FILENO) && isatty(STDOUT_FILENO)))
		return command_usage(&command_rehearse,
			_("no terminal: use --plain (lines) or --autopilot"));
	if (world_start(&world, &options->world, &err))
		return command_fail(EXIT_FAILED, &err);
	snprintf(vars, sizeof(vars), "%s/vars.yaml", world.dir);
	options->session.vars_file = vars;
	options->session.rehearsal = true;
	status = session_run(&options->session, &outcome);
	if (!outcome.dir.path[0]) {
		world_end(&world);
		return status;
	}
	return rehearse_end(&world, &outcome, status);
}

/* ---- the world alone ----------------------------------------------------- */

static int rehearse_world(struct rehearse_options *options)
{
	struct world world = {0};
	struct error err = {0};
	sigset_t signals;
	int caught;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	if (world_start(&world, &options->world, &err))
		return command_fail(EXIT_FAILED, &err);
	printf("world: ready %s\n", world.dir);
	printf(_("From another terminal: cutover run %s --vars %s/vars.yaml\n"),
	       options->session.runbook, world.dir);
	fflush(stdout);
	sigwait(&signals, &caught);
	return rehearse_end(&world, &(struct session_outcome){0},
			    EXIT_COMPLETED);
}

/* A number as an option's value, kept as the text that the world is given. */
static int rehearse_number(const char *name, int64_t min, int64_t max,
			   const char **ret)
{
	int64_t number;

	*ret = optarg;
	if (!text_parse_int(optarg, min, max, &number))
		return 0;
	return command_usage(&command_rehearse,
			     _("%s is a number from %d to %d, not '%s'"), name,
			     (int)min, (int)max, optarg);
}

static int rehearse_parse(int argc, char **argv,
			  struct rehearse_options *options)
{
	int option, status = 0;

	while (!status && (option = getopt_long(argc, argv, "", rehearse_table,
						NULL)) != -1) {
		switch (option) {
		case REHEARSE_RUNBOOK_OPTION:
			options->session.runbook = optarg;
			break;
		case REHEARSE_AUTOPILOT:
			options->session.autopilot = true;
			break;
		case REHEARSE_PLAIN:
			options->session.plain = true;
			break;
		case REHEARSE_PODS:
			status = rehearse_number("--pods", 1,
						 REHEARSE_PODS_MAX,
						 &options->world.pods);
			break;
		case REHEARSE_HEARTBEAT:
			status = rehearse_number("--heartbeat", 0,
						 REHEARSE_HEARTBEAT_MAX_MS,
						 &options->world.heartbeat);
			break;
		case REHEARSE_FLAG:
			options->world.flag = optarg;
			if (strcmp(optarg, "http") != 0 &&
			    strcmp(optarg, "configmap") != 0)
				return command_usage(&command_rehearse,
					_("--flag is http or configmap, not '%s'"),
					optarg);
			break;
		case REHEARSE_WORLD:
			options->world_only = true;
			break;
		case REHEARSE_WORLD_DIR:
			options->world.dir = optarg;
			break;
		case REHEARSE_RUN_DIR:
			options->session.run_dir = optarg;
			break;
		case REHEARSE_HELP:
			command_help(&command_rehearse);
			return -1;
		default:
			return command_usage(&command_rehearse,
					     _("that option is not known"));
		}
	}
	if (!status && argc != optind)
		return command_usage(&command_rehearse,
				     _("unexpected '%s'"), argv[optind]);
	return status;
}

static int rehearse_command(int argc, char **argv)
{
	struct rehearse_options options = {
		.session = {.runbook = REHEARSE_RUNBOOK},
	};
	struct runbook *runbook = NULL;
	struct error err = {0};
	int status = rehearse_parse(argc, argv, &options);

	if (status)
		return status < 0 ? EXIT_COMPLETED : status;
	if (rehearse_start(options.session.runbook, &options.world.start,
			   &runbook, &err))
		return command_fail(EXIT_USAGE, &err);
	status = options.world_only ? rehearse_world(&options) :
				      rehearse_run(&options);
	runbook_free(runbook);
	return status;
}

const struct command command_rehearse = {
	.name = "rehearse",
	.arguments = N_("[--runbook FILE] [--autopilot] [--plain] [--pods N]\n"
			"                        [--flag KIND] [--heartbeat MS] [--run-dir DIR]\n"
			"       cutover rehearse --world [--world-dir DIR] [--pods N] [--flag KIND]\n"
			"                        [--heartbeat MS]"),
	.summary = N_("Walk a runbook on real practice databases"),
	.help = N_("  --runbook FILE     a file, or the name of a shipped runbook (aurora-cutover)\n"
		   "  --autopilot        confirm each gate by itself once its guards are green\n"
		   "  --plain            lines instead of a screen; answers on standard input\n"
		   "  --pods N           pods of each version (4)\n"
		   "  --flag KIND        where the feature flag lives: http, or configmap\n"
		   "  --heartbeat MS     between two of the source's own writes, as RDS has (20000)\n"
		   "  --run-dir DIR      keep the run's journal in this directory\n"
		   "  --world            the practice world alone, until a signal\n"
		   "  --world-dir DIR    where the practice world lies\n"
		   "\n"
		   "The last lines tell what became of every write that users were told is saved.\n"),
	.run = rehearse_command,
};
