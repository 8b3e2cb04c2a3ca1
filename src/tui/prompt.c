/*
 * The line above the keys: what is asked for, or what to do next, in one
 * sentence.
 */
#include <stdio.h>

#include "base/i18n.h"
#include "base/text.h"
#include "tui/screen.h"
#include "view/words.h"

/* On another page: that the run asks for somebody, and how to get there. */
static void label_elsewhere(const struct tui *tui,
			    const struct view_input *input,
			    char text[WORDS_MAX])
{
	const struct runbook_step *step = words_step(input->engine);

	if (tui->gate.goes)
		snprintf(text, WORDS_MAX, "%s",
			 _("Armed: it goes on by itself. Any key stops that. "));
	else if (input->engine->phase == ENGINE_STUCK)
		snprintf(text, WORDS_MAX, _("STUCK %s: Esc shows it. "),
			 step->label);
	else if (tui->gate.open)
		snprintf(text, WORDS_MAX, _("GATE %s is open: Esc shows it. "),
			 step->label);
}

static void label_gate(struct tui *tui, const struct view_input *input,
		       char text[WORDS_MAX])
{
	const char *word = engine_word(input->engine);

	if (!tui->gate.open || tui->gate.goes)
		words_gate(input, text);
	else if (word)
		snprintf(text, WORDS_MAX, _("Enter, then type %s to go on. "),
			 word);
	else if (!tui_gate_is_seen(tui) || tui_gate_is_new(tui))
		snprintf(text, WORDS_MAX, "%s",
			 _("The gate has just opened; a key counts in a moment. "));
	else
		words_gate(input, text);
}

static void label_stuck(const struct view_input *input, char text[WORDS_MAX])
{
	if (words_is_astray(input) || engine_shut_guards(input->engine))
		words_gate(input, text);
	else if (!input->may[DECIDE_RETRY])
		snprintf(text, WORDS_MAX, "%s",
			 _("Looking whether it has happened. "));
	else if (input->engine->stuck_on_check ||
		 engine_must_not_repeat(input->engine))
		snprintf(text, WORDS_MAX, "%s", input->engine->rolling_back ?
			 _("t waits again, S leaves it out, p parks. ") :
			 _("t waits again, r rolls back, p parks. "));
	else if (!input->engine->tried)
		snprintf(text, WORDS_MAX, "%s", input->engine->rolling_back ?
			 _("t sends the rest, S leaves it out, p parks. ") :
			 _("t sends the rest, r rolls back, p parks. "));
	else
		snprintf(text, WORDS_MAX, "%s", input->engine->rolling_back ?
			 _("t tries again, S leaves it out, p parks. ") :
			 _("t tries again, r rolls back, p parks. "));
}

static void label_keys(struct tui *tui, const struct view_input *input)
{
	enum engine_phase phase = input->engine->phase;
	char text[WORDS_MAX] = "";

	if (tui->ended)
		snprintf(text, sizeof(text), "%s", _("Any key leaves. "));
	else if (words_unwritten(input))
		snprintf(text, sizeof(text), "%s", words_unwritten(input));
	else if (input->reality)
		snprintf(text, sizeof(text), "%s", !tui_shows_deed(tui) ?
			 _("A run that was left asks whether to go on: Esc shows it. ") :
			 input->may[DECIDE_RESUME] ?
			 _("Go on with this run? y goes on, p leaves it as it is. ") :
			 _("Looking at the world. "));
	else if (!tui_shows_deed(tui))
		label_elsewhere(tui, input, text);
	else if (phase == ENGINE_GATE)
		label_gate(tui, input, text);
	else if (phase == ENGINE_STUCK)
		label_stuck(input, text);
	else if (tui->gate.goes)
		snprintf(text, sizeof(text), "%s",
			 _("Armed: it goes on by itself. Any key stops that; r rolls back. "));
	else if (phase == ENGINE_ACTING)
		snprintf(text, sizeof(text), "%s",
			 _("Waiting for the answer. Ctrl-C stops waiting. "));
	else if (phase == ENGINE_CHECKING)
		snprintf(text, sizeof(text), "%s",
			 _("Waiting for the checks. Ctrl-C stops waiting. "));
	snprintf(tui->label, sizeof(tui->label), "%.*s",
		 (int)text_fit(text, VIEW_WIDTH_MIN - 2), text);
}

struct view_prompt tui_prompt(struct tui *tui, const struct view_input *input)
{
	static const enum view_asks asks[] = {
		[MODE_KEYS] = VIEW_ASKS_NOTHING,
		[MODE_WORD] = VIEW_ASKS_WORD,
		[MODE_ROLLBACK] = VIEW_ASKS_ROLLBACK,
		[MODE_TAKE_OVER] = VIEW_ASKS_ROLLBACK,
		[MODE_NOTE] = VIEW_ASKS_LINE,
		[MODE_GUARD] = VIEW_ASKS_LINE,
		[MODE_REASON] = VIEW_ASKS_LINE,
		[MODE_SKIP] = VIEW_ASKS_LINE,
		[MODE_PARK] = VIEW_ASKS_YES,
		[MODE_CANCEL] = VIEW_ASKS_YES,
		[MODE_ARM] = VIEW_ASKS_ARM,
	};
	struct view_prompt prompt = {.label = tui->label,
				     .meaning = MEANING_KEY};
	char *label = tui->label;
	size_t size = sizeof(tui->label);

	if (tui_is_typing(tui))
		prompt.text = tui->editor.text;
	if (prompt.text || asks[tui->mode] == VIEW_ASKS_YES)
		prompt.asks = asks[tui->mode];
	if (tui->mode == MODE_WORD && prompt.text)
		snprintf(label, size, _("Type %s to go on: "),
			 engine_word(input->engine));
	else if (tui->mode == MODE_ROLLBACK)
		snprintf(label, size, input->way_back->step_count ?
			 _("Type %s to go back, Esc to stay: ") :
			 _("Nothing was changed. Type %s to end this run, Esc to stay: "),
			 CONDUCT_ROLLBACK_WORD);
	else if (tui->mode == MODE_ARM)
		snprintf(label, size, _("Type %s to arm this gate, only Enter to skip it: "),
			 tui_arm_word(tui));
	else if (tui->mode == MODE_TAKE_OVER)
		snprintf(label, size, _("Type %s to drive this cutover, Esc to leave it: "),
			 CONDUCT_TAKE_OVER_WORD);
	else if (tui->mode == MODE_NOTE)
		snprintf(label, size, "%s", _("Note: "));
	else if (tui->mode == MODE_GUARD)
		snprintf(label, size, "%s", _("Override which guard? Its number: "));
	else if (tui->mode == MODE_REASON)
		snprintf(label, size, _("Why pass guard %zu? "),
			 tui->guard + 1);
	else if (tui->mode == MODE_SKIP)
		snprintf(label, size, _("What %s did stays as it is then. Why leave its undo out? "),
			 words_step(input->engine)->label);
	else if (tui->mode == MODE_PARK)
		snprintf(label, size, "%s", input->engine->window_open ?
			 _("Park: end here, inside the window, while users wait? y, or n: ") :
			 _("Park: end here and leave everything as it is? y, or n: "));
	else if (tui->mode == MODE_CANCEL)
		snprintf(label, size, "%s",
			 _("Stop waiting? What was sent may still happen. y, or n: "));
	else
		label_keys(tui, input);
	return prompt;
}
