/* See debrief_guards.h. */
#include "report/debrief_guards.h"

#include <string.h>

#include "base/json.h"

void debrief_guards_fresh(struct debrief_guards *guards)
{
	memset(guards, 0, sizeof(*guards));
	for (size_t i = 0; i < RUNBOOK_ITEMS_MAX; i++)
		guards->shut[i] = -1;
}

int debrief_guards_about(const json_t *record)
{
	int64_t guard = json_number(record, "guard", -1);

	return guard < 0 || guard >= RUNBOOK_ITEMS_MAX ? -1 : (int)guard;
}

void debrief_guards_turn(struct debrief_guards *guards, int guard,
			 const json_t *record, int64_t since)
{
	const char *state = json_text(record, "state", "");

	guards->unknown[guard] = strcmp(state, "red") != 0;
	if (!strcmp(state, "green"))
		guards->shut[guard] = -1;
	else if (guards->shut[guard] < 0)
		guards->shut[guard] = since;
}

void debrief_guards_override(struct debrief_guards *guards, int guard)
{
	guards->shut[guard] = -1;
	guards->overridden[guard] = true;
}

int debrief_guards_shut(const struct debrief_guards *guards)
{
	int first = -1;

	for (int i = 0; i < RUNBOOK_ITEMS_MAX; i++)
		if (guards->shut[i] >= 0 &&
		    (first < 0 || guards->shut[i] < guards->shut[first]))
			first = i;
	return first;
}
