/* See inject.h. */
#include "commands/inject.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "commands/command.h"
#include "commands/world.h"
#include "commands/worldlink.h"

#define INJECT_ASK_MS 15000
#define INJECT_LINE_MAX 4000

/* What the world calls it; what is no command is a fault to inject. */
static const char *inject_verb(const char *word)
{
	static const struct {
		const char *word, *verb;
	} verbs[] = {
		{"list", "faults"},
		{"status", "status"},
		{"clear", "clear"},
		{"follow", "follow"},
	};

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(verbs[i].word, word) == 0)
			return verbs[i].verb;
	return NULL;
}

static void inject_line(char *const *words, int count, struct buf *line)
{
	char first[64];
	const char *rest, *verb;

	snprintf(first, sizeof(first), "%.*s", (int)strcspn(words[0], " "),
		 words[0]);
	rest = words[0] + strcspn(words[0], " ");
	verb = inject_verb(first);
	if (verb)
		buf_printf(line, "%s%s", verb, rest);
	else
		buf_printf(line, "inject %s", words[0]);
	for (int i = 1; i < count; i++)
		buf_printf(line, " %s", words[i]);
}

/* What can go wrong is told without a world, too. */
static int inject_list(void)
{
	const char *const words[] = {"--faults"};
	struct error err = {0};
	struct buf list;
	bool good = false;
	int status;

	buf_init(&list, WORLDLINK_ANSWER_MAX);
	status = world_print(words, 1, &list, &good, &err);
	if (!status)
		fputs(list.data, stdout);
	buf_release(&list);
	return status ? command_fail(EXIT_FAILED, &err) :
	       good ? EXIT_COMPLETED : EXIT_FAILED;
}

int inject_run(const char *dir, char *const *words, int count)
{
	char newest[PATH_MAX];
	struct buf line, answer;
	struct error err = {0};
	int status;

	if (count && !dir && strchr(words[0], '/')) {
		dir = *words++;
		count--;
	}
	if (!count)
		return command_usage(&command_rehearse,
			_("--inject wants a fault, or list, status, clear NAME"));
	if (!dir && strcmp(words[0], "list") == 0)
		return inject_list();
	status = dir ? 0 : worldlink_newest(newest, &err);
	buf_init(&line, INJECT_LINE_MAX);
	buf_init(&answer, WORLDLINK_ANSWER_MAX);
	inject_line(words, count, &line);
	if (!status && (buf_error(&line) || strchr(line.data, '\n')))
		status = error_set(&err, ERR_INVALID, NULL,
				   _("that is more than one line"));
	if (!status)
		status = worldlink_ask(dir ? dir : newest, line.data,
				       INJECT_ASK_MS, &answer, &err);
	if (!status)
		fputs(answer.data, stdout);
	buf_release(&line);
	buf_release(&answer);
	return status ? command_fail(status == ERR_INVALID ? EXIT_USAGE :
				     EXIT_FAILED, &err) : EXIT_COMPLETED;
}
