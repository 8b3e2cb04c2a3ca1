/* What all commands say in the same way; see command.h. */
#include "commands/command.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/i18n.h"

int command_fail(int status, const struct error *err)
{
	char text[ERROR_WHERE_MAX + ERROR_MESSAGE_MAX];

	error_text(err, text, sizeof(text));
	fprintf(stderr, "cutover: %s\n", text);
	return status;
}

int command_failure(const struct error *err)
{
	return command_fail(err->code == ERR_INVALID ||
			    err->code == ERR_SYNTAX ||
			    err->code == ERR_NOTFOUND ||
			    err->code == ERR_DENIED ? EXIT_USAGE : EXIT_FAILED,
			    err);
}

int command_usage(const struct command *command, const char *format, ...)
{
	va_list args;

	fputs("cutover: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, _("\ncutover: try 'cutover %s --help'\n"),
		command->name);
	return EXIT_USAGE;
}

int command_choice(const struct command *command, const char *option,
		   const char *word, const char *one, const char *other,
		   const char **ret)
{
	if (strcmp(word, one) != 0 && strcmp(word, other) != 0)
		return command_usage(command, _("%s is %s or %s, not '%s'"),
				     option, one, other, word);
	*ret = word;
	return 0;
}

void command_help(const struct command *command)
{
	printf(_("usage: cutover %s %s\n\n%s.\n"), command->name,
	       command->arguments, _(command->summary));
	if (command->help[0])
		printf("\n%s", _(command->help));
}
