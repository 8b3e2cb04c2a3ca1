/*
 * The table of commands. Each row is a file in commands/; --help and the
 * dispatch are made from this one table.
 */
#include <openssl/crypto.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "commands/command.h"
#include "config.h"

static const struct command *const main_commands[] = {
	&command_rehearse,
	&command_run,
	&command_resume,
	&command_watch,
	&command_check,
	&command_plan,
	&command_runs,
	&command_transcript,
	NULL,
};

static void main_help(void)
{
	puts(_("usage: cutover COMMAND [ARGUMENT]...\n\n"
	       "An interactive runbook for a live move from RDS MySQL to Aurora MySQL.\n"));
	for (size_t i = 0; main_commands[i]; i++)
		printf("  %-12s%s\n", main_commands[i]->name,
		       _(main_commands[i]->summary));
	puts(_("\n'cutover COMMAND --help' tells more.\n"
	       "New here? 'cutover rehearse' walks you through a practice cutover."));
}

int main(int argc, char **argv)
{
	/* a pipe that closed and a file that may not grow are errors to be told,
	 * not ends of the program */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	/* a database thread may still be connecting when the program ends, and
	 * nobody waits for it: OpenSSL must not free its tables under it */
	OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL);
	i18n_open();
	if (argc < 2) {
		main_help();
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
		main_help();
		return EXIT_COMPLETED;
	}
	if (strcmp(argv[1], "--version") == 0) {
		puts(PACKAGE_STRING);
		return EXIT_COMPLETED;
	}
	for (size_t i = 0; main_commands[i]; i++)
		if (strcmp(argv[1], main_commands[i]->name) == 0)
			return main_commands[i]->run(argc - 1, argv + 1);
	fprintf(stderr, _("cutover: there is no command '%s'\n"
			  "cutover: try 'cutover --help'\n"), argv[1]);
	return EXIT_USAGE;
}
