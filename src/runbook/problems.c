/* See problems.h. */
#include "runbook/problems.h"

#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include "base/error.h"
#include "base/i18n.h"
#include "base/text.h"

void runbook_problems_init(struct runbook_problems *problems)
{
	arena_init(&problems->arena);
	problems->count = 0;
	problems->more = 0;
}

void runbook_problems_release(struct runbook_problems *problems)
{
	arena_release(&problems->arena);
	runbook_problems_init(problems);
}

int runbook_problems_add(struct runbook_problems *problems, const char *file,
			 int line, int column, const char *format, ...)
{
	struct runbook_problem *problem = &problems->items[problems->count];
	char raw[RUNBOOK_PROBLEM_TEXT_MAX], safe[RUNBOOK_PROBLEM_TEXT_MAX];
	va_list args;

	if (problems->count == RUNBOOK_PROBLEMS_MAX) {
		problems->more++;
		return 0;
	}
	va_start(args, format);
	vsnprintf(raw, sizeof(raw), format, args);
	va_end(args);
	text_sanitise(safe, sizeof(safe), raw);
	problem->file = arena_strdup(&problems->arena, file);
	problem->message = arena_strdup(&problems->arena, safe);
	if (!problem->file || !problem->message)
		return ERR_NOMEM;
	problem->line = line;
	problem->column = column;
	problems->count++;
	return 0;
}

static bool problems_before(const struct runbook_problem *a,
			    const struct runbook_problem *b)
{
	int files = strcmp(a->file, b->file);

	if (files)
		return files < 0;
	return a->line != b->line ? a->line < b->line : a->column < b->column;
}

/* An insertion sort: it is stable, and the list is short. */
void runbook_problems_sort(struct runbook_problems *problems)
{
	for (size_t i = 1; i < problems->count; i++) {
		struct runbook_problem moving = problems->items[i];
		size_t at = i;

		while (at && problems_before(&moving, &problems->items[at - 1])) {
			problems->items[at] = problems->items[at - 1];
			at--;
		}
		problems->items[at] = moving;
	}
}

void runbook_problems_print(const struct runbook_problems *problems, FILE *to)
{
	for (size_t i = 0; i < problems->count; i++) {
		const struct runbook_problem *problem = &problems->items[i];

		if (problem->line)
			fprintf(to, "%s:%d:%d: %s\n", problem->file,
				problem->line, problem->column,
				problem->message);
		else
			fprintf(to, "%s: %s\n", problem->file,
				problem->message);
	}
	if (problems->more)
		fprintf(to, ngettext("%zu more problem\n", "%zu more problems\n",
				     problems->more), problems->more);
}
