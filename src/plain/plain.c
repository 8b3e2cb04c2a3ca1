/*
 * See plain.h. The conductor's callbacks only take note; what follows from
 * them is done in a turn of its own (plain_tick), so that no decision is made
 * from inside the conductor.
 */
#include "plain/plain.h"

#include <errno.h>
#include <langinfo.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/text.h"
#include "journal/event.h"
#include "net/loop.h"
#include "net/outlet.h"
#include "plain/lines.h"

#define PLAIN_END_MS 3000       /* what can't be seen by then is unknown */
#define PLAIN_END_POLL_MS 100

void plain_say_error(struct plain *plain, const char *word,
			    const struct error *err)
{
	char text[ERROR_WHERE_MAX + ERROR_MESSAGE_MAX];

	error_text(err, text, sizeof(text));
	print_line(&plain->printer, "%s: %s", word, text);
}

void plain_input(struct plain *plain, struct view_input *input)
{
	view_input_of(plain->conductor, clock_wall_ms(), plain->printer.utf8,
		      input);
}

static void plain_tick(void *data);

/* The end is told once: by what is seen after the last act, if that comes. */
static void plain_end(struct plain *plain)
{
	struct view_input input;

	plain_input(plain, &input);
	if (!print_end_is_known(&input) &&
	    loop_now(plain->loop) - plain->ended_ms < PLAIN_END_MS &&
	    !loop_timer(plain->loop, PLAIN_END_POLL_MS, 0, plain_tick, plain,
			&plain->tick, NULL))
		return;
	print_end(&plain->printer, &input);
	loop_stop(plain->loop);
}

static void plain_tick(void *data)
{
	struct plain *plain = data;
	struct view_input input;
	struct error err = {0};

	plain->tick = NULL;
	if (!plain->conductor)
		return;
	if (plain->ended) {
		plain_end(plain);
		return;
	}
	/* a beat is due, and tells when it has been: what is said till then would
	 * be of two moments */
	if (conduct_is_behind(plain->conductor))
		return;
	plain_input(plain, &input);
	alarms_say(&plain->alarms, &plain->printer, &input);
	sight_say(&plain->sight, &plain->printer, &input);
	waits_say(&plain->waits, &plain->printer, &input);
	plain_show(plain, &input);
	if (plain->park) {
		if (input.may[DECIDE_PARK] &&
		    conduct_park(plain->conductor, plain->park, &err))
			plain_say_error(plain, _("NO"), &err);
	} else if (plain->options.autopilot &&
		   autopilot_step(&plain->autopilot, plain->conductor, &err)) {
		plain_say_error(plain, _("NO"), &err);
	}
}

void plain_wake(struct plain *plain)
{
	if (!plain->tick)
		loop_timer(plain->loop, 0, 0, plain_tick, plain, &plain->tick,
			   NULL);
}

/* ---- what is typed -------------------------------------------------------- */

/* A note in an old encoding must still be a note that can be written. */
static void plain_take(struct plain *plain)
{
	char line[sizeof(plain->line)];

	text_sanitise(line, sizeof(line), plain->line);
	plain_answer(plain, line);
}

static void plain_byte(struct plain *plain, char byte)
{
	if (byte != '\n') {
		if (plain->line_len + 1 < sizeof(plain->line))
			plain->line[plain->line_len++] = byte;
		else
			plain->line_too_long = true;
		return;
	}
	while (plain->line_len && (plain->line[plain->line_len - 1] == '\r' ||
				   plain->line[plain->line_len - 1] == ' '))
		plain->line_len--;
	plain->line[plain->line_len] = '\0';
	plain->line_len = 0;
	/* it says nothing then; but it is a line */
	if (plain->line_too_long) {
		print_line(&plain->printer, "%s", _("NO: that line is too long"));
		plain->line[0] = '\0';
	}
	plain->line_too_long = false;
	plain_take(plain);
}

/* The first reason is the cause; what follows it is a consequence. */
static void plain_park(struct plain *plain, const char *reason)
{
	if (!plain->park)
		plain->park = reason;
	plain_wake(plain);
}

/* gone: it was no person who ended it. A terminal that goes away is often
 * noticed here before its SIGHUP comes. */
static void plain_end_of_input(struct plain *plain, bool gone)
{
	loop_unwatch_fd(plain->watch);
	plain->watch = NULL;
	if (plain->options.autopilot)
		plain_wake(plain);
	else
		plain_park(plain, plain->is_terminal && gone ?
			   _("the terminal went away") : _("end of input"));
}

static void plain_read(void *data, short revents)
{
	struct plain *plain = data;
	char bytes[512];
	ssize_t got = read(plain->options.in_fd, bytes, sizeof(bytes));

	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (got <= 0) {
		plain_end_of_input(plain, got < 0 ||
				   (revents & (POLLHUP | POLLERR)));
		return;
	}
	for (ssize_t i = 0; i < got; i++)
		plain_byte(plain, bytes[i]);
}

static void plain_signal(void *data, int signal)
{
	struct plain *plain = data;

	plain_park(plain, signal == SIGINT ? _("interrupted") :
			  signal == SIGHUP ? _("the terminal went away") :
					     _("terminated"));
	if (plain->conductor && !conduct_may(plain->conductor, DECIDE_PARK))
		print_line(&plain->printer, "%s",
			   _("PARKING as soon as the action in flight has ended; \"cancel\" gives up waiting for it"));
}

/* ---- the conductor's callbacks ------------------------------------------- */

static void plain_changed(void *data)
{
	plain_wake(data);
}

/* What its guards say is printed whole, once a gate has come up or something is
 * stuck; only what changes then is told. */
static bool plain_is_told_elsewhere(const struct plain *plain,
				    const json_t *record)
{
	enum event event = event_parse(json_text(record, "event", ""));
	const struct engine *engine = conduct_engine(plain->conductor);

	if (event == EVENT_GATE_OPENED)
		return !json_flag(record, "undo", false);
	if (event == EVENT_NOTE)        /* alarms.h says what becomes of the Lease */
		return json_at(record, "lease") &&
		       !json_flag(record, "lease/taken", false);
	return event == EVENT_GUARD_CHANGED &&
	       (plain->shown.phase != engine->phase ||
		strcmp(json_text(record, "step", ""),
		       engine->runbook->steps[plain->shown.step].id) != 0);
}

static void plain_recorded(void *data, const json_t *record)
{
	struct plain *plain = data;
	char line[COMMAND_LINE_MAX * 2];

	if (!plain->conductor || plain_is_told_elsewhere(plain, record))
		return;
	if (view_record(conduct_engine(plain->conductor)->runbook, record, line,
			sizeof(line)))
		print_line(&plain->printer, "%s", line);
}

static void plain_ended(void *data)
{
	struct plain *plain = data;

	plain->ended = true;
	plain->ended_ms = loop_now(plain->loop);
	plain_wake(plain);
}

static void plain_message(void *data, const struct error *err)
{
	plain_say_error(data, _("PROBLEM"), err);
}

/* ---- opening and closing ------------------------------------------------- */

/* A reader that has stopped reading must not stop the run. */
static int plain_open_outlet(struct plain *plain, struct error *err)
{
	int status;

	fflush(plain->options.out);
	status = outlet_open(plain->loop, fileno(plain->options.out), NULL,
			     NULL, &plain->outlet, err);
	if (status)
		return status;
	plain->printer.out = outlet_stream(plain->outlet);
	return plain->printer.out ? 0 : error_nomem(err);
}

int plain_open(struct loop *loop, const struct plain_options *options,
	       struct plain **ret, struct error *err)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
	struct plain *plain = calloc(1, sizeof(*plain));
	int status;

	if (!plain)
		return error_nomem(err);
	plain->loop = loop;
	plain->options = *options;
	/* one that has gone says that it is none */
	plain->is_terminal = isatty(options->in_fd);
	plain->printer.utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	plain->listener = (struct conduct_listener){
		plain, plain_changed, plain_recorded, plain_ended,
		plain_message};
	status = plain_open_outlet(plain, err);
	if (!status)
		status = loop_signals(loop, signals,
				      sizeof(signals) / sizeof(signals[0]),
				      plain_signal, plain, err);
	if (!status)
		status = loop_watch_fd(loop, options->in_fd, POLLIN, plain_read,
				       plain, &plain->watch, err);
	if (status)
		plain_close(plain);
	else
		*ret = plain;
	return status;
}

const struct conduct_listener *plain_listener(struct plain *plain)
{
	return &plain->listener;
}

void plain_attach(struct plain *plain, struct conductor *conductor)
{
	plain->conductor = conductor;
}

void plain_close(struct plain *plain)
{
	if (!plain)
		return;
	loop_unwatch_fd(plain->watch);
	loop_timer_cancel(plain->tick);
	if (plain->printer.out)
		fclose(plain->printer.out);
	if (plain->outlet)
		outlet_settle(plain->outlet, OUTLET_ALL);
	outlet_close(plain->outlet);
	free(plain);
}
