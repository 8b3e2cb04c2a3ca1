/* What has come up, and what changed since it was printed; see lines.h. */
#include <poll.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

#include "base/i18n.h"
#include "base/text.h"
#include "plain/lines.h"
#include "view/words.h"

#define PLAIN_PATIENCE_MS 1500
#define PLAIN_DRAIN_MAX 128     /* reads: a pipe that never ends is not awaited */
#define PLAIN_REASON_MS 1000    /* between two reasons why a gate is shut */

/* Throws away what was typed so far. */
static void plain_drain(struct plain *plain)
{
	struct pollfd ready = {.fd = plain->options.in_fd, .events = POLLIN};
	char waste[512];

	plain->line_len = 0;
	plain->line_too_long = false;
	/* a line begun on a terminal has not come to us yet, and goes too */
	if (plain->watch && isatty(ready.fd))
		tcflush(ready.fd, TCIFLUSH);
	for (int i = 0; i < PLAIN_DRAIN_MAX && plain->watch &&
			poll(&ready, 1, 0) > 0 && (ready.revents & POLLIN) != 0;
	     i++)
		if (read(ready.fd, waste, sizeof(waste)) <= 0)
			return;
}

/* Why nothing is sent, though no guard is red: other than what was told last?
 * Guards tell of themselves. */
static bool plain_has_news(struct plain *plain, const struct view_input *input,
			   bool again)
{
	const char *reason = words_is_astray(input) ? input->lease->text :
			     engine_shut_guards(input->engine) ? NULL :
			     words_problem(input);

	if (!reason)
		reason = "";
	if (!again && (text_same_words(reason, plain->reason) ||
		       input->mono - plain->reason_mono < PLAIN_REASON_MS))
		return false;
	snprintf(plain->reason, sizeof(plain->reason), "%s", reason);
	plain->reason_mono = input->mono;
	return *reason;
}

static void plain_show_gate(struct plain *plain,
			    const struct view_input *input, bool again)
{
	bool open = input->may[DECIDE_CONFIRM];
	bool armed = words_is_armed_now(input);
	bool news = plain_has_news(plain, input, again);

	if (!engine_asks(input->engine)) {
		if (news)
			print_line(&plain->printer, _("WAITING: %s. \"skip REASON\" leaves this undo out"),
				   plain->reason);
		else if (again && engine_shut_guards(input->engine))
			print_waiting(&plain->printer, input);
		return;
	}
	if (again)
		print_gate(&plain->printer, input);
	if (!again && !news && open == plain->shown.open &&
	    armed == plain->shown.armed)
		return;
	if (open && !plain->shown.open)
		plain_drain(plain);
	print_gate_state(&plain->printer, input);
	plain->shown.open = open;
	plain->shown.armed = armed;
}

/* What has just come up waits a moment for its guards to be known. */
static bool plain_waits_for_facts(const struct view_input *input, int64_t since)
{
	if (input->engine->phase == ENGINE_STUCK)
		since = input->engine->acted_mono;
	if (!engine_judges_guards(input->engine) ||
	    input->mono - since > PLAIN_PATIENCE_MS)
		return false;
	for (size_t i = 0; i < input->verdict_count; i++)
		if (input->verdicts[i].state == VERDICT_UNKNOWN)
			return true;
	return input->lease && input->lease->coming;
}

/* A run that was left: told once the world has been seen. */
static void plain_show_reality(struct plain *plain,
			       const struct view_input *input)
{
	if (plain->reality_shown || !input->may[DECIDE_RESUME])
		return;
	plain_drain(plain);
	print_reality(&plain->printer, input);
	plain->way_back_shown = input->way_back->version;
	plain->reality_shown = true;
}

/* Nothing is offered before it has been looked whether it happened. */
static bool plain_still_looks(const struct view_input *input)
{
	return input->engine->phase == ENGINE_STUCK &&
	       !input->may[DECIDE_RETRY] && !words_is_astray(input) &&
	       (!engine_shut_guards(input->engine) ||
		(!input->engine->rolling_back && !input->may[DECIDE_ROLLBACK]));
}

/* Where another try sends, it is open for one, or guards shut it. */
static void plain_show_stuck(struct plain *plain,
			     const struct view_input *input, bool again)
{
	bool open = !engine_shut_guards(input->engine);

	if (!again && open == plain->shown.open)
		return;
	plain_drain(plain);
	if (again)
		print_stuck(&plain->printer, input);
	else
		print_stuck_state(&plain->printer, input);
	plain->shown.open = open;
}

void plain_show(struct plain *plain, const struct view_input *input)
{
	const struct engine *engine = input->engine;
	struct plain_shown *shown = &plain->shown;
	int64_t since = engine->steps[engine->step].gate_mono;
	uint64_t effects = conduct_effects_version(plain->conductor);
	bool changed = effects != shown->effects;
	bool again = shown->phase != engine->phase ||
		     shown->step != engine->step ||
		     (engine->phase == ENGINE_STUCK &&
		      shown->effect != engine->effect) ||
		     shown->rolling_back != engine->rolling_back ||
		     shown->since != since;

	if (input->reality) {
		plain_show_reality(plain, input);
		return;
	}
	if (again && (plain_waits_for_facts(input, since) ||
		      plain_still_looks(input)))
		return;
	*shown = (struct plain_shown){engine->phase, engine->step,
				      engine->effect, engine->rolling_back,
				      since, !again && shown->open,
				      !again && shown->armed, effects};
	if (again)
		plain->rollback_shown = false;
	/* what would be sent is never other than what was printed last */
	if (!again && changed)
		print_changed_effects(&plain->printer, input);
	if (engine->phase == ENGINE_GATE) {
		plain_show_gate(plain, input, again);
	} else if (engine->phase == ENGINE_STUCK) {
		plain_show_stuck(plain, input, again);
	}
}
