/* The question before another run is begun beside one that was left; see
 * left.h. Asked before the terminal is taken, in words that stay there. */
#include <errno.h>
#include <langinfo.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/i18n.h"
#include "commands/left.h"
#include "plain/print.h"

#define LEFT_ANSWER_MAX 64

/* Byte by byte: what follows the line is for the run. A line that is too long, or
 * has no end, says nothing. */
static void left_read(char dst[LEFT_ANSWER_MAX])
{
	size_t len = 0;
	ssize_t got;
	char byte = 0;

	/* what was typed before the question is for something else */
	if (isatty(STDIN_FILENO))
		tcflush(STDIN_FILENO, TCIFLUSH);
	while (byte != '\n') {
		got = read(STDIN_FILENO, &byte, 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			dst[0] = '\0';
			return;
		}
		if (byte != '\n' && byte != '\r' && len < LEFT_ANSWER_MAX)
			dst[len++] = byte;
	}
	dst[len < LEFT_ANSWER_MAX ? len : 0] = '\0';
}

int left_ask(const struct runbook *runbook, bool plain,
	     char ret_beside[RUNDIR_NAME_MAX], struct error *err)
{
	const struct printer printer = {
		.out = stdout,
		.utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0,
	};
	const char *word = plain ? LEFT_WORD : "y";
	struct left_run runs[LEFT_RUNS_MAX];
	char answer[LEFT_ANSWER_MAX];
	size_t count = left_find(runbook, runs);

	ret_beside[0] = '\0';
	if (!count)
		return 0;
	for (size_t i = 0; i < count; i++)
		print_line(&printer, _("LEFT: %s"), runs[i].verdict.text);
	print_line(&printer, plain ?
		   _("ANOTHER? Type \"%s\" to begin another run all the same; anything else begins none") :
		   _("Begin another run all the same? Type %s and Enter; anything else begins none."),
		   word);
	left_read(answer);
	if (strcmp(answer, word) != 0)
		return error_set(err, ERR_CONFLICT, NULL,
				 _("no other run was begun; go on with: cutover resume %s"),
				 runs[0].name);
	memcpy(ret_beside, runs[0].name, RUNDIR_NAME_MAX);
	return 0;
}
