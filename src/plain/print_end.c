/* The last lines of a way back: what it has not brought back. See print.h. */
#include "plain/print.h"

#include "base/i18n.h"
#include "view/aftermath.h"

/* Of what it never touched it says nothing: it may be another run's. */
static bool print_has_end(const struct engine *engine)
{
	return engine->result == RESULT_ROLLED_BACK && engine_has_acted(engine);
}

bool print_end_is_known(const struct view_input *input)
{
	struct aftermath left = {.count = 0};

	if (print_has_end(input->engine))
		aftermath_left(input, &left);
	return !aftermath_is_pending(&left);
}

void print_end(const struct printer *printer, const struct view_input *input)
{
	const struct engine *engine = input->engine;
	struct aftermath left;

	if (!print_has_end(engine))
		return;
	for (size_t i = 0; i < engine->undo_count; i++) {
		const struct runbook_step *step =
			&engine->runbook->steps[engine->undo_steps[i]];

		if (engine->steps[engine->undo_steps[i]].state == STEP_SKIPPED)
			print_line(printer, _("LEFT OUT: the undo of %s  %s"),
				   step->label, step->title);
	}
	aftermath_left(input, &left);
	for (size_t i = 0; i < left.count; i++)
		print_line(printer, left.items[i].state == VERDICT_RED ?
			   _("LOOK AT THIS, users may be refused still: %s") :
			   _("UNKNOWN, users may be refused still: %s"),
			   left.items[i].text);
}
