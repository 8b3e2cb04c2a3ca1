/*
 * Arming on the screen: one later gate after the other is shown in full and
 * takes its word. Where one goes on by itself, any key ends all arming.
 */
#include <stdint.h>
#include <string.h>

#include "base/i18n.h"
#include "tui/screen.h"

const char *tui_arm_word(const struct tui *tui)
{
	const char *word = conduct_engine(tui->conductor)
				   ->runbook->steps[tui->ahead_step].confirm;

	return word ? word : TUI_ARM_WORD;
}

/* Leaves the page: there is nothing more to be armed, or the operator is done. */
static void arm_end(struct tui *tui, const struct view_input *input)
{
	tui->ahead = NULL;
	tui_go(tui, VIEW_RUN);
	tui_rest(tui, input);
}

void tui_arm(struct tui *tui, const struct view_input *input, size_t from)
{
	size_t step = conduct_armable(tui->conductor, from);
	struct error err = {0};

	if (step == input->engine->runbook->step_count) {
		arm_end(tui, input);
		return;
	}
	tui->ahead = conduct_ahead(tui->conductor, step, &err);
	tui->ahead_step = step;
	if (!tui->ahead) {
		tui_say_error(tui, &err);
		arm_end(tui, input);
		return;
	}
	tui_go(tui, VIEW_AHEAD);
	tui_type(tui, MODE_ARM);
}

void tui_arm_line(struct tui *tui, const struct view_input *input,
		  const char *text)
{
	const struct runbook_step *step =
		&input->engine->runbook->steps[tui->ahead_step];
	struct error err = {0};

	if (*text && strcmp(text, tui_arm_word(tui)) != 0)
		error_set(&err, ERR_INVALID, NULL,
			  _("not armed: arming this gate takes the word '%s'"),
			  tui_arm_word(tui));
	else if (*text)
		conduct_arm(tui->conductor, tui->ahead_step, step->confirm,
			    &err);
	if (err.code) {
		tui_say_error(tui, &err);
		editor_clear(&tui->editor);
		return;
	}
	tui_arm(tui, input, tui->ahead_step + 1);
}

bool tui_stop_armed(struct tui *tui, const struct view_input *input, int key)
{
	struct error err = {0};

	/* a run that was left goes nowhere yet, and is disarmed as it goes on */
	if (input->reality || !engine_goes_by_itself(input->engine))
		return false;
	if (conduct_disarm(tui->conductor, _("the operator pressed a key"),
			   &err)) {
		tui_say_error(tui, &err);
		return false;
	}
	tui_say(tui, _("Disarmed by a key: from here on each gate waits for you."));
	return key != 'r';
}
