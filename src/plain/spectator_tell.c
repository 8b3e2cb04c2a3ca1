/* What the spectator says; see spectator_private.h. Records read as in the
 * plain front end; the line that begins with NOW is for whoever looks up. */
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "plain/command.h"
#include "plain/spectator_private.h"

/* The run's clock goes on by the wall's while nothing is recorded. */
static int64_t spectator_mono(const struct spectator *s, int64_t wall_ms)
{
	int64_t since = wall_ms - s->last_wall_ms;

	if (s->engine.phase == ENGINE_CLOSED || since < 0)
		since = 0;
	return s->engine.last_mono + since;
}

void spectator_input(const struct spectator *s, struct view_input *input)
{
	memset(input, 0, sizeof(*input));
	input->engine = &s->engine;
	input->wall_ms = clock_wall_ms();
	input->mono = spectator_mono(s, input->wall_ms);
	input->utf8 = s->printer.utf8;
}

/* ---- where it stands ----------------------------------------------------- */

static void now_gate(const struct spectator *s, char dst[WORDS_MAX])
{
	const struct engine_step *step = &s->engine.steps[s->engine.step];
	size_t shut = engine_shut_guards(&s->engine);

	if (step->armed)
		snprintf(dst, WORDS_MAX, "%s",
			 _("armed, goes on by itself when its guards are green"));
	else if (shut)
		snprintf(dst, WORDS_MAX, ngettext("gate shut, %zu guard is not green",
						  "gate shut, %zu guards are not green",
						  shut), shut);
	else if (!engine_asks(&s->engine))
		snprintf(dst, WORDS_MAX, "%s", _("about to be undone"));
	else
		snprintf(dst, WORDS_MAX, "%s",
			 _("all guards green, waiting for the operator"));
}

/* A run that is neither driven nor parked goes nowhere, and nobody is waited for:
 * what it was left in. */
static void now_left(const struct spectator *s, char dst[WORDS_MAX])
{
	const char *words[] = {
		[ENGINE_NEW] = _("nobody drives it; it was left as it began"),
		[ENGINE_GATE] = _("nobody drives it; it was left at the gate"),
		[ENGINE_ACTING] = _("nobody drives it; it was left while it acted"),
		[ENGINE_CHECKING] = _("nobody drives it; it was left waiting for its checks"),
		[ENGINE_BETWEEN] = _("nobody drives it; it was left after this step"),
	};
	char why[WORDS_MAX];

	if (s->engine.phase != ENGINE_STUCK) {
		snprintf(dst, WORDS_MAX, "%s", words[s->engine.phase]);
		return;
	}
	words_stuck(&s->engine, why);
	snprintf(dst, WORDS_MAX, _("nobody drives it; it was left STUCK: %.440s"),
		 why);
}

static bool now_is_left(const struct spectator *s)
{
	return !s->driver.held && s->engine.phase != ENGINE_PARKED &&
	       s->engine.phase != ENGINE_CLOSED;
}

/* What goes on at the step at hand. */
static void now_state(const struct spectator *s, char dst[WORDS_MAX])
{
	const char *words[] = {
		[ENGINE_NEW] = _("begins"),
		[ENGINE_ACTING] = _("acting"),
		[ENGINE_CHECKING] = _("waiting for its checks"),
		[ENGINE_BETWEEN] = _("ended"),
		[ENGINE_PARKED] = _("parked"),
	};
	char why[WORDS_MAX];

	if (s->engine.phase == ENGINE_STUCK)
		words_stuck(&s->engine, why);
	if (now_is_left(s))
		now_left(s, dst);
	else if (s->engine.phase == ENGINE_GATE)
		now_gate(s, dst);
	else if (s->engine.phase == ENGINE_STUCK)
		snprintf(dst, WORDS_MAX, _("STUCK: %.480s"), why);
	else
		snprintf(dst, WORDS_MAX, "%s", words[s->engine.phase]);
}

/* What must not be missed, before anything else; "" if all is well. */
static void now_alarm(const struct spectator *s, char dst[WORDS_MAX])
{
	int64_t tripped = engine_tripped(&s->engine);

	dst[0] = '\0';
	if (tripped)
		snprintf(dst, WORDS_MAX,
			 ngettext("TWO WRITERS, %s took %lld transaction after the fence; ",
				  "TWO WRITERS, %s took %lld transactions after the fence; ",
				  (unsigned long)tripped),
			 s->options.runbook->observe.source,
			 (long long)tripped);
}

static void now_text(const struct spectator *s, char dst[WORDS_MAX])
{
	const struct runbook_step *step = words_step(&s->engine);
	char state[WORDS_MAX];

	if (!step) {
		snprintf(dst, WORDS_MAX, s->engine.phase == ENGINE_CLOSED ?
			 _("closed, %s") : "%s",
			 s->engine.phase == ENGINE_CLOSED ?
				 s->run.result : _("begins"));
		return;
	}
	now_state(s, state);
	now_alarm(s, dst);
	snprintf(dst + strlen(dst), WORDS_MAX - strlen(dst),
		 s->engine.rolling_back ? _("rolling back, %s  %s: %s") :
					  "%s  %s: %s",
		 step->label, step->title, state);
}

/* The outage so far, and what was agreed. */
static void now_outage(const struct spectator *s, char dst[WORDS_MAX])
{
	struct view_input input;
	char outage[CLOCK_STAMP_MAX], budget[CLOCK_STAMP_MAX];
	int64_t agreed = s->options.runbook->budget_ms, ms;

	spectator_input(s, &input);
	ms = engine_outage(&s->engine, input.mono);
	words_clock(agreed, false, budget);
	words_clock(ms < 0 ? 0 : ms, true, outage);
	if (ms < 0 && agreed)
		snprintf(dst, WORDS_MAX, _("no outage yet, budget %s"), budget);
	else if (ms < 0)
		snprintf(dst, WORDS_MAX, "%s", _("no outage yet"));
	else if (agreed)
		snprintf(dst, WORDS_MAX, s->engine.window_open ?
			 _("OUTAGE %s / %s") : _("outage %s / %s"), outage,
			 budget);
	else
		snprintf(dst, WORDS_MAX, s->engine.window_open ?
			 _("OUTAGE %s") : _("outage %s"), outage);
}

static void now_say(const struct spectator *s, const char *now)
{
	char outage[WORDS_MAX], clock[CLOCK_STAMP_MAX], argument[PATH_MAX];

	now_outage(s, outage);
	clock_hms(s->last_wall_ms, clock);
	print_line(&s->printer, _("NOW %s; %s; last record %s"), now, outage,
		   clock);
	if (s->engine.phase != ENGINE_PARKED)
		return;
	rundir_argument(s->options.dir, argument);
	print_line(&s->printer,
		   _("PARKED: 'cutover resume %s' goes on with it"), argument);
}

bool spectator_tell_now(struct spectator *s)
{
	char now[WORDS_MAX];

	/* between two steps is no place to stand, but a run may be left there */
	if (s->engine.phase == ENGINE_BETWEEN && !now_is_left(s))
		return false;
	now_text(s, now);
	if (strcmp(now, s->now) == 0)
		return false;
	snprintf(s->now, sizeof(s->now), "%s", now);
	now_say(s, now);
	return true;
}

/* ---- the rest ------------------------------------------------------------ */

void spectator_tell_driver(const struct spectator *s)
{
	const struct lock_holder *holder = &s->driver.holder;
	char argument[PATH_MAX];

	if (s->engine.phase == ENGINE_CLOSED ||
	    (s->engine.phase == ENGINE_PARKED && !s->driver.held))
		return;
	rundir_argument(s->options.dir, argument);
	if (!s->driver.held)
		print_line(&s->printer, _("NOBODY drives this run: its process ended without parking it. 'cutover resume %s' goes on with it, and is followed here; Ctrl-C ends the watching"),
			   argument);
	else if (!holder->pid)
		print_line(&s->printer, _("DRIVEN by %s"),
			   s->run.operator_name);
	else
		print_line(&s->printer, _("DRIVEN by %s: process %" PRId64
					  " on %s since %s"),
			   s->run.operator_name, holder->pid, holder->host,
			   holder->since);
}

void spectator_tell_heading(const struct spectator *s)
{
	struct view_input input;
	char place[WORDS_MAX], now[WORDS_MAX];

	spectator_input(s, &input);
	now_text(s, now);
	words_place(s->options.runbook, place);
	print_line(&s->printer, "%s  %s  %s  %s", s->options.dir->name,
		   s->options.runbook->name, place,
		   s->run.rehearsal ? _("REHEARSAL") : _("LIVE"));
	spectator_tell_driver(s);
	now_say(s, now);
	print_steps(&s->printer, &input);
	print_line(&s->printer, ngettext("SO FAR %zu record:",
					 "SO FAR %zu records:", s->folded),
		   s->folded);
}

void spectator_tell_record(const struct spectator *s, const json_t *record)
{
	char line[COMMAND_LINE_MAX * 2];

	if (view_record(s->options.runbook, record, line, sizeof(line)))
		print_line(&s->printer, "%s", line);
}
