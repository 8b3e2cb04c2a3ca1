/* See command.h. */
#include "plain/command.h"

#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/text.h"
#include "view/words.h"

const struct command command_table[] = {
	[COMMAND_RESUME] = {"resume", "",
		N_("go on with the run that was left"), DECIDE_RESUME},
	[COMMAND_GO] = {"go", "", N_("confirm the open gate"), DECIDE_CONFIRM},
	[COMMAND_ROLLBACK] = {"rollback", "",
		N_("show the way back; typed once more, go back"),
		DECIDE_ROLLBACK},
	[COMMAND_RETRY] = {"retry", "",
		N_("send again what failed, or wait again"), DECIDE_RETRY},
	[COMMAND_SKIP] = {"skip", " REASON",
		N_("leave this undo out, and go on with the way back"),
		DECIDE_SKIP},
	[COMMAND_OVERRIDE] = {"override", " N REASON",
		N_("pass guard N, which is not green"), DECIDE_OVERRIDE},
	[COMMAND_ARM] = {"arm", " STEP [WORD]",
		N_("show a later gate in full; with its word, confirm it ahead"),
		DECIDE_ARM},
	[COMMAND_DISARM] = {"disarm", "",
		N_("end all arming; inside the window any line does"),
		DECIDE_DISARM},
	[COMMAND_NOTE] = {"note", " TEXT", N_("write a note into the record"),
		DECIDE_NOTE},
	[COMMAND_PARK] = {"park", " [REASON]",
		N_("leave everything as it is, to be resumed"), DECIDE_PARK},
	[COMMAND_CANCEL] = {"cancel", "",
		N_("give up waiting; what was sent may still happen"),
		DECIDE_CANCEL},
	[COMMAND_TAKEOVER] = {CONDUCT_TAKE_OVER_WORD, "",
		N_("take the Lease from whoever let it expire, and drive"),
		DECIDE_TAKE_OVER},
	[COMMAND_STATUS] = {"status", "", N_("say what is true now"), -1},
	[COMMAND_HELP] = {"help", "", N_("this list"), -1},
};

/* Does the gate at hand open to this very word? */
static bool command_is_word(const struct conductor *conductor, const char *line)
{
	const char *word = engine_word(conduct_engine(conductor));

	return word && strcmp(word, line) == 0;
}

enum command_kind command_parse(const struct conductor *conductor,
				const char *line, const char **ret_argument)
{
	size_t len = strcspn(line, " ");

	*ret_argument = line + len + strspn(line + len, " ");
	if (command_is_word(conductor, line)) {
		*ret_argument = line;
		return COMMAND_GO;
	}
	for (int kind = 0; kind < COMMAND_KINDS; kind++)
		if (strlen(command_table[kind].name) == len &&
		    strncmp(command_table[kind].name, line, len) == 0)
			return (enum command_kind)kind;
	return COMMAND_KINDS;
}

static int command_override(struct conductor *conductor, const char *argument,
			    struct error *err)
{
	size_t len = strcspn(argument, " ");
	char number[16];
	int64_t guard;

	snprintf(number, sizeof(number), "%.*s", (int)len, argument);
	if (text_parse_int(number, 1, RUNBOOK_ITEMS_MAX, &guard))
		return error_set(err, ERR_SYNTAX, NULL,
				 _("say which guard and why: override N REASON"));
	argument += len + strspn(argument + len, " ");
	return conduct_override(conductor, (size_t)guard - 1, argument, err);
}

int command_step(const struct conductor *conductor, const char *argument,
		 const char **ret_word, size_t *ret_step, struct error *err)
{
	const struct runbook *runbook = conduct_engine(conductor)->runbook;
	size_t len = strcspn(argument, " ");

	*ret_word = argument + len + strspn(argument + len, " ");
	for (size_t i = 0; i < runbook->step_count; i++)
		if (strlen(runbook->steps[i].label) == len &&
		    strncmp(runbook->steps[i].label, argument, len) == 0) {
			*ret_step = i;
			return 0;
		}
	return error_set(err, ERR_SYNTAX, NULL,
			 _("say which step, by its number: arm STEP [WORD]"));
}

const char *command_arm_word(const struct runbook_step *step)
{
	return step->confirm ? step->confirm : command_table[COMMAND_GO].name;
}

static int command_arm(struct conductor *conductor, const char *argument,
		       struct error *err)
{
	const struct runbook_step *step;
	const char *word;
	size_t index;
	int status = command_step(conductor, argument, &word, &index, err);

	if (status)
		return status;
	step = &conduct_engine(conductor)->runbook->steps[index];
	if (strcmp(word, command_arm_word(step)) != 0)
		return error_set(err, ERR_INVALID, NULL,
				 _("not armed: arming this gate takes the word '%s'"),
				 command_arm_word(step));
	return conduct_arm(conductor, index, step->confirm, err);
}

int command_decide(struct conductor *conductor, enum command_kind kind,
		   const char *argument, uint64_t way_back, struct error *err)
{
	switch (kind) {
	case COMMAND_RESUME:
		return conduct_resume(conductor, way_back, err);
	case COMMAND_ARM:
		return command_arm(conductor, argument, err);
	case COMMAND_DISARM:
		return conduct_disarm(conductor, _("the operator said so"),
				      err);
	case COMMAND_GO:
		return conduct_confirm(conductor, *argument ? argument : NULL,
				       err);
	case COMMAND_ROLLBACK:
		return conduct_rollback(conductor, CONDUCT_ROLLBACK_WORD,
					way_back, err);
	case COMMAND_RETRY:
		return conduct_retry(conductor, err);
	case COMMAND_SKIP:
		return conduct_skip(conductor, argument, err);
	case COMMAND_OVERRIDE:
		return command_override(conductor, argument, err);
	case COMMAND_NOTE:
		return conduct_note(conductor, argument, err);
	case COMMAND_PARK:
		return conduct_park(conductor, *argument ? argument :
				    _("the operator parked the run"), err);
	case COMMAND_CANCEL:
		return conduct_cancel(conductor, err);
	case COMMAND_TAKEOVER:
		return conduct_take_over(conductor, CONDUCT_TAKE_OVER_WORD,
					 err);
	default:
		return error_set(err, ERR_INVALID, NULL,
				 _("this is not a decision"));
	}
}
