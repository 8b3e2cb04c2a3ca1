/*
 * See session.h. Everything that can be wrong is found before the terminal is
 * taken: options, runbook, variables, option files, kubeconfig.
 */
#include "commands/session.h"

#include <jansson.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/i18n.h"
#include "base/json.h"
#include "commands/command.h"
#include "commands/left.h"
#include "commands/past.h"
#include "conduct/conduct.h"
#include "config.h"
#include "journal/journal.h"
#include "net/loop.h"
#include "plain/plain.h"
#include "runbook/runbook.h"
#include "tui/tui.h"

#define SESSION_OPERATOR_MAX 256
#define SESSION_HOLDER_MAX 2048
#define SESSION_PATIENCE_MS 200 /* with the disk: longer, and the screen says so */

struct session {
	const struct session_options *options;
	struct session_outcome *outcome;
	struct runbook *runbook;
	struct loop *loop;
	struct journal *journal;
	json_t *records;                /* of a run that is gone on with */
	const char *run;                /* the name that it was begun with */
	char argument[PATH_MAX];        /* by what commands find it */
	struct pace pace;               /* what earlier runs measured */
	struct conductor *conductor;
	struct plain *plain;            /* one of the two */
	struct tui *tui;
	char operator_name[SESSION_OPERATOR_MAX];
	char beside[RUNDIR_NAME_MAX];   /* an earlier run that was left; "" */
	bool acted;                     /* something was begun to be sent */
	char elsewhere[SESSION_HOLDER_MAX];     /* who else has the Lease; "" */
};

static void session_who(char dst[SESSION_OPERATOR_MAX])
{
	struct passwd entry, *found = NULL;
	char memory[4096], host[128] = "";

	getpwuid_r(getuid(), &entry, memory, sizeof(memory), &found);
	gethostname(host, sizeof(host) - 1);
	if (found)
		snprintf(dst, SESSION_OPERATOR_MAX, "%s@%s", found->pw_name,
			 host);
	else
		snprintf(dst, SESSION_OPERATOR_MAX, "%u@%s",
			 (unsigned int)getuid(), host);
}

/* run: the run's name, which is ${run}; NULL: not named yet. */
static int session_load(struct session *session, const char *run,
			struct error *err)
{
	const struct session_options *options = session->options;
	const struct runbook_settings settings = {
		.vars_file = options->vars_file, .set = options->set,
		.set_count = options->set_count, .run = run,
		.require_values = true,
	};
	struct runbook_problems problems;
	int status;

	runbook_free(session->runbook);
	session->runbook = NULL;
	runbook_problems_init(&problems);
	status = runbook_load(options->runbook, &settings, &session->runbook,
			      &problems, err);
	runbook_problems_print(&problems, stderr);
	runbook_problems_release(&problems);
	return status;
}

/* The same run again: its own text, its own variables, its journal so far. */
static int session_recall(struct session *session, struct error *err)
{
	struct rundir *dir = &session->outcome->dir;
	const char *sha256;
	size_t torn = 0;
	int status;

	*dir = *session->options->resume;
	status = journal_open(dir->path, &session->journal, &session->records,
			      &torn, err);
	if (!status && !json_array_size(session->records))
		status = error_set(err, ERR_INVALID, dir->path,
				   _("nothing was begun in this run, and nothing was sent; begin a new one with 'cutover run'"));
	/* not what its directory is called: ${run} stands in what was sent */
	session->run = json_text(session->records, "0/run", dir->name);
	if (!status)
		status = session_load(session, session->run, err);
	if (status)
		return status;
	if (torn)
		fprintf(stderr, _("cutover: the journal's last line was torn and has been cut off (%zu bytes)\n"),
			torn);
	sha256 = json_text(session->records, "0/runbook/sha256", "");
	if (strcmp(sha256, session->runbook->sha256) != 0)
		return error_set(err, ERR_INVALID, dir->path,
				 _("the runbook kept with this run is not the one it began with"));
	return 0;
}

/* The variables in force, in the form that --vars reads. */
static int session_save_vars(const struct session *session, struct error *err)
{
	const struct runbook *runbook = session->runbook;
	json_t *variables = json_object();
	char *text;
	int status;

	/* a resumption reads them back: all, or none */
	for (size_t i = 0; variables && i < runbook->variable_count; i++)
		if (json_object_set_new(variables, runbook->variables[i].name,
				json_string(runbook->variables[i].value))) {
			json_decref(variables);
			variables = NULL;
		}
	text = variables ? json_print(variables, JSON_INDENT(2)) : NULL;
	status = text ? rundir_save(&session->outcome->dir, RUNDIR_VARS, text,
				    err) : error_nomem(err);
	free(text);
	json_decref(variables);
	return status;
}

/* The run gets its directory, its name, and with it the runbook's ${run}. */
static int session_begin(struct session *session, struct error *err)
{
	struct rundir *dir = &session->outcome->dir;
	int status;

	if (session->options->resume)
		return 0;
	status = rundir_create(session->options->run_dir,
				   session->runbook->name, dir, err);

	session->run = dir->name;
	if (!status)
		status = session_load(session, session->run, err);
	if (!status)
		status = rundir_save(dir, RUNDIR_RUNBOOK,
				     session->runbook->text, err);
	if (!status)
		status = session_save_vars(session, err);
	if (!status)
		status = journal_create(dir->path, &session->journal, err);
	if (status == ERR_CONFLICT || status == ERR_BUSY)
		dir->path[0] = '\0';     /* another run has begun in it meanwhile */
	return status;
}

static int session_open_front_end(struct session *session, struct error *err)
{
	const struct plain_options plain = {
		.out = stdout, .in_fd = STDIN_FILENO,
		.autopilot = session->options->autopilot,
	};

	if (session->options->plain || session->options->autopilot)
		return plain_open(session->loop, &plain, &session->plain, err);
	return tui_open(session->loop, &session->tui, err);
}

/* What is told once the conductor is gone. */
static void session_note_end(struct session *session)
{
	const struct engine *engine = conduct_engine(session->conductor);
	const struct conduct_lease_view *lease =
		conduct_lease(session->conductor);

	session->outcome->result = engine->result;
	session->acted = engine_has_acted(engine);
	snprintf(session->elsewhere, sizeof(session->elsewhere), "%s",
		 lease ? lease->other : "");
}

static int session_conduct(struct session *session, struct error *err)
{
	const struct conduct_options options = {
		.run = session->run, .argument = session->argument,
		.version = PACKAGE_VERSION,
		.operator_name = session->operator_name,
		.rehearsal = session->options->rehearsal,
		.autopilot = session->options->autopilot,
		.records = session->records, .pace = &session->pace,
		.beside = session->beside[0] ? session->beside : NULL,
	};
	const struct conduct_listener *listener = session->plain ?
		plain_listener(session->plain) : tui_listener(session->tui);
	int status;

	rundir_argument(&session->outcome->dir, session->argument);
	journal_set_patience(session->journal, SESSION_PATIENCE_MS);
	status = conduct_open(session->loop, session->runbook,
			      session->journal, &options, listener,
			      &session->conductor, err);
	if (status)
		return status;
	if (session->plain)
		plain_attach(session->plain, session->conductor);
	else
		tui_attach(session->tui, session->conductor, session->records);
	status = loop_run(session->loop, err);
	session_note_end(session);
	return status;
}

/* What has happened and is on its way to the disk is waited for; a signal ends
 * that. False: the journal is left to the thread that writes it, and to the end
 * of this process. */
static bool session_waits_for_disk(const struct session *session)
{
	const struct timespec wait = {.tv_nsec = SESSION_PATIENCE_MS * 1000000L};
	sigset_t signals;

	if (!journal_is_late(session->journal))
		return true;
	fputs(_("cutover: the disk has not answered yet; waiting for it, so that the journal ends with what was done; Ctrl-C does not wait\n"),
	      stderr);
	/* the loop has them blocked, and turns no more */
	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	while (journal_is_late(session->journal))
		if (sigtimedwait(&signals, NULL, &wait) > 0)
			return false;
	return true;
}

static void session_close(struct session *session)
{
	tui_close(session->tui);
	conduct_close(session->conductor);
	if (session_waits_for_disk(session))
		journal_close(session->journal);
	/* when the run is let go of: it waits for a slow reader */
	plain_close(session->plain);
	loop_close(session->loop);
	json_decref(session->records);
	runbook_free(session->runbook);
}

int session_exit(enum engine_result result)
{
	static const int statuses[] = {
		[RESULT_NONE] = EXIT_PARKED,
		[RESULT_COMPLETED] = EXIT_COMPLETED,
		[RESULT_ROLLED_BACK] = EXIT_ROLLED_BACK,
		[RESULT_FAILED] = EXIT_FAILED,
	};

	return statuses[result];
}

/* The screen is gone by now, and what stood on its last page. */
static void session_tell_end(const struct session *session)
{
	static const char *const words[] = {
		[RESULT_NONE] = N_("run: parked\n"),
		[RESULT_COMPLETED] = N_("run: completed\n"),
		[RESULT_ROLLED_BACK] = N_("run: rolled back\n"),
		[RESULT_FAILED] = N_("run: failed\n"),
	};
	const struct session_outcome *outcome = session->outcome;

	/* a rehearsal's goes on only in its world: that is told with it */
	if (outcome->result == RESULT_NONE && !session->options->rehearsal)
		printf(_("run: parked; go on with: cutover resume %s\n"),
		       session->argument);
	else if (outcome->result == RESULT_ROLLED_BACK && !session->acted)
		fputs(_("run: ended; nothing was changed\n"), stdout);
	else
		fputs(_(words[outcome->result]), stdout);
	if (session->elsewhere[0])
		printf(_("elsewhere: the Lease is held by %s; that run goes on\n"),
		       session->elsewhere);
	printf(_("journal: %s/%s\n"), outcome->dir.path, JOURNAL_FILE);
}

int session_run(const struct session_options *options,
		struct session_outcome *ret)
{
	struct session session = {.options = options, .outcome = ret};
	struct error err = {0};
	int status;

	memset(ret, 0, sizeof(*ret));
	session_who(session.operator_name);
	status = loop_open(&session.loop, &err);
	if (!status)
		status = options->resume ? session_recall(&session, &err) :
					   session_load(&session, NULL, &err);
	if (!status && !options->resume)
		status = left_ask(session.runbook,
				  options->plain || options->autopilot,
				  session.beside, &err);
	if (!status) {
		past_measure(session.runbook, ret->dir.name, &session.pace);
		status = session_open_front_end(&session, &err);
	}
	if (!status)
		status = session_begin(&session, &err);
	if (!status && options->begun)
		options->begun(options->begun_data, &ret->dir);
	if (!status)
		status = session_conduct(&session, &err);
	if (!options->resume && ret->dir.path[0] && !session.conductor)
		rundir_discard(&ret->dir);
	session_close(&session);
	if (status)
		return command_failure(&err);
	session_tell_end(&session);
	return session_exit(ret->result);
}
