/* See inject.h. */
#include "commands/inject.h"

#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "commands/command.h"
#include "commands/world.h"
#include "commands/worldlink.h"

#define INJECT_ASK_MS 15000
#define INJECT_ABOUT_MS 2000
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

/* Appends "DIR (scenario NAME, run RUN-DIR)"; a world that does not say more
 * is still named. */
static void inject_name(const char *dir, struct buf *dst)
{
	struct buf about;

	buf_init(&about, WORLDLINK_ANSWER_MAX);
	buf_puts(dst, dir);
	if (!worldlink_ask(dir, "about", INJECT_ABOUT_MS, &about, NULL) &&
	    about.len)
		buf_printf(dst, " (%.*s)", (int)strcspn(about.data, "\n"),
			   about.data);
	buf_release(&about);
}

/* The only world of ours; which of several is meant must be said. */
static int inject_find(const struct worldlink_worlds *worlds,
		       const char **ret_dir, struct error *err)
{
	if (worlds->count == 1) {
		*ret_dir = worlds->list[0].dir;
		return 0;
	}
	if (!worlds->count)
		return error_set(err, ERR_NOTFOUND, NULL,
			_("no practice world of yours is running; 'cutover rehearse' starts one"));
	return error_set(err, ERR_INVALID, NULL,
		_("several practice worlds of yours are running: say which one, as in 'cutover rehearse --inject %s status'"),
		worlds->list[0].dir);
}

static void inject_choices(const struct worldlink_worlds *worlds)
{
	for (size_t i = 0; i < worlds->count; i++) {
		struct buf name;

		buf_init(&name, WORLDLINK_ANSWER_MAX);
		inject_name(worlds->list[i].dir, &name);
		if (!buf_error(&name))
			fprintf(stderr, "  %s\n", name.data);
		buf_release(&name);
	}
}

/* Says it to the world; what it answers stands below which world that is. */
static int inject_say(const char *dir, char *const *words, int count,
		      struct error *err)
{
	struct buf line, answer, name;
	int status = 0;

	buf_init(&line, INJECT_LINE_MAX);
	buf_init(&answer, WORLDLINK_ANSWER_MAX);
	buf_init(&name, WORLDLINK_ANSWER_MAX);
	inject_line(words, count, &line);
	if (buf_error(&line) || strchr(line.data, '\n'))
		status = error_set(err, ERR_INVALID, NULL,
				   _("that is more than one line"));
	if (!status)
		status = worldlink_ask(dir, line.data, INJECT_ASK_MS, &answer,
				       err);
	if (!status) {
		inject_name(dir, &name);
		printf("%s: %s\n", _("rehearsal"),
		       buf_error(&name) ? dir : name.data);
		fputs(answer.data, stdout);
	}
	buf_release(&line);
	buf_release(&answer);
	buf_release(&name);
	return status;
}

int inject_run(const char *dir, char *const *words, int count)
{
	struct worldlink_worlds worlds = {.count = 0};
	struct error err = {0};
	int status = 0;

	if (count && !dir && strchr(words[0], '/')) {
		dir = *words++;
		count--;
	}
	if (!count)
		return command_usage(&command_rehearse,
			_("--inject wants a fault, or list, status, clear NAME"));
	if (!dir && strcmp(words[0], "list") == 0)
		return inject_list();
	if (!dir) {
		worldlink_find(&worlds);
		status = inject_find(&worlds, &dir, &err);
	}
	if (!status)
		status = inject_say(dir, words, count, &err);
	if (!status)
		return EXIT_COMPLETED;
	status = command_fail(status == ERR_INVALID ? EXIT_USAGE : EXIT_FAILED,
			      &err);
	if (!dir)
		inject_choices(&worlds);
	return status;
}
