/* See aftermath.h. */
#include "view/aftermath.h"

#include <string.h>

#include "view/view.h"

static const char *aftermath_position(void *data, const char *since,
				      const char *connection)
{
	return engine_position(data, since, connection);
}

static void aftermath_judge(const struct view_input *input,
			    const struct condition *condition,
			    struct aftermath *ret)
{
	int64_t acted_mono = input->engine->acted_mono;
	const struct condition_context context = {
		.facts = input->facts, .now_ms = input->facts->now_ms,
		.not_before_ms = acted_mono < 0 ? INT64_MIN :
				 input->facts->now_ms - input->mono + acted_mono,
		.position = aftermath_position,
		.data = (void *)input->engine,
	};
	struct verdict *item = &ret->items[ret->count];

	if (ret->count == AFTERMATH_MAX)
		return;
	condition_judge(condition, &context, item);
	/* two gates may ask the same */
	for (size_t i = 0; i < ret->count; i++)
		if (!strcmp(ret->items[i].text, item->text))
			return;
	ret->count += item->state != VERDICT_GREEN;
}

bool aftermath_is_pending(const struct aftermath *aftermath)
{
	for (size_t i = 0; i < aftermath->count; i++)
		if (aftermath->items[i].state == VERDICT_UNKNOWN)
			return true;
	return false;
}

static bool aftermath_patches(const struct way_back *back,
			      const struct runbook *runbook,
			      const char *service)
{
	for (size_t i = 0; i < back->step_count; i++) {
		const struct actions *undo =
			&runbook->steps[back->steps[i]].undo.actions;

		for (size_t k = 0; k < undo->count; k++)
			if (undo->items[k].kind == ACTION_PATCH_SERVICE &&
			    !strcmp(undo->items[k].name, service))
				return true;
	}
	return false;
}

/* How many steps there are up to the one with which the window opens; 0: it
 * opens with none. */
static size_t aftermath_steps(const struct runbook *runbook)
{
	for (size_t i = 0; i < runbook->step_count; i++)
		if (runbook->steps[i].downtime == DOWNTIME_STARTS)
			return i + 1;
	return 0;
}

/* What their guards ask holds while users can write. back: only of Services
 * that it does not patch; NULL: of the flag too. */
static void aftermath_of_guards(const struct view_input *input,
				const struct way_back *back,
				struct aftermath *ret)
{
	const struct runbook *runbook = input->engine->runbook;
	size_t steps = aftermath_steps(runbook);

	for (size_t i = 0; i < steps; i++) {
		const struct conditions *guards =
			&runbook->steps[i].deed.guards;

		for (size_t k = 0; k < guards->count; k++) {
			const struct condition *guard = &guards->items[k];

			if (guard->kind == CONDITION_SELECTOR ?
			    !back || !aftermath_patches(back, runbook,
							guard->name) :
			    guard->kind == CONDITION_FLAG && !back)
				aftermath_judge(input, guard, ret);
		}
	}
}

/* Does the runbook fence the source? One that does not leaves it as it is. */
static bool aftermath_fences(const struct runbook *runbook)
{
	for (size_t i = 0; i < runbook->step_count; i++) {
		const struct actions *actions = &runbook->steps[i].deed.actions;

		for (size_t k = 0; k < actions->count; k++)
			if (actions->items[k].kind == ACTION_FENCE &&
			    !strcmp(actions->items[k].on,
				    runbook->observe.source))
				return true;
	}
	return false;
}

static void aftermath_only_red(struct aftermath *ret)
{
	for (size_t i = 0; i < ret->count;)
		if (ret->items[i].state == VERDICT_RED)
			i++;
		else
			ret->items[i] = ret->items[--ret->count];
}

void aftermath_untouched(const struct view_input *input,
			 struct aftermath *ret)
{
	ret->count = 0;
	if (!input->way_back->step_count)
		return;
	aftermath_of_guards(input, input->way_back, ret);
	/* what is merely not seen now is no news of the way back */
	aftermath_only_red(ret);
}

void aftermath_left(const struct view_input *input, struct aftermath *ret)
{
	const struct runbook *runbook = input->engine->runbook;
	const struct condition takes_writes = {
		.kind = CONDITION_READ_ONLY, .on = runbook->observe.source,
	};

	ret->count = 0;
	aftermath_of_guards(input, NULL, ret);
	if (aftermath_fences(runbook))
		aftermath_judge(input, &takes_writes, ret);
}

/* Does what the gate asked hold on, when users write to the target? */
static bool aftermath_holds_on(const struct condition *guard,
			       const char *target)
{
	switch (guard->kind) {
	case CONDITION_FLAG:
	case CONDITION_QUIET:
	case CONDITION_MISSING:
	case CONDITION_ERRANT:
		return false;
	case CONDITION_TRANSACTIONS:
		return strcmp(guard->on, target) != 0;
	default:
		return true;
	}
}

void aftermath_undone(const struct view_input *input, struct aftermath *ret)
{
	const struct runbook *runbook = input->engine->runbook;

	ret->count = 0;
	for (size_t i = 0; i < runbook->step_count; i++) {
		const struct deed *deed = &runbook->steps[i].deed;

		if (runbook->steps[i].downtime != DOWNTIME_ENDS)
			continue;
		for (size_t k = 0; k < deed->guards.count; k++)
			if (aftermath_holds_on(&deed->guards.items[k],
					       runbook->observe.target))
				aftermath_judge(input, &deed->guards.items[k],
						ret);
		for (size_t k = 0; k < deed->checks.count; k++)
			aftermath_judge(input, &deed->checks.items[k], ret);
	}
	aftermath_only_red(ret);
}
