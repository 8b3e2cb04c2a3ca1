/* See scenarios.h. */
#include "commands/scenarios.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/text.h"
#include "commands/command.h"
#include "commands/world.h"
#include "runbook/lookup.h"
#include "runbook/model.h"

#define DESCRIPTIONS_MAX (4 << 20)
#define NAME_COLUMNS 22
#define BRIEFING_COLUMNS 76

/* Its lines, as an array of objects. */
static int scenarios_parse(const struct buf *lines, json_t **ret,
			   struct error *err)
{
	json_t *list = json_array();
	int status = list ? 0 : error_nomem(err);

	for (const char *line = lines->data; !status && *line;) {
		size_t len = strcspn(line, "\n");
		json_t *about = NULL;

		status = json_parse(line, len, 0, &about, NULL);
		if (status)
			error_set(err, status, "cutover-world",
				  _("cannot read its answer"));
		else
			json_array_append_new(list, about);
		line += len + (line[len] == '\n');
	}
	if (status)
		json_decref(list);
	else
		*ret = list;
	return status;
}

/* Descriptions of those scenarios that are valid, in the order of the paths;
 * what is wrong with the others is printed, and *ret_good is false. */
static int scenarios_ask(char *const *paths, size_t count, json_t **ret,
			 bool *ret_good, struct error *err)
{
	const char **words = calloc(count + 1, sizeof(*words));
	struct buf lines;
	int status;

	if (!words)
		return error_nomem(err);
	words[0] = "--describe";
	for (size_t i = 0; i < count; i++)
		words[i + 1] = paths[i];
	buf_init(&lines, DESCRIPTIONS_MAX);
	status = world_print(words, count + 1, &lines, ret_good, err);
	if (!status)
		status = scenarios_parse(&lines, ret, err);
	buf_release(&lines);
	free(words);
	return status;
}

int scenarios_load(const char *name_or_path, char ret_path[PATH_MAX],
		   json_t **ret_about, struct error *err)
{
	char *paths[] = {ret_path};
	json_t *list = NULL;
	bool good = false;
	int status = lookup_scenario(name_or_path, ret_path, err);

	if (!status)
		status = scenarios_ask(paths, 1, &list, &good, err);
	if (!status && (!good || json_array_size(list) != 1))
		status = error_set(err, ERR_INVALID, ret_path,
				   _("no valid scenario; what is wrong stands above"));
	if (!status)
		*ret_about = json_incref(json_array_get(list, 0));
	json_decref(list);
	return status;
}

static bool scenarios_has_step(const struct runbook *runbook,
			       const char *step)
{
	for (size_t i = 0; i < runbook->step_count; i++)
		if (strcmp(runbook->steps[i].label, step) == 0 ||
		    strcmp(runbook->steps[i].id, step) == 0)
			return true;
	return false;
}

int scenarios_fit(const json_t *about, const struct runbook *runbook,
		  const char *flag, struct error *err)
{
	const char *name = json_text(about, "scenario", "");
	const char *fault = json_text(about, "flag_fault", "");
	size_t i;
	json_t *step;

	json_array_foreach(json_at(about, "steps"), i, step)
		if (!scenarios_has_step(runbook, json_string_value(step)))
			return error_set(err, ERR_INVALID, name,
					 _("it waits for the step '%s', which %s does not have"),
					 json_string_value(step),
					 runbook->name);
	if (*fault && flag && strcmp(flag, "configmap") == 0)
		return error_set(err, ERR_INVALID, name,
				 _("its %s is a flag service's; the flag in a ConfigMap has none"),
				 fault);
	return 0;
}

/* "completed, outage at most 12 s" */
static void scenarios_par(const json_t *about, char *dst, size_t size)
{
	const char *result = json_text(about, "par/result", "");
	int64_t outage = json_number(about, "par/outage_ms", -1);
	char duration[CLOCK_STAMP_MAX];

	if (strcmp(result, "either") == 0)
		result = _("completed or rolled-back");
	if (outage < 0) {
		snprintf(dst, size, "%s", result);
		return;
	}
	clock_duration(outage, duration);
	snprintf(dst, size, _("%s, outage at most %s"), result, duration);
}

int scenarios_list(void)
{
	struct error err = {0};
	json_t *list = NULL, *about;
	char **paths = NULL;
	size_t count = 0, i;
	bool good = false;
	int status = lookup_scenarios(&paths, &count, &err);

	if (!status)
		status = scenarios_ask(paths, count, &list, &good, &err);
	json_array_foreach(list, i, about) {
		char par[128];

		scenarios_par(about, par, sizeof(par));
		printf("%-*s %s\n%*s %s: %s\n", NAME_COLUMNS,
		       json_text(about, "scenario", ""),
		       json_text(about, "title", ""), NAME_COLUMNS, "",
		       _("par"), par);
	}
	json_decref(list);
	for (i = 0; i < count; i++)
		free(paths[i]);
	free(paths);
	if (status)
		return command_fail(EXIT_FAILED, &err);
	return good ? EXIT_COMPLETED : EXIT_USAGE;
}

/* Whether a line is text that runs on, not blank and not indented. */
static bool scenarios_runs_on(const char *line)
{
	return *line && !strchr(" \t\n", *line);
}

/* The text with each paragraph in one line: where its author broke it says
 * nothing of our columns. Blank and indented lines stay as they are. */
static void scenarios_join(const char *text, struct buf *dst)
{
	for (const char *line = text, *next; *line; line = next) {
		size_t len = strcspn(line, "\n");

		next = line + len + (line[len] == '\n');
		buf_append(dst, line, len);
		if (line[len])
			buf_puts(dst, scenarios_runs_on(line) &&
				 scenarios_runs_on(next) ? " " : "\n");
	}
}

/* The text in lines of so many columns; its own line ends are kept. */
static void scenarios_wrap(const char *text)
{
	while (*text) {
		size_t line = strcspn(text, "\n"), len = line;

		if (text_fit(text, BRIEFING_COLUMNS) < line) {
			len = text_fit(text, BRIEFING_COLUMNS);
			while (len && text[len] != ' ')
				len--;
			if (!len)
				len = line;
		}
		printf("%s%.*s\n", len ? "  " : "", (int)len, text);
		text += len + (text[len] == '\n' || text[len] == ' ');
	}
}

void scenarios_brief(const json_t *about)
{
	const char *text = json_text(about, "briefing", "");
	struct buf joined;

	buf_init(&joined, DESCRIPTIONS_MAX);
	scenarios_join(text, &joined);
	printf(_("Rehearsal \"%s\": %s\n\n"), json_text(about, "scenario", ""),
	       json_text(about, "title", ""));
	scenarios_wrap(buf_error(&joined) ? text : joined.data);
	putchar('\n');
	fflush(stdout);
	buf_release(&joined);
}

bool scenarios_is_one(const char *path)
{
	static const char key[] = "\nscenario:";
	struct buf bytes;
	bool is_one = false;

	buf_init(&bytes, RUNBOOK_FILE_MAX);
	if (!file_read(path, &bytes, NULL))
		is_one = strncmp(bytes.data, key + 1, sizeof(key) - 2) == 0 ||
			 strstr(bytes.data, key);
	buf_release(&bytes);
	return is_one;
}

int scenarios_check(const char *path)
{
	char found[PATH_MAX];
	struct error err = {0};
	json_t *about = NULL;
	int status = scenarios_load(path, found, &about, &err);

	if (!status)
		printf(_("%s: no problems found\n"), found);
	else if (status != ERR_INVALID)
		command_fail(EXIT_USAGE, &err);
	json_decref(about);
	return status ? EXIT_USAGE : EXIT_COMPLETED;
}
