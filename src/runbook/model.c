/* Finding things in a runbook; see model.h. */
#include "runbook/model.h"

#include <string.h>

int runbook_find_step(const struct runbook *runbook, const char *id)
{
	for (size_t i = 0; i < runbook->step_count; i++)
		if (strcmp(runbook->steps[i].id, id) == 0)
			return (int)i;
	return -1;
}

const struct runbook_connection *
runbook_find_connection(const struct runbook *runbook, const char *name)
{
	for (size_t i = 0; i < runbook->connection_count; i++)
		if (strcmp(runbook->connections[i].name, name) == 0)
			return &runbook->connections[i];
	return NULL;
}

const struct runbook_connection *
runbook_find_kind(const struct runbook *runbook, enum connection_kind kind)
{
	for (size_t i = 0; i < runbook->connection_count; i++)
		if (runbook->connections[i].kind == kind)
			return &runbook->connections[i];
	return NULL;
}

/* Of a statement of the runbook's own nobody knows what a second one does; of
 * requests, RFC 9110 says it in section 9.2.2. */
bool action_is_once(const struct action *action)
{
	static const char *const repeatable[] = {"GET", "HEAD", "PUT", "DELETE"};

	if (action->kind != ACTION_REQUEST)
		return action->kind == ACTION_SQL;
	for (size_t i = 0; i < sizeof(repeatable) / sizeof(repeatable[0]); i++)
		if (strcmp(action->method, repeatable[i]) == 0)
			return false;
	return true;
}
