/*
 * cutover rehearse: the practice world, and a run on it. The run is the same
 * as a live one; what is added is a world before it, whatever its scenario
 * makes go wrong there, and a ledger after it.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/i18n.h"
#include "base/json.h"
#include "base/text.h"
#include "commands/command.h"
#include "commands/debrief.h"
#include "commands/inject.h"
#include "commands/rehearsal.h"
#include "commands/scenarios.h"
#include "commands/session.h"
#include "commands/world.h"
#include "runbook/runbook.h"

#define REHEARSE_RUNBOOK "aurora-cutover"
#define REHEARSE_PODS_MAX 500
#define REHEARSE_HEARTBEAT_MAX_MS 3600000

enum rehearse_what {
	REHEARSE_WALK,
	REHEARSE_WORLD_ONLY,
	REHEARSE_LISTING,
	REHEARSE_INJECTING,
};

struct rehearse_options {
	struct session_options session;
	struct world_options world;
	enum rehearse_what what;
	const char *scenario;           /* NULL: none is named */
	char scenario_path[PATH_MAX];
	json_t *about;                  /* the scenario; NULL: there is none */
};

enum rehearse_option {
	REHEARSE_RUNBOOK_OPTION = 1,
	REHEARSE_AUTOPILOT,
	REHEARSE_PLAIN,
	REHEARSE_LIST,
	REHEARSE_INJECT,
	REHEARSE_FAST,
	REHEARSE_REALISTIC,
	REHEARSE_SEED,
	REHEARSE_PODS,
	REHEARSE_FLAG,
	REHEARSE_HEARTBEAT,
	REHEARSE_DATABASE,
	REHEARSE_WORLD,
	REHEARSE_WORLD_DIR,
	REHEARSE_RUN_DIR,
	REHEARSE_HELP,
};

static const struct option rehearse_table[] = {
	{"runbook", required_argument, NULL, REHEARSE_RUNBOOK_OPTION},
	{"autopilot", no_argument, NULL, REHEARSE_AUTOPILOT},
	{"plain", no_argument, NULL, REHEARSE_PLAIN},
	{"list", no_argument, NULL, REHEARSE_LIST},
	{"inject", no_argument, NULL, REHEARSE_INJECT},
	{"fast", no_argument, NULL, REHEARSE_FAST},
	{"realistic", no_argument, NULL, REHEARSE_REALISTIC},
	{"seed", required_argument, NULL, REHEARSE_SEED},
	{"pods", required_argument, NULL, REHEARSE_PODS},
	{"flag", required_argument, NULL, REHEARSE_FLAG},
	{"heartbeat", required_argument, NULL, REHEARSE_HEARTBEAT},
	{"database", required_argument, NULL, REHEARSE_DATABASE},
	{"world", no_argument, NULL, REHEARSE_WORLD},
	{"world-dir", required_argument, NULL, REHEARSE_WORLD_DIR},
	{"run-dir", required_argument, NULL, REHEARSE_RUN_DIR},
	{"help", no_argument, NULL, REHEARSE_HELP},
	{NULL, 0, NULL, 0},
};

/* ---- what is rehearsed --------------------------------------------------- */

/* The scenario that was named, or else the one in which nothing goes wrong;
 * but another runbook is not measured by that one's par. */
static int rehearse_find_scenario(struct rehearse_options *options,
				  struct error *err)
{
	int status;

	if (!options->scenario && options->session.runbook)
		return 0;
	status = scenarios_load(options->scenario ? options->scenario :
				SCENARIOS_SMOOTH, options->scenario_path,
				&options->about, err);
	if (status == ERR_NOTFOUND && !options->scenario) {
		error_clear(err);
		return 0;
	}
	if (!status)
		options->world.scenario = options->scenario_path;
	return status;
}

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

/* Finds both, and says what the operator is told beforehand. */
static int rehearse_prepare(struct rehearse_options *options,
			    struct runbook **ret, struct error *err)
{
	int status = rehearse_find_scenario(options, err);

	if (!options->session.runbook)
		options->session.runbook = json_text(options->about, "runbook",
						     REHEARSE_RUNBOOK);
	if (!status)
		status = rehearse_start(options->session.runbook,
					&options->world.start, ret, err);
	if (!status)
		status = scenarios_fit(options->about, *ret,
				       options->world.flag, err);
	if (!status && options->scenario)
		scenarios_brief(options->about);
	return status;
}

/* ---- a run on it ---------------------------------------------------------- */

static void rehearse_begun(void *data, const struct rundir *dir)
{
	rehearsal_begin(data, dir);
}

static bool rehearse_has_screen(const struct rehearse_options *options)
{
	return !options->session.plain && !options->session.autopilot;
}

/* The screen hides the briefing: it comes when the briefing has been read.
 * What was typed before the question is no answer to it. */
static void rehearse_await_reader(void)
{
	int byte;

	printf("%s ", _("Press Enter to begin."));
	fflush(stdout);
	tcflush(STDIN_FILENO, TCIFLUSH);
	do
		byte = getchar();
	while (byte != '\n' && byte != EOF);
}

static int rehearse_run(struct rehearse_options *options)
{
	struct session_outcome outcome;
	struct world world = {0};
	struct error err = {0};
	char vars[PATH_MAX + 16];
	int status;

	if (world_start(&world, &options->world, &err))
		return command_fail(EXIT_FAILED, &err);
	if (options->scenario && rehearse_has_screen(options))
		rehearse_await_reader();
	snprintf(vars, sizeof(vars), "%s/vars.yaml", world.dir);
	options->session.vars_file = vars;
	options->session.rehearsal = true;
	options->session.begun = rehearse_begun;
	options->session.begun_data = world.dir;
	status = session_run(&options->session, &outcome);
	if (status == EXIT_PARKED && !rehearsal_leave(world.dir, &outcome)) {
		world_leave(&world);
		return status;
	}
	if (outcome.dir.path[0])
		status = rehearsal_end(world.dir, &outcome, status);
	world_end(&world);
	return status;
}

/* ---- the command line ----------------------------------------------------- */

/* A number as an option's value, kept as the text that the world is given. */
static int rehearse_number(const char *name, int64_t min, int64_t max,
			   const char **ret)
{
	int64_t number;

	*ret = optarg;
	if (!text_parse_int(optarg, min, max, &number))
		return 0;
	return command_usage(&command_rehearse,
			     _("%s is a number from %lld to %lld, not '%s'"),
			     name, (long long)min, (long long)max, optarg);
}

/* What the world is to be like. */
static int rehearse_take_world(int option, struct world_options *world)
{
	switch (option) {
	case REHEARSE_FAST:
		world->speed = "fast";
		return 0;
	case REHEARSE_REALISTIC:
		world->speed = "realistic";
		return 0;
	case REHEARSE_SEED:
		return rehearse_number("--seed", 0, INT64_MAX, &world->seed);
	case REHEARSE_PODS:
		return rehearse_number("--pods", 1, REHEARSE_PODS_MAX,
				       &world->pods);
	case REHEARSE_HEARTBEAT:
		return rehearse_number("--heartbeat", 0,
				       REHEARSE_HEARTBEAT_MAX_MS,
				       &world->heartbeat);
	case REHEARSE_FLAG:
		return command_choice(&command_rehearse, "--flag", optarg,
				      "http", "configmap", &world->flag);
	case REHEARSE_DATABASE:
		return command_choice(&command_rehearse, "--database", optarg,
				      "mariadb", "mysql", &world->database);
	case REHEARSE_WORLD_DIR:
		world->dir = optarg;
		return 0;
	default:
		return command_usage(&command_rehearse,
				     _("that option is not known"));
	}
}

static int rehearse_take(int option, struct rehearse_options *options)
{
	switch (option) {
	case REHEARSE_RUNBOOK_OPTION:
		options->session.runbook = optarg;
		return 0;
	case REHEARSE_AUTOPILOT:
		options->session.autopilot = true;
		return 0;
	case REHEARSE_PLAIN:
		options->session.plain = true;
		return 0;
	case REHEARSE_LIST:
		options->what = REHEARSE_LISTING;
		return 0;
	case REHEARSE_INJECT:
		options->what = REHEARSE_INJECTING;
		return 0;
	case REHEARSE_WORLD:
		options->what = REHEARSE_WORLD_ONLY;
		return 0;
	case REHEARSE_RUN_DIR:
		options->session.run_dir = optarg;
		return 0;
	case REHEARSE_HELP:
		command_help(&command_rehearse);
		return debrief_print_rules() ? EXIT_FAILED : -1;
	default:
		return rehearse_take_world(option, &options->world);
	}
}

static int rehearse_parse(int argc, char **argv,
			  struct rehearse_options *options)
{
	int option, status = 0;

	while (!status && (option = getopt_long(argc, argv, "", rehearse_table,
						NULL)) != -1)
		status = rehearse_take(option, options);
	if (status || options->what == REHEARSE_INJECTING)
		return status;
	if (optind < argc)
		options->scenario = argv[optind++];
	if (optind < argc)
		return command_usage(&command_rehearse,
				     _("unexpected '%s'"), argv[optind]);
	return 0;
}

static int rehearse_walk(struct rehearse_options *options)
{
	struct runbook *runbook = NULL;
	struct error err = {0};
	int status;

	if (options->what == REHEARSE_WALK && rehearse_has_screen(options) &&
	    !(isatty(STDIN_FILENO) && isatty(STDOUT_FILENO)))
		return command_usage(&command_rehearse,
			_("no terminal: use --plain (lines) or --autopilot"));
	if (rehearse_prepare(options, &runbook, &err))
		status = command_fail(EXIT_USAGE, &err);
	else
		status = options->what == REHEARSE_WALK ?
			 rehearse_run(options) :
			 rehearsal_alone(&options->world,
					 options->session.runbook);
	runbook_free(runbook);
	json_decref(options->about);
	return status;
}

static int rehearse_command(int argc, char **argv)
{
	struct rehearse_options options = {.what = REHEARSE_WALK};
	int status = rehearse_parse(argc, argv, &options);

	if (status)
		return status < 0 ? EXIT_COMPLETED : status;
	if (options.what == REHEARSE_LISTING)
		return scenarios_list();
	if (options.what == REHEARSE_INJECTING)
		return inject_run(options.world.dir, argv + optind,
				  argc - optind);
	return rehearse_walk(&options);
}

const struct command command_rehearse = {
	.name = "rehearse",
	.arguments = N_("[SCENARIO] [--runbook FILE] [--autopilot] [--plain]\n"
			"                        [--realistic] [--seed N] [--pods N]\n"
			"                        [--database KIND] [--flag KIND] [--heartbeat MS]\n"
			"                        [--run-dir DIR]\n"
			"       cutover rehearse --list\n"
			"       cutover rehearse --world [SCENARIO] [--world-dir DIR] [--pods N]\n"
			"                        [--database KIND] [--flag KIND] [--heartbeat MS]\n"
			"       cutover rehearse --inject [WORLD-DIR] FAULT [KEY=VALUE]...\n"
			"       cutover rehearse --inject [WORLD-DIR] list | status | clear NAME\n"
			"                        | follow RUN-DIR"),
	.summary = N_("Walk a runbook on real practice databases"),
	.help = N_("  SCENARIO           what goes wrong: a file, or a name that --list shows;\n"
		   "                     without it, nothing does\n"
		   "  --list             the scenarios that come with cutover, and their pars\n"
		   "  --runbook FILE     a file, or the name of a shipped runbook; else the\n"
		   "                     scenario's (aurora-cutover)\n"
		   "  --autopilot        confirm each gate by itself once its guards are green\n"
		   "  --plain            lines instead of a screen; answers on standard input\n"
		   "  --fast             pods start in seconds: rehearse often (the default)\n"
		   "  --realistic        a rollout takes 15 minutes, pods ask for the flag\n"
		   "  --seed N           all chance of the world; the same number repeats it\n"
		   "  --pods N           pods of each version (4)\n"
		   "  --database KIND    what both databases are: mariadb (default), or mysql\n"
		   "  --flag KIND        where the feature flag lives: http, or configmap\n"
		   "  --heartbeat MS     between two of the source's own writes, as RDS has (20000)\n"
		   "  --run-dir DIR      keep the run's journal in this directory\n"
		   "  --world            the practice world alone, until a signal\n"
		   "  --world-dir DIR    where the practice world lies\n"
		   "  --inject           for the instructor, from a second terminal, in your only\n"
		   "                     rehearsal or WORLD-DIR's: begin a fault; list them all;\n"
		   "                     status: what has begun, what users feel; clear NAME, or\n"
		   "                     all; follow RUN-DIR: the run that a scenario waits for,\n"
		   "                     where --world started it alone\n"
		   "\n"
		   "The last lines tell what became of every write that users were told is saved.\n"),
	.run = rehearse_command,
};
