/* The operator's lines; see lines.h. */
#include <string.h>

#include "base/i18n.h"
#include "net/outlet.h"
#include "plain/lines.h"
#include "view/words.h"

#define ANSWER_READ_MS 15000    /* to read a way back, and to type a word */

/* Is the way back what was printed? How many it loses grows while users write:
 * that may be as old as somebody takes to read. */
static bool plain_rollback_stands(const struct plain *plain,
				  const struct view_input *input)
{
	return plain->rollback_shown && outlet_is_drained(plain->outlet) &&
	       input->way_back->version == plain->way_back_shown &&
	       (input->way_back->lost == plain->rollback_lost ||
		input->mono - plain->rollback_mono < ANSWER_READ_MS);
}

static void plain_rollback(struct plain *plain)
{
	struct view_input input;
	struct error err = {0};

	plain_input(plain, &input);
	if (plain_rollback_stands(plain, &input) ||
	    !input.may[DECIDE_ROLLBACK]) {
		plain->rollback_shown = false;
		if (command_decide(plain->conductor, COMMAND_ROLLBACK, "",
				   plain->way_back_shown, &err))
			plain_say_error(plain, _("NO"), &err);
		return;
	}
	if (plain->rollback_shown)
		print_line(&plain->printer, "%s",
			   _("CHANGED: it is not the way back that was printed"));
	print_way_back(&plain->printer, &input);
	print_line(&plain->printer, _("SURE? Type \"%s\" once more to go back; anything else leaves things as they are"),
		   CONDUCT_ROLLBACK_WORD);
	plain->rollback_shown = true;
	plain->way_back_shown = input.way_back->version;
	plain->rollback_lost = input.way_back->lost;
	plain->rollback_mono = input.mono;
}

/* What a later gate would send, before its word is asked for. True: it has
 * been shown, and that was all that was asked for. */
static bool plain_arm(struct plain *plain, const char *argument,
		      const struct view_input *input)
{
	const struct effects *effects;
	struct error err = {0};
	const char *word;
	size_t step;

	if (command_step(plain->conductor, argument, &word, &step, &err) == 0 &&
	    *word)
		return false;
	effects = err.code ? NULL :
		  conduct_ahead(plain->conductor, step, &err);
	if (effects)
		print_ahead(&plain->printer, input, step, effects);
	else
		plain_say_error(plain, _("NO"), &err);
	return true;
}

/* Any line stops what goes on by itself, an empty one too; the answer to a gate
 * that asks is an answer. True: it meant to go on, which it does not any more. */
static bool plain_stop_armed(struct plain *plain, enum command_kind kind,
			     const struct view_input *input)
{
	struct error err = {0};

	if (input->reality || !engine_goes_by_itself(input->engine))
		return false;
	if (conduct_disarm(plain->conductor, _("the operator typed a line"),
			   &err))
		plain_say_error(plain, _("NO"), &err);
	return kind == COMMAND_GO || kind == COMMAND_DISARM ||
	       kind == COMMAND_KINDS;
}

/* Was what the run stands at printed, and has all of it been taken? */
static bool plain_is_printed(const struct plain *plain,
			     const struct engine *engine)
{
	const struct plain_shown *shown = &plain->shown;

	return outlet_is_drained(plain->outlet) &&
	       shown->phase == engine->phase && shown->step == engine->step &&
	       shown->effect == engine->effect &&
	       shown->rolling_back == engine->rolling_back &&
	       shown->since == engine->steps[engine->step].gate_mono;
}

/* Why it would answer what has not been printed, whatever is true by now: the
 * facts of this moment may open what was shut when the line was typed. NULL: it
 * would not. */
static const char *plain_is_early(const struct plain *plain,
				  enum command_kind kind,
				  const struct view_input *input)
{
	const struct engine *engine = input->engine;
	bool goes = kind == COMMAND_GO && engine_asks(engine);
	bool retries = kind == COMMAND_RETRY && engine->phase == ENGINE_STUCK;

	if (input->reality ? kind == COMMAND_RESUME &&
			     !(plain->reality_shown &&
			       outlet_is_drained(plain->outlet)) :
	    (goes || retries) && !plain_is_printed(plain, engine))
		return _("what that would answer was not printed yet");
	if (!input->reality && (goes || retries) && !plain->shown.open)
		return goes ? _("the gate is shut, as it was last printed") :
			      _("no other try while its guards are not green, as they were last printed");
	return NULL;
}

void plain_answer(struct plain *plain, const char *line)
{
	const char *argument, *early;
	enum command_kind kind;
	struct view_input input;
	struct error err = {0};

	if (!plain->conductor || plain->ended)
		return;
	kind = command_parse(plain->conductor, line, &argument);
	plain_input(plain, &input);
	if (plain_stop_armed(plain, kind, &input) || !*line)
		return;
	if (kind == COMMAND_ROLLBACK) {
		plain_rollback(plain);
		return;
	}
	plain->rollback_shown = false;
	early = plain_is_early(plain, kind, &input);
	if (early) {
		print_line(&plain->printer, _("NO: %s"), early);
		return;
	}
	if (kind == COMMAND_ARM && plain_arm(plain, argument, &input))
		return;
	if (kind == COMMAND_STATUS)
		print_status(&plain->printer, &input);
	else if (kind == COMMAND_HELP)
		print_help(&plain->printer, &input);
	else if (kind == COMMAND_KINDS)
		print_line(&plain->printer,
			   _("NO: '%s' is no command here; \"help\" names them"),
			   line);
	else if (command_decide(plain->conductor, kind, argument,
				plain->way_back_shown, &err))
		plain_say_error(plain, _("NO"), &err);
	plain_wake(plain);
}
