/*
 * The gate as it is and as it is shown: a key is for what stood on the screen.
 * What was typed before a gate opened is thrown away (promise 7); and what has
 * opened is decided only once it was shown, and by a single key only once it
 * has stood there for the time of a glance: a second y, from somebody who saw no
 * answer to the first, or the y to a question that has gone away, is for nothing.
 */
#include "base/i18n.h"
#include "net/loop.h"
#include "tui/screen.h"

static bool gate_is_same(const struct tui_gate *a, const struct tui_gate *b)
{
	return a->phase == b->phase && a->step == b->step &&
	       a->effect == b->effect &&
	       a->rolling_back == b->rolling_back && a->since == b->since &&
	       a->resumes == b->resumes;
}

bool tui_gate_is_seen(const struct tui *tui)
{
	return gate_is_same(&tui->gate, &tui->drawn) &&
	       tui->gate.open == tui->drawn.open &&
	       tui->gate.goes == tui->drawn.goes;
}

void tui_gate_drawn(struct tui *tui)
{
	if (!tui_shows_deed(tui) || tui_is_small(tui))
		return;
	if (!tui_gate_is_seen(tui))
		tui->drawn_ms = loop_now(tui->loop);
	tui->drawn = tui->gate;
}

bool tui_gate_is_new(const struct tui *tui)
{
	int64_t now = loop_now(tui->loop);

	return tui->gate.open && (now - tui->drawn_ms < TUI_GLANCE_MS ||
				  now - tui->swept_ms < TUI_SWEPT_MS);
}

void tui_watch_gate(struct tui *tui, const struct view_input *input)
{
	const struct engine *engine = input->engine;
	struct tui_gate now = {
		.phase = engine->phase, .step = engine->step,
		.effect = engine->effect,
		.rolling_back = engine->rolling_back,
		.since = engine->steps[engine->step].gate_mono,
		.resumes = input->reality != NULL,
		.open = input->may[DECIDE_CONFIRM] ||
			input->may[DECIDE_RESUME],
		.goes = !input->reality && engine_goes_by_itself(engine),
	};
	bool other = !gate_is_same(&now, &tui->gate);
	bool turned = now.open != tui->gate.open ||
		      now.goes != tui->gate.goes;

	tui->gate = now;
	if (!other && !turned)
		return;
	if (other && tui->message_passes)
		tui->message[0] = '\0';
	if (now.open || now.phase == ENGINE_STUCK)
		terminal_flush(&tui->terminal);
	if (other && (tui->mode == MODE_PARK || tui->mode == MODE_CANCEL))
		tui->swept_ms = loop_now(tui->loop);
	/* What asked about the state before asks no more. Who had left the word
	 * for the keys keeps them, when the same gate shuts for a moment: an r
	 * is no letter of the word then. */
	if (other || tui->mode == MODE_WORD ||
	    (tui->mode == MODE_KEYS && !tui->left))
		if (tui->mode != MODE_NOTE)
			tui_rest(tui, input);
	if (other && (tui->page == VIEW_WAY_BACK || tui->page == VIEW_AHEAD))
		tui_go(tui, VIEW_RUN);
}

bool tui_gate_calls(struct tui *tui, const struct view_input *input)
{
	const struct engine *engine = input->engine;
	struct tui_gate before = tui->called;

	tui->called = tui->gate;
	tui->called.open = !input->reality &&
			   (engine->phase == ENGINE_STUCK ||
			    (engine_gate_is_open(engine) &&
			     engine_asks(engine) && !tui->gate.goes));
	return tui->called.open &&
	       !(before.open && gate_is_same(&before, &tui->called));
}
