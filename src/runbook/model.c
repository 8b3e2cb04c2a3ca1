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
