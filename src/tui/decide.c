/*
 * Keys into decisions. A dangerous gate takes its word, an ordinary one `y`;
 * the way back is shown before it takes its word. What was typed before a gate
 * opened is thrown away, here and in the terminal.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/text.h"
#include "net/loop.h"
#include "tui/screen.h"
#include "view/words.h"

#define TUI_PAGE_ROWS 10

bool tui_shows_deed(const struct tui *tui)
{
	return tui->page == VIEW_RUN || tui->page == VIEW_DETAILS;
}

bool tui_is_small(const struct tui *tui)
{
	return tui->terminal.width < VIEW_WIDTH_MIN ||
	       tui->terminal.height < VIEW_HEIGHT_MIN;
}

bool tui_is_typing(const struct tui *tui)
{
	return tui->mode == MODE_ROLLBACK || tui->mode == MODE_NOTE ||
	       tui->mode == MODE_TAKE_OVER ||
	       tui->mode == MODE_GUARD || tui->mode == MODE_REASON ||
	       tui->mode == MODE_SKIP ||
	       tui->mode == MODE_ARM ||
	       (tui->mode == MODE_WORD && tui_shows_deed(tui));
}

void tui_go(struct tui *tui, enum view_page page)
{
	tui->page = page;
	/* what grows at its end is followed */
	tui->scroll = page == VIEW_JOURNAL || page == VIEW_MESSAGES ?
		      SIZE_MAX : 0;
}

void tui_type(struct tui *tui, enum tui_mode mode)
{
	tui->mode = mode;
	editor_clear(&tui->editor);
}

void tui_rest(struct tui *tui, const struct view_input *input)
{
	/* a run that was left asks whether to go on, not for the gate's word */
	bool word = tui->gate.open && !tui->gate.goes && !input->reality &&
		    engine_word(input->engine);

	tui->left = false;
	tui_type(tui, word ? MODE_WORD : MODE_KEYS);
}

void tui_say_error(struct tui *tui, const struct error *err)
{
	char text[ERROR_WHERE_MAX + ERROR_MESSAGE_MAX];

	error_text(err, text, sizeof(text));
	tui_say(tui, text);
	tui->message_passes = true;
}

/* A refusal is gone once one goes on. */
static void tui_forget_refusal(struct tui *tui)
{
	if (tui->message_passes)
		tui->message[0] = '\0';
}

/* ---- scrolling ----------------------------------------------------------- */

static void tui_scroll(struct tui *tui, int by)
{
	size_t around = tui->message[0] ? 4 : 3;
	size_t height = (size_t)tui->terminal.height;
	size_t shown = height > around ? height - around : 1;
	size_t most = tui->rows > shown ? tui->rows - shown : 0;

	if (tui->scroll > most)
		tui->scroll = most;
	if (by < 0)
		tui->scroll = tui->scroll > (size_t)-by ?
			      tui->scroll - (size_t)-by : 0;
	else
		tui->scroll += (size_t)by;
	/* back at the end, it is followed again */
	if (tui->scroll >= most)
		tui->scroll = tui->page == VIEW_JOURNAL ? SIZE_MAX : most;
}

/* Keys that scroll even while a word is asked for: the way back may be longer
 * than the screen. */
static bool tui_scroll_key(struct tui *tui, int key)
{
	static const struct {
		int key, by;
	} scrolls[] = {
		{KEY_CODE_UP, -1}, {KEY_CODE_DOWN, 1},
		{KEY_CODE_PAGE_UP, -TUI_PAGE_ROWS},
		{KEY_CODE_PAGE_DOWN, TUI_PAGE_ROWS},
	};

	for (size_t i = 0; i < sizeof(scrolls) / sizeof(scrolls[0]); i++)
		if (scrolls[i].key == key) {
			tui_scroll(tui, scrolls[i].by);
			return true;
		}
	return false;
}

/* ---- lines --------------------------------------------------------------- */

/* A guard that cannot be overridden is refused before its reason is typed. */
static int tui_send_guard(struct tui *tui, const struct view_input *input,
			  struct error *err)
{
	const char *text = tui->editor.text;
	int64_t guard;

	if (text_parse_int(text, 1, RUNBOOK_ITEMS_MAX, &guard))
		return error_set(err, ERR_SYNTAX, NULL,
				 _("'%s' is not the number of a guard"), text);
	if ((size_t)guard > input->verdict_count)
		return error_set(err, ERR_SYNTAX, NULL,
				 _("this gate has no guard %lld"),
				 (long long)guard);
	if (!view_may_override(input, (size_t)guard - 1))
		return error_set(err, ERR_SYNTAX, NULL,
				 engine_deed(input->engine)
						->guards.items[guard - 1].hard ?
				 _("guard %lld is hard: nothing overrides it") :
				 _("guard %lld is not shut: there is nothing to override"),
				 (long long)guard);
	tui->guard = (size_t)guard - 1;
	tui_type(tui, MODE_REASON);
	return 0;
}

static void tui_send_line(struct tui *tui, const struct view_input *input)
{
	struct conductor *conductor = tui->conductor;
	const char *text = tui->editor.text;
	enum tui_mode mode = tui->mode;
	struct error err = {0};
	int status = 0;

	if (!*text && mode != MODE_ARM)
		return;
	tui_forget_refusal(tui);
	if (mode == MODE_ARM) {
		tui_arm_line(tui, input, text);
		return;
	}
	if (mode == MODE_GUARD) {
		if (tui_send_guard(tui, input, &err)) {
			tui_say_error(tui, &err);
			editor_clear(&tui->editor);
		}
		return;
	}
	if (mode == MODE_WORD)
		status = conduct_confirm(conductor, text, &err);
	else if (mode == MODE_ROLLBACK)
		status = conduct_rollback(conductor, text, tui->way_back_shown,
					  &err);
	else if (mode == MODE_TAKE_OVER)
		status = conduct_take_over(conductor, text, &err);
	else if (mode == MODE_SKIP)
		status = conduct_skip(conductor, text, &err);
	else if (mode == MODE_NOTE)
		status = conduct_note(conductor, text, &err);
	else if (mode == MODE_REASON)
		status = conduct_override(conductor, tui->guard, text, &err);
	if (status)
		tui_say_error(tui, &err);
	if (status && mode != MODE_WORD) {
		editor_clear(&tui->editor);
		return;
	}
	if (mode == MODE_NOTE) {
		tui_say(tui, _("The note is in the record."));
		tui->message_passes = true;
	}
	if (mode == MODE_ROLLBACK)
		tui_go(tui, VIEW_RUN);
	tui_rest(tui, input);
}

static void tui_typing_key(struct tui *tui, const struct view_input *input,
			   int key)
{
	if (key == KEY_CODE_ENTER) {
		tui_send_line(tui, input);
	} else if (key == KEY_CODE_ESC || key == KEY_CODE_CTRL_C) {
		tui_forget_refusal(tui);
		if (tui->mode == MODE_ROLLBACK || tui->mode == MODE_ARM)
			tui_go(tui, VIEW_RUN);
		/* out of the gate's word into the keys; else back to the word */
		tui->left = tui->mode == MODE_WORD;
		if (tui->left)
			tui_type(tui, MODE_KEYS);
		else
			tui_rest(tui, input);
	} else if (!tui_scroll_key(tui, key)) {
		editor_key(&tui->editor, key);
	}
}

/* A question that y answers; every other key means no. */
static void tui_question_key(struct tui *tui, const struct view_input *input,
			     int key)
{
	enum tui_mode mode = tui->mode;
	struct error err = {0};
	int status = 0;

	tui_rest(tui, input);
	if (key != 'y')
		return;
	if (mode == MODE_PARK)
		status = conduct_park(tui->conductor,
				      _("the operator parked the run"), &err);
	else
		status = conduct_cancel(tui->conductor, &err);
	if (status)
		tui_say_error(tui, &err);
}

/* ---- keys ---------------------------------------------------------------- */

/* What is sent, or goes on to be sent, was seen before: it, or journal and world
 * side by side, and nothing else. */
static void tui_send(struct tui *tui, const struct view_input *input,
		     enum key_action action)
{
	struct error err = {0};
	int status = 0;

	if (!tui_gate_is_seen(tui) || tui_gate_is_new(tui) ||
	    !tui_shows_deed(tui))
		return;
	if (action == ACT_RETRY)
		status = conduct_retry(tui->conductor, &err);
	else if (action == ACT_RESUME)
		status = conduct_resume(tui->conductor, tui->way_back_shown,
					&err);
	else if (!engine_word(input->engine))
		status = conduct_confirm(tui->conductor, NULL, &err);
	if (status)
		tui_say_error(tui, &err);
}

static void tui_disarm(struct tui *tui)
{
	struct error err = {0};

	if (conduct_disarm(tui->conductor, _("the operator said so"), &err))
		tui_say_error(tui, &err);
	else
		tui_say(tui, _("Disarmed: from here on each gate waits for you."));
}

static void tui_leave(struct tui *tui, const struct view_input *input)
{
	if (input->may[DECIDE_PARK])
		tui_type(tui, MODE_PARK);
	else
		tui_say(tui, _("An action is in flight; Ctrl-C stops waiting for it."));
}

/* A Ctrl-C that was to stop a wait, and came too late, must not park the run. */
static bool tui_was_to_cancel(const struct tui *tui, int key,
			      enum key_action action)
{
	return key == KEY_CODE_CTRL_C && action == ACT_QUIT &&
	       loop_now(tui->loop) - tui->drawn_ms < TUI_GLANCE_MS;
}

static void tui_back(struct tui *tui)
{
	if (tui->message[0])
		tui->message[0] = '\0';
	else
		tui_go(tui, VIEW_RUN);
}

static void tui_act(struct tui *tui, const struct view_input *input,
		    enum key_action action)
{
	static const enum view_page pages[ACT_ACTIONS] = {
		[ACT_DETAILS] = VIEW_DETAILS, [ACT_CLUSTER] = VIEW_CLUSTER,
		[ACT_GTIDS] = VIEW_GTIDS, [ACT_WAY_BACK] = VIEW_WAY_BACK,
		[ACT_JOURNAL] = VIEW_JOURNAL, [ACT_MESSAGES] = VIEW_MESSAGES,
		[ACT_HELP] = VIEW_HELP,
	};
	static const int scrolls[ACT_ACTIONS] = {
		[ACT_UP] = -1, [ACT_DOWN] = 1, [ACT_PAGE_UP] = -TUI_PAGE_ROWS,
		[ACT_PAGE_DOWN] = TUI_PAGE_ROWS,
	};
	static const enum tui_mode modes[ACT_ACTIONS] = {
		[ACT_ROLLBACK] = MODE_ROLLBACK, [ACT_NOTE] = MODE_NOTE,
		[ACT_SKIP] = MODE_SKIP,
		[ACT_OVERRIDE] = MODE_GUARD, [ACT_CANCEL] = MODE_CANCEL,
		[ACT_PARK] = MODE_PARK, [ACT_TAKE_OVER] = MODE_TAKE_OVER,
	};

	if (action == ACT_ROLLBACK) {
		tui_go(tui, VIEW_WAY_BACK);
		tui->way_back_shown = TUI_UNSEEN;
	}
	if ((action == ACT_OVERRIDE || action == ACT_TAKE_OVER ||
	     action == ACT_SKIP) &&
	    !tui_shows_deed(tui))
		tui_go(tui, VIEW_RUN);
	if (modes[action])
		tui_type(tui, modes[action]);
	else if (pages[action])
		tui_go(tui, tui->page == pages[action] ? VIEW_RUN :
							 pages[action]);
	else if (scrolls[action])
		tui_scroll(tui, scrolls[action]);
	else if (action == ACT_CONFIRM || action == ACT_RETRY ||
		 action == ACT_RESUME)
		tui_send(tui, input, action);
	else if (action == ACT_ARM)
		tui_arm(tui, input, 0);
	else if (action == ACT_DISARM)
		tui_disarm(tui);
	else if (action == ACT_WORD)
		tui_rest(tui, input);
	else if (action == ACT_BACK)
		tui_back(tui);
	else if (action == ACT_REDRAW)
		terminal_redraw(&tui->terminal);
	else if (action == ACT_QUIT)
		tui_leave(tui, input);
}

/* Why a key does nothing, where one would wonder. */
static void tui_explain(struct tui *tui, const struct view_input *input,
			int key)
{
	const struct engine *engine = input->engine;

	if (key != 'o' || input->unwritten || input->reality ||
	    words_is_astray(input) || engine->phase != ENGINE_GATE ||
	    !engine_shut_guards(engine))
		return;
	tui_say(tui, _("What shuts this gate is hard: nothing overrides it."));
	tui->message_passes = true;
}

/* Any key leaves the end page once it was shown. Somebody who was writing when
 * the end came still writes: then Enter does, which ends what he writes. */
static void tui_end_key(struct tui *tui, int key)
{
	if (!tui->end_shown || (tui->was_typing && key != KEY_CODE_ENTER))
		return;
	loop_stop(tui->loop);
}

void tui_key(struct tui *tui, const struct view_input *input, int key)
{
	const struct key *entry;

	if (tui->ended) {
		tui_end_key(tui, key);
		return;
	}
	/* where a gate cannot be shown, nothing can be decided; but what goes on
	 * by itself can be stopped */
	if (tui_stop_armed(tui, input, key) || tui_is_small(tui))
		return;
	if (tui_is_typing(tui)) {
		if (tui_gate_is_seen(tui) || tui->mode != MODE_WORD)
			tui_typing_key(tui, input, key);
	} else if (tui->mode == MODE_PARK || tui->mode == MODE_CANCEL) {
		tui_question_key(tui, input, key);
	} else {
		entry = keys_find(key, input);
		if (entry && tui_was_to_cancel(tui, key, entry->action))
			tui_say(tui, _("The wait has just ended by itself; to park the run and leave, p."));
		else if (entry)
			tui_act(tui, input, entry->action);
		else
			tui_explain(tui, input, key);
	}
}
