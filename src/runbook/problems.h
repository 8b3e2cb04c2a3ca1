/*
 * What is wrong with a runbook and the files beside it: a bounded list, each
 * problem with its place. Messages are in lower case and say what is wrong and
 * what would be right.
 */
#ifndef CUTOVER_RUNBOOK_PROBLEMS_H
#define CUTOVER_RUNBOOK_PROBLEMS_H

#include <stddef.h>
#include <stdio.h>

#include "base/arena.h"

#define RUNBOOK_PROBLEMS_MAX 100
#define RUNBOOK_PROBLEM_TEXT_MAX 512

struct runbook_problem {
	const char *file;       /* a path, or "--set" */
	int line, column;       /* from 1; line 0: no place in a file */
	const char *message;    /* safe to show */
};

struct runbook_problems {
	struct arena arena;
	struct runbook_problem items[RUNBOOK_PROBLEMS_MAX];
	size_t count;
	size_t more;            /* found but not kept */
};

void runbook_problems_init(struct runbook_problems *problems);
/* The list is empty and usable again. */
void runbook_problems_release(struct runbook_problems *problems);

/* Adds one; file is copied. 0 or ERR_NOMEM. */
int runbook_problems_add(struct runbook_problems *problems, const char *file,
			 int line, int column, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/* Orders them by file, line and column. */
void runbook_problems_sort(struct runbook_problems *problems);

/* "FILE:LINE:COLUMN: message" a line. */
void runbook_problems_print(const struct runbook_problems *problems,
			    FILE *to);

#endif
