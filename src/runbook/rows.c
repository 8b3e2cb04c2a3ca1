/* Which numbers the `rows` conditions of a runbook ask for; see model.h. */
#include "runbook/model.h"

#include <string.h>

struct rows_found {
	const struct condition **list;
	size_t count;
	const struct condition *over;
};

static bool rows_has(const struct rows_found *found,
		     const struct condition *condition)
{
	for (size_t i = 0; i < found->count; i++)
		if (strcmp(found->list[i]->on, condition->on) == 0 &&
		    strcmp(found->list[i]->query, condition->query) == 0)
			return true;
	return false;
}

static void rows_add(struct rows_found *found,
		     const struct condition *condition)
{
	if (condition->kind != CONDITION_ROWS || !condition->on ||
	    rows_has(found, condition))
		return;
	if (found->count < RUNBOOK_ROWS_MAX)
		found->list[found->count++] = condition;
	else if (!found->over)
		found->over = condition;
}

static void rows_add_all(struct rows_found *found,
			 const struct conditions *conditions)
{
	for (size_t i = 0; i < conditions->count; i++) {
		const struct condition *condition = &conditions->items[i];

		rows_add(found, condition);
		/* there is no 'any' within an 'any' */
		for (size_t k = 0; k < condition->any_count; k++)
			rows_add(found, &condition->any[k]);
	}
}

size_t runbook_rows(const struct runbook *runbook,
		    const struct condition *ret[RUNBOOK_ROWS_MAX],
		    const struct condition **ret_over)
{
	struct rows_found found = {.list = ret};

	for (size_t i = 0; i < runbook->step_count; i++) {
		const struct runbook_step *step = &runbook->steps[i];

		rows_add_all(&found, &step->deed.guards);
		rows_add_all(&found, &step->deed.checks);
		rows_add_all(&found, &step->undo.guards);
		rows_add_all(&found, &step->undo.checks);
	}
	*ret_over = found.over;
	return found.count;
}
