/*
 * See spectator.h. Ten times a second it looks whether the journal has grown,
 * once a second who holds its lock: first the lock, then the journal, so that
 * a run that was parked and let go is never taken for one that broke off.
 */
#include "plain/spectator.h"

#include <langinfo.h>
#include <signal.h>
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/json.h"
#include "journal/follow.h"
#include "journal/journal.h"
#include "net/loop.h"
#include "plain/spectator_private.h"

#define SPECTATOR_LOOK_MS 100
#define SPECTATOR_ASK_TICKS 10  /* who drives: each so many looks */

static void spectator_stop(struct spectator *s, int status)
{
	s->status = status;
	loop_stop(s->loop);
}

/* ---- folding ------------------------------------------------------------- */

static int spectator_fold_one(struct spectator *s, const json_t *record)
{
	int64_t wall_ms = s->last_wall_ms;
	int status = engine_apply(&s->engine, record, s->err);

	if (status) {
		snprintf(s->err->where, sizeof(s->err->where), "%s/%s:%zu",
			 s->options.dir->name, JOURNAL_FILE, s->folded + 1);
		return status;
	}
	report_fold(&s->run, record);
	(void)clock_parse_stamp(json_text(record, "at", ""), &wall_ms);
	s->last_wall_ms = wall_ms;
	s->folded++;
	return 0;
}

/* Folds up to so many of the records; *ret_from: the first that is new. */
static int spectator_fold(struct spectator *s, const struct journal_news *news,
			  size_t *ret_from)
{
	size_t count = json_array_size(news->records);
	int status = 0;

	*ret_from = s->folded;
	if (news->kept < s->folded) {
		print_line(&s->printer, "%s", _("TAKEN BACK: the last record could not be saved to disk; it does not count"));
		*ret_from = news->kept;
		engine_release(&s->engine);
		engine_init(&s->engine, s->options.runbook);
		report_fold_init(&s->run);
		s->folded = 0;
	}
	while (s->folded < count && !status)
		status = spectator_fold_one(s, json_array_get(news->records,
							      s->folded));
	return status;
}

/* ---- telling ------------------------------------------------------------- */

static void spectator_ask_driver(struct spectator *s)
{
	struct spectator_driver driver = {.held = false};

	if (lock_query(s->options.dir->path, &driver.held, &driver.holder,
		       NULL))
		return;
	/* what describes the holder is written after the lock was taken */
	s->driver_changed = s->driver_changed || driver.held != s->driver.held ||
			    (driver.held &&
			     driver.holder.pid != s->driver.holder.pid);
	s->driver = driver;
}

/* After the records, that were read later: whoever has gone may have parked or
 * closed the run before, and then that is told. */
static void spectator_tell_change(struct spectator *s)
{
	if (s->driver_changed)
		spectator_tell_driver(s);
	s->driver_changed = false;
}

static void spectator_tell(struct spectator *s, const json_t *records,
			   size_t from)
{
	struct view_input input;
	bool told;

	if (!s->headed) {
		spectator_tell_heading(s);
		s->headed = true;
		s->driver_changed = false;      /* the heading has told */
	}
	for (size_t i = from; i < s->folded; i++)
		spectator_tell_record(s, json_array_get(records, i));
	spectator_tell_change(s);
	told = spectator_tell_now(s);
	if (s->engine.phase != ENGINE_PARKED && s->engine.phase != ENGINE_CLOSED)
		s->moved = true;
	spectator_input(s, &input);
	if (told)               /* the outage too, beside what was agreed */
		alarms_know_clock(&s->alarms, &input);
	else
		alarms_say_clock(&s->alarms, &s->printer, &input);
}

/* A parked run that somebody holds is about to be resumed, unless it was just
 * now parked by its driver, who may still look at its last page. */
static bool spectator_has_ended(const struct spectator *s)
{
	return s->engine.phase == ENGINE_CLOSED ||
	       (s->engine.phase == ENGINE_PARKED &&
		(s->moved || !s->driver.held));
}

static void spectator_tick(void *data)
{
	struct spectator *s = data;
	struct journal_news news;
	size_t from = 0;
	int status;

	if (s->ticks++ % SPECTATOR_ASK_TICKS == 0)
		spectator_ask_driver(s);
	status = journal_follow_look(s->follow, &news, s->err);
	if (!status)
		status = spectator_fold(s, &news, &from);
	/* who has written is there: not to be told that nobody is */
	if (!status && from < s->folded && !s->driver.held)
		spectator_ask_driver(s);
	if (!status && s->folded)
		spectator_tell(s, news.records, from);
	if (!status && ferror(s->printer.out))
		status = error_set(s->err, ERR_IO, NULL,
				   _("what is told cannot be written"));
	if (status || spectator_has_ended(s))
		spectator_stop(s, status);
}

static void spectator_signal(void *data, int signal)
{
	(void)signal;
	spectator_stop(data, 0);
}

/* ---- from beginning to end ----------------------------------------------- */

static int spectator_open(struct spectator *s)
{
	static const int signals[] = {SIGINT};
	int status = journal_follow_open(s->options.dir->path, &s->follow,
					 s->err);

	if (!status)
		status = loop_open(&s->loop, s->err);
	if (!status)
		status = loop_signals(s->loop, signals, 1, spectator_signal, s,
				      s->err);
	if (!status)
		status = loop_timer(s->loop, 0, SPECTATOR_LOOK_MS,
				    spectator_tick, s, &s->tick, s->err);
	return status;
}

int spectator_run(const struct spectator_options *options,
		  struct spectator_end *ret, struct error *err)
{
	struct spectator s = {.options = *options, .err = err};
	int status;

	s.printer.out = options->out;
	s.printer.utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	engine_init(&s.engine, options->runbook);
	report_fold_init(&s.run);
	status = spectator_open(&s);
	if (!status)
		status = loop_run(s.loop, err);
	if (!status)
		status = s.status;
	ret->phase = s.engine.phase;
	ret->result = s.engine.result;
	loop_close(s.loop);
	journal_follow_close(s.follow);
	engine_release(&s.engine);
	return status;
}
