/* Everything a front end may draw on, taken from the conductor. */
#include "view/view.h"

bool view_may_override(const struct view_input *input, size_t guard)
{
	const struct conditions *guards = &engine_deed(input->engine)->guards;

	return guard < guards->count && guard < input->verdict_count &&
	       !guards->items[guard].hard &&
	       !input->engine->guards[guard].overridden &&
	       input->verdicts[guard].state != VERDICT_GREEN;
}

static bool view_overridable(const struct view_input *input)
{
	for (size_t i = 0; i < input->verdict_count; i++)
		if (view_may_override(input, i))
			return true;
	return false;
}

void view_input_of(const struct conductor *conductor, int64_t wall_ms,
		   bool utf8, struct view_input *input)
{
	*input = (struct view_input){
		.engine = conduct_engine(conductor),
		.facts = conduct_facts(conductor),
		.options = conduct_options(conductor),
		.effects = conduct_effects(conductor),
		.way_back = conduct_way_back(conductor),
		.reality = conduct_reality(conductor),
		.seen = conduct_seen(conductor),
		.forbidden = conduct_forbidden(conductor),
		.lease = conduct_lease(conductor),
		.unwritten = conduct_unwritten(conductor),
		.mono = conduct_mono(conductor),
		.wall_ms = wall_ms,
		.utf8 = utf8,
	};
	input->verdicts = conduct_verdicts(conductor, &input->verdict_count);
	for (int d = 0; d < VIEW_DECISIONS; d++)
		input->may[d] = conduct_may(conductor, (enum decision)d);
	if (input->may[DECIDE_OVERRIDE])
		input->may[DECIDE_OVERRIDE] = view_overridable(input);
}
