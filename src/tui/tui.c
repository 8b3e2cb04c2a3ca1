/*
 * See tui.h. The conductor's callbacks only take note; a tick of its own draws
 * (how soon: tempo.h) and carries out what was wished for. Signals arrive
 * through the loop like keys.
 */
#include "tui/tui.h"

#include <langinfo.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/text.h"
#include "net/loop.h"
#include "tui/screen.h"
#include "view/words.h"

#define TUI_RECORDS_MAX 2000    /* of the journal, kept for its page */
#define TUI_MESSAGES_MAX 200

/* Has it draw soon, or as soon as that may be. */
static void tui_wake(struct tui *tui, enum tempo_why why)
{
	int64_t now = loop_now(tui->loop);
	int64_t wait = tempo_wait(&tui->tempo, why, now);

	if (!tui->tick || now + wait >= tui->tick_ms)
		return;
	tui->tick_ms = now + wait;
	loop_timer_set(tui->tick, wait);
}

static void tui_keep(json_t *list, json_t *value, size_t most)
{
	if (json_array_size(list) >= most)
		json_array_remove(list, 0);
	json_array_append_new(list, value);
}

void tui_say(struct tui *tui, const char *text)
{
	text_sanitise(tui->message, sizeof(tui->message), text);
	tui->message_passes = tui->message_waits = false;
	tui_keep(tui->messages, json_string(tui->message), TUI_MESSAGES_MAX);
	tui_wake(tui, TEMPO_ASKED);
}

/* ---- drawing ------------------------------------------------------------- */

static void tui_input(struct tui *tui, struct view_input *input)
{
	view_input_of(tui->conductor, clock_wall_ms(), tui->utf8, input);
}

/* The bell rings when the operator is waited for, when a clock asks, when two
 * databases take writes, and when somebody else has the Lease. */
static void tui_ring(struct tui *tui, const struct view_input *input)
{
	char alarm[WORDS_MAX];
	int percent = words_budget_percent(input);
	int way_back = words_way_back_percent(input);
	bool two = words_two_writers(input, alarm);
	bool astray = words_is_astray(input) && !input->lease->coming;
	bool calls = tui_gate_calls(tui, input);

	if (calls || percent > tui->percent || way_back > tui->way_back_percent ||
	    (two && !tui->two_writers) || (astray && !tui->astray))
		terminal_bell(&tui->terminal);
	tui->astray = astray;
	tui->percent = percent;
	tui->way_back_percent = way_back;
	tui->two_writers = two;
}

static uint64_t tui_news(const struct tui *tui)
{
	return conduct_facts(tui->conductor)->cluster.news;
}

static void tui_draw(struct tui *tui, const struct view_input *input)
{
	struct view_ui ui = {
		.width = tui->terminal.width, .height = tui->terminal.height,
		.page = tui->ended ? VIEW_END : tui->page,
		.scroll = tui->scroll, .prompt = tui_prompt(tui, input),
		.message = tui->message[0] ? tui->message : NULL,
		.choosing = tui->mode == MODE_GUARD ||
			    tui->mode == MODE_REASON,
		.records = tui->records, .messages = tui->messages,
		.ahead = tui->ahead, .ahead_step = tui->ahead_step,
	};
	struct frame frame;
	bool shown;

	/* on a terminal without an end, in its corner */
	if (ui.width > FRAME_WIDTH_MAX)
		ui.width = FRAME_WIDTH_MAX;
	if (ui.height > FRAME_HEIGHT_MAX)
		ui.height = FRAME_HEIGHT_MAX;
	/* out of memory: what is shown stays */
	if (frame_init(&frame, ui.width, ui.height))
		return;
	view_draw(input, &ui, &frame, &tui->rows);
	shown = terminal_draw(&tui->terminal, &frame);
	frame_release(&frame);
	tempo_drawn(&tui->tempo, loop_now(tui->loop));
	if (!shown)             /* see tui_drained */
		return;
	tui_gate_drawn(tui);
	if (!tui_is_small(tui) &&
	    (ui.page == VIEW_WAY_BACK || input->reality))
		tui->way_back_shown = input->way_back->version;
	tui->end_shown = tui->ended;
	if (tui_gate_is_new(tui))
		tui_wake(tui, TEMPO_CLOCK);
	tui->news = tui_news(tui);
	tui->recorded = false;
}

static void tui_tick(void *data)
{
	struct tui *tui = data;
	struct view_input input;
	struct error err = {0};

	tui->tick_ms = INT64_MAX;
	if (!tui->conductor)
		return;
	if (tui->ended && tui->leave) {
		loop_stop(tui->loop);
		return;
	}
	if (tui->park && conduct_may(tui->conductor, DECIDE_PARK) &&
	    conduct_park(tui->conductor, tui->park, &err))
		tui_say(tui, err.message);
	tui_input(tui, &input);
	if (tui->message_waits && !input.unwritten)
		tui->message[0] = '\0';
	tui_watch_gate(tui, &input);
	tui_ring(tui, &input);
	tui_draw(tui, &input);
}

/* A slow terminal has taken what was drawn; what is true now may be newer. */
static void tui_drained(void *data)
{
	tui_wake(data, TEMPO_ASKED);
}

/* ---- keys and signals ---------------------------------------------------- */

static void tui_press(struct tui *tui, int key)
{
	struct view_input input;

	if (!tui->conductor)
		return;
	tui_input(tui, &input);
	tui_watch_gate(tui, &input);
	tui_key(tui, &input, key);
	tui_wake(tui, TEMPO_ASKED);
}

/* Parks the run and leaves without an end page. */
static void tui_abandon(struct tui *tui, const char *reason)
{
	tui->park = reason;
	tui->leave = true;
	tui_wake(tui, TEMPO_ASKED);
}

static void tui_readable(void *data, short revents)
{
	struct tui *tui = data;
	int key;

	if ((revents & (POLLHUP | POLLERR | POLLNVAL)) != 0) {
		loop_unwatch_fd(tui->watch);
		tui->watch = NULL;
		tui_abandon(tui, _("the terminal went away"));
		return;
	}
	while ((key = terminal_key(&tui->terminal)) != KEY_CODE_NONE)
		tui_press(tui, key);
}

static void tui_signal(void *data, int signal)
{
	struct tui *tui = data;

	switch (signal) {
	case SIGINT:
		tui_press(tui, KEY_CODE_CTRL_C);
		return;
	case SIGTERM:
	case SIGQUIT:
		tui_abandon(tui, _("terminated"));
		return;
	case SIGHUP:
		tui_abandon(tui, _("the terminal went away"));
		return;
	case SIGTSTP:
		terminal_suspend(&tui->terminal);
		break;
	default:
		terminal_resize(&tui->terminal);
		break;
	}
	tui_wake(tui, TEMPO_ASKED);
}

/* ---- the conductor's callbacks ------------------------------------------- */

static void tui_changed(void *data)
{
	struct tui *tui = data;

	if (!tui->conductor)
		return;
	if (tui->recorded || tui->news != tui_news(tui))
		tui_wake(tui, TEMPO_NEWS);
	else
		tui_wake(tui, conduct_engine(tui->conductor)->window_open ?
			 TEMPO_CLOCK : TEMPO_REST);
}

static void tui_recorded(void *data, const json_t *record)
{
	struct tui *tui = data;

	tui_keep(tui->records, json_deep_copy(record), TUI_RECORDS_MAX);
	tui->recorded = true;
}

static void tui_ended(void *data)
{
	struct tui *tui = data;

	tui->ended = true;
	tui->was_typing = tui_is_typing(tui);
	tui->scroll = 0;
	tui_wake(tui, TEMPO_ASKED);
}

static void tui_message(void *data, const struct error *err)
{
	struct tui *tui = data;
	char text[ERROR_WHERE_MAX + ERROR_MESSAGE_MAX];

	error_text(err, text, sizeof(text));
	tui_say(tui, text);
	tui->message_waits = tui->conductor &&
			     conduct_unwritten(tui->conductor);
}

/* ---- opening and closing ------------------------------------------------- */

static int tui_start(struct tui *tui, struct error *err)
{
	static const int signals[] = {SIGWINCH, SIGINT, SIGTERM, SIGQUIT,
				      SIGHUP, SIGTSTP, SIGCONT};
	int status;

	if (!tui->records || !tui->messages)
		return error_nomem(err);
	tui->tick_ms = INT64_MAX;
	status = loop_timer(tui->loop, LOOP_TIMER_REST, LOOP_TIMER_REST,
			    tui_tick, tui, &tui->tick, err);
	if (!status)
		status = loop_signals(tui->loop, signals,
				      sizeof(signals) / sizeof(signals[0]),
				      tui_signal, tui, err);
	if (!status)
		status = terminal_open(&tui->terminal, tui->loop, tui_drained,
				       tui, err);
	if (!status)
		status = loop_watch_fd(tui->loop, STDIN_FILENO, POLLIN,
				       tui_readable, tui, &tui->watch, err);
	return status;
}

int tui_open(struct loop *loop, struct tui **ret, struct error *err)
{
	struct tui *tui = calloc(1, sizeof(*tui));
	int status;

	if (!tui)
		return error_nomem(err);
	tui->loop = loop;
	tui->utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	tui->records = json_array();
	tui->messages = json_array();
	tui->listener = (struct conduct_listener){
		tui, tui_changed, tui_recorded, tui_ended, tui_message};
	status = tui_start(tui, err);
	if (status)
		tui_close(tui);
	else
		*ret = tui;
	return status;
}

const struct conduct_listener *tui_listener(struct tui *tui)
{
	return &tui->listener;
}

void tui_attach(struct tui *tui, struct conductor *conductor,
		const json_t *records)
{
	size_t count = json_array_size(records);
	size_t from = count > TUI_RECORDS_MAX ? count - TUI_RECORDS_MAX : 0;

	for (size_t i = from; i < count; i++)
		json_array_append(tui->records, json_array_get(records, i));
	tui->conductor = conductor;
}

void tui_close(struct tui *tui)
{
	if (!tui)
		return;
	loop_unwatch_fd(tui->watch);
	loop_timer_cancel(tui->tick);
	terminal_close(&tui->terminal);
	json_decref(tui->records);
	json_decref(tui->messages);
	free(tui);
}
