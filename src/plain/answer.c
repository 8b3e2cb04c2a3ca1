/* The operator's lines; see lines.h. */
#include "base/i18n.h"
#include "plain/lines.h"
#include "view/words.h"

static void plain_rollback(struct plain *plain)
{
	struct view_input input;
	struct error err = {0};

	plain_input(plain, &input);
	if (plain->rollback_shown || !input.may[DECIDE_ROLLBACK]) {
		plain->rollback_shown = false;
		if (command_decide(plain->conductor, COMMAND_ROLLBACK, "",
				   &err))
			plain_say_error(plain, _("NO"), &err);
		return;
	}
	print_way_back(&plain->printer, &input);
	print_line(&plain->printer, _("SURE? Type \"%s\" once more to go back; anything else leaves things as they are"),
		   CONDUCT_ROLLBACK_WORD);
	plain->rollback_shown = true;
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

/* Any line stops what goes on by itself; the answer to a gate that asks is an
 * answer. True: it meant to
 * go on, which it does not any more. */
static bool plain_stop_armed(struct plain *plain, enum command_kind kind,
			     const struct view_input *input)
{
	struct error err = {0};

	if (!engine_goes_by_itself(input->engine))
		return false;
	if (conduct_disarm(plain->conductor, _("the operator typed a line"),
			   &err))
		plain_say_error(plain, _("NO"), &err);
	return kind == COMMAND_GO || kind == COMMAND_DISARM ||
	       kind == COMMAND_KINDS;
}

void plain_answer(struct plain *plain, const char *line)
{
	const char *argument;
	enum command_kind kind;
	struct view_input input;
	struct error err = {0};

	if (!plain->conductor || plain->ended || !*line)
		return;
	kind = command_parse(plain->conductor, line, &argument);
	plain_input(plain, &input);
	if (plain_stop_armed(plain, kind, &input))
		return;
	if (kind == COMMAND_ROLLBACK) {
		plain_rollback(plain);
		return;
	}
	plain->rollback_shown = false;
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
	else if (command_decide(plain->conductor, kind, argument, &err))
		plain_say_error(plain, _("NO"), &err);
	plain_wake(plain);
}
