/*
 * A command: what main's table holds. One file a command; the text here is
 * what --help shows.
 */
#ifndef CUTOVER_COMMANDS_COMMAND_H
#define CUTOVER_COMMANDS_COMMAND_H

/* Exit statuses: a contract with scripts. */
enum command_exit {
	EXIT_COMPLETED = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,         /* also: a runbook or configuration not valid */
	EXIT_NO_GO = 3,
	EXIT_ROLLED_BACK = 4,
	EXIT_PARKED = 5,
};

struct command {
	const char *name;
	const char *arguments;  /* "RUNBOOK [--vars FILE] ..." */
	const char *summary;    /* one line */
	const char *help;       /* the options, a line each; "" if none */
	/* argv[0] is the command's name. Returns an exit status. */
	int (*run)(int argc, char **argv);
};

struct error;

/* All there are; main's table lists them in the order of --help. */
extern const struct command command_check, command_plan, command_rehearse,
	command_resume, command_run, command_runs, command_transcript, command_watch;

/* Prints "cutover: where: message" to standard error; returns status. */
int command_fail(int status, const struct error *err);
/* The same, with the status of what kept a command from its work: EXIT_USAGE for
 * a configuration, which is the user's to mend, else EXIT_FAILED. */
int command_failure(const struct error *err);
/* The same for a usage error: names the command's --help; returns EXIT_USAGE. */
int command_usage(const struct command *command, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Takes the option's argument, word, which must be one of the two. 0, or what
 * command_usage returns. */
int command_choice(const struct command *command, const char *option,
		   const char *word, const char *one, const char *other,
		   const char **ret);
/* Prints what --help shows. */
void command_help(const struct command *command);

#endif
