/* See rehearsal.h. */
#include "commands/rehearsal.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "commands/command.h"
#include "commands/debrief.h"
#include "commands/worldlink.h"
#include "journal/journal.h"

#define REHEARSAL_ASK_MS 10000
#define REHEARSAL_LEDGER_MS 130000      /* longer than the world takes at most */

void rehearsal_begin(const char *world_dir, const struct rundir *dir)
{
	char line[PATH_MAX + 16];
	struct error err = {0};
	struct buf answer;

	snprintf(line, sizeof(line), "follow %s", dir->path);
	buf_init(&answer, WORLDLINK_ANSWER_MAX);
	if (worldlink_ask(world_dir, line, REHEARSAL_ASK_MS, &answer, &err)) {
		error_wrap(&err, _("the scenario will not happen"));
		command_fail(EXIT_FAILED, &err);
	}
	buf_release(&answer);
}

/* Appends a note to the run's journal; takes fields. */
static int rehearsal_note(const struct session_outcome *outcome,
			  json_t *fields, struct error *err)
{
	struct journal *journal = NULL;
	json_t *records = NULL;
	size_t torn;
	int status = fields ? journal_open(outcome->dir.path, &journal,
					   &records, &torn, err) :
		     error_nomem(err);

	if (!status)
		status = journal_append(journal, EVENT_NOTE,
					json_incref(fields), NULL, err);
	json_decref(fields);
	json_decref(records);
	journal_close(journal);
	return status;
}

/* The lines that are for everybody, and "rehearsal: {...}" beside them. */
static void rehearsal_sort(const struct buf *answer, json_t *lines,
			   json_t **ret_about)
{
	static const char about[] = "rehearsal: ";
	size_t skip = sizeof(about) - 1;

	for (const char *line = answer->data; *line;) {
		size_t len = strcspn(line, "\n");

		if (strncmp(line, about, skip) != 0)
			json_array_append_new(lines, json_stringn(line, len));
		else if (json_parse(line + skip, len - skip, 0, ret_about,
				    NULL))
			*ret_about = NULL;
		line += len + (line[len] == '\n');
	}
}

int rehearsal_end(const char *world_dir, const struct session_outcome *outcome,
		  int exit_status)
{
	const char *result = engine_result_name(outcome->result);
	json_t *lines = json_array(), *about = NULL, *line;
	struct error err = {0};
	struct buf answer;
	size_t i;
	int status;

	buf_init(&answer, WORLDLINK_ANSWER_MAX);
	status = lines ? worldlink_finish(world_dir, REHEARSAL_LEDGER_MS,
					  &answer, &err) : error_nomem(&err);
	if (!status)
		rehearsal_sort(&answer, lines, &about);
	if (!status && outcome->dir.path[0])
		status = rehearsal_note(outcome, json_pack(
			"{ss sO so*}", "text", "ledger of the rehearsal",
			"ledger", lines, "rehearsal", about), &err);
	else
		json_decref(about);
	if (!status && outcome->dir.path[0])
		status = debrief_show(&outcome->dir, &err);
	json_array_foreach(lines, i, line)
		puts(json_string_value(line));
	if (result)
		printf("result: %s\n", result);
	buf_release(&answer);
	json_decref(lines);
	return status ? command_fail(EXIT_FAILED, &err) : exit_status;
}

int rehearsal_leave(const char *world_dir,
		    const struct session_outcome *outcome)
{
	struct error err = {0};
	struct buf answer;
	char argument[PATH_MAX], name[WORLDLINK_NAME_MAX];
	int status;

	worldlink_name(world_dir, name);
	buf_init(&answer, WORLDLINK_ANSWER_MAX);
	status = worldlink_ask(world_dir, "detach", REHEARSAL_ASK_MS, &answer,
			       &err);
	buf_release(&answer);
	if (!status)
		status = rehearsal_note(outcome, json_pack(
			"{ss ss ss}", "text", "the practice world lives on",
			"world", world_dir, "which", name), &err);
	if (status) {
		command_fail(EXIT_FAILED, &err);
		return status;
	}
	rundir_argument(&outcome->dir, argument);
	printf(_("The practice world lives on for an hour. Go on in it with: cutover resume %s\n"),
	       argument);
	return 0;
}

bool rehearsal_find(const json_t *records, char ret_dir[PATH_MAX])
{
	const char *dir = NULL, *which = "";
	char name[WORLDLINK_NAME_MAX];
	const json_t *record;
	size_t i;

	json_array_foreach(records, i, record)
		if (strcmp(json_text(record, "event", ""), "note") == 0 &&
		    json_object_get(record, "world")) {
			dir = json_text(record, "world", "");
			which = json_text(record, "which", "");
		}
	if (!dir)
		return false;
	snprintf(ret_dir, PATH_MAX, "%s", dir);
	/* where it lived another may live now */
	worldlink_name(dir, name);
	return name[0] && strcmp(name, which) == 0;
}

int rehearsal_alone(const struct world_options *options, const char *runbook)
{
	struct world world = {0};
	struct error err = {0};
	const struct sigaction ends = {
		.sa_handler = SIG_DFL, .sa_flags = SA_NOCLDSTOP,
	};
	sigset_t signals;
	int caught, status;

	/* while it starts a signal ends us, and with us the world; that the
	 * world itself has ended must not be missed */
	sigaction(SIGCHLD, &ends, NULL);
	sigemptyset(&signals);
	sigaddset(&signals, SIGCHLD);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	if (world_start(&world, options, &err))
		return command_fail(EXIT_FAILED, &err);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	printf("world: ready %s\n", world.dir);
	printf(_("From another terminal: cutover run %s --vars %s/vars.yaml\n"),
	       runbook, world.dir);
	fflush(stdout);
	sigwait(&signals, &caught);
	if (caught == SIGCHLD) {
		world_end(&world);
		error_set(&err, ERR_LOST, "cutover-world",
			  _("the practice world has ended; what it said stands above"));
		return command_fail(EXIT_FAILED, &err);
	}
	status = rehearsal_end(world.dir, &(struct session_outcome){0},
			       EXIT_COMPLETED);
	world_end(&world);
	return status;
}
